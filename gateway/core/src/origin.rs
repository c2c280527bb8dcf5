//! The exchange that caused another one: its input and reply, opened. Relays and follows read them.

use crate::exchange::Stored;
use crate::idempotency::reply_of;
use crate::ids::ExchangeId;
use crate::pipeline::Rooms;
use serde_json::Value;

/// Both documents; null where erased or not there.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    pub(crate) input: Value,
    pub(crate) reply: Value,
}

/// Loads and opens an exchange.
pub(crate) async fn origin(rooms: &Rooms, id: ExchangeId) -> Origin {
    match rooms.journal.get(id).await {
        Ok(Some(stored)) => opened(rooms, &stored),
        Ok(None) => Origin::default(),
        Err(error) => {
            tracing::error!(exchange = %id, %error, "causing exchange not read");
            Origin::default()
        }
    }
}

/// Opens both documents of a stored exchange.
pub(crate) fn opened(rooms: &Rooms, stored: &Stored) -> Origin {
    let input = rooms
        .sealer
        .unwrap(stored.seal.as_ref())
        .and_then(|key| key.open(&stored.input, stored.id));
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_default();
    Origin {
        input: input.map(|bytes| json(&bytes)).unwrap_or_default(),
        reply: reply_of(&rooms.sealer, stored)
            .map(|bytes| json(&bytes))
            .unwrap_or_default(),
    }
}
