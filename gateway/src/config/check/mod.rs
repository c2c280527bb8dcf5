//! Judges what was written: pure, all complaints at once, and a different type when there are none. Connectors are built
//! here, since only they know their settings; building one touches nothing outside.

mod auth;
mod catalogue;
mod consumer;
mod event;
mod flow;
mod identity;
mod inbound;
mod issuer;
mod journal;
mod likeness;
mod links;
mod maintenance;
mod mirror;
mod native;
mod node;
mod oidc;
mod operation;
mod retention;
mod system;

pub use auth::{AuthPlan, KeyExchangePlan};
pub use consumer::{CheckedConsumer, CheckedGrant};
pub use identity::SystemTls;
pub use inbound::CheckedInbound;
pub use journal::Journal;
pub use node::{LogSettings, Node, TlsFiles};
pub use oidc::CheckedOidc;
pub use operation::CheckedOperation;
pub use system::CheckedSystem;
pub(super) use system::unfit;

use super::complaint::{Complaint, Place, Placed, in_order};
use super::raw::Raw;
use super::reader::Source;
use crate::reference::Facts;
use connector_sdk::Factory;
use gateway_core::events::Emit;
use gateway_core::flows::Flows;
use gateway_core::identity::outside::Terms;
use gateway_core::relay::Relay;
use gateway_core::retention::Class;
use schemas::{CodeLists, Registry};
use std::collections::{BTreeMap, BTreeSet};

/// A set-up without a complaint, except for secrets that nobody has read yet.
#[derive(Debug)]
pub struct Checked {
    /// This process.
    pub node: Node,
    /// Systems.
    pub systems: Vec<CheckedSystem>,
    /// What systems push to us.
    pub inbound: Vec<CheckedInbound>,
    /// Operations, those without an address too.
    pub operations: Vec<CheckedOperation>,
    /// Consumers.
    pub consumers: Vec<CheckedConsumer>,
    /// Outside issuers of tokens.
    pub issuers: Vec<Terms>,
    /// The identity provider of the console.
    pub oidc: Option<CheckedOidc>,
    /// Relays.
    pub relays: Vec<Relay>,
    /// How long bodies are kept.
    pub retention: Vec<Class>,
    /// What the gateway does of its own accord.
    pub flows: Flows,
    /// What replies tell subscribers.
    pub emits: Vec<Emit>,
    /// What people say about the catalogue.
    pub facts: Facts,
    /// Systems that are registered and not written.
    pub declared: BTreeSet<String>,
    /// Hosts inside with their ports that registered systems may name.
    pub inside: Vec<(String, u16)>,
    /// Every schema, those of the set-up too.
    pub schemas: Registry,
    /// Code lists: the embedded ones and those of the set-up over them.
    pub codes: CodeLists,
    /// What is allowed and yet hardly meant; told by `simpul check` and at start.
    pub doubts: Vec<Complaint>,
}

/// Judges everything; `connectors` are those that this program has.
pub fn check(raw: &Raw, connectors: &[Factory]) -> Result<Checked, Vec<Complaint>> {
    let mut check = Check {
        complaints: raw.complaints.clone(),
        doubts: Vec::new(),
    };
    let schemas = check.schemas(&raw.schemas);
    let codes = check.codes(&raw.codes);
    let node = check.node(raw.node.as_ref());
    let systems = check.systems(&raw.systems, connectors);
    let inbound = check.inbound(&raw.systems, &systems, schemas.as_ref());
    let operations = check.operations(raw, &systems, &inbound, schemas.as_ref());
    let copies = check.mirrors(raw, &operations, &systems, schemas.as_ref());
    let mut flows = check.flows(raw, &operations, &systems);
    let relays = check.relays(&raw.relays, &operations, &flows);
    let mut emits = check.events(&raw.events, &operations, &inbound, schemas.as_ref());
    check.told_by_looks((&raw.events, &raw.relays), &operations, &flows);
    emits.extend(mirror::emits(&copies));
    let heard = consumer::heard(&emits, &operations, schemas.as_ref());
    let rights = consumer::Rights {
        operations: &operations,
        systems: &systems,
        heard: &heard,
        copies: &copies.rights,
    };
    let consumers = check.consumers(&raw.consumers, &rights, &node.zone);
    let issuers = check.issuers(&raw.issuers, &consumers);
    let oidc = raw.oidc.as_ref().map(|oidc| check.oidc(oidc));
    flows.mirrors = copies.mirrors;
    flows.chains = copies.chains;
    let retention = check.retention(&raw.retention, &operations, &emits);
    // What is kept beside an operation is kept no longer than its class says.
    for fallback in &mut flows.fallbacks {
        let of = |class: &&Class| {
            let mut operations = class.operations.iter();
            operations.any(|one| *one == fallback.operation || fallback.from.contains(one))
        };
        let shortest = retention.iter().filter(of).map(|class| class.keep).min();
        fallback.keep = shortest.map_or(fallback.keep, |keep| keep.min(fallback.keep));
    }
    let facts = check.facts(raw, &operations, (&flows.mirrors, &flows.chains), &node.zone);
    let inside = check.inside(raw);
    let complete = systems.into_values().collect::<Option<Vec<_>>>();
    match (complete, codes, schemas) {
        (Some(systems), Some(codes), Some(schemas)) if check.complaints.is_empty() => Ok(Checked {
            node,
            systems,
            inbound,
            operations: operations.into_values().flatten().collect(),
            consumers,
            issuers,
            oidc,
            relays,
            retention,
            flows,
            emits,
            facts,
            declared: raw.declared.clone(),
            inside,
            schemas,
            codes,
            doubts: in_order(check.doubts),
        }),
        _ => Err(in_order(check.complaints)),
    }
}

