//! Finds the rows of a reply without building it: a year comes as one array of tens of megabytes. Bare arrays,
//! `{"data": […]}`, `{"rs": […]}`, `{"aaData": […]}` and what stands beside them (`meta`, `cursor`, `success`).

use crate::exact;
use serde_json::Value;

/// The rows of a reply as slices of its body, and the envelope around them.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    body: &'a [u8],
    at: usize,
    /// The members beside the rows, numbers as texts; empty for a bare array.
    beside: Vec<(String, Value)>,
}

impl<'a> Rows<'a> {
    /// Looks the whole body over once, so that a reply cut short is found before its first row is used. Nothing when
    /// the body is not JSON or holds no array of rows.
    pub(crate) fn of(body: &'a [u8]) -> Option<Self> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let start = blank(body, 0);
        let (at, beside, end) = match body.get(start)? {
            b'[' => (start, Vec::new(), skip(body, start)?),
            b'{' => members(body, start)?,
            _ => return None,
        };
        if blank(body, end) != body.len() {
            return None;
        }
        Some(Self {
            body,
            at: blank(body, at + 1),
            beside,
        })
    }

    /// How many rows are left.
    pub(crate) fn len(&self) -> usize {
        let rest = Rows {
            body: self.body,
            at: self.at,
            beside: Vec::new(),
        };
        rest.count()
    }

    /// A member beside the rows.
    pub(crate) fn mark(&self, name: &str) -> Option<&Value> {
        self.beside.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if matches!(self.body.get(self.at)?, b']') {
            return None;
        }
        let end = skip(self.body, self.at)?;
        let row = self.body.get(self.at..end)?;
        self.at = blank(self.body, end);
        if self.body.get(self.at) == Some(&b',') {
            self.at = blank(self.body, self.at + 1);
        }
        Some(row)
    }
}

/// The array's place, the other members, the end of the object.
type Members = (usize, Vec<(String, Value)>, usize);

fn members(body: &[u8], start: usize) -> Option<Members> {
    let (mut at, mut rows, mut beside) = (blank(body, start + 1), None, Vec::new());
    loop {
        if body.get(at)? == &b'}' {
            return Some((rows?, beside, at + 1));
        }
        let end = exact::string_end(body, at);
        let key: String = serde_json::from_slice(body.get(at..end)?).ok()?;
        at = blank(body, end);
        if body.get(at)? != &b':' {
            return None;
        }
        at = blank(body, at + 1);
        let end = skip(body, at)?;
        match key.as_str() {
            "data" | "rs" | "aaData" if body.get(at)? == &b'[' => rows = rows.or(Some(at)),
            _ => beside.push((key, exact::parse(body.get(at..end)?)?)),
        }
        at = blank(body, end);
        match body.get(at)? {
            b',' => at = blank(body, at + 1),
            b'}' => {}
            _ => return None,
        }
    }
}

/// Position after the value at `at`, by its brackets and strings alone; `None` when it does not end.
fn skip(body: &[u8], at: usize) -> Option<usize> {
    let (mut at, mut depth) = (at, 0_usize);
    loop {
        match body.get(at)? {
            b'"' => {
                at = exact::string_end(body, at);
                if body.get(at - 1)? != &b'"' {
                    return None;
                }
            }
            b'[' | b'{' => {
                depth += 1;
                at += 1;
            }
            b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' if depth > 0 => at += 1,
            b',' | b':' => return None,
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => at += scalar(body, at),
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

fn scalar(body: &[u8], at: usize) -> usize {
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
    let rest = body.get(at..).unwrap_or_default();
    rest.iter().take_while(part).count().max(1)
}

fn blank(body: &[u8], at: usize) -> usize {
    let rest = body.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rows(text: &str) -> Option<Vec<&str>> {
        let rows = Rows::of(text.as_bytes())?;
        rows.map(|row| std::str::from_utf8(row).ok()).collect()
    }

    #[test]
    fn both_array_forms_and_every_envelope_are_found() {
        assert_eq!(
            rows(" [ {\"a\":\"]\\\"\"} , {} ] \n"),
            Some(vec!["{\"a\":\"]\\\"\"}", "{}"])
        );
        assert_eq!(rows("{\"data\":[{}],\"x\":1}"), Some(vec!["{}"]));
        assert_eq!(rows("{\"success\":true,\"rs\":[]}"), Some(Vec::new()));
        assert_eq!(rows("\u{feff}[]"), Some(Vec::new()));
        let text = br#"{"data":[],"meta":{"cursor":"eyJpZCI6MX0=","has_more":false}}"#;
        let meta = json!({"cursor": "eyJpZCI6MX0=", "has_more": false});
        assert_eq!(Rows::of(text).and_then(|rows| rows.mark("meta").cloned()), Some(meta));
    }

    #[test]
    fn what_is_cut_or_is_no_list_has_no_rows() {
        for text in [
            "",
            "{}",
            "null",
            "[{}",
            "[{},",
            "{\"data\":[{}]",
            "{\"data\":{}}",
            "[] x",
            "[{\"a\":\"",
            "<html>",
        ] {
            assert_eq!(rows(text), None, "{text}");
        }
    }
}
