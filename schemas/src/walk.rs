//! Walks a schema once, references followed: refuses what the registry does not take and gathers the marks.
//!
//! Marks: `x-data-pribadi` (privacy), `x-subjek` (names a person), `x-kode` (code list), `x-rujukan` (reference code), `x-waktu` (dates),
//! `x-lokasi` (coordinates). A misspelt mark is an error, since a mark that is silently ignored protects nobody.

use crate::registry::{Documents, SchemaError};
use crate::rujukan::Kind;
use crate::schema::{PersonalClass, PersonalField};
use crate::subject::SubjectKind;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 20_000;
const MAX_PATTERN: usize = 1000;
const REFUSED: &[&str] = &[
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "$anchor",
    "$vocabulary",
    "definitions",
];
const SAME_PLACE: &[&str] = &["allOf", "anyOf", "oneOf"];
const SAME_PLACE_ONE: &[&str] = &["if", "then", "else", "not"];
const EACH_ITEM: &[&str] = &["items", "contains", "unevaluatedItems"];
/// Guarded like the rest, so that nothing hides there, but without a place in the document.
const PLACELESS: &[&str] = &["$defs", "propertyNames", "contentSchema"];
const EACH_VALUE: &[&str] = &["additionalProperties", "unevaluatedProperties"];

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Each,
}

/// What a rule asks of the value at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    Code(String),
    Reference(Kind),
    Past,
    Location(String),
}

/// A rule beyond JSON Schema, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) place: Vec<Step>,
    pub(crate) ask: Ask,
}

#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub(crate) personal: Vec<PersonalField>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) members: BTreeSet<String>,
    pub(crate) subjects: Vec<(Vec<Step>, SubjectKind)>,
}

/// Guards the schema `id` and everything it refers to, and returns its marks.
pub(crate) fn marks(id: &str, documents: &Documents) -> Result<Marks, SchemaError> {
    let mut walker = Walker {
        root: id,
        documents,
        place: Vec::new(),
        references: Vec::new(),
        nodes: 0,
        placeless: 0,
        personal: BTreeMap::new(),
        rules: Vec::new(),
        members: BTreeSet::new(),
        subjects: Vec::new(),
    };
    let document = documents.get(id).ok_or(SchemaError::NoId)?;
    walker.schema(document, id, "", 0)?;
    let personal = walker.personal.into_iter();
    let personal = personal
        .map(|(pointer_pattern, class)| PersonalField { pointer_pattern, class })
        .collect();
    Ok(Marks {
        personal,
        rules: walker.rules,
        members: walker.members,
        subjects: walker.subjects,
    })
}

struct Walker<'a> {
    root: &'a str,
    documents: &'a Documents,
    place: Vec<Step>,
    references: Vec<String>,
    nodes: usize,
    placeless: usize,
    personal: BTreeMap<String, PersonalClass>,
    rules: Vec<Rule>,
    members: BTreeSet<String>,
    subjects: Vec<(Vec<Step>, SubjectKind)>,
}

