//! People's decisions about exchanges that wait for one.

use super::kit::{Verdict, accepted, at, check, ended, get, id, is_state, leased, new, same, settled, state, text};
use crate::exchange::{NewExchange, Next, State, TryKind};
use crate::journal::{Action, Intervention, Journal, JournalError, Planned, Seen, Timer};
use bytes::Bytes;

fn decide(n: u128, action: Action) -> Intervention {
    Intervention {
        id: id(n),
        action,
        by: "ani".into(),
        second: None,
        reason: "sudah diperiksa".into(),
        at: at(50),
        events: vec![crate::journal::suite::kit::event("a", "k", 100 + n)],
        relays: Vec::new(),
        timers: Vec::new(),
    }
}

fn again(due: i64, lookup_first: bool) -> Action {
    Action::Replay {
        due: at(due),
        lookup_first,
    }
}

fn dead() -> Next {
    Next::Dead { reason: "habis".into() }
}

fn parked() -> Next {
    Next::Parked {
        reason: "tidak pasti".into(),
    }
}

async fn decided(j: &dyn Journal, n: u128, action: Action) -> Verdict {
    j.intervene(decide(n, action), Bytes::from_static(b"keputusan"))
        .await
        .map_err(|e| text(&e))
}

async fn evidence(j: &dyn Journal) -> Result<usize, String> {
    let mut count = 0;
    for chain in j.chains().await.map_err(|e| text(&e))? {
        count += j.evidence(chain, 0, 1000).await.map_err(|e| text(&e))?.len();
    }
    Ok(count)
}

pub(super) async fn replay(j: &dyn Journal) -> Verdict {
    for (n, end) in [
        (1, dead()),
        (2, parked()),
        (3, Next::Failed),
        (4, Next::Schedule { due: at(900) }),
    ] {
        ended(j, n, end).await?;
        decided(j, n, again(60, false)).await?;
        let stored = get(j, n).await?;
        same!(
            (stored.state, stored.due, stored.changed),
            (State::Scheduled, at(60), at(50))
        );
        same!((stored.attempts, stored.lookups, stored.reason), (0, 0, None));
        let held = leased(j, 60, 90).await?;
        same!(
            (held.exchange.id, held.before, held.exchange.attempts),
            (id(n), State::Scheduled, 1)
        );
        same!(held.exchange.input, new(n).input);
        settled(j, &held, super::kit::done()).await?;
    }
    same!(evidence(j).await?, 4);
    Ok(())
}

pub(super) async fn replay_asks_first(j: &dyn Journal) -> Verdict {
    ended(j, 1, parked()).await?;
    decided(j, 1, again(60, true)).await?;
    same!(state(j, 1).await?, State::Unresolved);
    let held = leased(j, 60, 90).await?;
    same!(
        (held.before, held.exchange.attempts, held.exchange.lookups),
        (State::Unresolved, 0, 1)
    );
    Ok(())
}

pub(super) async fn discard(j: &dyn Journal) -> Verdict {
    let ends = [
        dead(),
        parked(),
        Next::Schedule { due: at(900) },
        Next::Unresolved { due: at(900) },
    ];
    for (n, end) in (1..).zip(ends) {
        ended(j, n, end).await?;
        decided(j, n, Action::Discard).await?;
        let stored = get(j, n).await?;
        same!(
            (stored.state, stored.reason),
            (State::Discarded, Some("sudah diperiksa".into()))
        );
    }
    same!(evidence(j).await?, 4);
    Ok(())
}

pub(super) async fn landed(j: &dyn Journal) -> Verdict {
    let reply = Bytes::from_static(b"{\"nomor\":\"8\"}");
    for (n, end) in (1..).zip([dead(), parked(), Next::Unresolved { due: at(900) }]) {
        ended(j, n, end).await?;
        decided(j, n, Action::Landed { reply: reply.clone() }).await?;
        let stored = get(j, n).await?;
        same!(
            (stored.state, stored.reply, stored.fault),
            (State::Done, Some(reply.clone()), None)
        );
    }
    Ok(())
}

