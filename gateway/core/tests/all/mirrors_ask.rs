//! Questions over a copy: filters, order, pages, members by grant, exports, and the chain over several copies.

use crate::mirrors::{keep, kept, plan, system};
use crate::world::{Wire, World, world_with};
use gateway_core::authorize::Grant;
use gateway_core::fields::Fields;
use gateway_core::flows::Flows;
use gateway_core::identity::Consumer;
use gateway_core::journal::Journal;
use gateway_core::mirror::chain::{self, ChainPlan, Rule, Side, Stage, Start, Strength};
use gateway_core::mirror::{MirrorPlan, Scopes, export, search};
use gateway_core::quota::Limiter;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

fn grant(fields: Option<&[&str]>) -> Grant {
    Grant {
        purpose: "uji".into(),
        legal_basis: "Perwal Contoh 1/2026".into(),
        agreement: "PKS-UJI-1".into(),
        from: None,
        until: None,
        fields: fields.map(|f| Fields::new(f.iter().copied())),
        limiter: Limiter::new(NonZeroU32::MIN, NonZeroU32::MIN),
    }
}

fn asked(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect()
}

async fn filled(rows: Vec<Value>) -> World {
    let world = kept(vec![plan()]);
    system(&world).lock().unwrap().extend(rows);
    let stop = keep(&world);
    world.pass(30).await;
    stop.cancel();
    world.pass(1).await;
    world
}

fn amounts() -> Vec<Value> {
    (0..45)
        .map(|n: u32| {
            let amount = format!("{}.{:04}", 687_174_554_000_u64 + u64::from(n * 37 % 45), n);
            json!({"nomor": format!("k{n:02}"), "jalur": format!("j{}", n % 3), "hasil": amount})
        })
        .collect()
}

async fn ask(world: &World, pairs: &[(&str, &str)]) -> Result<(Vec<String>, Option<String>), Vec<String>> {
    let question = search::understand(&world.rooms, &plan(), &grant(None), &asked(pairs)).map_err(|wrong| {
        wrong
            .into_iter()
            .map(|v| format!("{} {}", v.pointer, v.code))
            .collect::<Vec<_>>()
    })?;
    let found = search::page(&world.rooms, &question).await.unwrap();
    let key = |record: &Value| record["nomor"].as_str().unwrap_or("-").to_owned();
    Ok((found.records.iter().map(key).collect(), found.next))
}

/// Sum of decimals with four places, exactly.
fn sum<'a>(amounts: impl Iterator<Item = &'a str>) -> i128 {
    amounts.map(|a| a.replace('.', "").parse::<i128>().unwrap()).sum()
}

