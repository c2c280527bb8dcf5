//! The declaration of the connector: limits, known native errors with a sample each, settings.

use crate::settings::Dialect;
use connector_sdk::{
    Descriptor, FaultKind, HookSpec, Landed, MirrorSpec, NativeError, NativeLimits, OperationSpec, SettingSpec, Text,
};

/// The descriptor with these operations, pushes and mirrors.
pub(crate) fn of(
    dialect: Dialect,
    operations: Vec<OperationSpec>,
    hooks: Vec<HookSpec>,
    mirrors: Vec<MirrorSpec>,
) -> Descriptor {
    let (title, owner, version, documentation) = match dialect {
        Dialect::Srikandi => (
            Text::new(
                "SRIKANDI (naskah dinas dan arsip)",
                "SRIKANDI (official letters and archives)",
            ),
            "Arsip Nasional Republik Indonesia",
            "kontrak simpulan 1; seluruhnya dapat dipetakan ulang",
            "Perka ANRI 21/2011, PerANRI 5/2021; kontrak mitra belum diumumkan",
        ),
        Dialect::Eoffice => (
            Text::new(
                "E-office OPD (disposisi yang didorong)",
                "An agency's e-office (pushed dispositions)",
            ),
            "OPD pemilik aplikasi",
            "dorongan disposisi v1; seluruhnya dapat dipetakan ulang",
            "docs/letters.md",
        ),
    };
    Descriptor {
        id: "srikandi".into(),
        title,
        owner: owner.into(),
        native_version: version.into(),
        documentation: documentation.into(),
        auth: match dialect {
            Dialect::Srikandi => vec!["headers".into(), "client_credentials".into(), "key_exchange".into()],
            Dialect::Eoffice => vec!["headers".into()],
        },
        limits: NativeLimits {
            per_minute: None,
            concurrent: Some(4),
            max_request: Some(64 * 1024 * 1024),
            max_reply: Some(64 * 1024 * 1024),
            hours: None,
        },
        operations,
        hooks,
        mirrors,
        errors: match dialect {
            Dialect::Srikandi => errors(),
            Dialect::Eoffice => refusals(),
        },
        settings: settings(),
    }
}

fn errors() -> Vec<NativeError> {
    let known = |status, code: &str, kind| NativeError {
        status,
        sample: format!(
            r#"{{"success":false,"code":"{code}","message":"Ditolak","errors":{{}},"request_id":"req-contoh-7"}}"#
        )
        .into(),
        kind,
        landed: Landed::No,
    };
    vec![
        known(400, "VALIDASI_GAGAL", FaultKind::Rejected),
        known(422, "VALIDASI_GAGAL", FaultKind::Rejected),
        known(401, "TOKEN_KEDALUWARSA", FaultKind::CredentialExpired),
        known(401, "TOKEN_TIDAK_SAH", FaultKind::CredentialExpired),
        known(403, "AKSES_DITOLAK", FaultKind::Rejected),
        known(404, "TIDAK_DITEMUKAN", FaultKind::NotFound),
        known(409, "NOMOR_GANDA", FaultKind::Conflict),
        known(409, "STATUS_TIDAK_SESUAI", FaultKind::Conflict),
        known(409, "DISPOSISI_SUDAH_DIBACA", FaultKind::Conflict),
        known(413, "BERKAS_TERLALU_BESAR", FaultKind::Rejected),
        known(415, "JENIS_BERKAS_DITOLAK", FaultKind::Rejected),
        known(200, "VALIDASI_GAGAL", FaultKind::Rejected),
    ]
}

/// What an e-office says when it takes nothing.
fn refusals() -> Vec<NativeError> {
    let said = |status, sample: &'static str, kind| NativeError {
        status,
        sample: sample.into(),
        kind,
        landed: Landed::No,
    };
    vec![
        said(
            422,
            r#"{"success":false,"message":"The given data was invalid.","errors":{}}"#,
            FaultKind::Rejected,
        ),
        said(200, r#"{"success":false,"message":"required"}"#, FaultKind::Rejected),
        said(
            401,
            r#"{"success":false,"message":"Unauthorized"}"#,
            FaultKind::Misconfigured,
        ),
    ]
}

fn settings() -> Vec<SettingSpec> {
    let spec = |key: &'static str, required, id: &'static str, en: &'static str| SettingSpec {
        key: key.into(),
        text: Text::new(id, en),
        required,
    };
    vec![
        spec("dialek", false, "srikandi atau eoffice.", "srikandi or eoffice."),
        spec("kode_instansi", true, "Kode instansi kita.", "Code of our institution."),
        spec(
            "kepala",
            false,
            "Nama kepala: instansi, kunci, permintaan; kosong = tidak dikirim.",
            "Names of headers: instansi, kunci, permintaan; empty = not sent.",
        ),
        spec(
            "jalur",
            false,
            "Jalur tiap layanan, dengan {id}.",
            "Path of each service, with {id}.",
        ),
        spec(
            "metode_tarik",
            false,
            "DELETE atau POST untuk menarik disposisi.",
            "DELETE or POST for withdrawing.",
        ),
        spec(
            "bagian",
            false,
            "Nama bagian unggahan.",
            "Names of the parts of an upload.",
        ),
        spec(
            "parameter",
            false,
            "Nama parameter kueri.",
            "Names of query parameters.",
        ),
        spec("per_halaman", false, "Baris sehalaman.", "Rows of a page."),
        spec(
            "bidang",
            false,
            "Nama bidang asli per nama kanonik; titik = di dalam; kosong = tidak dikirim.",
            "Native field name by canonical name; a dot = inside; empty = not sent.",
        ),
        spec(
            "tetap",
            false,
            "Bidang tetap per pesan.",
            "Constant fields per message.",
        ),
        spec(
            "kode",
            false,
            "Kode asli per kode kanonik, per daftar.",
            "Native code by canonical code, per list.",
        ),
        spec("sinonim", false, "Ejaan lain per daftar.", "Other spellings per list."),
        spec(
            "amplop",
            false,
            "Letak isi, id, galat, dan tanda berhasil: sukses dan nilainya.",
            "Where data, id, errors and the acknowledgement stand: its field and value.",
        ),
        spec(
            "galat",
            false,
            "Arti kode galat asli.",
            "Meaning of native error codes.",
        ),
        spec(
            "waktu",
            false,
            "Bentuk tanggal dan saat.",
            "Forms of dates and moments.",
        ),
        spec(
            "ulang",
            false,
            "kunci: boleh diulang dengan kunci yang sama; jangan: menunggu orang. Bawaan: kunci, pada e-office jangan.",
            "kunci: may be repeated under the same key; jangan: waits for a person. Default: kunci, for an e-office jangan.",
        ),
        spec("file", false, "Jenis dan ukuran file.", "Kinds and size of files."),
        spec(
            "tidak_wajib",
            false,
            "Unsur metadata yang tidak diwajibkan.",
            "Metadata elements not demanded.",
        ),
        spec(
            "panggil_balik",
            false,
            "Panggilan balik bertanda tangan.",
            "Signed call-back.",
        ),
        spec(
            "sikd",
            false,
            "true: naskah SIKD dapat diimpor petugas (simpul impor sikd).",
            "true: letters of SIKD may be imported by a person (simpul impor sikd).",
        ),
    ]
}
