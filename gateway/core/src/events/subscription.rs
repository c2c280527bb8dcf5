//! One subscription as its document holds it. Secrets are sealed; their plain text exists only in the built system.

use super::SUBSCRIPTIONS;
use crate::seal::{SealError, Sealer};
use connector_sdk::{Secret, WebhookSecret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// How events reach the subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Pushed to a URL.
    #[serde(rename = "dorong")]
    Push,
    /// Pulled and acknowledged.
    #[serde(rename = "tarik")]
    Pull,
}

/// A signing secret at rest.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSecret {
    /// Hex of the sealed text.
    #[serde(rename = "tersegel")]
    pub sealed: String,
    /// First moment at which it no longer signs.
    #[serde(rename = "sampai")]
    pub until: Option<Timestamp>,
}

/// Who wants to hear what, and how. No `Debug`: the URL may carry a token.
#[derive(Clone, Serialize, Deserialize)]
pub struct Subscription {
    /// Id (UUID).
    pub id: String,
    /// Owner.
    #[serde(rename = "konsumen")]
    pub consumer: String,
    /// Name for people.
    #[serde(rename = "nama")]
    pub name: String,
    /// Event types.
    #[serde(rename = "jenis")]
    pub kinds: Vec<String>,
    /// Way.
    #[serde(rename = "moda")]
    pub mode: Mode,
    /// Receiver of pushes.
    pub url: Option<String>,
    /// Ids only, no data.
    #[serde(rename = "ringkas")]
    pub thin: bool,
    /// Pauses between attempts in seconds, in place of the usual ones.
    #[serde(rename = "jadwal_detik")]
    pub schedule: Option<Vec<u32>>,
    /// Attempts per minute at most.
    #[serde(rename = "batas_per_menit")]
    pub per_minute: Option<NonZeroU32>,
    /// Signing secrets, the newest first.
    #[serde(rename = "rahasia")]
    pub secrets: Vec<SealedSecret>,
    /// Events up to this position are told again because the owner asked.
    #[serde(rename = "ulang_sampai")]
    pub repeated_to: i64,
    /// When it was made.
    #[serde(rename = "dibuat_pada")]
    pub created: Timestamp,
    /// When its owner last changed it.
    #[serde(rename = "diperbarui_pada")]
    pub changed: Timestamp,
}

impl Subscription {
    /// Seals a secret of the subscription `id`.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal(
        sealer: &Sealer,
        id: &str,
        secret: &Secret,
        until: Option<Timestamp>,
    ) -> Result<SealedSecret, SealError> {
        let sealed = sealer.seal(secret.expose().as_bytes(), &context(id))?;
        Ok(SealedSecret {
            sealed: hex::encode(sealed),
            until,
        })
    }

    /// Its secrets, opened. One that does not open is left out and logged.
    pub(super) fn opened(&self, sealer: &Sealer) -> Vec<WebhookSecret> {
        let open = |stored: &SealedSecret| {
            let sealed = hex::decode(&stored.sealed).ok()?;
            let plain = sealer.open(&sealed, &context(&self.id)).ok()?;
            Some(WebhookSecret {
                key: Secret::new(std::str::from_utf8(&plain).ok()?),
                until: stored.until,
            })
        };
        let opened: Vec<_> = self.secrets.iter().filter_map(open).collect();
        if opened.len() < self.secrets.len() {
            tracing::error!(subscription = %self.id, "a signing secret does not open under the master key");
        }
        opened
    }
}

fn context(id: &str) -> String {
    format!("{SUBSCRIPTIONS}:{id}")
}
