//! Paths into documents: `/a/b`, `/list/*/name`, `/list/0`. Compiled when the manifest is loaded.

use serde_json::Value;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A member, or an item by number.
    Name(String),
    /// Every item.
    All,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    /// At the value that the rules are about: the document, or the item inside an `each`.
    Here,
    /// At the document, from inside an `each`.
    Root,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) base: Base,
    pub(crate) steps: Vec<Step>,
}

impl Path {
    /// `""`, `/a/*/b`, or `$/a` for the document's root.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (base, rest) = match text.strip_prefix('$') {
            Some(rest) => (Base::Root, rest),
            None => (Base::Here, text),
        };
        if rest.is_empty() {
            return Some(Self {
                base,
                steps: Vec::new(),
            });
        }
        let steps = rest.strip_prefix('/')?.split('/').map(|part| match part {
            "" => None,
            "*" => Some(Step::All),
            name => Some(Step::Name(name.replace("~1", "/").replace("~0", "~"))),
        });
        Some(Self {
            base,
            steps: steps.collect::<Option<_>>()?,
        })
    }

    /// Whether it may lead to several values.
    pub(crate) fn is_many(&self) -> bool {
        self.steps.contains(&Step::All)
    }

    /// The names, for a path without `*`.
    pub(crate) fn names(&self) -> Option<Vec<&str>> {
        let names = self.steps.iter().map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::All => None,
        });
        names.collect()
    }
}

/// Everything a path leads to, each value once. `visit` is told of every step, so that a budget can count.
pub(crate) fn find<'v, E>(
    value: &'v Value,
    steps: &[Step],
    visit: &mut impl FnMut() -> Result<(), E>,
    found: &mut Vec<&'v Value>,
) -> Result<(), E> {
    visit()?;
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return Ok(());
    };
    match (step, value) {
        (Step::All, Value::Array(items)) => items.iter().try_for_each(|item| find(item, rest, visit, found)),
        (Step::Name(name), Value::Object(fields)) => {
            fields.get(name).map_or(Ok(()), |inner| find(inner, rest, visit, found))
        }
        (Step::Name(name), Value::Array(items)) => {
            let item = name.parse::<usize>().ok().and_then(|number| items.get(number));
            item.map_or(Ok(()), |inner| find(inner, rest, visit, found))
        }
        _ => Ok(()),
    }
}

/// Puts a value at names below `target`, making objects on the way.
pub(crate) fn put(target: &mut Value, names: &[String], value: Value) {
    let Some((name, rest)) = names.split_first() else {
        *target = value;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Some(fields) = target.as_object_mut() {
        put(fields.entry(name.clone()).or_insert(Value::Null), rest, value);
    }
}
