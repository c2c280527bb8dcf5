//! Officers at LAPOR! and in the agencies: every report lives a life drawn from the seed and its ticket, an hour or so
//! between two steps; agencies answer in LAKSA; citizens write to LAPOR! directly and some reports are disposed to the city.

use super::{City, SEED};
use serde_json::json;
use simulators::lapor::Report;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The city's own institution, and another one.
pub(crate) const CITY: u64 = 200_002;
pub(crate) const PROVINCE: u64 = 200_003;
/// Between two rounds of the officers: half an hour by the simulators' clocks.
const ROUND: Duration = Duration::from_millis(500);
/// Longest month.
const BOUND: Duration = Duration::from_secs(900);

enum Step {
    Status(&'static str),
    Note,
    Answer,
    Delete,
}

/// What becomes of a report; the same for the same name.
fn life(name: &str) -> Vec<Step> {
    let mixed = name.bytes().fold(SEED, |hash, byte| {
        hash.wrapping_mul(1_099_511_628_211) ^ u64::from(byte)
    });
    let mut draws = fastrand::Rng::with_seed(mixed);
    let statuses: &[&'static str] = match draws.u8(..100) {
        0..60 => &["Terverifikasi", "Dalam Proses", "Selesai"],
        // Reopened by the reporter.
        60..70 => &["Terverifikasi", "Dalam Proses", "Selesai", "Dalam Proses", "Selesai"],
        70..77 => &["Terverifikasi", "Tunda", "Dalam Proses", "Selesai"],
        77..82 => &["Ditolak"],
        82..86 => &["Diarsipkan"],
        // Steps that must never reach the citizen: backwards, and a name nobody knows.
        86..91 => &[
            "Terverifikasi",
            "Dalam Proses",
            "Terverifikasi",
            "Dalam Proses",
            "Selesai",
            "Terverifikasi",
        ],
        91..95 => &["Terverifikasi", "Sedang Ditelaah", "Dalam Proses", "Selesai"],
        _ => &["Terverifikasi"],
    };
    // Reports of other channels carry their source in the name.
    let deleted = statuses.len() == 1 && statuses[0] == "Terverifikasi" && !name.contains(':');
    let mut steps: Vec<Step> = Vec::new();
    for status in statuses {
        steps.push(Step::Status(status));
        if draws.u8(..100) < 25 {
            steps.push(Step::Note);
        }
    }
    if deleted {
        steps.push(Step::Delete);
    } else if draws.u8(..100) < 35 {
        let at = draws.usize(1..=steps.len());
        steps.insert(at, Step::Answer);
    }
    steps
}

/// Works until every complaint has arrived and every report has lived its life.
pub(crate) async fn work(city: Arc<City>) {
    let nationals = city.complaints.div_ceil(20);
    let mut added = 0;
    let mut lives: BTreeMap<u64, std::vec::IntoIter<Step>> = BTreeMap::new();
    let began = Instant::now();
    loop {
        assert!(
            began.elapsed() < BOUND,
            "the month does not end: {} of {} reports",
            lives.len(),
            city.complaints + nationals
        );
        let doubles: Vec<String> = city
            .neighbours
            .lapor
            .with(|lapor| lapor.doubles().into_iter().map(str::to_owned).collect());
        if let Some(double) = doubles.first() {
            // At once, while the simulator still knows what it was asked.
            panic!(
                "{double} became two reports:\n{}",
                super::agreement::traffic(&city, double)
            );
        }
        let reports = snapshot(&city);
        let arrived = reports.iter().filter(|report| report.origin == "g3").count();
        if added < nationals && arrived * nationals >= added * city.complaints {
            added += 1;
            national(&city, added);
        }
        let mut busy = arrived < city.complaints || added < nationals;
        for report in &reports {
            let name = report
                .reference
                .clone()
                .unwrap_or_else(|| report.text("title").to_owned());
            let steps = lives.entry(report.id).or_insert_with(|| life(&name).into_iter());
            match steps.as_slice().first() {
                None => continue,
                // An answer needs its ticket: of a national report it may still be on its way.
                Some(Step::Answer) if ticket_of(&city, report).is_none() => {}
                // Deleting takes days, a look-up minutes: what LAKSA has not heard of yet is not deleted. (A list does
                // not show deleted reports, so that an unknown create would rightly be sent again.)
                Some(Step::Delete) if !is_known(&city, report) => {}
                Some(_) => {
                    if let Some(step) = steps.next() {
                        take(&city, report, &step);
                    }
                }
            }
            busy = true;
        }
        if !busy {
            return;
        }
        tokio::time::sleep(ROUND).await;
    }
}

fn snapshot(city: &City) -> Vec<Report> {
    city.neighbours
        .lapor
        .with(|lapor| lapor.reports().values().cloned().collect())
}

fn national(city: &City, number: usize) {
    let fields = json!({
        "title": format!("Laporan nasional {number}"), "content": format!("<p>Jalan rusak di Jalan Contoh {number} &amp; sekitarnya.</p>"),
        "is_anonymous": number.is_multiple_of(2), "is_secret": false,
    });
    let fields = fields.as_object().cloned().unwrap();
    city.neighbours.lapor.with(|lapor| lapor.add_report(fields, CITY));
}

/// The ticket of a report: its reference, or the one that LAKSA made of it.
pub(crate) fn ticket_of(city: &City, report: &Report) -> Option<String> {
    let id = report.id.to_string();
    city.neighbours.laksa.with(|laksa| {
        let mut tickets = laksa.tickets().values();
        let of = |number: &str| {
            report
                .reference
                .as_deref()
                .is_some_and(|r| r == number || r.ends_with(&format!(":{number}")))
        };
        tickets
            .find(|ticket| of(&ticket.number) || ticket.origin == "lapor" && ticket.lapor_id.as_ref() == Some(&id))
            .map(|ticket| ticket.number.clone())
    })
}

/// Whether LAKSA knows the report's number; of other channels it never will, and they are left in peace.
fn is_known(city: &City, report: &Report) -> bool {
    let Some(reference) = &report.reference else {
        return true;
    };
    city.neighbours.laksa.with(|laksa| {
        laksa
            .tickets()
            .get(reference)
            .is_some_and(|ticket| ticket.lapor_id.is_some())
    })
}

fn take(city: &City, report: &Report, step: &Step) {
    match step {
        Step::Status(status) => {
            city.neighbours
                .lapor
                .with(|lapor| lapor.set_status(report.id, status, ""));
        }
        Step::Note => {
            let text = format!(
                "<p>Yth. warga,</p> laporan <b>{}</b> diperiksa {{{{ institution_from }}}}",
                report.id
            );
            city.neighbours
                .lapor
                .with(|lapor| lapor.write_followup(report.id, PROVINCE, &text));
        }
        Step::Answer => {
            let Some(ticket) = ticket_of(city, report) else { return };
            let text = format!("Jawaban OPD untuk laporan {}.", report.id);
            city.neighbours
                .laksa
                .with(|laksa| laksa.answer(&ticket, "1.03.01", &text, "proses"));
        }
        Step::Delete => {
            city.neighbours.lapor.with(|lapor| lapor.delete(report.id));
        }
    }
}
