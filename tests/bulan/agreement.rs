//! Whether LAKSA and LAPOR! say the same of every report: judged from what the simulators hold, by rules written here
//! anew and not taken from the product.

use super::City;
use super::citizens::Sent;
use super::officers::{CITY, PROVINCE};
use super::operator::{OVER, open};
use simulators::laksa::Ticket;
use simulators::lapor::Report;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long the last news may take.
const BOUND: Duration = Duration::from_secs(150);

/// Waits until both agree and nothing is under way.
///
/// # Errors
/// What they differ about.
pub(crate) async fn reached(city: &City, sent: &BTreeMap<String, Sent>) -> Result<(), String> {
    let began = Instant::now();
    let told = loop {
        let found = differences(city, sent);
        if found.is_empty() && open(city).await == 0 {
            break Ok(());
        }
        if began.elapsed() > BOUND {
            break Err(format!(
                "{} differences, {} open\n{}",
                found.len(),
                open(city).await,
                found.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
            ));
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    };
    OVER.store(true, Ordering::Relaxed);
    told
}

fn differences(city: &City, sent: &BTreeMap<String, Sent>) -> Vec<String> {
    let (reports, doubles) = city.neighbours.lapor.with(|lapor| {
        let doubles: Vec<String> = lapor.doubles().into_iter().map(str::to_owned).collect();
        (lapor.reports().clone(), doubles)
    });
    let (tickets, made_twice) = city.neighbours.laksa.with(|laksa| {
        let doubles: Vec<String> = laksa.doubles().into_iter().map(str::to_owned).collect();
        (laksa.tickets().clone(), doubles)
    });
    let answers = given(city);
    let mut found: Vec<String> = Vec::new();
    found.extend(
        doubles
            .iter()
            .map(|r| format!("{r}: more than one report\n{}", traffic(city, r))),
    );
    found.extend(made_twice.iter().map(|r| format!("report {r}: more than one ticket")));
    if sent.len() != city.complaints {
        found.push(format!("{} of {} complaints arrived", sent.len(), city.complaints));
    }
    for (number, sent) in sent {
        let (Some(report), Some(ticket)) = (reports.get(&sent.report), tickets.get(number)) else {
            found.push(format!("{number}: lost"));
            continue;
        };
        if report.attachments.len() != sent.files {
            found.push(format!(
                "{number}: {} of {} files",
                report.attachments.len(),
                sent.files
            ));
        }
        if sent.source == "laksa" {
            found.extend(of_ticket(report, ticket, &["diterima"]));
        } else if !ticket.history.is_empty() {
            found.push(format!("{number}: of another channel, and written to"));
        }
        found.extend(of_answers(&answers, report, number));
    }
    for report in reports.values().filter(|report| report.origin == "national") {
        let id = report.id.to_string();
        match tickets
            .values()
            .find(|t| t.origin == "lapor" && t.lapor_id.as_ref() == Some(&id))
        {
            Some(ticket) => {
                found.extend(of_ticket(report, ticket, &[]));
                found.extend(of_answers(&answers, report, &ticket.number));
            }
            // Deleted before anybody could read it.
            None if report.deleted => {}
            None => found.push(format!("national report {id}: no ticket")),
        }
    }
    let nationals = reports.values().filter(|report| report.origin == "national").count();
    let (made, all) = (tickets.values().filter(|t| t.origin == "lapor").count(), tickets.len());
    if made > nationals || all > city.complaints + nationals {
        found.push(format!("{all} tickets, {made} of them from LAPOR!: an echo came back"));
    }
    found
}

/// Statuses and follow-ups that must have reached the citizen, and no others.
fn of_ticket(report: &Report, ticket: &Ticket, before: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let number = &ticket.number;
    let expected: Vec<&str> = before.iter().copied().chain(orderly(report)).collect();
    let written = ticket.history.iter().filter(|change| !change.flags.repeated);
    let seen: Vec<&str> = written.map(|change| change.detail.as_str()).collect();
    let same = if report.deleted {
        // What happened in the hour before the deletion may never have been read.
        expected.starts_with(&seen)
    } else {
        seen == expected
    };
    if !same {
        found.push(format!("{number}: statuses {seen:?}, wanted {expected:?}"));
    }
    if ticket
        .history
        .iter()
        .any(|c| c.flags.regression || c.flags.out_of_order && !c.flags.repeated)
    {
        found.push(format!("{number}: a status came out of order"));
    }
    let last = expected.last().map_or("menunggu", |status| word(status));
    if !report.deleted && ticket.status != last {
        found.push(format!("{number}: stands at {}, wanted {last}", ticket.status));
    }
    let of_others = report.entries.iter().filter(|e| e.from != Some(CITY) && !e.followup);
    for entry in of_others {
        let times = ticket.followups.iter().filter(|f| f.id == entry.id.to_string()).count();
        let wanted = usize::from(!report.deleted);
        if times > 1 || times < wanted && entry.from == Some(PROVINCE) {
            found.push(format!("{number}: follow-up {} came {times} times", entry.id));
        }
    }
    let ours = ticket.followups.iter().any(|f| f.text.contains("Jawaban OPD"));
    if ours {
        found.push(format!("{number}: the city's own answer came back"));
    }
    found
}

/// What LAPOR! was asked about one reference, for whoever looks into a double.
pub(crate) fn traffic(city: &City, reference: &str) -> String {
    let requests = city.neighbours.lapor.requests();
    let about = requests.iter().filter(|request| request.raw().contains(reference));
    about
        .map(|r| format!("    {} {} {} {:?}\n", r.number, r.endpoint, r.status, r.faults))
        .collect()
}

/// What agencies answered, by ticket.
fn given(city: &City) -> BTreeMap<String, Vec<String>> {
    let state = city.neighbours.laksa.state();
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for answer in state["answers"].as_array().into_iter().flatten() {
        let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        given.entry(text("tiket")).or_default().push(text("isi"));
    }
    given
}

/// Each answer of an agency stands once in the report.
fn of_answers(given: &BTreeMap<String, Vec<String>>, report: &Report, ticket: &str) -> Vec<String> {
    let given = given.get(ticket).map(Vec::as_slice).unwrap_or_default();
    let times = |text: &str| {
        report
            .entries
            .iter()
            .filter(|e| e.followup && e.content == text)
            .count()
    };
    given
        .iter()
        .filter(|text| times(text) != 1)
        .map(|text| format!("{ticket}: answer {text:?} came {} times", times(text)))
        .collect()
}

/// Canonical word of a native name; `None` when nobody knows it.
fn canonical(name: &str) -> Option<(&'static str, u8)> {
    Some(match name {
        "Belum Terverifikasi" => ("belum_terverifikasi", 0),
        "Terverifikasi" => ("terverifikasi", 1),
        "Dalam Proses" => ("diproses", 2),
        "Tunda" => ("menunggu_pelapor", 2),
        "Selesai" => ("selesai", 3),
        "Diarsipkan" => ("diarsipkan", 3),
        "Ditolak" => ("ditolak", 3),
        _ => return None,
    })
}

/// The changes a citizen may hear of, oldest first: known, and forwards, or reopened.
fn orderly(report: &Report) -> Vec<&'static str> {
    let mut heard: Vec<(&'static str, u8)> = Vec::new();
    for (_, new) in report.entries.iter().filter_map(|entry| entry.change.as_ref()) {
        let Some((status, rank)) = canonical(&new.name) else {
            continue;
        };
        let reopened = heard.last().is_some_and(|(last, _)| *last == "selesai") && status == "diproses";
        if reopened || heard.last().is_none_or(|(_, before)| rank >= *before) {
            heard.push((status, rank));
        }
    }
    heard.into_iter().map(|(status, _)| status).collect()
}

fn word(status: &str) -> &'static str {
    match status {
        "diproses" => "proses",
        "selesai" | "diarsipkan" | "ditolak" => "selesai",
        _ => "menunggu",
    }
}

