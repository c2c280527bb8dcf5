//! The end of a try: every next state, and what becomes durable with it.

use super::kit::{
    Verdict, accepted, at, attempt, check, ended, event, fault, get, id, in_lane, is_state, lease, leased, new, same,
    settled, settlement, state, text, with_key,
};
use crate::evidence::batch::{Batch, SigningKey};
use crate::evidence::check::Verifier;
use crate::evidence::{binder, link};
use crate::exchange::{NewExchange, Next, Settlement, State, TryKind};
use crate::journal::{EvidenceLink, Journal, JournalError};
use crate::time::Clock;
use bytes::Bytes;
use jiff::Timestamp;

async fn done_row(j: &dyn Journal) -> Verdict {
    let rows = j.attempts(id(1)).await.map_err(|e| text(&e))?;
    same!(rows.len(), 1);
    let (row, given) = (&rows[0], attempt(TryKind::Deliver, None));
    same!(
        (row.number, row.kind, row.started, row.ended),
        (1, given.kind, given.started, given.ended)
    );
    same!(
        (row.system_ms, &row.step, row.status),
        (given.system_ms, &given.step, given.status)
    );
    same!((&row.digests, &row.fault, &row.by), (&given.digests, &None, &None));
    Ok(())
}

pub(super) async fn done(j: &dyn Journal) -> Verdict {
    let stored = ended(j, 1, super::kit::done()).await?;
    same!((stored.state, stored.changed), (State::Done, at(2)));
    same!(stored.reply, Some(Bytes::from_static(b"{\"nomor\":\"7\"}")));
    same!((stored.fault, stored.reason), (None, None));
    done_row(j).await
}

pub(super) async fn failed(j: &dyn Journal) -> Verdict {
    let stored = ended(j, 1, Next::Failed).await?;
    same!(
        (stored.state, stored.fault, stored.reply),
        (State::Failed, Some(fault()), None)
    );
    check!(lease(j, 900, 999, 9).await?.is_empty(), "it is over");
    Ok(())
}

pub(super) async fn dead(j: &dyn Journal) -> Verdict {
    let stored = ended(j, 1, Next::Dead { reason: "habis".into() }).await?;
    same!((stored.state, stored.reason), (State::Dead, Some("habis".into())));
    same!(stored.input, new(1).input);
    check!(lease(j, 900, 999, 9).await?.is_empty(), "it waits for a person");
    Ok(())
}

pub(super) async fn schedule(j: &dyn Journal) -> Verdict {
    let stored = ended(j, 1, Next::Schedule { due: at(30) }).await?;
    same!(
        (stored.state, stored.due, stored.fault),
        (State::Scheduled, at(30), Some(fault()))
    );
    check!(lease(j, 29, 60, 9).await?.is_empty(), "not yet");
    same!(leased(j, 30, 60).await?.before, State::Scheduled);
    Ok(())
}

pub(super) async fn unresolved(j: &dyn Journal) -> Verdict {
    let stored = ended(j, 1, Next::Unresolved { due: at(30) }).await?;
    same!(
        (stored.state, stored.due, stored.lookups),
        (State::Unresolved, at(30), 0)
    );
    let held = leased(j, 30, 60).await?;
    same!(held.before, State::Unresolved);
    settled(j, &held, super::kit::done()).await?;
    let rows = j.attempts(id(1)).await.map_err(|e| text(&e))?;
    same!(
        rows.iter().map(|r| (r.number, r.kind)).collect::<Vec<_>>(),
        [(1, TryKind::Deliver), (2, TryKind::Lookup)]
    );
    // The fault of the first try does not outlive the success.
    same!(get(j, 1).await?.fault, None);
    Ok(())
}

pub(super) async fn parked(j: &dyn Journal) -> Verdict {
    let stored = ended(
        j,
        1,
        Next::Parked {
            reason: "tidak dapat ditanyakan".into(),
        },
    )
    .await?;
    same!(
        (stored.state, stored.reason),
        (State::Parked, Some("tidak dapat ditanyakan".into()))
    );
    check!(lease(j, 900, 999, 9).await?.is_empty(), "it waits for a person");
    Ok(())
}

pub(super) async fn release(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    let held = leased(j, 0, 60).await?;
    settled(j, &held, Next::Release { due: at(20) }).await?;
    let stored = get(j, 1).await?;
    same!(
        (stored.state, stored.attempts, stored.due),
        (State::Accepted, 0, at(20))
    );
    check!(
        j.attempts(id(1)).await.map_err(|e| text(&e))?.is_empty(),
        "no attempt row"
    );
    check!(lease(j, 19, 60, 9).await?.is_empty(), "not yet");
    let again = leased(j, 20, 60).await?;
    same!((again.before, again.exchange.attempts), (State::Accepted, 1));
    settled(j, &again, Next::Unresolved { due: at(21) }).await?;
    let lookup = leased(j, 21, 60).await?;
    settled(j, &lookup, Next::Release { due: at(22) }).await?;
    let stored = get(j, 1).await?;
    same!(
        (stored.state, stored.attempts, stored.lookups),
        (State::Unresolved, 1, 0)
    );
    Ok(())
}

