//! Reads a report's follow-up list, page after page. Called by the list and by the look-up of a sent follow-up. A page
//! that repeats, or the cap, ends the reading with the rest unseen.

use crate::envelope::{self, Rows};
use crate::settings::{self, Setup};
use connector_sdk::{Complaint, Fault, NativeRequest, Outbound, Text};
use serde_json::Value;
use std::collections::BTreeSet;

/// Most items of one canonical answer.
const MOST: usize = 1000;

/// The request for one page.
pub(crate) fn page(setup: &Setup, report: &str, page: u32) -> NativeRequest {
    crate::wire::get(
        "tindak_lanjut",
        settings::with_id(&setup.raw.jalur.tindak_lanjut, report),
    )
    .query("page", page.to_string())
}

/// The page number in a canonical page mark; 1 when there is none.
pub(crate) fn page_number(input: &Value) -> Result<u32, Fault> {
    let Some(mark) = input.get("halaman").and_then(Value::as_str) else {
        return Ok(1);
    };
    mark.parse().ok().filter(|page| *page > 0).ok_or_else(|| {
        Fault::invalid(vec![Complaint {
            pointer: "/halaman".to_owned(),
            text: Text::new(
                "Pakai penanda dari balasan sebelumnya.",
                "Use the mark of the previous reply.",
            ),
        }])
    })
}

/// What was read of a paged list.
pub(crate) struct Pages {
    /// Items, each id once.
    pub(crate) items: Vec<Value>,
    /// The page to go on with, when the reading stopped at a cap.
    pub(crate) next: Option<u32>,
    /// Whether everything was seen; a repeated page leaves that open.
    pub(crate) complete: bool,
}

/// Reads a report's follow-up list from a page on.
pub(crate) async fn read_all(setup: &Setup, report: &str, first: u32, out: &dyn Outbound) -> Result<Pages, Fault> {
    let (mut items, mut ids, mut before) = (Vec::new(), BTreeSet::new(), None);
    let last = first.saturating_add(setup.raw.halaman_maksimum - 1);
    for number in first..=last {
        let Rows { items: rows, more } = envelope::rows(&out.send(page(setup, report, number)).await?)?;
        if before.as_ref() == Some(&rows) {
            return Ok(Pages {
                items,
                next: None,
                complete: false,
            });
        }
        items.extend(
            rows.iter()
                .filter(|row| envelope::text(row, "id").is_none_or(|id| ids.insert(id)))
                .cloned(),
        );
        if !more {
            return Ok(Pages {
                items,
                next: None,
                complete: true,
            });
        }
        if items.len() + rows.len() > MOST {
            return Ok(Pages {
                items,
                next: number.checked_add(1),
                complete: false,
            });
        }
        before = Some(rows);
    }
    Ok(Pages {
        items,
        next: last.checked_add(1),
        complete: false,
    })
}
