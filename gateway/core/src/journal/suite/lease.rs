//! Leases: order, expiry, fencing, counting, waking.

use super::kit::{
    Verdict, accepted, at, check, done, get, id, is_stale, lease, leased, new, numbers, same, settled, settlement,
    text, until,
};
use crate::exchange::{NewExchange, Next, State};
use crate::journal::Journal;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

pub(super) async fn due_order(j: &dyn Journal) -> Verdict {
    for (n, due) in [(1, 30), (2, 10), (3, 20), (4, 10)] {
        accepted(j, NewExchange { due: at(due), ..new(n) }).await?;
    }
    let all = lease(j, 60, 90, 9).await?;
    same!(numbers(&all), vec![2, 4, 3, 1]);
    Ok(())
}

pub(super) async fn limit_and_skip(j: &dyn Journal) -> Verdict {
    for n in 1..=4 {
        let system = if n % 2 == 0 { "oss" } else { "lapor" };
        accepted(
            j,
            NewExchange {
                system: system.into(),
                ..new(n)
            },
        )
        .await?;
    }
    let some = j
        .lease(until(60), at(0), 9, vec!["lapor".into(), "sipd".into()])
        .await
        .map_err(|e| text(&e))?;
    same!(numbers(&some), vec![2, 4]);
    same!(numbers(&lease(j, 0, 60, 1).await?), vec![1]);
    same!(numbers(&lease(j, 0, 60, 0).await?), Vec::<u128>::new());
    same!(numbers(&lease(j, 0, 60, 9).await?), vec![3]);
    Ok(())
}

pub(super) async fn not_before_it_is_due(j: &dyn Journal) -> Verdict {
    accepted(j, NewExchange { due: at(10), ..new(1) }).await?;
    check!(lease(j, 9, 60, 9).await?.is_empty(), "not due yet");
    same!(numbers(&lease(j, 10, 60, 9).await?), vec![1]);
    Ok(())
}

pub(super) async fn holds_until_it_runs_out(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    let first = leased(j, 0, 60).await?;
    same!(first.before, State::Accepted);
    same!((first.exchange.state, first.exchange.changed), (State::Leased, at(0)));
    check!(lease(j, 59, 90, 9).await?.is_empty(), "the lease holds");
    let second = leased(j, 60, 120).await?;
    same!((second.before, second.exchange.attempts), (State::Leased, 2));
    check!(second.fence > first.fence, "tokens rise");
    same!(second.exchange.input, new(1).input);
    // Late, but nobody took over: still the newest token.
    check!(lease(j, 119, 200, 9).await?.is_empty(), "the second lease holds");
    settled(j, &second, done()).await?;
    check!(lease(j, 500, 600, 9).await?.is_empty(), "nothing is left");
    Ok(())
}

pub(super) async fn an_expired_lookup_is_a_lookup_again(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    let first = leased(j, 0, 60).await?;
    settled(j, &first, Next::Unresolved { due: at(10) }).await?;
    let lookup = leased(j, 10, 20).await?;
    same!((lookup.before, lookup.exchange.lookups), (State::Unresolved, 1));
    let again = leased(j, 20, 30).await?;
    same!(
        (again.before, again.exchange.lookups, again.exchange.attempts),
        (State::Unresolved, 2, 1)
    );
    Ok(())
}

pub(super) async fn attempts_and_lookups_are_counted(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    let mut held = leased(j, 0, 60).await?;
    same!((held.exchange.attempts, held.exchange.lookups), (1, 0));
    settled(j, &held, Next::Schedule { due: at(1) }).await?;
    held = leased(j, 1, 60).await?;
    same!(
        (held.before, held.exchange.attempts, held.exchange.lookups),
        (State::Scheduled, 2, 0)
    );
    settled(j, &held, Next::Unresolved { due: at(2) }).await?;
    for lookups in 1..=2 {
        held = leased(j, 2, 60).await?;
        same!((held.exchange.attempts, held.exchange.lookups), (2, lookups));
        settled(j, &held, Next::Unresolved { due: at(2) }).await?;
    }
    held = leased(j, 2, 60).await?;
    settled(j, &held, Next::Schedule { due: at(3) }).await?;
    held = leased(j, 3, 60).await?;
    same!(held.exchange.attempts, 3);
    settled(j, &held, Next::Unresolved { due: at(4) }).await?;
    same!(get(j, 1).await?.lookups, 0);
    same!(j.attempts(id(1)).await.map_err(|e| text(&e))?.len(), 6);
    Ok(())
}

pub(super) async fn concurrent_leases_never_share(j: &dyn Journal) -> Verdict {
    for n in 1..=40 {
        accepted(j, new(n)).await?;
    }
    let all = futures_util::future::join_all((0..10).map(|_| lease(j, 0, 60, 5))).await;
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for batch in all {
        for n in numbers(&batch?) {
            count += 1;
            check!(seen.insert(n), "exchange {n} was leased twice");
        }
    }
    // A batch may see less than its share; what is left comes with the next call.
    count += lease(j, 0, 60, 100).await?.len();
    same!(count, 40);
    Ok(())
}

