//! Content that needs a right of its own beside the operation's: letters above *Terbatas*. The schema says which field decides
//! and which of its values are open; everything else, unknown words too, is not. Called by the pipeline after room 9 for
//! what comes in, and before a read's answer goes out.

use crate::authorize::permit;
use crate::identity::{Consumer, Identified};
use crate::outcome::Refusal;
use jiff::Timestamp;
use schemas::Schema;
use serde_json::Value;

/// Right to letters above *Terbatas*.
pub const SECRET_LETTERS: &str = "naskah.rahasia";

/// Mark of a schema.
const MARK: &str = "x-hak-khusus";

struct Rule<'a> {
    right: &'a str,
    fields: Vec<&'a str>,
    open: Vec<&'a str>,
}

fn rule(schema: &Schema) -> Option<Rule<'_>> {
    let mark = schema.document().get(MARK)?;
    let texts = |name: &str| {
        let list = mark.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    };
    Some(Rule {
        right: mark.get("hak").and_then(Value::as_str).unwrap_or(SECRET_LETTERS),
        fields: texts("bidang"),
        open: texts("terbuka"),
    })
}

impl Rule<'_> {
    fn closed(&self, value: Option<&Value>) -> bool {
        value.is_none_or(|value| value.as_str().is_none_or(|word| !self.open.contains(&word)))
    }
}

/// What comes in: refused without the right.
pub(crate) fn input(who: &Identified, schema: &Schema, value: &Value, now: Timestamp) -> Result<(), Refusal> {
    let Some(rule) = rule(schema) else { return Ok(()) };
    if rule.fields.iter().any(|field| rule.closed(value.pointer(field))) {
        permit(who, rule.right, now)?;
    }
    Ok(())
}

/// The right that a reply as a whole needs, if it needs one.
pub(crate) fn needed<'a>(schema: &'a Schema, value: &Value) -> Option<&'a str> {
    let rule = rule(schema)?;
    let mut alone = rule.fields.iter().filter(|field| !field.contains("/*"));
    alone
        .any(|field| rule.closed(value.pointer(field)))
        .then_some(rule.right)
}

/// Whether data holds what `consumer` has no right to hear of. Within a list one such item is enough.
pub(crate) fn hidden(consumer: &Consumer, schema: &Schema, value: &Value, now: Timestamp) -> bool {
    let Some(rule) = rule(schema) else { return false };
    let may = consumer.grants.get(rule.right).is_some_and(|grant| grant.holds(now));
    let closed = |field: &&str| match field.split_once("/*") {
        Some((list, inner)) => {
            let items = value.pointer(list).and_then(Value::as_array);
            items.into_iter().flatten().any(|item| rule.closed(item.pointer(inner)))
        }
        None => rule.closed(value.pointer(field)),
    };
    !may && rule.fields.iter().any(closed)
}

/// What goes out: a record is refused, an item of a list is left out.
pub(crate) fn reply(who: &Identified, schema: &Schema, value: &mut Value, now: Timestamp) -> Result<(), Refusal> {
    let Some(rule) = rule(schema) else { return Ok(()) };
    if permit(who, rule.right, now).is_ok() {
        return Ok(());
    }
    for field in &rule.fields {
        match field.split_once("/*") {
            Some((list, inner)) => {
                if let Some(items) = value.pointer_mut(list).and_then(Value::as_array_mut) {
                    items.retain(|item| !rule.closed(item.pointer(inner)));
                }
            }
            None if rule.closed(value.pointer(field)) => {
                permit(who, rule.right, now)?;
            }
            None => {}
        }
    }
    Ok(())
}
