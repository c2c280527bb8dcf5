//! The city's whole year through faults of both systems: what the copies hold, page, and export equals what the simulators
//! have, money to the last decimal. The gateway is a process of its own, whose memory is measured.
//!
//! Full size, 15,000 packages, 80,000 budget lines, 25,000 SP2D: `SIMPUL_TAHUN=penuh cargo test -p e2e --test salinan setahun
//! -- --nocapture`.

use crate::world::only;
use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::neighbours::{Neighbours, city};
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::Value;
use simulators::Common;
use simulators::city::{CityOptions, Method, Money};
use simulators::frame::Fault;
use simulators::sipd::Limit;
use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

const GATEWAY: &str = env!("CARGO_BIN_EXE_simpul-uji");
const COPIES: [&str; 10] = [
    "rup",
    "rup_swakelola",
    "paket_anggaran",
    "tender",
    "kontrak_non_tender",
    "bayar_non_tender",
    "rincian-belanja",
    "anggaran-kas",
    "sp2d",
    "realisasi",
];
/// More than a run waits after its first failures.
const PAUSE: i64 = 120;

struct Year {
    neighbours: Neighbours,
    child: Child,
    consumer: Client,
    operator: Client,
    setup: Setup,
}

impl Year {
    async fn text(&self, target: &str) -> String {
        let reply = self
            .consumer
            .get(&format!("{}{target}", self.child.gateway))
            .await
            .unwrap();
        assert_eq!(reply.status, 200, "{target}: {}", reply.json());
        String::from_utf8(reply.body.to_vec()).unwrap()
    }

    /// Waits until every copy is whole; pauses after faults pass at once. The records that came.
    async fn whole(&self, patience: Duration) -> u64 {
        let clock = self.setup.path().join("jam");
        let ahead = Cell::new(0);
        let mut rows = 0;
        for copy in COPIES {
            let url = format!("{}/admin/v1/salinan/{copy}", self.child.operator);
            let look = async || {
                let view = self.operator.get(&url).await?.json();
                let newest = &view["riwayat"][0];
                if newest["lengkap"] == true {
                    return Ok(newest["butir"].as_u64().unwrap_or_default());
                }
                if view["gangguan"].is_string() && view["berjalan"] == false {
                    ahead.set(ahead.get() + PAUSE);
                    std::fs::write(&clock, ahead.get().to_string()).map_err(|error| error.to_string())?;
                }
                Err(view.to_string())
            };
            rows += until(patience, look).await.unwrap();
        }
        rows
    }

    /// The same sum of a copy in all three forms, and its records.
    async fn sum(&self, path: &str, member: &str) -> (usize, Money) {
        let lines = self.text(&format!("{path}?format=ndjson")).await;
        let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let amounts = records.iter().filter_map(|record| record[member].as_str());
        let total: Money = amounts.map(money).sum();

        let table = self.text(&format!("{path}?format=csv&bidang={member}")).await;
        let cells: Vec<&str> = table.lines().skip(1).collect();
        assert_eq!(cells.len(), records.len(), "{path}");
        let filled = cells
            .iter()
            .map(|cell| cell.trim().trim_matches('"'))
            .filter(|cell| !cell.is_empty());
        assert_eq!(filled.map(money).sum::<Money>(), total, "{path} as a table");

        let (mut paged, mut seen, mut cursor) = (Money::ZERO, 0, String::new());
        loop {
            let page: Value =
                serde_json::from_str(&self.text(&format!("{path}?batas=1000&bidang={member}{cursor}")).await).unwrap();
            let rows = page["butir"].as_array().unwrap();
            seen += rows.len();
            paged += rows.iter().filter_map(|row| row[member].as_str()).map(money).sum();
            match page["kursor_berikut"].as_str() {
                Some(next) => cursor = format!("&kursor={next}"),
                None => break,
            }
        }
        assert_eq!((seen, paged), (records.len(), total), "{path} page by page");
        (records.len(), total)
    }
}

fn money(text: &str) -> Money {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    Money::rupiah(whole.parse().unwrap()) + Money::parts(format!("{rest:0<4}").parse().unwrap())
}

/// Peak resident memory of a process in MiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("0");
    let kib: String = line.chars().filter(char::is_ascii_digit).collect();
    kib.parse::<u64>().unwrap_or(0) / 1024
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much a test does is not configuration of the product"
)]
fn is_full() -> bool {
    std::env::var("SIMPUL_TAHUN").is_ok_and(|size| size == "penuh")
}

