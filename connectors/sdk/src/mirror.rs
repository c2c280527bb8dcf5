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

/// One mirror. An empty or incomplete pull never deletes: that is the engine's rule, not the connector's.
pub trait Mirror: Send + Sync {
    /// Its specification.
    fn spec(&self) -> &MirrorSpec;
    /// Request for the page that `pull` points at.
    fn request(&self, call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault>;
    /// Records of the reply.
    fn page(&self, call: &Call<'_>, pull: &Pull, reply: &NativeReply) -> Result<Page, Fault>;
}
