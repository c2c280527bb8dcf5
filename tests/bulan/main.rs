//! A month of a city in minutes: complaints from LAKSA to LAPOR!, national reports to LAKSA, statuses, follow-ups and
//! answers both ways, while both simulators misbehave in every way they know, at random. At the end both agree.
//!
//! `SIMPUL_BULAN=1200` plays the whole month (the city's forty a day); without it a seeded tenth is played.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may"
)]

mod agreement;
mod citizens;
mod officers;
mod operator;

use e2e::client::Client;
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup, hurry, system};
use simulators::Common;
use std::sync::Arc;
use std::time::Instant;
use toml::{Table, Value};

/// The same seed, the same complaints, lives and faults.
const SEED: u64 = 20_260_201;
/// Complaints without `SIMPUL_BULAN`.
const TENTH: usize = 120;
/// Probability of each of some twenty faults, per request: about one request in six is spoilt.
const STORM: f64 = 0.01;
/// An hour of the city passes in a second.
const SPEED: f64 = 3600.0;

/// What everybody in this month shares.
struct City {
    neighbours: Neighbours,
    client: Client,
    operator: Client,
    gateway: String,
    operator_url: String,
    /// Complaints of citizens.
    complaints: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_agree_after_a_month_of_every_fault() {
    let complaints = std::env::var("SIMPUL_BULAN").map_or(TENTH, |count| count.parse().unwrap());
    let began = Instant::now();
    let common = Common {
        start: jiff::Timestamp::now(),
        speed: SPEED,
        ..Common::default()
    };
    let neighbours = Neighbours::start_with(common).await.unwrap();
    neighbours.lapor.with(|lapor| lapor.options.list_lag_seconds = 300);
    neighbours.lapor.faults().storm(STORM, SEED);
    neighbours.laksa.faults().storm(STORM, SEED + 1000);
    let setup = Setup::write(&neighbours, scaled).unwrap();
    let inside = Inside::start(&setup).await.unwrap();
    let targets = inside.targets(&setup, &neighbours);
    let city = Arc::new(City {
        client: Client::new(&setup.keys()[CONSUMER]),
        operator: Client::new(&setup.keys()[OPERATOR]),
        gateway: targets.gateway,
        operator_url: targets.operator,
        neighbours,
        complaints,
    });

    let watching = tokio::spawn(operator::replay_what_waits(Arc::clone(&city)));
    let working = tokio::spawn(officers::work(Arc::clone(&city)));
    let reports = citizens::complain(&city).await;
    working.await.unwrap();
    println!(
        "bulan: {complaints} complaints sent and lived in {:.0?}",
        began.elapsed()
    );
    let told = agreement::reached(&city, &reports).await;
    let replayed = watching.await.unwrap();
    let waiting = operator::waiting(&city).await;
    inside.stop().await.unwrap();

    let table = agreement::table(&city, &replayed, &waiting, began.elapsed());
    println!("{table}");
    told.unwrap_or_else(|differences| panic!("the month does not end in agreement:\n{differences}"));
    for exchange in &waiting {
        let reason = exchange["alasan"].as_str().unwrap_or_default();
        assert!(!reason.is_empty(), "parked without a reason: {exchange}");
    }
}

/// The sandbox with its hours as fractions of a second.
fn scaled(table: &mut Table) {
    hurry(table, "700ms", "3s").unwrap();
    for follow in table["ikuti"].as_array_mut().unwrap() {
        let follow = follow.as_table_mut().unwrap();
        // Long enough to hear of a reopening; a month of days in a minute.
        follow.insert("tenggang".to_owned(), Value::String("60s".to_owned()));
    }
    let worker = Value::Table("serentak = 64\nlihat_setiap = \"200ms\"".parse().unwrap());
    table["simpul"]
        .as_table_mut()
        .unwrap()
        .insert("pekerja".to_owned(), worker);
    let lapor = system(table, "lapor").unwrap();
    // Wider pages, so that a round over all reports is a few requests.
    let wide = lapor["pengaturan"]["masuk"]["tambahan"].as_table_mut().unwrap();
    wide.insert("page_size".to_owned(), Value::String("200".to_owned()));
    for id in ["lapor", "laksa"] {
        let system = system(table, id).unwrap();
        let delivery = system["pengiriman"].as_table_mut().unwrap();
        delivery.insert("percobaan".to_owned(), Value::Integer(40));
        // A machine under load stores late; a look-up must come after that, or it promises too much.
        delivery.insert("tenggat".to_owned(), Value::String("5s".to_owned()));
        delivery.insert("cari_setelah".to_owned(), Value::String("3s".to_owned()));
    }
}
