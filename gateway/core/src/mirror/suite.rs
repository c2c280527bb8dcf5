//! One suite, every store: what [`MirrorStore`] promises, as trials against an empty store. A trial answers with a
//! sentence when a promise is broken.

use super::{Bound, MirrorStore, Row, Search, Step, Tally, Then};
use crate::exchange::NewEvent;
use crate::journal::Journal;
use connector_sdk::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// A store that is a journal too, as every one is.
pub trait Both: MirrorStore + Journal {}
impl<T: MirrorStore + Journal> Both for T {}

type Verdict = Result<(), String>;

/// A promise with the means to check it.
pub struct Trial {
    /// Name.
    pub name: &'static str,
    /// Runs against an empty store.
    pub run: fn(Arc<dyn Both>) -> BoxFuture<'static, Verdict>,
}

macro_rules! trials {
    ($($name:ident),* $(,)?) => {
        /// All trials. Each wants an empty store of its own.
        pub fn trials() -> Vec<Trial> {
            vec![$(Trial { name: stringify!($name), run: |store| Box::pin(async move { $name(&*store).await }) }),*]
        }
    };
}

trials![
    a_set_is_held_once,
    a_stale_holder_changes_nothing,
    rows_come_back_whole,
    a_step_is_one,
    hurry_does_not_disturb,
    searches_are_ordered,
    pages_miss_nothing,
    gone_rows_are_not_found,
    unseen_rows_are_counted_once,
    old_gone_rows_are_purged,
    history_is_newest_first,
];

