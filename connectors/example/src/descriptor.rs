//! What the connector can do, as data. Routing, refusals, trials, the console and the reference page all read this;
//! what is not declared here cannot be called.

use crate::{book_view, reservation_send};
use connector_sdk::{Descriptor, FaultKind, Landed, NativeError, NativeLimits, SettingSpec, Text};

/// Word used in configuration.
pub(crate) const ID: &str = "perpustakaan";

/// The whole declaration.
pub(crate) fn descriptor() -> Descriptor {
    Descriptor {
        id: ID.into(),
        title: Text::new("Perpustakaan Kota (contoh)", "City library (example)"),
        owner: "Dinas Perpustakaan (rekaan)".into(),
        native_version: "1".into(),
        documentation: "connectors/simulators/src/example".into(),
        // The key travels in `X-Api-Key`; configuration names the header, the door sends it.
        auth: vec!["headers".into()],
        limits: NativeLimits {
            per_minute: Some(600),
            concurrent: Some(4),
            ..NativeLimits::default()
        },
        operations: vec![book_view::spec(), reservation_send::spec()],
        hooks: Vec::new(),
        mirrors: Vec::new(),
        errors: errors(),
        settings: vec![SettingSpec {
            key: "kode_buku".into(),
            text: Text::new(
                "Kode buku perpustakaan untuk tiap ISBN.",
                "The library's book code for each ISBN.",
            ),
            required: true,
        }],
    }
}

/// Errors the library is known to give. Each is played to the connector, so a wrong line here fails a trial.
fn errors() -> Vec<NativeError> {
    let error = |status, sample: &'static str, kind, landed| NativeError {
        status,
        sample: sample.into(),
        kind,
        landed,
    };
    let no = Landed::No;
    vec![
        error(
            400,
            r#"{"kode":"FORMAT","pesan":"Isi bukan JSON","isi":null}"#,
            FaultKind::Rejected,
            no,
        ),
        error(
            401,
            r#"{"kode":"KUNCI","pesan":"X-Api-Key tidak sah","isi":null}"#,
            FaultKind::Misconfigured,
            no,
        ),
        error(
            404,
            r#"{"kode":"TIDAK_ADA","pesan":"Buku tidak ditemukan","isi":null}"#,
            FaultKind::NotFound,
            no,
        ),
        error(
            409,
            r#"{"kode":"BERBEDA","pesan":"Nomor sudah dipakai","isi":null}"#,
            FaultKind::Conflict,
            no,
        ),
        error(
            409,
            r#"{"kode":"HABIS","pesan":"Semua dipinjam","isi":null}"#,
            FaultKind::Conflict,
            no,
        ),
        error(
            422,
            r#"{"kode":"WAJIB","pesan":"Isian kurang","isi":null}"#,
            FaultKind::Rejected,
            no,
        ),
        error(
            429,
            r#"{"kode":"BATAS","pesan":"Terlalu sering","isi":null}"#,
            FaultKind::Throttled,
            no,
        ),
        error(
            503,
            r#"{"kode":"TUTUP","pesan":"Dipelihara","isi":null}"#,
            FaultKind::Unavailable,
            no,
        ),
        error(
            500,
            r#"{"kode":"GALAT","pesan":"Kesalahan","isi":null}"#,
            FaultKind::Unavailable,
            Landed::Unknown,
        ),
        // The library's database trouble comes with status 200.
        error(
            200,
            r#"{"kode":"GALAT","pesan":"Basis data","isi":null}"#,
            FaultKind::Unavailable,
            Landed::Unknown,
        ),
    ]
}
