//! Reconciles a create of unknown outcome: searches the list endpoint for the report's marker and reads every page up
//! to the cap. Two candidates, a cut list or items without text leave the answer to a person; whether an empty one does, too,
//! is a setting.

use crate::envelope::{self, Rows};
use crate::settings::{Absent, Search, Setup};
use crate::texts;
use connector_sdk::{BoxFuture, Call, Fault, Found, Lookup, NativeReply, NativeRequest, Outbound, RelativePath};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The look-up.
pub(crate) struct ByMarker {
    setup: Arc<Setup>,
}

/// What the pages so far have shown.
#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    unreadable: bool,
}

impl ByMarker {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            setup: Arc::clone(setup),
        }
    }

    fn page(&self, search: &Search, input: &Value, page: u32) -> Option<NativeRequest> {
        let ticket = input.get("tiket")?.as_str()?;
        let marker = self.setup.marker.write(input.get("sumber")?.as_str()?, ticket);
        let wanted = search.cari.replace("{penanda}", &marker).replace("{tiket}", ticket);
        let mut request =
            crate::wire::get("cari", RelativePath::of(&search.jalur)).query(search.parameter.as_str(), wanted);
        for (name, value) in &search.tambahan {
            request = request.query(name.as_str(), value.as_str());
        }
        Some(request.query(search.parameter_halaman.as_str(), page.to_string()))
    }

    fn look(&self, search: &Search, input: &Value, rows: &Rows, seen: &mut Seen) {
        for item in &rows.items {
            let content = item.get(&search.bidang_isi).and_then(Value::as_str);
            let id = envelope::text(item, &search.bidang_id);
            let (Some(content), Some(id)) = (content, id) else {
                seen.unreadable = true;
                continue;
            };
            let ours = self.setup.marker.read(&texts::plain(content)).is_some_and(|reference| {
                input.get("tiket").and_then(Value::as_str) == Some(reference.ticket.as_str())
                    && input.get("sumber").and_then(Value::as_str) == Some(reference.source.as_str())
            });
            if ours {
                seen.ids.insert(id);
            }
        }
    }

    fn judge(&self, search: &Search, input: &Value, seen: &Seen, more: bool) -> Found {
        match (seen.ids.iter().next(), seen.ids.len()) {
            (Some(id), 1) => Found::Landed(super::receipt(&self.setup, input, id)),
            (Some(_), _) => Found::Unclear("several reports carry this marker".into()),
            (None, _) if more => Found::Unclear("the list goes on beyond the pages read".into()),
            (None, _) if seen.unreadable => Found::Unclear("listed reports lack an id or their text".into()),
            (None, _) => match search.bila_tidak_tampak {
                Absent::KirimLagi => Found::NotLanded,
                Absent::TanyaPetugas => {
                    Found::Unclear("the list does not show it, which may mean that it was deleted".into())
                }
            },
        }
    }
}

impl Lookup for ByMarker {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        self.page(self.setup.raw.pencarian.as_ref()?, input, 1)
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let Some(search) = &self.setup.raw.pencarian else {
            return Ok(Found::Unclear("no look-up is configured".into()));
        };
        let rows = envelope::rows(reply)?;
        let mut seen = Seen::default();
        self.look(search, input, &rows, &mut seen);
        Ok(self.judge(search, input, &seen, rows.more))
    }

    fn run<'a>(
        &'a self,
        _call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Found, Fault>> {
        Box::pin(async move {
            let Some(search) = &self.setup.raw.pencarian else {
                return Ok(Found::Unclear("no look-up is configured".into()));
            };
            let mut seen = Seen::default();
            let mut before: Option<Vec<Value>> = None;
            for page in 1..=self.setup.raw.halaman_maksimum {
                let Some(request) = self.page(search, input, page) else {
                    return Ok(Found::Unclear("the message names no source or ticket".into()));
                };
                let rows = envelope::rows(&out.send(request).await?)?;
                self.look(search, input, &rows, &mut seen);
                if !rows.more {
                    return Ok(self.judge(search, input, &seen, false));
                }
                if before.as_ref() == Some(&rows.items) {
                    break; // The system repeats a page: it has not shown us the rest.
                }
                before = Some(rows.items);
            }
            Ok(self.judge(search, input, &seen, true))
        })
    }
}
