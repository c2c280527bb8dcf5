//! On which line of a manifest a key stands, for complaints. YAML and JSON alike.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::fmt;

/// Lines by key path.
#[derive(Debug, Default)]
pub(crate) struct Lines(BTreeMap<String, u64>);

impl Lines {
    /// Of a text that has been read once already; none when it cannot be.
    pub(crate) fn of(text: &str) -> Self {
        let mut lines = BTreeMap::new();
        if let Ok(root) = serde_saphyr::from_str::<Spanned<Node>>(text) {
            note(&root, String::new(), &mut lines);
        }
        Self(lines)
    }

    /// The line of a key, or of the nearest one around it.
    pub(crate) fn find(&self, key: &str) -> Option<u64> {
        let mut path = key;
        loop {
            if let Some(line) = self.0.get(path) {
                return Some(*line);
            }
            path = path.rsplit_once('.').map_or("", |(front, _)| front);
            if path.is_empty() {
                return self.0.get("").copied();
            }
        }
    }
}

enum Node {
    Leaf,
    List(Vec<Spanned<Node>>),
    Map(Vec<(String, Spanned<Node>)>),
}

fn note(node: &Spanned<Node>, path: String, lines: &mut BTreeMap<String, u64>) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match &node.value {
        Node::Leaf => {}
        Node::List(items) => {
            for (number, item) in items.iter().enumerate() {
                note(item, below(&number.to_string()), lines);
            }
        }
        Node::Map(fields) => {
            for (name, inner) in fields {
                note(inner, below(name), lines);
            }
        }
    }
    lines.insert(path, node.referenced.line());
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Seen)
    }
}

struct Seen;

impl<'de> Visitor<'de> for Seen {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_str<E>(self, _: &str) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Node::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(name) = fields.next_key::<String>()? {
            all.push((name, fields.next_value()?));
        }
        Ok(Node::Map(all))
    }
}
