//! How a subscription's deliveries fare, and what an attempt changes in that. A receiver that fails for long is paused
//! and probed, never switched off; one that says 410 Gone is taken at its word until its owner resumes it.

use super::{DELIVERY, Events, STANDINGS};
use crate::deliver::Task;
use crate::exchange::{Attempt, NewEvent, TryKind};
use crate::ids::ExchangeId;
use crate::pipeline::Rooms;
use crate::time::between;
use bytes::Bytes;
use connector_sdk::{Fault, Origin};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "keadaan")]
pub enum Standing {
    /// The last attempt succeeded, or there was none.
    #[default]
    #[serde(rename = "lancar")]
    Healthy,
    /// Attempts fail.
    #[serde(rename = "terganggu")]
    Failing {
        /// Since this first failure.
        #[serde(rename = "sejak")]
        since: Timestamp,
    },
    /// Failed for long: only probes go out.
    #[serde(rename = "dijeda")]
    Paused {
        /// Failing since.
        #[serde(rename = "sejak")]
        since: Timestamp,
    },
    /// The receiver answered 410 Gone.
    #[serde(rename = "nonaktif")]
    Disabled {
        /// When.
        #[serde(rename = "sejak")]
        since: Timestamp,
    },
}

impl Standing {
    /// Every word, the best first.
    pub const WORDS: [&'static str; 4] = ["lancar", "terganggu", "dijeda", "nonaktif"];

    /// The word consumers and operators read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "lancar",
            Self::Failing { .. } => "terganggu",
            Self::Paused { .. } => "dijeda",
            Self::Disabled { .. } => "nonaktif",
        }
    }

    /// Since when it is not healthy.
    pub fn since(self) -> Option<Timestamp> {
        match self {
            Self::Healthy => None,
            Self::Failing { since } | Self::Paused { since } | Self::Disabled { since } => Some(since),
        }
    }

    /// After an attempt; `None` when nothing changes.
    fn after(self, fault: Option<&Fault>, now: Timestamp, pause_after: Duration) -> Option<Self> {
        let Some(fault) = fault else {
            return (self != Self::Healthy).then_some(Self::Healthy);
        };
        if fault.native_code.as_deref() == Some(super::webhook::GONE) {
            return (!matches!(self, Self::Disabled { .. })).then_some(Self::Disabled { since: now });
        }
        match self {
            Self::Healthy => Some(Self::Failing { since: now }),
            Self::Failing { since } if between(since, now) >= pause_after => Some(Self::Paused { since }),
            Self::Failing { .. } | Self::Paused { .. } | Self::Disabled { .. } => None,
        }
    }

    /// The event that tells of this change.
    fn told(self, to: Self) -> Option<&'static str> {
        match (self, to) {
            (_, Self::Paused { .. }) => Some("langganan.dijeda"),
            (_, Self::Disabled { .. }) => Some("langganan.dinonaktifkan"),
            (Self::Paused { .. } | Self::Disabled { .. }, Self::Healthy) => Some("langganan.pulih"),
            (_, Self::Healthy | Self::Failing { .. }) => None,
        }
    }
}

/// A change of standing that an attempt brought about.
pub(crate) struct Turn {
    id: String,
    owner: String,
    from: Standing,
    revision: i64,
    to: Standing,
    at: Timestamp,
}

/// What the attempt changes, if it was a delivery that went out to the receiver.
pub(crate) fn turn(events: &Events, task: &Task, attempt: &Attempt, at: Timestamp) -> Option<Turn> {
    let went_out = attempt.kind == TryKind::Deliver
        && attempt
            .fault
            .as_ref()
            .is_none_or(|f| attempt.step.is_some() && f.origin == Origin::System);
    if task.routed.operation().id != DELIVERY || !went_out {
        return None;
    }
    let live = events.by_system(&task.routed.system().id)?;
    let (from, revision) = events.standing(&live.subscription.id);
    let to = from.after(attempt.fault.as_ref(), at, events.policy().pause_after)?;
    Some(Turn {
        id: live.subscription.id.clone(),
        owner: live.subscription.consumer.clone(),
        from,
        revision,
        to,
        at,
    })
}

impl Turn {
    /// The event to store with the attempt. Its id follows from what happened, so that two nodes tell it once.
    pub(crate) fn event(&self, rooms: &Rooms) -> Option<NewEvent> {
        let kind = self.from.told(self.to)?;
        // Since when it was failing names the episode, whoever notices its end.
        let since = self.from.since().or(self.to.since());
        let data = json!({
            "langganan": self.id,
            "keadaan": self.to.word(),
            "sejak": since.map(|t| t.to_string()),
        });
        super::emit::own_event(
            rooms,
            &self.owner,
            kind,
            &self.id,
            "urn:simpul:skema:peristiwa_langganan:1",
            &data,
            self.at,
        )
    }

    /// Makes the change durable and known on this node. When another node was quicker its word stands.
    pub(crate) async fn carry_out(self, rooms: &Rooms, exchange: ExchangeId) {
        match self.to {
            Standing::Paused { .. } | Standing::Disabled { .. } => {
                tracing::warn!(subscription = %self.id, %exchange, standing = self.to.word(), "receiver set aside");
            }
            Standing::Healthy | Standing::Failing { .. } => {
                tracing::info!(subscription = %self.id, %exchange, standing = self.to.word(), "receiver changed");
            }
        }
        store(rooms, &self.id, self.to, self.revision).await;
    }
}

/// Writes a standing over the one with this revision, and learns what stands then.
pub(super) async fn store(rooms: &Rooms, id: &str, standing: Standing, revision: i64) {
    let body = Bytes::from(serde_json::to_vec(&standing).unwrap_or_default());
    let put = rooms
        .journal
        .put_document(STANDINGS.into(), id.to_owned(), Some(body), Some(revision));
    if let Err(error) = put.await {
        tracing::error!(subscription = %id, %error, "standing not stored");
    }
    if let Err(error) = rooms.events.refresh(&*rooms.journal, &rooms.sealer).await {
        tracing::error!(%error, "subscriptions not read");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_sdk::{FaultKind, Text};

    #[test]
    fn long_failure_pauses_and_success_recovers() {
        let at = |s| Timestamp::from_second(s).expect("in range");
        let fault = Fault::new(FaultKind::Unavailable, Text::new("x", "x")).native_code("http-500");
        let day = Duration::from_secs(86_400);
        let failing = Standing::Healthy.after(Some(&fault), at(0), day).expect("changes");
        assert_eq!(failing, Standing::Failing { since: at(0) });
        assert_eq!(failing.after(Some(&fault), at(86_399), day), None);
        let paused = failing.after(Some(&fault), at(86_400), day).expect("changes");
        assert_eq!(failing.told(paused), Some("langganan.dijeda"));
        assert_eq!(paused.after(None, at(90_000), day), Some(Standing::Healthy));
        assert_eq!(paused.told(Standing::Healthy), Some("langganan.pulih"));
        assert_eq!(failing.told(Standing::Healthy), None, "a hiccup is not worth an event");
        let gone = fault.native_code(super::super::webhook::GONE);
        let disabled = paused.after(Some(&gone), at(90_000), day).expect("changes");
        assert_eq!(paused.told(disabled), Some("langganan.dinonaktifkan"));
    }
}
