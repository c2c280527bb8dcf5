//! A pull whose gateway is killed half-way goes on at its last page, on both journals.

use crate::world::only;
use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::neighbours::{Neighbours, city};
use e2e::setup::{CONSUMER, OPERATOR, Setup, system};
use serde_json::Value;
use simulators::Common;
use simulators::city::Method;
use simulators::frame::Fault;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use toml::{Table, Value as Toml};

const GATEWAY: &str = env!("CARGO_BIN_EXE_simpul-uji");
/// Pages that are there when the gateway is killed.
const PAGES: usize = 6;
/// Longer than another node waits before it takes a run over.
const PAST_THE_LEASE: &str = "200";

async fn killed_half_way(change: impl FnOnce(&mut Table), more: &[(&str, &str)]) {
    let neighbours = Neighbours::start_city(Common::default(), city(400)).await.unwrap();
    let mut setup = Setup::with_copies(&neighbours, |table| {
        only(table, &["rup"]);
        let settings = system(table, "spse").unwrap().get_mut("pengaturan").unwrap();
        settings
            .as_table_mut()
            .unwrap()
            .insert("batas".to_owned(), Toml::Integer(20));
        change(table);
    })
    .unwrap();
    for (name, value) in more {
        setup.tell(name, value);
    }
    let packages = neighbours.spse.with(|spse| spse.city());
    let wanted: BTreeSet<String> = packages
        .packages
        .iter()
        .filter(|package| !matches!(package.method, Method::OwnWork(_)))
        .map(|package| package.rup.to_string())
        .collect();
    let pages = wanted.len().div_ceil(20);
    assert!(pages > 2 * PAGES);

    neighbours.spse.faults().always("gateway", Fault::Slow { ms: 60 });
    let lines = Lines::default();
    let mut first = Child::start(Path::new(GATEWAY), &setup, &lines, &[]).unwrap();
    let asked = || neighbours.spse.requests().len();
    let enough = until(Duration::from_secs(60), async || {
        (asked() >= PAGES).then_some(()).ok_or_else(|| asked().to_string())
    });
    enough.await.unwrap();
    first.kill();
    let before = asked();
    assert!(before < pages, "it was killed before its end");

    let clock = setup.path().join("jam");
    std::fs::write(&clock, PAST_THE_LEASE).unwrap();
    let seam = [("SIMPUL_UJI_JAM".to_owned(), clock.display().to_string())];
    let second = Child::start(Path::new(GATEWAY), &setup, &lines, &seam).unwrap();
    let operator = Client::new(&setup.keys()[OPERATOR]);
    let view = until(Duration::from_secs(60), async || {
        let url = format!("{}/admin/v1/salinan/rup", second.operator);
        let view = operator.get(&url).await?.json();
        view["riwayat"][0]
            .is_object()
            .then_some(view.clone())
            .ok_or_else(|| view.to_string())
    });
    let run = view.await.unwrap()["riwayat"][0].clone();
    assert_eq!(run["lengkap"], true, "{run}");
    assert_eq!(
        (run["nomor"].as_u64(), run["butir"].as_u64()),
        (Some(1), Some(wanted.len() as u64)),
        "{run}"
    );
    // It went on: the first thing asked for was a later page, and at most the one in flight was asked for again.
    let all = neighbours.spse.requests();
    assert!(all[before].target.contains("cursor="), "{}", all[before].target);
    assert!(all.len() <= pages + 1, "{} requests for {pages} pages", all.len());

    let consumer = Client::new(&setup.keys()[CONSUMER]);
    let reply = consumer
        .get(&format!("{}/v1/pengadaan/rup?format=ndjson", second.gateway))
        .await
        .unwrap();
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    let kept: BTreeSet<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["kode_rup"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(kept, wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_killed_half_way_goes_on_with_sqlite() {
    killed_half_way(|_| (), &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "tests alone may ask where their database is")]
async fn a_pull_killed_half_way_goes_on_with_postgresql() {
    let Ok(database) = std::env::var("SIMPUL_TEST_PG") else {
        println!("skipped: SIMPUL_TEST_PG is not set");
        return;
    };
    let schema = format!("uji_salinan_{}", std::process::id());
    let master = "07".repeat(32);
    let journal = format!(
        "jenis = \"postgres\"\nkoneksi = {{ env = \"SIMPUL_UJI_JURNAL\" }}\nskema = \"{schema}\"\n\
         kunci_induk = {{ env = \"SIMPUL_UJI_INDUK\" }}"
    );
    let change = |table: &mut Table| {
        table["simpul"]["nama"] = Toml::String("simpul-1".to_owned());
        table["simpul"]["jurnal"] = Toml::Table(journal.parse().unwrap());
    };
    let secrets = [
        ("SIMPUL_UJI_JURNAL", database.as_str()),
        ("SIMPUL_UJI_INDUK", master.as_str()),
    ];
    killed_half_way(change, &secrets).await;
}
