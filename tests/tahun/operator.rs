//! The city's operator: replays what waits for a person, a few times each, and sees when nothing is under way any more.

use super::City;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Replays of one exchange before it is left alone.
const REPLAYS: u32 = 5;
/// How long nothing may change before the year is given up.
const STANDSTILL: Duration = Duration::from_secs(30);
/// States in which the gateway works on an exchange.
const OPEN: [&str; 4] = ["diterima", "dikirim", "menunggu_ulang", "hasil_belum_pasti"];
/// States in which it waits for a person.
const FOR_A_PERSON: [&str; 2] = ["gagal", "hasil_tidak_pasti"];
/// Set when nothing is under way, or nothing moves.
pub(crate) static OVER: AtomicBool = AtomicBool::new(false);

/// Looks every second; gives what was replayed, by operation and reason.
pub(crate) async fn replay_what_waits(city: Arc<City>) -> BTreeMap<String, u32> {
    let mut tries: BTreeMap<String, u32> = BTreeMap::new();
    let mut replayed = BTreeMap::new();
    while !OVER.load(Ordering::Relaxed) {
        city.node.forget_lines();
        for exchange in waiting(&city).await {
            let id = exchange["id"].as_str().unwrap_or_default().to_owned();
            let tried = tries.entry(id.clone()).or_default();
            if *tried >= REPLAYS {
                continue;
            }
            *tried += 1;
            let url = format!("{}/admin/v1/pertukaran/{id}/kirim-ulang", city.node.operator());
            // A gateway that has just been killed is asked again at the next look.
            let asked = city
                .person
                .post(&url, &[], &json!({"alasan": "diperiksa petugas"}))
                .await;
            if asked.is_ok_and(|reply| reply.status < 300) {
                let text = |field: &str| exchange[field].as_str().unwrap_or_default().to_owned();
                *replayed
                    .entry(format!("{} · {}", text("operasi"), text("alasan")))
                    .or_default() += 1;
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    replayed
}

async fn waiting(city: &City) -> Vec<Value> {
    let url = format!(
        "{}/admin/v1/pertukaran?keadaan=gagal,hasil_tidak_pasti&jumlah=200",
        city.node.operator()
    );
    let reply = city.person.get(&url).await;
    let list = reply.map(|reply| reply.json()["butir"].as_array().cloned());
    list.ok().flatten().unwrap_or_default()
}

/// Exchanges by system and state.
pub(crate) async fn queues(city: &City) -> Result<BTreeMap<(String, String), u64>, String> {
    let url = format!("{}/admin/v1/antrean", city.node.operator());
    let reply = city.person.get(&url).await?.json();
    let rows = reply["butir"].as_array().ok_or_else(|| reply.to_string())?;
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| {
        let count = row["jumlah"].as_u64().unwrap_or_default();
        ((text(row, "sistem"), text(row, "keadaan")), count)
    };
    Ok(rows.iter().map(row).collect())
}

/// Waits until nothing is under way and nothing waits for a person any more.
pub(crate) async fn settled(city: &City) -> Result<(), String> {
    let (mut before, mut since) = (String::new(), Instant::now());
    let told = loop {
        let queues = queues(city).await.unwrap();
        let ours = queues.iter().filter(|((system, _), _)| system.ends_with("oss"));
        let left =
            ours.filter(|((_, state), _)| OPEN.contains(&state.as_str()) || FOR_A_PERSON.contains(&state.as_str()));
        if left.map(|(_, count)| count).sum::<u64>() == 0 {
            break Ok(());
        }
        let now = format!("{queues:?}");
        if now != before {
            (before, since) = (now, Instant::now());
        } else if since.elapsed() > STANDSTILL {
            println!("waits for a person: {}", json!(waiting(city).await));
            break Err(before);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    OVER.store(true, Ordering::Relaxed);
    told
}
