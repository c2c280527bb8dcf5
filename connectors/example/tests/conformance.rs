//! The example connector against the conformance kit and the library's simulator.

use connector_testkit::{Kit, Misbehave, Running};
use serde_json::json;
use simulators::example::{self, ExampleOptions};
use simulators::frame::Fault;
use std::sync::Arc;

#[test]
fn conformance() {
    connector_testkit::run(
        Kit::new(connector_example::FACTORY, settings(), env!("CARGO_MANIFEST_DIR"))
            .simulator(library)
            .codes(["isbn", "kode", "kode_buku", "status"]),
    );
}

fn settings() -> serde_json::Value {
    json!({"kode_buku": {"9780000000002": "BK-001", "9780000000019": "BK-003"}})
}

async fn library() -> Result<Running, String> {
    let options = ExampleOptions::default();
    let key = options.api_key.clone();
    let library = Arc::new(example::start(options).await.map_err(|e| e.to_string())?);
    let (faults, state) = (Arc::clone(&library), Arc::clone(&library));
    Ok(Running::new(library.base_url(), library)
        .credentials(move || vec![("X-Api-Key".into(), key.clone())])
        .misbehave(move |how| play(how).map(|fault| faults.faults().once("*", fault)).is_some())
        .effects(move || state.with(|library| library.reservations().len() as u64)))
}

fn play(how: Misbehave) -> Option<Fault> {
    Some(match how {
        Misbehave::CredentialExpired => return None,
        Misbehave::Throttled => Fault::Throttled {
            code: 0,
            retry_after: Some(3),
            next_access: None,
        },
        Misbehave::ErrorUnderSuccess => Fault::OkWithErrorBody,
        Misbehave::HangUpAfterStoring => Fault::HangUpAfterStoring,
        Misbehave::HangUpBeforeStoring => Fault::HangUpBeforeStoring,
    })
}
