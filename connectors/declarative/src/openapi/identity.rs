//! The mapping that changes nothing: a rule for every field under its own name, and the canonical schema that goes with it.
//! Field by field and not whole, so that what the system adds one day does not reach consumers by itself, and so that the
//! author finds a line to edit for each.

use crate::rule::{DEEPEST, Each, Rule};
use serde_json::{Map, Value, json};

/// Which side the rules write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Canonical input to native request.
    In,
    /// Native answer to canonical reply.
    Out,
}

/// Rules for the fields of an object, and its canonical schema; `None` when it has no fields to name.
pub(super) fn object(native: &Value, place: &str, depth: usize, way: Way, rules: &mut Vec<Rule>) -> Option<Value> {
    let fields = native
        .get("properties")?
        .as_object()
        .filter(|fields| !fields.is_empty())?;
    let wanted: Vec<&str> = native
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(|name| fields.contains_key(*name))
        .collect();
    let mut canonical = Map::new();
    let mut required = Vec::new();
    for (name, field) in fields {
        let here = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        let made = one(field, &here, depth, way, rules);
        // Null is not a value that can be promised to be there.
        let sure = match way {
            Way::In => true,
            Way::Out => !kinds(field).contains(&"null") && !hollow(&made),
        };
        if wanted.contains(&name.as_str()) && sure {
            required.push(json!(name));
        }
        canonical.insert(name.clone(), made);
    }
    let mut out = described(native);
    out.insert(
        "type".to_owned(),
        native.get("type").cloned().unwrap_or_else(|| json!("object")),
    );
    if !required.is_empty() {
        out.insert("required".to_owned(), Value::Array(required));
    }
    out.insert("properties".to_owned(), Value::Object(canonical));
    out.insert("additionalProperties".to_owned(), json!(false));
    Some(Value::Object(out))
}

fn one(field: &Value, place: &str, depth: usize, way: Way, rules: &mut Vec<Rule>) -> Value {
    let kinds = kinds(field);
    if kinds.contains(&"object")
        && let Some(made) = object(field, place, depth, way, rules)
    {
        return made;
    }
    if kinds.contains(&"array")
        && depth < DEEPEST
        && let Some(item) = field.get("items")
    {
        let mut inner = Vec::new();
        if let Some(made) = object(item, "", depth + 1, way, &mut inner) {
            rules.push(Rule {
                to: place.to_owned(),
                each: Some(Each {
                    from: place.to_owned(),
                    rules: inner,
                }),
                ..Rule::default()
            });
            let mut out = described(field);
            out.insert(
                "type".to_owned(),
                field.get("type").cloned().unwrap_or_else(|| json!("array")),
            );
            out.insert("items".to_owned(), made);
            return Value::Object(out);
        }
    }
    rules.push(Rule {
        to: place.to_owned(),
        from: Some(place.to_owned()),
        ..Rule::default()
    });
    field.clone()
}

fn described(native: &Value) -> Map<String, Value> {
    let words = ["title", "description"].into_iter();
    words
        .filter_map(|word| Some((word.to_owned(), native.get(word)?.clone())))
        .collect()
}

/// An object of which nothing needs to be there is not there when nothing is.
fn hollow(made: &Value) -> bool {
    made.get("properties").is_some() && made.get("required").is_none()
}

fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ if schema.get("properties").is_some() => vec!["object"],
        _ => Vec::new(),
    }
}
