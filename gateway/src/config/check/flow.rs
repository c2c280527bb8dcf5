//! What the gateway does of its own accord, judged: sources parse, operations and links exist, what is read is read and
//! what is written is written.

use super::{Check, CheckedOperation, CheckedSystem, Known};
use crate::config::complaint::{Place, Placed};
use crate::config::raw::{
    Raw, RawAuthority, RawDeadline, RawFallback, RawFind, RawFollow, RawGuard, RawHolidays, RawLink, RawList,
    RawReconciliation, RawSchedule,
};
use connector_sdk::ClockRecord;
use gateway_core::authority::{Authority, Owner};
use gateway_core::calendar::Calendar;
use gateway_core::fallback::Fallback;
use gateway_core::flows::Flows;
use gateway_core::follow::{Deadline, FollowPlan, Reading};
use gateway_core::guard::Guard;
use gateway_core::link::{Find, Link};
use gateway_core::lists::ListPlan;
use gateway_core::reconcile;
use gateway_core::schedule::{Carry, Pages, Schedule};
use gateway_core::source::Source;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Check {
    pub(super) fn flows(
        &mut self,
        raw: &Raw,
        operations: &Known<CheckedOperation>,
        systems: &Known<CheckedSystem>,
    ) -> Flows {
        let names: BTreeSet<&str> = raw.links.iter().map(|link| link.nama.value.as_str()).collect();
        for guard in &raw.guards {
            self.link_name(&guard.tautan, &names);
        }
        for find in raw.relays.iter().filter_map(|relay| relay.cari.as_ref()) {
            self.link_name(&find.tautan, &names);
        }
        Flows {
            links: raw.links.iter().map(|one| self.link(one, operations)).collect(),
            guards: raw.guards.iter().map(|one| self.guard(one, operations)).collect(),
            newest: raw.newest.iter().map(|one| self.newest(one, operations)).collect(),
            likenesses: raw
                .likenesses
                .iter()
                .map(|one| self.likeness(one, operations))
                .collect(),
            follows: self.follows(&raw.follows, operations),
            schedules: raw.schedules.iter().map(|one| self.schedule(one, operations)).collect(),
            fallbacks: raw.fallbacks.iter().map(|one| self.fallback(one, operations)).collect(),
            reconciliations: raw
                .reconciliations
                .iter()
                .map(|one| self.reconciliation(one, systems))
                .collect(),
            lists: raw.lists.iter().map(|one| self.list(one, systems)).collect(),
            // Judged apart (`check/mirror`), and put in where all is put together.
            mirrors: Vec::new(),
            chains: Vec::new(),
            authorities: raw
                .authorities
                .iter()
                .map(|one| self.authority(one, operations))
                .collect(),
            beside: raw.beside.clone(),
            calendar: self.calendar(&raw.holidays),
            maintenance: raw
                .maintenance
                .iter()
                .filter_map(|one| self.maintenance(one, systems))
                .collect(),
        }
    }

    fn link_name(&mut self, name: &Placed<String>, known: &BTreeSet<&str>) {
        if !name.is_empty() && !known.contains(name.value.as_str()) {
            self.say(
                &name.place,
                (
                    format!("tautan `{}` tidak ada", name.value),
                    format!("there is no link `{}`", name.value),
                ),
                ("buat dengan [[tautan]]", "make it with [[tautan]]"),
            );
        }
    }

    /// A JSON pointer.
    pub(super) fn pointer(&mut self, text: &str, place: &Place) -> String {
        if !text.starts_with('/') {
            self.say(
                place,
                (
                    format!("`{text}` bukan JSON pointer"),
                    format!("`{text}` is not a JSON pointer"),
                ),
                (format!("tulis \"/{text}\""), format!("write \"/{text}\"")),
            );
        }
        text.to_owned()
    }

    /// Where a value comes from.
    pub(super) fn source(&mut self, text: &str, place: &Place) -> Source {
        Source::parse(text).unwrap_or_else(|| {
            let advice = "butir:/…, balasan:/…, masukan:/…, asal:/…, asal_masukan:/…, tautan:/…, lindung:…|…";
            self.say(
                place,
                (
                    format!("`{text}` bukan sumber nilai"),
                    format!("`{text}` is not a source of a value"),
                ),
                (
                    format!("tulis salah satu dari {advice}"),
                    format!("write one of {advice}"),
                ),
            );
            Source::Fixed(Value::Null)
        })
    }

    pub(super) fn sources(&mut self, texts: &[Placed<String>]) -> Vec<Source> {
        texts.iter().map(|text| self.source(&text.value, &text.place)).collect()
    }

    pub(super) fn copies(&mut self, pairs: &[(String, Placed<String>)]) -> Vec<(String, Source)> {
        let copy = |(pointer, text): &(String, Placed<String>)| {
            (
                self.pointer(pointer, &text.place),
                self.source(&text.value, &text.place),
            )
        };
        pairs.iter().map(copy).collect()
    }

    pub(super) fn find(&mut self, raw: &RawFind) -> Find {
        Find {
            name: raw.tautan.value.clone(),
            key: self.sources(&raw.kunci),
            patience: raw.sabar.as_ref().map_or(30 * DAY, |d| d.value),
        }
    }

    fn reconciliation(&mut self, raw: &RawReconciliation, systems: &Known<CheckedSystem>) -> reconcile::Plan {
        let comparable = |system: &CheckedSystem| {
            let nothing = ClockRecord {
                id: "",
                state: None,
                number: None,
            };
            system
                .connector
                .clock()
                .is_some_and(|clock| !clock.questions(&nothing).is_empty())
        };
        let lacks = match systems.get(&raw.sistem.value) {
            None => !raw.sistem.is_empty(),
            Some(system) => system.as_ref().is_some_and(|system| !comparable(system)),
        };
        if lacks {
            let system = &raw.sistem.value;
            self.say(
                &raw.sistem.place,
                (
                    format!("sistem `{system}` tidak ada atau tidak dapat dibandingkan"),
                    format!("there is no system `{system}`, or it cannot be compared"),
                ),
                (
                    "sebut sistem yang mencatat waktu layanan, misalnya oss",
                    "name a system that keeps service clocks, such as oss",
                ),
            );
        }
        reconcile::Plan {
            system: raw.sistem.value.clone(),
            every: raw.setiap.as_ref().map_or(DAY, |every| every.value),
            purpose: raw.tujuan.value.clone(),
        }
    }

    fn fallback(&mut self, raw: &RawFallback, operations: &Known<CheckedOperation>) -> Fallback {
        let operation = self.is(&raw.operasi, operations, true);
        let reply = |name: &str| {
            operations
                .get(name)?
                .as_ref()
                .map(|found| found.spec.reply_schema.clone())
        };
        for from in &raw.dari {
            match (reply(&operation), reply(&from.value)) {
                (Some(ours), Some(theirs)) if ours != theirs => self.say(
                    &from.place,
                    (
                        format!("balasan `{}` lain dari balasan `{operation}`", from.value),
                        format!("the reply of `{}` is another than that of `{operation}`", from.value),
                    ),
                    (
                        format!("sebut operasi yang balasannya {ours}"),
                        format!("name operations whose reply is {ours}"),
                    ),
                ),
                (_, Some(_)) => {}
                (_, None) if !operations.contains_key(&from.value) => self.no_operation(from, operations.keys()),
                (_, None) => {}
            }
        }
        let asked = self.pointer(&raw.kunci.value, &raw.kunci.place);
        let mut optional = |text: &Option<Placed<String>>| {
            let text = text.as_ref()?;
            Some(self.pointer(&text.value, &text.place))
        };
        Fallback {
            named: optional(&raw.kunci_balasan).unwrap_or_else(|| asked.clone()),
            newer: optional(&raw.terbaru),
            from: raw.dari.iter().map(|from| from.value.clone()).collect(),
            keep: raw.simpan.as_ref().map_or(90 * DAY, |keep| keep.value),
            operation,
            asked,
        }
    }

    /// An operation that is there and reads, or writes.
    pub(super) fn is(&mut self, name: &Placed<String>, operations: &Known<CheckedOperation>, reads: bool) -> String {
        match operations.get(&name.value) {
            None if name.is_empty() => {}
            None => self.no_operation(name, operations.keys()),
            Some(Some(found)) if found.spec.effect.writes() == reads => {
                let (id, en) = if reads {
                    ("membaca", "reads")
                } else {
                    ("mengubah data", "changes data")
                };
                self.say(
                    &name.place,
                    (
                        format!("`{}` tidak {id}", name.value),
                        format!("`{}` is not one that {en}", name.value),
                    ),
                    (
                        format!("sebut operasi yang {id}"),
                        format!("name an operation that {en}"),
                    ),
                );
            }
            Some(_) => {}
        }
        name.value.clone()
    }

    fn link(&mut self, raw: &RawLink, operations: &Known<CheckedOperation>) -> Link {
        Link {
            name: raw.nama.value.clone(),
            operation: self.is(&raw.operasi, operations, false),
            key: self.sources(&raw.kunci),
            value: self.copies(&raw.nilai),
            keep: raw.simpan.as_ref().map_or(400 * DAY, |d| d.value),
        }
    }

    fn guard(&mut self, raw: &RawGuard, operations: &Known<CheckedOperation>) -> Guard {
        let flag = |(here, there): &(String, Placed<String>)| {
            (
                self.pointer(here, &there.place),
                self.pointer(&there.value, &there.place),
            )
        };
        let flags = raw.bendera.iter().map(flag).collect();
        Guard {
            operation: self.is(&raw.operasi, operations, false),
            link: raw.tautan.value.clone(),
            key: self.sources(&raw.kunci),
            flags,
        }
    }

    /// What is written, over what the connector declares; and what connectors declare where nothing is written.
    fn follows(&mut self, raw: &[RawFollow], operations: &Known<CheckedOperation>) -> Vec<FollowPlan> {
        let mut plans: Vec<FollowPlan> = raw.iter().filter_map(|one| self.follow(one, operations)).collect();
        for operation in operations.values().flatten() {
            let written = raw.iter().any(|one| one.operasi.value == operation.id);
            let declared = FollowPlan::of(&operation.spec)
                .filter(|plan| plan.readings.iter().all(|r| operations.contains_key(&r.operation)));
            plans.extend(declared.filter(|_| !written));
        }
        plans
    }

    fn follow(&mut self, raw: &RawFollow, operations: &Known<CheckedOperation>) -> Option<FollowPlan> {
        let write = self.is(&raw.operasi, operations, false);
        let declared = operations
            .get(&write)
            .and_then(Option::as_ref)
            .and_then(|o| FollowPlan::of(&o.spec));
        let first = match (&raw.baca, &declared) {
            (Some(read), _) => Reading {
                operation: self.is(read, operations, true),
                input: self.copies(&raw.isian),
            },
            (None, Some(declared)) => declared.readings.first()?.clone(),
            (None, None) => {
                self.say(
                    &raw.place,
                    (
                        format!("konektor tidak menyebut bagaimana `{write}` diikuti"),
                        format!("the connector does not say how `{write}` is followed"),
                    ),
                    (
                        "tulis baca, isian, keadaan, sampai",
                        "write baca, isian, keadaan, sampai",
                    ),
                );
                return None;
            }
        };
        let mut readings = vec![first];
        for more in &raw.juga {
            readings.push(Reading {
                operation: self.is(&more.baca, operations, true),
                input: self.copies(&more.isian),
            });
        }
        let texts = |list: &[Placed<String>]| list.iter().map(|t| t.value.clone()).collect::<Vec<_>>();
        let span = |own: &Option<Placed<Duration>>, of: fn(&FollowPlan) -> Duration, or: Duration| {
            own.as_ref()
                .map(|d| d.value)
                .or(declared.as_ref().map(of))
                .unwrap_or(or)
        };
        let every = span(&raw.setiap, |p| p.every, Duration::from_secs(1800));
        let until = texts(&raw.sampai);
        Some(FollowPlan {
            write,
            readings,
            state: match (&raw.keadaan, &declared) {
                (Some(own), _) => self.pointer(&own.value, &own.place),
                (None, declared) => declared.as_ref().map_or("/status".to_owned(), |d| d.state.clone()),
            },
            since: raw.sejak.as_ref().map(|own| self.pointer(&own.value, &own.place)),
            until: if until.is_empty() {
                declared.as_ref().map(|d| d.until.clone()).unwrap_or_default()
            } else {
                until
            },
            every,
            slowest: raw.paling_jarang.as_ref().map_or(every * 8, |d| d.value),
            grace: span(&raw.tenggang, |p| p.grace, 14 * DAY),
            longest: span(&raw.paling_lama, |p| p.longest, 365 * DAY),
            deadlines: raw.tenggat.iter().map(|one| self.deadline(one)).collect(),
        })
    }

    fn deadline(&mut self, raw: &RawDeadline) -> Deadline {
        let days = raw.hari_kerja.as_ref().map_or(0, |days| days.value);
        if days == 0 || raw.keadaan.is_empty() {
            self.say(
                &raw.place,
                (
                    "tenggat tanpa keadaan atau hari kerja",
                    "a deadline without states or working days",
                ),
                (
                    "tulis keadaan = […] dan hari_kerja = …",
                    "write keadaan = […] and hari_kerja = …",
                ),
            );
        }
        Deadline {
            states: raw.keadaan.iter().map(|state| state.value.clone()).collect(),
            working_days: u16::try_from(days).unwrap_or(u16::MAX),
        }
    }

    fn schedule(&mut self, raw: &RawSchedule, operations: &Known<CheckedOperation>) -> Schedule {
        let operation = self.is(&raw.operasi, operations, true);
        if raw.setiap.is_none() {
            self.say(
                &raw.place,
                ("jadwal tanpa `setiap`", "a schedule without `setiap`"),
                ("tulis misalnya setiap = \"5m\"", "write for example setiap = \"5m\""),
            );
        }
        Schedule {
            id: raw.id.value.clone(),
            operation,
            input: Value::Object(raw.masukan.table.clone()),
            every: raw.setiap.as_ref().map_or(DAY, |d| d.value),
            purpose: raw.tujuan.value.clone(),
            pages: raw.halaman.as_ref().map(|pages| Pages {
                input: self.pointer(&pages.masukan.value, &pages.masukan.place),
                next: self.pointer(&pages.balasan.value, &pages.balasan.place),
                most: pages
                    .maks
                    .as_ref()
                    .and_then(|most| u32::try_from(most.value).ok())
                    .unwrap_or(20),
            }),
            carry: raw.lanjut.as_ref().map(|carry| Carry {
                input: self.pointer(&carry.masukan.value, &carry.masukan.place),
                items: self.pointer(&carry.daftar.value, &carry.daftar.place),
                field: self.pointer(&carry.bidang.value, &carry.bidang.place),
            }),
        }
    }

    fn list(&mut self, raw: &RawList, systems: &Known<CheckedSystem>) -> ListPlan {
        let lacks = match systems.get(&raw.sistem.value) {
            None => !raw.sistem.is_empty(),
            Some(system) => system
                .as_ref()
                .is_some_and(|s| s.connector.mirror(&raw.salinan.value).is_none()),
        };
        if lacks {
            let (system, mirror) = (&raw.sistem.value, &raw.salinan.value);
            self.say(
                &raw.salinan.place,
                (
                    format!("sistem `{system}` tidak punya salinan `{mirror}`"),
                    format!("system `{system}` has no mirror `{mirror}`"),
                ),
                ("lihat halaman konektornya", "see the page of its connector"),
            );
        }
        ListPlan {
            system: raw.sistem.value.clone(),
            mirror: raw.salinan.value.clone(),
            every: raw.setiap.as_ref().map(|d| d.value),
        }
    }

    fn authority(&mut self, raw: &RawAuthority, operations: &Known<CheckedOperation>) -> Authority {
        let city = raw.kota.iter().map(|value| (value.value.clone(), Owner::City));
        let others = raw
            .instansi
            .iter()
            .map(|(value, code)| (value.clone(), Owner::Institution(code.value.clone())));
        for (value, code) in raw
            .instansi
            .iter()
            .filter(|(value, _)| raw.kota.iter().any(|c| c.value == *value))
        {
            self.say(
                &code.place,
                (
                    format!("`{value}` ada di kota dan di instansi"),
                    format!("`{value}` stands in kota and in instansi"),
                ),
                ("tulis di satu tempat saja", "write it in one place only"),
            );
        }
        Authority {
            operation: self.is(&raw.operasi, operations, false),
            from: self.pointer(&raw.dari.value, &raw.dari.place),
            to: self.pointer(&raw.ke.value, &raw.ke.place),
            owners: city.chain(others).collect(),
        }
    }

    fn calendar(&mut self, raw: &[RawHolidays]) -> Calendar {
        let mut years = Vec::new();
        for one in raw {
            let year = one
                .tahun
                .as_ref()
                .and_then(|year| i16::try_from(year.value).ok())
                .unwrap_or_default();
            let mut days = Vec::new();
            for date in &one.tanggal {
                match date.value.parse::<jiff::civil::Date>() {
                    Ok(day) if day.year() == year => days.push(day),
                    _ => self.say(
                        &date.place,
                        (
                            format!("`{}` bukan tanggal di tahun {year}", date.value),
                            format!("`{}` is not a date of {year}", date.value),
                        ),
                        ("tulis seperti \"2026-01-01\"", "write it as \"2026-01-01\""),
                    ),
                }
            }
            years.push((year, days));
        }
        Calendar::new(years)
    }
}
