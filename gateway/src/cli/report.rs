//! `simpul report spbe`: the figures that the index of electronic government asks for; the console prints them as a page.

use super::client::{self, Remote, Trouble};
use super::exit::Exit;
use super::say::Voice;
use super::table::table;
use super::words;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum Report {
    /// Bukti SPBE sebulan: API, OPD terhubung, tingkat layanan, pemrosesan data / SPBE evidence of a month.
    Spbe(Spbe),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Contoh / example:\n  simpul report spbe --bulan 2026-11 --opd 42\n  simpul report spbe --bulan 2026-11 --opd 42 --pdf laporan.pdf"
)]
pub(super) struct Spbe {
    /// Bulan, seperti 2026-11; bawaan: bulan ini / month; default: this one.
    #[arg(long, value_name = "BULAN")]
    bulan: Option<String>,
    /// Jumlah OPD kota, untuk bagian yang terhubung / number of the city's agencies.
    #[arg(long)]
    opd: Option<u32>,
    /// Tulis sebagai PDF dengan grafik / write it as PDF with charts.
    #[arg(long, value_name = "BERKAS")]
    pdf: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Shows a report.
pub(super) fn run(voice: &Voice, verb: &Report) -> Exit {
    let Report::Spbe(asked) = verb;
    client::with(voice, &asked.remote, |client| async move {
        let month = asked.bulan.as_deref().unwrap_or_default();
        let agencies = asked.opd.map(|count| count.to_string()).unwrap_or_default();
        let month = super::filter::encoded(month);
        let query = format!("/laporan/spbe?bulan={month}&opd={agencies}");
        if let Some(path) = &asked.pdf {
            let file = client.file(&format!("{query}&bentuk=pdf")).await?;
            std::fs::write(path, &file).map_err(|error| Trouble::Usage(format!("{}: {error}", path.display())))?;
            let (id, en) = (
                format!("Laporan ditulis ke {}", path.display()),
                format!("Report written to {}", path.display()),
            );
            voice.answer(&json!({ "berkas": path }), || voice.pick(&id, &en).to_owned());
            return Ok(Exit::Fine);
        }
        let report = client.get(&query).await?;
        voice.answer(&report, || shown(voice, &report));
        Ok(Exit::Fine)
    })
}

fn shown(voice: &Voice, report: &Value) -> String {
    let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let of = &report["opd"];
    let share = of["persen"]
        .as_f64()
        .map_or_else(|| "–".to_owned(), |share| format!("{share:.1} %"));
    let mut lines = vec![
        format!("{} {}", voice.pick("Bulan", "Month"), words::text(report, "bulan")),
        format!(
            "{}: {} · {}: {} · {}: {share}",
            voice.pick("konsumen terdaftar", "consumers registered"),
            words::text(of, "terdaftar"),
            voice.pick("bertukar data", "exchanged data"),
            words::text(of, "aktif"),
            voice.pick("OPD terhubung", "agencies connected"),
        ),
        format!("API: {} · SPLP: {}", list("api").len(), list("splp").len()),
        String::new(),
    ];
    let rows: Vec<Vec<String>> = list("layanan")
        .iter()
        .map(|row| {
            [
                "sistem",
                "percobaan",
                "ketersediaan_sistem",
                "ketersediaan_gateway",
                "p50_ms",
                "p95_ms",
            ]
            .map(|name| words::text(row, name))
            .to_vec()
        })
        .collect();
    let head = match voice.tag() {
        "en" => ["SYSTEM", "TRIES", "SYSTEM %", "GATEWAY %", "P50 MS", "P95 MS"],
        _ => ["SISTEM", "PERCOBAAN", "SISTEM %", "GATEWAY %", "P50 MS", "P95 MS"],
    };
    lines.push(table(&head, &rows));
    lines.join("\n")
}
