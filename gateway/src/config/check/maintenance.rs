//! `[[pemeliharaan]]`, judged: the system exists, the times are times with an offset and in order.

use super::{Check, CheckedSystem, Known};
use crate::config::complaint::Placed;
use crate::config::raw::RawMaintenance;
use gateway_core::trouble::Maintenance;
use jiff::Timestamp;

impl Check {
    pub(super) fn maintenance(&mut self, raw: &RawMaintenance, systems: &Known<CheckedSystem>) -> Option<Maintenance> {
        let system = &raw.sistem;
        if !system.is_empty() && !systems.contains_key(&system.value) {
            let all = systems.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            self.say(
                &system.place,
                (
                    format!("sistem `{}` tidak ada", system.value),
                    format!("there is no system `{}`", system.value),
                ),
                (format!("yang ada: {all}"), format!("there are: {all}")),
            );
        }
        let (from, until) = (self.announced_at(&raw.dari), self.announced_at(&raw.sampai));
        let (from, until) = (from?, until?);
        if from >= until {
            self.say(
                &raw.sampai.place,
                ("`sampai` tidak sesudah `dari`", "`sampai` is not after `dari`"),
                ("tukar atau perbaiki waktunya", "swap or correct the times"),
            );
            return None;
        }
        Some(Maintenance {
            system: system.value.clone(),
            from,
            until,
            note: raw
                .keterangan
                .as_ref()
                .map(|note| note.value.clone())
                .unwrap_or_default(),
        })
    }

    fn announced_at(&mut self, written: &Placed<String>) -> Option<Timestamp> {
        if written.is_empty() {
            return None;
        }
        let read = written.value.parse().ok();
        if read.is_none() {
            self.say(
                &written.place,
                (
                    format!("`{}` bukan waktu", written.value),
                    format!("`{}` is not a time", written.value),
                ),
                (
                    "tulis seperti \"2026-11-28T22:00:00+07:00\"",
                    "write it as \"2026-11-28T22:00:00+07:00\"",
                ),
            );
        }
        read
    }
}
