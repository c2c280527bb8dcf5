//! A year of a city's licensing: OSS pushes every NIB, repeats, doubles, changes and forges; the office reports every state
//! and issues every licence; both sides misbehave at random and the gateway is killed now and then. At the end every
//! push was acknowledged and is there once, OSS has every state once and in order, no licence number was burnt, and the
//! service clocks are those of OSS.
//!
//! `SIMPUL_TAHUN=40000` plays a large city's year; without it a few companies are played.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may"
)]

mod agreement;
mod node;
mod office;
mod operator;

use e2e::client::Client;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup, system};
use node::Node;
use simulators::Common;
use simulators::oss::options::CityRule;
use simulators::oss::service::ServiceRule;
use simulators::oss::{Plan, days};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use toml::{Table, Value};

/// The same seed, the same city, pushes and faults.
const SEED: u64 = 671;
/// Companies without `SIMPUL_TAHUN`.
const FEW: u32 = 60;
/// Probability of each of some twenty faults, per call of OSS: about one call in six is spoilt.
const STORM: f64 = 0.01;
/// Days of service time, and of one code that has its own.
const DAYS: u32 = 14;
const DAYS_BY_CODE: (&str, u32) = ("033000000012", 5);
/// Holidays of the invented city, known to both.
const HOLIDAYS: [&str; 3] = ["2026-01-01", "2026-05-01", "2026-08-17"];

/// What everybody in this year shares.
struct City {
    neighbours: Neighbours,
    node: Node,
    client: Client,
    person: Client,
    companies: u32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_of_every_fault_and_both_agree() {
    let companies = std::env::var("SIMPUL_TAHUN").map_or(FEW, |count| count.parse().unwrap());
    let began = Instant::now();
    let city = city(companies).await;
    let subscription = agreement::subscribe(&city).await;
    let pusher = city.neighbours.oss.with(|oss| oss.pusher());
    let plan = Plan {
        parallel: 16,
        seed: SEED,
        repeat: 0.05,
        burst: 0.03,
        update: 0.05,
        same_date_update: 0.03,
        reorder: 0.02,
        revoke: 0.01,
        forge: 0.03,
        ..Plan::default()
    };
    let (job, pushing) = pusher.start(plan);
    let pushing = tokio::spawn(async move {
        let began = Instant::now();
        pushing.await;
        began.elapsed()
    });
    let killing = tokio::spawn(node::kill_now_and_then(Arc::clone(&city)));
    let watching = tokio::spawn(operator::replay_what_waits(Arc::clone(&city)));
    let wanted = office::report_all(&city, &subscription).await;
    let reported = began.elapsed();
    let pushed = pushing.await.unwrap();
    assert!(job.finished());
    let kills = killing.await.unwrap();
    let settled = operator::settled(&city).await;
    let took = began.elapsed();
    let replayed = watching.await.unwrap();
    let memory = city.node.peak_kib();

    println!(
        "{}",
        agreement::table(
            &city,
            &wanted,
            &agreement::Figures {
                kills,
                pushed,
                reported,
                took,
                memory,
                replayed,
            }
        )
    );
    settled.unwrap_or_else(|why| panic!("the year does not come to an end: {why}"));
    agreement::pushes(&city, &subscription).await;
    agreement::states(&city, &wanted);
    agreement::clocks(&city).await;
}

async fn city(companies: u32) -> Arc<City> {
    let now = jiff::Timestamp::now().as_second();
    let rule = CityRule {
        seed: SEED,
        companies,
        // Over by now, so that no state lies in the future.
        start: Some(now - 400 * days::DAY),
        ..CityRule::default()
    };
    let neighbours = Neighbours::start_in(Common::default(), rule).await.unwrap();
    neighbours.oss.with(|oss| {
        oss.options.shows_open_numbers = true;
        oss.options.service = ServiceRule {
            days_by_kind: BTreeMap::new(),
            days_by_code: [(DAYS_BY_CODE.0.to_owned(), DAYS_BY_CODE.1)].into(),
            days: DAYS,
            calendar: days::Calendar {
                every_day: false,
                holidays: HOLIDAYS.iter().map(|day| day.parse().unwrap()).collect(),
            },
            ..ServiceRule::default()
        };
        let pusher = oss.pusher();
        let mut rule = pusher.rule();
        (rule.retries, rule.retry_pause_ms, rule.timeout_ms) = (200, 100, 10_000);
    });
    neighbours.oss.faults().storm(STORM, SEED);
    let setup = Setup::write(&neighbours, scaled).unwrap();
    Arc::new(City {
        client: Client::new(&setup.keys()[CONSUMER]),
        person: Client::new(&setup.keys()[OPERATOR]),
        node: Node::start(setup, &neighbours),
        neighbours,
        companies,
    })
}

/// The sandbox at the pace of a test, with the clock rules of the city.
fn scaled(table: &mut Table) {
    let worker = "serentak = 64\nlihat_setiap = \"200ms\"";
    table["simpul"]
        .as_table_mut()
        .unwrap()
        .insert("pekerja".to_owned(), Value::Table(worker.parse().unwrap()));
    let mut years: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for day in HOLIDAYS {
        years.entry(&day[..4]).or_default().push(Value::String(day.to_owned()));
    }
    let years = years.into_iter().map(|(year, days)| {
        let year = Value::Integer(year.parse().unwrap());
        let pair = [("tahun".to_owned(), year), ("tanggal".to_owned(), Value::Array(days))];
        Value::Table(pair.into_iter().collect())
    });
    table.insert("libur".to_owned(), Value::Array(years.collect()));
    let oss = system(table, "oss").unwrap();
    oss["batas"]["serentak"] = Value::Integer(48);
    let delivery = oss["pengiriman"].as_table_mut().unwrap();
    delivery.insert("percobaan".to_owned(), Value::Integer(40));
    // A machine under load stores late; a look-up must come after that, or it promises too much.
    delivery.insert("tenggat".to_owned(), Value::String("5s".to_owned()));
    delivery.insert("cari_setelah".to_owned(), Value::String("1s".to_owned()));
    let settings = oss["pengaturan"].as_table_mut().unwrap();
    // This OSS shows a number from the moment it is taken.
    settings.insert("nomor_tampak".to_owned(), Value::Boolean(true));
    let (code, days) = DAYS_BY_CODE;
    let clock = format!("hari = {DAYS}\nhitung = \"waktu_kerja\"\nper_izin = {{ \"{code}\" = {days} }}");
    settings.insert("tenggat".to_owned(), Value::Table(clock.parse().unwrap()));
}
