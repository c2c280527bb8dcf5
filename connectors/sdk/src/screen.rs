//! The usual meaning of HTTP statuses, for connectors whose system keeps to it. Called by `Connector::screen`.

use crate::{Fault, FaultKind, Landed, NativeReply, Text};
use std::time::Duration;

/// Longest `Retry-After` that is believed; a longer one is cut to it.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// `Retry-After` in seconds. The date form is ignored: it needs a clock and a trusted one on the other side.
pub fn retry_after(reply: &NativeReply) -> Option<Duration> {
    let seconds = reply.header("retry-after")?.trim().parse::<u64>().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

/// 2xx passes; anything else becomes a fault. `writes` tells whether the request could have changed something:
/// then a gateway-made 500, 502 or 504 leaves the outcome unknown.
pub fn http(writes: bool, reply: &NativeReply) -> Result<(), Fault> {
    let unsure = if writes { Landed::Unknown } else { Landed::No };
    let (kind, landed, text) = match reply.status {
        200..=299 => return Ok(()),
        400 | 405 | 406 | 413 | 415 | 422 => (
            FaultKind::Rejected,
            Landed::No,
            Text::new(
                "Sistem tujuan menolak isi permintaan.",
                "The target system refused the content.",
            ),
        ),
        401 | 403 | 407 => (
            FaultKind::Misconfigured,
            Landed::No,
            Text::new(
                "Kredensial gateway ditolak sistem tujuan. Pengelola gateway sudah diberi tahu.",
                "The target system refuses the gateway's credentials. The operator has been told.",
            ),
        ),
        404 | 410 => (
            FaultKind::NotFound,
            Landed::No,
            Text::new(
                "Data tidak ada di sistem tujuan.",
                "The target system has no such record.",
            ),
        ),
        409 | 412 => (
            FaultKind::Conflict,
            Landed::No,
            Text::new(
                "Bentrok dengan keadaan di sistem tujuan.",
                "Conflict with the target system's state.",
            ),
        ),
        408 | 425 | 429 => (
            FaultKind::Throttled,
            Landed::No,
            Text::new("Sistem tujuan meminta jeda.", "The target system asks us to slow down."),
        ),
        503 => (FaultKind::Unavailable, Landed::No, UNAVAILABLE),
        504 => (
            FaultKind::Timeout,
            unsure,
            Text::new(
                "Sistem tujuan tidak menjawab tepat waktu.",
                "The target system did not answer in time.",
            ),
        ),
        500..=599 => (FaultKind::Unavailable, unsure, UNAVAILABLE),
        _ => return Err(Fault::drift(format!("unexpected status {}", reply.status)).landed(unsure)),
    };
    Err(Fault::new(kind, text)
        .landed(landed)
        .native_code(format!("http-{}", reply.status))
        .retry_after(retry_after(reply)))
}

const UNAVAILABLE: Text = Text::new(
    "Sistem tujuan sedang tidak dapat melayani.",
    "The target system cannot serve at the moment.",
);
