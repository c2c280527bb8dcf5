//! Where a relay, a link or a follow reads its values: named documents with JSON pointers, and conditions over them.
//! Configuration writes a source as text (`butir:/isi`); this module parses and reads it. Pure.

use serde_json::Value;

/// The documents at hand when an outcome sets something off.
#[derive(Debug, Clone, Copy)]
pub struct Documents<'a> {
    /// The item of an array in the reply, or the reply itself.
    pub item: &'a Value,
    /// Reply of the exchange.
    pub reply: &'a Value,
    /// Input of the exchange.
    pub input: &'a Value,
    /// Reply of the exchange that caused this one, when it is at hand.
    pub origin_reply: &'a Value,
    /// Input of the exchange that caused this one, when it is at hand.
    pub origin_input: &'a Value,
    /// Value of the link that was found.
    pub link: &'a Value,
}

impl<'a> Documents<'a> {
    /// Those of one exchange alone; the reply is its own item.
    pub fn of(input: &'a Value, reply: &'a Value) -> Self {
        Self {
            item: reply,
            reply,
            input,
            origin_reply: &Value::Null,
            origin_input: &Value::Null,
            link: &Value::Null,
        }
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// `butir:/…`, or a bare pointer.
    Item(String),
    /// `balasan:/…`
    Reply(String),
    /// `masukan:/…`
    Input(String),
    /// `asal:/…`: the reply of the causing exchange.
    OriginReply(String),
    /// `asal_masukan:/…`
    OriginInput(String),
    /// `tautan:/…`
    Link(String),
    /// `lindung:a|b`: `false` only when every source is plainly `false`; protection fails closed.
    Protected(Vec<Source>),
    /// A fixed value.
    Fixed(Value),
}

impl Source {
    /// Reads the written form; `None` when it is neither a known document nor a pointer.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(all) = text.strip_prefix("lindung:") {
            return all
                .split('|')
                .map(Self::parse)
                .collect::<Option<_>>()
                .map(Self::Protected);
        }
        let (document, pointer) = text.split_once(':').unwrap_or(("butir", text));
        if !(pointer.is_empty() && text.contains(':') || pointer.starts_with('/')) {
            return None;
        }
        let pointer = pointer.to_owned();
        Some(match document {
            "butir" => Self::Item(pointer),
            "balasan" => Self::Reply(pointer),
            "masukan" => Self::Input(pointer),
            "asal" => Self::OriginReply(pointer),
            "asal_masukan" => Self::OriginInput(pointer),
            "tautan" => Self::Link(pointer),
            _ => return None,
        })
    }

    /// The value, `None` when it is missing or null.
    pub fn read(&self, documents: &Documents<'_>) -> Option<Value> {
        let at = |document: &Value, pointer: &str| document.pointer(pointer).filter(|v| !v.is_null()).cloned();
        match self {
            Self::Item(pointer) => at(documents.item, pointer),
            Self::Reply(pointer) => at(documents.reply, pointer),
            Self::Input(pointer) => at(documents.input, pointer),
            Self::OriginReply(pointer) => at(documents.origin_reply, pointer),
            Self::OriginInput(pointer) => at(documents.origin_input, pointer),
            Self::Link(pointer) => at(documents.link, pointer),
            Self::Protected(sources) => {
                let plain = |source: &Self| source.read(documents) == Some(Value::Bool(false));
                Some(Value::Bool(sources.is_empty() || !sources.iter().all(plain)))
            }
            Self::Fixed(value) => Some(value.clone()),
        }
    }

    /// Whether it can be read only once a link was found.
    pub fn needs_link(&self) -> bool {
        match self {
            Self::Link(_) => true,
            Self::Protected(sources) => sources.iter().any(Self::needs_link),
            _ => false,
        }
    }

    /// Whether it reads the causing exchange.
    pub fn needs_origin(&self) -> bool {
        match self {
            Self::OriginReply(_) | Self::OriginInput(_) => true,
            Self::Protected(sources) => sources.iter().any(Self::needs_origin),
            _ => false,
        }
    }
}

/// What must hold of a source.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// One of these values stands there.
    OneOf(Vec<Value>),
    /// None of these values stands there; something missing is none of them.
    NoneOf(Vec<Value>),
    /// Something stands there.
    Present,
    /// Nothing stands there, or an empty list.
    Absent,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What is looked at.
    pub source: Source,
    /// What must hold.
    pub test: Test,
}

impl Condition {
    /// `pointer` of the item holds `value`.
    pub fn equals(pointer: &str, value: impl Into<Value>) -> Self {
        Self {
            source: Source::Item(pointer.to_owned()),
            test: Test::OneOf(vec![value.into()]),
        }
    }

    /// Whether it holds.
    pub fn holds(&self, documents: &Documents<'_>) -> bool {
        let value = self.source.read(documents);
        let empty = value.as_ref().is_none_or(|v| v.as_array().is_some_and(Vec::is_empty));
        match &self.test {
            Test::OneOf(values) => value.is_some_and(|v| values.contains(&v)),
            Test::NoneOf(values) => value.is_none_or(|v| !values.contains(&v)),
            Test::Present => !empty,
            Test::Absent => empty,
        }
    }
}

/// Puts a value at a pointer, making objects on the way. A pointer through something that is no object is ignored.
pub fn put(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        if place.is_null() {
            *place = Value::Object(serde_json::Map::new());
        }
        let Value::Object(fields) = place else { return };
        place = fields.entry(name).or_insert(Value::Null);
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sources_are_written_as_text() {
        assert_eq!(Source::parse("/isi"), Some(Source::Item("/isi".into())));
        assert_eq!(Source::parse("butir:"), Some(Source::Item(String::new())));
        assert_eq!(Source::parse("asal:/tiket"), Some(Source::OriginReply("/tiket".into())));
        for bad in ["", "isi", "lain:/isi", "butir:isi", "lindung:isi"] {
            assert_eq!(Source::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn protection_fails_closed() {
        let both = Source::parse("lindung:masukan:/rahasia|masukan:/anonim").unwrap();
        let read = |input: Value| both.read(&Documents::of(&input, &Value::Null));
        assert_eq!(read(json!({"rahasia": false, "anonim": false})), Some(json!(false)));
        for input in [
            json!({}),
            json!({"rahasia": false}),
            json!({"rahasia": false, "anonim": "false"}),
        ] {
            assert_eq!(read(input), Some(json!(true)));
        }
    }

    #[test]
    fn conditions_tell_missing_from_other() {
        let reply = json!({"jenis": "balasan", "riwayat": [], "kosong": null});
        let holds = |pointer: &str, test| {
            let source = Source::Item(pointer.into());
            Condition { source, test }.holds(&Documents::of(&Value::Null, &reply))
        };
        assert!(holds("/jenis", Test::OneOf(vec![json!("balasan"), json!("disposisi")])));
        assert!(!holds("/jenis", Test::NoneOf(vec![json!("balasan")])));
        assert!(holds("/lain", Test::NoneOf(vec![json!("balasan")])));
        assert!(holds("/riwayat", Test::Absent) && holds("/kosong", Test::Absent) && holds("/jenis", Test::Present));
    }

    #[test]
    fn values_are_put_where_nothing_was() {
        let mut document = Value::Null;
        put(&mut document, "/tindak_lanjut/isi", json!("x"));
        put(&mut document, "/tiket", json!("A"));
        put(&mut document, "/tiket/dalam", json!("tidak"));
        assert_eq!(document, json!({"tindak_lanjut": {"isi": "x"}, "tiket": "A"}));
    }
}
