//! W3C Trace Context: takes over a caller's `traceparent` when it is valid, begins a new one otherwise. Pure; ids are
//! handed in. `tracestate` is not passed on: it belongs to vendors and may hold anything.

use gateway_core::spans::Scope;
use std::fmt;
use uuid::Uuid;

/// A valid `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    trace: u128,
    parent: u64,
    flags: u8,
}

impl TraceParent {
    /// Reads a header value; `None` when it must be ignored. A later version than 00 is read as far as 00 goes.
    pub fn parse(value: &str) -> Option<Self> {
        let version = hex_field(value.get(0..2)?)?;
        let rest = value.get(2..55)?;
        match (version, value.get(55..)?) {
            (0xff, _) => return None,
            (0, "") => {}
            (0, _) => return None,
            (_, more) if more.is_empty() || more.starts_with('-') => {}
            _ => return None,
        }
        let mut fields = rest.strip_prefix('-')?.split('-');
        let (trace, parent, flags) = (fields.next()?, fields.next()?, fields.next()?);
        if fields.next().is_some() || (trace.len(), parent.len(), flags.len()) != (32, 16, 2) {
            return None;
        }
        let read = Self {
            trace: hex_field(trace)?,
            parent: u64::try_from(hex_field(parent)?).ok()?,
            // Flags of a later version may mean anything; only `sampled` is kept.
            flags: u8::try_from(hex_field(flags)?).ok()? & if version == 0 { 0xff } else { 1 },
        };
        (read.trace != 0 && read.parent != 0).then_some(read)
    }

    /// As the core reads it.
    pub fn scope(self) -> Scope {
        Scope {
            trace: self.trace,
            span: self.parent,
            kept: self.flags & 1 == 1,
        }
    }

    /// Begins a trace whose id is the exchange's, so that one leads to the other. `span` is 16 hex digits.
    pub fn begin(exchange: &Uuid, span: &str) -> Self {
        let parent = Some(span)
            .filter(|span| span.len() == 16)
            .and_then(hex_field)
            .unwrap_or(0);
        Self {
            // Zero is not allowed; a nil id or span becomes 1.
            trace: exchange.as_u128().max(1),
            parent: u64::try_from(parent).unwrap_or(0).max(1),
            flags: 1,
        }
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut trace, mut parent, mut flags) = (
            hex::Buffer::<16>::new(),
            hex::Buffer::<8>::new(),
            hex::Buffer::<1>::new(),
        );
        for part in [
            "00-",
            trace.format(&self.trace.to_be_bytes()),
            "-",
            parent.format(&self.parent.to_be_bytes()),
            "-",
            flags.format(&[self.flags]),
        ] {
            f.write_str(part)?;
        }
        Ok(())
    }
}

/// The caller's `traceparent` when it is valid, else a new one.
pub fn accept_or_new(given: Option<&str>, exchange: &Uuid, span: &str) -> String {
    given
        .and_then(TraceParent::parse)
        .unwrap_or_else(|| TraceParent::begin(exchange, span))
        .to_string()
}

/// Lowercase hex only: `from_str_radix` alone would take capitals and signs.
fn hex_field(text: &str) -> Option<u128> {
    let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    lower.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn valid_is_kept() {
        for value in [VALID, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"] {
            assert_eq!(
                accept_or_new(Some(value), &Uuid::from_u128(7), "00f067aa0ba902b7"),
                value
            );
        }
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        for value in [VALID.replacen("00", "cc", 1), VALID.replacen("00", "01", 1) + "-lagi"] {
            assert_eq!(
                TraceParent::parse(&value).map(|t| t.to_string()).as_deref(),
                Some(VALID),
                "{value}"
            );
        }
    }

    #[test]
    fn invalid_is_replaced() {
        let long = format!("{VALID}-lagi");
        for value in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
            "00-0af7651916cd43dd8448eb211c80319-cb7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01lagi",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333é-01",
            &long,
        ] {
            let made = accept_or_new(Some(value), &Uuid::from_u128(7), "00f067aa0ba902b7");
            assert_eq!(
                made, "00-00000000000000000000000000000007-00f067aa0ba902b7-01",
                "{value}"
            );
        }
    }

    #[test]
    fn a_new_one_is_valid_whatever_it_is_made_of() {
        for span in ["", "0000000000000000", "bukan heksadesimal"] {
            let made = accept_or_new(None, &Uuid::nil(), span);
            assert_eq!(TraceParent::parse(&made).map(|t| t.to_string()), Some(made));
        }
    }
}
