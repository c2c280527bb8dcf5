//! Other words for the same contract: names, codes, headers, paths and forms of time exchanged on the way in and out, so that
//! a test can play a system that understands nothing of the usual ones.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::frame::{Answer, Request, form, multipart};

/// Dates, and moments, among the fields.
const DATES: [&str; 3] = ["tanggal_naskah", "batas_waktu", "tanggal_berkas"];
const MOMENTS: [&str; 3] = ["waktu", "tanggal_diterima", "kedaluwarsa"];

/// The words of the contract that a test may exchange for others; the usual word stands first.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// Put before every path.
    pub prefix: String,
    /// Segments of paths.
    pub segments: Vec<(&'static str, &'static str)>,
    /// Names of JSON members, of parts of an upload and of query parameters.
    pub fields: Vec<(&'static str, &'static str)>,
    /// Values: usual name of the field, usual word, other word.
    pub words: Vec<(&'static str, &'static str, &'static str)>,
    /// Headers of a request.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Field of success, its value, and the value of failure.
    pub success: (&'static str, Value, Value),
    /// What stands before the token in its header.
    pub bearer: &'static str,
    /// Dates as `16-02-2026`, moments as `16-02-2026 14:03:11`.
    pub day_first: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            segments: Vec::new(),
            fields: Vec::new(),
            words: Vec::new(),
            headers: Vec::new(),
            success: ("success", Value::Bool(true), Value::Bool(false)),
            bearer: "Bearer ",
            day_first: false,
        }
    }
}

/// Which way words are exchanged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

impl Dialect {
    /// The inner path of a request: prefix taken off, exchanged segments put back.
    pub(super) fn path(&self, path: &str) -> Option<Vec<String>> {
        let rest = path.strip_prefix(&self.prefix)?;
        let parts = rest.split('/').filter(|part| !part.is_empty());
        parts
            .map(|part| {
                let theirs = self.segments.iter().find(|(_, theirs)| *theirs == part);
                match theirs {
                    Some((ours, _)) => Some((*ours).to_owned()),
                    // The usual word of an exchanged segment is not understood.
                    None if self.segments.iter().any(|(ours, _)| *ours == part) => None,
                    None => Some(part.to_owned()),
                }
            })
            .collect()
    }

    /// A request in the usual words; what it says in exchanged ones is dropped.
    pub(super) fn inward(&self, request: &Request) -> Request {
        let mut request = request.clone();
        for (ours, theirs) in &self.headers {
            request.headers.remove(*ours);
            if let Some(value) = request.headers.remove(*theirs)
                && let Ok(name) = HeaderName::from_bytes(ours.as_bytes())
            {
                request.headers.insert(name, value);
            }
        }
        let token = request
            .header("authorization")
            .and_then(|v| v.strip_prefix(self.bearer));
        let token = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
        request.headers.remove("authorization");
        if let Some(token) = token {
            request.headers.insert("authorization", token);
        }
        let params = form::decode(request.query.as_bytes()).into_iter();
        let params = params.filter_map(|(name, value)| {
            let name = self.name(&name, Way::In)?;
            let value = self.worded(&name, &value, Way::In).unwrap_or(value);
            Some(format!("{}={}", form::escape(&name), form::escape(&value)))
        });
        request.query = params.collect::<Vec<_>>().join("&");
        if let Ok(body) = serde_json::from_slice::<Value>(&request.body) {
            request.body = Bytes::from(self.exchanged(&body, "", Way::In).to_string());
        }
        request
    }

    /// Parts of an upload in the usual words.
    pub(super) fn parts(&self, parts: Vec<multipart::Part>) -> Vec<multipart::Part> {
        let usual = |mut part: multipart::Part| {
            part.name = self.name(&part.name, Way::In)?;
            if part.file_name.is_none()
                && let Ok(body) = serde_json::from_slice::<Value>(&part.body)
            {
                part.body = Bytes::from(self.exchanged(&body, "", Way::In).to_string());
            }
            Some(part)
        };
        parts.into_iter().filter_map(usual).collect()
    }

    /// An answer in the other words.
    pub(super) fn outward(&self, answer: Answer) -> Answer {
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(body) => Answer {
                body: Bytes::from(self.told(&body).to_string()),
                ..answer
            },
            Err(_) => answer,
        }
    }

    /// A document in the other words, as it leaves.
    pub(super) fn told(&self, body: &Value) -> Value {
        let mut out = self.exchanged(body, "", Way::Out);
        let (name, yes, no) = &self.success;
        if let (Some(fields), Some(said)) = (out.as_object_mut(), body.get("success")) {
            fields.remove("success");
            let value = if *said == Value::Bool(true) { yes } else { no };
            fields.insert((*name).to_owned(), value.clone());
        }
        out
    }

    /// A name on the other side; `None` when it is not understood there.
    fn name(&self, name: &str, way: Way) -> Option<String> {
        let pair = |(ours, theirs): &(&'static str, &'static str)| match way {
            Way::In => (*theirs == name).then(|| (*ours).to_owned()),
            Way::Out => (*ours == name).then(|| (*theirs).to_owned()),
        };
        if let Some(other) = self.fields.iter().find_map(pair) {
            return Some(other);
        }
        let lost = way == Way::In && self.fields.iter().any(|(ours, _)| *ours == name);
        (!lost).then(|| name.to_owned())
    }

    /// A word of a field (by its usual name) on the other side.
    fn worded(&self, field: &str, word: &str, way: Way) -> Option<String> {
        let known = self.words.iter().filter(|(of, ..)| *of == field);
        let mut pairs = known.map(|(_, ours, theirs)| match way {
            Way::In => (*theirs, *ours),
            Way::Out => (*ours, *theirs),
        });
        if let Some((_, other)) = pairs.find(|(from, _)| *from == word) {
            return Some(other.to_owned());
        }
        if !self.day_first {
            return None;
        }
        match way {
            Way::In if DATES.contains(&field) => turned(word),
            Way::In if MOMENTS.contains(&field) => {
                let (day, time) = word.split_once(' ')?;
                Some(format!("{}T{time}+07:00", turned(day)?))
            }
            Way::Out if DATES.contains(&field) => turned(word),
            Way::Out if MOMENTS.contains(&field) => {
                let (day, time) = word.split_once('T')?;
                Some(format!("{} {}", turned(day)?, time.get(..8)?))
            }
            _ => None,
        }
    }

    fn exchanged(&self, value: &Value, field: &str, way: Way) -> Value {
        match value {
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    let other = self.name(name, way)?;
                    let usual = if way == Way::In { other.as_str() } else { name.as_str() };
                    let value = self.exchanged(value, usual, way);
                    Some((other, value))
                };
                Value::Object(members.iter().filter_map(member).collect::<Map<_, _>>())
            }
            Value::Array(items) => items.iter().map(|item| self.exchanged(item, field, way)).collect(),
            Value::String(text) => self.worded(field, text, way).map_or_else(|| value.clone(), Value::from),
            other => other.clone(),
        }
    }
}

/// `2026-02-16` and `16-02-2026`, either way.
fn turned(date: &str) -> Option<String> {
    let parts: Vec<&str> = date.split('-').collect();
    let [first, month, last] = parts.as_slice() else {
        return None;
    };
    Some(format!("{last}-{month}-{first}"))
}
