//! Text for people, always in both languages: Indonesian first, English complete.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A string that is static in a compiled connector and owned in a registered one.
pub type Str = Cow<'static, str>;

/// One sentence in Indonesian and in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Indonesian.
    pub id: Str,
    /// English.
    pub en: Str,
}

impl Text {
    /// Both languages, static.
    pub const fn new(id: &'static str, en: &'static str) -> Self {
        Self {
            id: Cow::Borrowed(id),
            en: Cow::Borrowed(en),
        }
    }

    /// Both languages, made at run time. Never put personal data or secrets in: texts are shown and logged.
    pub fn owned(id: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            id: Cow::Owned(id.into()),
            en: Cow::Owned(en.into()),
        }
    }
}
