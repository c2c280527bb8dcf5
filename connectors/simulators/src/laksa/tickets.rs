//! What LAKSA keeps: tickets with their status history, follow-ups that came in, answers of the agencies.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::status::Change;

/// A ticket.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Number.
    pub number: String,
    /// The complaint as filed, or the fields it was added with.
    pub complaint: Value,
    /// How it came: `aplikasi` (filed here), `lapor` (added by the gateway), `luar` (first seen by a status).
    pub origin: &'static str,
    /// LAPOR! report it belongs to, once known.
    pub lapor_id: Option<String>,
    /// Status now: `menunggu`, `proses`, `selesai`.
    pub status: String,
    /// Every status written, in order of arrival.
    pub history: Vec<Change>,
    /// Every follow-up written, in order of arrival.
    pub followups: Vec<ReceivedFollowup>,
}

/// A follow-up that the gateway brought.
#[derive(Debug, Clone)]
pub struct ReceivedFollowup {
    /// Id given by the sender, if any.
    pub id: String,
    /// Text.
    pub text: String,
    /// All fields as they arrived.
    pub fields: Value,
}

/// An agency's answer to a ticket, waiting to be fetched.
#[derive(Debug, Clone)]
pub struct OpdAnswer {
    /// Running number.
    pub id: u64,
    /// Ticket.
    pub ticket: String,
    /// Agency code.
    pub opd: String,
    /// Text.
    pub text: String,
    /// Status that goes with it.
    pub status: String,
    /// When.
    pub at: Timestamp,
}

impl Ticket {
    pub(super) fn new(number: &str, complaint: Value, origin: &'static str) -> Self {
        Self {
            number: number.to_owned(),
            complaint,
            origin,
            lapor_id: None,
            status: "menunggu".to_owned(),
            history: Vec::new(),
            followups: Vec::new(),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let followups: Vec<&Value> = self.followups.iter().map(|followup| &followup.fields).collect();
        json!({
            "tiket": self.number, "asal": self.origin, "status": self.status, "id_lapor": self.lapor_id,
            "riwayat": self.history.iter().map(Change::to_json).collect::<Vec<_>>(),
            "tindak_lanjut": followups, "pengaduan": self.complaint,
        })
    }
}

impl OpdAnswer {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "tiket": self.ticket, "kode_opd": self.opd, "isi": self.text, "status": self.status,
            "waktu": crate::frame::clock::jakarta(self.at, "%Y-%m-%dT%H:%M:%S+07:00"),
        })
    }
}
