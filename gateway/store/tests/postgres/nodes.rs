//! Several nodes on one database: none takes what another holds, none misses what another said.

use super::Place;
use crate::help::{at, exchange, id, lease, settlement, verified};
use bytes::Bytes;
use gateway_core::exchange::{Key, NewEvent, NewExchange, Next, Settlement, State};
use gateway_core::journal::{Acceptance, Action, Intervention, Journal, JournalError};
use gateway_store::PgJournal;
use gateway_store::postgres::Options;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use uuid::Uuid;

fn done() -> Next {
    Next::Done {
        reply: Bytes::from_static(b"{}"),
    }
}

fn event(n: u128) -> NewEvent {
    NewEvent {
        id: Uuid::from_u128(n),
        kind: "k".into(),
        subject: format!("s{}", n % 3),
        source: "lapor".into(),
        at: at(1),
        data: Bytes::new(),
        schema: "x".into(),
        trace: None,
    }
}

async fn two(place: &Place) -> [Arc<PgJournal>; 2] {
    [
        Arc::new(place.open("simpul-1").await),
        Arc::new(place.open("simpul-2").await),
    ]
}

#[derive(Default)]
struct Seen {
    order: BTreeMap<String, Vec<i64>>,
    busy: BTreeSet<String>,
    count: BTreeMap<u128, u32>,
}

/// Leases and settles until nothing is left for a while.
async fn work(journal: Arc<PgJournal>, seen: Arc<Mutex<Seen>>, left: Arc<Mutex<u128>>) {
    while *left.lock().unwrap() > 0 {
        let held = lease(&*journal, 10, 7).await;
        if held.is_empty() {
            journal.wait(Duration::from_millis(50)).await;
        }
        for held in &held {
            let mut seen = seen.lock().unwrap();
            *seen.count.entry(held.exchange.id.0.as_u128()).or_default() += 1;
            if let Some(lane) = &held.exchange.lane {
                assert!(seen.busy.insert(lane.clone()), "two of lane {lane} at once");
                seen.order.entry(lane.clone()).or_default().push(held.exchange.seq);
            }
        }
        let ends = held.iter().map(|held| {
            // Free in our book before it can be in the database's.
            if let Some(lane) = &held.exchange.lane {
                seen.lock().unwrap().busy.remove(lane);
            }
            let n = held.exchange.id.0.as_u128();
            journal.settle(Settlement {
                timers: Vec::new(),
                events: vec![event(n)],
                ..settlement(held, done())
            })
        });
        for end in futures_util::future::join_all(ends).await {
            end.unwrap();
            *left.lock().unwrap() -= 1;
        }
    }
}

#[tokio::test]
async fn no_exchange_goes_to_two_nodes_and_lanes_keep_their_order() {
    let Some(place) = Place::find() else { return };
    let nodes = two(&place).await;
    let total = 600;
    let accepts = (1..=total).map(|n| {
        let lane = (n % 3 != 0).then(|| format!("izin-{}", n % 11));
        nodes[usize::from(n % 2 == 0)].accept(NewExchange {
            lane,
            ..exchange(n, 200)
        })
    });
    let seen = Arc::new(Mutex::new(Seen::default()));
    let left = Arc::new(Mutex::new(total));
    let workers = (0..6).map(|w| work(Arc::clone(&nodes[w % 2]), Arc::clone(&seen), Arc::clone(&left)));
    let (accepted, _) = futures_util::future::join(
        futures_util::future::join_all(accepts),
        futures_util::future::join_all(workers),
    )
    .await;
    for acceptance in accepted {
        assert!(matches!(acceptance.unwrap(), Acceptance::New(..)));
    }
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(seen.count.len() as u128, total);
    assert!(seen.count.values().all(|times| *times == 1), "each exactly once");
    for (lane, order) in &seen.order {
        assert!(order.is_sorted(), "lane {lane} went {order:?}");
    }
    assert_eq!(nodes[0].chains().await.unwrap(), ["simpul-1", "simpul-2"]);
    assert_eq!(verified(&*nodes[0]).await as u128, total);
    place.end().await;
}

