//! The SRIKANDI connector against the conformance kit and the played system.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

#[path = "all/dialects.rs"]
mod dialects;

use connector_testkit::{Kit, Misbehave, Push, Running};
use http::HeaderValue;
use serde_json::{Value, json};
use simulators::eoffice::{self, EofficeOptions};
use simulators::frame::Fault;
use simulators::srikandi::{self, SrikandiOptions};
use std::sync::Arc;

#[test]
fn conformance() {
    let mut kit = Kit::new(connector_srikandi::FACTORY, settings(), env!("CARGO_MANIFEST_DIR"))
        .secret("kunci_panggil_balik", "kunci-uji-01")
        .simulator(played)
        .codes([
            "jenis_naskah",
            "sifat",
            "urgensi",
            "jenis_ttd",
            "tampilan_ttd",
            "keputusan",
            "/tujuan/*/jenis",
            "/tembusan/*/jenis",
            "/instruksi/*",
            "bagian",
            "daftar",
            "nasib_akhir",
            "sifat_naskah",
            "tingkat_urgensi",
        ])
        .codes([
            "status",
            "/data/status",
            "/data/*/status",
            "/data/*/jenis",
            "/data/instruksi/*",
            "/data/*/instruksi/*",
            "klasifikasi_keamanan",
        ])
        .hook("perubahan", sign);
    for id in ["naskah.masuk.lihat", "naskah.file.ambil"] {
        kit = kit.after(id, "naskah.masuk.kirim", "/id", "/id");
    }
    for id in ["naskah.keluar.lihat", "naskah.keluar.ajukan"] {
        kit = kit.after(id, "naskah.keluar.kirim", "/id", "/id");
    }
    for id in ["disposisi.kirim", "disposisi.daftar"] {
        kit = kit.after(id, "naskah.masuk.kirim", "/id", "/naskah_id");
    }
    kit = kit.after("berkas.tutup", "berkas.buat", "/id", "/id").skip(
        "operation/disposisi.tarik/unknown_codes",
        "a withdrawal is answered by an empty 204 and asks with an id alone: no field holds a code",
    );
    connector_testkit::run(kit);
}

#[test]
fn conformance_of_the_e_office_dialect() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/eoffice");
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/konektor-srikandi-eoffice.md"
    );
    let settings = json!({"dialek": "eoffice", "kode_instansi": "simpul", "ulang": "kunci"});
    let kit = Kit::new(connector_srikandi::FACTORY, settings, root)
        .simulator(agency)
        .page(page)
        .skip(
            "operation/eoffice.disposisi.dorong/unknown_codes",
            "a pushed disposition bears no code, and its answer none",
        );
    connector_testkit::run(kit);
}

async fn agency() -> Result<Running, String> {
    let options = EofficeOptions::default();
    let key = ("X-API-Key".to_owned(), options.api_key.clone());
    let played = Arc::new(eoffice::start(options).await.map_err(|error| error.to_string())?);
    let (faults, state) = (Arc::clone(&played), Arc::clone(&played));
    Ok(Running::new(played.base_url(), played)
        .credentials(move || vec![key.clone()])
        .misbehave(move |how| {
            faults.faults().once("*", play(how));
            true
        })
        .effects(move || state.effects()["taken"].as_u64().unwrap_or_default()))
}

pub(crate) fn settings() -> Value {
    json!({"kode_instansi": "3671", "panggil_balik": {}})
}

/// Written out once more from the contract: HMAC-SHA256 over the moment, a dot, and the exact body.
fn sign(mut push: Push, at: jiff::Timestamp) -> Push {
    let moment = at.as_second().to_string();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"kunci-uji-01");
    let tag = aws_lc_rs::hmac::sign(&key, &[moment.as_bytes(), b".", &push.body].concat());
    push.headers
        .insert("X-Timestamp", HeaderValue::from_str(&moment).unwrap());
    push.headers
        .insert("X-Signature", HeaderValue::from_str(&hex::encode(tag)).unwrap());
    push
}

async fn played() -> Result<Running, String> {
    running(SrikandiOptions::default()).await
}

pub(crate) async fn running(options: SrikandiOptions) -> Result<Running, String> {
    let bearer = ("Authorization".to_owned(), format!("Bearer {}", options.token));
    let played = Arc::new(srikandi::start(options).await.map_err(|error| error.to_string())?);
    played.with(simulators::srikandi::Srikandi::seed);
    let (faults, state) = (Arc::clone(&played), Arc::clone(&played));
    Ok(Running::new(played.base_url(), played)
        .credentials(move || vec![bearer.clone()])
        .misbehave(move |how| {
            faults.faults().once("*", play(how));
            true
        })
        .effects(move || effects(&state.effects())))
}

fn effects(counts: &Value) -> u64 {
    [
        "registered_in",
        "registered_out",
        "steps",
        "disposed",
        "withdrawn",
        "closed",
        "opened",
        "filed",
    ]
    .iter()
    .filter_map(|name| counts[name].as_u64())
    .sum()
}

fn play(how: Misbehave) -> Fault {
    match how {
        Misbehave::CredentialExpired => Fault::TokenExpired { code: 0 },
        Misbehave::Throttled => Fault::Throttled {
            code: 0,
            retry_after: Some(3),
            next_access: None,
        },
        Misbehave::ErrorUnderSuccess => Fault::OkWithErrorBody,
        Misbehave::HangUpAfterStoring => Fault::HangUpAfterStoring,
        Misbehave::HangUpBeforeStoring => Fault::HangUpBeforeStoring,
    }
}
