//! The parts of the path one by one: parse, validate, map, identity and quota, seal, evidence, journal. Each alone and on one
//! thread, so that a change shows where it was made: `cargo bench -p bench`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to say")]

#[path = "../src/path/document.rs"]
#[expect(dead_code, reason = "the harness uses the rest")]
mod document;

use bytes::Bytes;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use gateway::core::authorize::{Grant, permit};
use gateway::core::evidence::{Record, link, sha256};
use gateway::core::exchange::NewExchange;
use gateway::core::identity::{Consumer, Identities, KeyHash};
use gateway::core::ids::ExchangeId;
use gateway::core::journal::Journal;
use gateway::core::quota::{Limiter, limit};
use gateway::core::seal::Sealer;
use gateway::sdk::{Call, Landed, NoLists, Settings};
use gateway_store::sqlite::{Options, SqliteJournal};
use jiff::Timestamp;
use schemas::gate::{self, Limits};
use schemas::{Registry, canon};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

fn text() -> String {
    document::document(1).to_string()
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let text = text();
    let limits = Limits::default();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| gate::parse(text.as_bytes(), &limits).is_ok());
}

#[divan::bench]
fn canonical_bytes(bencher: Bencher<'_, '_>) {
    let value = document::document(1);
    bencher
        .counter(BytesCount::of_str(&text()))
        .bench_local(|| canon::to_bytes(&value));
}

#[divan::bench]
fn validate(bencher: Bencher<'_, '_>) {
    let (_, schema) = document::schemas().into_iter().next().expect("a schema");
    let id = schema["$id"].as_str().expect("an id").to_owned();
    let registry = Registry::embedded()
        .and_then(|registry| registry.with(vec![schema]))
        .expect("schemas");
    let schema = registry.get(&id).expect("the schema");
    let value = document::document(1);
    assert!(schema.check(&value).is_ok());
    bencher.bench_local(|| schema.check(&value).is_ok());
}

#[divan::bench]
fn map(bencher: Bencher<'_, '_>) {
    let connector = (document::FACTORY.build)(&Settings::new(serde_json::Map::new())).expect("the connector");
    let operation = connector.operation(document::ASK).expect("the operation");
    let value = document::document(1);
    let call = Call {
        exchange: "0190b5c2-7e1f-7c3a-9d4e-5f6a7b8c9d0e",
        reference: "uji",
        attempt: 1,
        now: Timestamp::UNIX_EPOCH,
        lists: &NoLists,
    };
    bencher.bench_local(|| operation.request(&call, &value).is_ok());
}

/// Rooms 6–8: key to consumer, grant, quota. The table grows, the price must not.
#[divan::bench(args = [10, 1_000, 100_000])]
fn identify_authorize_limit(bencher: Bencher<'_, '_>, consumers: u32) {
    let key = |n: u32| format!("smp_uji{n}_{n:064x}");
    let all: Vec<Arc<Consumer>> = (0..consumers).map(|n| Arc::new(consumer(n, &key(n)))).collect();
    let identities = Identities::new(&all);
    let shown = key(consumers / 2);
    let now = Timestamp::UNIX_EPOCH;
    bencher.bench_local(|| {
        let who = identities.by_key(&shown).expect("known");
        permit(&who, document::ASK, now).and_then(limit).is_ok()
    });
}

fn consumer(n: u32, key: &str) -> Consumer {
    let most = NonZeroU32::MAX;
    let grant = Grant {
        purpose: "Uji beban".into(),
        legal_basis: "Uji".into(),
        agreement: "UJI-1".into(),
        from: None,
        until: None,
        fields: None,
        limiter: Limiter::new(most, most),
    };
    Consumer {
        id: format!("konsumen-{n}"),
        name: format!("Konsumen {n}"),
        keys: vec![KeyHash {
            prefix: format!("uji{n}"),
            hash: sha256(key.as_bytes()),
        }],
        certificates: vec![],
        grants: HashMap::from([(document::ASK.to_owned(), Arc::new(grant))]),
    }
}

#[divan::bench]
fn seal(bencher: Bencher<'_, '_>) {
    let sealer = Sealer::new(&[7; 32]).expect("a sealer");
    let (text, id) = (text(), exchange(1));
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let key = sealer.fresh().expect("a key");
        (key.wrapped(), key.seal(text.as_bytes(), id).is_ok())
    });
}

#[divan::bench]
fn evidence_record(bencher: Bencher<'_, '_>) {
    let digest = hex::encode(sha256(b"uji"));
    let record = Record {
        exchange: exchange(1),
        consumer: "konsumen-0500",
        operation: document::ASK,
        system: "uji",
        purpose: "Uji beban",
        started: Timestamp::UNIX_EPOCH,
        ended: Timestamp::UNIX_EPOCH,
        state: None,
        result: "ok",
        attempt: 1,
        input: Some(digest.clone()),
        reply: Some(digest.clone()),
        native: Some((digest.clone(), digest)),
        origin: None,
        landed: Some(Landed::Yes),
        about: None,
    };
    let previous = [0; 32];
    bencher.bench_local(|| link(&previous, &record.to_bytes()));
}

/// Durable accepts on SQLite: so many at once share a transaction and a sync.
#[divan::bench(args = [1, 64], sample_count = 20)]
fn journal_accept(bencher: Bencher<'_, '_>, at_once: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = SqliteJournal::open(folder.path().join("jurnal.sqlite"), Options::default()).expect("a journal");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut next = 0;
    bencher.counter(ItemsCount::new(at_once)).bench_local(|| {
        let new = (0..at_once).map(|n| journal.accept(intent(next + n as u128)));
        let all = runtime.block_on(futures_util::future::join_all(new));
        next += at_once as u128;
        assert!(all.iter().all(Result::is_ok));
    });
}

fn exchange(n: u128) -> ExchangeId {
    ExchangeId(uuid::Uuid::from_u128((0x0190_0000_0000_7000_8000 << 48) | n))
}

fn intent(n: u128) -> NewExchange {
    let input = Bytes::from(text());
    NewExchange {
        id: exchange(n),
        consumer: "konsumen-0500".into(),
        operation: document::WRITE.into(),
        system: "uji".into(),
        purpose: "Uji beban".into(),
        key: None,
        fingerprint: sha256(&input),
        reference: Some(n.to_string()),
        lane: None,
        input,
        seal: None,
        trace: None,
        at: Timestamp::UNIX_EPOCH,
        due: Timestamp::UNIX_EPOCH,
        cause: None,
        lease: None,
    }
}
