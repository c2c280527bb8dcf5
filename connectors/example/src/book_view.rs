//! `perpustakaan.buku.lihat`: one book by ISBN. `GET /buku?kode=`.

use crate::envelope;
use crate::settings::Books;
use connector_sdk::{
    Answer, Call, Effect, Fault, NativeReply, NativeRequest, Operation, OperationSpec, Paging, RelativePath, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Canonical id.
pub(crate) const ID: &str = "perpustakaan.buku.lihat";

/// The declaration; the descriptor holds the same.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: ID.into(),
        summary: Text::new(
            "Melihat satu buku dan jumlah eksemplar yang tersedia.",
            "Shows one book and how many copies are on the shelf.",
        ),
        request_schema: "urn:simpul:skema:perpustakaan_buku_kunci:1".into(),
        reply_schema: "urn:simpul:skema:perpustakaan_buku:1".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 5_000,
        paging: Paging::None,
        follow: None,
    }
}

/// The translation.
pub(crate) struct BookView {
    spec: OperationSpec,
    books: Arc<Books>,
}

impl BookView {
    pub(crate) fn new(books: Arc<Books>) -> Self {
        Self { spec: spec(), books }
    }
}

impl Operation for BookView {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let isbn = input["isbn"].as_str().unwrap_or_default();
        let code = self.books.code(isbn)?;
        Ok(NativeRequest::get("lihat", RelativePath::of("buku")).query("kode", code))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let book = envelope::content(reply)?;
        let isbn = input["isbn"].as_str().unwrap_or_default();
        // An answer about another book than the one asked for must not pass as the right one.
        if envelope::text(&book, "kode")? != self.books.code(isbn)? {
            return Err(Fault::drift("`isi.kode` is another book"));
        }
        let copies = book["tersedia"]
            .as_u64()
            .ok_or_else(|| Fault::drift("`isi.tersedia` is not a count"))?;
        Ok(json!({"isbn": isbn, "judul": envelope::text(&book, "judul")?, "tersedia": copies}))
    }
}
