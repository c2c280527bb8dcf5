//! The CloudEvents 1.0 envelope (JSON) of a stored event, whole or thin. Thin ones hold ids only and say where the rest
//! is; what is erased or too large for a push becomes thin by itself.

use super::emit::source_uri;
use crate::fields::Fields;
use crate::journal::StoredEvent;
use crate::seal::Sealer;
use serde_json::{Value, json};

/// Bytes above which a pushed event is sent without its data (Standard Webhooks 1.0).
pub const LARGEST_FULL: usize = 20_000;

/// The envelope. `thin` leaves the data out; `largest` bounds the bytes of the whole; `fields` are those of the data that
/// its reader may see, `None` for all.
pub fn cloud_event(
    sealer: &Sealer,
    stored: &StoredEvent,
    thin: bool,
    largest: usize,
    fields: Option<&Fields>,
) -> Value {
    let event = &stored.event;
    let mut envelope = json!({
        "specversion": "1.0",
        "id": event.id.to_string(),
        "source": source_uri(stored),
        "type": event.kind,
        "subject": event.subject,
        "time": event.at.to_string(),
        "dataschema": event.schema,
        // Extension attributes: position among the events of the subject, and (claim check) where the data is.
        "urutan": stored.subject_seq,
        "dataref": format!("/v1/peristiwa/{}", stored.seq),
    });
    if thin {
        return envelope;
    }
    let Some(mut data) = data(sealer, stored) else {
        return envelope;
    };
    if let Some(fields) = fields {
        fields.minimise(&mut data);
    }
    let thin = envelope.clone();
    if let Some(fields) = envelope.as_object_mut() {
        fields.insert("datacontenttype".into(), json!("application/json"));
        fields.insert("data".into(), data);
    }
    if envelope.to_string().len() > largest {
        thin
    } else {
        envelope
    }
}

/// The data; `None` once erased.
fn data(sealer: &Sealer, stored: &StoredEvent) -> Option<Value> {
    if stored.event.data.is_empty() {
        return None;
    }
    let plain = sealer.open(&stored.event.data, &stored.event.id.to_string());
    match plain {
        Ok(plain) => serde_json::from_slice(&plain).ok(),
        Err(error) => {
            tracing::error!(event = %stored.event.id, %error, "event data does not open");
            None
        }
    }
}