/// What the month was, for people.
pub(crate) fn table(
    city: &City,
    replayed: &BTreeMap<String, u32>,
    waiting: &[serde_json::Value],
    took: Duration,
) -> String {
    let (lapor, laksa) = (city.neighbours.lapor.effects(), city.neighbours.laksa.effects());
    let requests = |effects: &serde_json::Value| -> u64 {
        let all = effects["requests"].as_object().into_iter().flatten();
        all.filter_map(|(_, counts)| counts["total"].as_u64()).sum()
    };
    let faults = |effects: &serde_json::Value| -> u64 {
        let all = effects["faults_played"].as_object().into_iter().flatten();
        all.filter_map(|(_, count)| count.as_u64()).sum()
    };
    let mut out = String::new();
    let mut row = |what: &str, value: String| {
        let _ = writeln!(out, "| {what} | {value} |");
    };
    row("complaints", city.complaints.to_string());
    row("national reports disposed to the city", laksa["added"].to_string());
    row(
        "requests to LAPOR! / LAKSA",
        format!("{} / {}", requests(&lapor), requests(&laksa)),
    );
    row(
        "faults played by LAPOR! / LAKSA",
        format!("{} / {}", faults(&lapor), faults(&laksa)),
    );
    row(
        "reports created, doubles",
        format!(
            "{}, {}",
            lapor["creates"],
            lapor["doubles"].as_array().map_or(0, Vec::len)
        ),
    );
    row(
        "tickets made of reports, doubles",
        format!(
            "{}, {}",
            laksa["added"],
            laksa["doubles"].as_array().map_or(0, Vec::len)
        ),
    );
    row(
        "statuses written, out of order, regressions",
        format!(
            "{}, {}, {}",
            laksa["statuses"], laksa["out_of_order"], laksa["regressions"]
        ),
    );
    row(
        "follow-ups to LAPOR!, repeated",
        format!("{}, {}", lapor["followups"], lapor["followups_repeated"]),
    );
    row(
        "follow-ups to LAKSA, repeated",
        format!("{}, {}", laksa["followups"], laksa["followups_repeated"]),
    );
    row("replayed by a person", replayed.values().sum::<u32>().to_string());
    for (what, count) in replayed {
        row(&format!("· {what}"), count.to_string());
    }
    row("still waiting for a person, with a reason", waiting.len().to_string());
    row("took", format!("{:.0} s", took.as_secs_f64()));
    out
}
