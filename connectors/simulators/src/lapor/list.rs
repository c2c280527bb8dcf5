//! The report list: look-up by reference text, and the reports disposed to an institution.
//!
//! That the real service has such a list is certain; its path and parameters are not public, so the path is an option.

use serde_json::{Value, json};

use super::report::Report;
use super::{Lapor, render, success};
use crate::frame::{Answer, Fault, Request};

impl Lapor {
    pub(super) fn list(&self, request: &Request, twists: &[Fault]) -> Answer {
        let search = request.param("search").filter(|text| !text.is_empty());
        let disposition = request
            .param("disposition_id")
            .and_then(|text| text.parse::<u64>().ok());
        let wanted = |report: &&Report| {
            let found = search.as_deref().is_none_or(|text| {
                report.text("content").contains(text)
                    || report.text("title").contains(text)
                    || report.id.to_string() == text
            });
            !report.deleted && found && disposition.is_none_or(|id| id == report.disposition_id)
        };
        // Newest first, as lists in such services are.
        let reports: Vec<&Report> = self.reports.values().rev().filter(wanted).collect();
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
}
