//! `[[konsumen]]`: keys that nobody else has, grants for operations that exist, dates in order.

use super::{Check, CheckedOperation, CheckedSystem, Known};
use crate::config::complaint::Placed;
use crate::config::raw::{RawConsumer, RawGrant};
use gateway_core::deliver::passage::system_of;
use gateway_core::events::Emit;
use gateway_core::fields::Fields;
use gateway_core::identity::KeyHash;
use gateway_core::relay::OURSELVES;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use schemas::{Registry, Schema};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// What a grant can be for.
pub(super) struct Rights<'a> {
    pub(super) operations: &'a Known<CheckedOperation>,
    /// With native calls.
    pub(super) systems: &'a Known<CheckedSystem>,
    /// Events by the right to them, with what their data can hold.
    pub(super) heard: &'a BTreeMap<String, Vec<Arc<Schema>>>,
    /// Copies and chains with their members.
    pub(super) copies: &'a BTreeMap<String, Vec<String>>,
}

/// The rights to events.
pub(super) fn heard(
    emits: &[Emit],
    operations: &Known<CheckedOperation>,
    schemas: Option<&Registry>,
) -> BTreeMap<String, Vec<Arc<Schema>>> {
    let mut heard: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for emit in emits {
        let own = emit.schema.as_deref().and_then(|id| schemas?.shared(id));
        let replied = operations.get(&emit.operation).and_then(Option::as_ref);
        let data = own.or_else(|| replied.map(|operation| Arc::clone(&operation.reply)));
        heard.entry(emit.grant.clone()).or_default().extend(data);
    }
    heard
}

/// Rights of the gateway's own.
const OWN: [&str; 2] = [gateway_core::files::UPLOAD, gateway_core::restrict::SECRET_LETTERS];

/// Whether a right is to something that passes unread.
fn whole(right: &str) -> bool {
    OWN.contains(&right) || system_of(right).is_some()
}

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
    /// Members that may pass.
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
        rights: &Rights<'_>,
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
                grants.extend(self.grant(grant, rights, zone, &mut granted));
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
        rights: &Rights<'_>,
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
        self.members(raw, rights);
        for operation in &raw.operasi {
            match rights.operations.get(&operation.value) {
                // A right of the gateway's own.
                None if OWN.contains(&operation.value.as_str()) => {}
                // A copy or a chain.
                None if rights.copies.contains_key(&operation.value) => {}
                // Native calls: the system must have opened them; a system that is wrong has been complained about.
                None if system_of(&operation.value)
                    .and_then(|system| rights.systems.get(system))
                    .is_some_and(|system| system.as_ref().is_none_or(|system| system.native.is_some())) => {}
                // The right to hear of an event.
                None if rights.heard.contains_key(&operation.value) => {}
                None => self.no_operation(operation, rights.operations.keys()),
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
                fields: (!raw.bidang.is_empty()).then(|| raw.bidang.iter().map(|b| b.value.clone()).collect()),
                per_minute,
                burst: rate(raw.sekaligus.as_ref()).unwrap_or(per_minute),
            });
        }
        grants
    }

    /// The members that a grant names exist in what it is for, and what an operation must have is among them.
    fn members(&mut self, raw: &RawGrant, rights: &Rights<'_>) {
        if raw.bidang.is_empty() {
            return;
        }
        let operation = |right: &str| rights.operations.get(right).and_then(Option::as_ref);
        let known = |right: &str, name: &str| {
            let heard = rights
                .heard
                .get(right)
                .into_iter()
                .flatten()
                .any(|data| data.has_member(name));
            let asked = operation(right).is_some_and(|o| o.request.has_member(name) || o.reply.has_member(name));
            let copied = rights
                .copies
                .get(right)
                .is_some_and(|members| members.iter().any(|m| m == name));
            heard || asked || copied
        };
        // What is wrong or unknown was complained about by itself.
        let judged = |right: &str| {
            operation(right).is_some() || rights.heard.contains_key(right) || rights.copies.contains_key(right)
        };
        for right in raw.operasi.iter().filter(|right| whole(&right.value)) {
            self.say(
                &right.place,
                (
                    format!("hak `{}` tidak mengenal `bidang`", right.value),
                    format!("the right `{}` knows no `bidang`", right.value),
                ),
                (
                    "isinya lewat tanpa dibaca; tulis hak itu sendiri tanpa `bidang`",
                    "its content passes unread; write that right by itself, without `bidang`",
                ),
            );
        }
        let judged: Vec<&str> = raw
            .operasi
            .iter()
            .map(|right| right.value.as_str())
            .filter(|right| judged(right))
            .collect();
        for name in &raw.bidang {
            if let Some(right) = judged.first()
                && !judged.iter().any(|right| known(right, &name.value))
            {
                self.say(
                    &name.place,
                    (
                        format!("`{right}` tidak mempunyai bidang `{}`", name.value),
                        format!("`{right}` has no member `{}`", name.value),
                    ),
                    (
                        "lihat skemanya; bagian ditulis dengan titik, misalnya `pelapor.nama`",
                        "see its schema; a part is written with a dot, for example `pelapor.nama`",
                    ),
                );
            }
        }
        let fields = Fields::new(raw.bidang.iter().map(|name| name.value.as_str()));
        for right in &raw.operasi {
            let Some(operation) = operation(&right.value) else {
                continue;
            };
            for name in operation.request.required().filter(|name| !fields.covers(name)) {
                self.say(
                    &raw.place.below("bidang"),
                    (
                        format!(
                            "`{}` wajib diisi `{name}`, yang tidak ada di antara bidang hak ini",
                            operation.id
                        ),
                        format!(
                            "`{}` needs `{name}`, which is not among the fields of this grant",
                            operation.id
                        ),
                    ),
                    (
                        "tambahkan; tanpa itu setiap permintaan ditolak",
                        "add it; without it every request is refused",
                    ),
                );
            }
        }
    }

    /// A moment as it stands; a date is its first moment in the city, `days` later.
    pub(super) fn moment(&mut self, written: &Placed<String>, zone: &TimeZone, days: i64) -> Option<Timestamp> {
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
