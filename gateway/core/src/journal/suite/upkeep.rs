//! Lists, counts, shared documents, timers, erasure.

use super::kit::{
    Verdict, accepted, at, check, done, ended, event, fine, get, id, lease, leased, new, same, settled, settlement,
    state, text, until,
};
use crate::exchange::{NewExchange, Next, Settlement, State};
use crate::journal::{Filter, Journal, JournalError, Planned, Seen, Timer};
use bytes::Bytes;

async fn listed(j: &dyn Journal, filter: Filter) -> Result<Vec<u128>, String> {
    let rows = j.list(filter).await.map_err(|e| text(&e))?;
    Ok(rows.iter().map(|s| s.id.0.as_u128() & 0xffff).collect())
}

pub(super) async fn list_filters(j: &dyn Journal) -> Verdict {
    ended(j, 1, done()).await?;
    ended(j, 2, Next::Dead { reason: "habis".into() }).await?;
    accepted(
        j,
        NewExchange {
            consumer: "dinas-b".into(),
            at: at(10),
            ..new(3)
        },
    )
    .await?;
    accepted(
        j,
        NewExchange {
            system: "oss".into(),
            operation: "izin.lapor".into(),
            at: at(20),
            ..new(4)
        },
    )
    .await?;
    accepted(
        j,
        NewExchange {
            reference: Some("A-1".into()),
            at: fine(at(30)),
            ..new(5)
        },
    )
    .await?;
    let any = Filter::default;
    let word = |w: &str| Some(w.to_owned());
    same!(listed(j, any()).await?, [5, 4, 3, 2, 1]);
    same!(
        listed(
            j,
            Filter {
                states: vec![State::Done],
                ..any()
            }
        )
        .await?,
        [1]
    );
    same!(
        listed(
            j,
            Filter {
                states: vec![State::Dead, State::Accepted],
                ..any()
            }
        )
        .await?,
        [5, 4, 3, 2]
    );
    same!(
        listed(
            j,
            Filter {
                states: vec![State::Done, State::Dead],
                ..any()
            }
        )
        .await?,
        [2, 1]
    );
    same!(
        listed(
            j,
            Filter {
                states: vec![State::Parked],
                ..any()
            }
        )
        .await?,
        Vec::<u128>::new()
    );
    same!(
        listed(
            j,
            Filter {
                states: vec![State::Accepted],
                system: word("oss"),
                ..any()
            }
        )
        .await?,
        [4]
    );
    same!(
        listed(
            j,
            Filter {
                system: word("oss"),
                ..any()
            }
        )
        .await?,
        [4]
    );
    same!(
        listed(
            j,
            Filter {
                system: word("sipd"),
                states: vec![State::Accepted],
                ..any()
            }
        )
        .await?,
        Vec::<u128>::new()
    );
    same!(
        listed(
            j,
            Filter {
                operation: word("izin.lapor"),
                ..any()
            }
        )
        .await?,
        [4]
    );
    same!(
        listed(
            j,
            Filter {
                consumer: word("dinas-b"),
                ..any()
            }
        )
        .await?,
        [3]
    );
    same!(
        listed(
            j,
            Filter {
                reference: word("A-1"),
                ..any()
            }
        )
        .await?,
        [5]
    );
    same!(
        listed(
            j,
            Filter {
                since: Some(at(10)),
                until: Some(at(30)),
                ..any()
            }
        )
        .await?,
        [4, 3]
    );
    same!(
        listed(
            j,
            Filter {
                since: Some(fine(at(30))),
                ..any()
            }
        )
        .await?,
        [5]
    );
    Ok(())
}

