//! One entry of the catalogue: whatever can be asked for, seen the same way whether a compiled connector, a registered
//! one, a copy or a chain stands behind it.

use super::facts::{Ageing, Facts};
use connector_sdk::{Descriptor, Str, Text};
use gateway_core::Catalogue;
use gateway_core::catalogue::Published;
use gateway_core::mirror::MirrorPlan;
use gateway_core::mirror::chain::ChainPlan;
use schemas::Schema;
use serde_json::Value;
use std::collections::BTreeSet;

/// What stands behind an entry.
pub(super) enum Behind<'a> {
    /// An operation.
    Operation(&'a Published),
    /// A copy.
    Copy(&'a MirrorPlan),
    /// A chain over copies.
    Chain(&'a ChainPlan),
}

/// An entry.
pub(super) struct Entry<'a> {
    pub(super) id: String,
    pub(super) behind: Behind<'a>,
    pub(super) summary: Text,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// System it goes to, or comes from.
    pub(super) system: String,
    pub(super) descriptor: Option<&'a Descriptor>,
    pub(super) open: bool,
    pub(super) ageing: Option<&'a Ageing>,
}

impl<'a> Entry<'a> {
    /// Schema of what is asked.
    pub(super) fn request(&self) -> Option<&'a Schema> {
        match self.behind {
            Behind::Operation(published) => Some(&published.request),
            Behind::Copy(_) | Behind::Chain(_) => None,
        }
    }

    /// Schema of what is answered: the reply, or one record of a copy.
    pub(super) fn reply(&self) -> Option<&'a Schema> {
        match self.behind {
            Behind::Operation(published) => Some(&published.reply),
            Behind::Copy(plan) => Some(&plan.schema),
            Behind::Chain(_) => None,
        }
    }

    /// Whether it changes something in the system.
    pub(super) fn writes(&self) -> bool {
        matches!(self.behind, Behind::Operation(published) if published.spec.effect.writes())
    }

    /// The word for its kind.
    pub(super) fn kind(&self) -> &'static str {
        match self.behind {
            Behind::Operation(_) => "operasi",
            Behind::Copy(_) => "salinan",
            Behind::Chain(_) => "rantai",
        }
    }

    /// Name of the system for people.
    pub(super) fn title(&self) -> Text {
        self.descriptor
            .map_or_else(|| Text::new("Simpul", "Simpul"), |descriptor| descriptor.title.clone())
    }

    /// Who runs the system.
    pub(super) fn owner(&self) -> Str {
        self.descriptor
            .map_or(Str::Borrowed(""), |descriptor| descriptor.owner.clone())
    }

    /// Version as its address says.
    pub(super) fn version(&self) -> &'a str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// Code lists its fields refer to.
    pub(super) fn codes(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for schema in [self.request(), self.reply()].into_iter().flatten() {
            codes(schema.document(), &mut found);
        }
        found
    }

    /// An example of what is asked.
    pub(super) fn example(&self) -> Option<&'a Value> {
        self.request()?.document().pointer("/examples/0")
    }
}

fn codes(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                match (name.as_str(), inner.as_str()) {
                    ("x-kode" | "x-rujukan", Some(list)) => {
                        found.insert(list.to_owned());
                    }
                    ("examples", _) => {}
                    _ => codes(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| codes(item, found)),
        _ => {}
    }
}

/// Everything that can be asked for, in order of ids.
pub(super) fn entries<'a>(catalogue: &'a Catalogue, facts: &'a Facts) -> Vec<Entry<'a>> {
    let descriptor = |system: &str| catalogue.systems.get(system).map(|s| s.connector.descriptor());
    let fresh = |id: String, behind, summary: Text, system: &str, method, path| Entry {
        open: facts.open.contains(&id),
        ageing: facts.ageing.get(&id),
        descriptor: descriptor(system),
        system: system.to_owned(),
        id,
        behind,
        summary,
        method,
        path,
    };
    let operations = catalogue.operations.values().filter(|o| !o.path.is_empty()).map(|o| {
        let method = o.method.as_str();
        fresh(
            o.id.clone(),
            Behind::Operation(o),
            o.spec.summary.clone(),
            &o.system,
            method,
            &o.path,
        )
    });
    let copies = catalogue.flows.mirrors.iter().map(|plan| {
        let spec = descriptor(&plan.system).and_then(|d| d.mirrors.iter().find(|m| *m.id == plan.mirror));
        let summary = spec.map_or_else(
            || Text::owned(format!("Salinan {}", plan.id), format!("Copy {}", plan.id)),
            |spec| spec.summary.clone(),
        );
        fresh(
            plan.grant(),
            Behind::Copy(plan),
            summary,
            &plan.system,
            "GET",
            &plan.path,
        )
    });
    let chains = catalogue.flows.chains.iter().map(|plan| {
        let summary = Text::owned(
            format!("Rantai {} dari satu salinan ke salinan berikutnya", plan.id),
            format!("Chain {} from one copy to the next", plan.id),
        );
        fresh(plan.grant(), Behind::Chain(plan), summary, "", "GET", &plan.path)
    });
    let mut all: Vec<_> = operations.chain(copies).chain(chains).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}
