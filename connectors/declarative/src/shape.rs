//! What a schema says about one place, as far as rules need it: which fields there are, which must be there, of which
//! types. References are followed within what is known, with a bound, so that a cycle ends.

use crate::ops::Op;
use crate::rule::Rule;
use serde_json::Value;
use std::collections::BTreeSet;

/// References followed in a row.
const LONGEST: usize = 32;

/// Documents by `$id`.
pub(crate) struct Shapes<'a> {
    find: &'a dyn Fn(&str) -> Option<Value>,
}

/// A place in a schema.
#[derive(Clone)]
pub(crate) struct Shape {
    /// Document it stands in, for references without an id.
    document: Value,
    schema: Value,
}

impl<'a> Shapes<'a> {
    pub(crate) fn new(find: &'a dyn Fn(&str) -> Option<Value>) -> Self {
        Self { find }
    }

    /// The whole of a schema.
    pub(crate) fn of(&self, id: &str) -> Option<Shape> {
        let document = (self.find)(id)?;
        Some(self.settled(Shape {
            schema: document.clone(),
            document,
        }))
    }

    /// Follows `$ref`.
    fn settled(&self, mut shape: Shape) -> Shape {
        for _ in 0..LONGEST {
            let Some(to) = shape.schema.get("$ref").and_then(Value::as_str).map(str::to_owned) else {
                break;
            };
            let (id, pointer) = to.split_once('#').unwrap_or((&to, ""));
            if !id.is_empty() {
                let Some(document) = (self.find)(id) else { break };
                shape.document = document;
            }
            let Some(schema) = shape.document.pointer(pointer).cloned() else {
                break;
            };
            shape.schema = schema;
        }
        shape
    }

    /// A field of an object.
    pub(crate) fn field(&self, shape: &Shape, name: &str) -> Option<Shape> {
        let schema = shape.schema.get("properties")?.get(name)?.clone();
        Some(self.settled(Shape {
            document: shape.document.clone(),
            schema,
        }))
    }

    /// The items of a list.
    pub(crate) fn items(&self, shape: &Shape) -> Option<Shape> {
        let schema = shape.schema.get("items")?.clone();
        Some(self.settled(Shape {
            document: shape.document.clone(),
            schema,
        }))
    }
}

impl Shape {
    /// Names of fields.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let all = self.schema.get("properties").and_then(Value::as_object);
        all.map(|all| all.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// Whether no other field may be there.
    pub(crate) fn is_closed(&self) -> bool {
        ["additionalProperties", "unevaluatedProperties"]
            .iter()
            .any(|key| self.schema.get(*key) == Some(&Value::Bool(false)))
    }

    /// Fields that must be there.
    pub(crate) fn required(&self) -> Vec<&str> {
        let all = self.schema.get("required").and_then(Value::as_array);
        all.map(|all| all.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default()
    }

    /// Types allowed; empty: any.
    pub(crate) fn types(&self) -> BTreeSet<String> {
        match self.schema.get("type") {
            Some(Value::String(one)) => BTreeSet::from([one.clone()]),
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// Values allowed; empty: any.
    pub(crate) fn values(&self) -> Vec<&Value> {
        match (
            self.schema.get("enum").and_then(Value::as_array),
            self.schema.get("const"),
        ) {
            (Some(all), _) => all.iter().collect(),
            (None, Some(one)) => vec![one],
            (None, None) => Vec::new(),
        }
    }
}

/// Types that a rule gives; empty: not known.
pub(crate) fn made(rule: &Rule, source: Option<&Shape>) -> BTreeSet<String> {
    let one = |kind: &str| BTreeSet::from([kind.to_owned()]);
    let start = match (&rule.constant, &rule.concat, rule.from.as_deref()) {
        (Some(value), ..) => one(kind(value)),
        (_, Some(_), _) | (.., Some("@rujukan" | "@sekarang")) => one("string"),
        (.., Some(from)) if from.contains('*') => one("array"),
        _ => source.map(Shape::types).unwrap_or_default(),
    };
    rule.ops.iter().fold(start, |_, op| match op {
        Op::Integer => one("integer"),
        Op::Boolean(_) => one("boolean"),
        Op::List(_) => one("array"),
        Op::Date(op) if op.to == "unix" => one("integer"),
        Op::Lookup(op) => op.table.values().map(|value| kind(value).to_owned()).collect(),
        Op::First => BTreeSet::new(),
        Op::Trim
        | Op::Lower
        | Op::Upper
        | Op::Text
        | Op::Decimal(_)
        | Op::Date(_)
        | Op::Split(_)
        | Op::Join(_)
        | Op::Replace(_)
        | Op::Prefix(_)
        | Op::Strip(_) => one("string"),
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
