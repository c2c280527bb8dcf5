//! The declaration of the connector: limits, known native errors with a sample each, settings.

use connector_sdk::{Descriptor, FaultKind, Landed, NativeError, NativeLimits, OperationSpec, SettingSpec, Text};

type ErrorRow = (u16, &'static str, FaultKind, Landed);

const ERRORS: [ErrorRow; 8] = [
    (
        200,
        r#"{"success":false,"message":"Terjadi kesalahan","data":[]}"#,
        FaultKind::Rejected,
        Landed::No,
    ),
    (200, r#"{"success":false,"result":[]}"#, FaultKind::Rejected, Landed::No),
    (
        200,
        "<html><body>Masuk</body></html>",
        FaultKind::Drift,
        Landed::Unknown,
    ),
    (
        401,
        r#"{"success":false,"message":"Tidak berhak"}"#,
        FaultKind::Misconfigured,
        Landed::No,
    ),
    (
        404,
        r#"{"success":false,"message":"tiket tidak ditemukan"}"#,
        FaultKind::NotFound,
        Landed::No,
    ),
    (
        422,
        r#"{"success":false,"message":"status wajib diisi"}"#,
        FaultKind::Rejected,
        Landed::No,
    ),
    (
        429,
        r#"{"success":false,"message":"Terlalu banyak permintaan"}"#,
        FaultKind::Throttled,
        Landed::No,
    ),
    (
        503,
        "<html><body>Service Unavailable</body></html>",
        FaultKind::Unavailable,
        Landed::No,
    ),
];

type SettingRow = (&'static str, &'static str, &'static str);

const SETTINGS: [SettingRow; 6] = [
    (
        "jalur",
        "Alamat tiap layanan di bawah endpoint: status, tiket, tindak_lanjut, daftar, lihat, tanggapan.",
        "Path of each service below the endpoint: status, tiket, tindak_lanjut, daftar, lihat, tanggapan.",
    ),
    (
        "bentuk",
        "Bentuk isi: `form` (bawaan) atau `json`.",
        "Form of bodies: `form` (default) or `json`.",
    ),
    (
        "status",
        "Status kanonik ke menunggu, proses atau selesai, mengganti tabel bawaan.",
        "Canonical status to menunggu, proses or selesai, over the default table.",
    ),
    (
        "pesan_tidak_ada",
        "Potongan pesan LAKSA yang berarti tiket tidak ada.",
        "Parts of LAKSA messages that mean that the ticket does not exist.",
    ),
    (
        "pesan_sementara",
        "Potongan pesan LAKSA yang berarti gangguan sementara: dicoba lagi.",
        "Parts of LAKSA messages that mean a passing trouble: tried again.",
    ),
    (
        "halaman_maksimum",
        "Halaman terbanyak yang dibaca; bawaan 50.",
        "Most pages read; default 50.",
    ),
];

/// The descriptor with these operations.
pub(crate) fn of(operations: Vec<OperationSpec>) -> Descriptor {
    Descriptor {
        id: "laksa".into(),
        title: Text::new("LAKSA (Tangerang LIVE)", "LAKSA (Tangerang LIVE)"),
        owner: "Diskominfo Kota Tangerang".into(),
        native_version: "1".into(),
        documentation: "docs/reference/lapor.md".into(),
        auth: vec!["basic".into()],
        limits: NativeLimits {
            per_minute: Some(300),
            concurrent: Some(8),
            max_request: Some(1024 * 1024),
            max_reply: Some(4 * 1024 * 1024),
            hours: None,
        },
        operations,
        hooks: Vec::new(),
        mirrors: Vec::new(),
        errors: ERRORS
            .into_iter()
            .map(|(status, sample, kind, landed)| NativeError {
                status,
                sample: sample.into(),
                kind,
                landed,
            })
            .collect(),
        settings: SETTINGS
            .into_iter()
            .map(|(key, id, en)| SettingSpec {
                key: key.into(),
                text: Text::new(id, en),
                required: false,
            })
            .collect(),
    }
}
