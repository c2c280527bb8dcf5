//! The first generation: one report as XML, the token inside the document, the answer in XML.

use serde_json::{Map, json};

use super::Lapor;
use crate::frame::xml::{self, Element};
use crate::frame::{Answer, Fault, Request};

const REPORTER: [&str; 4] = ["email", "telpon", "namadepan", "namabelakang"];

impl Lapor {
    pub(super) fn addstream(&mut self, request: &Request, twists: &[Fault]) -> Answer {
        match self.read_stream(request) {
            Ok(fields) => {
                self.counts.pushed += 1;
                let id = self.store(fields, 0, Vec::new(), "g1");
                let tracking = match twists.contains(&Fault::CreatedWithoutId) {
                    true => String::new(),
                    false => format!(
                        "<trackingid>{id}</trackingid><transaksiid>{}</transaksiid>",
                        id + 100_000_000
                    ),
                };
                Answer::xml(
                    200,
                    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lapor>{tracking}</lapor>"),
                )
            }
            Err((status, complaint)) => {
                let complaint = xml::escape(&complaint);
                Answer::xml(
                    status,
                    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<error>{complaint}</error>"),
                )
            }
        }
    }

    fn read_stream(&self, request: &Request) -> Result<Map<String, serde_json::Value>, (u16, String)> {
        if request.media_type() != "text/xml" {
            return Err((415, "Content-Type harus text/xml".to_owned()));
        }
        let document = std::str::from_utf8(&request.body).map_err(|_| (400, "bukan UTF-8".to_owned()))?;
        let root = xml::parse(document).map_err(|complaint| (400, complaint))?;
        if root.name != "lapor" {
            return Err((400, format!("akar <{}> bukan <lapor>", root.name)));
        }
        if root.attribute("token") != Some(self.options.push_token.as_str()) {
            return Err((401, "token salah".to_owned()));
        }
        let reporter = root.child("pelapor").ok_or((422, "pelapor tidak ada".to_owned()))?;
        let report = root.child("laporan").ok_or((422, "laporan tidak ada".to_owned()))?;
        let mut fields = Map::new();
        for name in REPORTER {
            let value = reporter
                .child(name)
                .map(|element| element.text.trim())
                .unwrap_or_default();
            if value.is_empty() {
                return Err((422, format!("{name} wajib diisi")));
            }
            fields.insert(name.to_owned(), json!(value));
        }
        fields.insert("is_secret".to_owned(), json!(flag(report, "rahasia")?));
        fields.insert("is_anonymous".to_owned(), json!(flag(report, "anonim")?));
        let text = report
            .child("isi")
            .map(|element| element.text.as_str())
            .unwrap_or_default();
        if text.trim().is_empty() {
            return Err((422, "isi wajib diisi".to_owned()));
        }
        fields.insert("content".to_owned(), json!(text));
        Ok(fields)
    }
}

fn flag(report: &Element, name: &str) -> Result<bool, (u16, String)> {
    match report.attribute(name) {
        Some("0") => Ok(false),
        Some("1") => Ok(true),
        _ => Err((422, format!("{name} harus 0 atau 1"))),
    }
}
