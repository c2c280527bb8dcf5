//! What a check found: violations with a JSON pointer, a stable code and a sentence in both languages.

use serde::Serialize;

/// A check stops after this many violations; nobody reads more, and answers stay small.
pub const MAX_VIOLATIONS: usize = 50;

/// One broken rule. Never holds the offending value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// JSON Pointer (RFC 6901) to the part concerned; a missing property is pointed at itself. Segments that look
    /// like data instead of a name are written `*`.
    pub pointer: String,
    /// Stable code of the rule: `required`, `type`, `pattern`, `enum`, `unknown_field`, `unknown_code`, …
    pub code: &'static str,
    /// Indonesian sentence.
    pub id: String,
    /// English sentence.
    pub en: String,
}

/// Result of the code-list and reference-code checks: `hard` refuses, `soft` only flags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Reasons to refuse.
    pub hard: Vec<Violation>,
    /// Reasons to look twice; the document passes.
    pub soft: Vec<Violation>,
}

impl Findings {
    /// Whether nothing stands against accepting the document.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.hard.is_empty()
    }

    pub(crate) fn push(&mut self, hard: bool, violation: Violation) {
        let list = if hard { &mut self.hard } else { &mut self.soft };
        if list.len() < MAX_VIOLATIONS {
            list.push(violation);
        }
    }
}
