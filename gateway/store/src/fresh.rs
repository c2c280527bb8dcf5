//! An exchange just accepted, as it will be read back.

use gateway_core::exchange::{NewExchange, Stored};
use gateway_core::journal::Standing;

/// What `new` became at position `seq`.
pub(crate) fn fresh(new: &NewExchange, seq: i64, standing: &Standing) -> Stored {
    Stored {
        seq,
        id: new.id,
        consumer: new.consumer.clone(),
        operation: new.operation.clone(),
        system: new.system.clone(),
        purpose: new.purpose.clone(),
        fingerprint: new.fingerprint,
        reference: new.reference.clone(),
        lane: new.lane.clone(),
        state: standing.state,
        attempts: standing.attempts,
        lookups: standing.lookups,
        due: standing.due,
        input: new.input.clone(),
        seal: new.seal.clone(),
        reply: None,
        fault: None,
        reason: None,
        trace: new.trace.clone(),
        cause: new.cause,
        created: new.at,
        changed: standing.changed,
    }
}
