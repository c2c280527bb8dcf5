//! A journal that outgrew one machine: copied whole, also when the copy is cut short.

use super::Place;
use crate::help::{at, exchange, id, lease, settlement, verified};
use bytes::Bytes;
use gateway_core::exchange::{Attempt, Key, LeaseRequest, NewEvent, NewExchange, Next, Settlement, State, TryKind};
use gateway_core::files::{Files, StoredFile};
use gateway_core::journal::{Acceptance, Filter, Journal, Timer};
use gateway_core::mirror::{Bound, MirrorStore, Row, Search, Step, Then};
use gateway_store::migrate::copy;
use gateway_store::postgres::Options;
use gateway_store::{PgJournal, SqliteJournal, sqlite};
use std::path::Path;
use uuid::Uuid;

const COUNT: u128 = 2300;

fn keyed(n: u128) -> NewExchange {
    NewExchange {
        key: Some(Key {
            key: format!("k{n}"),
            fingerprint: [3; 32],
        }),
        lane: n.is_multiple_of(2).then(|| format!("izin-{}", n % 10)),
        seal: Some(Bytes::from_static(b"\x00seal")),
        cause: Some(id(n + 1_000_000)),
        ..exchange(n, 100)
    }
}

fn attempt() -> Attempt {
    Attempt {
        number: 0,
        kind: TryKind::Deliver,
        started: at(1),
        ended: at(2),
        system_ms: 5,
        step: None,
        status: Some(200),
        digests: None,
        fault: None,
        by: None,
    }
}

fn file(n: u128) -> StoredFile {
    StoredFile {
        id: id(n),
        owner: "opd-uji".into(),
        name: Bytes::from_static(b"\x00nama"),
        media_type: "image/jpeg".into(),
        size: 5_000_000,
        sha256: "ab".repeat(32),
        seal: Bytes::from_static(b"\x00kunci"),
        body: Bytes::from(vec![7; 5_000_000]),
        pieces: 0,
        needs: Some("naskah.rahasia".into()),
        at: at(3),
    }
}

async fn filled(path: &Path) -> SqliteJournal {
    let journal = SqliteJournal::open(path, sqlite::Options::default()).unwrap();
    for result in futures_util::future::join_all((1..=COUNT).map(|n| journal.accept(keyed(n)))).await {
        result.unwrap();
    }
    for (n, held) in (0..).zip(lease(&journal, 0, 30).await) {
        let events = vec![NewEvent {
            id: Uuid::from_u128(n),
            kind: "k".into(),
            subject: "s".into(),
            source: "lapor".into(),
            at: at(1),
            data: Bytes::from_static(b"{}"),
            schema: "x".into(),
        }];
        let next = match n % 3 {
            0 => Next::Done {
                reply: Bytes::from_static(b"{\"a\":1}"),
            },
            1 => Next::Dead { reason: "habis".into() },
            _ => Next::Schedule { due: at(500) },
        };
        if n < 27 {
            let end = Settlement {
                events,
                attempt: Some(attempt()),
                ..settlement(&held, next)
            };
            journal.settle(end).await.unwrap();
        } else {
            journal
                .checkpoint(held.exchange.id, held.fence, "c".into(), serde_json::json!({"n": 1}))
                .await
                .unwrap();
        }
    }
    journal
        .put_document("langganan".into(), "a".into(), Some(Bytes::from_static(b"x")), None)
        .await
        .unwrap();
    journal
        .put_document("langganan".into(), "b".into(), None, None)
        .await
        .unwrap();
    let timer = Timer {
        kind: "ikuti".into(),
        id: "a".into(),
        due: at(0),
        body: Bytes::from_static(b"y"),
    };
    journal.put_timer(timer, None).await.unwrap();
    journal.dispatch("langganan-a".into(), 0, 7, Vec::new()).await.unwrap();
    journal.witness(vec!["baca".into()]).await.unwrap();
    for n in [7, 5] {
        journal.put(file(n)).await.unwrap();
    }
    copied(&journal).await;
    journal
}

/// A copy of a data set with a run behind it: records that differ in every column, one of them gone.
async fn copied(journal: &SqliteJournal) {
    let row = |n: i64| Row {
        key: format!("k|{n}"),
        scope: "tahun=2026".into(),
        body: format!("{{\"nilai\":\"687174554632.70{n:02}\"}}").into(),
        masked: vec!["/nip".into()],
        version: (n % 2 == 0).then(|| format!("v{n}")),
        digest: [u8::try_from(n).unwrap(); 32],
        run: 1,
        fetched: at(n),
        changed: at(n + 1),
        missed: n % 3,
        missed_run: 1,
        gone: (n == 7).then(|| at(9)),
        slots: vec![Some(format!("satker{}", n % 5)), None, Some(format!("{n:04}"))],
    };
    journal.plant("tender".into(), at(0)).await.unwrap();
    let held = journal.take("tender".into(), at(0), at(60)).await.unwrap().unwrap();
    let step = Step {
        set: "tender".into(),
        fence: held.fence,
        rows: (0..40).map(row).collect(),
        changed: true,
        events: Vec::new(),
        state: Bytes::from_static(b"{\"nomor\":1}"),
        then: Then::Release(at(3600)),
        ended: Some((1, Bytes::from_static(b"{\"lengkap\":true}"))),
    };
    journal.step(step).await.unwrap();
}

/// All that is known of the copy, asked by key, by place and by value.
async fn copy_of(store: &dyn MirrorStore) -> Vec<String> {
    let search = Search {
        set: "tender".into(),
        bounds: vec![Bound {
            slot: 0,
            from: Some("satker2".into()),
            below: Some("satker3".into()),
        }],
        order: Some(2),
        descending: true,
        after: None,
        limit: 100,
    };
    let found = store.search(search).await.unwrap();
    assert_eq!(found.len(), 7);
    vec![
        format!("{:?}", store.sets().await.unwrap()),
        format!("{:?}", store.walk("tender".into(), String::new(), 100).await.unwrap()),
        format!("{:?}", store.history("tender".into(), 10).await.unwrap()),
        format!("{found:?}"),
    ]
}

