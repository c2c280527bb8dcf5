//! The CSV form of the old bus: a bare header line, texts in double quotes with backslash escapes, numbers bare, nothing
//! between separators for null, `""` for an empty text. Parsers of RFC 4180 break on it.

use serde_json::{Map, Value};

/// Rows of a CSV reply; nothing when a line does not fit the header or a quote does not close.
pub(crate) fn rows(body: &[u8]) -> Option<Vec<Value>> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (head, mut rest) = text.split_once('\n')?;
    let names: Vec<&str> = head.trim_end_matches('\r').split(',').map(str::trim).collect();
    if names.iter().any(|name| name.is_empty() || name.starts_with('<')) {
        return None;
    }
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let mut row = Map::new();
        for (at, name) in names.iter().enumerate() {
            let (cell, end) = cell(rest)?;
            row.insert((*name).to_owned(), cell);
            let last = at + 1 == names.len();
            rest = rest.get(end..)?;
            rest = match (rest.strip_prefix(','), last) {
                (Some(rest), false) => rest,
                (None, true) => rest.strip_prefix('\r').unwrap_or(rest),
                _ => return None,
            };
        }
        rest = match rest.strip_prefix('\n') {
            Some(rest) => rest,
            None if rest.is_empty() => rest,
            None => return None,
        };
        rows.push(Value::Object(row));
    }
    Some(rows)
}

/// One cell and how many bytes it took.
fn cell(text: &str) -> Option<(Value, usize)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', '\n', '\r']).unwrap_or(text.len());
        let bare = text.get(..end)?;
        let value = match bare {
            "" => Value::Null,
            bare => Value::String(bare.to_owned()),
        };
        return Some((value, end));
    };
    let mut out = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Value::String(out), at + 2)),
            '\\' => out.push(match chars.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            }),
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn escapes_nulls_and_empty_texts_are_told_apart() {
        let text = "\u{feff}a,b,c,d\n\"x \\\"y\\\", z\\r\\n\",12.50,,\"\"\n\"q\",,1,\"\\t\"\n";
        let expected = vec![
            json!({"a": "x \"y\", z\r\n", "b": "12.50", "c": null, "d": ""}),
            json!({"a": "q", "b": null, "c": "1", "d": "\t"}),
        ];
        assert_eq!(rows(text.as_bytes()), Some(expected));
        assert_eq!(rows(b"a,b\n"), Some(Vec::new()));
    }

    #[test]
    fn a_cut_or_foreign_text_is_nothing() {
        for text in ["", "a,b", "a,b\n\"x", "a,b\n1\n", "a,b\n1,2,3\n", "<html>\n<body>\n"] {
            assert_eq!(rows(text.as_bytes()), None, "{text}");
        }
    }
}
