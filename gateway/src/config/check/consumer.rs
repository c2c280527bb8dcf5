//! `[[konsumen]]`: keys that nobody else has, grants for operations that exist, dates in order.

use super::{Check, CheckedOperation, CheckedSystem, Known};
use crate::config::complaint::Placed;
use crate::config::raw::{RawConsumer, RawGrant};
use gateway_core::deliver::passage::system_of;
use gateway_core::files;
use gateway_core::identity::KeyHash;
use gateway_core::relay::OURSELVES;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// What a grant can be for: operations, systems with native calls, events, copies and chains with their members.
type Rights<'a> = (
    &'a Known<CheckedOperation>,
    &'a Known<CheckedSystem>,
    &'a BTreeSet<&'a str>,
    &'a BTreeMap<String, Vec<String>>,
);

/// Calls per minute of a grant that says nothing.
const PER_MINUTE: u32 = 60;

/// A consumer without complaints.
#[derive(Debug, Clone)]
pub struct CheckedConsumer {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Keys.
    pub keys: Vec<KeyHash>,
    /// Grants, one per operation.
    pub grants: Vec<CheckedGrant>,
}

/// A grant for one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedGrant {
    /// Operation.
    pub operation: String,
    /// Purpose.
    pub purpose: String,
    /// Legal basis.
    pub legal_basis: String,
    /// Agreement.
    pub agreement: String,
    /// First moment it holds.
    pub from: Option<Timestamp>,
    /// First moment it no longer holds.
    pub until: Option<Timestamp>,
    /// Members of a copy that may be shown.
    pub fields: Option<Vec<String>>,
    /// Calls per minute.
    pub per_minute: NonZeroU32,
    /// Calls at once.
    pub burst: NonZeroU32,
}

impl Check {
    pub(super) fn consumers(
        &mut self,
        raw: &[RawConsumer],
        operations: &Known<CheckedOperation>,
        (systems, pushed, copies): (&Known<CheckedSystem>, &BTreeSet<&str>, &BTreeMap<String, Vec<String>>),
        zone: &TimeZone,
    ) -> Vec<CheckedConsumer> {
        let mut ids = BTreeMap::new();
        let mut prefixes = BTreeMap::new();
        let mut consumers = Vec::new();
        for one in raw {
            self.id(("konsumen", "consumer"), &one.id, &ids);
            if one.id.value == OURSELVES {
                self.say(
                    &one.id.place,
                    (
                        format!("`{OURSELVES}` adalah gateway sendiri"),
                        format!("`{OURSELVES}` is the gateway itself"),
                    ),
                    ("pakai id lain", "use another id"),
                );
            }
            ids.insert(one.id.value.clone(), ());
            let keys = one
                .kunci
                .iter()
                .filter_map(|key| self.key(&key.awalan, &key.sha256, &mut prefixes));
            let keys = keys.collect();
            let mut granted = BTreeMap::new();
            let mut grants = Vec::new();
            for grant in &one.hak {
                grants.extend(self.grant(grant, (operations, systems, pushed, copies), zone, &mut granted));
            }
            consumers.push(CheckedConsumer {
                id: one.id.value.clone(),
                name: one.nama.value.clone(),
                keys,
                grants,
            });
        }
        consumers
    }

    fn key(
        &mut self,
        prefix: &Placed<String>,
        hash: &Placed<String>,
        prefixes: &mut BTreeMap<String, ()>,
    ) -> Option<KeyHash> {
        if prefix.is_empty() || hash.is_empty() {
            return None;
        }
        let plain = prefix.len() <= 32 && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain {
            self.say(
                &prefix.place,
                ("awalan kunci tidak sah", "the prefix of a key is not valid"),
                (
                    "pakai yang ditulis `simpul key create`: huruf, angka dan -, paling panjang 32",
                    "use what `simpul key create` wrote: letters, digits and -, at most 32",
                ),
            );
        }
        // A whole key pasted here is no prefix, and must not be repeated in a complaint.
        if plain && prefixes.insert(prefix.value.clone(), ()).is_some() {
            self.say(
                &prefix.place,
                (
                    format!("awalan kunci `{}` dipakai dua kali", prefix.value),
                    format!("key prefix `{}` is used twice", prefix.value),
                ),
                (
                    "buat kunci baru dengan `simpul key create`",
                    "make a new key with `simpul key create`",
                ),
            );
        }
        let mut digest = [0; 32];
        if hex::decode_to_slice(hash.as_bytes(), &mut digest).is_err() {
            // A whole key pasted here must not be repeated in the complaint.
            self.say(
                &hash.place,
                (
                    "sha256 bukan 64 angka heksadesimal",
                    "sha256 is not 64 hexadecimal digits",
                ),
                (
                    "tulis hash dari `simpul key create`, bukan kuncinya",
                    "write the hash from `simpul key create`, not the key",
                ),
            );
            return None;
        }
        Some(KeyHash {
            prefix: prefix.value.clone(),
            hash: digest,
        })
    }

