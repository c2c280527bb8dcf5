//! One slow subscriber among twenty: the others hear as soon as they do without it.

use super::receiver::{Act, Receiver};
use super::{World, world};
use e2e::client::{complaint, until};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const SUBSCRIBERS: usize = 20;
const EVENTS: usize = 40;

/// 99th percentile over the nineteen from the call to the arrival.
async fn p99(world: &World, receivers: &[Receiver], round: &str) -> Duration {
    let mut begun = HashMap::new();
    for n in 0..EVENTS {
        let ticket = format!("{round}-{n}");
        begun.insert(ticket.clone(), Instant::now());
        let url = format!("{}/v1/pengaduan", world.base);
        let key = [("idempotency-key", ticket.as_str())];
        let reply = world.client.post(&url, &key, &complaint(&ticket)).await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.json());
    }
    let quick = &receivers[1..];
    let mine = |hit: &super::receiver::Hit| hit.json()["subject"].as_str().map(str::to_owned);
    let all = until(Duration::from_secs(60), async || {
        let missing = quick.iter().filter(|receiver| {
            let hits = receiver.hits();
            hits.iter()
                .filter(|hit| mine(hit).is_some_and(|s| begun.contains_key(&s)))
                .count()
                < EVENTS
        });
        let missing = missing.count();
        (missing == 0)
            .then_some(())
            .ok_or_else(|| format!("{missing} receivers wait"))
    });
    all.await.unwrap();
    let mut times: Vec<_> = quick
        .iter()
        .flat_map(Receiver::hits)
        .filter_map(|hit| Some(hit.at - *begun.get(&mine(&hit)?)?))
        .collect();
    assert_eq!(times.len(), EVENTS * quick.len(), "each once");
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_slow_of_twenty_leaves_the_others_alone() {
    let mut receivers = Vec::new();
    for _ in 0..SUBSCRIBERS {
        receivers.push(Receiver::start().await);
    }
    let world = world(&receivers.iter().collect::<Vec<_>>()).await;
    for receiver in &receivers {
        world.pushed(receiver, &["pengaduan.terkirim"]).await;
    }
    // Warm, then measured twice without the slow one, which shows the noise, and with it.
    p99(&world, &receivers, "W").await;
    let first = p99(&world, &receivers, "A").await;
    let without = p99(&world, &receivers, "B").await;
    receivers[0].always(Act::Slow(Duration::from_secs(10)));
    let with = p99(&world, &receivers, "C").await;
    let again = p99(&world, &receivers, "D").await;
    println!("p99 of 19 subscribers: {first:?}, {without:?} without, {with:?}, {again:?} with one that takes 10 s");
    let without = without.max(first);
    assert!(
        with < without * 3 + Duration::from_millis(500),
        "{with:?} with a slow neighbour, {without:?} without"
    );
    world.gateway.stop().await.unwrap();
}
