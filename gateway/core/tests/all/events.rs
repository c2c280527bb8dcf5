//! Events as outcomes tell them, subscriptions as owners manage them, and pulling.

use crate::world::{NATIVE, READ, UNSAFE, Wire, World, world};
use gateway_core::deliver::{Phase, WireError, WireKind};
use gateway_core::events::{manage, pull};
use gateway_core::identity::{Consumer, Identities};
use gateway_core::journal::Journal;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

pub async fn subscribe(world: &World, wish: Value) -> String {
    let (live, _) = manage::create(&world.rooms, &world.consumer, &wish)
        .await
        .expect("made");
    live.subscription.id.clone()
}

pub fn pulled(kinds: &[&str]) -> Value {
    json!({"nama": "uji", "jenis": kinds, "moda": "tarik"})
}

async fn page(world: &World, id: &str, after: Option<i64>, limit: usize) -> pull::Page {
    let exchange = world.rooms.ids.exchange();
    pull::page(&world.rooms, &world.consumer, exchange, id, after, limit)
        .await
        .expect("page")
}

fn field<'a>(page: &'a pull::Page, name: &str) -> Vec<&'a Value> {
    page.events.iter().map(|(_, envelope)| &envelope[name]).collect()
}

#[tokio::test(start_paused = true)]
async fn a_reply_becomes_an_event_with_its_outcome_and_once_only() {
    let world = world();
    let id = subscribe(&world, pulled(&["uji.berubah", "uji.lanjut"])).await;
    let same = || Wire::Reply(200, json!({"ok": true, "sebagai": "A-1"}));
    let other = || Wire::Reply(200, json!({"ok": false, "sebagai": "A-1"}));
    world.script([same(), other(), same(), Wire::Reply(200, json!("lanjut"))]);
    world.call(NATIVE, json!({"nomor": "A-1"})).await;
    world.call(NATIVE, json!({"nomor": "A-2"})).await;
    world.call(NATIVE, json!({"nomor": "A-3"})).await;
    world.call(NATIVE, json!({"nomor": "A-4"})).await;
    let page = page(&world, &id, None, 10).await;
    // The first three speak of one subject: to something else and back are three changes, not two.
    assert_eq!(
        field(&page, "type"),
        ["uji.berubah", "uji.berubah", "uji.berubah", "uji.berubah", "uji.lanjut"]
    );
    let (_, first) = &page.events[0];
    assert_eq!(first["specversion"], "1.0");
    assert_eq!(first["subject"], "A-1");
    assert_eq!(first["source"], "urn:simpul:sistem:uji");
    assert_eq!(first["data"]["hasil"]["ok"], json!(true));
    assert_eq!(field(&page, "urutan"), [1, 2, 3, 1, 2], "counted per subject");
    let stored = world.journal.events(0, vec!["uji.berubah".into()], 9).await.unwrap();
    assert!(
        !stored
            .iter()
            .any(|e| String::from_utf8_lossy(&e.event.data).contains("hasil")),
        "data is sealed at rest"
    );
}

#[tokio::test(start_paused = true)]
async fn the_end_of_an_exchange_is_told_to_its_own_consumer_only() {
    let world = world();
    let kinds = ["pertukaran.selesai", "pertukaran.gagal", "pertukaran.tidak_pasti"];
    let id = subscribe(&world, pulled(&kinds)).await;
    let done = world.call(NATIVE, json!({"nomor": "A-1"})).await;
    world.script([
        Wire::Reply(422, json!({})),
        Wire::Fail(WireError {
            phase: Phase::AfterSend,
            kind: WireKind::Timeout,
            detail: "uji".into(),
        }),
    ]);
    let failed = world.call(NATIVE, json!({"nomor": "A-2"})).await;
    world.call(UNSAFE, json!({"nomor": "A-3"})).await;
    world.call(READ, json!({})).await;
    let found = page(&world, &id, None, 10).await;
    assert_eq!(field(&found, "type"), kinds);
    let (_, first) = &found.events[0];
    assert_eq!(first["subject"], done.exchange.to_string());
    assert_eq!(first["data"]["keadaan"], "terkirim");
    assert_eq!(found.events[1].1["data"]["id"], failed.exchange.to_string());
    assert_eq!(first["data"].as_object().unwrap().len(), 4, "thin: no content");

    let other = other(&world);
    let theirs = manage::create(&world.rooms, &other, &pulled(&kinds))
        .await
        .expect("no grant is needed")
        .0;
    let exchange = world.rooms.ids.exchange();
    let empty = pull::page(&world.rooms, &other, exchange, &theirs.subscription.id, Some(0), 10)
        .await
        .unwrap();
    assert!(empty.events.is_empty(), "others' exchanges are not theirs to hear of");
    assert_eq!(
        empty.position,
        world.journal.last_event().await.unwrap(),
        "yet they may go on behind them"
    );
    let position = found.events[0].0;
    assert!(matches!(
        pull::one(&world.rooms, &other, exchange, position).await,
        Err(manage::Refused::Unknown)
    ));
}

/// A consumer without any grant, known to the catalogue.
fn other(world: &World) -> Arc<Consumer> {
    let other = Arc::new(Consumer {
        id: "opd-lain".into(),
        name: "OPD Lain".into(),
        keys: vec![],
        certificates: vec![],
        grants: HashMap::new(),
    });
    let old = world.rooms.catalogue.load_full();
    let mut consumers = old.consumers.clone();
    consumers.insert(other.id.clone(), Arc::clone(&other));
    world.rooms.catalogue.store(Arc::new(gateway_core::Catalogue {
        operations: old.operations.clone(),
        identities: Identities::new([&world.consumer]),
        issuers: vec![],
        consumers,
        systems: old.systems.clone(),
        relays: old.relays.clone(),
        flows: old.flows.clone(),
        emits: old.emits.clone(),
        inbound: old.inbound.clone(),
        codes: Arc::clone(&old.codes),
    }));
    other
}

