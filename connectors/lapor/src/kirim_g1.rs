//! `pengaduan.kirim` in the first dialect: one report as XML. The token inside the document is the door's; this file
//! writes the place where it goes. Everything from the message is escaped, the identity of an anonymous reporter is
//! replaced by the city's own account.

mod xml;

use crate::complaints::Wrong;
use crate::kirim::{ByMarker, fields, receipt_with};
use crate::privacy::Protection;
use crate::redact::Redactor;
use crate::settings::{Desk, Setup};
use connector_sdk::{
    BODY_CREDENTIAL, Call, Fault, FaultKind, Landed, Lookup, NativeBody, NativeReply, NativeRequest, Operation,
    OperationSpec, RelativePath, Text,
};
use serde_json::Value;
use std::sync::Arc;
use xml::{element, escape};

/// The operation.
pub(crate) struct Push {
    spec: OperationSpec,
    setup: Arc<Setup>,
    desk: Desk,
    lookup: ByMarker,
}

impl Push {
    /// For one endpoint that speaks generation 1.
    pub(crate) fn new(setup: &Arc<Setup>, desk: &Desk) -> Self {
        // The first generation cannot be read, so there is nothing to follow.
        let spec = OperationSpec {
            follow: None,
            ..crate::kirim::spec()
        };
        Self {
            spec,
            setup: Arc::clone(setup),
            desk: desk.clone(),
            lookup: ByMarker::new(setup),
        }
    }

    fn reporter(&self, input: &Value, protection: Protection) -> String {
        let person = |field: &str| input.pointer(&format!("/pelapor/{field}")).and_then(Value::as_str);
        let known = person("nama").zip(person("email")).zip(person("telepon"));
        let (email, phone, first, last) = match known {
            Some(((name, email), phone)) if self.setup.raw.pelapor_baru && !protection.anonymous => {
                let (first, last) = name
                    .trim()
                    .split_once(char::is_whitespace)
                    .unwrap_or((name.trim(), "_"));
                (email, phone, first, last.trim())
            }
            _ => {
                let desk = &self.desk;
                (&*desk.email, &*desk.telepon, &*desk.nama_depan, &*desk.nama_belakang)
            }
        };
        format!(
            "<pelapor><email>{}</email><telpon>{}</telpon><namadepan>{}</namadepan><namabelakang>{}</namabelakang></pelapor>",
            escape(email),
            escape(phone),
            escape(first),
            escape(last)
        )
    }
}

impl Operation for Push {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let protection = Protection::of(input);
        let redactor = protection
            .anonymous
            .then(|| Redactor::of(input, &self.setup.raw.teks.samaran));
        let mut wrong = Wrong::default();
        let title = fields::title(&self.setup, input, redactor.as_ref(), &mut wrong);
        let text = fields::content(&self.setup, input, redactor.as_ref(), Some(&title), &mut wrong);
        let files = input
            .get("lampiran")
            .and_then(Value::as_array)
            .is_some_and(|files| !files.is_empty());
        if files && !self.setup.raw.kirim_tanpa_lampiran {
            wrong.add(
                "/lampiran",
                "Antarmuka lama SP4N-LAPOR! tidak menerima lampiran.",
                "The old SP4N-LAPOR! interface takes no attachments.",
            );
        }
        wrong.done()?;
        let flag = |set: bool| if set { "1" } else { "0" };
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lapor token=\"{BODY_CREDENTIAL}\">{}<laporan rahasia=\"{}\" anonim=\"{}\"><isi>{}</isi></laporan></lapor>",
            self.reporter(input, protection),
            flag(protection.secret),
            flag(protection.anonymous),
            escape(&text)
        );
        let body = NativeBody::Text {
            content_type: "text/xml; charset=UTF8".to_owned(),
            text: document,
        };
        Ok(NativeRequest::post(
            "dorong",
            RelativePath::of(&self.setup.raw.jalur.g1),
            body,
        ))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let text = String::from_utf8_lossy(&reply.body);
        if xml::root(&text) == Some("error") {
            let text = Text::new("SP4N-LAPOR! menolak laporan ini.", "SP4N-LAPOR! refused this report.");
            return Err(Fault::new(FaultKind::Rejected, text).native_code("g1-error"));
        }
        let id = element(&text, "trackingid")
            .ok_or_else(|| Fault::drift("an answer without `trackingid`").landed(Landed::Unknown))?;
        let mut receipt = receipt_with(&self.setup, input, &id, Some(id.clone()));
        let dropped = input
            .get("lampiran")
            .and_then(Value::as_array)
            .is_some_and(|files| !files.is_empty());
        if let (true, Some(fields)) = (dropped, receipt.as_object_mut()) {
            fields.insert(
                "catatan".to_owned(),
                Value::String(self.setup.raw.teks.tanpa_lampiran.clone()),
            );
        }
        Ok(receipt)
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&self.lookup)
    }
}

#[cfg(test)]
mod tests;
