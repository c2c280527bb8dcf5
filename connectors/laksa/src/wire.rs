//! Writes a native body as configuration wants it: JSON, or form pairs in which nested keys look like `lapor[url]` and
//! null is left out.

use crate::settings::BodyForm;
use connector_sdk::NativeBody;
use serde_json::{Map, Value};

/// The body.
pub(crate) fn body(form: BodyForm, fields: Map<String, Value>) -> NativeBody {
    match form {
        BodyForm::Json => NativeBody::Json(Value::Object(fields)),
        BodyForm::Form => {
            let mut pairs = Vec::new();
            for (name, value) in &fields {
                flatten(name, value, &mut pairs);
            }
            NativeBody::Form(pairs)
        }
    }
}

fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        Value::Object(inner) => inner
            .iter()
            .for_each(|(key, value)| flatten(&format!("{name}[{key}]"), value, pairs)),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(at, value)| flatten(&format!("{name}[{at}]"), value, pairs));
        }
        other => pairs.push((name.to_owned(), other.to_string())),
    }
}