#[tokio::test(start_paused = true)]
async fn events_need_the_grant_of_what_they_tell() {
    let world = world();
    let other = other(&world);
    let denied = manage::create(&world.rooms, &other, &pulled(&["uji.berubah"])).await;
    assert!(matches!(denied, Err(manage::Refused::Denied { kind }) if kind == "uji.berubah"));
    let id = subscribe(&world, pulled(&["uji.berubah"])).await;
    assert!(
        matches!(manage::own(&world.rooms, &other, &id), Err(manage::Refused::Unknown)),
        "others' subscriptions do not exist"
    );
    world.call(NATIVE, json!({"nomor": "A-1"})).await;
    let position = page(&world, &id, None, 1).await.events[0].0;
    let exchange = world.rooms.ids.exchange();
    let whole = pull::one(&world.rooms, &world.consumer, exchange, position)
        .await
        .expect("granted");
    assert_eq!(whole["data"]["nomor"], "A-1");
    let refused = pull::one(&world.rooms, &other, exchange, position).await;
    assert!(matches!(refused, Err(manage::Refused::Denied { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_moves_the_cursor_forward_and_a_replay_back() {
    let world = world();
    let id = subscribe(&world, pulled(&["pertukaran.selesai"])).await;
    for n in 1..=5 {
        world.call(NATIVE, json!({"nomor": format!("A-{n}")})).await;
    }
    let first = page(&world, &id, None, 2).await;
    assert_eq!((first.events.len(), first.more), (2, true));
    assert_eq!(
        page(&world, &id, None, 2).await.position,
        first.position,
        "reading alone moves nothing"
    );
    let ack = async |position: i64| {
        let body = json!({"langganan": id, "posisi": position});
        pull::acknowledge(&world.rooms, &world.consumer, &body).await
    };
    assert_eq!(ack(first.position).await.unwrap(), first.position);
    assert_eq!(ack(1).await.unwrap(), first.position, "never back");
    assert!(matches!(ack(1_000_000).await, Err(manage::Refused::Invalid(_))));
    let rest = page(&world, &id, None, 10).await;
    assert_eq!((rest.events.len(), rest.more), (3, false));
    ack(rest.position).await.unwrap();
    assert!(page(&world, &id, None, 10).await.events.is_empty());

    let wish = json!({"dari_posisi": first.events[1].0});
    manage::replay(&world.rooms, &world.consumer, &id, &wish)
        .await
        .expect("back");
    let again = page(&world, &id, None, 10).await;
    assert_eq!(
        field(&again, "id"),
        [field(&first, "id"), field(&rest, "id")].concat()[1..]
    );
    let wish = json!({"sejak": "2020-01-01T00:00:00Z"});
    manage::replay(&world.rooms, &world.consumer, &id, &wish)
        .await
        .expect("to the oldest");
    assert_eq!(page(&world, &id, None, 10).await.events.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn wishes_are_judged() {
    let world = world();
    let with = |field: &str, value: Value| {
        let mut wish = json!({"nama": "uji", "jenis": ["uji.berubah"], "moda": "dorong", "url": "https://a.invalid/x"});
        wish[field] = value;
        wish
    };
    for (wish, pointer) in [
        (with("jenis", json!(["tidak.ada"])), "/jenis/0"),
        (with("jenis", json!([])), "/jenis"),
        (with("url", json!("ftp://a.invalid/x")), "/url"),
        (with("url", json!("https://nama:sandi@a.invalid/x")), "/url"),
        (with("url", json!("https://dalam.invalid/x")), "/url"),
        (with("rahasia", json!("x")), "/rahasia"),
        (with("jadwal_detik", json!([0])), "/jadwal_detik/0"),
        (
            json!({"nama": "uji", "jenis": ["uji.berubah"], "moda": "dorong"}),
            "/url",
        ),
    ] {
        match manage::create(&world.rooms, &world.consumer, &wish).await {
            Err(manage::Refused::Invalid(violations)) => assert_eq!(violations[0].pointer, pointer),
            other => panic!("{pointer}: {:?}", other.map(|_| ())),
        }
    }
    assert!(
        manage::list(&world.rooms, &world.consumer).is_empty(),
        "nothing was stored"
    );
}

#[tokio::test(start_paused = true)]
async fn secrets_rest_sealed_and_views_never_show_them() {
    let world = world();
    let wish = json!({"nama": "uji", "jenis": ["uji.berubah"], "moda": "dorong", "url": "https://a.invalid/x"});
    let (live, secret) = manage::create(&world.rooms, &world.consumer, &wish).await.unwrap();
    let secret = secret.expect("told once");
    assert!(secret.expose().starts_with("whsec_"));
    let documents = world.journal.documents(0).await.unwrap();
    let stored = String::from_utf8_lossy(documents[0].body.as_ref().unwrap()).into_owned();
    assert!(!stored.contains(&secret.expose()[6..20]));
    let view = gateway_core::events::status(&world.rooms, &live).await.unwrap();
    assert!(!view.to_string().contains("whsec_"));
    let registry = schemas::Registry::embedded().unwrap();
    assert_eq!(registry.get("langganan").unwrap().check(&view), Ok(()));
}