macro_rules! same {
    ($left:expr, $right:expr) => {
        match (&$left, &$right) {
            (left, right) if left != right => {
                return Err(format!(
                    "line {}: {} is {left:?}, wanted {right:?}",
                    line!(),
                    stringify!($left)
                ));
            }
            _ => {}
        }
    };
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds)
        .ok()
        .and_then(|t| t.checked_add(SignedDuration::from_nanos(123_456_789)).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn row(key: &str, slots: &[Option<&str>]) -> Row {
    Row {
        key: key.into(),
        scope: "tahun=2026".into(),
        body: format!("{{\"kunci\":\"{key}\"}}").into(),
        masked: Vec::new(),
        version: None,
        digest: crate::evidence::sha256(key.as_bytes()),
        run: 1,
        fetched: at(1),
        changed: at(1),
        missed: 0,
        missed_run: 0,
        gone: None,
        slots: slots.iter().map(|s| s.map(str::to_owned)).collect(),
    }
}

fn step(fence: i64, rows: Vec<Row>) -> Step {
    Step {
        set: "paket".into(),
        fence,
        changed: !rows.is_empty(),
        rows,
        events: Vec::new(),
        state: "keadaan".into(),
        then: Then::Hold(at(100)),
        ended: None,
    }
}

async fn taken(store: &dyn Both, now: i64) -> Result<i64, String> {
    store.plant("paket".into(), at(0)).await.map_err(text)?;
    let held = store.take("paket".into(), at(now), at(now + 60)).await.map_err(text)?;
    Ok(held.ok_or("not taken")?.fence)
}

async fn filled(store: &dyn Both, rows: Vec<Row>) -> Result<i64, String> {
    let fence = taken(store, 0).await?;
    store.step(step(fence, rows)).await.map_err(text)?;
    Ok(fence)
}

fn keys(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}

fn search() -> Search {
    Search {
        set: "paket".into(),
        bounds: Vec::new(),
        order: None,
        descending: false,
        after: None,
        limit: 100,
    }
}

fn bound(slot: usize, from: &str, below: &str) -> Bound {
    Bound {
        slot,
        from: Some(from.into()),
        below: Some(below.into()),
    }
}

async fn a_set_is_held_once(store: &dyn Both) -> Verdict {
    let take = async |now| store.take("paket".into(), at(now), at(now + 60)).await.map_err(text);
    same!(take(0).await?, None);
    store.plant("paket".into(), at(10)).await.map_err(text)?;
    // Planting again changes nothing.
    store.plant("paket".into(), at(0)).await.map_err(text)?;
    same!(take(9).await?, None);
    let first = take(10).await?.ok_or("due")?;
    same!(take(60).await?, None);
    let second = take(70).await?.ok_or("the lease ran out")?;
    if second.fence <= first.fence {
        return Err("tokens rise".into());
    }
    let release = Step {
        then: Then::Release(at(500)),
        ..step(second.fence, Vec::new())
    };
    store.step(release).await.map_err(text)?;
    same!(take(499).await?, None);
    same!(take(500).await?.map(|held| held.state), Some("keadaan".into()));
    Ok(())
}

async fn a_stale_holder_changes_nothing(store: &dyn Both) -> Verdict {
    let old = taken(store, 0).await?;
    let new = taken(store, 60).await?;
    same!(store.step(step(old, vec![row("a", &[])])).await.is_err(), true);
    same!(
        store.find("paket".into(), vec!["a".into()]).await.map_err(text)?.len(),
        0
    );
    let release = Step {
        then: Then::Release(at(500)),
        ..step(new, Vec::new())
    };
    store.step(release).await.map_err(text)?;
    same!(store.step(step(new, vec![row("a", &[])])).await.is_err(), true);
    Ok(())
}

async fn rows_come_back_whole(store: &dyn Both) -> Verdict {
    let whole = Row {
        masked: vec!["/nama".into()],
        version: Some("3".into()),
        fetched: at(5),
        changed: at(4),
        missed: 1,
        missed_run: 7,
        gone: Some(at(6)),
        slots: vec![Some("1a".into()), None, Some("0".into())],
        ..row("a|b", &[])
    };
    let fence = filled(store, vec![whole.clone(), row("b", &[])]).await?;
    let find = async |key: &str| store.find("paket".into(), vec![key.into()]).await.map_err(text);
    let trimmed = |mut row: Row| {
        while row.slots.last().is_some_and(Option::is_none) {
            row.slots.pop();
        }
        row
    };
    same!(
        find("a|b").await?.into_iter().map(trimmed).collect::<Vec<_>>(),
        vec![whole.clone()]
    );
    let newer = Row {
        body: "{}".into(),
        gone: None,
        ..whole
    };
    store.step(step(fence, vec![newer.clone()])).await.map_err(text)?;
    same!(
        find("a|b").await?.into_iter().map(trimmed).collect::<Vec<_>>(),
        vec![newer]
    );
    same!(find("c").await?.len(), 0);
    let all = store.walk("paket".into(), String::new(), 9).await.map_err(text)?;
    same!(keys(&all), ["a|b", "b"]);
    same!(
        keys(&store.walk("paket".into(), "a|b".into(), 9).await.map_err(text)?),
        ["b"]
    );
    Ok(())
}

async fn a_step_is_one(store: &dyn Both) -> Verdict {
    let fence = taken(store, 0).await?;
    let event = NewEvent {
        id: uuid::Uuid::from_u128(7),
        kind: "paket.berubah".into(),
        subject: "paket:a".into(),
        source: "uji".into(),
        at: at(3),
        data: "{}".into(),
        schema: "urn:simpul:skema:salinan_perubahan:1".into(),
        trace: None,
    };
    let whole = Step {
        events: vec![event],
        ..step(fence, vec![row("a", &[])])
    };
    let stale = Step {
        fence: fence - 1,
        ..whole.clone()
    };
    same!(store.step(stale).await.is_err(), true);
    same!(store.events(0, Vec::new(), 9).await.map_err(text)?.len(), 0);
    store.step(whole).await.map_err(text)?;
    same!(store.events(0, Vec::new(), 9).await.map_err(text)?.len(), 1);
    let sets = store.sets().await.map_err(text)?;
    let seen: Vec<_> = sets
        .iter()
        .map(|s| (s.set.as_str(), s.revision, s.until, &s.state[..]))
        .collect();
    same!(seen, vec![("paket", 1, Some(at(100)), &b"keadaan"[..])]);
    store.step(step(fence, Vec::new())).await.map_err(text)?;
    same!(store.sets().await.map_err(text)?[0].revision, 1);
    Ok(())
}

async fn hurry_does_not_disturb(store: &dyn Both) -> Verdict {
    same!(store.hurry("paket".into(), at(0)).await.map_err(text)?, false);
    let fence = taken(store, 0).await?;
    same!(store.hurry("paket".into(), at(5)).await.map_err(text)?, true);
    same!(store.take("paket".into(), at(6), at(66)).await.map_err(text)?, None);
    let release = Step {
        then: Then::Release(at(500)),
        ..step(fence, Vec::new())
    };
    store.step(release).await.map_err(text)?;
    same!(store.hurry("paket".into(), at(50)).await.map_err(text)?, true);
    same!(
        store
            .take("paket".into(), at(50), at(99))
            .await
            .map_err(text)?
            .is_some(),
        true
    );
    Ok(())
}

async fn searches_are_ordered(store: &dyn Both) -> Verdict {
    let rows = vec![
        row("d", &[Some("1x"), Some("p10")]),
        row("a", &[Some("1y"), Some("p9")]),
        row("c", &[Some("1x"), Some("p20")]),
        row("b", &[Some("0"), None]),
    ];
    filled(store, rows).await?;
    let find = async |search: Search| store.search(search).await.map_err(text);
    same!(keys(&find(search()).await?), ["a", "b", "c", "d"]);
    let by = |order, descending| Search {
        order: Some(order),
        descending,
        ..search()
    };
    same!(keys(&find(by(0, false)).await?), ["b", "c", "d", "a"]);
    same!(keys(&find(by(0, true)).await?), ["a", "d", "c", "b"]);
    // What has nothing in a slot is not in its index.
    same!(keys(&find(by(1, false)).await?), ["d", "c", "a"]);
    let one = Search {
        bounds: vec![bound(0, "1x", "1x\u{1}")],
        ..by(1, true)
    };
    same!(keys(&find(one.clone()).await?), ["c", "d"]);
    let both = Search {
        bounds: vec![bound(0, "1x", "1x\u{1}"), bound(1, "p2", "p3")],
        ..one
    };
    same!(keys(&find(both).await?), ["c"]);
    let open = Search {
        bounds: vec![Bound {
            slot: 0,
            from: None,
            below: Some("1x".into()),
        }],
        ..search()
    };
    same!(keys(&find(open).await?), ["b"]);
    let other = Search {
        set: "lain".into(),
        ..search()
    };
    same!(find(other).await?.len(), 0);
    Ok(())
}

async fn pages_miss_nothing(store: &dyn Both) -> Verdict {
    let slot = |n: usize| format!("1{}", n % 7);
    let rows: Vec<Row> = (0..60).map(|n| row(&format!("k{n:02}"), &[Some(&slot(n))])).collect();
    filled(store, rows).await?;
    for order in [None, Some(0)] {
        for descending in [false, true] {
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let page = Search {
                    order,
                    descending,
                    after,
                    limit: 7,
                    ..search()
                };
                let found = store.search(page).await.map_err(text)?;
                let Some(last) = found.last() else { break };
                let value = order.and_then(|at| last.slots.get(at).cloned().flatten());
                after = Some((value.unwrap_or_default(), last.key.clone()));
                seen.extend(found.into_iter().map(|row| (order.and(row.slots[0].clone()), row.key)));
            }
            let mut wanted = seen.clone();
            wanted.sort();
            wanted.dedup();
            if descending {
                wanted.reverse();
            }
            same!((seen.len(), &seen), (60, &wanted));
        }
    }
    Ok(())
}

