//! `simpul check`: every complaint at once, or a line about what would run.

use super::say::Voice;
use crate::config::{self, CONNECTORS, Machine};
use serde_json::json;
use std::path::Path;

/// Checks a set-up; with `secrets` reads those, too.
pub(super) fn check(voice: &Voice, path: &Path, secrets: bool) -> bool {
    let checked = config::load(path).and_then(|files| config::check(&config::parse(&files), CONNECTORS));
    let checked = match checked {
        Ok(checked) => checked,
        Err(complaints) => return voice.complaints(&complaints),
    };
    let (systems, operations) = (checked.systems.len(), checked.operations.len());
    let (consumers, relays) = (checked.consumers.len(), checked.relays.len());
    let answer = json!({
        "ok": true, "systems": systems, "operations": operations, "consumers": consumers, "relays": relays,
    });
    if secrets && let Err(complaints) = config::build(checked, &Machine, None) {
        return voice.complaints(&complaints);
    }
    voice.answer(&answer, || {
        let id = format!("Konfigurasi baik: {systems} sistem, {operations} operasi, {consumers} konsumen, {relays} relai.");
        let en = format!("Configuration is sound: {systems} systems, {operations} operations, {consumers} consumers, {relays} relays.");
        voice.pick(&id, &en).to_owned()
    });
    true
}
