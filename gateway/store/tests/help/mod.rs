//! Exchanges, settlements and checks that both journals' tests use.

use bytes::Bytes;
use gateway_core::exchange::{LeaseRequest, Leased, NewExchange, Next, Settlement};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::Journal;
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

pub(crate) fn id(n: u128) -> ExchangeId {
    ExchangeId(Uuid::from_u128(n))
}

pub(crate) fn exchange(n: u128, body: usize) -> NewExchange {
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

pub(crate) async fn lease(journal: &dyn Journal, now: i64, limit: usize) -> Vec<Leased> {
    let request = LeaseRequest {
        owner: "uji".into(),
        until: at(now + 60),
    };
    journal.lease(request, at(now), limit, Vec::new()).await.unwrap()
}

pub(crate) fn settlement(leased: &Leased, next: Next) -> Settlement {
    Settlement {
        id: leased.exchange.id,
        fence: leased.fence,
        before: leased.before,
        attempt: None,
        next,
        at: at(1),
        relays: Vec::new(),
        timers: Vec::new(),
        events: Vec::new(),
        evidence: Some(Bytes::from(format!("catatan {}", leased.exchange.seq))),
    }
}

/// The whole of each chain holds; returns how many links there are.
pub(crate) async fn verified(journal: &dyn Journal) -> usize {
    let mut all = 0;
    for chain in journal.chains().await.unwrap() {
        let mut previous = [0; 32];
        let links = journal.evidence(chain, 0, usize::MAX >> 1).await.unwrap();
        for (seq, link) in (1..).zip(&links) {
            assert_eq!((link.seq, link.previous), (seq, previous));
            assert_eq!(link.hash, gateway_core::evidence::link(&previous, &link.record));
            previous = link.hash;
        }
        all += links.len();
    }
    all
}
