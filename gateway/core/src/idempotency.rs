//! Room 10: first, replay, in progress, mismatch. The key and the business reference name an intent; the decision
//! itself falls in the journal's transaction, together with room 11.

use crate::catalogue::Published;
use crate::exchange::{Key, State, Stored};
use crate::outcome::{Refusal, Verdict};
use crate::seal::{SealError, Sealer};
use crate::validate::Validated;
use bytes::Bytes;
use connector_sdk::{Fault, FaultKind, Landed, Origin, Text};
use serde_json::Value;
use std::time::Duration;

/// Longest accepted key.
const LONGEST_KEY: usize = 255;
/// What a caller whose twin is still running is told.
const COME_BACK: Duration = Duration::from_secs(1);

/// The names of one intent.
pub struct Names {
    /// Consumer's key.
    pub key: Option<Key>,
    /// Business reference.
    pub reference: Option<String>,
    /// Lane.
    pub lane: Option<String>,
}

/// Reads the names of a validated write.
pub fn names(operation: &Published, key: Option<&str>, validated: &Validated) -> Result<Names, Refusal> {
    let key = match key {
        Some(key) if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|b| (0x21..0x7f).contains(&b)) => {
            return Err(Refusal::KeyMalformed);
        }
        Some(key) => Some(Key {
            key: key.to_owned(),
            fingerprint: validated.fingerprint(),
        }),
        None if operation.key_required => return Err(Refusal::KeyRequired),
        None => None,
    };
    let spec = &operation.spec;
    let reference = joined(validated.input(), &spec.reference);
    let lane = joined(validated.input(), &spec.ordering).map(|lane| format!("{}:{lane}", operation.system));
    Ok(Names { key, reference, lane })
}

/// The values at `pointers` joined by `:`; `None` when there are no pointers or a value is missing.
pub fn joined(input: &Value, pointers: &[connector_sdk::Str]) -> Option<String> {
    let values: Option<Vec<String>> = pointers
        .iter()
        .map(|pointer| match input.pointer(pointer)? {
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            scalar => Some(scalar.to_string()),
        })
        .collect();
    values.filter(|v| !v.is_empty()).map(|v| v.join(":"))
}

/// What a caller is told who names an intent that is known already.
pub fn replay(sealer: &Sealer, known: &Stored) -> Verdict {
    match known.state {
        State::Done => match reply_of(sealer, known) {
            Ok(reply) => Verdict::Done(reply),
            Err(error) => Verdict::Faulted {
                fault: unreadable(error),
                state: Some(State::Done),
            },
        },
        State::Leased => Verdict::Refused(Refusal::InProgress {
            exchange: known.id,
            after: COME_BACK,
        }),
        State::Accepted | State::Scheduled => underway(known),
        State::Unresolved | State::Parked | State::Failed | State::Dead | State::Discarded => match &known.fault {
            Some(fault) => Verdict::Faulted {
                fault: fault.clone(),
                state: Some(known.state),
            },
            None => underway(known),
        },
    }
}

/// The canonical reply of a stored exchange, opened.
///
/// # Errors
/// When it was erased or does not open.
pub fn reply_of(sealer: &Sealer, stored: &Stored) -> Result<Bytes, SealError> {
    let sealed = stored.reply.as_ref().ok_or(SealError::Erased)?;
    sealer.unwrap(stored.seal.as_ref())?.open(sealed, stored.id)
}

fn unreadable(error: SealError) -> Fault {
    Fault::new(
        FaultKind::NotFound,
        Text::new(
            "Permintaan ini sudah berlaku; isi jawabannya sudah dihapus menurut masa simpan.",
            "This request took effect; the content of its answer was erased when its retention ended.",
        ),
    )
    .origin(Origin::Gateway)
    .landed(Landed::Yes)
    .internal(error.to_string())
}

/// A stored exchange that is not finished.
pub fn underway(known: &Stored) -> Verdict {
    Verdict::Underway {
        state: known.state,
        changed: known.changed,
        due: known.due,
        fault: known.fault.clone(),
    }
}