impl Walker<'_> {
    /// `base` is the document the node stands in and `at` its pointer there.
    fn schema(&mut self, node: &Value, base: &str, at: &str, depth: usize) -> Result<(), SchemaError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.too_large("20000 sub-schemas, references expanded"));
        }
        if depth > MAX_DEPTH {
            return Err(self.too_large("64 levels"));
        }
        let Value::Object(node) = node else { return Ok(()) };
        self.guard(node, at)?;
        if self.placeless == 0 {
            self.members.insert(member(&self.place));
            self.gather(node, at)?;
        }
        if let Some(reference) = node.get("$ref") {
            self.reference(reference, base, at, depth)?;
        }
        self.below(node, base, at, depth + 1)
    }

    fn guard(&self, node: &Map<String, Value>, at: &str) -> Result<(), SchemaError> {
        if let Some(word) = REFUSED.iter().find(|word| node.contains_key(**word)) {
            return Err(self.refused(at, format!("`{word}` is not taken; use `$defs` and `$ref`")));
        }
        if !at.is_empty() && node.contains_key("$id") {
            return Err(self.refused(
                at,
                "an inner `$id` is not taken; register it as a schema of its own".to_owned(),
            ));
        }
        let long = |pattern: &str| pattern.len() > MAX_PATTERN;
        let inner = node.get("patternProperties").and_then(Value::as_object);
        if node.get("pattern").and_then(Value::as_str).is_some_and(long)
            || inner.is_some_and(|inner| inner.keys().any(|key| long(key)))
        {
            return Err(self.too_large("1000 characters in a pattern"));
        }
        Ok(())
    }

    fn gather(&mut self, node: &Map<String, Value>, at: &str) -> Result<(), SchemaError> {
        if let Some(mark) = node.get("x-data-pribadi") {
            let class = match mark.as_str() {
                Some("umum") => PersonalClass::Umum,
                Some("spesifik") => PersonalClass::Spesifik,
                _ => return Err(self.refused(at, "`x-data-pribadi` must be `umum` or `spesifik`".to_owned())),
            };
            let known = self.personal.entry(pattern(&self.place)).or_insert(class);
            *known = (*known).max(class);
        }
        if let Some(mark) = node.get("x-subjek") {
            let kind = mark.as_str().and_then(SubjectKind::from_word);
            let kind = kind.filter(|_| node.contains_key("x-data-pribadi"));
            let Some(kind) = kind else {
                let reason = "`x-subjek` must be `nomor`, `telepon` or `surel`, beside `x-data-pribadi`".to_owned();
                return Err(self.refused(at, reason));
            };
            let named = (self.place.clone(), kind);
            if !self.subjects.contains(&named) {
                self.subjects.push(named);
            }
        }
        if let Some(mark) = node.get("x-kode") {
            let list = self.word(mark, at, "x-kode", "the name of a code list")?;
            self.rule(Ask::Code(list));
        }
        if let Some(mark) = node.get("x-lokasi") {
            let list = self.word(mark, at, "x-lokasi", "the name of a code list with `batas`")?;
            self.rule(Ask::Location(list));
        }
        if let Some(mark) = node.get("x-rujukan") {
            let kind = mark.as_str().and_then(Kind::from_name);
            let kind = kind.ok_or_else(|| self.refused(at, format!("`x-rujukan` must be one of {}", Kind::names())))?;
            self.rule(Ask::Reference(kind));
        }
        if let Some(mark) = node.get("x-waktu") {
            if mark.as_str() != Some("lampau") {
                return Err(self.refused(at, "`x-waktu` must be `lampau`".to_owned()));
            }
            self.rule(Ask::Past);
        }
        Ok(())
    }

    fn reference(&mut self, reference: &Value, base: &str, at: &str, depth: usize) -> Result<(), SchemaError> {
        let text = reference.as_str().unwrap_or_default();
        let (document, fragment) = text.split_once('#').unwrap_or((text, ""));
        let document = if document.is_empty() { base } else { document };
        let key = format!("{document}#{fragment}");
        if self.references.contains(&key) {
            return Err(self.refused(at, "a cyclic `$ref` is not taken".to_owned()));
        }
        let documents = self.documents;
        let target = documents
            .get(document)
            .filter(|_| fragment.is_empty() || fragment.starts_with('/'));
        let Some(target) = target.and_then(|target| target.pointer(fragment)) else {
            let reason = "`$ref` leads nowhere; it must name a schema of the registry or `#/$defs/…`".to_owned();
            return Err(self.refused(at, reason));
        };
        self.references.push(key);
        self.schema(target, document, fragment, depth + 1)?;
        self.references.pop();
        Ok(())
    }

    fn below(&mut self, node: &Map<String, Value>, base: &str, at: &str, depth: usize) -> Result<(), SchemaError> {
        for (word, child) in node {
            let here = format!("{at}/{word}");
            let word = word.as_str();
            if word == "properties" {
                for (name, child) in child.as_object().into_iter().flatten() {
                    self.step(Step::Key(name.clone()), child, base, &format!("{here}/{name}"), depth)?;
                }
            } else if word == "patternProperties" {
                for child in child.as_object().into_iter().flat_map(Map::values) {
                    self.step(Step::Each, child, base, &here, depth)?;
                }
            } else if word == "dependentSchemas" {
                for child in child.as_object().into_iter().flat_map(Map::values) {
                    self.schema(child, base, &here, depth)?;
                }
            } else if word == "prefixItems" {
                for (index, child) in child.as_array().into_iter().flatten().enumerate() {
                    self.step(Step::Key(index.to_string()), child, base, &here, depth)?;
                }
            } else if PLACELESS.contains(&word) {
                self.placeless += 1;
                if word == "$defs" {
                    for (name, child) in child.as_object().into_iter().flatten() {
                        self.schema(child, base, &format!("{here}/{name}"), depth)?;
                    }
                } else {
                    self.schema(child, base, &here, depth)?;
                }
                self.placeless -= 1;
            } else if SAME_PLACE.contains(&word) {
                for child in child.as_array().into_iter().flatten() {
                    self.schema(child, base, &here, depth)?;
                }
            } else if SAME_PLACE_ONE.contains(&word) {
                self.schema(child, base, &here, depth)?;
            } else if EACH_ITEM.contains(&word) || EACH_VALUE.contains(&word) {
                self.step(Step::Each, child, base, &here, depth)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, step: Step, child: &Value, base: &str, at: &str, depth: usize) -> Result<(), SchemaError> {
        self.place.push(step);
        self.schema(child, base, at, depth)?;
        self.place.pop();
        Ok(())
    }

    fn rule(&mut self, ask: Ask) {
        let rule = Rule {
            place: self.place.clone(),
            ask,
        };
        if !self.rules.contains(&rule) {
            self.rules.push(rule);
        }
    }

    fn word(&self, mark: &Value, at: &str, name: &str, what: &str) -> Result<String, SchemaError> {
        let word = mark.as_str().filter(|word| !word.is_empty());
        word.map(str::to_owned)
            .ok_or_else(|| self.refused(at, format!("`{name}` must be {what}")))
    }

    fn refused(&self, at: &str, reason: String) -> SchemaError {
        SchemaError::Refused {
            id: self.root.to_owned(),
            at: at.to_owned(),
            reason,
        }
    }

    fn too_large(&self, limit: &'static str) -> SchemaError {
        SchemaError::TooLarge {
            id: self.root.to_owned(),
            limit,
        }
    }
}

/// The name of a place without its lists: `butir.nomor` is `nomor` of every entry.
fn member(place: &[Step]) -> String {
    let names = place.iter().filter_map(|step| match step {
        Step::Key(name) => Some(name.as_str()),
        Step::Each => None,
    });
    names.collect::<Vec<_>>().join(".")
}

pub(crate) fn pattern(place: &[Step]) -> String {
    let mut out = String::new();
    for step in place {
        out.push('/');
        match step {
            Step::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
            Step::Each => out.push('*'),
        }
    }
    out
}
