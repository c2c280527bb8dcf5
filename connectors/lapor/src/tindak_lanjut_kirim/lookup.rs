//! Compares a follow-up of unknown outcome with the report's list: the same text, not older than the message. The
//! text is compared without HTML and spacing, since the system writes both anew.

use crate::envelope;
use crate::log::LogEntry;
use crate::pages::{page, read_all};
use crate::settings::Setup;
use connector_sdk::{BoxFuture, Call, Fault, Found, Lookup, NativeReply, NativeRequest, Outbound};
use serde_json::Value;
use std::sync::Arc;

/// The look-up.
pub(super) struct ByText {
    setup: Arc<Setup>,
}

impl ByText {
    /// For one endpoint.
    pub(super) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            setup: Arc::clone(setup),
        }
    }

    fn judge(&self, input: &Value, items: &[Value], complete: bool) -> Found {
        let wanted = squeeze(input.get("isi").and_then(Value::as_str).unwrap_or_default());
        let since = input
            .get("dibuat_pada")
            .and_then(Value::as_str)
            .and_then(|at| self.setup.zone.moment(at));
        let same = items.iter().find(|item| {
            let entry = LogEntry::read(item, self.setup.zone);
            let recent = match (&since, &entry.at) {
                (Some(since), Some(at)) => at.not_before(since),
                _ => true,
            };
            recent && entry.text().is_some_and(|text| squeeze(&text) == wanted)
        });
        match same {
            Some(item) => Found::Landed(super::receipt(input, envelope::text(item, "id"))),
            None if complete => Found::NotLanded,
            None => Found::Unclear("the follow-up list goes on beyond the pages read".into()),
        }
    }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Lookup for ByText {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        Some(page(&self.setup, input.get("id_laporan")?.as_str()?, 1))
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let rows = envelope::rows(reply)?;
        Ok(self.judge(input, &rows.items, !rows.more))
    }

    fn run<'a>(
        &'a self,
        _call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Found, Fault>> {
        Box::pin(async move {
            let Some(report) = input.get("id_laporan").and_then(Value::as_str) else {
                return Ok(Found::Unclear("the message names no report".into()));
            };
            let pages = read_all(&self.setup, report, 1, out).await?;
            Ok(self.judge(input, &pages.items, pages.complete))
        })
    }
}