#[tokio::test(start_paused = true)]
async fn filters_and_order_go_over_exact_decimals() {
    let world = filled(amounts()).await;
    let mut wanted = amounts();
    wanted.retain(|r| r["jalur"] == "j1");
    wanted.sort_by(|a, b| b["hasil"].as_str().cmp(&a["hasil"].as_str()));
    let wanted: Vec<_> = wanted.iter().map(|r| r["nomor"].as_str().unwrap().to_owned()).collect();
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut pairs = vec![("jalur", "j1"), ("urut", "-hasil"), ("batas", "4")];
        pairs.extend(cursor.as_deref().map(|c| ("kursor", c)));
        let (found, next) = ask(&world, &pairs).await.unwrap();
        seen.extend(found);
        match next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, wanted);
    let (found, _) = ask(
        &world,
        &[
            ("hasil.dari", "687174554003"),
            ("hasil.sampai", "687174554005.9999"),
            ("urut", "hasil"),
        ],
    )
    .await
    .unwrap();
    assert_eq!(found.len(), 3);
    let (both, _) = ask(&world, &[("jalur", "j0"), ("hasil.dari", "687174554040")])
        .await
        .unwrap();
    assert!(both.iter().all(|k| k[1..].parse::<u32>().unwrap() % 3 == 0) && !both.is_empty());
    assert_eq!(ask(&world, &[("jalur.awal", "j")]).await.unwrap().0.len(), 45);
    assert_eq!(ask(&world, &[("jalur", "j9")]).await.unwrap().0.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn wrong_questions_are_told_by_pointer_all_at_once() {
    let world = filled(amounts()).await;
    for (pairs, wanted) in [
        (&[("tidak_ada", "1")][..], &["/tidak_ada unknown_field"][..]),
        (
            &[("hasil", "seribu"), ("batas", "0")],
            &["/hasil number", "/batas range"],
        ),
        (&[("nomor", "k01")], &["/nomor no_index"]),
        (&[("urut", "nomor")], &["/urut no_index"]),
        (&[("jalur.mirip", "x")], &["/jalur.mirip unknown_field"]),
        (&[("jalur", "x"), ("jalur.dari", "a")], &["/jalur contradiction"]),
        (&[("bidang", "nomor,rahasia")], &["/bidang unknown_field"]),
        (&[("kursor", "AAAA")], &["/kursor cursor"]),
        (&[("<script>", "1")], &["/ unknown_field"]),
    ] {
        assert_eq!(ask(&world, pairs).await.unwrap_err(), wanted, "{pairs:?}");
    }
    let (_, cursor) = ask(&world, &[("batas", "2")]).await.unwrap();
    let other = ask(&world, &[("jalur", "j1"), ("kursor", &cursor.unwrap())]).await;
    assert_eq!(other.unwrap_err(), ["/kursor cursor"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_granted_is_neither_shown_nor_asked_by() {
    let world = filled(amounts()).await;
    let narrow = grant(Some(&["nomor", "jalur"]));
    let ask = |pairs: &[(&str, &str)]| search::understand(&world.rooms, &plan(), &narrow, &asked(pairs));
    for pairs in [
        &[("hasil", "1")][..],
        &[("urut", "hasil")],
        &[("bidang", "hasil")],
        &[("hasil.dari", "1")],
    ] {
        assert!(ask(pairs).is_err(), "{pairs:?}");
    }
    let found = search::page(&world.rooms, &ask(&[]).unwrap()).await.unwrap();
    for record in &found.records {
        let names: Vec<_> = record.as_object().unwrap().keys().collect();
        assert_eq!(names, ["jalur", "nomor"]);
    }
    let (one, _) = search::one(&world.rooms, &plan(), &search::granted(&plan(), &narrow), "k01")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(one, json!({"nomor": "k01", "jalur": "j1"}));
}

#[tokio::test(start_paused = true)]
async fn money_sums_are_equal_from_source_to_export() {
    let world = filled(amounts()).await;
    let source = amounts();
    let truth = sum(source.iter().map(|r| r["hasil"].as_str().unwrap()));
    let copied = crate::mirrors::live(&world).await;
    let bodies: Vec<Value> = copied
        .iter()
        .map(|r| serde_json::from_slice(&r.body).unwrap())
        .collect();
    assert_eq!(sum(bodies.iter().map(|b| b["hasil"].as_str().unwrap())), truth);
    let question = search::understand(&world.rooms, &plan(), &grant(None), &asked(&[])).unwrap();
    let (mut after, mut lines, mut objects) = (None, String::new(), Vec::new());
    loop {
        let part = search::part(&world.rooms, &question, &mut after).await.unwrap();
        for record in &part {
            lines.push_str(&export::csv_row(&question.members, record));
            objects.extend(export::ndjson_row(record));
        }
        if after.is_none() {
            break;
        }
    }
    let column = question.members.iter().position(|m| m == "hasil").unwrap();
    assert_eq!(sum(lines.lines().map(|l| l.split(',').nth(column).unwrap())), truth);
    let objects: Vec<Value> = objects
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect();
    assert_eq!(sum(objects.iter().map(|b| b["hasil"].as_str().unwrap())), truth);
}

#[tokio::test(start_paused = true)]
async fn an_answer_says_its_age() {
    let world = filled(amounts()).await;
    let fresh = search::freshness(&world.rooms, &plan()).await.unwrap();
    assert!(!fresh.stale && fresh.updated.is_some());
    let question = search::understand(&world.rooms, &plan(), &grant(None), &asked(&[])).unwrap();
    let tag = search::tag(&question, &fresh);
    world.pass(4 * crate::mirrors::DAY).await;
    let old = search::freshness(&world.rooms, &plan()).await.unwrap();
    assert!(old.stale && old.age.unwrap().as_secs() >= 4 * crate::mirrors::DAY);
    assert_eq!(search::tag(&question, &old), tag, "nothing changed");
    let never = MirrorPlan {
        id: "lain".into(),
        ..plan()
    };
    let never = search::freshness(&world.rooms, &never).await.unwrap();
    assert!(never.stale && never.updated.is_none());
}

fn rule(name: &str, strength: Strength, left: &str, right: &str) -> Rule {
    let side = |pointer: &str| Side {
        pointers: vec![pointer.to_owned()],
        split: ";".into(),
        ..Side::default()
    };
    Rule {
        name: name.into(),
        strength,
        left: side(left),
        right: side(right),
        within: false,
        mutual: false,
    }
}

fn chain_plan() -> ChainPlan {
    let stage = |name: &str, set: &str, rules| Stage {
        name: name.into(),
        set: set.into(),
        rules,
        versions: Side::default(),
    };
    ChainPlan {
        id: "paket".into(),
        path: "/v1/rantai/paket".into(),
        stages: vec![
            stage("rup", "rup", vec![]),
            stage(
                "tender",
                "tender",
                vec![
                    rule("kode", Strength::Exact, "/nomor", "/jalur"),
                    rule("nama", Strength::Derived, "/isi", "/isi"),
                ],
            ),
        ],
    }
}

async fn chained() -> (World, Arc<Mutex<Vec<Value>>>, CancellationToken) {
    let of = |id: &str| MirrorPlan {
        scopes: Scopes {
            fixed: vec![BTreeMap::from([("jenis".to_owned(), id.to_owned())])],
            feed: None,
        },
        id: id.into(),
        path: format!("/v1/{id}"),
        events: false,
        ..plan()
    };
    let world = world_with(
        vec![],
        Flows {
            mirrors: vec![of("rup"), of("tender")],
            chains: vec![chain_plan()],
            ..Flows::default()
        },
    );
    let plans = [
        json!({"nomor": "R1", "isi": "Jalan A"}),
        json!({"nomor": "R2", "isi": "Jalan B"}),
        json!({"nomor": "R3", "isi": "Jalan C"}),
        json!({"nomor": "R4", "isi": "Jalan C"}),
    ];
    let rows: Arc<Mutex<Vec<Value>>> = Arc::default();
    rows.lock()
        .unwrap()
        .push(json!({"nomor": "T0", "isi": "bukan apa-apa"}));
    let tenders = Arc::clone(&rows);
    world.respond(move |_, url, _| {
        let found = if url.contains("jenis=tender") {
            tenders.lock().unwrap().clone()
        } else {
            plans.to_vec()
        };
        Wire::Reply(200, json!({"butir": found, "total": found.len()}))
    });
    let stop = keep(&world);
    world.pass(90).await;
    (world, rows, stop)
}

fn consumer(sets: &[&str]) -> Consumer {
    let grants = sets.iter().map(|set| ((*set).to_owned(), Arc::new(grant(None))));
    Consumer {
        id: "opd-uji".into(),
        name: "OPD Uji".into(),
        keys: vec![],
        certificates: vec![],
        grants: grants.collect(),
    }
}

#[tokio::test(start_paused = true)]
async fn links_have_a_strength_and_are_never_guessed() {
    let (world, rows, stop) = chained().await;
    *rows.lock().unwrap() = vec![
        json!({"nomor": "T1", "jalur": "R1;R2", "isi": "x"}),
        json!({"nomor": "T2", "jalur": "-", "isi": "Jalan B"}),
        json!({"nomor": "T3", "isi": "Jalan C"}),
        json!({"nomor": "T4", "jalur": "R9", "isi": "Tidak ada"}),
    ];
    // Only the tenders are pulled anew.
    let now = world.rooms.clock.now();
    gateway_core::mirror::MirrorStore::hurry(&*world.journal, "tender".into(), now)
        .await
        .unwrap();
    world.pass(90).await;
    let catalogue = world.rooms.catalogue.load_full();
    let who = consumer(&["salinan.rup", "salinan.tender", "rantai.paket"]);
    let walk = async |stage, key: &str| {
        let start = Start { stage, key: key.into() };
        chain::walk(&world.rooms, &catalogue, &chain_plan(), &who, &start)
            .await
            .unwrap()
    };
    let links = |found: &Value| {
        let links = found["tautan"].as_array().unwrap().iter();
        links
            .map(|l| {
                let text = |v: &Value| v.as_str().unwrap().to_owned();
                (text(&l["dari"]["kunci"]), text(&l["ke"]["kunci"]), text(&l["kekuatan"]))
            })
            .collect::<Vec<_>>()
    };
    let link = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    let mut both = links(&walk(1, "T1").await.unwrap());
    both.sort();
    assert_eq!(both, [link("R1", "T1", "kunci"), link("R2", "T1", "kunci")]);
    assert_eq!(links(&walk(1, "T2").await.unwrap()), [link("R2", "T2", "turunan")]);
    // Two plans carry the name: that is no link.
    let ambiguous = walk(1, "T3").await.unwrap();
    assert!(links(&ambiguous).is_empty());
    assert_eq!(ambiguous["tanpa_tautan"][0]["kekuatan"], "tidak_ada");
    assert!(links(&walk(1, "T4").await.unwrap()).is_empty());
    let mut from_plan = links(&walk(0, "R2").await.unwrap());
    from_plan.sort();
    assert_eq!(from_plan, [link("R2", "T1", "kunci"), link("R2", "T2", "turunan")]);
    assert!(walk(0, "tidak ada").await.is_none());
    // A copy without a grant shows nothing of its records.
    let blind = consumer(&["salinan.rup", "rantai.paket"]);
    let start = Start {
        stage: 0,
        key: "R2".into(),
    };
    let found = chain::walk(&world.rooms, &catalogue, &chain_plan(), &blind, &start)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        found["langkah"][1],
        json!({"nama": "tender", "salinan": "tender", "terlihat": false})
    );
    assert!(!found.to_string().contains("T1"), "{found}");
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_link_that_appears_or_breaks_is_told() {
    let (world, rows, stop) = chained().await;
    let told = async || {
        let events = world
            .journal
            .events(0, vec!["rantai.paket.berubah".into()], 99)
            .await
            .unwrap();
        let open = |e: &gateway_core::journal::StoredEvent| {
            let plain = world.rooms.sealer.open(&e.event.data, &e.event.id.to_string()).unwrap();
            let data: Value = serde_json::from_slice(&plain).unwrap();
            format!(
                "{} {}",
                data["perubahan"].as_str().unwrap(),
                data["ke"]["kunci"].as_str().unwrap()
            )
        };
        events.iter().map(open).collect::<Vec<_>>()
    };
    let pull = async |tenders: Vec<Value>| {
        *rows.lock().unwrap() = tenders;
        let now = world.rooms.clock.now();
        gateway_core::mirror::MirrorStore::hurry(&*world.journal, "tender".into(), now)
            .await
            .unwrap();
        world.pass(120).await;
    };
    let tender = |plan: &str| json!({"nomor": "T1", "jalur": plan, "isi": "x"});
    pull(vec![tender("R1")]).await;
    assert_eq!(told().await, ["muncul T1"]);
    pull(vec![tender("R9")]).await;
    assert_eq!(told().await, ["muncul T1", "putus T1"]);
    pull(vec![tender("R9")]).await;
    assert_eq!(told().await.len(), 2);
    stop.cancel();
}