pub(super) async fn list_pages(j: &dyn Journal) -> Verdict {
    // Several parties, so that a page is put together from all of them.
    for n in 1..=60 {
        let (consumer, system) = (format!("dinas-{}", n % 3), format!("sistem-{}", n % 2));
        let one = NewExchange {
            consumer,
            system,
            ..new(n)
        };
        accepted(j, one).await?;
    }
    same!(listed(j, Filter::default()).await?.len(), 50);
    for (states, since) in [
        (Vec::new(), None),
        (Vec::new(), Some(at(-1))),
        (vec![State::Accepted, State::Scheduled], None),
        (vec![State::Accepted, State::Done], None),
        (vec![State::Accepted, State::Done], Some(at(-1))),
    ] {
        let mut all = Vec::new();
        let mut before_seq = None;
        loop {
            let filter = Filter {
                states: states.clone(),
                since,
                before_seq,
                limit: 7,
                ..Filter::default()
            };
            let page = j.list(filter).await.map_err(|e| text(&e))?;
            let Some(last) = page.last() else { break };
            before_seq = Some(last.seq);
            all.extend(page.iter().map(|s| s.id.0.as_u128() & 0xffff));
        }
        same!(all, (1..=60).rev().collect::<Vec<u128>>());
    }
    Ok(())
}

pub(super) async fn queues_count(j: &dyn Journal) -> Verdict {
    ended(j, 1, done()).await?;
    ended(j, 2, Next::Failed).await?;
    ended(j, 3, Next::Dead { reason: "habis".into() }).await?;
    for n in 4..=6 {
        accepted(
            j,
            NewExchange {
                at: at(n as i64),
                ..new(n)
            },
        )
        .await?;
    }
    accepted(
        j,
        NewExchange {
            system: "oss".into(),
            at: at(7),
            ..new(7)
        },
    )
    .await?;
    leased(j, 0, 60).await?;
    let mut found: Vec<_> = j.queues().await.map_err(|e| text(&e))?;
    found.sort_by_key(|q| (q.system.clone(), q.state as usize));
    let got: Vec<_> = found
        .iter()
        .map(|q| (q.system.as_str(), q.state, q.count, q.oldest))
        .collect();
    same!(
        got,
        [
            ("lapor", State::Accepted, 2, at(5)),
            ("lapor", State::Leased, 1, at(4)),
            ("lapor", State::Dead, 1, at(0)),
            ("oss", State::Accepted, 1, at(7)),
        ]
    );
    Ok(())
}

async fn put(j: &dyn Journal, id: &str, body: Option<&str>, expected: Option<i64>) -> Result<Option<i64>, String> {
    let body = body.map(|b| Bytes::from(b.to_owned()));
    j.put_document("langganan".into(), id.into(), body, expected)
        .await
        .map_err(|e| text(&e))
}

async fn changed(j: &dyn Journal, after: i64) -> Result<Vec<(String, bool)>, String> {
    let found = j.documents(after).await.map_err(|e| text(&e))?;
    check_order(found.iter().map(|d| d.revision))?;
    Ok(found.into_iter().map(|d| (d.id, d.body.is_some())).collect())
}

fn check_order(revisions: impl Iterator<Item = i64>) -> Verdict {
    check!(revisions.is_sorted(), "in order of revision");
    Ok(())
}

pub(super) async fn documents_have_revisions(j: &dyn Journal) -> Verdict {
    let first = put(j, "a", Some("1"), None).await?.ok_or("not stored")?;
    let second = put(j, "b", Some("2"), None).await?.ok_or("not stored")?;
    check!(second > first, "revisions rise");
    same!(changed(j, 0).await?, [("a".to_owned(), true), ("b".to_owned(), true)]);
    let third = put(j, "a", Some("3"), None).await?.ok_or("not stored")?;
    same!(changed(j, 0).await?, [("b".to_owned(), true), ("a".to_owned(), true)]);
    same!(changed(j, second).await?, [("a".to_owned(), true)]);
    put(j, "b", None, None).await?;
    same!(changed(j, third).await?, [("b".to_owned(), false)]);
    same!(changed(j, 0).await?.len(), 2);
    let found = j.documents(second).await.map_err(|e| text(&e))?;
    same!(
        (found[0].kind.as_str(), found[0].body.as_deref()),
        ("langganan", Some(b"3".as_slice()))
    );
    Ok(())
}

