//! A neighbour that flaps, that is away for long, and one message that it will never take.

use crate::account::Account;
use crate::steps::ledger;
use crate::world::World;
use e2e::client::{Client, until};
use e2e::setup::CONSUMER;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::task::JoinSet;

/// Messages queued in the outage of the default run, and of the long one.
const QUEUED: (usize, usize) = (1_000, 10_000);
/// Reports that the messages belong to; each is a lane.
const LANES: usize = 50;
/// Calls per minute that the system allows, as configured for this test.
const PER_MINUTE: usize = 12_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_neighbour_that_flaps_once_a_second() {
    let seconds = if super::kills::long() { 60 } else { 10 };
    let mut world = World::new().await;
    world.start(&[]);
    let clients = world.clients();
    let mut submitting = JoinSet::new();
    for second in 0..seconds {
        world.neighbours.lapor.down().await;
        let (me, later) = (clients.clone(), second % 2 == 0);
        submitting.spawn(async move { me.submit_all((0..6).map(|n| format!("L-{second}-{n}")), 6, later).await });
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.neighbours.lapor.up().await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    submitting.join_all().await;
    world.settled().await;
    let account = Account::of(&world, "LAPOR! padam setiap detik", 0, &ledger(&clients)).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
    // Bounded attempts: no exchange was hammered.
    let most = world.most_attempts().await;
    assert!(most <= 30, "an exchange was tried {most} times");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_outage_ends_in_order_and_without_a_stampede_past_a_poisoned_message() {
    let queued = if super::kills::long() { QUEUED.1 } else { QUEUED.0 };
    let mut world = World::with(publish_follow_ups).await;
    let reports: Vec<u64> = (0..LANES)
        .map(|_| {
            world
                .neighbours
                .lapor
                .with(|lapor| lapor.add_report(Map::new(), 200_002))
        })
        .collect();
    world.start(&[]);
    world.neighbours.lapor.down().await;
    let url = format!("{}/v1/tindak-lanjut", world.child.as_ref().unwrap().gateway);
    let client = Client::new(&world.setup.keys()[CONSUMER]);
    let poisoned = queued / 2;
    let mut sending = JoinSet::new();
    // One sender per lane, so that the order of sending is known.
    for (lane, report) in reports.iter().enumerate() {
        let (client, url, report) = (client.clone(), url.clone(), report.to_string());
        sending.spawn(async move {
            for number in (lane..queued).step_by(LANES) {
                let body = follow_up(&report, number, number == poisoned);
                let reply = client.post(&url, &[("prefer", "respond-async")], &body).await.unwrap();
                assert_eq!(reply.status, 202, "{}", reply.json());
            }
        });
    }
    sending.join_all().await;
    assert_eq!(world.open().await.unwrap(), u64::try_from(queued).unwrap());
    world.neighbours.lapor.up().await.unwrap();

    let began = std::time::Instant::now();
    let arrived = || {
        world.neighbours.lapor.with(|lapor| {
            lapor
                .reports()
                .values()
                .map(|r| r.entries.iter().filter(|e| e.followup).count())
                .sum::<usize>()
        })
    };
    until(Duration::from_secs(240), async || {
        let arrived = arrived();
        // Never faster than the system allows, with the burst of one second on top.
        let allowed =
            PER_MINUTE / 60 + usize::try_from(began.elapsed().as_millis()).unwrap() * PER_MINUTE / 60_000 + 50;
        assert!(
            arrived <= allowed,
            "{arrived} after {:?}, {allowed} allowed",
            began.elapsed()
        );
        (arrived == queued - 1)
            .then_some(())
            .ok_or_else(|| format!("{arrived} of {queued}"))
    })
    .await
    .unwrap_or_else(|why| panic!("{why}\n{}", world.last_lines()));
    world.settled().await;

    for report in world.neighbours.lapor.with(|lapor| lapor.reports().clone()).values() {
        let said = report.entries.iter().filter(|entry| entry.followup);
        let numbers: Vec<usize> = said
            .map(|entry| entry.content.rsplit(' ').next().unwrap().parse().unwrap())
            .collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "out of order: {numbers:?}");
    }
    let dead = world.count("gagal").await;
    assert_eq!(dead, 1, "the poisoned message is a dead letter");
    println!(
        "| LAPOR! padam lama, {queued} menunggu, satu beracun | 0 | {queued} | {queued} | {} | {} | {dead} | 0 | 0 |",
        queued - 1,
        arrived()
    );
}

/// The sandbox keeps follow-ups to itself; here they have an address, since they have an order.
fn publish_follow_ups(table: &mut toml::Table) {
    let operation: toml::Table =
        "id = \"pengaduan.tindak_lanjut.kirim\"\nmetode = \"POST\"\njalur = \"/v1/tindak-lanjut\"\nsistem = \"lapor\""
            .parse()
            .unwrap();
    // Nothing but what this test sends.
    table.retain(|key, _| ["simpul", "sistem", "operasi", "konsumen"].contains(&key));
    let operations = table["operasi"].as_array_mut().unwrap();
    operations.push(toml::Value::Table(operation));
    for consumer in table["konsumen"].as_array_mut().unwrap() {
        if let Some(grants) = consumer.get_mut("hak").and_then(toml::Value::as_array_mut) {
            // The others are for what is not there: letters, licences, events.
            grants.truncate(1);
            let operations = grants[0]["operasi"].as_array_mut().unwrap();
            operations.retain(|known| known.as_str() != Some("pengaduan.tindak_lanjut.kirim"));
            operations.push("pengaduan.tindak_lanjut.kirim".into());
        }
    }
    for system in table["sistem"].as_array_mut().unwrap() {
        if system["id"].as_str() == Some("lapor") {
            let limits = system["batas"].as_table_mut().unwrap();
            limits.insert(
                "per_menit".to_owned(),
                toml::Value::Integer(i64::try_from(PER_MINUTE).unwrap()),
            );
            limits.insert("serentak".to_owned(), toml::Value::Integer(8));
            let settings = system["pengaturan"].as_table_mut().unwrap();
            settings.insert(
                "templat".to_owned(),
                toml::Value::Table([("balasan".to_owned(), "reply".into())].into_iter().collect()),
            );
        }
    }
}

fn follow_up(report: &str, number: usize, poisoned: bool) -> Value {
    // More than the system takes: no repetition will ever help.
    let filler = if poisoned { "x".repeat(2_000) } else { String::new() };
    json!({
        "rujukan": format!("TL-{number}"), "id_laporan": report, "jenis": "balasan", "rahasia": false,
        "isi": format!("Petugas sudah ke lokasi{filler} {number}"),
    })
}