async fn gone_rows_are_not_found(store: &dyn Both) -> Verdict {
    let gone = Row {
        gone: Some(at(9)),
        ..row("b", &[Some("1x")])
    };
    filled(store, vec![row("a", &[Some("1x")]), gone]).await?;
    same!(keys(&store.search(search()).await.map_err(text)?), ["a"]);
    let by = Search {
        order: Some(0),
        ..search()
    };
    same!(keys(&store.search(by).await.map_err(text)?), ["a"]);
    same!(
        store.tally("paket".into(), None, 1).await.map_err(text)?,
        Tally { live: 1, unseen: 0 }
    );
    Ok(())
}

async fn unseen_rows_are_counted_once(store: &dyn Both) -> Verdict {
    let other = Row {
        scope: "tahun=2025".into(),
        ..row("z", &[])
    };
    let seen = Row {
        run: 2,
        ..row("c", &[])
    };
    let fence = filled(store, vec![row("a", &[]), row("b", &[]), seen, other]).await?;
    let unseen = async || {
        store
            .unseen("paket".into(), "tahun=2026".into(), 2, 9)
            .await
            .map_err(text)
    };
    let scope = Some("tahun=2026".to_owned());
    same!(
        store.tally("paket".into(), scope, 2).await.map_err(text)?,
        Tally { live: 3, unseen: 2 }
    );
    same!(
        store.tally("paket".into(), None, 2).await.map_err(text)?,
        Tally { live: 4, unseen: 3 }
    );
    let mut found = unseen().await?;
    same!(keys(&found), ["a", "b"]);
    found.truncate(1);
    found[0].missed_run = 2;
    store.step(step(fence, found)).await.map_err(text)?;
    same!(keys(&unseen().await?), ["b"]);
    Ok(())
}

async fn old_gone_rows_are_purged(store: &dyn Both) -> Verdict {
    let gone = |key: &str, when| Row {
        gone: Some(at(when)),
        ..row(key, &[])
    };
    filled(store, vec![row("a", &[]), gone("b", 10), gone("c", 11), gone("d", 50)]).await?;
    let purge = async |limit| store.purge("paket".into(), at(20), limit).await.map_err(text);
    same!(purge(1).await?, 1);
    same!(purge(9).await?, 1);
    same!(purge(9).await?, 0);
    same!(
        keys(&store.walk("paket".into(), String::new(), 9).await.map_err(text)?),
        ["a", "d"]
    );
    Ok(())
}

async fn history_is_newest_first(store: &dyn Both) -> Verdict {
    let fence = taken(store, 0).await?;
    for number in 1..=3_i64 {
        let ended = Step {
            ended: Some((number, format!("lari {number}").into())),
            ..step(fence, Vec::new())
        };
        store.step(ended).await.map_err(text)?;
    }
    let found = store.history("paket".into(), 2).await.map_err(text)?;
    same!(found, vec![bytes::Bytes::from("lari 3"), bytes::Bytes::from("lari 2")]);
    Ok(())
}
