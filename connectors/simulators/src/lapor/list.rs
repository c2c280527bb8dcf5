//! The report list: look-up by reference text, and the reports disposed to an institution.
//!
//! That the real service has such a list is certain; its path and parameters are not public, so the path is an option.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::report::{Report, reference};
use super::{Lapor, render, success};
use crate::frame::{Answer, Fault, Request};

impl Lapor {
    pub(super) fn list(&self, request: &Request, twists: &[Fault]) -> Answer {
        let disposition = request
            .param("disposition_id")
            .and_then(|text| text.parse::<u64>().ok());
        let newest = self.clock.now() - SignedDuration::from_secs(self.options.list_lag_seconds);
        let reports: Vec<&Report> = self
            .found(request)
            .into_iter()
            .filter(|report| !report.deleted && report.created_at <= newest)
            .filter(|report| disposition.is_none_or(|id| id == report.disposition_id))
            .collect();
        let page = request.page("page");
        let size = request
            .param("page_size")
            .and_then(|text| text.parse().ok())
            .unwrap_or(self.options.page_size);
        let (shown, more) = crate::frame::page(&reports, page, size, twists);
        let rows: Vec<Value> = shown.iter().map(|report| render::list_row(self, report)).collect();
        let next = more.then(|| self.next_page_url(&request.path, &request.query, page + 1));
        success(&json!({"data": rows, "current_page": page, "total": reports.len(), "next_page_url": next}))
    }

    /// What `search` finds, newest first: any text of title or content, so `LAKSA-1` finds `LAKSA-12` as well.
    fn found(&self, request: &Request) -> Vec<&Report> {
        let Some(text) = request.param("search").filter(|text| !text.is_empty()) else {
            return self.reports.values().rev().collect();
        };
        // A whole bracket can only be found in the reports of that reference: no need to read every text.
        if let Some(reference) = reference(&text).filter(|reference| text == format!("[Ref {reference}]")) {
            return self.find(&reference).into_iter().rev().collect();
        }
        let id = text.parse::<u64>().ok();
        let holds = |report: &&Report| {
            id == Some(report.id) || report.text("content").contains(&text) || report.text("title").contains(&text)
        };
        self.reports.values().rev().filter(holds).collect()
    }
}
