//! Requests for access: a consumer, what it wants to call, for which purpose, on which legal basis; a person decides; the key
//! is shown once. They live in the journal as documents, and one that is approved is laid over the configuration on every
//! node, as a registered connector is.
//!
//! Called by the public port (`crate::http`), where applicants ask and fetch their key, and by the operator port, where
//! another person decides.

mod lay;
mod store;

pub(crate) use lay::{WHOLE, file, key, lay};
pub use store::{KIND, Read, all, one, put};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who may ask without being known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Newcomers {
    /// Nobody.
    #[default]
    Closed,
    /// Anybody, within bounds; a person decides.
    Asked,
    /// Anybody, and gets a key at once: sandboxes only.
    AtOnce,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for a person.
    Diajukan,
    /// In force.
    Disetujui,
    /// Refused.
    Ditolak,
    /// Was in force.
    Dicabut,
}

impl State {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Diajukan => "diajukan",
            Self::Disetujui => "disetujui",
            Self::Ditolak => "ditolak",
            Self::Dicabut => "dicabut",
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Asked for.
    Ajukan,
    /// Approved.
    Setujui,
    /// Refused.
    Tolak,
    /// Taken back.
    Cabut,
    /// The key was fetched.
    Ambil,
}

impl Verb {
    /// A decision by the word in an address.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "setujui" => Some(Self::Setujui),
            "tolak" => Some(Self::Tolak),
            "cabut" => Some(Self::Cabut),
            _ => None,
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What.
    pub tindakan: Verb,
    /// By whom.
    pub oleh: String,
    /// When.
    pub pada: Timestamp,
    /// Why.
    pub alasan: String,
}

/// A request and its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Id.
    pub id: String,
    /// Consumer, known or wished for.
    pub konsumen: String,
    /// Name of the consumer's system; only of a newcomer.
    pub nama: Option<String>,
    /// Who asks and how to reach them, sealed, base64; only of a newcomer.
    pub pemohon: Option<String>,
    /// Operations and events.
    pub operasi: Vec<String>,
    /// Purpose.
    pub tujuan: String,
    /// Legal basis.
    pub dasar_hukum: String,
    /// Agreement; must stand before it is approved.
    pub perjanjian: Option<String>,
    /// Last day it holds, as configuration writes it.
    pub berlaku_sampai: Option<String>,
    /// Calls per minute.
    pub per_menit: Option<u32>,
    /// State.
    pub keadaan: State,
    /// Hex SHA-256 of what a newcomer shows to fetch the key.
    pub rahasia: Option<String>,
    /// Public part of the key, once it was fetched.
    pub kunci: Option<String>,
    /// Everything that was done, the newest last.
    pub langkah: Vec<Step>,
}

/// Why a step is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The state does not allow it.
    State,
    /// Whoever asked may not approve.
    SamePerson,
    /// No agreement is named.
    Agreement,
}

impl Access {
    /// Takes a decision.
    ///
    /// # Errors
    /// When its state, the person or a missing agreement does not allow it.
    pub fn decide(&mut self, verb: Verb, by: &str, reason: &str, now: Timestamp) -> Result<(), Refused> {
        let next = match (verb, self.keadaan) {
            (Verb::Setujui, State::Diajukan) => State::Disetujui,
            (Verb::Tolak, State::Diajukan) => State::Ditolak,
            (Verb::Cabut, State::Disetujui) => State::Dicabut,
            _ => return Err(Refused::State),
        };
        if verb == Verb::Setujui {
            if self.makers().any(|maker| maker == by) {
                return Err(Refused::SamePerson);
            }
            if self.perjanjian.is_none() {
                return Err(Refused::Agreement);
            }
        }
        self.keadaan = next;
        self.langkah.push(Step {
            tindakan: verb,
            oleh: by.to_owned(),
            pada: now,
            alasan: reason.to_owned(),
        });
        Ok(())
    }

    /// The key was handed out.
    pub fn fetched(&mut self, prefix: &str, now: Timestamp) {
        self.kunci = Some(prefix.to_owned());
        self.langkah.push(Step {
            tindakan: Verb::Ambil,
            oleh: self.konsumen.clone(),
            pada: now,
            alasan: "kunci diambil".to_owned(),
        });
    }

    /// Whether it was asked for by somebody who is no consumer yet.
    pub fn is_newcomer(&self) -> bool {
        self.nama.is_some()
    }

    /// When it was asked for.
    pub fn asked_at(&self) -> Option<Timestamp> {
        self.langkah.first().map(|step| step.pada)
    }

    fn makers(&self) -> impl Iterator<Item = &str> {
        let made = self.langkah.iter().filter(|step| step.tindakan == Verb::Ajukan);
        made.map(|step| step.oleh.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(agreement: Option<&str>) -> Access {
        Access {
            id: "1".into(),
            konsumen: "opd-baru".into(),
            nama: Some("Aplikasi baru".into()),
            pemohon: None,
            operasi: vec!["a.b".into()],
            tujuan: "uji".into(),
            dasar_hukum: "uji".into(),
            perjanjian: agreement.map(str::to_owned),
            berlaku_sampai: None,
            per_menit: None,
            keadaan: State::Diajukan,
            rahasia: None,
            kunci: None,
            langkah: vec![Step {
                tindakan: Verb::Ajukan,
                oleh: "Satu".into(),
                pada: Timestamp::UNIX_EPOCH,
                alasan: "uji".into(),
            }],
        }
    }

    #[test]
    fn another_person_decides_once_and_with_an_agreement() {
        let now = Timestamp::UNIX_EPOCH;
        let mut one = asked(None);
        assert_eq!(one.decide(Verb::Setujui, "Satu", "x", now), Err(Refused::SamePerson));
        assert_eq!(one.decide(Verb::Setujui, "Dua", "x", now), Err(Refused::Agreement));
        one.perjanjian = Some("PKS-1".into());
        one.decide(Verb::Setujui, "Dua", "x", now).unwrap();
        assert_eq!(one.decide(Verb::Tolak, "Dua", "x", now), Err(Refused::State));
        one.decide(Verb::Cabut, "Satu", "x", now).unwrap();
        assert_eq!(one.decide(Verb::Setujui, "Dua", "x", now), Err(Refused::State));
    }
}