async fn everything(journal: &dyn Journal) -> Vec<String> {
    let filter = Filter {
        limit: usize::MAX >> 1,
        ..Filter::default()
    };
    let mut all: Vec<_> = journal
        .list(filter)
        .await
        .unwrap()
        .iter()
        .map(|s| format!("{s:?}"))
        .collect();
    for n in [1, 2, 3, 5, COUNT] {
        all.push(format!("{:?}", journal.attempts(id(n)).await.unwrap()));
    }
    all.push(format!("{:?}", journal.events(0, Vec::new(), 1000).await.unwrap()));
    all.push(format!("{:?}", journal.documents(0).await.unwrap()));
    all.push(format!("{:?}", journal.cursor("langganan-a".into()).await.unwrap()));
    all.push(format!("{:?}", journal.evidence("main".into(), 0, 1000).await.unwrap()));
    all.push(format!("{:?}", journal.next_due(Vec::new()).await.unwrap()));
    let mut queues = journal.queues().await.unwrap();
    queues.sort_by_key(|q| q.state as usize);
    all.push(format!("{queues:?}"));
    all
}

#[tokio::test]
async fn a_copy_is_whole_and_goes_on_where_it_stopped() {
    let Some(place) = Place::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = filled(&path).await;
    let before = everything(&journal).await;
    let fence = lease(&journal, 1000, 1).await.remove(0).fence;
    let expected = everything(&journal).await;
    let expected_copy = copy_of(&journal).await;
    assert_ne!(before, expected);
    let options = || Options {
        schema: place.schema.clone(),
        ..Options::new(place.database.clone(), "simpul-1")
    };

    let refused = copy(&path, options(), |_| true).await;
    assert!(refused.unwrap_err().to_string().contains("in use by another process"));
    drop(journal);

    // Cut short several times, each a little further on.
    let mut cuts = 0;
    for stop in 1.. {
        let mut left = stop;
        let summary = copy(&path, options(), |progress| {
            assert!(progress.done <= progress.total);
            left -= 1;
            left > 0
        })
        .await
        .unwrap();
        if let Some(summary) = summary {
            assert_eq!(summary.links, 28);
            assert!(summary.rows.contains(&("exchanges", COUNT as u64)));
            break;
        }
        cuts += 1;
        let Err(error) = PgJournal::open(options()).await else {
            panic!("opened half a journal")
        };
        assert!(error.to_string().contains("not finished"), "{error}");
    }
    assert!(cuts > 2, "it was cut short {cuts} times");

    let journal = PgJournal::open(options()).await.unwrap();
    assert_eq!(everything(&journal).await, expected);
    assert_eq!(copy_of(&journal).await, expected_copy);
    for n in [5, 7] {
        assert_eq!(Files::get(&journal, id(n)).await.unwrap(), Some(file(n)));
    }
    assert!(matches!(
        journal
            .accept(NewExchange {
                id: id(9_999),
                ..keyed(7)
            })
            .await,
        Ok(Acceptance::Known(_))
    ));
    let same_reference = NewExchange {
        key: None,
        fingerprint: [9; 32],
        ..keyed(8)
    };
    assert!(matches!(
        journal.accept(same_reference).await,
        Ok(Acceptance::ReferenceMismatch(_))
    ));
    let Acceptance::New(stored, _) = journal.accept(exchange(5_000_000, 10)).await.unwrap() else {
        panic!("not new");
    };
    assert!(stored.seq > COUNT as i64);
    // The held ones fall due when their leases end, with what they had noted.
    let taken = lease(&journal, 5000, 5000).await;
    let noted = taken
        .iter()
        .filter(|l| l.before == State::Leased && !l.checkpoints.is_empty())
        .count();
    assert_eq!(noted, 3);
    assert!(
        taken
            .iter()
            .filter(|l| l.before == State::Leased)
            .all(|l| l.fence > fence)
    );
    let request = LeaseRequest {
        owner: "uji".into(),
        until: at(9),
    };
    assert_eq!(
        journal
            .lease_timers("ikuti".into(), request, at(1), 9)
            .await
            .unwrap()
            .len(),
        1
    );
    journal.settle(settlement(&taken[0], Next::Failed)).await.unwrap();
    assert_eq!(journal.chains().await.unwrap(), ["main", "simpul-1"]);
    assert_eq!(verified(&journal).await, 29);

    // The file is closed for good, and a second copy has nothing to do.
    let Err(error) = SqliteJournal::open(&path, sqlite::Options::default()) else {
        panic!("opened the old one")
    };
    assert!(error.to_string().contains("was moved"), "{error}");
    let again = copy(&path, options(), |_| true).await;
    assert!(
        again
            .unwrap_err()
            .to_string()
            .contains("copied into this schema already")
    );
    place.end().await;
}

#[tokio::test]
async fn a_copy_into_a_used_journal_is_refused() {
    let Some(place) = Place::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    drop(filled(&path).await);
    let journal = place.open("simpul-1").await;
    journal.accept(exchange(1, 10)).await.unwrap();
    let options = Options {
        schema: place.schema.clone(),
        ..Options::new(place.database.clone(), "simpul-1")
    };
    let refused = copy(&path, options, |_| true).await;
    assert!(refused.unwrap_err().to_string().contains("holds a journal already"));
    drop(SqliteJournal::open(&path, sqlite::Options::default()).unwrap());
    place.end().await;
}
