//! A native request made by rules: of an operation, and of the look-up of one.

use crate::connector::wrong_input;
use crate::manifest::{BodyForm, NativeText};
use crate::rule::{Compiled, Rule};
use crate::run::{Facts, run};
use connector_sdk::{Call, Fault, NativeBody, NativeRequest, RelativePath};
use http::Method;
use serde_json::Value;

pub(crate) struct Asking {
    native: NativeText,
    method: Method,
    path: Vec<Compiled>,
    query: Vec<Compiled>,
    body: Vec<Compiled>,
}

impl Asking {
    /// `compiled` compiles the rules at a key.
    pub(crate) fn new(text: &NativeText, key: &str, compiled: &mut dyn FnMut(&[Rule], &str) -> Vec<Compiled>) -> Self {
        Self {
            method: Method::from_bytes(text.metode.as_bytes()).unwrap_or(Method::GET),
            path: compiled(&text.jalur_isi, &format!("{key}.jalur_isi")),
            query: compiled(&text.kueri, &format!("{key}.kueri")),
            body: compiled(&text.kirim, &format!("{key}.kirim")),
            native: text.clone(),
        }
    }

    /// The request of one call; `step` names it for the operator.
    pub(crate) fn request(
        &self,
        call: &Call<'_>,
        input: &Value,
        step: &'static str,
        writes: bool,
    ) -> Result<NativeRequest, Fault> {
        let parts = flat(&self.path, call, input)?;
        let mut path = RelativePath::root();
        for segment in self.native.jalur.split('/').filter(|segment| !segment.is_empty()) {
            let name = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'));
            path = match name {
                Some(name) => {
                    let value = parts
                        .iter()
                        .find(|(known, _)| known == name)
                        .map(|(_, value)| value.as_str());
                    path.segment(value.ok_or_else(|| Fault::drift(format!("no value for {{{name}}} of the path")))?)
                }
                None => path.segment(segment),
            };
        }
        let body = match self.native.isi {
            BodyForm::Kosong => NativeBody::Empty,
            BodyForm::Json => NativeBody::Json(run(&self.body, input, facts(call)).map_err(wrong_input)?),
            BodyForm::Form => NativeBody::Form(flat(&self.body, call, input)?),
        };
        let mut request = NativeRequest {
            method: self.method.clone(),
            query: flat(&self.query, call, input)?,
            body,
            writes,
            ..NativeRequest::get(step, path)
        };
        if let Some(name) = &self.native.kepala_rujukan {
            request = request.header(name, call.reference);
        }
        Ok(request)
    }
}

/// What rules know of a call.
pub(crate) fn facts<'a>(call: &'a Call<'_>) -> Facts<'a> {
    Facts {
        reference: call.reference,
        now: Some(call.now),
    }
}

/// Single values by name.
fn flat(rules: &[Compiled], call: &Call<'_>, input: &Value) -> Result<Vec<(String, String)>, Fault> {
    let made = run(rules, input, facts(call)).map_err(wrong_input)?;
    let fields = made.as_object().into_iter().flatten();
    let pairs = fields.filter(|(_, value)| !value.is_null()).map(|(name, value)| {
        let text = crate::ops::plain(value).map_err(|_| Fault::drift(format!("{name} is not a single value")))?;
        Ok((name.clone(), text))
    });
    pairs.collect()
}
