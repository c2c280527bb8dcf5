//! The rules of the clock as written in the settings of the system under `tenggat`. The guide gives no numbers of days, so
//! without this table no deadline is claimed.

use super::days::{Counting, How};
use crate::status::Status;
use crate::zone::Zone;
use connector_sdk::SettingComplaint;
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a state does to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Effect {
    /// Nothing: it goes on as before.
    #[serde(rename = "tetap")]
    Keeps,
    /// It starts, or runs on after documents were missing.
    #[serde(rename = "berjalan")]
    Runs,
    /// It stands while documents are missing.
    #[serde(rename = "tahan")]
    Holds,
    /// It waits for a clarification.
    #[serde(rename = "jeda")]
    Pauses,
    /// It waits for a renewed clarification, to begin again.
    #[serde(rename = "jeda_ulang")]
    PausesForRestart,
    /// It runs on from where it waited.
    #[serde(rename = "lanjut")]
    Resumes,
    /// It begins again from zero.
    #[serde(rename = "ulang")]
    Restarts,
    /// The application is decided.
    #[serde(rename = "berhenti")]
    Stops,
}

/// Checked rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub(super) counting: Counting,
    pub(super) warn_within: SignedDuration,
    limit: Option<u32>,
    by_licence: BTreeMap<String, u32>,
    effects: BTreeMap<Status, Effect>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    #[default]
    HariKerja,
    HariKalender,
    WaktuKerja,
    WaktuBerjalan,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    hari: Option<u32>,
    per_izin: BTreeMap<String, u32>,
    hitung: Way,
    detik_sehari: Option<u32>,
    libur: Vec<Date>,
    zona: Option<String>,
    peringatan_hari: Option<u32>,
    pengaruh: BTreeMap<String, Effect>,
}

impl Rules {
    /// Reads the table `tenggat`; all complaints at once. Nothing written means: no limit known.
    ///
    /// # Errors
    /// When the table has unknown keys or states, or a zone that is not known.
    pub fn read(table: Option<&Value>) -> Result<Self, Vec<SettingComplaint>> {
        let complaint = |key: &str, advice: String| SettingComplaint {
            key: key.to_owned(),
            advice,
        };
        let raw: Raw = table
            .map_or_else(|| Ok(Raw::default()), |table| serde_json::from_value(table.clone()))
            .map_err(|error| vec![complaint("tenggat", error.to_string())])?;
        let mut wrong = Vec::new();
        let zone = Zone::parse(raw.zona.as_deref().unwrap_or("Asia/Jakarta"));
        let zone = zone
            .map_err(|advice| wrong.push(complaint("tenggat.zona", advice)))
            .ok();
        let mut effects = BTreeMap::new();
        for (word, effect) in raw.pengaruh {
            match Status::from_word(&word) {
                Some(status) => drop(effects.insert(status, effect)),
                None => wrong.push(complaint(
                    &format!("tenggat.pengaruh.{word}"),
                    "name a known state".to_owned(),
                )),
            }
        }
        if raw.detik_sehari == Some(0) {
            wrong.push(complaint("tenggat.detik_sehari", "write at least 1".to_owned()));
        }
        let (Some(zone), true) = (zone, wrong.is_empty()) else {
            return Err(wrong);
        };
        let holidays: BTreeSet<Date> = raw.libur.into_iter().collect();
        let counting = Counting(match raw.hitung {
            Way::HariKerja => How::Days {
                zone,
                holidays: Some(holidays),
            },
            Way::WaktuKerja => How::WorkingTime { zone, holidays },
            Way::HariKalender => How::Days { zone, holidays: None },
            Way::WaktuBerjalan => How::Elapsed {
                day: SignedDuration::from_secs(i64::from(raw.detik_sehari.unwrap_or(86_400))),
            },
        });
        Ok(Self {
            warn_within: counting.days(raw.peringatan_hari.unwrap_or(2)),
            counting,
            limit: raw.hari,
            by_licence: raw.per_izin,
            effects,
        })
    }

    /// Legal time of a licence code, if known.
    pub(super) fn limit(&self, licence: &str) -> Option<SignedDuration> {
        let days = self.by_licence.get(licence).copied().or(self.limit);
        days.map(|days| self.counting.days(days))
    }

    /// What a state does to the clock. States the guide says nothing about keep it as it is.
    #[must_use]
    pub fn effect(&self, status: Status) -> Effect {
        self.effects.get(&status).copied().unwrap_or(match status {
            Status::Screening
            | Status::RequirementsCompleted
            | Status::DocumentsComplete
            | Status::Validation
            | Status::Inspection => Effect::Runs,
            Status::DocumentsIncomplete => Effect::Holds,
            Status::ClarificationAsked => Effect::Pauses,
            Status::RenewedClarificationAsked => Effect::PausesForRestart,
            Status::ClarificationReceived => Effect::Resumes,
            Status::RenewedClarificationReceived => Effect::Restarts,
            Status::Approved
            | Status::ApprovedBySilence
            | Status::IssuedVerified
            | Status::Rejected
            | Status::Revoked
            | Status::Cancelled => Effect::Stops,
            Status::CommitmentFulfilment
            | Status::PaymentVerification
            | Status::PaymentConfirmation
            | Status::PaymentProofAwaited
            | Status::PaymentApproved
            | Status::PaymentCorrection
            | Status::VerifiedByOffice
            | Status::NumberTaken
            | Status::ProvisionalIssue
            | Status::Warning
            | Status::Suspension
            | Status::Fine
            | Status::RejectedByOffice => Effect::Keeps,
        })
    }
}
