//! The BSrE connector, both versions, against the conformance kit and the played service.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

use base64::Engine as _;
use connector_testkit::{Kit, Misbehave, Running};
use serde_json::json;
use simulators::bsre::{self, BsreOptions};
use simulators::frame::Fault;
use std::sync::Arc;

const CANNOT_BE_ASKED: &str = "the service cannot be asked whether it signed: without an id kept by the try the look-up \
                               asks nothing and the write waits for a person; held by the tests over HTTP";
#[test]
fn version_1() {
    connector_testkit::run(kit("v1"));
}

#[test]
fn version_2() {
    connector_testkit::run(kit("v2").skip(
        "connector/page",
        "the page is that of version 1: both versions declare the same",
    ));
}

fn kit(version: &'static str) -> Kit {
    let root = format!("{}/{version}", env!("CARGO_MANIFEST_DIR"));
    let mut kit = Kit::new(connector_bsre::FACTORY, json!({ "versi": version }), root)
        .simulator(played)
        .codes(["/tampilan/jenis", "status", "status_code"]);
    kit = kit.skip(
        "operation/tte.periksa/unknown_codes",
        "the words of a check only confirm what its flags say; that other words never make a document valid is held by \
         the fixtures ok-kata-lain and ok-bertentangan",
    );
    for trial in ["one_effect", "lookup_only_reads"] {
        kit = kit.skip(&format!("operation/tte.tandatangani/{trial}"), CANNOT_BE_ASKED);
    }
    kit
}

async fn played() -> Result<Running, String> {
    let mut options = BsreOptions::default();
    // What the kit says beside the body.
    options
        .signers
        .insert("3671010101900000".into(), "kata-sandi-kit".into());
    let (user, password) = options.user.clone();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    let played = Arc::new(bsre::start(options).await.map_err(|error| error.to_string())?);
    let (faults, state) = (Arc::clone(&played), Arc::clone(&played));
    Ok(Running::new(played.base_url(), played)
        .credentials(move || vec![("Authorization".to_owned(), format!("Basic {basic}"))])
        .misbehave(move |how| {
            faults.faults().once("*", play(how));
            true
        })
        .effects(move || state.effects()["signed"].as_u64().unwrap_or_default()))
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