    fn grant(
        &mut self,
        raw: &RawGrant,
        (operations, systems, pushed, copies): Rights<'_>,
        zone: &TimeZone,
        granted: &mut BTreeMap<String, ()>,
    ) -> Vec<CheckedGrant> {
        if raw.operasi.is_empty() {
            self.say(
                &raw.place.below("operasi"),
                ("hak tanpa operasi", "a grant without operations"),
                (
                    "tulis operasi = \"pengaduan.kirim\" atau daftarnya",
                    "write operasi = \"pengaduan.kirim\" or a list",
                ),
            );
        }
        let from = raw.berlaku_dari.as_ref().and_then(|at| self.moment(at, zone, 0));
        let until = raw.berlaku_sampai.as_ref().and_then(|at| self.moment(at, zone, 1));
        if let (Some(from), Some(until), Some(written)) = (from, until, &raw.berlaku_sampai)
            && from >= until
        {
            self.say(
                &written.place,
                ("hak berakhir sebelum mulai", "the grant ends before it begins"),
                (
                    "perbaiki `berlaku_dari` atau `berlaku_sampai`",
                    "correct `berlaku_dari` or `berlaku_sampai`",
                ),
            );
        }
        let rate = |written: Option<&Placed<u64>>| {
            written
                .and_then(|n| u32::try_from(n.value).ok())
                .and_then(NonZeroU32::new)
        };
        let per_minute = rate(raw.per_menit.as_ref())
            .or(NonZeroU32::new(PER_MINUTE))
            .unwrap_or(NonZeroU32::MIN);
        let mut grants = Vec::new();
        for operation in &raw.operasi {
            match operations.get(&operation.value) {
                // A right of the gateway's own.
                None if [files::UPLOAD, files::FETCH, gateway_core::restrict::SECRET_LETTERS]
                    .contains(&operation.value.as_str()) => {}
                // A copy or a chain.
                None if copies.contains_key(&operation.value) => self.members(raw, &operation.value, copies),
                // Native calls: the system must have opened them; a system that is wrong has been complained about.
                None if system_of(&operation.value)
                    .and_then(|system| systems.get(system))
                    .is_some_and(|system| system.as_ref().is_none_or(|system| system.native.is_some())) => {}
                // The right to hear of an event.
                None if pushed.contains(operation.value.as_str()) => {}
                None => self.no_operation(operation, operations.keys()),
                Some(Some(found)) if found.path.is_empty() => self.say(
                    &operation.place,
                    (
                        format!("`{}` tidak diterbitkan; hanya relai yang memintanya", operation.value),
                        format!("`{}` is not published; only relays ask for it", operation.value),
                    ),
                    ("hapus dari hak ini", "remove it from this grant"),
                ),
                Some(_) => {}
            }
            if granted.insert(operation.value.clone(), ()).is_some() {
                self.say(
                    &operation.place,
                    (
                        format!("hak atas `{}` tertulis dua kali", operation.value),
                        format!("the grant for `{}` is written twice", operation.value),
                    ),
                    ("sisakan satu", "keep one"),
                );
            }
            grants.push(CheckedGrant {
                operation: operation.value.clone(),
                purpose: raw.tujuan.value.clone(),
                legal_basis: raw.dasar_hukum.value.clone(),
                agreement: raw.perjanjian.value.clone(),
                from,
                until,
                fields: (!raw.bidang.is_empty() && copies.contains_key(&operation.value))
                    .then(|| raw.bidang.iter().map(|b| b.value.clone()).collect()),
                per_minute,
                burst: rate(raw.sekaligus.as_ref()).unwrap_or(per_minute),
            });
        }
        grants
    }

    /// The members that a grant for a copy shows exist.
    fn members(&mut self, raw: &RawGrant, right: &str, rights: &BTreeMap<String, Vec<String>>) {
        let members = rights.get(right).map(Vec::as_slice).unwrap_or_default();
        for name in raw.bidang.iter().filter(|name| !members.contains(&name.value)) {
            self.say(
                &name.place,
                (
                    format!("`{right}` tidak mempunyai bidang `{}`", name.value),
                    format!("`{right}` has no member `{}`", name.value),
                ),
                ("lihat skema salinannya", "see the schema of the copy"),
            );
        }
    }

    /// A moment as it stands; a date is its first moment in the city, `days` later.
    fn moment(&mut self, written: &Placed<String>, zone: &TimeZone, days: i64) -> Option<Timestamp> {
        if let Ok(at) = written.parse::<Timestamp>() {
            return Some(at);
        }
        let date = written.parse::<Date>().ok().filter(|_| written.len() == 10);
        let at = date
            .and_then(|date| date.checked_add(days.days()).ok())
            .and_then(|date| zone.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok());
        if at.is_none() {
            self.say(
                &written.place,
                (
                    format!("`{}` bukan tanggal", written.value),
                    format!("`{}` is not a date", written.value),
                ),
                (
                    "tulis 2026-01-31, atau waktu lengkap dengan zona",
                    "write 2026-01-31, or a full time with its zone",
                ),
            );
        }
        at
    }
}
