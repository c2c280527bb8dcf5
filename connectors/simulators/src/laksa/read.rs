//! Bodies of writes: form or JSON, read into one object; nested form keys (`lapor[url]`) become objects.

use serde_json::{Map, Value};

use super::{BodyForm, Laksa};
use crate::frame::{Request, form};

/// HTTP status and message of a refusal.
pub(super) type Refusal = (u16, String);

impl Laksa {
    pub(super) fn fields(&self, request: &Request) -> Result<Value, Refusal> {
        let media_type = request.media_type();
        let json = match (media_type.as_str(), self.options.body_form) {
            ("application/json", BodyForm::Any | BodyForm::Json) => true,
            ("application/x-www-form-urlencoded", BodyForm::Any | BodyForm::Form) => false,
            _ => return Err((415, format!("Content-Type {media_type} tidak didukung"))),
        };
        if json {
            let body: Value = serde_json::from_slice(&request.body).map_err(|_| (400, "JSON tidak sah".to_owned()))?;
            return match body.is_object() {
                true => Ok(body),
                false => Err((400, "Isi harus berupa objek".to_owned())),
            };
        }
        let mut fields = Map::new();
        for (key, value) in form::decode(&request.body) {
            match key.strip_suffix(']').and_then(|key| key.split_once('[')) {
                Some((outer, inner)) => {
                    let nested = fields
                        .entry(outer.to_owned())
                        .or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(nested) = nested {
                        nested.insert(inner.to_owned(), Value::String(value));
                    }
                }
                None => {
                    fields.insert(key, Value::String(value));
                }
            }
        }
        Ok(Value::Object(fields))
    }
}

/// A text field under its Indonesian or its English name; empty counts as absent.
pub(super) fn text<'a>(fields: &'a Value, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .find_map(|name| fields[*name].as_str())
        .filter(|text| !text.is_empty())
}

/// An id field, which may be a number or a text.
pub(super) fn id(fields: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match &fields[*name] {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}
