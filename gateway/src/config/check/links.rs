//! `[[relai]]`: both ends exist, the target takes what the source answers, and no chain of relays ends where it began.

use super::{Check, CheckedOperation, Known};
use crate::config::complaint::{Place, Placed};
use crate::config::raw::RawRelay;
use gateway_core::flows::Flows;
use gateway_core::relay::{Each, Relay};
use gateway_core::source::{Condition, Source, Test};
use gateway_core::steps::Steps;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Check {
    pub(super) fn relays(
        &mut self,
        raw: &[RawRelay],
        operations: &Known<CheckedOperation>,
        flows: &Flows,
    ) -> Vec<Relay> {
        let read = flows
            .follows
            .iter()
            .flat_map(|plan| &plan.readings)
            .map(|r| r.operation.as_str());
        let ours: BTreeSet<&str> = read
            .chain(flows.schedules.iter().map(|s| s.operation.as_str()))
            .chain(raw.iter().filter(|one| looks(one)).map(|one| one.ke.value.as_str()))
            .collect();
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut relays = Vec::new();
        for one in raw {
            self.end(&one.dari, operations);
            self.end(&one.ke, operations);
            next.entry(&one.dari).or_default().push(&one.ke);
            if reaches(&next, &one.ke, &one.dari, raw.len()) {
                self.say(
                    &one.ke.place,
                    (
                        "relai ini kembali ke asalnya",
                        "this relay leads back to where it began",
                    ),
                    ("putus lingkarannya", "break the circle"),
                );
            }
            if !ours.contains(one.dari.value.as_str()) {
                self.writes(&one.dari, operations);
            }
            if !looks(one) {
                self.writes(&one.ke, operations);
            }
            self.asks(&one.ke);
            relays.push(self.relay(one));
        }
        relays
    }

    /// What is pushed to us cannot be asked for.
    fn asks(&mut self, to: &Placed<String>) {
        if to.starts_with("masuk.") {
            self.say(
                &to.place,
                (
                    format!("`{}` adalah kiriman masuk; tidak dapat diminta", to.value),
                    format!("`{}` is pushed to us; it cannot be asked for", to.value),
                ),
                ("pakai operasi lain", "use another operation"),
            );
        }
    }

    fn relay(&mut self, raw: &RawRelay) -> Relay {
        let mut when = Vec::new();
        for (source, value) in &raw.bila {
            let values = match &value.value {
                Value::Array(many) => many.clone(),
                one => vec![one.clone()],
            };
            when.push(self.condition(source, &value.place, Test::OneOf(values)));
        }
        for (source, value) in &raw.bila_bukan {
            let values = match &value.value {
                Value::Array(many) => many.clone(),
                one => vec![one.clone()],
            };
            when.push(self.condition(source, &value.place, Test::NoneOf(values)));
        }
        for source in &raw.bila_ada {
            when.push(self.condition(&source.value, &source.place, Test::Present));
        }
        for source in &raw.bila_kosong {
            when.push(self.condition(&source.value, &source.place, Test::Absent));
        }
        let mut copy = self.copies(&raw.salin);
        for (pointer, value) in &raw.tetap {
            copy.push((self.pointer(pointer, &value.place), Source::Fixed(value.value.clone())));
        }
        let steps = raw.langkah.as_ref().map(|steps| Steps {
            field: self.pointer(&steps.bidang.value, &steps.bidang.place),
            ranks: steps.urutan.iter().map(|rank| words(&rank.value, '|')).collect(),
            back: steps.mundur.iter().filter_map(|pair| self.back(pair)).collect(),
        });
        Relay {
            each: raw.tiap.as_ref().map(|list| Each {
                pointer: self.pointer(&list.value, &list.place),
                newest_first: raw.terbaru_dulu.as_ref().is_some_and(|flag| flag.value),
            }),
            when,
            whole: raw.utuh.as_ref().is_none_or(|flag| flag.value),
            copy,
            reference: raw.rujukan.iter().map(|p| self.pointer(&p.value, &p.place)).collect(),
            find: raw.cari.as_ref().map(|find| self.find(find)),
            steps,
            ..Relay::new(&raw.dari.value, &raw.ke.value, &raw.tujuan.value)
        }
    }

    fn condition(&mut self, source: &str, place: &Place, test: Test) -> Condition {
        let source = if source.contains(':') {
            self.source(source, place)
        } else {
            Source::Item(self.pointer(source, place))
        };
        if source.needs_link() {
            self.say(
                place,
                (
                    "syarat tidak dapat membaca tautan; tautan baru dicari sesudahnya",
                    "a condition cannot read a link; links are looked for only afterwards",
                ),
                ("pakai sumber lain", "use another source"),
            );
        }
        Condition { source, test }
    }

    fn back(&mut self, pair: &Placed<String>) -> Option<(String, String)> {
        let step = pair
            .value
            .split_once('>')
            .map(|(from, to)| (from.trim().to_owned(), to.trim().to_owned()));
        if step.is_none() {
            self.say(
                &pair.place,
                (
                    format!("`{}` bukan langkah", pair.value),
                    format!("`{}` is not a step", pair.value),
                ),
                (
                    "tulis seperti \"selesai > diproses\"",
                    "write it as \"selesai > diproses\"",
                ),
            );
        }
        step
    }

    /// Relays hang on journalled exchanges: writes, and what the gateway itself reads.
    fn writes(&mut self, end: &Placed<String>, operations: &Known<CheckedOperation>) {
        let reads = operations
            .get(&end.value)
            .and_then(Option::as_ref)
            .is_some_and(|o| !o.spec.effect.writes());
        if reads {
            self.say(
                &end.place,
                (
                    format!("`{}` hanya membaca", end.value),
                    format!("`{}` only reads", end.value),
                ),
                (
                    "relai menghubungkan operasi yang mengubah data; bacaan hanya bila dijadwalkan, diikuti, atau sesudah kiriman masuk",
                    "a relay joins operations that change data; a reading only when scheduled, followed, or after a push",
                ),
            );
        }
    }

    fn end(&mut self, end: &Placed<String>, operations: &Known<CheckedOperation>) {
        if !end.is_empty() && !operations.contains_key(&end.value) {
            self.no_operation(end, operations.keys());
        }
    }

    pub(super) fn no_operation<'k>(&mut self, written: &Placed<String>, known: impl Iterator<Item = &'k String>) {
        let all = known.map(String::as_str).collect::<Vec<_>>().join(", ");
        self.say(
            &written.place,
            (
                format!("operasi `{}` tidak ada", written.value),
                format!("there is no operation `{}`", written.value),
            ),
            (format!("yang ada: {all}"), format!("there are: {all}")),
        );
    }
}

/// A push that says little may be followed by a look at what it is about.
pub(super) fn looks(relay: &RawRelay) -> bool {
    relay.dari.value.starts_with("masuk.")
}

fn reaches(next: &BTreeMap<&str, Vec<&str>>, from: &str, to: &str, steps: usize) -> bool {
    from == to
        || (steps > 0
            && next
                .get(from)
                .is_some_and(|more| more.iter().any(|one| reaches(next, one, to, steps - 1))))
}

fn words(text: &str, between: char) -> Vec<String> {
    text.split(between).map(|word| word.trim().to_owned()).collect()
}
