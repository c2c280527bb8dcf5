//! The city's operator: replays what waits for a person, a few times each; what still waits then stays parked with its
//! reason. A system that denies having a record is not asked again.

use super::City;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Replays of one exchange before it is left alone.
const REPLAYS: u32 = 5;
/// Set when both systems agree, or never will.
pub(crate) static OVER: AtomicBool = AtomicBool::new(false);

/// Looks every second; gives what was replayed, by operation and reason.
pub(crate) async fn replay_what_waits(city: Arc<City>) -> BTreeMap<String, u32> {
    let mut tries: BTreeMap<String, u32> = BTreeMap::new();
    let mut replayed = BTreeMap::new();
    while !OVER.load(Ordering::Relaxed) {
        for exchange in waiting(&city).await {
            let id = exchange["id"].as_str().unwrap().to_owned();
            let gone = exchange["masalah"]["jenis"] == "not_found";
            let tried = tries.entry(id.clone()).or_default();
            if gone || *tried >= REPLAYS {
                continue;
            }
            *tried += 1;
            let url = format!("{}/admin/v1/pertukaran/{id}/kirim-ulang", city.operator_url);
            let reply = city
                .operator
                .post(&url, &[], &json!({"alasan": "diperiksa petugas"}))
                .await
                .unwrap();
            assert!(
                reply.status < 300 || reply.status == 409,
                "{} {}",
                reply.status,
                reply.json()
            );
            let text = |field: &str| exchange[field].as_str().unwrap_or_default().to_owned();
            *replayed
                .entry(format!("{} · {}", text("operasi"), text("alasan")))
                .or_default() += 1;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    replayed
}

/// Dead letters and parked exchanges.
pub(crate) async fn waiting(city: &City) -> Vec<Value> {
    let url = format!(
        "{}/admin/v1/pertukaran?keadaan=gagal,hasil_tidak_pasti&jumlah=200",
        city.operator_url
    );
    let reply = city.operator.get(&url).await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.json());
    reply.json()["butir"].as_array().cloned().unwrap_or_default()
}

/// How many exchanges of writing operations are still open.
pub(crate) async fn open(city: &City) -> usize {
    let mut count = 0;
    for operation in [
        "pengaduan.kirim",
        "laksa.status.tulis",
        "laksa.tindak_lanjut.tulis",
        "laksa.tiket.buat",
        "pengaduan.tindak_lanjut.kirim",
    ] {
        let url = format!(
            "{}/admin/v1/pertukaran?keadaan=diterima,dikirim,menunggu_ulang,hasil_belum_pasti&operasi={operation}&jumlah=200",
            city.operator_url
        );
        let reply = city.operator.get(&url).await.unwrap();
        count += reply.json()["butir"].as_array().map_or(0, Vec::len);
    }
    count
}
