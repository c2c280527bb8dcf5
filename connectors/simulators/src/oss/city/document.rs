//! `dataNIB`: a company as OSS pushes it and as `inqueryNIB` answers it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::days::{self, DAY};
use super::super::quirks::Quirks;
use super::finish::{ABSENT, finish};
use super::{Company, Permit, Project};

/// Which state of a company a document shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Revision {
    /// 0 is the first; each further one has another address and capital.
    pub number: u32,
    /// `9` original, `5` update, `3` revocation, `4` cancellation.
    pub tipe_dokumen: char,
    /// `tgl_perubahan_nib` stays that of the first, though the content changed.
    pub same_date: bool,
}

impl Default for Revision {
    fn default() -> Self {
        Self::ORIGINAL
    }
}

impl Revision {
    /// As it registered.
    pub const ORIGINAL: Self = Self {
        number: 0,
        tipe_dokumen: '9',
        same_date: false,
    };

    /// Its `number`-th update.
    pub const fn update(number: u32) -> Self {
        Self {
            number,
            tipe_dokumen: '5',
            same_date: false,
        }
    }

    /// `tgl_perubahan_nib`.
    pub fn changed(&self, company: &Company) -> String {
        let days = if self.same_date { 0 } else { i64::from(self.number) };
        days::date(company.filed + days * DAY)
    }
}

/// What a document needs besides the company.
pub(crate) struct Setting<'a> {
    pub(crate) quirks: &'a Quirks,
    pub(crate) files: &'a str,
}

/// The object under `dataNIB`, before status and file columns are added to its checklist.
pub(crate) fn data_nib(company: &Company, revision: Revision, setting: &Setting<'_>) -> Value {
    let quirks = setting.quirks;
    let person = &company.person;
    let filed = days::date(company.filed);
    let (pma, pmdn) = if company.foreign { (100, 0) } else { (0, 100) };
    let capital = if company.index.is_multiple_of(97) {
        1_234_567_890_123_456_789
    } else {
        company.investment + i64::from(revision.number) * 1_000_000
    };
    let rows: Vec<Value> = company
        .permits()
        .map(|(project, permit)| checklist_row(company, project, permit, setting))
        .collect();
    let mut top = match (quirks.foreign_top_id, company.permits().next()) {
        (false, Some((_, permit))) => permit.id.clone(),
        _ => String::new(),
    };
    if top.is_empty() {
        top = format!("I-{}{:07}", &company.oss_id[2..16], company.index * 16 + 15);
    }
    let code = company.permits().next().map_or(ABSENT, |(_, permit)| permit.code());
    let mut nib = json!({
        "nib": company.nib, "tgl_pengajuan_nib": filed, "tgl_terbit_nib": filed,
        "tgl_perubahan_nib": revision.changed(company), "oss_id": company.oss_id, "id_izin": top, "kd_izin": code,
        "kd_daerah": company.village, "kewenangan": "02",
        "jenis_pelaku_usaha": if company.form == "17" { "02" } else { "01" },
        "no_npp": ABSENT, "no_va": ABSENT, "no_wlkp": ABSENT, "flag_perusahaan": "Y", "flag_ekspor": "N",
        "flag_impor": "N", "jenis_api": ABSENT, "gabung_negara": "N",
        "negara_pma_dominan": if company.foreign { "JP" } else { ABSENT },
        "total_pma": if company.foreign { format!("{capital}.50") } else { "0".to_owned() },
        "nilai_pma_dominan": "0", "nilai_pmdn": if company.foreign { "0".to_owned() } else { capital.to_string() },
        "persen_pma": pma, "persen_pmdn": pmdn, "kd_kawasan": 0, "jenis_kawasan": ABSENT,
        "versi_pia": quirks.guide_version, "jangka_waktu": ABSENT,
        "status_badan_hukum": if company.form == "01" { "01" } else { "02" },
        "status_penanaman_modal": if company.foreign { "01" } else { "02" },
        "npwp_perseroan": company.npwp, "nama_perseroan": display_name(company, quirks), "nama_singkatan": ABSENT,
        "jenis_perseroan": company.form, "status_perseroan": "N", "alamat_perseroan": address(company, revision),
        "rt_rw_perseroan": "002/005", "kelurahan_perseroan": "Kelurahan Contoh", "perseroan_daerah_id": company.village,
        "kode_pos_perseroan": "15100", "nomor_telpon_perseroan": ABSENT, "email_perusahaan": person.email,
        "dalam_bentuk_uang": capital, "dalam_bentuk_lain": ABSENT, "total_modal_dasar": capital,
        "total_modal_ditempatkan": capital, "flag_umk": if company.scale < "03" { "Y" } else { "N" },
        "flag_perubahan_data_teknis": null, "skala_usaha": company.scale, "jenis_perubahan_terakhir": ABSENT,
        "no_pengesahan": ABSENT, "tgl_pengesahan": ABSENT, "no_akta_lama": ABSENT, "tgl_akta_lama": ABSENT,
        "no_pengesahan_lama": ABSENT, "tgl_pengesahan_lama": ABSENT,
        "pemegang_saham": [holder(company, capital)], "penanggung_jwb": [responsible(company)],
        "legalitas": [{"jenis_legal": "01", "no_legal": company.index.to_string(), "tgl_legal": filed,
            "alamat_notaris": "Jl. Contoh Notaris No. 1", "nama_notaris": "NOTARIS CONTOH", "telepon_notaris": ABSENT}],
        "data_rptka": foreign_workers(company, quirks),
        "data_proyek": company.projects.iter().map(|project| project_row(company, project, revision, quirks)).collect::<Vec<_>>(),
        "data_dni": [{"kd_dni": 4}], "data_checklist": rows,
        "status_nib": if matches!(revision.tipe_dokumen, '3' | '4') { "06" } else { "01" },
        "tipe_dokumen": revision.tipe_dokumen.to_string(),
    });
    add_user(&mut nib, company);
    finish(&mut nib, quirks);
    nib
}

