//! `[[serupa]]` and `[[terbaru]]`, judged: what a hint may say is named, and a protection flag stands beside it.

use super::{Check, CheckedOperation, Known};
use crate::config::raw::{RawLikeness, RawNewest};
use gateway_core::likeness::Likeness;
use gateway_core::newest::Newest;
use std::time::Duration;

const DAYS_3: Duration = Duration::from_secs(3 * 24 * 3600);

impl Check {
    pub(super) fn newest(&mut self, raw: &RawNewest, operations: &Known<CheckedOperation>) -> Newest {
        if raw.kunci.is_empty() {
            self.say(
                &raw.place.below("kunci"),
                ("tidak disebut keadaan milik apa", "whose state it is is not said"),
                ("tulis kunci = [\"masukan:/…\"]", "write kunci = [\"masukan:/…\"]"),
            );
        }
        Newest {
            operation: self.is(&raw.operasi, operations, false),
            key: self.sources(&raw.kunci),
            at: self.source(&raw.waktu.value, &raw.waktu.place),
        }
    }

    pub(super) fn likeness(&mut self, raw: &RawLikeness, operations: &Known<CheckedOperation>) -> Likeness {
        if raw.terbuka.is_empty() || raw.sebut.is_empty() {
            self.say(
                &raw.place,
                (
                    "petunjuk tanpa `terbuka` dapat menyebut yang dilindungi; tanpa `sebut` ia tidak berkata apa pun",
                    "without `terbuka` a hint may name what is protected; without `sebut` it says nothing",
                ),
                (
                    "sebut bendera perlindungan di terbuka = […] dan nomor rekaman di sebut = { … }",
                    "name the protection flags in terbuka = […] and the record's number in sebut = { … }",
                ),
            );
        }
        Likeness {
            operation: self.is(&raw.operasi, operations, false),
            same: self.sources(&raw.sama),
            place: (
                self.source(&raw.lintang.value, &raw.lintang.place),
                self.source(&raw.bujur.value, &raw.bujur.place),
            ),
            metres: raw
                .meter
                .as_ref()
                .map_or(100, |metres| u32::try_from(metres.value).unwrap_or(u32::MAX)),
            at: raw.waktu.as_ref().map(|own| self.source(&own.value, &own.place)),
            within: raw.dalam.as_ref().map_or(DAYS_3, |span| span.value),
            says: self.copies(&raw.sebut),
            open: self.sources(&raw.terbuka),
            into: self.pointer(&raw.tulis.value, &raw.tulis.place),
        }
    }
}
