//! `[[peristiwa]]`: the operation exists, the type is well formed and not the gateway's own, every pointer leads
//! somewhere in the reply, and nothing is told twice.

use super::links::looks;
use super::{Check, CheckedInbound, CheckedOperation, Known};
use crate::config::complaint::Place;
use crate::config::raw::{RawEvent, RawRelay};
use gateway_core::events::Emit;
use gateway_core::flows::Flows;
use schemas::{Registry, Schema};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// First words of the types that the gateway itself tells.
const OWN: [&str; 3] = ["pertukaran.", "langganan.", "simpul."];
/// Deepest chain of references and parts of a schema that is followed.
const DEPTH: usize = 16;

impl Check {
    pub(super) fn events(
        &mut self,
        raw: &[RawEvent],
        operations: &Known<CheckedOperation>,
        inbound: &[CheckedInbound],
        schemas: Option<&Registry>,
    ) -> Vec<Emit> {
        let mut emits: Vec<Emit> = Vec::new();
        for one in raw {
            if !one.dari.is_empty() && !operations.contains_key(&one.dari.value) {
                self.no_operation(&one.dari, operations.keys());
            }
            self.kind(one);
            let operation = operations.get(&one.dari.value).and_then(Option::as_ref);
            let reply = operation.map(|operation| operation.reply.as_ref());
            let each = one.tiap.as_ref().map(|pointer| {
                self.in_reply(&pointer.value, &pointer.place, reply, schemas);
                pointer.value.clone()
            });
            let own = one.skema.as_ref().map(|written| {
                let id = format!("urn:simpul:skema:{}:1", written.value);
                (self.schema(&written.place, &id, schemas), id)
            });
            // What a list holds, or what is put together, has the shape that its own schema says.
            let made = each.is_some() || !one.salin.is_empty();
            let reply = match &own {
                Some((schema, _)) => schema.as_deref(),
                None => reply.filter(|_| !made),
            };
            if own.is_none() && made {
                self.say(
                    &one.place.below("skema"),
                    (
                        "peristiwa ini disusun sendiri, tanpa skema",
                        "this event is put together, without a schema",
                    ),
                    ("tulis skema = \"nama_skema\"", "write skema = \"name_of_schema\""),
                );
            }
            let copy: Vec<_> = one
                .salin
                .iter()
                .map(|(pointer, source)| {
                    self.in_reply(pointer, &source.place, reply, schemas);
                    (pointer.clone(), self.source(&source.value, &source.place))
                })
                .collect();
            let published = operation.is_some_and(|operation| !operation.path.is_empty());
            let grant = match &one.hak {
                Some(written) => written.value.clone(),
                None if published => one.dari.value.clone(),
                // Nobody can be granted what is not published: the event itself is the right.
                None => one.jenis.value.clone(),
            };
            for pointer in &one.subjek {
                self.in_reply(&pointer.value, &pointer.place, reply, schemas);
            }
            let mut when = Vec::new();
            for (pointer, value) in &one.bila {
                self.in_reply(pointer, &value.place, reply, schemas);
                match value.value.as_str() {
                    Some(text) => when.push((pointer.clone(), text.to_owned())),
                    None => self.say(
                        &value.place,
                        ("syarat peristiwa bukan teks", "an event's condition is not text"),
                        ("tulis teks yang harus sama", "write the text that must stand there"),
                    ),
                }
            }
            let emit = Emit {
                operation: one.dari.value.clone(),
                kind: one.jenis.value.clone(),
                subject: one.subjek.iter().map(|pointer| pointer.value.clone().into()).collect(),
                when,
                each,
                whole: one.utuh.as_ref().is_none_or(|flag| flag.value),
                copy,
                schema: own.map(|(_, id)| id),
                grant,
                limited: true,
            };
            let same =
                |other: &Emit| other.operation == emit.operation && other.kind == emit.kind && other.when == emit.when;
            if !emit.kind.is_empty() && emits.iter().any(same) {
                self.say(
                    &one.jenis.place,
                    (
                        format!("peristiwa `{}` dari `{}` tertulis dua kali", emit.kind, emit.operation),
                        format!("event `{}` of `{}` is written twice", emit.kind, emit.operation),
                    ),
                    ("sisakan satu, atau bedakan `bila`", "keep one, or let `bila` differ"),
                );
            }
            emits.push(emit);
        }
        for one in inbound {
            let event = one.event();
            let told = |other: &Emit| other.operation == event.operation && other.kind == event.kind;
            if !emits.iter().any(told) {
                emits.push(event);
            }
        }
        emits
    }

