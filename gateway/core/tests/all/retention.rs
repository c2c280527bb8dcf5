//! Bodies go when their class says so; evidence stays and verifies.

use crate::world::{BY_REFERENCE, NATIVE, Wire, world};
use gateway_core::evidence::batch::SigningKey;
use gateway_core::evidence::binder;
use gateway_core::evidence::check::Verifier;
use gateway_core::exchange::State;
use gateway_core::files::{UPLOAD, take};
use gateway_core::journal::Journal;
use gateway_core::observe::{Finished, Observer, Tried};
use gateway_core::retention::{Class, run};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Default)]
struct Counted(AtomicU64);

impl Observer for Counted {
    fn finished(&self, _: &Finished<'_>) {}
    fn tried(&self, _: &Tried<'_>) {}
    fn erased(&self, class: &str, exchanges: u64) {
        assert_eq!(class, "uji");
        self.0.fetch_add(exchanges, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn bodies_are_erased_by_class_and_the_evidence_still_verifies() {
    let world = world();
    let mut of_class = Vec::new();
    for n in 0..150 {
        of_class.push(world.call(NATIVE, json!({"nomor": format!("A-{n}")})).await.exchange);
    }
    let other = world.call(BY_REFERENCE, json!({"nomor": "B-1"})).await.exchange;
    world.script([Wire::Reply(503, json!({}))]);
    let waiting = world.call(NATIVE, json!({"nomor": "C-1"})).await.exchange;
    assert_eq!(world.state(waiting).await, State::Scheduled);

    let file = take(&world.rooms, "dinas-uji", "foto.jpg", b"\xff\xd8\xff\xe0")
        .await
        .unwrap()
        .id
        .parse()
        .unwrap();
    let class = Class {
        name: "uji".into(),
        operations: vec![NATIVE.into(), UPLOAD.into()],
        events: Vec::new(),
        keep: 2 * DAY,
    };
    let counted = Arc::new(Counted::default());
    let stop = CancellationToken::new();
    world.rooms.tasks.spawn(run(
        Arc::clone(&world.rooms.journal),
        Arc::clone(&world.rooms.files),
        Arc::clone(&world.rooms.clock),
        Arc::new(arc_swap::ArcSwap::from_pointee(vec![class])),
        Arc::clone(&counted) as Arc<dyn Observer>,
        stop.clone(),
    ));
    let body = async |id| !world.journal.get(id).await.unwrap().unwrap().input.is_empty();
    world.rooms.clock.sleep(DAY).await;
    assert!(body(of_class[0]).await, "kept as long as promised");
    assert!(world.rooms.files.get(file).await.unwrap().is_some(), "a file too");
    world.rooms.clock.sleep(DAY + Duration::from_secs(2 * 3600)).await;
    stop.cancel();
    for id in of_class {
        let stored = world.journal.get(id).await.unwrap().unwrap();
        assert!(stored.input.is_empty() && stored.seal.is_none() && stored.state == State::Done);
    }
    assert!(body(other).await, "another class");
    assert!(body(waiting).await, "work that is not done keeps its body");
    assert!(
        world.rooms.files.get(file).await.unwrap().is_none(),
        "files go with their class"
    );
    assert_eq!(counted.0.load(Ordering::Relaxed), 151);

    // Erasing is evidence itself, and what is signed now verifies without the bodies.
    let key = SigningKey::from_seed(&[5; 32]).unwrap();
    let bound = binder::bind(&*world.journal, &*world.rooms.clock, &key).await.unwrap();
    assert!(bound > 151);
    let (mut verifier, mut erased) = (Verifier::new(vec![key.public()], None), 0);
    for batch in world.journal.batches(0, 100).await.unwrap() {
        verifier.batch(&batch.statement, &batch.signature).unwrap();
        for link in binder::links(&*world.journal, &batch.read().unwrap()).await.unwrap() {
            verifier.record(link.seq, &link.hash, &link.record).unwrap();
            let record: serde_json::Value = serde_json::from_slice(&link.record).unwrap();
            if record["action"] == "hapus_isi" {
                erased += record["count"].as_u64().unwrap();
            }
        }
    }
    assert_eq!((verifier.end().unwrap().records, erased), (bound, 151));
}