/// Who filed: the `*_user_proses` block.
pub(crate) fn add_user(document: &mut Value, company: &Company) {
    let person = &company.person;
    let fields = [
        ("jenis_id_user_proses", "01"),
        ("no_id_user_proses", &person.nik),
        ("nama_user_proses", &person.name),
        ("email_user_proses", &person.email),
        ("hp_user_proses", &person.phone),
        ("alamat_user_proses", &company.street),
        ("jns_kelamin_user_proses", person.sex),
        ("tempat_lahir_user_proses", "TANGERANG"),
        ("daerah_id_user_proses", &company.village),
        ("rt_rw_user_proses", "002/005"),
        ("agama_user_proses", ABSENT),
        ("status_perkawinan_user_proses", ABSENT),
        ("pekerjaan_user_proses", "Wiraswasta"),
    ];
    for (key, value) in fields {
        document[key] = value.into();
    }
    let hidden = company.index.is_multiple_of(4);
    document["tgl_lahir_user_proses"] = if hidden {
        Value::Null
    } else {
        person.born.as_str().into()
    };
}

pub(crate) fn display_name(company: &Company, quirks: &Quirks) -> String {
    match (quirks.unicode, company.index % 10) {
        (true, 3) => format!("{} – CAFÉ Nº²", company.name),
        (true, 6) => format!("{} (حَلَال)", company.name),
        _ => company.name.clone(),
    }
}

pub(crate) fn address(company: &Company, revision: Revision) -> String {
    match revision.number {
        0 => company.street.clone(),
        number => format!("{} Blok {number}", company.street),
    }
}

fn holder(company: &Company, capital: i64) -> Value {
    json!({
        "jenis_pemegang_saham": "01", "flag_asing": if company.foreign { "Y" } else { "N" },
        "total_modal_pemegang": capital, "jabatan_pemegang_saham": "Direktur",
        "nama_pemegang_saham": company.person.name, "jns_identitas_pemegang_saham": "01",
        "no_identitas_pemegang_saham": company.person.nik, "valid_identitas_pemegang_saham": ABSENT,
        "negara_asal_pemegang_saham": if company.foreign { "JP" } else { "ID" },
        "pengendali_pemegang_saham": ABSENT, "npwp_pemegang_saham": company.npwp,
        "alamat_pemegang_saham": company.street, "fax_pemegang_saham": ABSENT,
        "email_pemegang_saham": company.person.email, "flag_pajak_pemegang_saham": "00",
        "ket_pajak_pemegang_saham": ABSENT,
    })
}

