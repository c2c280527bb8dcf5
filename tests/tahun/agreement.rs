//! Whether the gateway and OSS say the same of the year, judged from what the simulator holds.

use super::City;
use super::office::Wanted;
use serde_json::{Value, json};
use simulators::oss::truth::By;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// A subscription to every NIB, made before the first is pushed.
pub(crate) async fn subscribe(city: &City) -> String {
    let wish = json!({"nama": "tahun", "jenis": ["nib.diterima"], "moda": "tarik"});
    let url = format!("{}/v1/langganan", city.node.public());
    let reply = city.client.post(&url, &[], &wish).await.unwrap();
    assert_eq!(reply.status, 201, "{}", reply.json());
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// Every push acknowledged, kept once, told once.
pub(crate) async fn pushes(city: &City, subscription: &str) {
    let pusher = city.neighbours.oss.with(|oss| oss.pusher());
    let mut documents: BTreeMap<String, usize> = BTreeMap::new();
    {
        let records = pusher.records();
        let open: Vec<&str> = records.unacknowledged().take(5).collect();
        assert!(open.is_empty(), "never acknowledged: {open:?}");
        let forged = records
            .documents()
            .values()
            .map(|tally| tally.forged_stored)
            .sum::<u32>();
        assert_eq!(forged, 0, "forged pushes were taken");
        for document in records.documents().keys() {
            let nib = document.split(' ').nth(1).unwrap().to_owned();
            *documents.entry(nib).or_default() += 1;
        }
    }
    let wanted: usize = documents.values().sum();
    assert_eq!(kept(city).await, wanted, "pushes kept");
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let mut after = 0;
    loop {
        let url = format!(
            "{}/v1/peristiwa?langganan={subscription}&setelah={after}&batas=100",
            city.node.public()
        );
        let page = city.client.get(&url).await.unwrap().json();
        for row in page["butir"].as_array().unwrap() {
            let nib = row["peristiwa"]["subject"].as_str().unwrap().to_owned();
            *told.entry(nib).or_default() += 1;
        }
        after = page["posisi"].as_i64().unwrap();
        if page["lagi"] != true {
            break;
        }
    }
    assert!(
        told == documents,
        "{} of {wanted} events told",
        told.values().sum::<usize>()
    );
}

/// Exchanges of NIB pushes, each of them done.
async fn kept(city: &City) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let url = format!(
            "{}/admin/v1/pertukaran?operasi=masuk.oss.receiveNIB&jumlah=200{cursor}",
            city.node.operator()
        );
        let page = city.person.get(&url).await.unwrap().json();
        let rows = page["butir"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["keadaan"] == "terkirim"), "{page}");
        count += rows.len();
        match page["berikut"].as_i64() {
            Some(next) => cursor = format!("&kursor={next}"),
            None => return count,
        }
    }
}

/// Every state once and in order, no licence number burnt.
pub(crate) fn states(city: &City, wanted: &Wanted) {
    city.neighbours.oss.with(|oss| {
        let applications = oss.applications();
        for (id, steps) in &wanted.states {
            let there = applications.get(id);
            let history = there.map_or(&[][..], |there| &there.history);
            let seen = history.iter().filter(|entry| entry.by == By::Status);
            let seen: Vec<(String, i64)> = seen.map(|e| (format!("{:02}", e.code), e.at)).collect();
            let sent: Vec<(String, i64)> = steps.iter().map(|s| (s.kd_status.clone(), s.at)).collect();
            assert_eq!(seen, sent, "{id}");
            assert!(history.iter().all(|entry| entry.wrong == 0), "{id}: {history:?}");
        }
        let burnt: Vec<&str> = oss.burnt().into_iter().collect();
        assert!(burnt.is_empty(), "burnt: {burnt:?}");
    });
    let effects = city.neighbours.oss.effects();
    assert_eq!(effects["numbers_surplus"], 0, "{effects}");
    assert_eq!(effects["numbers_issued"], wanted.licences, "{effects}");
    assert_eq!(effects["numbers_burnt"], 0, "{effects}");
}

/// The clock of every application stands where OSS's stands.
pub(crate) async fn clocks(city: &City) {
    let mut compared = 0;
    let mut after = String::new();
    loop {
        let url = format!("{}/admin/v1/tenggat?setelah={after}&jumlah=1000", city.node.operator());
        let page = city.person.get(&url).await.unwrap().json();
        let rows = page["butir"].as_array().unwrap_or_else(|| panic!("{page}"));
        for row in rows {
            compared += usize::from(same_clock(city, row));
        }
        match page["berikut"].as_str() {
            Some(next) => after = next.replace('/', "%2F"),
            None => break,
        }
    }
    let known = city.neighbours.oss.with(|oss| oss.applications().len());
    assert_eq!(compared, known, "clocks compared");
}

