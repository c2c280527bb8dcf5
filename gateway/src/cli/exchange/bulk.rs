//! Replaying all that match: count and sample first, a question, then a job that is followed until it ends. Ctrl-c stops
//! the job, not only the watching.

use super::super::client::{Client, Trouble};
use super::super::exit::Exit;
use super::super::filter::{Filter, ago};
use super::super::say::Voice;
use super::Replay;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};
use std::time::Duration;

/// Conditions that a job takes.
const KEYS: [&str; 7] = ["keadaan", "sistem", "operasi", "sebab", "pihak", "sejak", "sampai"];
/// How far back unless told otherwise.
const BACK: Duration = Duration::from_secs(24 * 3600);
/// Pause between looks at a job.
const LOOK: Duration = Duration::from_millis(300);

/// Counts, asks, replays, follows.
pub(super) async fn replay(voice: &Voice, options: &Replay, client: Client) -> Result<Exit, Trouble> {
    let filter = Filter::read(&options.filter, &KEYS, voice)?
        .or("keadaan", || "gagal".to_owned())
        .or("sejak", || ago(BACK));
    let selection = filter.selection();
    let ask = json!({"pilihan": selection, "uji": true});
    let preview = client.post("/kirim-ulang", &ask).await?;
    let count = preview["hasil"]["jumlah"].as_u64().unwrap_or_default();
    if options.dry_run || count == 0 {
        voice.answer(&preview, || shown(voice, &filter, &preview));
        return Ok(Exit::Fine);
    }
    if !voice.is_json() {
        voice.answer(&preview, || shown(voice, &filter, &preview));
    }
    if !options.yes && !agreed(voice, count)? {
        voice.note(voice.pick("Tidak ada yang dikirim ulang.", "Nothing was replayed."));
        return Ok(Exit::Failed);
    }
    let begin = json!({"pilihan": selection, "uji": false, "alasan": options.alasan});
    let begun = client.post("/kirim-ulang", &begin).await?;
    let id = begun["id"].as_str().unwrap_or_default().to_owned();
    let job = follow(voice, &client, &id).await?;
    let finished = job["pekerjaan"]["keadaan"] == "selesai";
    voice.answer(&job, || ended(voice, &job));
    Ok(finished.into())
}

fn shown(voice: &Voice, filter: &Filter, preview: &Value) -> String {
    let found = &preview["hasil"];
    let more = if found["lebih"] == true { "≥ " } else { "" };
    let mut lines = vec![format!(
        "{more}{} {} ({})",
        found["jumlah"],
        voice.pick("pertukaran", "exchanges"),
        filter.shown()
    )];
    let samples = found["contoh"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    lines.extend(samples.map(|id| format!("    {id}")));
    lines.join("\n")
}

/// Consent, from a person at a terminal only.
fn agreed(voice: &Voice, count: u64) -> Result<bool, Trouble> {
    if !std::io::stdin().is_terminal() {
        let why = voice.pick(
            "bukan terminal: ulangi dengan --yes bila jumlahnya benar",
            "not a terminal: repeat with --yes if the number is right",
        );
        return Err(Trouble::Usage(why.to_owned()));
    }
    let id = format!("Kirim ulang {count} pertukaran? [y/T]");
    let en = format!("Replay {count} exchanges? [y/N]");
    voice.note(voice.pick(&id, &en));
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Trouble::Usage(error.to_string()))?;
    Ok(line.trim().to_ascii_lowercase().starts_with('y'))
}

async fn follow(voice: &Voice, client: &Client, id: &str) -> Result<Value, Trouble> {
    let path = format!("/pekerjaan/{id}");
    let halt = format!("{path}/hentikan");
    let bar = bar(voice);
    let mut stopping = false;
    loop {
        let job = client.get(&path).await?;
        let number = |name: &str| job["pekerjaan"][name].as_u64().unwrap_or_default();
        bar.set_length(number("jumlah"));
        bar.set_position(number("diulang") + number("dilewati"));
        if job["pekerjaan"]["keadaan"] != "berjalan" {
            bar.finish_and_clear();
            return Ok(job);
        }
        if stopping {
            // Said again until it is so: a step under way may just have written that it goes on.
            client.post(&halt, &json!({})).await?;
        }
        tokio::select! {
            _ = tokio::signal::ctrl_c(), if !stopping => stopping = true,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn bar(voice: &Voice) -> ProgressBar {
    if voice.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let hint = voice.pick("ctrl-c menghentikan pekerjaan", "ctrl-c stops the job");
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {elapsed} · {msg}") {
        bar.set_style(style);
    }
    bar.set_message(hint.to_owned());
    bar
}

fn ended(voice: &Voice, job: &Value) -> String {
    let of = &job["pekerjaan"];
    let id = format!(
        "Pekerjaan {} {}: {} dikirim ulang, {} dilewati dari {}.",
        job["id"].as_str().unwrap_or_default(),
        of["keadaan"].as_str().unwrap_or_default(),
        of["diulang"],
        of["dilewati"],
        of["jumlah"]
    );
    let state = match of["keadaan"].as_str() {
        Some("selesai") => "finished",
        Some("dihentikan") => "stopped",
        _ => "running",
    };
    let en = format!(
        "Job {} {state}: {} replayed, {} left out of {}.",
        job["id"].as_str().unwrap_or_default(),
        of["diulang"],
        of["dilewati"],
        of["jumlah"]
    );
    voice.pick(&id, &en).to_owned()
}
