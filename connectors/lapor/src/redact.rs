//! Takes the reporter's identity out of text that leaves for the national system when a report is anonymous: the name
//! (whole, or a part of it outside a street name), every e-mail address, every 16-digit number and every number that
//! looks like a telephone. Rather too much than too little.

mod names;
mod numbers;

use names::Names;
use serde_json::Value;

/// Redacts for one report.
#[derive(Debug, Clone)]
pub(crate) struct Redactor {
    names: Names,
    own_numbers: Vec<String>,
    mask: String,
}

impl Redactor {
    /// From the report's reporter, who may be unknown: patterns are taken out all the same.
    pub(crate) fn of(input: &Value, mask: &str) -> Self {
        let field = |name: &str| {
            input
                .pointer(&format!("/pelapor/{name}"))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let own_numbers = ["nik", "telepon"]
            .into_iter()
            .map(|name| numbers::national(&numbers::digits(field(name))))
            .filter(|digits| digits.len() >= 5)
            .collect();
        Self {
            names: Names::of(field("nama")),
            own_numbers,
            mask: mask.to_owned(),
        }
    }

    /// The text without identity.
    pub(crate) fn clean(&self, text: &str) -> String {
        let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        let text = self.emails(&text);
        let text = numbers::mask(&text, &self.own_numbers, &self.mask);
        self.names.mask(&text, &self.mask)
    }

    fn emails(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        for piece in text.split_inclusive(|c: char| c.is_whitespace() || "<>()[],;:\"".contains(c)) {
            let end = piece.trim_end_matches(|c: char| c.is_whitespace() || "<>()[],;:\"".contains(c));
            match end.rsplit_once('@') {
                Some((user, host)) if !user.is_empty() && !host.is_empty() => {
                    clean.push_str(&self.mask);
                    clean.push_str(&piece[end.len()..]);
                }
                _ => clean.push_str(piece),
            }
        }
        clean
    }
}

/// Zero-width characters and marks that would hide an identity from a comparison.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{202a}'..='\u{202e}')
}

#[cfg(test)]
mod tests;