pub(super) async fn renewed_lease_is_kept(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    let held = leased(j, 0, 10).await?;
    j.renew(id(1), held.fence, at(50)).await.map_err(|e| text(&e))?;
    check!(lease(j, 49, 90, 9).await?.is_empty(), "renewed");
    // It ran out, but nobody took it: the token is still the newest.
    j.renew(id(1), held.fence, at(80)).await.map_err(|e| text(&e))?;
    check!(lease(j, 79, 90, 9).await?.is_empty(), "renewed again");
    check!(
        matches!(
            j.renew(id(7), 1, at(9)).await,
            Err(crate::journal::JournalError::Missing(_))
        ),
        "unknown id"
    );
    Ok(())
}

pub(super) async fn stale_holder_changes_nothing(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    let slow = leased(j, 0, 10).await?;
    let quick = leased(j, 10, 60).await?;
    let mut late = settlement(&slow, done());
    late.relays = vec![new(2)];
    late.events = vec![super::kit::event("s", "k", 1)];
    late.evidence = Some("late".into());
    check!(is_stale(&j.settle(late).await), "settle with an old token");
    check!(
        is_stale(&j.renew(id(1), slow.fence, at(900)).await),
        "renew with an old token"
    );
    check!(
        is_stale(&j.checkpoint(id(1), slow.fence, "a".into(), json!(1)).await),
        "checkpoint with an old token"
    );
    let stored = get(j, 1).await?;
    same!((stored.state, stored.reply), (State::Leased, None));
    check!(j.get(id(2)).await.map_err(|e| text(&e))?.is_none(), "no relay");
    same!(j.last_event().await.map_err(|e| text(&e))?, 0);
    check!(
        j.attempts(id(1)).await.map_err(|e| text(&e))?.is_empty(),
        "no attempt row"
    );
    settled(j, &quick, done()).await?;
    check!(
        is_stale(&j.settle(settlement(&quick, Next::Failed)).await),
        "nothing is settled twice"
    );
    check!(
        is_stale(&j.renew(id(1), quick.fence, at(900)).await),
        "nothing to renew after the end"
    );
    same!(get(j, 1).await?.state, State::Done);
    Ok(())
}

pub(super) async fn checkpoints_come_back(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    let held = leased(j, 0, 60).await?;
    check!(held.checkpoints.is_empty(), "none at first");
    for (name, value) in [
        ("berkas", json!({"id": 7})),
        ("langkah", json!("dua")),
        ("langkah", json!("tiga")),
    ] {
        j.checkpoint(id(1), held.fence, name.into(), value)
            .await
            .map_err(|e| text(&e))?;
    }
    settled(j, &held, Next::Schedule { due: at(1) }).await?;
    let again = leased(j, 1, 60).await?;
    same!(
        serde_json::Value::Object(again.checkpoints),
        json!({"berkas": {"id": 7}, "langkah": "tiga"})
    );
    Ok(())
}

pub(super) async fn next_due_follows(j: &dyn Journal) -> Verdict {
    let next_but = async |skip: &[&str]| {
        let skip = skip.iter().map(|s| (*s).to_owned()).collect();
        j.next_due(skip).await.map_err(|e| text(&e))
    };
    let next = async || next_but(&[]).await;
    same!(next().await?, None);
    accepted(j, NewExchange { due: at(30), ..new(1) }).await?;
    accepted(
        j,
        NewExchange {
            due: at(20),
            system: "oss".into(),
            ..new(2)
        },
    )
    .await?;
    same!(next().await?, Some(at(20)));
    same!(next_but(&["oss"]).await?, Some(at(30)));
    same!(next_but(&["oss", "lapor"]).await?, None);
    let held = leased(j, 20, 25).await?;
    same!(next().await?, Some(at(25)));
    settled(j, &held, Next::Schedule { due: at(40) }).await?;
    same!(next().await?, Some(at(30)));
    Ok(())
}

pub(super) async fn accept_wakes_a_waiter(j: &dyn Journal) -> Verdict {
    let long = Duration::from_secs(600);
    // Woken while waiting.
    let (woken, _) = futures_util::future::join(tokio::time::timeout(Duration::from_secs(60), j.wait(long)), async {
        tokio::task::yield_now().await;
        accepted(j, new(1)).await
    })
    .await;
    check!(woken.is_ok(), "an accept wakes the waiter");
    // Woken between the call and the wait, also when another waiter comes first.
    let (one, other) = (j.wait(long), j.wait(long));
    accepted(j, new(2)).await?;
    for waiter in [j.wait(Duration::ZERO), other, one] {
        let woken = tokio::time::timeout(Duration::from_secs(60), waiter).await;
        check!(woken.is_ok(), "an accept after the call wakes every waiter");
    }
    Ok(())
}
