//! `[[relai]]`: both ends exist, the target takes what the source answers, and no chain of relays ends where it began.

use super::{Check, CheckedOperation, Known};
use crate::config::complaint::Placed;
use crate::config::raw::RawRelay;
use gateway_core::relay::Relay;
use std::collections::BTreeMap;

impl Check {
    pub(super) fn relays(&mut self, raw: &[RawRelay], operations: &Known<CheckedOperation>) -> Vec<Relay> {
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut relays = Vec::new();
        for one in raw {
            self.end(&one.dari, operations);
            self.end(&one.ke, operations);
            for (pointer, value) in one.bila.iter().filter(|(pointer, _)| !pointer.starts_with('/')) {
                self.say(
                    &value.place,
                    (
                        format!("`{pointer}` bukan JSON pointer"),
                        format!("`{pointer}` is not a JSON pointer"),
                    ),
                    (format!("tulis \"/{pointer}\""), format!("write \"/{pointer}\"")),
                );
            }
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
            self.writes(&one.dari, operations);
            self.writes(&one.ke, operations);
            relays.push(Relay {
                from: one.dari.value.clone(),
                to: one.ke.value.clone(),
                when: one
                    .bila
                    .iter()
                    .map(|(pointer, value)| (pointer.clone(), value.value.clone()))
                    .collect(),
                purpose: one.tujuan.value.clone(),
            });
        }
        relays
    }

    /// Relays hang on journalled exchanges, and only writes are journalled.
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
                    "relai menghubungkan operasi yang mengubah data",
                    "a relay joins operations that change data",
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

fn reaches(next: &BTreeMap<&str, Vec<&str>>, from: &str, to: &str, steps: usize) -> bool {
    from == to
        || (steps > 0
            && next
                .get(from)
                .is_some_and(|more| more.iter().any(|one| reaches(next, one, to, steps - 1))))
}
