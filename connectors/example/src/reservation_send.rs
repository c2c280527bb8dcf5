//! `perpustakaan.reservasi.kirim`: reserves a book for a member. `POST /reservasi`.
//!
//! The library recognises `nomor_permintaan`: the same number again gives the same reservation. The gateway's reference
//! goes there, since it stays the same over all attempts; so the operation is `Replay::Native` and safe to repeat.

use crate::envelope;
use crate::settings::Books;
use connector_sdk::{
    Answer, Call, Effect, Fault, Landed, NativeBody, NativeReply, NativeRequest, Operation, OperationSpec, Paging,
    RelativePath, Replay, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Canonical id.
pub(crate) const ID: &str = "perpustakaan.reservasi.kirim";

/// The declaration; the descriptor holds the same.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: ID.into(),
        summary: Text::new(
            "Memesan satu buku untuk anggota perpustakaan.",
            "Reserves one book for a library member.",
        ),
        request_schema: "urn:simpul:skema:perpustakaan_reservasi_masukan:1".into(),
        reply_schema: "urn:simpul:skema:perpustakaan_reservasi:1".into(),
        effect: Effect::Write { replay: Replay::Native },
        answer: Answer::Immediate,
        reference: vec!["/rujukan".into()],
        ordering: Vec::new(),
        deadline_ms: 10_000,
        paging: Paging::None,
        follow: None,
    }
}

/// The translation.
pub(crate) struct ReservationSend {
    spec: OperationSpec,
    books: Arc<Books>,
}

impl ReservationSend {
    pub(crate) fn new(books: Arc<Books>) -> Self {
        Self { spec: spec(), books }
    }
}

impl Operation for ReservationSend {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let body = json!({
            "nomor_permintaan": call.reference,
            "kode_buku": self.books.code(input["isbn"].as_str().unwrap_or_default())?,
            "nomor_anggota": input["nomor_anggota"],
        });
        Ok(NativeRequest::post(
            "pesan",
            RelativePath::of("reservasi"),
            NativeBody::Json(body),
        ))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        // The library said yes: whatever is missing now, the reservation may well be there.
        self.translate(input, reply)
            .map_err(|fault| fault.landed(Landed::Unknown))
    }
}

impl ReservationSend {
    fn translate(&self, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let reservation = envelope::content(reply)?;
        let isbn = input["isbn"].as_str().unwrap_or_default();
        if envelope::text(&reservation, "kode_buku")? != self.books.code(isbn)? {
            return Err(Fault::drift("`isi.kode_buku` is another book"));
        }
        Ok(json!({
            "id": envelope::text(&reservation, "nomor_reservasi")?,
            "rujukan": input["rujukan"],
            "isbn": isbn,
            "status_reservasi": status(envelope::text(&reservation, "status")?),
        }))
    }
}

/// A word the library has never used before is said to be unknown; a consumer must not be told a guess.
fn status(native: &str) -> &'static str {
    match native {
        "dipesan" => "menunggu",
        "siap" => "siap_diambil",
        "diambil" => "diambil",
        "batal" => "batal",
        _ => "tidak_dikenal",
    }
}
