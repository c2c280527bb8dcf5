//! Where a set stands between two steps. Kept by the store as JSON with every step, so that any node goes on from there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Digests of cursors that are remembered, to notice a system that goes round in circles.
const CURSORS: usize = 64;
/// Reasons that an account names.
const REASONS: usize = 20;

/// A set between two steps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// What the slots of the stored records hold.
    pub layout: String,
    /// Number of the newest run.
    pub number: i64,
    /// The run that has begun and not ended.
    pub run: Option<Run>,
    /// Beginning of the newest complete run: the copy is at least that new.
    pub complete: Option<Timestamp>,
    /// Failed tries since something came.
    pub failures: u32,
    /// Word of the newest fault, until something came.
    pub trouble: Option<String>,
}

/// A run under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Number.
    pub number: i64,
    /// Beginning.
    pub began: Timestamp,
    /// Newest step.
    pub touched: Timestamp,
    /// Newest part that was finished; parts come in order of their names.
    pub done: Option<String>,
    /// Parts finished.
    pub scopes: u64,
    /// Parts in all.
    pub of: u64,
    /// Cursor of the next page of the current part.
    pub cursor: Option<String>,
    /// Pages of the current part.
    pub page: u32,
    /// Distinct records of the current part.
    pub scope_rows: u64,
    /// Why the current part cannot be complete.
    pub lacking: Option<String>,
    /// What the system says the current part has.
    pub total: Option<u64>,
    /// Digests of cursors of the current part.
    pub cursors: Vec<String>,
    /// What it did so far.
    pub account: Account,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Pages read.
    #[serde(rename = "halaman")]
    pub pages: u64,
    /// Bytes of replies.
    #[serde(rename = "bita")]
    pub bytes: u64,
    /// Records read.
    #[serde(rename = "butir")]
    pub rows: u64,
    /// New records.
    #[serde(rename = "baru")]
    pub new: u64,
    /// Changed records.
    #[serde(rename = "berubah")]
    pub changed: u64,
    /// Records marked gone.
    #[serde(rename = "hilang")]
    pub gone: u64,
    /// Records that broke the schema and were left out.
    #[serde(rename = "tidak_sah")]
    pub invalid: u64,
    /// Records whose key came twice with another content; the first counts.
    #[serde(rename = "kunci_ganda")]
    pub conflicts: u64,
    /// Masked values that did not replace clear ones.
    #[serde(rename = "tersamar_ditahan")]
    pub unmasked: u64,
    /// Parts that were not complete, with the reason.
    #[serde(rename = "tidak_lengkap")]
    pub incomplete: Vec<String>,
    /// How many parts were not complete.
    #[serde(rename = "bagian_tidak_lengkap")]
    pub short: u64,
}

/// The account of a run that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Number.
    #[serde(rename = "nomor")]
    pub number: i64,
    /// Beginning.
    #[serde(rename = "mulai")]
    pub began: Timestamp,
    /// End.
    #[serde(rename = "selesai")]
    pub ended: Timestamp,
    /// Whether every part was complete.
    #[serde(rename = "lengkap")]
    pub complete: bool,
    /// Parts.
    #[serde(rename = "bagian")]
    pub scopes: u64,
    /// What it did.
    #[serde(flatten)]
    pub account: Account,
}

impl Standing {
    /// From the store; what does not read is a set that begins anew.
    pub fn read(state: &[u8]) -> Self {
        serde_json::from_slice(state).unwrap_or_default()
    }

    /// For the store.
    pub(crate) fn bytes(&self) -> bytes::Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

impl Run {
    pub(crate) fn begin(number: i64, now: Timestamp) -> Self {
        Self {
            number,
            began: now,
            touched: now,
            done: None,
            scopes: 0,
            of: 0,
            cursor: None,
            page: 0,
            scope_rows: 0,
            lacking: None,
            total: None,
            cursors: Vec::new(),
            account: Account::default(),
        }
    }

    /// Remembers a cursor; `false` when it came before.
    pub(crate) fn meets(&mut self, cursor: &str) -> bool {
        let digest = hex::encode(&crate::evidence::sha256(cursor.as_bytes())[..8]);
        if self.cursors.contains(&digest) {
            return false;
        }
        if self.cursors.len() >= CURSORS {
            self.cursors.remove(0);
        }
        self.cursors.push(digest);
        true
    }

    /// The current part ends; `why` says what was wrong with it.
    pub(crate) fn part_ends(&mut self, scope: &str, why: Option<&str>) {
        if let Some(why) = why {
            self.account.short += 1;
            if self.account.incomplete.len() < REASONS {
                self.account.incomplete.push(format!("{scope}: {why}"));
            }
        }
        self.done = Some(scope.to_owned());
        self.scopes += 1;
        self.cursor = None;
        self.page = 0;
        self.scope_rows = 0;
        self.lacking = None;
        self.total = None;
        self.cursors.clear();
    }
}