pub(super) async fn release_after_an_expired_lease(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    leased(j, 0, 10).await?;
    let second = leased(j, 10, 60).await?;
    settled(j, &second, Next::Release { due: at(20) }).await?;
    check!(
        super::kit::is_stale(&j.renew(id(1), second.fence, at(99)).await),
        "given back is given back"
    );
    check!(lease(j, 19, 60, 9).await?.is_empty(), "not yet");
    let third = leased(j, 20, 60).await?;
    // Something may still have been sent under the first lease.
    same!((third.before, third.exchange.attempts), (State::Leased, 2));
    Ok(())
}

pub(super) async fn relays_are_stored_once(j: &dyn Journal) -> Verdict {
    accepted(
        j,
        NewExchange {
            reference: Some("lama".into()),
            ..new(50)
        },
    )
    .await?;
    accepted(j, new(1)).await?;
    let first = lease(j, 0, 60, 9).await?.pop().ok_or("nothing leased")?;
    let relay = |n, reference: &str| NewExchange {
        cause: Some(id(1)),
        reference: Some(reference.into()),
        lease: Some(super::kit::until(60)),
        ..new(n)
    };
    let mut end = settlement(&first, super::kit::done());
    // Known already, new, the same again, in a lane.
    end.relays = vec![
        relay(2, "lama"),
        relay(3, "baru"),
        relay(4, "baru"),
        in_lane(5, "a"),
        with_key(6, "k"),
    ];
    end.relays.push(with_key(7, "k"));
    j.settle(end).await.map_err(|e| text(&e))?;
    for (n, there) in [(2, false), (3, true), (4, false), (5, true), (6, true), (7, false)] {
        check!(
            j.get(id(n)).await.map_err(|e| text(&e))?.is_some() == there,
            "relay {n}"
        );
    }
    let relayed = get(j, 3).await?;
    same!((relayed.state, relayed.cause), (State::Accepted, Some(id(1))));
    same!(lease(j, 0, 60, 9).await?.len(), 3);
    Ok(())
}

async fn links(j: &dyn Journal) -> Result<Vec<EvidenceLink>, String> {
    let mut all = Vec::new();
    for chain in j.chains().await.map_err(|e| text(&e))? {
        let links = j.evidence(chain, 0, 1000).await.map_err(|e| text(&e))?;
        let mut previous = [0; 32];
        for (seq, found) in (1..).zip(&links) {
            same!(found.seq, seq);
            same!(found.previous, previous);
            same!(found.hash, link(&previous, &found.record));
            previous = found.hash;
        }
        all.extend(links);
    }
    Ok(all)
}

pub(super) async fn evidence_is_chained(j: &dyn Journal) -> Verdict {
    let mut held = Vec::new();
    for n in 1..=20 {
        accepted(j, new(n)).await?;
        held.push(leased(j, 0, 60).await?);
    }
    let ends = held.iter().map(|h| Settlement {
        evidence: Some(format!("catatan {}", h.exchange.seq).into()),
        events: vec![event("s", "k", 1)],
        ..settlement(h, super::kit::done())
    });
    for result in futures_util::future::join_all(ends.map(|e| j.settle(e))).await {
        result.map_err(|e| text(&e))?;
    }
    let all = links(j).await?;
    let records: std::collections::BTreeSet<_> = all.iter().map(|l| l.record.clone()).collect();
    same!((all.len(), records.len()), (20, 20));
    let chain = j.chains().await.map_err(|e| text(&e))?.swap_remove(0);
    let some = j.evidence(chain, 5, 3).await.map_err(|e| text(&e))?;
    same!(some.iter().map(|l| l.seq).collect::<Vec<_>>(), [6, 7, 8]);
    Ok(())
}

pub(super) async fn witness_appends_in_order(j: &dyn Journal) -> Verdict {
    j.witness(vec!["satu".into(), "dua".into()])
        .await
        .map_err(|e| text(&e))?;
    j.witness(Vec::new()).await.map_err(|e| text(&e))?;
    j.witness(vec!["tiga".into()]).await.map_err(|e| text(&e))?;
    let records: Vec<_> = links(j).await?.into_iter().map(|l| l.record).collect();
    same!(records, [Bytes::from("satu"), Bytes::from("dua"), Bytes::from("tiga")]);
    Ok(())
}

