//! Printing: the language, text or JSON, standard output or standard error.

use super::Tongue;
use crate::config::{Complaint, environment};
use connector_sdk::Text;
use serde_json::{Value, json};
use std::io::Write;

/// How this run speaks.
pub(super) struct Voice {
    tongue: Tongue,
    json: bool,
}

impl Voice {
    /// As asked, else as the environment says, else Indonesian.
    pub(super) fn new(asked: Option<Tongue>, json: bool) -> Self {
        let of_environment = || match environment("LANG") {
            Some(lang) if lang.to_ascii_lowercase().starts_with("en") => Tongue::En,
            _ => Tongue::Id,
        };
        Self {
            tongue: asked.unwrap_or_else(of_environment),
            json,
        }
    }

    /// The text in this run's language.
    pub(super) fn pick<'t>(&self, id: &'t str, en: &'t str) -> &'t str {
        match self.tongue {
            Tongue::Id => id,
            Tongue::En => en,
        }
    }

    /// Whether answers are JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// The language as HTTP names it.
    pub(super) fn tag(&self) -> &'static str {
        self.pick("id", "en")
    }

    fn text<'t>(&self, text: &'t Text) -> &'t str {
        self.pick(&text.id, &text.en)
    }

    /// The answer of a command: JSON when asked for, else text.
    pub(super) fn answer(&self, json: &Value, text: impl FnOnce() -> String) {
        let line = if self.json { json.to_string() } else { text() };
        // A reader that went away is no error of ours.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }

    /// Something for a person beside the answer.
    pub(super) fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// A failure: the reason on standard error, or as JSON on standard output. Returns `false` for the exit code.
    pub(super) fn failed(&self, id: &str, en: &str, why: &dyn std::fmt::Display) -> bool {
        let what = self.pick(id, en);
        if self.json {
            self.answer(&json!({"ok": false, "error": format!("{what}: {why}")}), String::new);
        } else {
            self.note(&format!("{what}: {why}"));
        }
        false
    }

    /// Complaints about configuration. Returns `false` for the exit code.
    pub(super) fn complaints(&self, complaints: &[Complaint]) -> bool {
        if self.json {
            let all: Vec<_> = complaints.iter().map(|c| self.as_json(c)).collect();
            self.answer(&json!({"ok": false, "complaints": all}), String::new);
            return false;
        }
        self.told(complaints);
        let count = complaints.len();
        self.note(self.pick(&format!("{count} keluhan."), &format!("{count} complaints.")));
        false
    }

    /// What is allowed and yet hardly meant: told beside the answer, and as its part when that is JSON.
    pub(super) fn doubts(&self, doubts: &[Complaint]) -> Value {
        if !self.json {
            self.told(doubts);
        }
        doubts.iter().map(|c| self.as_json(c)).collect()
    }

    fn told(&self, complaints: &[Complaint]) {
        for c in complaints {
            let (what, advice) = (self.text(&c.what), self.text(&c.advice));
            self.note(&format!("{}\n    {what}\n    → {advice}", c.place));
        }
    }

    fn as_json(&self, c: &Complaint) -> Value {
        json!({
            "file": *c.place.file, "line": c.place.line, "key": c.place.key,
            "what": self.text(&c.what), "advice": self.text(&c.advice),
        })
    }
}