fn responsible(company: &Company) -> Value {
    let person = &company.person;
    json!({
        "flag_asing": "N", "jns_identitas_penanggung_jwb": "01", "no_identitas_penanggung_jwb": person.nik,
        "nama_penanggung_jwb": person.name, "jabatan_penanggung_jwb": "Direktur", "kebangsaan_penanggung_jwb": "01",
        "negara_asal_penanggung_jwb": "ID", "npwp_penanggung_jwb": company.npwp,
        "alamat_penanggung_jwb": company.street, "jalan_penanggung_jwb": ABSENT, "blok_penanggung_jwb": ABSENT,
        "no_penanggung_jwb": ABSENT, "rt_rw_penanggung_jwb": "002/005", "kelurahan_penanggung_jwb": ABSENT,
        "daerah_id_penanggung_jwb": company.village, "kode_pos_penanggung_jwb": "15100",
        "no_telp_penanggung_jwb": ABSENT, "no_hp_penanggung_jwb": person.phone, "no_fax_penanggung_jwb": ABSENT,
        "email_penanggung_jwb": person.email, "flag_pajak_penanggung_jwb": "00", "ket_pajak_penanggung_jwb": ABSENT,
    })
}

fn foreign_workers(company: &Company, quirks: &Quirks) -> Value {
    if !company.foreign {
        return json!({"jenis_rptka": ABSENT, "rptka_awal": null, "rptka_akhir": null, "rptka_jabatan": []});
    }
    let photo = vec![company.index as u8; quirks.photo_kb as usize * 768];
    let photo = format!("data:image/jpeg;base64,{}", STANDARD.encode(photo));
    let beside = json!({
        "id_jabatan": 1, "id_pendamping": 1, "nama": "PENDAMPING CONTOH", "nik": company.person.nik, "jabatan": "Staf",
        "hp": company.person.phone, "email": company.person.email, "foto": photo, "pendidikan_min": "03",
        "sertifikat": ABSENT, "pengalaman_kerja": ABSENT, "keterangan": ABSENT,
    });
    json!({
        "jenis_rptka": "01", "no_rptka": format!("RPTKA{}", company.index), "rptka_awal": days::date(company.filed),
        "rptka_akhir": days::date(company.filed + 365 * DAY), "rptka_gaji": 2500.5, "jumlah_tka_rptka": 1,
        "jangka_penggunaan_waktu": "12", "jangka_waktu_permohonan_rptka": 1,
        "rptka_jabatan": [{"id_jabatan": 1, "jabatan": "Manajer Contoh", "jumlah": 1, "tgl_mulai": days::date(company.filed),
            "tgl_selesai": null, "keterangan": ABSENT, "rptka_tki_pendamping": [beside]}],
        "rptka_negara": [{"id_negara": "JP", "jumlah": 1}],
        "rptka_lokasi": [{"lokasi_id": company.village, "jumlah": 1}],
    })
}

/// One project as pushes and inquiries show it.
pub(crate) fn project_row(company: &Company, project: &Project, revision: Revision, quirks: &Quirks) -> Value {
    let amount = (company.investment / company.projects.len().max(1) as i64).to_string();
    let mut row = json!({
        "id_proyek": project.id, "nomor_proyek": project.id, "uraian_usaha": project.trade.trade,
        "jumlah_tki_l": 6, "jumlah_tki_p": 9, "jumlah_tka_l": i64::from(company.foreign), "jumlah_tka_p": 0,
        "kbli": project.trade.kbli, "sektor": project.trade.sector, "memiliki_menguasai": "Y",
        "jenis_lokasi": if quirks.mixed_locations { "N" } else { "02" }, "status_tanah": "01", "luas_tanah": "450",
        "satuan_luas_tanah": "01", "pembelian_pematang_tanah": "0", "bangunan_gedung": "0", "mesin_peralatan": "0",
        "mesin_peralatan_usd": "0", "investasi_lain": "0", "sub_jumlah": amount, "modal_kerja": "0",
        "jumlah_investasi": amount, "tanggal_kurs": null, "nilai_kurs": 0, "kd_kawasan": 0,
        "jawab_lokasi_b": "N", "jawab_lokasi_c": "N", "jawab_lokasi_d": "N", "jawab_lokasi_e": "N",
        "jawab_lokasi_f": "N", "jawab_lokasi_g": "N", "flag_perluasan": "N", "flag_cabang": "N", "flag_merger": "N",
        "npwp_cabang": ABSENT, "nama_cabang": ABSENT, "jenis_identitas_pj": "01",
        "no_identitas_pj": company.person.nik, "nama_pj": company.person.name, "status_proyek": "01",
        "jenis_proyek": "01", "nama_kegiatan": project.trade.trade, "npwp_perseroan_merger": ABSENT,
        "nama_perseroan_merger": ABSENT, "skala_usaha": company.scale, "skala_resiko": project.trade.risk,
        "deskripsi_kegiatan": ABSENT, "data_lokasi_proyek": [location(company, revision, quirks)],
        "data_proyek_produk": products(project, quirks),
    });
    let line = if quirks.undocumented {
        "flag_satu_lini"
    } else {
        "satu_lini"
    };
    row[line] = "N".into();
    row
}

