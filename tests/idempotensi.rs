//! The same intent twice is one effect: answers byte for byte, callers at the same moment, a gateway that starts anew.

use e2e::client::{Client, complaint, until};
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, Setup};
use serde_json::json;
use simulators::Fault;
use std::time::Duration;
use tokio::task::JoinSet;

struct World {
    neighbours: Neighbours,
    setup: Setup,
    gateway: Inside,
    client: Client,
    url: String,
}

async fn world() -> World {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |_| {}).unwrap();
    let gateway = Inside::start(&setup).await.unwrap();
    let url = format!("{}/v1/pengaduan", gateway.targets(&setup, &neighbours).gateway);
    let client = Client::new(&setup.keys()[CONSUMER]);
    World {
        neighbours,
        setup,
        gateway,
        client,
        url,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_is_the_same_byte_for_byte_also_after_a_restart() {
    let mut world = world().await;
    let key = [("idempotency-key", "kunci-1")];
    let body = complaint("I-1");
    let first = world.client.post(&world.url, &key, &body).await.unwrap();
    assert_eq!(first.status, 201);
    // The same content with its fields in another order is the same intent.
    let turned: serde_json::Value = serde_json::from_str(&body.to_string()).unwrap();
    for again in [&body, &turned] {
        let reply = world.client.post(&world.url, &key, again).await.unwrap();
        assert_eq!(
            (reply.status, &reply.body, &reply.location),
            (201, &first.body, &first.location)
        );
    }
    world.gateway.stop().await.unwrap();
    world.gateway = Inside::start(&world.setup).await.unwrap();
    let url = format!(
        "{}/v1/pengaduan",
        world.gateway.targets(&world.setup, &world.neighbours).gateway
    );
    let reply = world.client.post(&url, &key, &body).await.unwrap();
    assert_eq!(
        (reply.status, &reply.body, &reply.location),
        (201, &first.body, &first.location)
    );
    let mut other = body.clone();
    other["judul"] = json!("Lampu taman padam");
    assert_eq!(world.client.post(&url, &key, &other).await.unwrap().status, 422);
    assert_eq!(world.neighbours.lapor.effects()["requests"]["create"]["total"], 1);
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_at_the_same_moment_make_one_report() {
    let world = world().await;
    // Long enough for all of them to arrive while the first is under way.
    world.neighbours.lapor.faults().once("create", Fault::Slow { ms: 300 });
    let mut calls = JoinSet::new();
    for _ in 0..24 {
        let (client, url) = (world.client.clone(), world.url.clone());
        calls.spawn(async move {
            client
                .post(&url, &[("idempotency-key", "kunci-2")], &complaint("I-2"))
                .await
        });
    }
    let replies: Vec<_> = calls.join_all().await.into_iter().map(Result::unwrap).collect();
    let done: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert!(!done.is_empty());
    assert!(
        done.iter().all(|reply| reply.body == done[0].body),
        "two answers to one intent"
    );
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(
            (reply.status, reply.json()["code"].clone()),
            (409, json!("sedang-diproses"))
        );
    }
    assert!(replies.iter().any(|reply| reply.status == 409), "no caller met another");
    let effects = world.neighbours.lapor.effects();
    assert_eq!(
        (&effects["creates"], &effects["requests"]["create"]["total"]),
        (&json!(1), &json!(1))
    );
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_leaves_does_not_stop_what_it_asked_for() {
    let world = world().await;
    world.neighbours.lapor.faults().once("create", Fault::Slow { ms: 400 });
    let call = {
        let (client, url) = (world.client.clone(), world.url.clone());
        tokio::spawn(async move {
            client
                .post(&url, &[("idempotency-key", "kunci-3")], &complaint("I-3"))
                .await
        })
    };
    until(Duration::from_secs(5), async || {
        let seen = world.neighbours.lapor.effects()["creates"] == 1;
        seen.then_some(()).ok_or_else(|| "not stored yet".to_owned())
    })
    .await
    .unwrap();
    call.abort();
    let reply = until(Duration::from_secs(10), async || {
        let key = [("idempotency-key", "kunci-3")];
        let reply = world.client.post(&world.url, &key, &complaint("I-3")).await?;
        (reply.status == 201)
            .then_some(())
            .ok_or_else(|| format!("{}", reply.status))
    });
    reply.await.unwrap();
    assert_eq!(world.neighbours.lapor.effects()["requests"]["create"]["total"], 1);
    world.gateway.stop().await.unwrap();
}