pub(super) async fn documents_expect(j: &dyn Journal) -> Verdict {
    let first = put(j, "a", Some("1"), Some(0)).await?.ok_or("not stored")?;
    same!(put(j, "a", Some("2"), Some(0)).await?, None);
    same!(put(j, "b", Some("2"), Some(first)).await?, None);
    let second = put(j, "a", Some("2"), Some(first)).await?.ok_or("not stored")?;
    same!(put(j, "a", None, Some(first)).await?, None);
    let gone = put(j, "a", None, Some(second)).await?.ok_or("not deleted")?;
    check!(
        put(j, "a", Some("3"), Some(0)).await?.is_some_and(|r| r > gone),
        "a tombstone is no document"
    );
    Ok(())
}

fn timer(id: &str, due: i64) -> Timer {
    Timer {
        kind: "ikuti".into(),
        id: id.into(),
        due: fine(at(due)),
        body: Bytes::from(id.to_owned()),
    }
}

async fn due(j: &dyn Journal, now: i64, to: i64) -> Result<Vec<(String, i64)>, String> {
    let leased = j
        .lease_timers("ikuti".into(), until(to), at(now), 9)
        .await
        .map_err(|e| text(&e))?;
    for held in &leased {
        same!(held.timer.body, Bytes::from(held.timer.id.clone()));
        check!(
            held.timer.due == timer("", held.timer.due.as_second() - at(0).as_second()).due,
            "due comes back"
        );
    }
    Ok(leased.into_iter().map(|l| (l.timer.id, l.fence)).collect())
}

fn names(held: &[(String, i64)]) -> Vec<&str> {
    held.iter().map(|(id, _)| id.as_str()).collect()
}

pub(super) async fn timers(j: &dyn Journal) -> Verdict {
    for (id, seconds) in [("a", 30), ("b", 10), ("c", 20), ("d", 500)] {
        j.put_timer(timer(id, seconds), None).await.map_err(|e| text(&e))?;
    }
    j.put_timer(
        Timer {
            kind: "cermin".into(),
            ..timer("x", 1)
        },
        None,
    )
    .await
    .map_err(|e| text(&e))?;
    same!(names(&due(j, 5, 60).await?), Vec::<&str>::new());
    same!(names(&due(j, 100, 160).await?), ["b", "c", "a"]);
    same!(names(&due(j, 159, 200).await?), Vec::<&str>::new());
    same!(names(&due(j, 160, 200).await?), ["b", "c", "a"]);
    // Putting it again frees it.
    j.put_timer(timer("c", 150), None).await.map_err(|e| text(&e))?;
    same!(names(&due(j, 161, 300).await?), ["c"]);
    j.drop_timer("ikuti".into(), "a".into(), None)
        .await
        .map_err(|e| text(&e))?;
    j.drop_timer("ikuti".into(), "a".into(), Some(3))
        .await
        .map_err(|e| text(&e))?;
    same!(names(&due(j, 400, 460).await?), ["b", "c"]);
    Ok(())
}

pub(super) async fn an_outcome_starts_its_timers(j: &dyn Journal) -> Verdict {
    accepted(j, new(1)).await?;
    let held = leased(j, 0, 60).await?;
    let get = async |id: &str| j.timer("ikuti".into(), id.into()).await.map_err(|e| text(&e));
    same!(get("a").await?, None);
    let end = Settlement {
        timers: vec![timer("a", 30).into(), timer("b", 40).into()],
        ..settlement(&held, done())
    };
    j.settle(end.clone()).await.map_err(|e| text(&e))?;
    same!(get("a").await?, Some(timer("a", 30)));
    same!(get("b").await?, Some(timer("b", 40)));
    // A holder that lost its lease starts nothing.
    let stale = Settlement {
        timers: vec![timer("c", 30).into()],
        ..end
    };
    check!(j.settle(stale).await.is_err(), "the try has ended");
    same!(get("c").await?, None);
    same!(names(&due(j, 31, 90).await?), ["a"]);
    same!(get("a").await?, Some(timer("a", 30)));
    j.drop_timer("ikuti".into(), "a".into(), None)
        .await
        .map_err(|e| text(&e))?;
    same!(get("a").await?, None);
    Ok(())
}

