//! One slow subscriber among twenty: the others hear as soon as they do without it. Rounds with and without it take turns, so
//! that a machine whose speed drifts treats both alike; a ratio is taken within each pair of rounds.

use super::receiver::{Act, Receiver};
use super::{World, world};
use e2e::client::{complaint, until};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const SUBSCRIBERS: usize = 20;
const EVENTS: usize = 40;

/// Times from the call to the arrival at the nineteen, sorted. It ends when the twentieth has everything, too.
async fn round(world: &World, receivers: &[Receiver], name: &str, slow: Option<Duration>) -> Vec<Duration> {
    if let Some(wait) = slow {
        receivers[0].always(Act::Slow(wait));
    }
    let mut begun = HashMap::new();
    for n in 0..EVENTS {
        let ticket = format!("{name}-{n}");
        begun.insert(ticket.clone(), Instant::now());
        let url = format!("{}/v1/pengaduan", world.base);
        let key = [("idempotency-key", ticket.as_str())];
        let reply = world.client.post(&url, &key, &complaint(&ticket)).await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.json());
    }
    let mine = |hit: &super::receiver::Hit| hit.json()["subject"].as_str().map(str::to_owned);
    let arrived = |receiver: &Receiver| {
        let hits = receiver.hits();
        let ours = hits
            .iter()
            .filter_map(mine)
            .filter(|subject| begun.contains_key(subject));
        ours.collect::<std::collections::BTreeSet<_>>().len()
    };
    let patience = Duration::from_secs(60);
    let all = until(patience, async || {
        let missing = receivers[1..].iter().filter(|one| arrived(one) < EVENTS).count();
        (missing == 0)
            .then_some(())
            .ok_or_else(|| format!("{missing} receivers wait"))
    });
    all.await.unwrap();
    // What the slow one left undone must not burden the round after this.
    receivers[0].always(Act::Status(200));
    let drained = until(patience * 5, async || {
        let count = arrived(&receivers[0]);
        (count == EVENTS && receivers[0].is_idle())
            .then_some(())
            .ok_or_else(|| format!("{count} at the slow one"))
    });
    drained.await.unwrap();
    let mut times: Vec<_> = receivers[1..]
        .iter()
        .flat_map(Receiver::hits)
        .filter_map(|hit| Some(hit.at - *begun.get(&mine(&hit)?)?))
        .collect();
    assert_eq!(times.len(), EVENTS * (SUBSCRIBERS - 1), "each once");
    times.sort_unstable();
    times
}

fn p99(times: &[Duration]) -> Duration {
    times[times.len() * 99 / 100]
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_slow_of_twenty_leaves_the_others_alone() {
    let asked = std::env::var("SIMPUL_LANGGANAN_PASANG").ok();
    let pairs: usize = asked.as_deref().map_or(2, |text| text.parse().unwrap());
    let wait = Duration::from_secs(if asked.is_some() { 10 } else { 3 });
    let mut receivers = Vec::new();
    for _ in 0..SUBSCRIBERS {
        receivers.push(Receiver::start().await);
    }
    let world = world(&receivers.iter().collect::<Vec<_>>()).await;
    for receiver in &receivers {
        world.pushed(receiver, &["pengaduan.terkirim"]).await;
    }
    round(&world, &receivers, "W", None).await;
    let (mut without, mut with, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut alone = Vec::new();
    println!(
        "| pair | arrivals each | p99 without | p99 with one that takes {wait:?} | ratio |\n|---|---|---|---|---|"
    );
    for pair in 0..pairs {
        let mut one = HashMap::new();
        // Which comes first takes turns, too.
        for slow in [pair % 2 == 1, pair % 2 == 0] {
            let name = format!("{}{pair}", if slow { "S" } else { "Q" });
            let times = round(&world, &receivers, &name, slow.then_some(wait)).await;
            one.insert(slow, times);
        }
        let (quick, slow) = (p99(&one[&false]), p99(&one[&true]));
        let ratio = slow.as_secs_f64() / quick.as_secs_f64();
        println!(
            "| {} | {} | {quick:.1?} | {slow:.1?} | {ratio:.2} |",
            pair + 1,
            one[&true].len()
        );
        ratios.push(ratio);
        alone.push(quick.as_secs_f64());
        without.extend(one.remove(&false).unwrap());
        with.extend(one.remove(&true).unwrap());
    }
    without.sort_unstable();
    with.sort_unstable();
    let (quick, slow, ratio) = (p99(&without), p99(&with), middle(ratios));
    let noise = alone.iter().copied().fold(0.0, f64::max) / alone.iter().copied().fold(f64::MAX, f64::min);
    println!(
        "| all | {} | {quick:.1?} | {slow:.1?} | {ratio:.2} (median) |",
        with.len()
    );
    println!("rounds without it differ among themselves by a factor of {noise:.2}");
    assert!(
        slow < quick * 2 + Duration::from_millis(500),
        "{slow:?} with a slow neighbour, {quick:?} without"
    );
    world.gateway.stop().await.unwrap();
}
