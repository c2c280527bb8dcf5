//! What a caller says beside the body of a write: a signer's passphrase. It lives in the memory of one try and nowhere else.
//! So such a write is answered while the caller waits or not at all, and is never tried again by itself: whoever has
//! the secret comes back with it. Called by the pipeline before room 10 and by `resume` after a failed try.

use crate::catalogue::{Catalogue, Published};
use crate::deliver::Task;
use crate::exchange::Next;
use crate::outcome::Refusal;
use connector_sdk::Secret;
use schemas::Violation;

/// Header that carries it.
pub const HEADER: &str = "X-Kata-Sandi";

/// The secret for the try, for operations that take one; nothing for all others, whatever the caller sent.
pub(crate) fn check(
    catalogue: &Catalogue,
    operation: &Published,
    secret: Option<Secret>,
    respond_async: bool,
) -> Result<Option<Secret>, Refusal> {
    let system = catalogue.systems.get(&operation.system);
    let takes = system
        .and_then(|system| system.connector.operation(&operation.id))
        .is_some_and(|operation| operation.takes_secret());
    if !takes {
        return Ok(None);
    }
    let refuse = |code, id: &str, en: &str| {
        Err(Refusal::Parameters(vec![Violation {
            pointer: format!("/{HEADER}"),
            code,
            id: id.to_owned(),
            en: en.to_owned(),
        }]))
    };
    match secret {
        Some(secret) if !secret.is_empty() && !respond_async => Ok(Some(secret)),
        Some(secret) if !secret.is_empty() => refuse(
            "secret_waits",
            "Operasi ini dijawab selagi pemanggil menunggu; hapus Prefer: respond-async.",
            "This operation is answered while the caller waits; remove Prefer: respond-async.",
        ),
        _ => refuse(
            "secret_missing",
            "Sebutkan kata sandi penanda tangan di kepala ini, bukan di badan permintaan.",
            "Say the signer's passphrase in this header, not in the body.",
        ),
    }
}

/// Whether the operation of a task takes a secret.
pub(crate) fn takes(task: &Task) -> bool {
    let operation = task.routed.operation();
    let found = task.routed.system().connector.operation(&operation.spec.id);
    found.is_some_and(|operation| operation.takes_secret())
}

/// What would be tried again without its secret ends here instead.
pub(crate) fn never_again(next: Next, caller_waits: bool) -> Next {
    match next {
        Next::Schedule { .. } | Next::Release { .. } if caller_waits => Next::Failed,
        Next::Schedule { .. } | Next::Release { .. } => Next::Dead {
            reason: "kata sandi tidak disimpan; penanda tangan harus mengajukan lagi".to_owned(),
        },
        other => other,
    }
}