pub(super) async fn an_outcome_that_saw_an_old_timer_changes_nothing(j: &dyn Journal) -> Verdict {
    let get_timer = async |id: &str| j.timer("ikuti".into(), id.into()).await.map_err(|e| text(&e));
    let planned = |id: &str, due: i64, seen: Seen| Planned {
        timer: timer(id, due),
        seen,
    };
    let body = |text: &'static str| Seen::Body(Bytes::from_static(text.as_bytes()));
    accepted(j, new(1)).await?;
    let held = leased(j, 0, 600).await?;
    let end = |timers: Vec<Planned>| Settlement {
        relays: vec![NewExchange {
            due: at(9_000),
            ..new(2)
        }],
        events: vec![event("A", "uji", 1)],
        evidence: Some(Bytes::from_static(b"{}")),
        timers,
        ..settlement(&held, done())
    };
    j.put_timer(timer("a", 30), None).await.map_err(|e| text(&e))?;
    for wrong in [
        planned("a", 40, Seen::Absent),
        planned("a", 40, body("lain")),
        planned("c", 40, body("c")),
    ] {
        let found = j.settle(end(vec![planned("b", 50, Seen::Absent), wrong])).await;
        check!(matches!(found, Err(JournalError::Moved(_))), "{found:?}");
        same!(get_timer("a").await?, Some(timer("a", 30)));
        same!((get_timer("b").await?, get_timer("c").await?), (None, None));
        same!(state(j, 1).await?, State::Leased);
        same!(listed(j, Filter::default()).await?, [1]);
        same!(j.last_event().await.map_err(|e| text(&e))?, 0);
    }
    let right = vec![planned("a", 40, body("a")), planned("b", 50, Seen::Absent)];
    j.settle(end(right)).await.map_err(|e| text(&e))?;
    same!(get_timer("a").await?, Some(timer("a", 40)));
    same!(get_timer("b").await?, Some(timer("b", 50)));
    same!(listed(j, Filter::default()).await?, [2, 1]);
    let chain = j.chains().await.map_err(|e| text(&e))?.pop().ok_or("no chain")?;
    same!(j.evidence(chain, 0, 9).await.map_err(|e| text(&e))?.len(), 1);
    Ok(())
}

/// Two outcomes of different lanes make the same timer at the same time: one is told that it saw too little.
pub(super) async fn concurrent_outcomes_never_undo_a_timer(j: &dyn Journal) -> Verdict {
    let planned = || Planned {
        timer: timer("a", 30),
        seen: Seen::Absent,
    };
    for n in 1..=4 {
        accepted(j, new(n)).await?;
    }
    let held = lease(j, 0, 600, 4).await?;
    let ends = held.iter().map(|held| {
        j.settle(Settlement {
            timers: vec![planned()],
            ..settlement(held, done())
        })
    });
    let ends = futures_util::future::join_all(ends).await;
    same!(ends.iter().filter(|end| end.is_ok()).count(), 1);
    let moved = ends
        .iter()
        .filter(|end| matches!(end, Err(JournalError::Moved(_))))
        .count();
    same!(moved, 3);
    Ok(())
}

pub(super) async fn timers_are_read_by_name(j: &dyn Journal) -> Verdict {
    for (id, seconds) in [("b", 30), ("a/2", 10), ("a/10", 20), ("c", 500)] {
        j.put_timer(timer(id, seconds), None).await.map_err(|e| text(&e))?;
    }
    let other = Timer {
        kind: "cermin".into(),
        ..timer("b", 1)
    };
    j.put_timer(other, None).await.map_err(|e| text(&e))?;
    due(j, 15, 60).await?;
    let read = async |after: &str, limit| {
        let found = j.timers("ikuti".into(), after.into(), limit).await;
        found.map_err(|e| text(&e))
    };
    same!(
        read("", 9).await?,
        [timer("a/10", 20), timer("a/2", 10), timer("b", 30), timer("c", 500)]
    );
    same!(read("a/2", 1).await?, [timer("b", 30)]);
    same!(read("c", 9).await?, []);
    Ok(())
}

