//! One version of one manifest and its life: Draf → Diajukan → Disetujui → Aktif → Ditangguhkan → Dicabut.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Registered; its author may replace it.
    Draf,
    /// Waits for a second person.
    Diajukan,
    /// May be put in force.
    Disetujui,
    /// In force.
    Aktif,
    /// Was in force and may be again.
    Ditangguhkan,
    /// Never again.
    Dicabut,
}

/// What a person does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Registers a draft.
    Daftarkan,
    /// Submits it.
    Ajukan,
    /// Gives it back to its author.
    Kembalikan,
    /// Approves it.
    Setujui,
    /// Puts it in force.
    Aktifkan,
    /// Gives it a share beside the version in force.
    Alihkan,
    /// Takes it out of force.
    Tangguhkan,
    /// Ends it.
    Cabut,
}

impl Verb {
    /// By the word in an address.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "ajukan" => Self::Ajukan,
            "kembalikan" => Self::Kembalikan,
            "setujui" => Self::Setujui,
            "aktifkan" => Self::Aktifkan,
            "alihkan" => Self::Alihkan,
            "tangguhkan" => Self::Tangguhkan,
            "cabut" => Self::Cabut,
            _ => return None,
        })
    }
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was done.
    pub tindakan: Verb,
    /// By whom.
    pub oleh: String,
    /// When.
    pub pada: Timestamp,
    /// Why.
    pub alasan: String,
}

/// What a version takes of its system's exchanges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Share {
    /// Of a hundred exchanges so many.
    pub persen: u8,
    /// All exchanges of these consumers.
    pub konsumen: BTreeSet<String>,
}

impl Share {
    /// Whether it takes something and not more than there is.
    pub fn is_sound(&self) -> bool {
        self.persen <= 100 && (self.persen > 0 || !self.konsumen.is_empty())
    }
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// System.
    pub sistem: String,
    /// Version.
    pub versi: u32,
    /// State.
    pub keadaan: State,
    /// What it takes beside the version in force; none: everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bagian: Option<Share>,
    /// The manifest as it was sent.
    pub teks: String,
    /// Everything that was decided, the newest last.
    pub langkah: Vec<Step>,
}

/// Why a step is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The state does not allow it.
    State(State),
    /// Whoever wrote or submitted it may not approve it.
    SamePerson,
}

impl Entry {
    /// A draft.
    pub fn draft(system: &str, version: u32, text: String, by: &str, reason: &str, now: Timestamp) -> Self {
        let step = Step {
            tindakan: Verb::Daftarkan,
            oleh: by.to_owned(),
            pada: now,
            alasan: reason.to_owned(),
        };
        Self {
            sistem: system.to_owned(),
            versi: version,
            keadaan: State::Draf,
            bagian: None,
            teks: text,
            langkah: vec![step],
        }
    }

    /// `{system}@{version}`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.sistem, self.versi)
    }

    /// Takes a step.
    ///
    /// # Errors
    /// When its state or the person does not allow it.
    pub fn step(&mut self, verb: Verb, by: &str, reason: &str, now: Timestamp) -> Result<(), Refused> {
        let next = match (verb, self.keadaan) {
            (Verb::Daftarkan, State::Draf) => State::Draf,
            (Verb::Ajukan, State::Draf) => State::Diajukan,
            (Verb::Kembalikan, State::Diajukan | State::Disetujui) => State::Draf,
            (Verb::Setujui, State::Diajukan) => State::Disetujui,
            (Verb::Aktifkan | Verb::Alihkan, State::Disetujui | State::Ditangguhkan) => State::Aktif,
            // From a share to everything, or to another share; never from everything to a share.
            (Verb::Aktifkan | Verb::Alihkan, State::Aktif) if self.bagian.is_some() => State::Aktif,
            (Verb::Tangguhkan, State::Aktif) => State::Ditangguhkan,
            (Verb::Cabut, State::Draf | State::Diajukan | State::Disetujui | State::Aktif | State::Ditangguhkan) => {
                State::Dicabut
            }
            (_, state) => return Err(Refused::State(state)),
        };
        if verb == Verb::Setujui && self.makers().any(|maker| maker == by) {
            return Err(Refused::SamePerson);
        }
        self.keadaan = next;
        self.bagian = None;
        self.langkah.push(Step {
            tindakan: verb,
            oleh: by.to_owned(),
            pada: now,
            alasan: reason.to_owned(),
        });
        Ok(())
    }

    /// Id of the system that carries its share beside the version in force.
    pub fn beside(&self) -> String {
        format!("{}.v{}", self.sistem, self.versi)
    }

    /// In force for everything that its share does not leave to another.
    pub fn is_whole(&self) -> bool {
        self.keadaan == State::Aktif && self.bagian.is_none()
    }

    /// Whoever wrote or submitted it.
    fn makers(&self) -> impl Iterator<Item = &str> {
        let made = |step: &&Step| matches!(step.tindakan, Verb::Daftarkan | Verb::Ajukan);
        self.langkah.iter().filter(made).map(|step| step.oleh.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry::draft("angkut", 1, String::new(), "Satu", "baru", Timestamp::UNIX_EPOCH)
    }

    fn take(entry: &mut Entry, verb: Verb, by: &str) -> Result<(), Refused> {
        entry.step(verb, by, "uji", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn maker_cannot_approve_and_each_step_has_a_name() {
        let mut one = entry();
        assert_eq!(take(&mut one, Verb::Aktifkan, "Dua"), Err(Refused::State(State::Draf)));
        take(&mut one, Verb::Ajukan, "Tiga").unwrap();
        for maker in ["Satu", "Tiga"] {
            assert_eq!(take(&mut one, Verb::Setujui, maker), Err(Refused::SamePerson));
        }
        take(&mut one, Verb::Setujui, "Dua").unwrap();
        take(&mut one, Verb::Aktifkan, "Satu").unwrap();
        let names: Vec<_> = one.langkah.iter().map(|step| step.oleh.as_str()).collect();
        assert_eq!(names, ["Satu", "Tiga", "Dua", "Satu"]);
    }

    #[test]
    fn rolled_back_and_revoked_for_good() {
        let mut one = entry();
        take(&mut one, Verb::Ajukan, "Satu").unwrap();
        take(&mut one, Verb::Setujui, "Dua").unwrap();
        take(&mut one, Verb::Aktifkan, "Dua").unwrap();
        take(&mut one, Verb::Tangguhkan, "Dua").unwrap();
        take(&mut one, Verb::Aktifkan, "Satu").unwrap();
        take(&mut one, Verb::Cabut, "Satu").unwrap();
        for verb in [
            Verb::Ajukan,
            Verb::Setujui,
            Verb::Aktifkan,
            Verb::Tangguhkan,
            Verb::Cabut,
        ] {
            assert_eq!(take(&mut one, verb, "Dua"), Err(Refused::State(State::Dicabut)));
        }
    }
}
