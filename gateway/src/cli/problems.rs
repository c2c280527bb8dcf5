//! `simpul masalah`: what is wrong, since when, whose fault, what to do; and the evidence file for the keepers of a system.
//! `diamkan` and `tugaskan`: a problem is muted or given to somebody, with a reason that is evidence.

use super::client::{self, Client, Remote, Trouble};
use super::exit::Exit;
use super::filter::{Filter, encoded};
use super::say::Voice;
use super::table::table;
use super::words;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Contoh / examples:\n  simpul masalah\n  simpul masalah --berkas bukti.pdf --sistem lapor --sejak 24h\n  \
                        simpul exchange replay --filter sistem=lapor,sebab=tidak_terhubung,pihak=sistem --dry-run"
)]
pub(super) struct Problems {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Tulis percobaan gagal sebuah sistem sebagai CSV, untuk pengelolanya / write a system's failed tries as CSV.
    #[arg(long, value_name = "BERKAS", requires = "sistem")]
    berkas: Option<PathBuf>,
    /// Sistem / system.
    #[arg(long, value_name = "ID")]
    sistem: Option<String>,
    /// Mulai kapan; bawaan 24h / since when; default 24h.
    #[arg(long, value_name = "WAKTU", default_value = "24h")]
    sejak: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Diamkan sebuah masalah: keluar dari kalimat utama dan alarmnya senyap / mute it: headline and alert are quiet.
    #[command(
        after_help = "Contoh / example:\n  simpul masalah diamkan lapor tidak_terhubung sistem --jam 8 --alasan \"menunggu kementerian\""
    )]
    Diamkan(Mute),
    /// Tugaskan sebuah masalah / assign it.
    #[command(
        after_help = "Contoh / example:\n  simpul masalah tugaskan lapor tidak_terhubung sistem --kepada \"Petugas Dua\" --alasan \"piket pekan ini\""
    )]
    Tugaskan(Assign),
}