pub(super) async fn timers_are_fenced(j: &dyn Journal) -> Verdict {
    let put = async |id: &str, seconds, fence| j.put_timer(timer(id, seconds), fence).await;
    let lost = |result: Result<(), JournalError>| matches!(result, Err(JournalError::Broken(_)));
    put("a", 10, None).await.map_err(|e| text(&e))?;
    let first = due(j, 20, 30).await?[0].1;
    let second = due(j, 30, 90).await?[0].1;
    check!(second > first, "tokens rise");
    check!(lost(put("a", 50, Some(first)).await), "the first holder lost it");
    check!(
        lost(j.drop_timer("ikuti".into(), "a".into(), Some(first)).await),
        "and may not drop it"
    );
    put("a", 50, Some(second)).await.map_err(|e| text(&e))?;
    check!(lost(put("a", 60, Some(second)).await), "putting it ended the lease");
    // A timer of the same name is another timer.
    let third = due(j, 60, 90).await?[0].1;
    j.drop_timer("ikuti".into(), "a".into(), Some(third))
        .await
        .map_err(|e| text(&e))?;
    check!(lost(put("a", 60, Some(third)).await), "it is gone");
    put("a", 60, None).await.map_err(|e| text(&e))?;
    let fourth = due(j, 70, 90).await?[0].1;
    check!(fourth > third, "tokens never come again");
    Ok(())
}

pub(super) async fn erase(j: &dyn Journal) -> Verdict {
    for n in 1..=4 {
        let sealed = NewExchange {
            seal: Some(Bytes::from_static(b"kunci")),
            ..new(n)
        };
        accepted(j, sealed).await?;
        let held = leased(j, 0, 60).await?;
        j.checkpoint(id(n), held.fence, "berkas".into(), serde_json::json!("x"))
            .await
            .map_err(|e| text(&e))?;
        let end = Settlement {
            events: vec![event("a", "k", n), event("a", "lain", n + 10)],
            evidence: Some("catatan".into()),
            at: at(if n == 4 { 100 } else { 2 }),
            ..settlement(
                &held,
                if n == 3 {
                    Next::Dead { reason: "habis".into() }
                } else {
                    done()
                },
            )
        };
        j.settle(end).await.map_err(|e| text(&e))?;
    }
    accepted(j, new(5)).await?;
    let run = async |operation: &str, before, limit| {
        j.erase(vec![operation.to_owned()], vec!["k".into()], at(before), limit)
            .await
            .map_err(|e| text(&e))
    };
    same!(run("surat.kirim", 2, 99).await?, 0);
    same!(run("pengaduan.kirim", 2, 99).await?, 0);
    same!(run("pengaduan.kirim", 50, 2).await?, 2);
    same!(run("pengaduan.kirim", 50, 99).await?, 0);
    let erased = get(j, 1).await?;
    same!(
        (erased.input, erased.seal, erased.reply),
        (Bytes::new(), None, Some(Bytes::new()))
    );
    same!((erased.state, erased.fingerprint), (State::Done, new(1).fingerprint));
    let dead = get(j, 3).await?;
    same!((dead.state, dead.input), (State::Dead, new(3).input));
    same!(get(j, 4).await?.input, new(4).input);
    same!(get(j, 5).await?.input, new(5).input);
    same!(state(j, 5).await?, State::Accepted);
    let events = j.events(0, Vec::new(), 9).await.map_err(|e| text(&e))?;
    check!(
        events.len() == 8 && events.iter().all(|e| e.event.data.is_empty() == (e.event.kind == "k")),
        "data of these events is gone, events and other data stay"
    );
    same!(j.attempts(id(1)).await.map_err(|e| text(&e))?.len(), 1);
    let chain = j.chains().await.map_err(|e| text(&e))?.swap_remove(0);
    same!(j.evidence(chain, 0, 9).await.map_err(|e| text(&e))?.len(), 4);
    let held = leased(j, 60, 90).await?;
    settled(j, &held, done()).await
}

pub(super) async fn ready(j: &dyn Journal) -> Verdict {
    j.ready().await.map_err(|e| text(&e))
}
