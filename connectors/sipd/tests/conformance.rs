//! The SIPD connector against the conformance kit and the played SIPD.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

#[path = "all/year.rs"]
mod year;

use connector_testkit::{Kit, Misbehave, Running};
use serde_json::{Value, json};
use simulators::frame::{Fault, System};
use simulators::sipd::{self, SipdOptions};
use std::sync::Arc;

const NO_CODE: &str = "a request by ids answers ids, names and amounts: there is no coded field";

#[test]
fn conformance() {
    connector_testkit::run(
        Kit::new(connector_sipd::FACTORY, settings(), env!("CARGO_MANIFEST_DIR"))
            .simulator(played)
            .codes(["jenis", "code", "/tahap"])
            .skip("operation/spd.lihat/unknown_codes", NO_CODE)
            .skip("operation/rencana.lihat/unknown_codes", NO_CODE)
            .skip("operation/rencana.pemetaan.lihat/unknown_codes", NO_CODE),
    );
}

pub(crate) fn settings() -> Value {
    json!({
        "tahun": 2026, "id_daerah": "999", "kode_pemda": "3671", "id_jadwal_sipd": "77",
        "generasi": ["a", "b", "c1", "c2", "salinan"],
        "awalan": {"a": "run/serv", "b": "arsip", "c1": "api"},
    })
}

async fn played() -> Result<Running, String> {
    let options = SipdOptions::default();
    let key = options.api_key.clone();
    let sipd = Arc::new(sipd::start(options).await.map_err(|error| error.to_string())?);
    let token = sipd.with(|sipd| sipd.token().to_owned());
    let headers = vec![
        ("authorization".to_owned(), format!("Bearer {token}")),
        ("x-access-token".to_owned(), token),
        ("x-api-key".to_owned(), key),
    ];
    let (faults, state) = (Arc::clone(&sipd), Arc::clone(&sipd));
    Ok(Running::new(sipd.base_url(), sipd)
        .credentials(move || headers.clone())
        .misbehave(move |how| {
            faults.faults().once("*", play(how));
            true
        })
        .effects(move || state.with(|sipd| sipd.effects()["pushes"].as_u64().unwrap_or_default())))
}

fn play(how: Misbehave) -> Fault {
    match how {
        Misbehave::CredentialExpired => Fault::TokenExpired { code: 900_901 },
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
