//! `pengaduan.masuk.daftar`: reports disposed to the city, one native page per call. A report that came from the city
//! is recognised by our marker and flagged, so that nobody makes a second ticket of it.

use crate::envelope::{self, text};
use crate::kirim::reference;
use crate::marker::SOURCES;
use crate::pages::page_number;
use crate::settings::{Listing, Setup};
use crate::texts::plain;
use crate::times::rfc3339;
use connector_sdk::{
    Answer, Call, Effect, Fault, NativeReply, NativeRequest, Operation, OperationSpec, Paging, RelativePath, Text,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The operation; it exists only where the list is configured.
pub(crate) struct ListIncoming {
    spec: OperationSpec,
    setup: Arc<Setup>,
    listing: Listing,
}

impl ListIncoming {
    /// For one endpoint and its list.
    pub(crate) fn new(setup: &Arc<Setup>, listing: &Listing) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
            listing: listing.clone(),
        }
    }

    fn report(&self, item: &Value) -> Result<Value, Fault> {
        let id = text(item, &self.listing.bidang_id).ok_or_else(|| Fault::drift("a listed report without an id"))?;
        let content = item
            .get(&self.listing.bidang_isi)
            .and_then(Value::as_str)
            .map(plain)
            .unwrap_or_default();
        let title = item
            .get(&self.listing.bidang_judul)
            .and_then(Value::as_str)
            .map(plain)
            .unwrap_or_default();
        let (code, name) = (text(item, "status_code"), text(item, "status_name"));
        let time = item.get(&self.listing.bidang_waktu).and_then(Value::as_str);
        let moment = time.and_then(|time| self.setup.zone.moment(time));
        let origin = self.setup.marker.read(&content);
        let protected = |flag: &str| {
            !item
                .get(flag)
                .is_some_and(|value| value == &json!(false) || value == &json!(0))
        };
        let mut report = Map::new();
        report.insert("id_laporan".to_owned(), json!(id));
        report.insert("asal_kota".to_owned(), json!(origin.is_some()));
        if let Some(origin) = origin {
            report.insert("tiket".to_owned(), json!(origin.ticket));
            if SOURCES.contains(&origin.source.as_str()) {
                report.insert("sumber".to_owned(), json!(origin.source));
            }
        }
        report.insert("judul".to_owned(), json!(title));
        report.insert("isi".to_owned(), json!(content));
        report.insert("anonim".to_owned(), json!(protected("is_anonymous")));
        report.insert("rahasia".to_owned(), json!(protected("is_secret")));
        let status = self.setup.statuses.canonical(name.as_deref(), code.as_deref());
        report.insert("status".to_owned(), json!(status.word()));
        report.insert("status_asli".to_owned(), json!({ "kode": code, "nama": name }));
        report.insert("dibuat_pada".to_owned(), json!(moment.as_ref().map(rfc3339)));
        report.insert(
            "lapor".to_owned(),
            reference(&self.setup, &id, text(item, "tracking_id")),
        );
        Ok(Value::Object(report))
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "pengaduan.masuk.daftar".into(),
        summary: Text::new(
            "Membaca laporan SP4N-LAPOR! yang didisposisikan ke kota.",
            "Reads the SP4N-LAPOR! reports disposed to the city.",
        ),
        request_schema: "urn:simpul:skema:daftar_kunci:1".into(),
        reply_schema: "urn:simpul:skema:pengaduan_masuk_daftar:1".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 30_000,
        paging: Paging::Number,
        follow: None,
    }
}

impl Operation for ListIncoming {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let page = page_number(input)?;
        let own = self.setup.raw.instansi_sendiri.text();
        let mut request = crate::wire::get("masuk", RelativePath::of(&self.listing.jalur));
        for (name, value) in &self.listing.tambahan {
            request = request.query(name.as_str(), value.replace("{instansi}", own));
        }
        Ok(request.query(self.listing.parameter_halaman.as_str(), page.to_string()))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let rows = envelope::rows(reply)?;
        let reports = rows
            .items
            .iter()
            .map(|item| self.report(item))
            .collect::<Result<Vec<_>, _>>()?;
        let next = if rows.more {
            page_number(input)?.checked_add(1)
        } else {
            None
        };
        Ok(json!({ "butir": reports, "halaman_berikut": next.map(|page| page.to_string()) }))
    }
}

#[cfg(test)]
mod tests;