/// Whether OSS has a clock for it; panics when that stands elsewhere.
fn same_clock(city: &City, row: &Value) -> bool {
    let id = row["id"].as_str().unwrap();
    let (theirs, applied) = city.neighbours.oss.with(|oss| {
        let now = jiff::Timestamp::now().as_second();
        let calendar = &oss.options.service.calendar;
        let found = oss.applications().get(id);
        (
            found.map(|application| application.clock_json(now, calendar)),
            found.is_some(),
        )
    });
    let Some(theirs) = theirs else {
        assert_eq!(row["jam"], "belum_mulai", "{row}");
        return applied;
    };
    let word = match theirs["run"].as_str().unwrap() {
        "not_started" => "belum_mulai",
        "running" => "berjalan",
        "held" => "ditahan",
        "paused" => "dijeda",
        "will_restart" => "akan_diulang",
        _ => "berhenti",
    };
    assert_eq!(row["jam"], word, "{row} {theirs}");
    if word == "berjalan" {
        let at = |text: &str| -> jiff::Timestamp { text.parse().unwrap() };
        let ours = at(row["tenggat"].as_str().unwrap());
        let theirs = at(&format!(
            "{}+07:00",
            theirs["deadline"].as_str().unwrap().replace(' ', "T")
        ));
        assert_eq!(ours, theirs, "{row}");
    } else {
        assert_eq!(row["sisa_detik"], theirs["remaining_seconds"], "{row} {theirs}");
    }
    true
}

/// What was measured.
pub(crate) struct Figures {
    pub(crate) kills: u32,
    pub(crate) pushed: Duration,
    pub(crate) reported: Duration,
    pub(crate) took: Duration,
    pub(crate) memory: u64,
    pub(crate) replayed: BTreeMap<String, u32>,
}

/// What the year was, for people.
pub(crate) fn table(city: &City, wanted: &Wanted, figures: &Figures) -> String {
    let effects = city.neighbours.oss.effects();
    let pushes = &effects["pushes"];
    let sum = |counts: &Value| -> u64 {
        let all = counts.as_object().into_iter().flatten();
        all.filter_map(|(_, count)| count.as_u64().or_else(|| count["total"].as_u64()))
            .sum()
    };
    let states: usize = wanted.states.values().map(Vec::len).sum();
    let seconds = |time: Duration| time.as_secs_f64();
    let mut out = String::from("| what | value |\n|---|---|\n");
    let mut row = |what: &str, value: String| {
        let _ = writeln!(out, "| {what} | {value} |");
    };
    row("companies", city.companies.to_string());
    row("documents pushed", pushes["documents"].to_string());
    row(
        "pushes sent, acknowledged, refused (forged), without an answer",
        format!(
            "{}, {}, {}, {}",
            pushes["sent"], pushes["stored"], pushes["not_stored"], pushes["lost"]
        ),
    );
    row(
        "acknowledged within, median / 99 % / longest",
        format!(
            "{:.1} / {:.1} / {:.1} ms",
            pushes["took_us"]["p50"].as_f64().unwrap_or_default() / 1000.0,
            pushes["took_us"]["p99"].as_f64().unwrap_or_default() / 1000.0,
            pushes["took_us"]["most"].as_f64().unwrap_or_default() / 1000.0
        ),
    );
    row(
        "applications, states sent",
        format!("{}, {states}", wanted.states.len()),
    );
    row(
        "states at OSS, wrong of any kind",
        format!("{}, {}", effects["statuses"], sum(&effects["wrong"])),
    );
    row(
        "licences, numbers given, burnt",
        format!(
            "{}, {}, {}",
            wanted.licences, effects["numbers_issued"], effects["numbers_burnt"]
        ),
    );
    row(
        "calls to OSS, faults played",
        format!("{}, {}", sum(&effects["requests"]), sum(&effects["faults_played"])),
    );
    row("gateway killed", figures.kills.to_string());
    row(
        "replayed by a person",
        figures.replayed.values().sum::<u32>().to_string(),
    );
    for (what, count) in &figures.replayed {
        row(&format!("· {what}"), count.to_string());
    }
    let sent = pushes["sent"].as_f64().unwrap_or_default();
    row(
        "pushes per second, while they came",
        format!("{:.0}", sent / seconds(figures.pushed)),
    );
    row(
        "states and licences at OSS per second, over all",
        format!(
            "{:.0}",
            (states as f64 + wanted.licences as f64) / seconds(figures.took)
        ),
    );
    row(
        "taken on after, all done after",
        format!("{:.0} s, {:.0} s", seconds(figures.reported), seconds(figures.took)),
    );
    row("peak memory of the gateway", format!("{} MiB", figures.memory / 1024));
    row(
        "journal on disk",
        format!("{} MiB", city.node.journal_bytes() / 1024 / 1024),
    );
    out
}
