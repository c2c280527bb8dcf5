//! The native envelope. Its name is spelt in several ways and proxies rename it, so it is found by what it must hold: a
//! response code, at the top or one level below. Codes come as numbers or texts.

use crate::exact;
use crate::scalar;
use connector_sdk::{Fault, NativeReply};
use serde_json::Value;

/// Names that the response code goes by.
const CODES: [&str; 4] = ["kode", "code", "kode_status", "status"];

/// The object that carries the response code, and the code.
pub(crate) fn holder(body: &Value) -> Option<(&Value, &str)> {
    let below = body.as_object().into_iter().flat_map(|map| map.values());
    std::iter::once(body)
        .chain(below)
        .find_map(|object| Some((object, code(object)?)))
}

fn code(object: &Value) -> Option<&str> {
    CODES
        .iter()
        .find_map(|name| scalar::text(object.get(*name)?))
        .map(str::trim)
}

/// The envelope of a reply that has passed the screen.
pub(crate) fn open(reply: &NativeReply) -> Result<Value, Fault> {
    let body = exact::parse(&reply.body).ok_or_else(|| Fault::drift("a body that is not JSON"))?;
    let found = holder(&body).map(|(object, _)| object.clone());
    found.ok_or_else(|| Fault::drift("no object carries a response code"))
}

/// A member that must be an object with something in it. OSS writes "nothing" as an empty object, an object of empty
/// texts, an empty list or null, depending on the method.
pub(crate) fn filled<'a>(holder: &'a Value, names: &[&str]) -> Option<&'a Value> {
    let found = names
        .iter()
        .find_map(|name| holder.get(*name).filter(|value| value.is_object()))?;
    let any = found.as_object().is_some_and(|map| {
        map.values().any(|value| match value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(inner) => !inner.is_empty(),
            other => scalar::text(other).is_some(),
        })
    });
    any.then_some(found)
}

/// Text of a member, trimmed, if it has a value.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(scalar::text).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn any_spelling_of_the_envelope_is_opened() {
        for body in [
            json!({"responcheckLicenseStatus": {"kode": "200"}}),
            json!({"responsecheckStatusLicense": {"kode": "200"}}),
            json!({"responreceiveLicenseKKPR": {"kode": "200"}}),
            json!({"responInqueryFileDS": {"status": "200"}}),
            json!({"dataLicense": {"success": true, "code": "200"}}),
            json!({"kode_status": "200", "data": {}}),
        ] {
            assert_eq!(holder(&body).map(|(_, code)| code), Some("200"), "{body}");
        }
        assert_eq!(holder(&json!({"x": {"y": {"kode": "200"}}})), None);
        assert_eq!(holder(&json!({"x": {"kode": ""}})), None);
    }

    #[test]
    fn nothing_has_many_forms() {
        for none in [json!({}), json!([]), Value::Null, json!({"nib": "", "nama": "-"})] {
            assert_eq!(filled(&json!({"dataNIB": none}), &["dataNIB"]), None);
        }
        assert!(filled(&json!({"dataNIB": {"nib": "1"}}), &["dataNIB"]).is_some());
    }
}