/// The complaints so far.
struct Check {
    complaints: Vec<Complaint>,
    doubts: Vec<Complaint>,
}

/// What was declared under an id; `None` when it exists but is wrong, so that references to it are not complained about
/// a second time.
type Known<T> = BTreeMap<String, Option<T>>;

impl Check {
    fn say(
        &mut self,
        place: &Place,
        what: (impl Into<String>, impl Into<String>),
        advice: (impl Into<String>, impl Into<String>),
    ) {
        self.complaints.push(Complaint::new(place, what, advice));
    }

    /// What is allowed and yet hardly meant.
    fn doubt(
        &mut self,
        place: &Place,
        what: (impl Into<String>, impl Into<String>),
        advice: (impl Into<String>, impl Into<String>),
    ) {
        self.doubts.push(Complaint::new(place, what, advice));
    }

    /// An id that is well formed and not used before. An absent one was complained about by the reader.
    fn id<T>(&mut self, kind: (&str, &str), id: &Placed<String>, known: &BTreeMap<String, T>) -> bool {
        if id.is_empty() {
            return false;
        }
        let plain = id.len() <= 64
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.'));
        if !plain {
            self.say(
                &id.place,
                (
                    format!("id {} `{}` tidak sah", kind.0, id.value),
                    format!("id `{}` of {} is not valid", id.value, kind.1),
                ),
                (
                    "pakai huruf kecil, angka, titik, garis bawah; mulai dengan huruf; paling panjang 64",
                    "use lower-case letters, digits, dots, underscores; begin with a letter; at most 64",
                ),
            );
        }
        if known.contains_key(&id.value) {
            self.say(
                &id.place,
                (
                    format!("id {} `{}` dipakai dua kali", kind.0, id.value),
                    format!("id `{}` of {} is used twice", id.value, kind.1),
                ),
                (
                    "pakai id lain atau hapus salah satunya",
                    "use another id or remove one of the two",
                ),
            );
            return false;
        }
        plain
    }

    fn schemas(&mut self, files: &[Source]) -> Option<Registry> {
        let mut documents = Vec::new();
        for file in files {
            match serde_json::from_str(&file.text) {
                Ok(document) => documents.push(document),
                Err(error) => self.file(file, Some(error.line()), &error),
            }
        }
        let registry = Registry::embedded().and_then(|registry| registry.with(documents));
        registry
            .map_err(|error| match files.first() {
                Some(file) => self.file(file, None, &error),
                None => self.say(
                    &whole(),
                    (error.to_string(), error.to_string()),
                    ("laporkan cacat ini", "report this defect"),
                ),
            })
            .ok()
    }

    fn codes(&mut self, files: &[Source]) -> Option<CodeLists> {
        let embedded = CodeLists::embedded();
        let mut lists = embedded
            .map_err(|error| {
                self.say(
                    &whole(),
                    (error.to_string(), error.to_string()),
                    ("laporkan cacat ini", "report this defect"),
                );
            })
            .ok()?;
        for file in files {
            match lists.clone().load(&file.text) {
                Ok(more) => lists = more,
                Err(error) => self.file(file, None, &error),
            }
        }
        Some(lists)
    }

    fn file(&mut self, file: &Source, line: Option<usize>, error: &dyn std::fmt::Display) {
        let place = Place {
            file: file.name.clone(),
            line,
            key: String::new(),
        };
        self.say(
            &place,
            (error.to_string(), error.to_string()),
            ("perbaiki berkas ini", "correct this file"),
        );
    }
}

/// The set-up as a whole, where no file can be named.
fn whole() -> Place {
    Place {
        file: "konfigurasi".into(),
        line: None,
        key: String::new(),
    }
}