/// What is seen to have landed sets off what any outcome does, in the transaction of the decision, and once.
pub(super) async fn landed_sets_off_what_an_outcome_does(j: &dyn Journal) -> Verdict {
    let timer = |due: i64| Timer {
        kind: "tenggat".into(),
        id: "oss/1".into(),
        due: at(due),
        body: Bytes::from(due.to_string()),
    };
    let known = async || j.timer("tenggat".into(), "oss/1".into()).await.map_err(|e| text(&e));
    let decision = |seen: Seen| Intervention {
        relays: vec![NewExchange {
            due: at(9_000),
            ..with_reference(20)
        }],
        timers: vec![Planned {
            timer: timer(800),
            seen,
        }],
        ..decide(1, Action::Landed { reply: Bytes::new() })
    };
    ended(j, 1, parked()).await?;
    j.put_timer(timer(700), None).await.map_err(|e| text(&e))?;
    let old = j.intervene(decision(Seen::Absent), Bytes::from_static(b"k")).await;
    check!(
        matches!(old, Err(JournalError::Moved(_))),
        "it saw an old timer: {old:?}"
    );
    same!((state(j, 1).await?, known().await?), (State::Parked, Some(timer(700))));
    check!(
        j.get(id(20)).await.map_err(|e| text(&e))?.is_none(),
        "nothing was asked for"
    );
    same!(
        (j.last_event().await.map_err(|e| text(&e))?, evidence(j).await?),
        (0, 0)
    );

    let right = decision(Seen::Body(timer(700).body));
    j.intervene(right.clone(), Bytes::from_static(b"k"))
        .await
        .map_err(|e| text(&e))?;
    let again = j.intervene(right, Bytes::from_static(b"k")).await;
    check!(is_state(&again), "it is done");
    same!((state(j, 1).await?, known().await?), (State::Done, Some(timer(800))));
    same!(state(j, 20).await?, State::Accepted);
    same!(
        (j.last_event().await.map_err(|e| text(&e))?, evidence(j).await?),
        (1, 1)
    );

    // What is known by its reference already is asked for no second time.
    let twice = Intervention {
        relays: vec![NewExchange {
            reference: with_reference(20).reference,
            ..new(21)
        }],
        ..decide(2, Action::Landed { reply: Bytes::new() })
    };
    ended(j, 2, parked()).await?;
    j.intervene(twice, Bytes::from_static(b"k"))
        .await
        .map_err(|e| text(&e))?;
    check!(j.get(id(21)).await.map_err(|e| text(&e))?.is_none(), "it is known");
    Ok(())
}

fn with_reference(n: u128) -> NewExchange {
    NewExchange {
        reference: Some("R-1".into()),
        ..new(n)
    }
}

pub(super) async fn refused_decisions_change_nothing(j: &dyn Journal) -> Verdict {
    let reply = || Action::Landed { reply: Bytes::new() };
    accepted(j, new(1)).await?;
    for action in [again(1, false), Action::Discard, reply()] {
        let result = j.intervene(decide(1, action), Bytes::new()).await;
        check!(is_state(&result), "it was only just accepted");
    }
    let held = leased(j, 0, 60).await?;
    for action in [again(1, false), Action::Discard, reply()] {
        let result = j.intervene(decide(1, action), Bytes::new()).await;
        check!(is_state(&result), "it is held");
    }
    settled(j, &held, super::kit::done()).await?;
    for action in [again(1, false), Action::Discard, reply()] {
        let result = j.intervene(decide(1, action), Bytes::new()).await;
        check!(is_state(&result), "it is done");
    }
    let unknown = j.intervene(decide(9, Action::Discard), Bytes::new()).await;
    check!(matches!(unknown, Err(JournalError::Missing(_))), "no such exchange");
    same!(state(j, 1).await?, State::Done);
    same!(evidence(j).await?, 0);
    same!(j.attempts(id(1)).await.map_err(|e| text(&e))?.len(), 1);
    Ok(())
}

pub(super) async fn attempts_are_numbered_through(j: &dyn Journal) -> Verdict {
    ended(j, 1, dead()).await?;
    let mut decision = decide(1, again(60, false));
    decision.second = Some("budi".into());
    j.intervene(decision, Bytes::from_static(b"k"))
        .await
        .map_err(|e| text(&e))?;
    let held = leased(j, 60, 90).await?;
    settled(j, &held, super::kit::done()).await?;
    let rows = j.attempts(id(1)).await.map_err(|e| text(&e))?;
    let kinds: Vec<_> = rows.iter().map(|r| (r.number, r.kind)).collect();
    same!(
        kinds,
        [(1, TryKind::Deliver), (2, TryKind::Person), (3, TryKind::Deliver)]
    );
    same!((rows[1].by.as_deref(), rows[1].started), (Some("ani + budi"), at(50)));
    Ok(())
}
