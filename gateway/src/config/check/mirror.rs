//! `[[salinan]]` and `[[rantai]]`: the mirror exists and gets the parts it needs, the address is free, every index is over
//! fields that exist, every step of a chain is a copy, and a rule says how sure it is.

use super::{Check, CheckedOperation, CheckedSystem, Known};
use crate::config::complaint::{Place, Placed};
use crate::config::raw::{Raw, RawChain, RawMirror, RawRule};
use gateway_core::events::Emit;
use gateway_core::mirror::chain::{ChainPlan, Rule, Side, Stage, Strength};
use gateway_core::mirror::{Feed, Field, FieldKind, MirrorPlan, SLOTS, Scopes};
use schemas::{Registry, Schema};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Copies and chains without complaints, and the members that a grant for a copy may name.
#[derive(Debug, Default)]
pub(super) struct Copies {
    pub(super) mirrors: Vec<MirrorPlan>,
    pub(super) chains: Vec<ChainPlan>,
    /// Members of each right; none for a chain.
    pub(super) rights: BTreeMap<String, Vec<String>>,
}

impl Check {
    pub(super) fn mirrors(
        &mut self,
        raw: &Raw,
        operations: &Known<CheckedOperation>,
        systems: &Known<CheckedSystem>,
        schemas: Option<&Registry>,
    ) -> Copies {
        let mut copies = Copies::default();
        let mut ids = BTreeMap::new();
        let mut paths: BTreeSet<String> = operations.values().flatten().map(|o| o.path.clone()).collect();
        for one in &raw.mirrors {
            if self.id(("salinan", "the copy"), &one.id, &ids) {
                ids.insert(one.id.value.clone(), ());
            }
            self.address_of_copy(&one.alamat, &mut paths);
            copies.mirrors.extend(self.mirror(one, systems, schemas));
        }
        let known: BTreeSet<&str> = raw.mirrors.iter().map(|m| m.id.value.as_str()).collect();
        for feed in raw.mirrors.iter().filter_map(|m| m.cakupan_dari.as_ref()) {
            self.is_copy(&feed.salinan, &known);
        }
        let mut chains = BTreeMap::new();
        for one in &raw.chains {
            if self.id(("rantai", "the chain"), &one.id, &chains) {
                chains.insert(one.id.value.clone(), ());
            }
            self.address_of_copy(&one.alamat, &mut paths);
            let chain = self.chain(one, &known);
            copies.chains.push(chain);
        }
        copies.rights = copies.mirrors.iter().map(|m| (m.grant(), m.members())).collect();
        copies
            .rights
            .extend(copies.chains.iter().map(|c| (c.grant(), Vec::new())));
        copies
    }

