//! The declaration of the connector: known native errors with a sample each, settings.

use connector_sdk::{Descriptor, FaultKind, Landed, NativeError, NativeLimits, OperationSpec, SettingSpec, Text};

/// The descriptor with these operations.
pub(crate) fn of(operations: Vec<OperationSpec>) -> Descriptor {
    let error = |status, sample: &'static str, kind| NativeError {
        status,
        sample: sample.into(),
        kind,
        landed: Landed::No,
    };
    let setting = |key: &'static str, required, id: &'static str, en: &'static str| SettingSpec {
        key: key.into(),
        text: Text::new(id, en),
        required,
    };
    let wrong = r#"{"status_code":2031,"error":"Passphrase anda salah"}"#;
    let sentence = r#"{"error":"Proses signing gagal : Passphrase anda salah 2031"}"#;
    let unknown = r#"{"status_code":2011,"error":"User tidak terdaftar"}"#;
    Descriptor {
        id: "bsre".into(),
        title: Text::new("BSrE (tanda tangan elektronik)", "BSrE (electronic signatures)"),
        owner: "Balai Sertifikasi Elektronik, BSSN".into(),
        native_version: "eSign client service v1 dan v2".into(),
        documentation: "Petunjuk teknis eSign client service 2.2.1".into(),
        auth: vec!["basic".into()],
        limits: NativeLimits {
            per_minute: None,
            concurrent: Some(4),
            max_request: Some(32 * 1024 * 1024),
            max_reply: Some(32 * 1024 * 1024),
            hours: None,
        },
        operations,
        hooks: Vec::new(),
        mirrors: Vec::new(),
        errors: vec![
            error(400, wrong, FaultKind::Rejected),
            error(500, wrong, FaultKind::Rejected),
            error(200, wrong, FaultKind::Rejected),
            error(400, sentence, FaultKind::Rejected),
            error(400, unknown, FaultKind::Rejected),
            error(500, unknown, FaultKind::Rejected),
            error(401, "", FaultKind::Misconfigured),
        ],
        settings: vec![
            setting("versi", true, "v1 atau v2.", "v1 or v2."),
            setting(
                "jalur",
                false,
                "Jalur: tandatangani, unduh, periksa, status.",
                "Paths: tandatangani, unduh, periksa, status.",
            ),
            setting(
                "batas_berkas",
                false,
                "Bita terbanyak satu dokumen.",
                "Most bytes of a document.",
            ),
            setting(
                "status",
                false,
                "Arti kode status penanda tangan.",
                "Meaning of a signer's status codes.",
            ),
            setting("bidang_halaman", false, "page atau halaman.", "page or halaman."),
            setting(
                "faktor",
                false,
                "kata_sandi atau totp (hanya v2): isi X-Kata-Sandi.",
                "kata_sandi or totp (v2 only): what X-Kata-Sandi holds.",
            ),
        ],
    }
}