#[tokio::test]
async fn a_reader_of_events_misses_none() {
    let Some(place) = Place::find() else { return };
    let nodes = two(&place).await;
    let total = 300;
    for group in 0..6 {
        let some = (1..=total)
            .filter(|n| n % 6 == group)
            .map(|n| nodes[0].accept(exchange(n, 10)));
        futures_util::future::join_all(some).await;
    }
    let reader = Arc::clone(&nodes[1]);
    let read = tokio::spawn(async move {
        let (mut position, mut events) = (0, Vec::new());
        while (events.len() as u128) < total {
            for event in reader.events(position, Vec::new(), 20).await.unwrap() {
                position = event.seq;
                events.push(event);
            }
        }
        events
    });
    let left = Arc::new(Mutex::new(total));
    let workers = (0..4).map(|w| work(Arc::clone(&nodes[w % 2]), Arc::default(), Arc::clone(&left)));
    futures_util::future::join_all(workers).await;
    let events = tokio::time::timeout(Duration::from_secs(60), read)
        .await
        .expect("an event was missed")
        .unwrap();
    let mut subjects: BTreeMap<String, i64> = BTreeMap::new();
    for event in &events {
        let last = subjects.entry(event.event.subject.clone()).or_default();
        assert_eq!(event.subject_seq, *last + 1);
        *last += 1;
    }
    place.end().await;
}

#[tokio::test]
async fn a_node_that_stops_renewing_loses_its_lease_and_is_fenced() {
    let Some(place) = Place::find() else { return };
    let [slow, quick] = two(&place).await;
    slow.accept(exchange(1, 10)).await.unwrap();
    let held = lease(&*slow, 0, 1).await.remove(0);
    assert!(lease(&*quick, 59, 9).await.is_empty());
    let taken = lease(&*quick, 60, 9).await.remove(0);
    assert_eq!((taken.before, taken.exchange.attempts), (State::Leased, 2));
    assert!(matches!(
        slow.settle(settlement(&held, done())).await,
        Err(JournalError::Stale(_))
    ));
    assert!(matches!(
        slow.renew(id(1), held.fence, at(999)).await,
        Err(JournalError::Stale(_))
    ));
    assert_eq!(quick.get(id(1)).await.unwrap().unwrap().state, State::Leased);
    quick.settle(settlement(&taken, done())).await.unwrap();
    assert_eq!(slow.get(id(1)).await.unwrap().unwrap().state, State::Done);
    place.end().await;
}

