//! Finds the ticket of a report among the tickets that came from LAPOR!.

use crate::fields::{id, text};
use crate::pages;
use crate::settings::Setup;
use connector_sdk::{BoxFuture, Call, Fault, Found, Lookup, NativeReply, NativeRequest, Outbound, RelativePath};
use serde_json::{Value, json};
use std::sync::Arc;

/// The look-up.
pub(super) struct ByReport {
    pub(super) setup: Arc<Setup>,
}

impl ByReport {
    fn page(&self, page: u32) -> NativeRequest {
        NativeRequest::get("cari", RelativePath::of(&self.setup.raw.jalur.daftar))
            .query("asal", "lapor")
            .query("halaman", page.to_string())
    }

    fn judge(input: &Value, rows: &[Value], complete: bool) -> Found {
        let wanted = text(input, "id_laporan");
        let ours = |row: &&Value| id(row, &["id_lapor", "complaint_id"]).as_deref() == wanted && wanted.is_some();
        match rows.iter().find(ours).map(|row| id(row, &["tiket", "ticket"])) {
            Some(Some(ticket)) => Found::Landed(json!({ "tiket": ticket })),
            Some(None) => Found::Unclear("the listed ticket has no number".into()),
            None if complete => Found::NotLanded,
            None => Found::Unclear("the list of tickets goes on beyond the pages read".into()),
        }
    }
}

impl Lookup for ByReport {
    fn request(&self, _call: &Call<'_>, _input: &Value) -> Option<NativeRequest> {
        Some(self.page(1))
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let rows = pages::rows(reply)?;
        Ok(Self::judge(input, &rows, rows.is_empty()))
    }

    fn run<'a>(
        &'a self,
        _call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Found, Fault>> {
        Box::pin(async move {
            let pages = pages::read_all(&self.setup, 1, usize::MAX, |page| self.page(page), out).await?;
            Ok(Self::judge(input, &pages.rows, pages.complete))
        })
    }
}