/// A problem as the list names it, and why.
#[derive(Debug, Args)]
struct Named {
    /// Sistem / system.
    sistem: String,
    /// Sebab, seperti di --json / cause, as --json names it.
    sebab: String,
    /// Pihak, seperti di --json / side, as --json names it.
    pihak: String,
    /// Alasan, 5–500 huruf; masuk ke bukti / reason; it goes into the evidence.
    #[arg(long, value_name = "TEKS")]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
struct Mute {
    #[command(flatten)]
    named: Named,
    /// Berapa jam, paling lama 168; 0: bersuara lagi / for how many hours; 0: not any more.
    #[arg(long, value_name = "JAM", value_parser = clap::value_parser!(u32).range(0..=168))]
    jam: u32,
}

#[derive(Debug, Args)]
struct Assign {
    #[command(flatten)]
    named: Named,
    /// Siapa; kosong: tidak seorang pun / to whom; empty: nobody.
    #[arg(long, value_name = "NAMA")]
    kepada: String,
}

/// Shows the problems or writes the file. Ends with 1 while something goes on, so that scripts can ask.
pub(super) fn problems(voice: &Voice, asked: &Problems) -> Exit {
    match &asked.verb {
        Some(Verb::Diamkan(mute)) => return care(voice, &mute.named, json!({"diam_jam": mute.jam})),
        Some(Verb::Tugaskan(assign)) => return care(voice, &assign.named, json!({"penanggung": assign.kepada})),
        None => {}
    }
    client::with(voice, &asked.remote, |client| async move {
        match &asked.berkas {
            Some(path) => file(voice, asked, path, &client).await,
            None => list(voice, asked, &client).await,
        }
    })
}

fn care(voice: &Voice, named: &Named, mut wish: Value) -> Exit {
    client::with(voice, &named.remote, |client| async move {
        wish["alasan"] = json!(named.alasan);
        let place = [&named.sistem, &named.sebab, &named.pihak].map(|part| encoded(part));
        let kept = client
            .post(&format!("/masalah/{}/urus", place.join("/")), &wish)
            .await?;
        voice.answer(&kept, || cared(voice, &kept));
        Ok(Exit::Fine)
    })
}

/// Who takes care of it, until when it is quiet, who said so.
fn cared(voice: &Voice, care: &Value) -> String {
    let mut parts = Vec::new();
    if let Some(name) = care["penanggung"].as_str().filter(|name| !name.is_empty()) {
        parts.push(format!("{} {name}", voice.pick("diurus oleh", "taken care of by")));
    }
    match care["diam_sampai"].is_string() {
        true => parts.push(format!(
            "{} {}",
            voice.pick("didiamkan sampai", "muted until"),
            words::moment(care, "diam_sampai")
        )),
        false => parts.push(voice.pick("tidak didiamkan", "not muted").to_owned()),
    }
    format!(
        "{} ({}: {})",
        parts.join(", "),
        words::text(care, "oleh"),
        words::text(care, "alasan")
    )
}

async fn list(voice: &Voice, asked: &Problems, client: &Client) -> Result<Exit, Trouble> {
    let mut found = client.get("/masalah").await?;
    if let (Some(system), Some(rows)) = (&asked.sistem, found.get_mut("butir").and_then(Value::as_array_mut)) {
        rows.retain(|row| row["sistem"] == *system);
    }
    voice.answer(&found, || shown(voice, &found));
    let active = rows(&found)
        .iter()
        .any(|row| row["berlangsung"] == true && row["pihak"] != "konsumen");
    Ok((!active).into())
}

fn rows(found: &Value) -> &[Value] {
    found["butir"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn shown(voice: &Voice, found: &Value) -> String {
    let said = |value: &Value| value[voice.tag()].as_str().unwrap_or_default().to_owned();
    let mut lines = vec![said(&found["kalimat"])];
    let cells = |row: &Value| {
        let more = if row["lebih"] == true { "≥" } else { "" };
        let goes_on = row["berlangsung"] == true;
        vec![
            words::text(row, "sistem"),
            said(&row["judul"]),
            said(&row["pihak_judul"]),
            voice
                .pick(if goes_on { "ya" } else { "tidak" }, if goes_on { "yes" } else { "no" })
                .to_owned(),
            words::moment(row, "sejak"),
            words::text(row, "percobaan_gagal"),
            words::text(row, "menunggu"),
            format!("{more}{}", words::text(row, "gagal")),
            format!("{more}{}", words::text(row, "hasil_tidak_pasti")),
            words::text(row, "contoh"),
        ]
    };
    if !rows(found).is_empty() {
        let head = match voice.tag() {
            "en" => [
                "SYSTEM",
                "CAUSE",
                "WHOSE",
                "NOW",
                "SINCE",
                "FAILED TRIES",
                "WAITING",
                "DEAD",
                "UNKNOWN",
                "SAMPLE",
            ],
            _ => [
                "SISTEM",
                "SEBAB",
                "PIHAK",
                "KINI",
                "SEJAK",
                "PERCOBAAN GAGAL",
                "MENUNGGU",
                "GAGAL",
                "TIDAK PASTI",
                "CONTOH",
            ],
        };
        lines.push(String::new());
        lines.push(table(&head, &rows(found).iter().map(cells).collect::<Vec<_>>()));
    }
    for row in rows(found) {
        lines.push(format!(
            "\n{} · {}: {}",
            words::text(row, "sistem"),
            said(&row["judul"]),
            said(&row["saran"])
        ));
        if row["urus"].is_object() {
            lines.push(format!("    {}", cared(voice, &row["urus"])));
        }
        if let Some(planned) = row["pemeliharaan"].as_object() {
            let note = planned.get("keterangan").and_then(Value::as_str).unwrap_or_default();
            lines.push(format!("    {} {note}", voice.pick("diumumkan:", "announced:")));
        }
        for replay in row["kirim_ulang"].as_array().into_iter().flatten() {
            let of = &replay["pilihan"];
            let word = |name: &str| of[name].as_str().unwrap_or_default();
            lines.push(format!(
                "    simpul exchange replay --filter sistem={},sebab={},pihak={},keadaan={},sejak=30d --dry-run   # {}",
                word("sistem"),
                word("sebab"),
                word("pihak"),
                word("keadaan"),
                replay["jumlah"]
            ));
        }
    }
    lines.join("\n")
}

async fn file(voice: &Voice, asked: &Problems, path: &std::path::Path, client: &Client) -> Result<Exit, Trouble> {
    let since = Filter::read(&[format!("sejak={}", asked.sejak)], &["sejak"], voice)?.query();
    let system = encoded(asked.sistem.as_deref().unwrap_or_default());
    let pdf = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    let form = if pdf { "pdf" } else { "csv" };
    let csv = client
        .file(&format!("/masalah/berkas?sistem={system}&bentuk={form}&{since}"))
        .await?;
    std::fs::write(path, &csv).map_err(|error| Trouble::Usage(format!("{}: {error}", path.display())))?;
    let lines = csv.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1);
    let count = if pdf { None } else { Some(lines) };
    voice.answer(&json!({"berkas": path, "baris": count}), || {
        let Some(count) = count else {
            let (id, en) = (
                format!("Berkas bukti ditulis ke {}", path.display()),
                format!("Evidence file written to {}", path.display()),
            );
            return voice.pick(&id, &en).to_owned();
        };
        let (id, en) = (
            format!("{count} percobaan gagal ditulis ke {}", path.display()),
            format!("{count} failed tries written to {}", path.display()),
        );
        voice.pick(&id, &en).to_owned()
    });
    Ok(Exit::Fine)
}