    fn mirror(
        &mut self,
        raw: &RawMirror,
        systems: &Known<CheckedSystem>,
        schemas: Option<&Registry>,
    ) -> Option<MirrorPlan> {
        let system = systems.get(&raw.sistem.value);
        let mirror = system
            .and_then(Option::as_ref)
            .map(|s| s.connector.mirror(&raw.salinan.value));
        if matches!((system, mirror), (None, _) | (_, Some(None))) {
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
        let fields = self.fields(raw);
        let slots = self.slots(raw, &fields);
        let mirror = mirror.flatten()?;
        let scopes = self.scopes(raw, mirror.scope());
        let every = raw.setiap.as_ref().map_or_else(
            || Duration::from_secs(u64::from(mirror.spec().every_s.max(60))),
            |every| every.value,
        );
        let schema: Option<Arc<Schema>> = schemas.and_then(|s| s.shared(&mirror.spec().schema));
        if schema.is_none() && schemas.is_some() {
            let id = &mirror.spec().schema;
            self.say(
                &raw.salinan.place,
                (format!("skema `{id}` tidak ada"), format!("there is no schema `{id}`")),
                ("laporkan cacat konektor ini", "report this defect of the connector"),
            );
        }
        let span = |own: &Option<Placed<Duration>>, or: Duration| own.as_ref().map_or(or, |d| d.value);
        Some(MirrorPlan {
            id: raw.id.value.clone(),
            system: raw.sistem.value.clone(),
            mirror: raw.salinan.value.clone(),
            path: raw.alamat.value.clone(),
            every,
            fresh: span(&raw.segar, every * 2),
            resume: span(&raw.lanjut, Duration::from_secs(6 * 3600)),
            scopes,
            fields,
            slots,
            events: raw.peristiwa.as_ref().is_some_and(|flag| flag.value),
            keep: span(&raw.simpan, 400 * DAY),
            retire: raw.simpan_bagian.as_ref().map(|d| d.value),
            schema: schema?,
        })
    }

    fn fields(&mut self, raw: &RawMirror) -> Vec<Field> {
        const OWN: [&str; 6] = ["urut", "batas", "kursor", "bidang", "format", "kunci"];
        for (name, pointer) in &raw.bidang {
            let plain = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !plain || OWN.contains(&name.as_str()) {
                self.say(
                    &pointer.place,
                    (
                        format!("nama bidang `{name}` tidak sah"),
                        format!("field name `{name}` is not valid"),
                    ),
                    (
                        "pakai huruf kecil, angka dan _; bukan urut, batas, kursor, bidang, format, kunci",
                        "use lower-case letters, digits and _; none of urut, batas, kursor, bidang, format, kunci",
                    ),
                );
            }
        }
        for name in &raw.angka {
            if !raw.bidang.iter().any(|(field, _)| *field == name.value) {
                self.no_field(name);
            }
        }
        let numeric = |name: &String| raw.angka.iter().any(|n| n.value == *name);
        raw.bidang
            .iter()
            .map(|(name, pointer)| Field {
                name: name.clone(),
                pointer: self.pointer(&pointer.value, &pointer.place),
                kind: if numeric(name) {
                    FieldKind::Number
                } else {
                    FieldKind::Text
                },
            })
            .collect()
    }

    /// Without a list of its own every field is an index.
    fn slots(&mut self, raw: &RawMirror, fields: &[Field]) -> Vec<Vec<String>> {
        let mut slots: Vec<Vec<String>> = raw
            .indeks
            .iter()
            .map(|index| index.split('+').map(|name| name.trim().to_owned()).collect())
            .collect();
        for (index, names) in raw.indeks.iter().zip(&slots) {
            if names.iter().any(|name| !fields.iter().any(|field| field.name == *name)) {
                self.no_field(index);
            }
        }
        if raw.indeks.is_empty() {
            slots = fields.iter().map(|field| vec![field.name.clone()]).collect();
        }
        if slots.len() > SLOTS {
            self.say(
                &raw.place.below("indeks"),
                (
                    format!("lebih dari {SLOTS} indeks"),
                    format!("more than {SLOTS} indices"),
                ),
                (
                    "sebut yang terpakai di indeks = […]",
                    "name those that are used in indeks = […]",
                ),
            );
        }
        slots
    }

    fn no_field(&mut self, name: &Placed<String>) {
        self.say(
            &name.place,
            (
                format!("`{}` bukan bidang salinan ini", name.value),
                format!("`{}` is no field of this copy", name.value),
            ),
            ("sebut di bidang = { … }", "name it in bidang = { … }"),
        );
    }

    fn scopes(&mut self, raw: &RawMirror, needed: &[connector_sdk::Str]) -> Scopes {
        let mut fixed: Vec<BTreeMap<String, String>> = vec![BTreeMap::new()];
        let place = raw.place.below("cakupan");
        for (name, value) in &raw.cakupan.table {
            let values: Option<Vec<String>> = match value {
                Value::String(text) => Some(vec![text.clone()]),
                Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
                _ => None,
            };
            let Some(values) = values.filter(|values| !values.is_empty()) else {
                self.say(
                    &place,
                    (
                        format!("cakupan `{name}` bukan teks atau daftar teks"),
                        format!("scope `{name}` is neither a text nor a list of texts"),
                    ),
                    (
                        "tulis misalnya tahun = [\"2026\"]",
                        "write for example tahun = [\"2026\"]",
                    ),
                );
                continue;
            };
            fixed = fixed
                .iter()
                .flat_map(|before| {
                    values.iter().map(|value| {
                        let mut scope = before.clone();
                        scope.insert(name.clone(), value.clone());
                        scope
                    })
                })
                .collect();
        }
        let feed = raw.cakupan_dari.as_ref().map(|feed| Feed {
            set: feed.salinan.value.clone(),
            values: feed
                .isi
                .iter()
                .map(|(name, pointer)| (name.clone(), self.pointer(&pointer.value, &pointer.place)))
                .collect(),
        });
        let given: BTreeSet<&str> = raw
            .cakupan
            .table
            .keys()
            .map(String::as_str)
            .chain(feed.iter().flat_map(|feed| feed.values.keys().map(String::as_str)))
            .collect();
        let wanted: BTreeSet<&str> = needed.iter().map(AsRef::as_ref).collect();
        if given != wanted {
            let shown = wanted.iter().copied().collect::<Vec<_>>().join(", ");
            self.say(
                &place,
                (
                    format!("cakupan salinan `{}` harus tepat: {shown}", raw.salinan.value),
                    format!("the scope of mirror `{}` must be exactly: {shown}", raw.salinan.value),
                ),
                (
                    "isi di cakupan = { … } atau cakupan_dari.isi",
                    "give it in cakupan = { … } or cakupan_dari.isi",
                ),
            );
        }
        fixed.retain(|scope| !scope.is_empty());
        Scopes { fixed, feed }
    }

    fn is_copy(&mut self, name: &Placed<String>, known: &BTreeSet<&str>) {
        if !name.is_empty() && !known.contains(name.value.as_str()) {
            self.say(
                &name.place,
                (
                    format!("salinan `{}` tidak ada", name.value),
                    format!("there is no copy `{}`", name.value),
                ),
                ("buat dengan [[salinan]]", "make it with [[salinan]]"),
            );
        }
    }

    fn address_of_copy(&mut self, path: &Placed<String>, taken: &mut BTreeSet<String>) {
        if path.is_empty() {
            return;
        }
        let plain = path.strip_prefix("/v1/").is_some_and(|rest| {
            !rest.is_empty()
                && rest.split('/').all(|s| {
                    !s.is_empty()
                        && s.bytes()
                            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
                })
        });
        let own = ["/v1/lampiran", "/v1/pertukaran", "/v1/langganan", "/v1/peristiwa"];
        let reserved = own
            .iter()
            .any(|own| path.value == *own || path.starts_with(&format!("{own}/")));
        if !plain || reserved {
            self.say(
                &path.place,
                (
                    format!("alamat `{}` tidak sah", path.value),
                    format!("address `{}` is not valid", path.value),
                ),
                (
                    "tulis /v1/… dengan huruf kecil, tanpa parameter, bukan milik gateway",
                    "write /v1/… in lower case, without parameters, not one of the gateway's own",
                ),
            );
        }
        if !taken.insert(path.value.clone()) {
            self.say(
                &path.place,
                (
                    format!("alamat `{}` sudah dipakai", path.value),
                    format!("address `{}` is taken", path.value),
                ),
                ("pakai alamat lain", "use another address"),
            );
        }
    }

    fn chain(&mut self, raw: &RawChain, known: &BTreeSet<&str>) -> ChainPlan {
        if raw.langkah.len() < 2 {
            self.say(
                &raw.place.below("langkah"),
                (
                    "rantai perlu sedikitnya dua langkah",
                    "a chain needs at least two steps",
                ),
                ("tambah [[rantai.langkah]]", "add [[rantai.langkah]]"),
            );
        }
        let mut stages: Vec<Stage> = Vec::new();
        for (at, stage) in raw.langkah.iter().enumerate() {
            self.is_copy(&stage.salinan, known);
            if stages.iter().any(|before| before.name == stage.nama.value) {
                self.say(
                    &stage.nama.place,
                    ("nama langkah dipakai dua kali", "the name of a step is used twice"),
                    ("pakai nama lain", "use another name"),
                );
            }
            if (at == 0) != stage.aturan.is_empty() {
                self.say(
                    &stage.place.below("aturan"),
                    (
                        "langkah pertama tanpa aturan, yang lain dengan aturan",
                        "the first step has no rules, every other has some",
                    ),
                    (
                        "perbaiki [[rantai.langkah.aturan]]",
                        "correct [[rantai.langkah.aturan]]",
                    ),
                );
            }
            stages.push(Stage {
                name: stage.nama.value.clone(),
                set: stage.salinan.value.clone(),
                rules: stage.aturan.iter().map(|rule| self.rule(rule)).collect(),
                versions: Side {
                    pointers: stage
                        .versi_dari
                        .iter()
                        .map(|p| self.pointer(&p.value, &p.place))
                        .collect(),
                    join: "\u{1f}".to_owned(),
                    ..Side::default()
                },
            });
        }
        ChainPlan {
            id: raw.id.value.clone(),
            path: raw.alamat.value.clone(),
            stages,
        }
    }

    fn rule(&mut self, raw: &RawRule) -> Rule {
        let text = |own: &Option<Placed<String>>| own.as_ref().map(|t| t.value.clone()).unwrap_or_default();
        let strength = match raw.kekuatan.as_str() {
            "kunci" => Strength::Exact,
            other => {
                if other != "turunan" && !other.is_empty() {
                    self.say(
                        &raw.kekuatan.place,
                        (
                            format!("kekuatan `{other}` tidak dikenal"),
                            format!("strength `{other}` is not known"),
                        ),
                        ("tulis kunci atau turunan", "write kunci or turunan"),
                    );
                }
                Strength::Derived
            }
        };
        let flag = |own: &Option<Placed<bool>>| own.as_ref().is_some_and(|flag| flag.value);
        for exact in [&raw.memuat, &raw.timbal_balik].into_iter().flatten() {
            if exact.value && strength == Strength::Exact {
                self.say(
                    &exact.place,
                    (
                        "yang ditemukan di dalam teks atau karena tunggal bukan kunci",
                        "what is found in a text, or because it is single, is no key",
                    ),
                    ("tulis kekuatan = \"turunan\"", "write kekuatan = \"turunan\""),
                );
            }
        }
        let mut side = |pointers: &[Placed<String>], place: Place| {
            if pointers.is_empty() {
                self.say(
                    &place,
                    ("aturan tanpa bidang di satu sisi", "a rule without fields on one side"),
                    (
                        "tulis kiri = [\"/…\"] dan kanan = [\"/…\"]",
                        "write kiri = [\"/…\"] and kanan = [\"/…\"]",
                    ),
                );
            }
            Side {
                pointers: pointers.iter().map(|p| self.pointer(&p.value, &p.place)).collect(),
                join: text(&raw.gabung),
                split: text(&raw.pisah),
                trim: text(&raw.buang),
            }
        };
        let left = side(&raw.kiri, raw.place.below("kiri"));
        let right = side(&raw.kanan, raw.place.below("kanan"));
        Rule {
            name: raw.nama.value.clone(),
            strength,
            left,
            right,
            within: flag(&raw.memuat),
            mutual: flag(&raw.timbal_balik),
        }
    }
}

/// What changes of copies and chains tell; who may read the copy may hear of it.
pub(super) fn emits(copies: &Copies) -> Vec<Emit> {
    let mirrors = copies
        .mirrors
        .iter()
        .filter(|m| m.events)
        .map(|m| change(&m.grant(), &m.event()));
    mirrors
        .chain(copies.chains.iter().map(|c| change(&c.grant(), &c.event())))
        .collect()
}

/// That a record changed; the record itself is asked for.
fn change(grant: &str, event: &str) -> Emit {
    Emit {
        limited: false,
        ..Emit::new(grant, event)
    }
}
