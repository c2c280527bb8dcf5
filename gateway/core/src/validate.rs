//! Room 9: what enters is valid. The body is read only now, parsed once by the strict gate, joined with path and query
//! parameters, checked against the operation's schema and the code lists. What was validated is what goes on.

use crate::authority;
use crate::catalogue::{Catalogue, Published};
use crate::evidence::sha256;
use crate::outcome::Refusal;
use crate::quota::Admitted;
use bytes::Bytes;
use connector_sdk::BoxFuture;
use jiff::Timestamp;
use schemas::Schema;
use schemas::gate::{self, Limits};
use serde_json::{Map, Value};

/// The body of a call, read when the pipeline asks for it.
pub trait Body: Send {
    /// Reads it whole, at most `limit` bytes.
    fn read(&mut self, limit: u64) -> BoxFuture<'_, Result<Bytes, Refusal>>;
}

/// A valid canonical input, with the bytes that name it.
pub struct Validated {
    admitted: Admitted,
    input: Value,
    bytes: Bytes,
    fingerprint: [u8; 32],
}

impl Validated {
    /// The room before.
    pub fn admitted(&self) -> &Admitted {
        &self.admitted
    }

    /// The input.
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// The input, when nothing else of the call is needed any more.
    pub fn into_input(self) -> Value {
        self.input
    }

    /// The input in canonical bytes: sorted keys, no white space.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// SHA-256 of the canonical bytes.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

/// Reads, parses, joins and checks.
pub async fn validate(
    admitted: Admitted,
    operation: &Published,
    catalogue: &Catalogue,
    parameters: Map<String, Value>,
    body: &mut dyn Body,
    now: Timestamp,
) -> Result<Validated, Refusal> {
    // A question may come in a body too: identity numbers do not belong into addresses.
    let asked_by_body = operation.method == http::Method::POST && !operation.path.is_empty();
    let has_body = operation.spec.effect.writes() || asked_by_body;
    let mut input = if has_body {
        let bytes = body.read(operation.max_body).await?;
        gate::parse(&bytes, &Limits::default()).map_err(Refusal::NotJson)?
    } else {
        Value::Object(Map::new())
    };
    let mut wrong_parameters = Vec::new();
    if let Value::Object(fields) = &mut input {
        for (name, value) in parameters {
            let value = typed(&operation.request, &name, value);
            if fields.insert(name.clone(), value).is_some() {
                wrong_parameters.push(twice(&name));
            }
        }
    }
    if !wrong_parameters.is_empty() {
        return Err(Refusal::Parameters(wrong_parameters));
    }
    let refuse = if has_body {
        Refusal::Invalid
    } else {
        Refusal::Parameters
    };
    operation.request.check(&input).map_err(refuse)?;
    let findings = catalogue.codes.check(&operation.request, &input, today(now));
    if !findings.accepted() {
        return Err(refuse(findings.hard));
    }
    // Only what is valid is held against the grant: a field that nobody knows is named as such.
    if let Some(fields) = &admitted.grant().fields {
        let outside = fields.outside(&input);
        if !outside.is_empty() {
            return Err(Refusal::FieldsNotGranted(outside));
        }
    }
    authority::decide(&catalogue.flows.authorities, &operation.id, &mut input).map_err(refuse)?;
    let bytes = Bytes::from(schemas::canon::to_bytes(&input));
    let fingerprint = sha256(&bytes);
    Ok(Validated {
        admitted,
        input,
        bytes,
        fingerprint,
    })
}

/// Addresses carry text only: what the schema calls a whole number or a yes is read as one when it is written as one.
/// Everything else stays text, for the schema to judge.
fn typed(schema: &Schema, name: &str, value: Value) -> Value {
    let Some(text) = value.as_str() else { return value };
    let kind = schema
        .document()
        .pointer("/properties")
        .and_then(|all| all.get(name)?.get("type")?.as_str());
    let read = match kind {
        Some("integer") => text
            .parse::<i64>()
            .ok()
            .filter(|n| n.to_string() == text)
            .map(Value::from),
        Some("boolean") => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or(value)
}

fn twice(name: &str) -> schemas::Violation {
    schemas::Violation {
        pointer: format!("/{name}"),
        code: "given_twice",
        id: "Isian ini sudah ada di alamat; hapus dari badan permintaan.".into(),
        en: "This field is already in the address; remove it from the body.".into(),
    }
}

/// The date in the city, which code validity is judged by (UTC+7, no daylight saving).
fn today(now: Timestamp) -> jiff::civil::Date {
    jiff::ZonedDateTime::new(now, jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_an_address_is_a_number_when_it_is_written_as_one() {
        let registry = schemas::Registry::embedded().unwrap();
        let schema = registry.get("urn:simpul:skema:daftar_kunci:1").unwrap();
        let read = |name: &str, text: &str| typed(schema, name, Value::from(text));
        assert_eq!(read("ukuran_halaman", "100"), Value::from(100));
        for text in ["+100", "0100", "1e2", "100.0", "", "99999999999999999999"] {
            assert_eq!(read("ukuran_halaman", text), Value::from(text), "stays text");
        }
        assert_eq!(read("halaman", "2"), Value::from("2"), "text by the schema");
        assert_eq!(read("tidak_ada", "2"), Value::from("2"));
    }
}
