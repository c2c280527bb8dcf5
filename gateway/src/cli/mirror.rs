//! `simpul mirror`: copies and their age; a run on request, followed with a bar until it ends.

use super::client::{self, Client, Remote, Trouble};
use super::exit::Exit;
use super::say::Voice;
use super::table::table;
use super::words;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Pause between looks at a run.
const LOOK: Duration = Duration::from_millis(500);
/// How long a run may take to begin: another set of the same system may be under way.
const BEGIN: Duration = Duration::from_secs(600);

#[derive(Debug, Subcommand)]
pub(super) enum Mirror {
    /// Semua salinan dan umurnya; dengan nama: riwayat tarikannya / all copies and their age, or the history of one.
    Status(Status),
    /// Menarik satu salinan sekarang dan mengikutinya / pull a copy now and follow it.
    Run(Run),
}

#[derive(Debug, Args)]
pub(super) struct Status {
    /// Nama salinan / name of a copy.
    id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// Nama salinan / name of the copy.
    id: String,
    /// Hanya minta, jangan tunggu / only ask, do not wait.
    #[arg(long)]
    jangan_tunggu: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Runs one of them.
pub(super) fn run(voice: &Voice, mirror: &Mirror) -> Exit {
    match mirror {
        Mirror::Status(status) => client::with(voice, &status.remote, |client| async move {
            let Some(id) = &status.id else {
                let all = client.get("/salinan").await?;
                voice.answer(&all, || listed(voice, &all));
                return Ok(Exit::Fine);
            };
            let one = client.get(&format!("/salinan/{id}")).await?;
            voice.answer(&one, || history(voice, &one));
            Ok(Exit::Fine)
        }),
        Mirror::Run(run) => client::with(
            voice,
            &run.remote,
            |client| async move { pulled(voice, run, &client).await },
        ),
    }
}

async fn pulled(voice: &Voice, run: &Run, client: &Client) -> Result<Exit, Trouble> {
    let path = format!("/salinan/{}", run.id);
    let newest = |view: &Value| view["riwayat"][0]["nomor"].as_i64().unwrap_or_default();
    let before = newest(&client.get(&path).await?);
    let asked = client.post(&format!("{path}/tarik"), &json!({})).await?;
    if run.jangan_tunggu {
        voice.answer(&asked, || voice.pick("Diminta.", "Asked for.").to_owned());
        return Ok(Exit::Fine);
    }
    let bar = bar(voice);
    let asked_at = Instant::now();
    let mut rate = Rate::default();
    loop {
        let view = client.get(&path).await?;
        if newest(&view) > before {
            bar.finish_and_clear();
            let account = &view["riwayat"][0];
            voice.answer(account, || ended(voice, &run.id, account, asked_at.elapsed()));
            return Ok((account["lengkap"] == true).into());
        }
        show(&bar, &view, &mut rate);
        // A system that cannot be reached keeps the run for later: that is an answer too.
        let held_back = view["berjalan"] == false && view["gangguan"].is_string() && asked_at.elapsed() > LOOK * 8;
        if held_back || (view["tarikan"].is_null() && asked_at.elapsed() > BEGIN) {
            bar.finish_and_clear();
            voice.answer(&view, || {
                let word = words::text(&view, "gangguan");
                let due = words::moment(&view, "berikut_pada");
                let id = format!("Tertunda ({word}); dicoba lagi {due}. Salinan lama tetap dilayani.");
                let en = format!("Held back ({word}); tried again {due}. The old copy is still served.");
                voice.pick(&id, &en).to_owned()
            });
            return Ok(Exit::Failed);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Rows per second since the run was first seen.
#[derive(Default)]
struct Rate {
    since: Option<(Instant, u64)>,
}

impl Rate {
    fn of(&mut self, rows: u64) -> u64 {
        let (began, first) = *self.since.get_or_insert((Instant::now(), rows));
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        rows.saturating_sub(first).saturating_mul(1000) / millis
    }
}

fn show(bar: &ProgressBar, view: &Value, rate: &mut Rate) {
    let run = &view["tarikan"];
    let number = |name: &str| run[name].as_u64();
    let rows = run["catatan"]["butir"].as_u64().unwrap_or_default();
    // Parts when there are several, else records of what the system says it has, else of what the copy has.
    let (done, of) = match number("dari_bagian").filter(|of| *of > 1) {
        Some(of) => (number("bagian").unwrap_or_default(), of),
        None => (
            number("butir_bagian").unwrap_or_default(),
            number("jumlah_bagian").or(view["rekaman"].as_u64()).unwrap_or_default(),
        ),
    };
    bar.set_length(of.max(done));
    bar.set_position(done);
    bar.set_message(format!("{rows} rec · {} rec/s", rate.of(rows)));
}

fn bar(voice: &Voice) -> ProgressBar {
    if voice.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {elapsed} ETA {eta} · {msg}") {
        bar.set_style(style);
    }
    bar
}

fn ended(voice: &Voice, id: &str, account: &Value, took: Duration) -> String {
    let whole = match account["lengkap"] == true {
        true => voice.pick("lengkap", "complete"),
        false => voice.pick("TIDAK lengkap", "NOT complete"),
    };
    let seconds = took.as_secs().max(1);
    let rows = account["butir"].as_u64().unwrap_or_default();
    let words = format!(
        "{id}: {whole}; {rows} {} (+{} ~{} -{}), {} {}, {}/s, {}",
        voice.pick("rekaman", "records"),
        account["baru"],
        account["berubah"],
        account["hilang"],
        account["halaman"],
        voice.pick("halaman", "pages"),
        rows / seconds,
        words::span(seconds),
    );
    let short = account["tidak_lengkap"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    short.fold(words, |text, line| format!("{text}\n    {line}"))
}

fn listed(voice: &Voice, all: &Value) -> String {
    let rows = all["butir"].as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return voice
            .pick(
                "Tidak ada salinan; buat dengan [[salinan]].",
                "No copies; make one with [[salinan]].",
            )
            .to_owned();
    }
    let row = |row: &Value| {
        let state = match (&row["berjalan"], &row["gangguan"], &row["kedaluwarsa"]) {
            (Value::Bool(true), _, _) => voice.pick("ditarik", "pulling"),
            (_, Value::String(word), _) => word,
            (_, _, Value::Bool(true)) => voice.pick("kedaluwarsa", "stale"),
            _ => voice.pick("segar", "fresh"),
        };
        vec![
            words::text(row, "id"),
            words::text(row, "sistem"),
            state.to_owned(),
            words::text(row, "rekaman"),
            row["umur_detik"].as_u64().map_or_else(|| "–".to_owned(), words::span),
            words::moment(row, "berikut_pada"),
        ]
    };
    let head = match voice.tag() {
        "en" => ["COPY", "SYSTEM", "STATE", "RECORDS", "AGE", "NEXT"],
        _ => ["SALINAN", "SISTEM", "KEADAAN", "REKAMAN", "UMUR", "BERIKUT"],
    };
    let copies = table(&head, &rows.iter().map(row).collect::<Vec<_>>());
    let chains = all["rantai"].as_array().map(Vec::as_slice).unwrap_or_default();
    match chains {
        [] => copies,
        chains => format!("{copies}\n\n{}", linked(voice, chains)),
    }
}

fn linked(voice: &Voice, chains: &[Value]) -> String {
    let row = |chain: &Value| {
        let state = match chain["selaras"] == true {
            true => voice.pick("selaras", "in step"),
            false => voice.pick("menunggu salinan", "waits for copies"),
        };
        let steps = chain["langkah"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        vec![
            words::text(chain, "id"),
            state.to_owned(),
            words::text(chain, "tautan"),
            words::moment(chain, "ditautkan_pada"),
            steps.collect::<Vec<_>>().join(" > "),
        ]
    };
    let head = match voice.tag() {
        "en" => ["CHAIN", "STATE", "LINKS", "LINKED", "STEPS"],
        _ => ["RANTAI", "KEADAAN", "TAUTAN", "DITAUTKAN", "LANGKAH"],
    };
    table(&head, &chains.iter().map(row).collect::<Vec<_>>())
}

fn history(voice: &Voice, one: &Value) -> String {
    let runs = one["riwayat"].as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |run: &Value| {
        let whole = match run["lengkap"] == true {
            true => voice.pick("ya", "yes"),
            false => voice.pick("tidak", "no"),
        };
        let names = ["butir", "baru", "berubah", "hilang", "tidak_sah"];
        let mut cells = vec![words::text(run, "nomor"), words::moment(run, "mulai"), whole.to_owned()];
        cells.extend(names.map(|name| words::text(run, name)));
        cells
    };
    let head = match voice.tag() {
        "en" => [
            "RUN", "BEGAN", "COMPLETE", "RECORDS", "NEW", "CHANGED", "GONE", "INVALID",
        ],
        _ => [
            "TARIKAN",
            "MULAI",
            "LENGKAP",
            "REKAMAN",
            "BARU",
            "BERUBAH",
            "HILANG",
            "TIDAK SAH",
        ],
    };
    table(&head, &runs.iter().map(row).collect::<Vec<_>>())
}
