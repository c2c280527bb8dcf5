//! A pulled data set: how to ask for its pages, what names a record, and what counts as complete.

use crate::{Call, Fault, NativeReply, NativeRequest, Str, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A declared data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorSpec {
    /// Name, for example `lapor.instansi`.
    pub id: Str,
    /// One sentence.
    pub summary: Text,
    /// Schema id of one record.
    pub schema: Str,
    /// JSON pointers that together name a record.
    pub key: Vec<Str>,
    /// Seconds between pulls unless configured otherwise.
    pub every_s: u32,
    /// Largest share of records, in per cent, that one pull may lack before it is held to be wrong.
    pub max_shrink_percent: u8,
    /// Most pages one pull may have; a longer one is cut and is not complete.
    pub max_pages: u32,
}

/// Where a pull stands: the scope asked for and the system's own cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Parameters of the run, such as a fiscal year.
    pub scope: Vec<(String, String)>,
    /// Opaque cursor of the next page; `None` asks for the first.
    pub cursor: Option<String>,
}

/// One page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Canonical records.
    pub records: Vec<Value>,
    /// Cursor of the next page; `None` when this was the last.
    pub next: Option<String>,
    /// What the system says the whole has, if it says so.
    pub total: Option<u64>,
}

/// One canonical record of a reply, with what the engine must know beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The record.
    pub value: Value,
    /// JSON pointers of values that the system shows masked (`B*** C*****`). They never overwrite clear ones.
    pub masked: Vec<Str>,
    /// The system's own mark of this version of the record (`updated_at`, a revision), if it has one.
    pub version: Option<String>,
}

impl From<Value> for Record {
    /// A record in clear, without a version.
    fn from(value: Value) -> Self {
        Self {
            value,
            masked: Vec::new(),
            version: None,
        }
    }
}

/// A reply being read record by record. What stands beside the records is known before the first is read.
pub struct Reading<'a> {
    /// The records; a reply that breaks off, or stops making sense, ends in a fault.
    pub records: Box<dyn Iterator<Item = Result<Record, Fault>> + Send + 'a>,
    /// Cursor of the next page; `None` when this was the last.
    pub next: Option<String>,
    /// What the system says the whole has, if it says so.
    pub total: Option<u64>,
    /// Why this page is good but the set cannot be complete (rows that the system could not show, a page as full as the
    /// limit without a word about the next). Records are kept, nothing is deleted after such a pull.
    pub lacking: Option<Str>,
}

impl From<Page> for Reading<'_> {
    fn from(page: Page) -> Self {
        Self {
            records: Box::new(page.records.into_iter().map(|value| Ok(value.into()))),
            next: page.next,
            total: page.total,
            lacking: None,
        }
    }
}

/// Whether a text is shown masked: three or more asterisks in a row, or a word of one letter and asterisks.
pub fn looks_masked(text: &str) -> bool {
    text.contains("***")
        || text.split_whitespace().any(|word| {
            let mut letters = word.chars();
            let first = letters.next();
            let rest = letters.as_str().trim_end_matches(|c: char| ",.;".contains(c));
            first.is_some_and(char::is_alphanumeric) && !rest.is_empty() && rest.chars().all(|c| c == '*')
        })
}

/// One mirror. An empty or incomplete pull never deletes: that is the engine's rule, not the connector's.
pub trait Mirror: Send + Sync {
    /// Its specification.
    fn spec(&self) -> &MirrorSpec;

    /// Names of the parameters that a pull of this set must be given in [`Pull::scope`] (`tahun`, `id_skpd`), in any
    /// order. Their values come from configuration or from records of another mirror.
    fn scope(&self) -> &[Str] {
        &[]
    }

    /// Request for the page that `pull` points at.
    fn request(&self, call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault>;

    /// Records of the reply.
    fn page(&self, call: &Call<'_>, pull: &Pull, reply: &NativeReply) -> Result<Page, Fault>;

    /// Records of the reply one by one, with masks and versions. The engine calls this, never `page`: override it for
    /// replies that hold a whole year (read them with [`crate::stream`]), for masked values, and for versions.
    fn open<'a>(&'a self, call: &Call<'a>, pull: &'a Pull, reply: &'a NativeReply) -> Result<Reading<'a>, Fault> {
        self.page(call, pull, reply).map(Reading::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_told_from_names() {
        for text in ["B*** C*****, S.T.", "***************003", "**********001", "B* C*"] {
            assert!(looks_masked(text), "{text}");
        }
        for text in ["Budi Contoh, S.T.", "2*3", "* catatan", "5 * 3", "", "a"] {
            assert!(!looks_masked(text), "{text}");
        }
    }
}
