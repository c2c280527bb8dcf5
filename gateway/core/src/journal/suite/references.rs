//! Business references that are given up: by what was refused or thrown away, and by nothing else.

use super::kit::{Verdict, accepted, at, check, done, get, id, is_state, leased, new, same, settled, settlement, text};
use crate::evidence::sha256;
use crate::exchange::{NewExchange, Next, State};
use crate::journal::{Acceptance, Action, Intervention, Journal};
use bytes::Bytes;

fn of(n: u128, content: &[u8]) -> NewExchange {
    NewExchange {
        reference: Some("A-1".into()),
        fingerprint: sha256(content),
        ..new(n)
    }
}

async fn ended(j: &dyn Journal, n: u128, content: &[u8], next: Next) -> Verdict {
    accepted(j, of(n, content)).await?;
    let held = leased(j, 0, 60).await?;
    same!(held.exchange.id, id(n));
    settled(j, &held, next).await
}

async fn decide(j: &dyn Journal, n: u128, action: Action) -> Result<(), crate::journal::JournalError> {
    let decision = Intervention {
        id: id(n),
        action,
        by: "ani".into(),
        second: None,
        reason: "sudah diperiksa".into(),
        at: at(50),
        events: Vec::new(),
        relays: Vec::new(),
        timers: Vec::new(),
    };
    j.intervene(decision, Bytes::from_static(b"keputusan")).await
}

fn replay() -> Action {
    Action::Replay {
        due: at(60),
        lookup_first: false,
    }
}

async fn holder(j: &dyn Journal, n: u128, content: &[u8]) -> Result<Acceptance, String> {
    j.accept(of(n, content)).await.map_err(|e| text(&e))
}

pub(super) async fn a_refused_exchange_gives_up_its_reference(j: &dyn Journal) -> Verdict {
    ended(j, 1, b"wrong", Next::Failed).await?;
    accepted(j, of(2, b"corrected")).await?;
    // And now it is held: by the correction, not by what was refused.
    match holder(j, 3, b"other").await? {
        Acceptance::ReferenceMismatch(stored) => same!(stored.id, id(2)),
        other => return Err(format!("wanted ReferenceMismatch, got {other:?}")),
    }
    match holder(j, 4, b"corrected").await? {
        Acceptance::Known(stored) => same!(stored.id, id(2)),
        other => return Err(format!("wanted Known, got {other:?}")),
    }
    same!(get(j, 1).await?.state, State::Failed);
    let held = leased(j, 0, 60).await?;
    same!(held.exchange.id, id(2));
    settled(j, &held, Next::Failed).await?;
    accepted(j, of(5, b"corrected")).await?;
    Ok(())
}

pub(super) async fn a_discarded_exchange_gives_up_its_reference(j: &dyn Journal) -> Verdict {
    ended(j, 1, b"wrong", Next::Dead { reason: "habis".into() }).await?;
    decide(j, 1, Action::Discard).await.map_err(|e| text(&e))?;
    accepted(j, of(2, b"corrected")).await?;
    Ok(())
}

pub(super) async fn a_dead_letter_keeps_its_reference(j: &dyn Journal) -> Verdict {
    ended(j, 1, b"content", Next::Dead { reason: "habis".into() }).await?;
    match holder(j, 2, b"other").await? {
        Acceptance::ReferenceMismatch(stored) => same!(stored.id, id(1)),
        other => return Err(format!("wanted ReferenceMismatch, got {other:?}")),
    }
    Ok(())
}

pub(super) async fn a_relay_never_brings_again_what_was_given_up(j: &dyn Journal) -> Verdict {
    ended(j, 1, b"fact", Next::Dead { reason: "habis".into() }).await?;
    decide(j, 1, Action::Discard).await.map_err(|e| text(&e))?;
    accepted(j, new(2)).await?;
    let held = leased(j, 0, 60).await?;
    let mut end = settlement(&held, done());
    end.relays = vec![of(3, b"fact"), of(4, b"another wording")];
    j.settle(end).await.map_err(|e| text(&e))?;
    for n in [3, 4] {
        check!(
            j.get(id(n)).await.map_err(|e| text(&e))?.is_none(),
            "relay {n} is left out"
        );
    }
    Ok(())
}

pub(super) async fn a_replay_needs_its_reference_back(j: &dyn Journal) -> Verdict {
    ended(j, 1, b"first", Next::Failed).await?;
    ended(j, 2, b"second", Next::Failed).await?;
    // Nobody holds it: the first takes it back.
    decide(j, 1, replay()).await.map_err(|e| text(&e))?;
    match holder(j, 3, b"third").await? {
        Acceptance::ReferenceMismatch(stored) => same!(stored.id, id(1)),
        other => return Err(format!("wanted ReferenceMismatch, got {other:?}")),
    }
    check!(is_state(&decide(j, 2, replay()).await), "the reference is the first's");
    same!(get(j, 2).await?.state, State::Failed);
    let held = leased(j, 60, 90).await?;
    same!(held.exchange.id, id(1));
    settled(j, &held, Next::Failed).await?;
    accepted(j, of(4, b"third")).await?;
    check!(
        is_state(&decide(j, 1, replay()).await),
        "the reference is the newcomer's"
    );
    // A key that is known leaves everything as it was.
    let known = NewExchange {
        key: Some(crate::exchange::Key {
            key: "k".into(),
            fingerprint: sha256(b"content"),
        }),
        ..new(5)
    };
    accepted(j, known.clone()).await?;
    let again = NewExchange {
        key: known.key,
        ..of(6, b"content")
    };
    check!(
        matches!(j.accept(again).await, Ok(Acceptance::Known(stored)) if stored.id == id(5)),
        "the key speaks first"
    );
    check!(is_state(&decide(j, 1, replay()).await), "the newcomer still holds it");
    Ok(())
}

pub(super) async fn concurrent_newcomers_share_a_given_up_reference(j: &dyn Journal) -> Verdict {
    ended(j, 1, b"wrong", Next::Failed).await?;
    let all = futures_util::future::join_all((2..=16).map(|n| j.accept(of(n, b"corrected")))).await;
    let mut fresh = 0;
    for acceptance in all {
        match acceptance.map_err(|e| text(&e))? {
            Acceptance::New(..) => fresh += 1,
            Acceptance::Known(stored) => check!(stored.id != id(1), "the refused one is not the answer"),
            other => return Err(format!("wanted New or Known, got {other:?}")),
        }
    }
    same!(fresh, 1);
    Ok(())
}
