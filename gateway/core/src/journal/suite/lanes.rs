//! Lanes: first in, first out, one at a time, and nothing blocks for ever.

use super::kit::{
    Verdict, accepted, at, check, done, id, in_lane, lease, leased, new, numbers, same, settled, text, until,
};
use crate::exchange::{NewExchange, Next, State};
use crate::journal::{Action, Intervention, Journal};

async fn heads(j: &dyn Journal, now: i64) -> Result<Vec<u128>, String> {
    lease(j, now, now + 60, 99).await.map(|l| numbers(&l))
}

pub(super) async fn first_in_first_out(j: &dyn Journal) -> Verdict {
    // Later ones are due earlier; the lane decides.
    for n in 1..=3 {
        accepted(
            j,
            NewExchange {
                due: at(10 - n as i64),
                ..in_lane(n, "izin-1")
            },
        )
        .await?;
    }
    check!(heads(j, 8).await?.is_empty(), "the head is not due yet");
    for n in 1..=3 {
        let held = leased(j, 20, 60).await?;
        same!(numbers(std::slice::from_ref(&held)), vec![n]);
        check!(heads(j, 20).await?.is_empty(), "one of a lane at a time");
        settled(j, &held, done()).await?;
    }
    Ok(())
}

pub(super) async fn lanes_flow_past_each_other(j: &dyn Journal) -> Verdict {
    for n in 1..=6 {
        accepted(j, in_lane(n, if n % 2 == 0 { "a" } else { "b" })).await?;
    }
    accepted(j, new(7)).await?;
    same!(heads(j, 0).await?, vec![1, 2, 7]);
    Ok(())
}

pub(super) async fn every_end_frees_the_lane(j: &dyn Journal) -> Verdict {
    let reason = || "alasan".to_owned();
    let ends = [
        done(),
        Next::Failed,
        Next::Dead { reason: reason() },
        Next::Parked { reason: reason() },
    ];
    for n in 1..=6 {
        accepted(j, in_lane(n, "a")).await?;
    }
    for (n, end) in (1..).zip(ends) {
        let held = leased(j, 0, 60).await?;
        same!(numbers(std::slice::from_ref(&held)), vec![n]);
        settled(j, &held, end).await?;
    }
    // The fifth is discarded by a person while it waits.
    let held = leased(j, 0, 60).await?;
    settled(j, &held, Next::Schedule { due: at(500) }).await?;
    check!(heads(j, 10).await?.is_empty(), "the lane waits for its head");
    j.intervene(person(5, Action::Discard), "bukti".into())
        .await
        .map_err(|e| text(&e))?;
    same!(heads(j, 10).await?, vec![6]);
    Ok(())
}

fn person(n: u128, action: Action) -> Intervention {
    Intervention {
        id: id(n),
        action,
        by: "ani".into(),
        second: None,
        reason: "alasan".into(),
        at: at(5),
        events: Vec::new(),
        relays: Vec::new(),
        timers: Vec::new(),
    }
}

pub(super) async fn a_waiting_head_holds_the_lane(j: &dyn Journal) -> Verdict {
    accepted(j, in_lane(1, "a")).await?;
    accepted(j, in_lane(2, "a")).await?;
    for next in [
        Next::Schedule { due: at(100) },
        Next::Unresolved { due: at(200) },
        Next::Release { due: at(300) },
    ] {
        let held = leased(j, 300, 360).await?;
        same!(numbers(std::slice::from_ref(&held)), vec![1]);
        settled(j, &held, next).await?;
        check!(heads(j, 50).await?.is_empty(), "the second waits behind the first");
    }
    // An expired lease keeps the lane too.
    let held = leased(j, 300, 310).await?;
    same!(numbers(std::slice::from_ref(&held)), vec![1]);
    same!(heads(j, 320).await?, vec![1]);
    Ok(())
}

pub(super) async fn lease_on_accept_waits_for_the_lane(j: &dyn Journal) -> Verdict {
    let asking = |n, lane| NewExchange {
        lease: Some(until(60)),
        ..in_lane(n, lane)
    };
    check!(accepted(j, asking(1, "a")).await?.1.is_some(), "the lane is free");
    let (second, fence) = accepted(j, asking(2, "a")).await?;
    same!((second.state, second.attempts, fence), (State::Accepted, 0, None));
    check!(accepted(j, asking(3, "b")).await?.1.is_some(), "another lane is free");
    check!(heads(j, 1).await?.is_empty(), "the second waits");
    Ok(())
}

pub(super) async fn a_replayed_elder_waits_for_the_holder(j: &dyn Journal) -> Verdict {
    for n in 1..=3 {
        accepted(j, in_lane(n, "a")).await?;
    }
    let first = leased(j, 0, 60).await?;
    settled(
        j,
        &first,
        Next::Parked {
            reason: "alasan".into(),
        },
    )
    .await?;
    let second = leased(j, 0, 60).await?;
    same!(numbers(std::slice::from_ref(&second)), vec![2]);
    j.intervene(
        person(
            1,
            Action::Replay {
                due: at(5),
                lookup_first: false,
            },
        ),
        "bukti".into(),
    )
    .await
    .map_err(|e| text(&e))?;
    check!(heads(j, 10).await?.is_empty(), "the second is still held");
    // It comes back; now the elder goes first.
    settled(j, &second, Next::Schedule { due: at(6) }).await?;
    let elder = leased(j, 10, 60).await?;
    same!(numbers(std::slice::from_ref(&elder)), vec![1]);
    settled(j, &elder, done()).await?;
    same!(heads(j, 10).await?, vec![2]);
    Ok(())
}

pub(super) async fn a_lane_belongs_to_its_system(j: &dyn Journal) -> Verdict {
    accepted(j, in_lane(1, "a")).await?;
    accepted(
        j,
        NewExchange {
            system: "oss".into(),
            ..in_lane(2, "a")
        },
    )
    .await?;
    same!(heads(j, 0).await?, vec![1, 2]);
    Ok(())
}
