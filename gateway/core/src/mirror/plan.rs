//! What is copied, as configured. Part of the catalogue, swapped with it.

use super::order;
use crate::evidence::sha256;
use schemas::Schema;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Most indices of a set.
pub const SLOTS: usize = 8;

/// How a field sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// As text; dates in ISO form too.
    Text,
    /// As an exact decimal.
    Number,
}

/// A field by which a copy can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name of the parameter.
    pub name: String,
    /// JSON pointer in the record.
    pub pointer: String,
    /// How it sorts.
    pub kind: FieldKind,
}

/// Parts of a set that are taken from the records of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The other set.
    pub set: String,
    /// Scope parameter, and JSON pointer of its value in the other set's records.
    pub values: BTreeMap<String, String>,
}

/// Which parts a run pulls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes {
    /// Fixed parts; none means one part without parameters.
    pub fixed: Vec<BTreeMap<String, String>>,
    /// Each fixed part once per record of another set.
    pub feed: Option<Feed>,
}

/// One copy that is kept.
#[derive(Clone)]
pub struct MirrorPlan {
    /// Name of the set.
    pub id: String,
    /// System.
    pub system: String,
    /// Mirror of its connector.
    pub mirror: String,
    /// Address of the copy, such as `/v1/tender`.
    pub path: String,
    /// Time from the beginning of one run to the next.
    pub every: Duration,
    /// Age from which an answer says that it is stale.
    pub fresh: Duration,
    /// How long after its last step a broken run goes on from its checkpoint; later it begins anew.
    pub resume: Duration,
    /// Parts.
    pub scopes: Scopes,
    /// Fields that can be asked for.
    pub fields: Vec<Field>,
    /// Indices: each a list of field names, at most [`SLOTS`].
    pub slots: Vec<Vec<String>>,
    /// Whether each change of a record is an event.
    pub events: bool,
    /// How long gone records are kept.
    pub keep: Duration,
    /// How long records of parts that are pulled no more (a year that is over) are served; always when `None`.
    pub retire: Option<Duration>,
    /// Schema of a record.
    pub schema: Arc<Schema>,
}

impl fmt::Debug for MirrorPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MirrorPlan({} of {}/{})", self.id, self.system, self.mirror)
    }
}

impl MirrorPlan {
    /// The right to read the copy.
    pub fn grant(&self) -> String {
        format!("salinan.{}", self.id)
    }

    /// CloudEvents type of its changes.
    pub fn event(&self) -> String {
        format!("{}.berubah", self.id)
    }

    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What the slots of a record hold.
    pub(crate) fn slots_of(&self, record: &Value) -> Vec<Option<String>> {
        let part = |name: &String| {
            let field = self.field(name)?;
            Some(order::of_value(field.kind, record.pointer(&field.pointer)))
        };
        let join = |names: &Vec<String>| {
            let parts: Option<Vec<String>> = names.iter().map(part).collect();
            parts.map(|parts| parts.join(&order::BETWEEN.to_string()))
        };
        self.slots.iter().take(SLOTS).map(join).collect()
    }

    /// Names what the slots hold; when it changes, stored records are laid out anew.
    pub(crate) fn layout(&self) -> String {
        let mut words = String::new();
        for names in &self.slots {
            for field in names.iter().filter_map(|name| self.field(name)) {
                words.push_str(&format!("{}:{:?}\u{1f}", field.pointer, field.kind));
            }
            words.push('\n');
        }
        hex::encode(&sha256(words.as_bytes())[..8])
    }

    /// Top-level members of a record that a grant may show when it names none: all but those with personal data in them.
    pub fn open_members(&self) -> Vec<String> {
        let personal: Vec<&str> = self
            .schema
            .personal_fields()
            .iter()
            .map(|f| top(&f.pointer_pattern))
            .collect();
        self.members()
            .into_iter()
            .filter(|m| !personal.contains(&m.as_str()))
            .collect()
    }

    /// Top-level members of a record, as the schema has them.
    pub fn members(&self) -> Vec<String> {
        let properties = self.schema.document().get("properties").and_then(Value::as_object);
        properties.map(|p| p.keys().cloned().collect()).unwrap_or_default()
    }
}

/// The first name of a pointer.
pub(crate) fn top(pointer: &str) -> &str {
    pointer.trim_start_matches('/').split('/').next().unwrap_or_default()
}
