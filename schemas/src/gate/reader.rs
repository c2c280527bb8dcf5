//! The reader behind the gate: recursive descent over text already known to be UTF-8.

use super::error::{
    BOM, DEEP, DUPLICATE, EMPTY, END, GateError, INEXACT, LONG_KEY, LONG_STRING, MEMBERS, NOT_A_NUMBER, Reason,
    SURROGATE, SYNTAX, TRAILING, VALUES,
};
use super::{Limits, number};
use crate::scan::plain;
use serde_json::map::Entry;
use serde_json::{Map, Value};

pub(super) struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    limits: &'a Limits,
    members: usize,
    values: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, limits: &'a Limits) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            limits,
            members: 0,
            values: 0,
        }
    }

    pub(super) fn document(mut self) -> Result<Value, GateError> {
        if self.text.starts_with('\u{feff}') {
            return self.fail(BOM);
        }
        self.blank();
        if self.at == self.bytes.len() {
            return self.fail(EMPTY);
        }
        let value = self.value(0)?;
        self.blank();
        if self.at == self.bytes.len() {
            Ok(value)
        } else {
            self.fail(TRAILING)
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, GateError> {
        self.values += 1;
        if self.values > self.limits.values {
            return self.fail(VALUES);
        }
        match self.bytes.get(self.at) {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string(self.limits.string_bytes, LONG_STRING).map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'N' | b'I') => self.fail(NOT_A_NUMBER),
            Some(_) => self.fail(SYNTAX),
            None => self.fail(END),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, GateError> {
        self.enter(depth)?;
        let mut map = Map::new();
        if self.closes(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            self.members += 1;
            if self.members > self.limits.members {
                return self.fail(MEMBERS);
            }
            let start = self.at;
            if self.bytes.get(start) != Some(&b'"') {
                return self.fail(if start == self.bytes.len() { END } else { SYNTAX });
            }
            let key = self.string(self.limits.key_bytes, LONG_KEY)?;
            let slot = match map.entry(key) {
                Entry::Vacant(slot) => slot,
                Entry::Occupied(slot) => return Err(GateError::new(DUPLICATE, start).inside(slot.key())),
            };
            self.blank();
            self.expect(b':').map_err(|error| error.inside(slot.key()))?;
            self.blank();
            let value = self.value(depth).map_err(|error| error.inside(slot.key()))?;
            slot.insert(value);
            if self.ends(b'}')? {
                return Ok(Value::Object(map));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, GateError> {
        self.enter(depth)?;
        let mut items = Vec::new();
        if self.closes(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            let value = self
                .value(depth)
                .map_err(|error| error.inside(&items.len().to_string()))?;
            items.push(value);
            if self.ends(b']')? {
                return Ok(Value::Array(items));
            }
        }
    }

    fn number(&mut self) -> Result<Value, GateError> {
        let rest = &self.text[self.at..];
        let Some(length) = number::length(rest.as_bytes()) else {
            let infinity = rest.starts_with("-I") || rest.starts_with("-N");
            return self.fail(if infinity { NOT_A_NUMBER } else { SYNTAX });
        };
        let Some(number) = number::exact(&rest[..length]) else {
            return self.fail(INEXACT);
        };
        self.at += length;
        Ok(Value::Number(number))
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, GateError> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        self.fail(if word.as_bytes().starts_with(rest) { END } else { SYNTAX })
    }

    /// Reads a string whose opening quote is at the current place. Plain stretches are copied whole.
    fn string(&mut self, limit: usize, too_long: Reason) -> Result<String, GateError> {
        let opening = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            let Some(stop) = plain(&self.bytes[start..]) else {
                self.at = self.bytes.len();
                return self.fail(END);
            };
            self.at = start + stop;
            if out.len() + stop > limit {
                return Err(GateError::new(too_long, opening));
            }
            let stretch = &self.text[start..self.at];
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    if out.is_empty() {
                        return Ok(stretch.to_owned());
                    }
                    out.push_str(stretch);
                    return Ok(out);
                }
                b'\\' => {
                    out.push_str(stretch);
                    out.push(self.escape()?);
                }
                _ => return self.fail(SYNTAX),
            }
        }
    }

    fn escape(&mut self) -> Result<char, GateError> {
        let start = self.at;
        let plain = match self.bytes.get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            Some(_) => return self.fail(SYNTAX),
            None => return self.fail(END),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode(&mut self, start: usize) -> Result<char, GateError> {
        let lone = || GateError::new(SURROGATE, start);
        let first = self.hex(start + 2)?;
        self.at = start + 6;
        if !(0xd800..=0xdfff).contains(&first) {
            return char::from_u32(first).ok_or_else(lone);
        }
        if first > 0xdbff || !self.bytes[self.at..].starts_with(b"\\u") {
            return Err(lone());
        }
        let second = self.hex(self.at + 2)?;
        if !(0xdc00..=0xdfff).contains(&second) {
            return Err(lone());
        }
        self.at += 6;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or_else(lone)
    }

    fn hex(&self, start: usize) -> Result<u32, GateError> {
        let Some(four) = self.bytes.get(start..start + 4) else {
            return Err(GateError::new(END, self.bytes.len()));
        };
        let mut code = 0;
        for byte in four {
            let digit = char::from(*byte).to_digit(16);
            code = code * 16 + digit.ok_or_else(|| GateError::new(SYNTAX, start))?;
        }
        Ok(code)
    }

    fn enter(&mut self, depth: usize) -> Result<(), GateError> {
        if depth > self.limits.depth {
            return self.fail(DEEP);
        }
        self.at += 1;
        self.blank();
        Ok(())
    }

    /// Takes the closing bracket of an empty array or object.
    fn closes(&mut self, bracket: u8) -> bool {
        let closed = self.bytes.get(self.at) == Some(&bracket);
        self.at += usize::from(closed);
        closed
    }

    /// After an item: the closing bracket (true) or a comma before another item (false).
    fn ends(&mut self, bracket: u8) -> Result<bool, GateError> {
        self.blank();
        if self.closes(bracket) {
            return Ok(true);
        }
        self.expect(b',')?;
        self.blank();
        Ok(false)
    }

    fn expect(&mut self, byte: u8) -> Result<(), GateError> {
        match self.bytes.get(self.at) {
            Some(found) if *found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => self.fail(SYNTAX),
            None => self.fail(END),
        }
    }

    fn blank(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fail<T>(&self, reason: Reason) -> Result<T, GateError> {
        Err(GateError::new(reason, self.at))
    }
}