fn location(company: &Company, revision: Revision, quirks: &Quirks) -> Value {
    let mut place = json!({
        "id_proyek_lokasi": ABSENT, "proyek_daerah_id": company.village, "kd_kawasan": "",
        "alamat_usaha": address(company, revision), "id_kegiatan": ABSENT, "response_kegiatan": ABSENT,
        "jenis_kawasan": if quirks.mixed_locations { "02" } else { ABSENT }, "jenis_lokasi": "02", "status_lokasi": "01",
        "data_posisi_proyek": [{"id_proyek_posisi": "1", "id_proyek_lokasi": ABSENT, "posisi_lokasi": "01"}],
    });
    let point = json!([{"serial": 1, "lat_lng": "-6.1890000,106.6800000"}]);
    let key = if quirks.nested_location {
        "data_lokasi_proyek"
    } else {
        "data_titik"
    };
    place[key] = point;
    place
}

fn products(project: &Project, quirks: &Quirks) -> Value {
    let mut product = json!({
        "id_produk": format!("PR-{}", &project.id[2..]), "id_proyek": project.id, "kbli": project.trade.kbli,
        "id_bidang_usaha": 4, "jenis_produksi": project.trade.trade, "kapasitas": "120.50", "satuan": "ton",
        "merk_dagang": ABSENT, "pemegang_haki": ABSENT, "pemegang_paten": ABSENT, "pi_nomor": ABSENT,
        "pi_tanggal": null, "pi_npwp": ABSENT, "id_kbli_ta": ABSENT, "tkdn": 0, "flag_memiliki_halal": "N",
        "nomor_sertifikat_halal": null, "masa_berlaku_sertifikat_halal": null, "flag_memiliki_sni": "N",
        "nomor_sni": null, "masa_berlaku_sni": null, "flag_self_declare": "N", "tipe_cakupan": null,
    });
    if quirks.undocumented {
        product["flag_memiliki_sni_bina_umk"] = "N".into();
        product["nomor_sni_bina_umk"] = Value::Null;
        product["masa_berlaku_sni_bina_umk"] = Value::Null;
    }
    match quirks.null_members {
        true => json!([null, product, {}]),
        false => json!([product]),
    }
}

/// One checklist row; fields only inquiries have are added by the caller.
pub(crate) fn checklist_row(company: &Company, project: &Project, permit: &Permit, setting: &Setting<'_>) -> Value {
    let agency = match permit.authority {
        "00" => "Kementerian Contoh",
        "01" => "Pemerintah Provinsi Contoh",
        _ => "Pemerintah Kota Contoh",
    };
    let mut row = json!({
        "id_produk": ABSENT, "id_proyek": project.id, "id_izin": permit.id, "jenis_izin": permit.licence.kind,
        "kd_izin": permit.licence.code, "kd_daerah": company.village, "nama_izin": permit.licence.name,
        "instansi": agency, "id_kewenangan": 4, "parameter_kewenangan": ABSENT, "kewenangan": permit.authority,
        "flag_checklist": permit.flag, "flag_transaksional": "N", "flag_perpanjangan": "N", "kbli_konversi": ABSENT,
        "file_izin": ABSENT, "kd_dokumen": ABSENT, "nm_dokumen": ABSENT,
        "data_persyaratan": [{"id_syarat": "101", "no_dokumen": format!("{:02}/CTH/{}", company.index, &permit.id[2..6]),
            "tgl_dokumen": days::date(company.filed), "keterangan": ABSENT,
            "file_dokumen": format!("{}/file/download/U{}{:07}", setting.files, &company.oss_id[2..16], company.index)}],
    });
    // Seen absent as often as present.
    if company.index.is_multiple_of(2) {
        row["no_izin"] = ABSENT.into();
        row["tgl_izin"] = ABSENT.into();
        row["id_bidang_spesifik"] = 7.into();
        row["bidang_spesifik"] = ABSENT.into();
    }
    if setting.quirks.unicode && permit.licence.kbli == "10710" {
        row["data_produk_halal"] = json!({"id_pengajuan_sertifikat_halal": ABSENT,
            "uraian_jenis_produk": "Roti – حَلَال", "kode_klasifikasi_produk": "RK", "flag_self_declare": "Y",
            "list_produk": [{"id_cakupan_produk": 1, "uraian_produk": "Roti 10 cm²", "kbli": permit.licence.kbli,
                "id_proyek": project.id, "id_produk": ABSENT, "id_pengajuan_sertifikat_halal_detail": ABSENT}]});
    }
    row
}
