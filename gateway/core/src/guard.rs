//! Protection only rises: where a record is known as protected, an input that says it is not is refused at the flag.
//! Lowering it is a person's decision with a reason ([`crate::link::lower`]). Called by room 11 before anything is stored.

use crate::catalogue::Catalogue;
use crate::link;
use crate::outcome::Refusal;
use crate::pipeline::Rooms;
use crate::source::{Documents, Source};
use schemas::Violation;
use serde_json::Value;

/// A guarded operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// Operation.
    pub operation: String,
    /// Kind of link that says whether the record is protected.
    pub link: String,
    /// Parts of its key, from the input.
    pub key: Vec<Source>,
    /// Flags: JSON pointer in the input and in the link.
    pub flags: Vec<(String, String)>,
}

/// Refuses an input that lowers a known protection.
pub(crate) async fn check(rooms: &Rooms, catalogue: &Catalogue, operation: &str, input: &Value) -> Result<(), Refusal> {
    for guard in catalogue.flows.guards.iter().filter(|g| g.operation == operation) {
        let Some(key) = link::key(&guard.key, &Documents::of(input, input)) else {
            continue;
        };
        let known = match link::value(rooms, &guard.link, &key).await {
            Ok(Some(known)) => known,
            Ok(None) => continue,
            Err(error) => {
                // Not known to be free: nothing is taken on.
                tracing::error!(%error, "protection not read");
                return Err(Refusal::CannotStore);
            }
        };
        let lowered = guard.flags.iter().filter(|(here, there)| {
            known.pointer(there) == Some(&Value::Bool(true)) && input.pointer(here) == Some(&Value::Bool(false))
        });
        let violations: Vec<Violation> = lowered.map(|(here, _)| violation(here)).collect();
        if !violations.is_empty() {
            return Err(Refusal::Invalid(violations));
        }
    }
    Ok(())
}

fn violation(pointer: &str) -> Violation {
    Violation {
        pointer: pointer.to_owned(),
        code: "protection_lowered",
        id: "Laporan ini dilindungi; perlindungan hanya dapat diturunkan pengelola gateway dengan alasan.".into(),
        en: "This report is protected; only the gateway's operator can lower that, with a reason.".into(),
    }
}
