//! The embedded journal.

mod crash;
mod file;
mod full;

use bytes::Bytes;
use gateway_core::exchange::{LeaseRequest, Leased, NewExchange, Next, Settlement};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Journal, suite};
use gateway_store::SqliteJournal;
use gateway_store::sqlite::Options;
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

#[tokio::test]
async fn suite_holds() {
    for trial in suite::trials() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder.path().join("journal.db"));
        (trial.run)(Arc::new(journal))
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
    }
}

fn open(path: &Path) -> SqliteJournal {
    SqliteJournal::open(path, Options::default()).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

fn id(n: u128) -> ExchangeId {
    ExchangeId(Uuid::from_u128(n))
}

fn exchange(n: u128, body: usize) -> NewExchange {
    NewExchange {
        id: id(n),
        consumer: "dinas-a".into(),
        operation: "pengaduan.kirim".into(),
        system: "lapor".into(),
        purpose: "layanan".into(),
        key: None,
        fingerprint: [1; 32],
        reference: Some(format!("A-{n}")),
        lane: None,
        input: Bytes::from(vec![b'a'; body]),
        seal: None,
        trace: None,
        at: at(0),
        due: at(0),
        cause: None,
        lease: None,
    }
}

async fn lease(journal: &dyn Journal, now: i64, limit: usize) -> Vec<Leased> {
    let request = LeaseRequest {
        owner: "uji".into(),
        until: at(now + 60),
    };
    journal.lease(request, at(now), limit, Vec::new()).await.unwrap()
}

fn settlement(leased: &Leased, next: Next) -> Settlement {
    Settlement {
        id: leased.exchange.id,
        fence: leased.fence,
        before: leased.before,
        attempt: None,
        next,
        at: at(1),
        relays: Vec::new(),
        events: Vec::new(),
        evidence: Some(Bytes::from(format!("catatan {}", leased.exchange.seq))),
    }
}

/// The whole chain holds; returns its length.
async fn verified(journal: &dyn Journal) -> usize {
    let mut previous = [0; 32];
    let links = journal.evidence("main".into(), 0, usize::MAX >> 1).await.unwrap();
    for (seq, link) in (1..).zip(&links) {
        assert_eq!((link.seq, link.previous), (seq, previous));
        assert_eq!(link.hash, gateway_core::evidence::link(&previous, &link.record));
        previous = link.hash;
    }
    links.len()
}