    /// A reading operation tells only when the gateway itself reads: what consumers read is not journalled.
    pub(super) fn told_by_looks(
        &mut self,
        (raw, relays): (&[RawEvent], &[RawRelay]),
        operations: &Known<CheckedOperation>,
        flows: &Flows,
    ) {
        let follows = flows.follows.iter().flat_map(|plan| &plan.readings);
        let looks: BTreeSet<&str> = follows
            .map(|reading| reading.operation.as_str())
            .chain(flows.schedules.iter().map(|schedule| schedule.operation.as_str()))
            .chain(relays.iter().filter(|one| looks(one)).map(|one| one.ke.value.as_str()))
            .collect();
        for one in raw {
            let operation = operations.get(&one.dari.value).and_then(Option::as_ref);
            let reads = operation.is_some_and(|operation| !operation.spec.effect.writes());
            if reads && !looks.contains(one.dari.value.as_str()) {
                self.say(
                    &one.dari.place,
                    (
                        format!(
                            "`{}` hanya dibaca konsumen; peristiwa ini tidak pernah terjadi",
                            one.dari.value
                        ),
                        format!(
                            "`{}` is only read by consumers; this event never happens",
                            one.dari.value
                        ),
                    ),
                    (
                        "baca sendiri dengan [[ikuti]], [[jadwal]] atau [[relai]] dari kiriman masuk, atau hapus peristiwanya",
                        "let the gateway read it with [[ikuti]], [[jadwal]] or a [[relai]] from a push, or remove the event",
                    ),
                );
            }
        }
    }

    fn kind(&mut self, raw: &RawEvent) {
        let kind = &raw.jenis;
        if !self.id(("peristiwa", "the event"), kind, &BTreeMap::<String, ()>::new()) {
            return;
        }
        if OWN.iter().any(|own| kind.starts_with(own)) {
            self.say(
                &kind.place,
                (
                    format!("jenis `{}` milik gateway sendiri", kind.value),
                    format!("type `{}` is the gateway's own", kind.value),
                ),
                ("pakai awalan lain", "begin it with another word"),
            );
        } else if !kind.contains('.') || kind.ends_with('.') {
            self.say(
                &kind.place,
                (
                    format!("jenis peristiwa `{}` tidak sah", kind.value),
                    format!("event type `{}` is not valid", kind.value),
                ),
                (
                    "tulis hal dan kejadiannya, misalnya \"pengaduan.terkirim\"",
                    "write the thing and what happened to it, for example \"pengaduan.terkirim\"",
                ),
            );
        }
    }

    fn in_reply(&mut self, text: &str, place: &Place, reply: Option<&Schema>, schemas: Option<&Registry>) {
        let pointer = self.pointer(text, place);
        let Some(reply) = reply.filter(|_| pointer.starts_with('/')) else {
            return;
        };
        let parts: Vec<String> = pointer
            .split('/')
            .skip(1)
            .map(|part| part.replace("~1", "/").replace("~0", "~"))
            .collect();
        if !leads(reply.document(), reply.document(), &parts, schemas, DEPTH) {
            self.say(
                place,
                (
                    format!("`{pointer}` tidak ada di balasan `{}`", reply.id()),
                    format!("`{pointer}` is not in the reply `{}`", reply.id()),
                ),
                (
                    "lihat skema balasan operasinya",
                    "see the schema of the operation's reply",
                ),
            );
        }
    }
}

/// Whether a pointer can lead somewhere in what the schema allows.
fn leads(schema: &Value, root: &Value, parts: &[String], schemas: Option<&Registry>, depth: usize) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return true;
    };
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    if let Some(next) = schema.get("properties").and_then(|properties| properties.get(first)) {
        return leads(next, root, rest, schemas, depth);
    }
    if let Some(items) = schema.get("items").filter(|_| first.parse::<usize>().is_ok())
        && leads(items, root, rest, schemas, depth)
    {
        return true;
    }
    let combined = ["allOf", "anyOf", "oneOf"]
        .iter()
        .filter_map(|word| schema.get(*word)?.as_array())
        .flatten();
    for part in combined {
        if leads(part, root, parts, schemas, depth) {
            return true;
        }
    }
    match schema.get("$ref").and_then(Value::as_str) {
        Some(inside) if inside.starts_with('#') => root
            .pointer(inside.trim_start_matches('#'))
            .is_some_and(|next| leads(next, root, parts, schemas, depth)),
        Some(other) => schemas
            .and_then(|schemas| schemas.get(other))
            .is_some_and(|next| leads(next.document(), next.document(), parts, schemas, depth)),
        None => false,
    }
}
