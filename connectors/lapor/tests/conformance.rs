//! The LAPOR! connector against the conformance kit and the system's simulator.

use connector_testkit::{Kit, Misbehave, Running};
use serde_json::{Value, json};
use simulators::frame::Fault;
use simulators::lapor::{self, LaporOptions};
use std::sync::Arc;

#[test]
fn conformance() {
    let id = "/lapor/id_laporan";
    connector_testkit::run(
        Kit::new(connector_lapor::FACTORY, settings(), env!("CARGO_MANIFEST_DIR"))
            .simulator(simulator)
            .codes([
                "klasifikasi",
                "kategori",
                "kode_wilayah",
                "opd_tujuan",
                "ke_instansi",
                "dari_instansi",
            ])
            .codes(["status_name", "template_code", "jenis"])
            .after("pengaduan.lihat", "pengaduan.kirim", id, "/id")
            .after("pengaduan.tindak_lanjut.daftar", "pengaduan.kirim", id, "/id_laporan")
            .after("pengaduan.tindak_lanjut.kirim", "pengaduan.kirim", id, "/id_laporan")
            .after("pengaduan.limpahkan", "pengaduan.kirim", id, "/id_laporan"),
    );
}

fn settings() -> Value {
    json!({
        "kanal": 99, "id_pengguna": 1_000_001,
        "klasifikasi": {"aspirasi": 1, "pengaduan": 2, "permintaan_informasi": 3},
        "kategori": {"lampu_jalan": 30},
        "lokasi": {"36.71": 404}, "lokasi_bawaan": 34, "nama_wilayah": {"36.71.05": "Kec. Cipondoh"},
        "instansi": {"dishub": 200_010, "prov_banten": 200_003}, "instansi_sendiri": 200_002,
        "tagar": "#laksa", "templat": {"balasan": "reply", "disposisi": "disposition"},
        "jalur": {"kategori": "masters/categories"},
        "pencarian": {"jalur": "complaints/complaint", "parameter": "search", "bila_tidak_tampak": "kirim_lagi"},
        "masuk": {"jalur": "complaints/complaint", "tambahan": {"disposition_id": "{instansi}"}},
        "url_publik": "https://contoh.invalid/pengaduan/{id}", "id_adalah_nomor_lacak": true,
    })
}

async fn simulator() -> Result<Running, String> {
    let options = LaporOptions::default().behind_splp();
    let bearer = (options.bearer_header.clone(), format!("Bearer {}", options.bearer));
    let token = (options.token_header.clone(), options.token.clone());
    let lapor = Arc::new(lapor::start(options).await.map_err(|e| e.to_string())?);
    let (faults, effects) = (Arc::clone(&lapor), Arc::clone(&lapor));
    Ok(Running::new(lapor.base_url(), lapor)
        .credentials(move || vec![bearer.clone(), token.clone()])
        .misbehave(move |how| {
            faults.faults().once("*", play(how));
            true
        })
        .effects(move || count(&effects.effects())))
}

fn count(effects: &Value) -> u64 {
    ["creates", "uploads", "followups", "handed_on", "pushed"]
        .iter()
        .filter_map(|name| effects[name].as_u64())
        .sum()
}

fn play(how: Misbehave) -> Fault {
    match how {
        Misbehave::CredentialExpired => Fault::TokenExpired { code: 900_901 },
        Misbehave::Throttled => Fault::Throttled {
            code: 900_803,
            retry_after: Some(3),
            next_access: None,
        },
        Misbehave::ErrorUnderSuccess => Fault::OkWithErrorBody,
        Misbehave::HangUpAfterStoring => Fault::HangUpAfterStoring,
        Misbehave::HangUpBeforeStoring => Fault::HangUpBeforeStoring,
    }
}
