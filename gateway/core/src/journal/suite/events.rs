//! Events, their order, and subscriptions that move over them.

use super::kit::{Verdict, accepted, check, done, event, get, id, leased, new, same, settlement, text, with_key};
use crate::exchange::{NewEvent, NewExchange, Settlement, State};
use crate::journal::{Filter, Journal};

async fn publish(j: &dyn Journal, n: u128, events: Vec<NewEvent>) -> Verdict {
    accepted(j, new(n)).await?;
    let held = leased(j, 0, 60).await?;
    j.settle(Settlement {
        events,
        ..settlement(&held, done())
    })
    .await
    .map_err(|e| text(&e))
}

pub(super) async fn sequence_per_subject(j: &dyn Journal) -> Verdict {
    same!(j.last_event().await.map_err(|e| text(&e))?, 0);
    publish(j, 1, vec![event("a", "k", 1), event("b", "k", 2), event("a", "k", 3)]).await?;
    publish(j, 2, vec![event("a", "k", 4)]).await?;
    let all = j.events(0, Vec::new(), 99).await.map_err(|e| text(&e))?;
    let got: Vec<_> = all.iter().map(|e| (e.event.subject.as_str(), e.subject_seq)).collect();
    same!(got, [("a", 1), ("b", 1), ("a", 2), ("a", 3)]);
    check!(all.is_sorted_by(|a, b| a.seq < b.seq), "positions rise");
    same!(j.last_event().await.map_err(|e| text(&e))?, all[3].seq);
    let (found, given) = (&all[1].event, event("b", "k", 2));
    same!(
        (found.id, &found.kind, &found.source),
        (given.id, &given.kind, &given.source)
    );
    same!(
        (found.at, &found.data, &found.schema),
        (given.at, &given.data, &given.schema)
    );
    Ok(())
}

pub(super) async fn same_event_is_stored_once(j: &dyn Journal) -> Verdict {
    publish(j, 1, vec![event("a", "k", 1), event("a", "k", 1)]).await?;
    publish(j, 2, vec![event("a", "k", 1), event("a", "k", 2)]).await?;
    let all = j.events(0, Vec::new(), 99).await.map_err(|e| text(&e))?;
    let got: Vec<_> = all.iter().map(|e| (e.event.id, e.subject_seq)).collect();
    same!(got, [(event("a", "k", 1).id, 1), (event("a", "k", 2).id, 2)]);
    same!(j.last_event().await.map_err(|e| text(&e))?, all[1].seq);
    Ok(())
}

pub(super) async fn events_of_no_try_are_stored_once(j: &dyn Journal) -> Verdict {
    publish(j, 1, vec![event("a", "k", 1)]).await?;
    for _ in 0..2 {
        let again = vec![event("a", "k", 1), event("a", "k", 2)];
        j.publish(again).await.map_err(|e| text(&e))?;
    }
    let all = j.events(0, Vec::new(), 99).await.map_err(|e| text(&e))?;
    let got: Vec<_> = all.iter().map(|e| (e.event.id, e.subject_seq)).collect();
    same!(got, [(event("a", "k", 1).id, 1), (event("a", "k", 2).id, 2)]);
    Ok(())
}

pub(super) async fn read_by_kind_and_position(j: &dyn Journal) -> Verdict {
    publish(
        j,
        1,
        (1..=6)
            .map(|n| event("a", if n % 2 == 0 { "genap" } else { "ganjil" }, n))
            .collect(),
    )
    .await?;
    let read = async |after, kinds: &[&str], limit| {
        let kinds = kinds.iter().map(|k| (*k).to_owned()).collect();
        j.events(after, kinds, limit).await.map_err(|e| text(&e))
    };
    let even = read(0, &["genap"], 2).await?;
    same!(even.iter().map(|e| e.subject_seq).collect::<Vec<_>>(), [2, 4]);
    let rest = read(even[1].seq, &["genap", "lain"], 9).await?;
    same!(rest.iter().map(|e| e.subject_seq).collect::<Vec<_>>(), [6]);
    same!(read(0, &["genap", "ganjil"], 99).await?.len(), 6);
    same!(read(0, &["lain"], 99).await?.len(), 0);
    Ok(())
}

pub(super) async fn dispatch_moves_once(j: &dyn Journal) -> Verdict {
    let cursor = async |name: &str| j.cursor(name.into()).await.map_err(|e| text(&e));
    same!(cursor("s").await?, 0);
    let delivery = NewExchange {
        lease: Some(super::kit::until(60)),
        ..with_key(1, "s/4")
    };
    check!(
        j.dispatch("s".into(), 0, 4, vec![delivery])
            .await
            .map_err(|e| text(&e))?,
        "the cursor was there"
    );
    same!(cursor("s").await?, 4);
    same!(get(j, 1).await?.state, State::Accepted);
    check!(
        !j.dispatch("s".into(), 0, 9, vec![new(2)]).await.map_err(|e| text(&e))?,
        "the cursor has moved"
    );
    check!(
        j.get(id(2)).await.map_err(|e| text(&e))?.is_none(),
        "nothing was stored"
    );
    // A replay from an earlier position finds the delivery known.
    check!(
        j.dispatch("s".into(), 4, 0, Vec::new()).await.map_err(|e| text(&e))?,
        "back"
    );
    check!(
        j.dispatch("s".into(), 0, 5, vec![with_key(3, "s/4"), new(4)])
            .await
            .map_err(|e| text(&e))?,
        "again"
    );
    check!(j.get(id(3)).await.map_err(|e| text(&e))?.is_none(), "known already");
    same!(get(j, 4).await?.state, State::Accepted);
    same!((cursor("s").await?, cursor("t").await?), (5, 0));
    Ok(())
}

pub(super) async fn concurrent_dispatch_moves_once(j: &dyn Journal) -> Verdict {
    let all = (1..=12).map(|n| j.dispatch("s".into(), 0, 7, vec![new(n)]));
    let mut moved = 0;
    for result in futures_util::future::join_all(all).await {
        moved += usize::from(result.map_err(|e| text(&e))?);
    }
    same!(moved, 1);
    same!(j.list(Filter::default()).await.map_err(|e| text(&e))?.len(), 1);
    Ok(())
}
