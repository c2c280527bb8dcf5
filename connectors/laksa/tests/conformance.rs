//! The LAKSA connector against the conformance kit and the system's simulator.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connector_testkit::{Kit, Misbehave, Running};
use serde_json::{Value, json};
use simulators::frame::Fault;
use simulators::laksa::{self, LaksaOptions};
use std::sync::Arc;

#[test]
fn conformance() {
    connector_testkit::run(
        Kit::new(connector_laksa::FACTORY, json!({}), env!("CARGO_MANIFEST_DIR"))
            .simulator(simulator)
            .codes(["/status", "/data/*/status", "jenis"]),
    );
}

async fn simulator() -> Result<Running, String> {
    let options = LaksaOptions::default();
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", options.user, options.password))
    );
    let laksa = Arc::new(laksa::start(options).await.map_err(|e| e.to_string())?);
    let (faults, effects) = (Arc::clone(&laksa), Arc::clone(&laksa));
    Ok(Running::new(laksa.base_url(), laksa)
        .credentials(move || vec![("Authorization".to_owned(), basic.clone())])
        .misbehave(move |how| play(how).map(|fault| faults.faults().once("*", fault)).is_some())
        .effects(move || count(&effects.effects())))
}

/// Effects, a status written twice counted once: setting it again changes nothing.
fn count(effects: &Value) -> u64 {
    let number = |name: &str| effects[name].as_u64().unwrap_or_default();
    number("statuses") - number("statuses_repeated") + number("followups") + number("added")
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
