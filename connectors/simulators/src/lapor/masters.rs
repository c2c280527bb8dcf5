//! Master lists: institutions, reply templates, and the three whose real paths are not public.

use serde_json::{Value, json};

use super::detail::template_text;
use super::{Lapor, success};
use crate::frame::{Answer, Fault, Request};

impl Lapor {
    pub(super) fn master(&self, name: &str, request: &Request, twists: &[Fault]) -> Answer {
        let masters = &self.options.masters;
        let named = match name {
            "institutions" => &masters.institutions,
            "categories" => &masters.categories,
            "classifications" => &masters.classifications,
            "locations" => &masters.locations,
            _ => return self.templates(request, twists),
        };
        let rows: Vec<Value> = named.iter().map(|row| json!(row)).collect();
        self.rows(&rows, request, twists)
    }

    fn templates(&self, request: &Request, twists: &[Fault]) -> Answer {
        let row = |code: &String| json!({"template_code": code, "title": code.replace('_', " "), "type": "followup", "content": template_text(code)});
        let rows: Vec<Value> = self.options.masters.templates.iter().map(row).collect();
        self.rows(&rows, request, twists)
    }

    fn rows(&self, rows: &[Value], request: &Request, twists: &[Fault]) -> Answer {
        let page = request.page("page");
        let size = request
            .param("page_size")
            .and_then(|text| text.parse().ok())
            .unwrap_or(self.options.page_size);
        let (shown, more) = crate::frame::page(rows, page, size, twists);
        let next = more.then(|| self.next_page_url(&request.path, &request.query, page + 1));
        success(&json!({"data": shown, "current_page": page, "next_page_url": next}))
    }
}
