//! Reads what the city sends, strictly: form, length, type and presence of every field the guide names.

use serde_json::{Map, Value};

use super::super::days;

/// Why a request is refused: code, words, field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) text: String,
    pub(crate) field: String,
}

impl Refusal {
    pub(crate) fn new(code: u16, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            field: String::new(),
        }
    }

    pub(crate) fn field(field: &str, text: &str) -> Self {
        Self {
            code: 400,
            text: format!("Parameter {field} {text}"),
            field: field.to_owned(),
        }
    }
}

/// How much a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// With a value.
    Filled,
    /// As a key; the value may be empty.
    Key,
    /// Not at all.
    Optional,
}

/// One object of a request.
pub(crate) struct Form<'a> {
    map: &'a Map<String, Value>,
    text_codes: bool,
    seen: Vec<&'static str>,
}

impl<'a> Form<'a> {
    pub(crate) fn new(map: &'a Map<String, Value>, text_codes: bool) -> Self {
        Self {
            map,
            text_codes,
            seen: Vec::new(),
        }
    }

    /// A text of at most `longest` characters. `"-"`, `null` and a missing key count as empty.
    pub(crate) fn text(&mut self, name: &'static str, longest: usize, need: Need) -> Result<String, Refusal> {
        self.seen.push(name);
        let text = match self.map.get(name) {
            None if need == Need::Key => return Err(Refusal::field(name, "tidak ditemukan")),
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) if text == "-" => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) if !self.text_codes => number.to_string(),
            Some(_) => return Err(Refusal::field(name, "harus berupa teks")),
        };
        if text.trim().is_empty() && need == Need::Filled {
            return Err(Refusal::field(name, "wajib diisi"));
        }
        if text.chars().count() > longest {
            return Err(Refusal::field(name, &format!("melebihi {longest} karakter")));
        }
        Ok(text)
    }

    /// A date `YYYY-MM-DD`.
    pub(crate) fn date(&mut self, name: &'static str, need: Need) -> Result<String, Refusal> {
        let text = self.text(name, 10, need)?;
        if !text.is_empty() && !days::is_date(&text) {
            return Err(Refusal::field(name, "harus berformat YYYY-MM-DD"));
        }
        Ok(text)
    }

    /// An `http` address.
    pub(crate) fn url(&mut self, name: &'static str) -> Result<String, Refusal> {
        let text = self.text(name, 2048, Need::Optional)?;
        let address = text.starts_with("https://") || text.starts_with("http://");
        if !text.is_empty() && !address {
            return Err(Refusal::field(name, "harus berupa URL"));
        }
        Ok(text)
    }

    /// A whole number, as a number or, when `as_text`, as a text of digits.
    pub(crate) fn number(&mut self, name: &'static str, as_text: bool) -> Result<(), Refusal> {
        self.seen.push(name);
        let good = match self.map.get(name) {
            None | Some(Value::Null) => true,
            Some(Value::Number(_)) => !as_text || !self.text_codes,
            Some(Value::String(text)) => as_text && text.bytes().all(|byte| byte.is_ascii_digit()),
            Some(_) => false,
        };
        let kind = if as_text {
            "harus berupa teks angka"
        } else {
            "harus berupa angka"
        };
        if good { Ok(()) } else { Err(Refusal::field(name, kind)) }
    }

    /// Any value of a kind the caller judges.
    pub(crate) fn any(&mut self, name: &'static str) -> Option<&'a Value> {
        self.seen.push(name);
        self.map.get(name)
    }

    /// An object, when there.
    pub(crate) fn object(&mut self, name: &'static str) -> Result<Option<&'a Map<String, Value>>, Refusal> {
        match self.any(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(_) => Err(Refusal::field(name, "harus berupa objek")),
        }
    }

    /// Keys nobody asked for.
    pub(crate) fn unknown(&self) -> Option<&'a str> {
        let mut keys = self.map.keys();
        keys.find(|key| !self.seen.contains(&key.as_str())).map(String::as_str)
    }
}
