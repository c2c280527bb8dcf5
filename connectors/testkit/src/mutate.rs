//! Small changes to JSON documents: the raw material of trials. Pure.

use serde_json::{Value, json};

/// Pointer and value of every node below the root, parents before children.
pub(crate) fn nodes(root: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    walk(root, "", &mut found);
    found
}

fn walk<'a>(value: &'a Value, at: &str, found: &mut Vec<(String, &'a Value)>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (escape(k), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => return,
    };
    for (key, child) in children {
        let pointer = format!("{at}/{key}");
        found.push((pointer.clone(), child));
        walk(child, &pointer, found);
    }
}

/// Pointer and text of every string.
pub(crate) fn strings(root: &Value) -> Vec<(String, &str)> {
    let mut found: Vec<_> = nodes(root)
        .into_iter()
        .filter_map(|(p, v)| v.as_str().map(|s| (p, s)))
        .collect();
    found.extend(root.as_str().map(|s| (String::new(), s)));
    found
}

/// Name of the nearest named field on the way to the node: `/data/0/status/1` is `status`.
pub(crate) fn field(pointer: &str) -> String {
    let last = pointer.rsplit('/').find(|s| s.parse::<usize>().is_err());
    last.unwrap_or_default().replace("~1", "/").replace("~0", "~")
}

/// The pointer with `*` for every index: `/data/0/status` is `/data/*/status`.
pub(crate) fn pattern(pointer: &str) -> String {
    let segment = |s: &str| {
        if s.parse::<usize>().is_ok() {
            "*".to_owned()
        } else {
            s.to_owned()
        }
    };
    pointer.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The document with another value at a pointer.
pub(crate) fn replaced(root: &Value, pointer: &str, value: Value) -> Value {
    let mut copy = root.clone();
    if let Some(place) = copy.pointer_mut(pointer) {
        *place = value;
    }
    copy
}

/// The document without the member or element at a pointer.
pub(crate) fn removed(root: &Value, pointer: &str) -> Value {
    let mut copy = root.clone();
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return copy;
    };
    match copy.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Some(index) = key.parse::<usize>().ok().filter(|i| *i < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
    copy
}

/// The document with unknown members added to every object, of every JSON type.
pub(crate) fn with_unknown_fields(root: &Value) -> Value {
    match root {
        Value::Object(map) => {
            let mut copy: serde_json::Map<String, Value> =
                map.iter().map(|(k, v)| (k.clone(), with_unknown_fields(v))).collect();
            copy.insert(
                "kolom_tak_dikenal".into(),
                json!({"dalam": [1, "dua", null, {"tiga": true}]}),
            );
            copy.insert("Kolom Tak Dikenal 2".into(), json!("teks"));
            Value::Object(copy)
        }
        Value::Array(items) => items.iter().map(with_unknown_fields).collect(),
        other => other.clone(),
    }
}

/// A code that no list has, of the same JSON type, or `None` when the value is not code-like.
pub(crate) fn unknown_code(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(json!("KODE_TAK_DIKENAL")),
        Value::Number(_) => Some(json!(987_654_321)),
        _ => None,
    }
}

/// `patch` laid over `base`, as RFC 7396 merges.
pub(crate) fn merged(base: &Value, patch: &Value) -> Value {
    let (Value::Object(base), Value::Object(patch)) = (base, patch) else {
        return patch.clone();
    };
    let mut copy = base.clone();
    for (key, value) in patch {
        if value.is_null() {
            copy.remove(key);
        } else {
            let below = merged(copy.get(key).unwrap_or(&Value::Null), value);
            copy.insert(key.clone(), below);
        }
    }
    Value::Object(copy)
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_reach_what_they_name() {
        let doc = json!({"a/b": [{"c": 1}, 2], "d": "x"});
        let found: Vec<String> = nodes(&doc).into_iter().map(|(p, _)| p).collect();
        assert_eq!(found, ["/a~1b", "/a~1b/0", "/a~1b/0/c", "/a~1b/1", "/d"]);
        assert_eq!(removed(&doc, "/a~1b/0/c"), json!({"a/b": [{}, 2], "d": "x"}));
        assert_eq!(removed(&doc, "/a~1b"), json!({"d": "x"}));
        assert_eq!(field("/data/0/status/1"), "status");
        assert_eq!(pattern("/data/0/status/1"), "/data/*/status/*");
    }

    #[test]
    fn a_patch_replaces_adds_and_takes_away() {
        let base = json!({"a": {"b": 1, "c": 2}, "d": 3});
        assert_eq!(
            merged(&base, &json!({"a": {"b": 9, "c": null}, "e": 4})),
            json!({"a": {"b": 9}, "d": 3, "e": 4})
        );
    }
}
