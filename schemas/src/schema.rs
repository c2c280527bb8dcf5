//! One compiled schema: its validator, the marks found in it, and the checks made with them.

use crate::findings::{MAX_VIOLATIONS, Violation};
use crate::registry::{self, Documents};
use crate::subject::SubjectKind;
use crate::texts;
use crate::walk::{Rule, Step};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// Class of personal data as the law on personal data protection divides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonalClass {
    /// General (`umum`): name, contact, identity numbers, free text that may hold them.
    Umum,
    /// Specific (`spesifik`): health, biometrics, children, personal finance, crime.
    Spesifik,
}

/// A place in a document that holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PersonalField {
    /// JSON Pointer; `*` stands for every array item or every key of a map.
    pub pointer_pattern: String,
    /// The stricter class when several marks meet.
    pub class: PersonalClass,
}

/// A schema of the [`Registry`](crate::Registry), compiled once: those that ship when they are first used, others when they are
/// taken in.
pub struct Schema {
    pub(crate) id: String,
    pub(crate) document: Arc<Value>,
    pub(crate) documents: Arc<Documents>,
    /// `None` stands for a schema that does not compile; nothing satisfies it.
    pub(crate) validator: OnceLock<Option<jsonschema::Validator>>,
    pub(crate) personal: Vec<PersonalField>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) members: BTreeSet<String>,
    pub(crate) subjects: Vec<(Vec<Step>, SubjectKind)>,
}

impl Schema {
    /// The `$id`, such as `urn:simpul:skema:pengaduan:1`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The schema document as published.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Whether the value satisfies the schema; the cheap path, without reasons.
    #[must_use]
    pub fn is_valid(&self, value: &Value) -> bool {
        self.validator().is_some_and(|validator| validator.is_valid(value))
    }

    fn validator(&self) -> Option<&jsonschema::Validator> {
        let compiled = || registry::validator(&self.id, &self.document, &self.documents).ok();
        self.validator.get_or_init(compiled).as_ref()
    }

    /// Every place that holds personal data, references followed.
    #[must_use]
    pub fn personal_fields(&self) -> &[PersonalField] {
        &self.personal
    }

    /// Whether a document may have this member, references followed; `pelapor.nama` is a part, and lists do not count.
    #[must_use]
    pub fn has_member(&self, name: &str) -> bool {
        !name.is_empty() && self.members.contains(name)
    }

    /// Members at the top that every document must have.
    pub fn required(&self) -> impl Iterator<Item = &str> {
        let names = self.document.get("required").and_then(Value::as_array);
        names.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Holds the value against the schema.
    ///
    /// # Errors
    /// At most [`MAX_VIOLATIONS`] violations, none of which repeats a value.
    pub fn check(&self, value: &Value) -> Result<(), Vec<Violation>> {
        let Some(validator) = self.validator() else {
            return Err(vec![texts::unexplained()]);
        };
        if validator.is_valid(value) {
            return Ok(());
        }
        let mut found = Vec::new();
        for error in validator.iter_errors(value) {
            texts::explain(&error, &mut found);
            if found.len() >= MAX_VIOLATIONS {
                break;
            }
        }
        found.truncate(MAX_VIOLATIONS);
        if found.is_empty() {
            found.push(texts::unexplained());
        }
        Err(found)
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::Registry;

    /// They are compiled when they are first used, so nothing else would find a broken one.
    #[test]
    fn every_schema_that_ships_compiles() {
        let registry = Registry::embedded().unwrap();
        assert!(registry.iter().count() > 100);
        for schema in registry.iter() {
            let compiled = crate::registry::validator(&schema.id, &schema.document, &schema.documents);
            assert!(compiled.is_ok(), "{}: {:?}", schema.id, compiled.err());
            assert!(schema.validator().is_some(), "{}", schema.id);
        }
    }
}
