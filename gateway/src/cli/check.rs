//! `simpul check`: every complaint at once, or a line about what would run.

use super::say::Voice;
use crate::config::{self, Built, CONNECTORS, Machine};
use crate::wiring::SystemClock;
use gateway_core::deliver::supplied::{self, Standing};
use gateway_core::time::Clock;
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
        "warnings": voice.doubts(&checked.doubts),
    });
    if secrets {
        match config::build(checked, &Machine, None) {
            Ok(built) => credentials(voice, &built),
            Err(complaints) => return voice.complaints(&complaints),
        }
    }
    voice.answer(&answer, || {
        let id = format!("Konfigurasi baik: {systems} sistem, {operations} operasi, {consumers} konsumen, {relays} relai.");
        let en = format!("Configuration is sound: {systems} systems, {operations} operations, {consumers} consumers, {relays} relays.");
        voice.pick(&id, &en).to_owned()
    });
    true
}

/// Says which supplied credentials have ended or soon will. No failure: the configuration may be sound all the same.
fn credentials(voice: &Voice, built: &Built) {
    let now = SystemClock.now();
    let mut systems: Vec<_> = built.catalogue.systems.values().collect();
    systems.sort_by(|a, b| a.id.cmp(&b.id));
    for system in systems {
        let Some(until) = supplied::until(&system.auth) else {
            continue;
        };
        let (id, en) = match Standing::at(until, now) {
            Standing::Holds => continue,
            Standing::Ends | Standing::EndsNow => ("segera berakhir", "ends soon"),
            Standing::Ended => ("sudah berakhir", "has ended"),
        };
        let what = voice.pick("kredensial yang dititipkan", "supplied credential");
        voice.note(&format!("{}: {what} {} ({until})", system.id, voice.pick(id, en)));
    }
}
