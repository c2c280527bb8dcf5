//! Synchronised lists: replaced as a whole, and only by a list that is fit to replace them.

use crate::world::{NATIVE, Wire, World, world_with};
use gateway_core::Rooms;
use gateway_core::flows::Flows;
use gateway_core::lists::{self, ListPlan, Shelf};
use gateway_core::sdk::Lists;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

type Pages = Arc<Mutex<Vec<Wire>>>;

/// The list answers these pages by number; the last one for any beyond it.
fn listed() -> (World, Pages) {
    let flows = Flows {
        lists: vec![ListPlan {
            system: "uji".into(),
            mirror: "uji.daftar".into(),
            every: None,
        }],
        ..Flows::default()
    };
    let world = world_with(vec![], flows);
    let pages: Pages = Arc::default();
    let shown = Arc::clone(&pages);
    world.respond(move |method, url, _| {
        if method != "GET" {
            return Wire::Reply(200, json!({"ok": true}));
        }
        let page: usize = url.rsplit_once("halaman=").unwrap().1.parse().unwrap();
        match shown.lock().unwrap().get(page - 1) {
            Some(Wire::Reply(status, body)) => Wire::Reply(*status, body.clone()),
            _ => Wire::Reply(404, json!({})),
        }
    });
    (world, pages)
}

fn rows(from: usize, to: usize) -> Vec<Value> {
    (from..to)
        .map(|n| json!({"id": n.to_string(), "kode": format!("kode-{n}"), "nama": format!("Nama {n}")}))
        .collect()
}

fn whole(from: usize, to: usize) -> Vec<Wire> {
    let middle = usize::midpoint(from, to);
    vec![
        Wire::Reply(200, json!({"butir": rows(from, middle), "lanjut": "2"})),
        Wire::Reply(200, json!({"butir": rows(middle, to), "total": to - from})),
    ]
}

fn held(world: &World) -> usize {
    world.rooms.lists.all().first().map_or(0, |list| list.rows.len())
}

#[tokio::test(start_paused = true)]
async fn a_list_is_pulled_whole_and_handed_to_the_connector() {
    let (world, pages) = listed();
    *pages.lock().unwrap() = whole(0, 10);
    world.keep_time();
    world.pass(5).await;
    assert_eq!(held(&world), 10);
    world.call(NATIVE, json!({"nomor": "A-1", "isi": "kode:kode-7"})).await;
    assert!(
        world
            .sent
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.ends_with(r#"{"asli":"7"}"#))
    );
    let lists = world.rooms.lists.of("uji");
    assert_eq!(lists.canonical("uji.daftar", "3"), Some("kode-3".into()));
    assert_eq!(
        world.rooms.lists.of("lain").native("uji.daftar", "kode-3"),
        None,
        "a system has only its own"
    );
    assert_eq!(world.rooms.lists.all()[0].rows[0].name.as_deref(), Some("Nama 0"));
}

#[tokio::test(start_paused = true)]
async fn an_unfit_list_never_replaces_a_good_one() {
    let (world, pages) = listed();
    *pages.lock().unwrap() = whole(0, 10);
    world.keep_time();
    world.pass(5).await;
    let repeated = || vec![Wire::Reply(200, json!({"butir": rows(0, 10), "lanjut": "2"})); 2];
    let unfit: Vec<Vec<Wire>> = vec![
        vec![Wire::Reply(200, json!({"butir": []}))],
        vec![Wire::Reply(200, json!({"butir": rows(0, 7)}))],
        whole(5, 25),
        vec![Wire::Reply(200, json!({"butir": rows(0, 10), "total": 11}))],
        repeated(),
        (0..9)
            .map(|n| {
                Wire::Reply(
                    200,
                    json!({"butir": rows(n * 10, n * 10 + 10), "lanjut": (n + 2).to_string()}),
                )
            })
            .collect(),
        vec![Wire::Reply(503, json!({}))],
        vec![Wire::Reply(200, json!({"butir": [{"nama": "tanpa kunci"}]}))],
    ];
    for (number, wires) in unfit.into_iter().enumerate() {
        *pages.lock().unwrap() = wires;
        world.pass(4000).await;
        let rows = world.rooms.lists.all()[0].rows.clone();
        assert_eq!(
            (rows.len(), rows[9].code.as_str()),
            (10, "kode-9"),
            "unfit list {number}"
        );
    }
    assert!(world.noted("list_refused") >= 3 && world.noted("list_not_pulled") >= 5);
    // A fit one does: two of ten may vanish at once.
    *pages.lock().unwrap() = whole(2, 14);
    world.pass(4000).await;
    assert_eq!(held(&world), 12);
}

#[tokio::test(start_paused = true)]
async fn another_node_takes_a_list_over_from_the_journal() {
    let (world, pages) = listed();
    *pages.lock().unwrap() = whole(0, 10);
    world.keep_time();
    world.pass(5).await;
    let other = Rooms {
        catalogue: Arc::clone(&world.rooms.catalogue),
        journal: Arc::clone(&world.rooms.journal),
        transport: Arc::clone(&world.rooms.transport),
        clock: Arc::clone(&world.rooms.clock),
        ids: Arc::clone(&world.rooms.ids),
        observer: Arc::clone(&world.rooms.observer),
        sealer: Arc::clone(&world.rooms.sealer),
        restrictions: Arc::default(),
        lists: Arc::new(Shelf::default()),
        mirrors: Arc::clone(&world.rooms.mirrors),
        files: Arc::clone(&world.rooms.files),
        events: Arc::clone(&world.rooms.events),
        scribe: world.rooms.scribe.clone(),
        tasks: world.rooms.tasks.clone(),
        node: "uji-2".into(),
    };
    assert!(other.lists.all().is_empty());
    lists::refresh(&other).await.unwrap();
    assert_eq!(other.lists.all(), world.rooms.lists.all());
}
