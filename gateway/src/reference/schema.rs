//! Canonical schemas as parts of one document: a name for each, references led there, `$id` left out, so that ordinary
//! generators follow them.

use schemas::{Registry, Schema};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where schemas stand in OpenAPI and AsyncAPI alike.
const PLACE: &str = "#/components/schemas/";

/// Names of all schemas.
pub(super) struct Names<'a> {
    known: BTreeMap<&'a str, (String, &'a Schema)>,
}

impl<'a> Names<'a> {
    pub(super) fn new(registry: &'a Registry) -> Self {
        let known = registry.iter().map(|schema| (schema.id(), (name(schema.id()), schema)));
        Self { known: known.collect() }
    }

    /// A reference to a schema.
    pub(super) fn reference(&self, id: &str) -> Value {
        json!({"$ref": format!("{PLACE}{}", name(id))})
    }

    /// The schema with this id, in full or short.
    pub(super) fn find(&self, id: &str) -> Option<&'a Schema> {
        let long = |id: &str| self.known.get(id).map(|(_, schema)| *schema);
        long(id).or_else(|| long(&format!("urn:simpul:skema:{id}")))
    }

    /// A schema written out where it is used, references led to the parts.
    pub(super) fn inline(&self, schema: &Schema) -> Value {
        let own = format!("{PLACE}{}", name(schema.id()));
        let mut document = schema.document().clone();
        led(&mut document, &own);
        if let Some(fields) = document.as_object_mut() {
            fields.remove("$id");
            fields.remove("$schema");
        }
        document
    }

    /// The parts that a document needs: what it refers to, and what those refer to.
    pub(super) fn components(&self, document: &Value) -> Map<String, Value> {
        let by_name: BTreeMap<&str, &Schema> = self
            .known
            .values()
            .map(|(name, schema)| (name.as_str(), *schema))
            .collect();
        let mut parts = Map::new();
        let mut open: Vec<String> = used(document).into_iter().collect();
        while let Some(next) = open.pop() {
            let Some(schema) = by_name.get(next.as_str()).filter(|_| !parts.contains_key(&next)) else {
                continue;
            };
            let part = self.inline(schema);
            open.extend(used(&part));
            parts.insert(next, part);
        }
        parts
    }
}

/// `urn:simpul:skema:pengaduan:1` is `pengaduan_v1`; other spaces keep theirs: `urn:sampah:jadwal:2` is
/// `sampah_jadwal_v2`.
pub(super) fn name(id: &str) -> String {
    let short = id
        .strip_prefix("urn:simpul:skema:")
        .or_else(|| id.strip_prefix("urn:"))
        .unwrap_or(id);
    let (front, version) = short.rsplit_once(':').unwrap_or((short, "1"));
    format!("{}_v{version}", front.replace(':', "_"))
}

/// Leads every reference to the part it means.
fn led(value: &mut Value, own: &str) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields.iter_mut() {
                match (key.as_str(), &*inner) {
                    ("$ref", Value::String(to)) => {
                        let new = match to.split_once('#') {
                            Some(("", rest)) => format!("{own}{rest}"),
                            Some((id, rest)) => format!("{PLACE}{}{rest}", name(id)),
                            None => format!("{PLACE}{}", name(to)),
                        };
                        *inner = Value::String(new);
                    }
                    ("examples" | "const" | "enum" | "default", _) => {}
                    _ => led(inner, own),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| led(item, own)),
        _ => {}
    }
}

fn used(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    gather(value, &mut found);
    found
}

fn gather(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(part) = fields
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|to| to.strip_prefix(PLACE))
            {
                found.extend(part.split('/').next().map(str::to_owned));
            }
            fields.values().for_each(|inner| gather(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_into_components() {
        assert_eq!(name("urn:simpul:skema:pengaduan:1"), "pengaduan_v1");
        assert_eq!(name("urn:sampah:jadwal:2"), "sampah_jadwal_v2");
    }
}
