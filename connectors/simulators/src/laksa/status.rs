//! Status write-back: checked, kept in order of arrival, and judged.
//!
//! LAKSA itself takes whatever comes; the flags say what a careful sender would not have sent.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::Laksa;
use super::read::{Refusal, id, text};
use super::tickets::Ticket;
use crate::frame::{Answer, Request};

/// Names under which a LAPOR! report id may stand inside `lapor`.
pub(super) const LAPOR_IDS: [&str; 4] = ["complaint_id", "id_laporan", "id_pengaduan", "id"];

const STATUSES: [&str; 3] = ["menunggu", "proses", "selesai"];

/// One status as it was written.
#[derive(Debug, Clone)]
pub struct Change {
    /// `menunggu`, `proses` or `selesai`.
    pub status: String,
    /// The finer, canonical status.
    pub detail: String,
    /// When it happened, as the sender says.
    pub occurred_at: Timestamp,
    /// All fields as they arrived.
    pub fields: Value,
    /// What is odd about it.
    pub flags: Flags,
}

/// What is odd about a written status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Flags {
    /// The same status, detail and time were written before.
    pub repeated: bool,
    /// A step back (other than from `selesai` to `proses`).
    pub regression: bool,
    /// From `selesai` back to `proses`, which is allowed.
    pub reopened: bool,
    /// It happened before the one written last.
    pub out_of_order: bool,
}

impl Change {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "status": self.status, "status_rinci": self.detail, "waktu": self.occurred_at.to_string(),
            "isian": self.fields, "tanda": self.flags,
        })
    }
}

impl Laksa {
    pub(super) fn write_status(&mut self, request: &Request) -> Result<Answer, Refusal> {
        let fields = self.fields(request)?;
        let missing = |name: &str| (422, format!("{name} wajib diisi"));
        let number = text(&fields, &["tiket", "ticket"])
            .ok_or_else(|| missing("tiket"))?
            .to_owned();
        let status = text(&fields, &["status"]).ok_or_else(|| missing("status"))?.to_owned();
        if !STATUSES.contains(&status.as_str()) {
            return Err((422, format!("status {status} tidak dikenal")));
        }
        let detail = text(&fields, &["status_rinci", "detail_status"])
            .unwrap_or_default()
            .to_owned();
        let occurred =
            text(&fields, &["terjadi_pada", "occurred_at", "waktu"]).ok_or_else(|| missing("terjadi_pada"))?;
        let occurred_at: Timestamp = occurred
            .parse()
            .map_err(|_| (422, "terjadi_pada harus RFC 3339 dengan zona".to_owned()))?;
        let lapor_id = id(&fields["lapor"], &LAPOR_IDS);

        if !self.tickets.contains_key(&number) && !self.options.accept_unknown_tickets {
            return Err((404, format!("tiket {number} tidak ditemukan")));
        }
        let ticket = self
            .tickets
            .entry(number.clone())
            .or_insert_with(|| Ticket::new(&number, Value::Null, "luar"));
        let flags = judge(ticket, &status, &detail, occurred_at);
        ticket.status.clone_from(&status);
        if lapor_id.is_some() {
            ticket.lapor_id = lapor_id;
        }
        ticket.history.push(Change {
            status: status.clone(),
            detail,
            occurred_at,
            fields,
            flags,
        });
        let counts = &mut self.counts;
        counts.statuses += 1;
        counts.repeated += u64::from(flags.repeated);
        counts.regressions += u64::from(flags.regression);
        counts.reopened += u64::from(flags.reopened);
        counts.out_of_order += u64::from(flags.out_of_order);
        Ok(self.rows("Status tersimpan", &[json!({"tiket": number, "status": status})]))
    }
}

fn judge(ticket: &Ticket, status: &str, detail: &str, at: Timestamp) -> Flags {
    let rank = |status: &str| STATUSES.iter().position(|known| *known == status);
    let same = |old: &Change| old.status == status && old.detail == detail && old.occurred_at == at;
    let repeated = ticket.history.iter().any(same);
    let back = rank(status) < rank(&ticket.status);
    let reopened = back && ticket.status == "selesai" && status == "proses";
    let latest = ticket.history.last().map(|change| change.occurred_at);
    Flags {
        repeated,
        regression: back && !reopened,
        reopened,
        out_of_order: !repeated && latest.is_some_and(|latest| at < latest),
    }
}
