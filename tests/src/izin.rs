//! Canonical bodies of the licensing line for companies that the OSS simulator invented: what the licensing office of a
//! city would send. The words of the states are written here anew and not taken from the product.

use serde_json::{Value, json};
use simulators::oss::Company;
use simulators::oss::city::Step;

/// Canonical word of a code of OSS list 10.
#[must_use]
pub fn word(code: &str) -> &'static str {
    match code {
        "09" => "persyaratan_dilengkapi",
        "10" => "dokumen_lengkap",
        "11" => "dokumen_tidak_lengkap",
        "20" => "validasi",
        "40" => "pemeriksaan",
        "41" => "klarifikasi_diminta",
        "42" => "klarifikasi_diterima",
        "43" => "klarifikasi_ulang_diminta",
        "44" => "klarifikasi_ulang_diterima",
        "45" => "terverifikasi_teknis",
        "49" => "pengambilan_nomor",
        "50" => "disetujui",
        "90" => "ditolak",
        "93" => "ditolak_teknis",
        _ => "tidak_dikenal",
    }
}

/// One change of state.
#[must_use]
pub fn state(company: &Company, id: &str, step: &Step) -> Value {
    let mut body = keys(company, id);
    let local = step.tgl_status().replace(' ', "T");
    body["status"] = json!(word(&step.kd_status));
    body["terjadi_pada"] = json!(format!("{local}+07:00"));
    body["petugas"] = json!({"nip": "198801012010010000", "nama": "PETUGAS CONTOH"});
    body["catatan"] = json!("Dilaporkan oleh uji.");
    body
}

/// An approved licence, in two steps.
#[must_use]
pub fn licence(company: &Company, id: &str) -> Value {
    let mut body = keys(company, id);
    let officer = json!({"nama": "PEJABAT CONTOH", "nip": "197001011995010000", "jabatan": "Kepala Dinas"});
    let rest = json!({
        "kode_wilayah": region(&company.village), "langkah": "lengkap", "tanggal_terbit": "2026-02-21",
        "berlaku_sampai": "2031-02-20", "penandatangan": officer, "status": "disetujui",
        "url_lampiran": "https://berkas.contoh.invalid/izin/lampiran-12.pdf",
    });
    if let (Some(body), Value::Object(rest)) = (body.as_object_mut(), rest) {
        body.extend(rest);
    }
    body
}

fn keys(company: &Company, id: &str) -> Value {
    let found = company.permits().find(|(_, permit)| permit.id == id);
    let Some((project, permit)) = found else {
        // Another company's: the gateway refuses what lacks its keys.
        return json!({ "id_izin": id });
    };
    json!({
        "nib": company.nib, "id_proyek": project.id, "oss_id": company.oss_id, "id_izin": id, "kode_izin": permit.code(),
    })
}

/// `3671051003` as `36.71.05.1003`.
fn region(native: &str) -> String {
    let part = |from: usize, to: usize| native.get(from..to).unwrap_or_default();
    format!("{}.{}.{}.{}", part(0, 2), part(2, 4), part(4, 6), part(6, 10))
}
