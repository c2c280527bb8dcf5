//! What is read back from a journal: attempts, credentials, restrictions, sealed bodies. A damaged row is an error, never a panic,
//! and a sealed body that was changed never opens.

use super::Target;
use gateway::core::exchange::{Attempt, State};
use gateway::core::identity::keyring::Credential;
use gateway::core::ids::ExchangeId;
use gateway::core::seal::{KEY_BYTES, Sealer};
use gateway::core::subject::Restriction;
use serde_json::Value;

pub(super) const JOURNAL: Target = Target {
    name: "journal",
    words: &[
        "\"kind\":\"deliver\"",
        "\"fault\":{",
        "\"landed\":\"unknown\"",
        "2026-01-02T03:04:05Z",
    ],
    seeds: || Ok(vec![sealed()]),
    run,
};

fn sealed() -> Vec<u8> {
    // A nonce is random, so the bytes differ from run to run; that none of them opens does not.
    Sealer::new(&[3; KEY_BYTES])
        .and_then(|sealer| sealer.seal(b"isi", "uji"))
        .map_or_else(|_| Vec::new(), |sealed| sealed.to_vec())
}

fn run(input: &[u8]) -> String {
    let attempt = serde_json::from_slice::<Attempt>(input);
    if let Ok(attempt) = &attempt {
        let text = serde_json::to_vec(attempt).expect("written");
        let again: Attempt = serde_json::from_slice(&text).expect("read back");
        assert_eq!(serde_json::to_value(&again).ok(), serde_json::to_value(attempt).ok());
    }
    let credential = serde_json::from_slice::<Credential>(input).is_ok();
    let restriction = serde_json::from_slice::<Restriction>(input).is_ok();
    let state = std::str::from_utf8(input).ok().and_then(State::from_word);
    let sealer = Sealer::new(&[4; KEY_BYTES]).expect("a sealer");
    assert!(sealer.open(input, "uji").is_err(), "sealed by another");
    let key = sealer.fresh().expect("a key");
    assert!(
        key.open(input, ExchangeId(Default::default())).is_err(),
        "sealed by nobody"
    );
    let place = match &attempt {
        Ok(_) => "attempt".to_owned(),
        Err(error) => format!("{:?} {}", error.classify(), error.column().min(400) / 40),
    };
    let json = serde_json::from_slice::<Value>(input).is_ok();
    format!("{place} {credential} {restriction} {state:?} {json}")
}
