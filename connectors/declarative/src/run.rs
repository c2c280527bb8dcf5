//! How rules run. Every value visited, every value made and every byte of text made costs; the budget grows with the input
//! and with nothing else, so time and memory are linear in it whatever the rules are.

use crate::ops::plain;
use crate::path::{Base, Path, find, put};
use crate::rule::{Compiled, Condition, OnError, PartOf, Source};
use connector_sdk::{Complaint, Text};
use serde_json::{Map, Value};

/// Steps that any translation may take.
const FREE_STEPS: u64 = 100_000;
/// More steps for each value of the input.
const STEPS_PER_VALUE: u64 = 200;
/// Bytes of text that any translation may make.
const FREE_BYTES: u64 = 256 * 1024;
/// More for each byte of text in the input.
const BYTES_PER_BYTE: u64 = 8;

/// What a translation knows beside its document.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) reference: &'a str,
    pub(crate) now: Option<jiff::Timestamp>,
}

/// Why there is no result.
#[derive(Debug, PartialEq)]
pub(crate) enum Wrong {
    /// Fields that could not be translated.
    Fields(Vec<Complaint>),
    /// The budget was spent.
    TooMuch,
}

struct Budget {
    steps: u64,
    bytes: u64,
}

/// The budget was spent.
struct Spent;

impl Budget {
    fn of(input: &Value) -> Self {
        let (values, bytes) = size(input);
        Self {
            steps: FREE_STEPS + values * STEPS_PER_VALUE,
            bytes: FREE_BYTES + bytes * BYTES_PER_BYTE,
        }
    }

    fn step(&mut self) -> Result<(), Spent> {
        self.steps = self.steps.checked_sub(1).ok_or(Spent)?;
        Ok(())
    }

    fn made(&mut self, value: &Value) -> Result<(), Spent> {
        let (values, bytes) = size(value);
        self.steps = self.steps.checked_sub(values).ok_or(Spent)?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Spent)?;
        Ok(())
    }
}

fn size(value: &Value) -> (u64, u64) {
    match value {
        Value::String(text) => (1, text.len() as u64),
        Value::Array(items) => items.iter().map(size).fold((1, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, inner)| (size(inner), name.len() as u64))
            .fold((1, 0), |a, (b, name)| (a.0 + b.0, a.1 + b.1 + name)),
        Value::Null | Value::Bool(_) | Value::Number(_) => (1, 0),
    }
}

/// Runs rules over a document.
pub(crate) fn run(rules: &[Compiled], document: &Value, facts: Facts<'_>) -> Result<Value, Wrong> {
    let mut runner = Runner {
        root: document,
        facts,
        budget: Budget::of(document),
        complaints: Vec::new(),
    };
    match runner.all(rules, document, "") {
        Err(Spent) => Err(Wrong::TooMuch),
        Ok(_) if !runner.complaints.is_empty() => Err(Wrong::Fields(runner.complaints)),
        Ok(value) => Ok(value),
    }
}

struct Runner<'a> {
    root: &'a Value,
    facts: Facts<'a>,
    budget: Budget,
    complaints: Vec<Complaint>,
}

impl<'a> Runner<'a> {
    fn all(&mut self, rules: &[Compiled], here: &'a Value, place: &str) -> Result<Value, Spent> {
        let mut out = Value::Object(Map::new());
        for rule in rules {
            self.budget.step()?;
            if let Some(when) = &rule.when
                && !self.holds(when, here)?
            {
                continue;
            }
            let (value, from) = self.value(rule, here, place)?;
            let missing = value.as_ref().is_none_or(Value::is_null);
            let value = if missing {
                rule.default.clone().or(value)
            } else {
                self.worked(rule, value, &from)?
            };
            if let Some(value) = value {
                self.budget.made(&value)?;
                put(&mut out, &rule.to, value);
            }
        }
        Ok(out)
    }

    /// The value after its operations, by the rule's policy for errors.
    fn worked(&mut self, rule: &Compiled, value: Option<Value>, from: &str) -> Result<Option<Value>, Spent> {
        let Some(mut value) = value else { return Ok(None) };
        for op in &rule.ops {
            // A list from many places is worked on item by item, unless the operation is about lists.
            self.budget.made(&value)?;
            match op.run(value) {
                Ok(new) => value = new,
                Err((id, en)) => {
                    return Ok(match rule.on_error {
                        OnError::Skip => None,
                        OnError::Default => rule.default.clone(),
                        OnError::Fail => {
                            self.complaints.push(Complaint {
                                pointer: from.to_owned(),
                                text: Text::new(id, en),
                            });
                            None
                        }
                    });
                }
            }
        }
        Ok(Some(value))
    }

    /// The value of a rule's source, and where it was found, for complaints.
    fn value(&mut self, rule: &Compiled, here: &'a Value, place: &str) -> Result<(Option<Value>, String), Spent> {
        let to = format!("{place}/{}", rule.to.join("/"));
        Ok(match &rule.source {
            Source::Constant(value) => (Some(value.clone()), to),
            Source::Reference => (Some(Value::from(self.facts.reference)), to),
            Source::Now => (self.facts.now.map(|now| Value::from(now.to_string())), to),
            Source::Path(path, text) => {
                let found = self.found(path, here)?;
                let value = match path.is_many() {
                    true => {
                        let all: Vec<Value> = found.into_iter().cloned().collect();
                        Some(Value::Array(all))
                    }
                    false => found.first().map(|value| (*value).clone()),
                };
                (value, format!("{place}{}", text.trim_start_matches('$')))
            }
            Source::Concat(parts) => {
                let mut out = String::new();
                for part in parts {
                    match part {
                        PartOf::Text(text) => out.push_str(text),
                        PartOf::Path(path) => {
                            let found = self.found(path, here)?;
                            match found.first().map(|value| plain(value)) {
                                Some(Ok(text)) => out.push_str(&text),
                                _ => return Ok((None, to)),
                            }
                        }
                    }
                    self.budget.bytes = self.budget.bytes.checked_sub(out.len() as u64).ok_or(Spent)?;
                }
                (Some(Value::from(out)), to)
            }
            Source::Each(path, rules) => {
                let mut items = Vec::new();
                for list in self.found(path, here)? {
                    let Some(list) = list.as_array() else {
                        return Ok((None, to));
                    };
                    for (number, item) in list.iter().enumerate() {
                        self.budget.step()?;
                        items.push(self.all(rules, item, &format!("{place}/{number}"))?);
                    }
                }
                (Some(Value::Array(items)), to)
            }
        })
    }

    fn holds(&mut self, when: &Condition, here: &'a Value) -> Result<bool, Spent> {
        let found = self.found(&when.path, here)?;
        let value = found.first().filter(|value| !value.is_null());
        Ok(match when.exists {
            Some(wanted) => value.is_some() == wanted,
            None => value.is_some_and(|value| when.any.contains(value)),
        })
    }

    fn found(&mut self, path: &Path, here: &'a Value) -> Result<Vec<&'a Value>, Spent> {
        let from = match path.base {
            Base::Here => here,
            Base::Root => self.root,
        };
        let mut found = Vec::new();
        find(from, &path.steps, &mut || self.budget.step(), &mut found)?;
        Ok(found)
    }
}