pub(super) async fn batches_are_stored_in_order_once(j: &dyn Journal) -> Verdict {
    let key = SigningKey::from_seed(&[7; 32]).ok_or("no key")?;
    let clock = Stopped(at(0));
    let bound = async |records: u64| match binder::bind(j, &clock, &key).await {
        Ok(found) if found == records => Ok(()),
        other => Err(format!("{records} expected, {other:?} bound")),
    };
    bound(0).await?;
    check!(
        j.last_batch().await.map_err(|e| text(&e))?.is_none(),
        "no batch of nothing"
    );
    j.witness(vec!["satu".into(), "dua".into()])
        .await
        .map_err(|e| text(&e))?;
    bound(2).await?;
    bound(0).await?;
    j.witness(vec!["tiga".into()]).await.map_err(|e| text(&e))?;
    bound(1).await?;
    let all = j.batches(0, 9).await.map_err(|e| text(&e))?;
    same!(all.iter().map(|b| b.number).collect::<Vec<_>>(), [1, 2]);
    same!(j.last_batch().await.map_err(|e| text(&e))?.as_ref(), all.last());
    same!(j.batches(1, 9).await.map_err(|e| text(&e))?, all[1..]);
    // Not the next number: taken already, or beyond.
    let beyond = Batch {
        number: 4,
        ..all[1].clone()
    };
    for wrong in [all[0].clone(), all[1].clone(), beyond] {
        check!(
            !j.put_batch(wrong).await.map_err(|e| text(&e))?,
            "only the next number is taken"
        );
    }
    // Several nodes at once: one sequence.
    j.witness(vec!["empat".into()]).await.map_err(|e| text(&e))?;
    let together = futures_util::future::join_all((0..4).map(|_| binder::bind(j, &clock, &key))).await;
    let count: u64 = together.into_iter().map(Result::unwrap_or_default).sum();
    same!(count, 1);
    let mut verifier = Verifier::new(vec![key.public()], None);
    for batch in j.batches(0, 9).await.map_err(|e| text(&e))? {
        verifier
            .batch(&batch.statement, &batch.signature)
            .map_err(|f| format!("{f:?}"))?;
        let statement = batch.read().ok_or("unreadable")?;
        for link in binder::links(j, &statement).await.map_err(|e| text(&e))? {
            verifier
                .record(link.seq, &link.hash, &link.record)
                .map_err(|f| format!("{f:?}"))?;
        }
    }
    let summary = verifier.end().map_err(|f| format!("{f:?}"))?;
    same!((summary.batches, summary.records), (3, 4));
    Ok(())
}

struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn sleep(&self, _: std::time::Duration) -> connector_sdk::BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn late(n: u128, next: Next) -> Settlement {
    Settlement {
        id: id(n),
        fence: 0,
        before: State::Unresolved,
        attempt: Some(attempt(TryKind::Late, None)),
        next,
        at: at(40),
        relays: Vec::new(),
        events: Vec::new(),
        timers: Vec::new(),
        evidence: Some("terlambat".into()),
    }
}

pub(super) async fn late_answers(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    check!(
        is_state(&j.settle(late(1, super::kit::done())).await),
        "it was never tried"
    );
    let held = leased(j, 0, 60).await?;
    check!(
        is_state(&j.settle(late(1, super::kit::done())).await),
        "its holder answers for it"
    );
    settled(j, &held, Next::Unresolved { due: at(30) }).await?;
    check!(
        j.settle(late(1, Next::Release { due: at(1) })).await.is_err(),
        "there is no lease to give back"
    );
    j.settle(late(1, super::kit::done())).await.map_err(|e| text(&e))?;
    let stored = get(j, 1).await?;
    same!(
        (stored.state, stored.changed, stored.reply.is_some()),
        (State::Done, at(40), true)
    );
    check!(is_state(&j.settle(late(1, Next::Failed)).await), "it is done");
    ended(
        j,
        2,
        Next::Parked {
            reason: "alasan".into(),
        },
    )
    .await?;
    j.settle(late(2, Next::Failed)).await.map_err(|e| text(&e))?;
    same!(state(j, 2).await?, State::Failed);
    same!(links(j).await?.len(), 2);
    let kinds: Vec<_> = j
        .attempts(id(1))
        .await
        .map_err(|e| text(&e))?
        .into_iter()
        .map(|a| a.kind)
        .collect();
    same!(kinds, [TryKind::Deliver, TryKind::Late]);
    Ok(())
}

pub(super) async fn missing_exchange(j: &dyn Journal) -> Verdict {
    check!(
        matches!(j.settle(late(9, Next::Failed)).await, Err(JournalError::Missing(_))),
        "no such exchange"
    );
    check!(links(j).await?.is_empty(), "no evidence of nothing");
    check!(
        j.attempts(id(9)).await.map_err(|e| text(&e))?.is_empty(),
        "no attempts of nothing"
    );
    Ok(())
}
