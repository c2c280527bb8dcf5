//! Reads a LAKSA list, page after page. LAKSA does not say how many there are: the list ends with an empty page. A page
//! that repeats, or the cap, ends the reading with the rest unseen.

use crate::envelope;
use crate::settings::Setup;
use connector_sdk::{Fault, NativeReply, NativeRequest, Outbound};
use serde_json::Value;

/// What was read.
pub(crate) struct Pages {
    /// Rows, in order.
    pub(crate) rows: Vec<Value>,
    /// The page to go on with, when the reading stopped at the cap.
    pub(crate) next: Option<u32>,
    /// Whether the end was seen.
    pub(crate) complete: bool,
}

/// The rows of one reply.
pub(crate) fn rows(reply: &NativeReply) -> Result<Vec<Value>, Fault> {
    let body = reply.json()?;
    envelope::rows(&body)
        .cloned()
        .ok_or_else(|| Fault::drift("a list without rows"))
}

/// Reads from page `first` on; `most` is the most rows one answer may hold.
pub(crate) async fn read_all(
    setup: &Setup,
    first: u32,
    most: usize,
    request: impl Fn(u32) -> NativeRequest,
    out: &dyn Outbound,
) -> Result<Pages, Fault> {
    let (mut all, mut before) = (Vec::new(), None);
    let last = first.saturating_add(setup.raw.halaman_maksimum - 1);
    for page in first..=last {
        let rows = rows(&out.send(request(page)).await?)?;
        if rows.is_empty() {
            return Ok(Pages {
                rows: all,
                next: None,
                complete: true,
            });
        }
        if before.as_ref() == Some(&rows) {
            return Ok(Pages {
                rows: all,
                next: None,
                complete: false,
            });
        }
        if all.len() + rows.len() > most {
            return Ok(Pages {
                rows: all,
                next: Some(page),
                complete: false,
            });
        }
        all.extend(rows.iter().cloned());
        before = Some(rows);
    }
    Ok(Pages {
        rows: all,
        next: last.checked_add(1),
        complete: false,
    })
}