#[tokio::test]
async fn one_key_or_reference_on_two_nodes_is_stored_once() {
    let Some(place) = Place::find() else { return };
    let nodes = two(&place).await;
    let accepts = (1..=200_u128).map(|n| {
        let key = Some(Key {
            key: format!("k{}", n % 20),
            fingerprint: [7; 32],
        });
        // Half of them carry a reference too, in another order than the keys.
        let reference = (n % 2 == 0).then(|| format!("r{}", 19 - n % 20));
        nodes[usize::from(n % 3 == 0)].accept(NewExchange {
            key,
            reference,
            ..exchange(n, 50)
        })
    });
    let mut fresh = 0;
    for acceptance in futures_util::future::join_all(accepts).await {
        match acceptance.unwrap() {
            Acceptance::New(..) => fresh += 1,
            Acceptance::Known(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(fresh, 20);
    place.end().await;
}

#[tokio::test]
async fn an_accept_wakes_other_nodes() {
    let Some(place) = Place::find() else { return };
    let [here, there] = two(&place).await;
    // What the listeners heard while starting is not what is meant.
    for _ in 0..3 {
        there.wait(Duration::from_millis(300)).await;
    }
    let begun = Instant::now();
    let long = Duration::from_secs(30);
    let (_, accepted) = futures_util::future::join(there.wait(long), here.accept(exchange(1, 10))).await;
    accepted.unwrap();
    assert!(begun.elapsed() < long / 2, "woken after {:?}", begun.elapsed());
    place.end().await;
}

#[tokio::test]
async fn replays_and_leases_at_once_never_give_a_lane_two_heads() {
    let Some(place) = Place::find() else { return };
    let nodes = two(&place).await;
    for n in 1..=40_u128 {
        nodes[0]
            .accept(NewExchange {
                lane: Some("izin-1".into()),
                ..exchange(n, 10)
            })
            .await
            .unwrap();
    }
    let client = place.client().await;
    let heads = "SELECT count(*) FROM exchanges WHERE head";
    let held = "SELECT count(*) FROM exchanges WHERE state = 1";
    for round in 0..20 {
        let one = lease(&*nodes[0], 10, 1).await.remove(0);
        nodes[0]
            .settle(settlement(&one, Next::Parked { reason: "uji".into() }))
            .await
            .unwrap();
        let replay = Intervention {
            id: one.exchange.id,
            action: Action::Replay {
                due: at(0),
                lookup_first: false,
            },
            by: "ani".into(),
            second: None,
            reason: "uji".into(),
            at: at(5),
            events: Vec::new(),
            relays: Vec::new(),
            timers: Vec::new(),
        };
        // The elder comes back while the other node takes what is next.
        let (replayed, taken) = futures_util::future::join(
            nodes[0].intervene(replay, Bytes::from_static(b"k")),
            lease(&*nodes[1], 10, 9),
        )
        .await;
        replayed.unwrap();
        assert!(taken.len() <= 1, "round {round}");
        let more = lease(&*nodes[0], 10, 9).await;
        assert_eq!(taken.len() + more.len(), 1, "round {round}: one of a lane at a time");
        assert_eq!(
            client.query_one(heads, &[]).await.unwrap().get::<_, i64>(0),
            1,
            "round {round}"
        );
        assert_eq!(
            client.query_one(held, &[]).await.unwrap().get::<_, i64>(0),
            1,
            "round {round}"
        );
        for (node, held) in [(1, taken), (0, more)] {
            for held in held {
                nodes[node].settle(settlement(&held, done())).await.unwrap();
            }
        }
    }
    place.end().await;
}

#[tokio::test]
async fn broken_connections_are_replaced_and_nothing_acknowledged_is_lost() {
    let Some(place) = Place::find() else { return };
    let mut database = place.database.clone();
    database.application_name(&place.schema);
    let options = Options {
        schema: place.schema.clone(),
        ..Options::new(database, "simpul-1")
    };
    let journal = Arc::new(PgJournal::open(options).await.unwrap());
    let client = place.client().await;
    let mut acknowledged = Vec::new();
    for round in 0..4_u128 {
        let accepts = (0..100).map(|n| journal.accept(exchange(round << 32 | n, 10)));
        let kill = async {
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
            client.query(sql, &[&place.schema]).await.unwrap().len()
        };
        let (results, killed) = futures_util::future::join(futures_util::future::join_all(accepts), kill).await;
        assert!(killed >= 1, "its connections were found: {killed}");
        acknowledged.extend(
            (0..100)
                .filter(|n| results[*n as usize].is_ok())
                .map(|n| round << 32 | n),
        );
        // It comes back by itself.
        let begun = Instant::now();
        while journal.accept(exchange(1 << 100 | round, 10)).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not come back");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    for n in acknowledged {
        assert!(journal.get(id(n)).await.unwrap().is_some(), "{n:x} was acknowledged");
    }
    place.end().await;
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let Some(place) = Place::find() else { return };
    drop(place.open("simpul-1").await);
    place
        .client()
        .await
        .batch_execute("UPDATE journal_version SET version = version + 1")
        .await
        .unwrap();
    let options = Options {
        schema: place.schema.clone(),
        ..Options::new(place.database.clone(), "simpul-1")
    };
    let Err(error) = PgJournal::open(options).await else {
        panic!("opened")
    };
    assert!(error.to_string().contains("run the newer build"), "{error}");
    place.end().await;
}

#[tokio::test]
async fn content_the_database_refuses_fails_alone() {
    let Some(place) = Place::find() else { return };
    let journal = place.open("simpul-1").await;
    let accepts = (1..=20_u128).map(|n| {
        // A text that PostgreSQL cannot hold.
        let purpose = if n == 7 { "a\0b".to_owned() } else { "layanan".into() };
        journal.accept(NewExchange {
            purpose,
            ..exchange(n, 10)
        })
    });
    let results = futures_util::future::join_all(accepts).await;
    for (n, result) in (1..).zip(results) {
        assert_eq!(result.is_err(), n == 7, "{n}: {result:?}");
    }
    place.end().await;
}
