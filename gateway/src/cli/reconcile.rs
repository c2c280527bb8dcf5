//! `simpul rekonsiliasi`: in what our records differ from their system; a run on request, followed until it ends.

use super::client::{self, Client, Remote, Trouble};
use super::exit::Exit;
use super::say::Voice;
use super::table::table;
use super::words;
use clap::Args;
use indicatif::ProgressBar;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::time::Duration;

/// Pause between looks at a run.
const LOOK: Duration = Duration::from_millis(500);
/// Differences on a page.
const PAGE: usize = 1000;

/// Which system.
#[derive(Debug, Args)]
pub(super) struct Reconcile {
    /// Sistem, misalnya oss; tanpa ini: semua yang dibandingkan / a system; without: all that are compared.
    sistem: Option<String>,
    /// Bandingkan sekarang dan tunggu selesai / compare now and wait for the end.
    #[arg(long, requires = "sistem")]
    sekarang: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Shows, or compares first. Differences are an answer: the exit code says whether there are any.
pub(super) fn reconcile(voice: &Voice, asked: &Reconcile) -> Exit {
    client::with(voice, &asked.remote, |client| async move {
        let Some(system) = &asked.sistem else {
            let all = client.get("/rekonsiliasi").await?;
            voice.answer(&all, || listed(voice, &all));
            return Ok(Exit::Fine);
        };
        let path = format!("/rekonsiliasi/{}", utf8_percent_encode(system, NON_ALPHANUMERIC));
        if asked.sekarang {
            follow(voice, &path, &client).await?;
        }
        let found = whole(&path, &client).await?;
        voice.answer(&found, || shown(voice, &found));
        let none = found["selisih"].as_array().is_some_and(Vec::is_empty);
        Ok(none.into())
    })
}

async fn follow(voice: &Voice, path: &str, client: &Client) -> Result<(), Trouble> {
    let began = |view: &Value| view["terakhir"]["mulai"].as_str().map(str::to_owned);
    let before = began(&client.get(path).await?);
    client.post(&format!("{path}/jalankan"), &json!({})).await?;
    let bar = match voice.is_json() || !std::io::stderr().is_terminal() {
        true => ProgressBar::hidden(),
        false => ProgressBar::new_spinner(),
    };
    loop {
        let view = client.get(path).await?;
        if view["berjalan"].is_null() && began(&view) != before {
            bar.finish_and_clear();
            return Ok(());
        }
        let count = |name: &str| view["berjalan"][name].as_u64().unwrap_or_default();
        let (compared, differing) = (count("dibandingkan"), count("selisih"));
        let id = format!("{compared} dibandingkan, {differing} berbeda");
        let en = format!("{compared} compared, {differing} differ");
        bar.set_message(voice.pick(&id, &en).to_owned());
        bar.tick();
        tokio::time::sleep(LOOK).await;
    }
}

/// Every difference, page after page.
async fn whole(path: &str, client: &Client) -> Result<Value, Trouble> {
    let mut whole = client.get(&format!("{path}?jumlah={PAGE}")).await?;
    while let Some(after) = whole["berikut"].as_str() {
        let after = utf8_percent_encode(after, NON_ALPHANUMERIC);
        let mut next = client.get(&format!("{path}?jumlah={PAGE}&setelah={after}")).await?;
        if let (Some(all), Some(more)) = (whole["selisih"].as_array_mut(), next["selisih"].as_array_mut()) {
            all.append(more);
        }
        whole["berikut"] = next["berikut"].take();
    }
    Ok(whole)
}

fn rows<'a>(found: &'a Value, name: &str) -> &'a [Value] {
    found.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn listed(voice: &Voice, all: &Value) -> String {
    let row = |row: &Value| {
        let last = &row["terakhir"];
        let mut cells = vec![words::text(row, "sistem"), words::moment(last, "selesai")];
        cells.extend(["dibandingkan", "selisih", "tidak_terjawab"].map(|name| words::text(last, name)));
        cells.push(words::moment(row, "berikut_pada"));
        cells
    };
    let head = match voice.tag() {
        "en" => ["SYSTEM", "LAST", "COMPARED", "DIFFER", "UNANSWERED", "NEXT"],
        _ => [
            "SISTEM",
            "TERAKHIR",
            "DIBANDINGKAN",
            "BERBEDA",
            "TAK TERJAWAB",
            "BERIKUT",
        ],
    };
    table(&head, &rows(all, "butir").iter().map(row).collect::<Vec<_>>())
}

fn shown(voice: &Voice, found: &Value) -> String {
    let differing = rows(found, "selisih");
    if differing.is_empty() {
        let id = "Tidak ada selisih.";
        return voice.pick(id, "Nothing differs.").to_owned();
    }
    let cells = differing.iter().flat_map(|record| {
        rows(record, "beda").iter().map(move |one| {
            vec![
                words::text(record, "id"),
                words::text(one, "bidang"),
                words::text(one, "tercatat"),
                words::text(one, "menurut_sistem"),
                words::moment(record, "sejak"),
            ]
        })
    });
    let head = match voice.tag() {
        "en" => ["RECORD", "FIELD", "KEPT HERE", "SYSTEM SAYS", "SINCE"],
        _ => ["PERMOHONAN", "BIDANG", "TERCATAT", "MENURUT SISTEM", "SEJAK"],
    };
    table(&head, &cells.collect::<Vec<_>>())
}