fn spoil(neighbours: &Neighbours) {
    let faults = [
        Fault::HangUpBeforeStoring,
        Fault::HalfReply,
        Fault::Unavailable { retry_after: Some(1) },
        Fault::HtmlErrorPage { status: 502 },
    ];
    for (seed, fault) in (1..).zip(faults) {
        neighbours.spse.faults().chance("gateway", fault.clone(), 0.08, seed);
        neighbours.sipd.faults().chance("*", fault, 0.01, seed);
    }
    neighbours.sipd.with(|sipd| {
        sipd.options.quirks.limit = Limit::Text;
        sipd.options.quirks.limit_every = 211;
        sipd.options.quirks.token_key_every = 307;
        sipd.options.quirks.nan_every = 5;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_year_pulled_through_faults_equals_the_city_in_every_form() {
    let full = is_full();
    let (options, patience) = match full {
        true => (CityOptions::default(), Duration::from_secs(3600)),
        false => (city(500), Duration::from_secs(120)),
    };
    let neighbours = Neighbours::start_city(Common::default(), options).await.unwrap();
    spoil(&neighbours);
    let setup = Setup::with_copies(&neighbours, |table| only(table, &COPIES)).unwrap();
    let clock = setup.path().join("jam").display().to_string();
    let began = Instant::now();
    let seam = [("SIMPUL_UJI_JAM".to_owned(), clock)];
    let child = Child::start(Path::new(GATEWAY), &setup, &Lines::default(), &seam).unwrap();
    let year = Year {
        consumer: Client::new(&setup.keys()[CONSUMER]).patient(patience),
        operator: Client::new(&setup.keys()[OPERATOR]),
        neighbours,
        child,
        setup,
    };
    let rows = year.whole(patience).await;
    let (seconds, memory) = (began.elapsed().as_secs_f64(), peak(year.child.id()));
    assert!(memory < 1024, "{memory} MiB");
    let spoiled = [
        year.neighbours.spse.faults().fired(),
        year.neighbours.sipd.faults().fired(),
    ];
    let spoiled: u64 = spoiled.iter().flat_map(|fired| fired.values()).sum();
    assert!(spoiled > 0);
    println!("{rows} records, {spoiled} faults, {seconds:.0} s, peak {memory} MiB");

    let books = year.neighbours.sipd.with(|sipd| sipd.year());
    let town = &books.city;
    let lines = town.lines.len();
    assert_eq!(
        year.sum("/v1/anggaran/rincian-belanja", "total_harga").await,
        (lines, books.budget())
    );
    assert_eq!(
        year.sum("/v1/anggaran/kas", "nilai_uang").await,
        (books.cells.len(), books.budget())
    );
    let orders = town.payments.len();
    assert_eq!(
        year.sum("/v1/perbendaharaan/sp2d", "nilai_uang").await,
        (orders, books.paid())
    );
    let spent: Money = books.cells.iter().map(|cell| cell.paid).sum();
    assert_eq!(year.sum("/v1/anggaran/realisasi", "realisasi").await.1, spent);
    assert_eq!(year.sum("/v1/anggaran/realisasi", "anggaran").await.1, books.budget());

    let planned = |own: bool| {
        let chosen = town
            .packages
            .iter()
            .filter(move |p| matches!(p.method, Method::OwnWork(_)) == own);
        (chosen.clone().count(), chosen.map(|p| p.pagu).sum::<Money>())
    };
    assert_eq!(year.sum("/v1/pengadaan/rup", "pagu").await, planned(false));
    assert_eq!(year.sum("/v1/pengadaan/rup-swakelola", "pagu").await, planned(true));
    assert_eq!(year.sum("/v1/pengadaan/anggaran", "pagu").await.1, planned(false).1);
    let direct = town.contracts.iter().filter(|contract| {
        let method = town.packages[contract.package].method;
        !matches!(method, Method::Tender | Method::Selection)
    });
    let billed: Money = direct
        .flat_map(|contract| &contract.bills)
        .map(|bill| bill.amount)
        .sum();
    assert_eq!(year.sum("/v1/pengadaan/bayar-non-tender", "pembayaran").await.1, billed);
}
