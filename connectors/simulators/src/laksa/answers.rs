//! The other endpoints: tickets added from LAPOR!, follow-ups brought back, lists, agencies' answers, files.

use serde_json::{Value, json};

use super::Laksa;
use super::read::{Refusal, id, text};
use super::status::LAPOR_IDS;
use super::tickets::{OpdAnswer, ReceivedFollowup, Ticket};
use crate::frame::{Answer, Fault, Request};

impl Laksa {
    /// A report from LAPOR! becomes a ticket. Not idempotent: the same report twice is two tickets, and counted.
    pub(super) fn add(&mut self, request: &Request, twists: &[Fault]) -> Result<Answer, Refusal> {
        let fields = self.fields(request)?;
        let missing = |name: &str| (422, format!("{name} wajib diisi"));
        let lapor_id = id(&fields, &["id_lapor", "lapor_id", "complaint_id"])
            .or_else(|| id(&fields["lapor"], &LAPOR_IDS))
            .ok_or_else(|| missing("id_lapor"))?;
        text(&fields, &["judul", "title"]).ok_or_else(|| missing("judul"))?;
        text(&fields, &["isi", "body"]).ok_or_else(|| missing("isi"))?;
        self.counts.added += 1;
        *self.added.entry(lapor_id.clone()).or_default() += 1;
        let number = format!("LAKSA-L-{:06}", self.counts.added);
        let mut ticket = Ticket::new(&number, fields, "lapor");
        ticket.lapor_id = Some(lapor_id);
        self.tickets.insert(number.clone(), ticket);
        let row = match twists.contains(&Fault::CreatedWithoutId) {
            true => json!({}),
            false => json!({ "tiket": number }),
        };
        Ok(self.rows("Tiket dibuat", &[row]))
    }

    pub(super) fn write_followup(&mut self, request: &Request) -> Result<Answer, Refusal> {
        let fields = self.fields(request)?;
        let missing = |name: &str| (422, format!("{name} wajib diisi"));
        let number = text(&fields, &["tiket", "ticket"])
            .ok_or_else(|| missing("tiket"))?
            .to_owned();
        let content = text(&fields, &["isi", "content", "body"])
            .ok_or_else(|| missing("isi"))?
            .to_owned();
        let followup_id = id(&fields, &["id_tindak_lanjut", "id"]).unwrap_or_default();
        if !self.tickets.contains_key(&number) && !self.options.accept_unknown_tickets {
            return Err((404, format!("tiket {number} tidak ditemukan")));
        }
        let ticket = self
            .tickets
            .entry(number.clone())
            .or_insert_with(|| Ticket::new(&number, Value::Null, "luar"));
        let same = |old: &ReceivedFollowup| match followup_id.is_empty() {
            true => old.text == content,
            false => old.id == followup_id,
        };
        self.counts.followups_repeated += u64::from(ticket.followups.iter().any(same));
        ticket.followups.push(ReceivedFollowup {
            id: followup_id,
            text: content,
            fields,
        });
        self.counts.followups += 1;
        Ok(self.rows("Tindak lanjut tersimpan", &[json!({ "tiket": number })]))
    }

    pub(super) fn detail(&self, request: &Request) -> Result<Answer, Refusal> {
        let number = request.param("tiket").unwrap_or_default();
        match self.tickets.get(&number) {
            Some(ticket) => Ok(self.rows("OK", &[ticket.to_json()])),
            None => Err((404, format!("tiket {number} tidak ditemukan"))),
        }
    }

    /// Tickets by number, LAPOR! id, status and origin, in pages.
    pub(super) fn list(&self, request: &Request, twists: &[Fault]) -> Answer {
        let (status, origin) = (request.param("status"), request.param("asal"));
        let (number, lapor_id) = (request.param("tiket"), request.param("id_lapor"));
        let found = self.tickets.values().filter(|ticket| {
            status.as_ref().is_none_or(|status| *status == ticket.status)
                && number.as_ref().is_none_or(|number| *number == ticket.number)
                && (lapor_id.is_none() || lapor_id == ticket.lapor_id)
                && origin.as_ref().is_none_or(|origin| origin == ticket.origin)
        });
        let rows: Vec<Value> = found.map(Ticket::to_json).collect();
        self.page(&rows, request, twists)
    }

    /// Agencies' answers after a number (`sejak`), oldest first, in pages.
    pub(super) fn list_answers(&self, request: &Request, twists: &[Fault]) -> Answer {
        let since = request.param("sejak").and_then(|text| text.parse().ok()).unwrap_or(0);
        let number = request.param("tiket");
        let found = self
            .answers
            .iter()
            .filter(|answer| answer.id > since && number.as_ref().is_none_or(|number| *number == answer.ticket));
        let rows: Vec<Value> = found.map(OpdAnswer::to_json).collect();
        self.page(&rows, request, twists)
    }

    pub(super) fn file(&self, request: &Request) -> Result<Answer, Refusal> {
        let name = request.param("id").unwrap_or_default();
        match self.files.get(&name) {
            Some((media_type, body)) => Ok(Answer::bytes(200, media_type, body.clone())),
            None => Err((404, format!("lampiran {name} tidak ditemukan"))),
        }
    }

    /// One page; a page beyond the last is empty.
    fn page(&self, rows: &[Value], request: &Request, twists: &[Fault]) -> Answer {
        let (shown, _) = crate::frame::page(rows, request.page("halaman"), self.options.page_size, twists);
        self.rows("OK", &shown)
    }
}
