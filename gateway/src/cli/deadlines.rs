//! `simpul tenggat`: open records under a service clock, the nearest deadline first.

use super::client::{self, Remote};
use super::exit::Exit;
use super::say::Voice;
use super::table::table;
use super::words;
use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Which records.
#[derive(Debug, Args)]
pub(super) struct Deadlines {
    /// Hanya sistem ini / only this system.
    #[arg(long, value_name = "ID")]
    sistem: Option<String>,
    /// Hanya peringatan ini: mendekat atau lewat / only this warning.
    #[arg(long, value_name = "KATA", value_parser = ["tidak_ada", "mendekat", "lewat"])]
    peringatan: Option<String>,
    /// Baris paling banyak / most rows.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    jumlah: u16,
    #[command(flatten)]
    remote: Remote,
}

/// Shows them.
pub(super) fn deadlines(voice: &Voice, asked: &Deadlines) -> Exit {
    let mut path = format!("/tenggat?jumlah={}", asked.jumlah);
    for (name, value) in [("sistem", &asked.sistem), ("peringatan", &asked.peringatan)] {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        }
    }
    client::with(voice, &asked.remote, |client| async move {
        let found = client.get(&path).await?;
        voice.answer(&found, || shown(voice, &found));
        Ok(Exit::Fine)
    })
}

fn shown(voice: &Voice, found: &Value) -> String {
    let rows = found
        .get("butir")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if rows.is_empty() {
        return voice
            .pick("Tidak ada permohonan terbuka.", "No record is open.")
            .to_owned();
    }
    let row = |row: &Value| {
        ["sistem", "id", "keadaan", "jam", "sisa_hari"]
            .map(|name| words::text(row, name))
            .into_iter()
            .chain([words::moment(row, "tenggat"), words::text(row, "peringatan")])
            .collect::<Vec<_>>()
    };
    let head = match voice.tag() {
        "en" => ["SYSTEM", "RECORD", "STATE", "CLOCK", "DAYS LEFT", "DEADLINE", "WARNING"],
        _ => [
            "SISTEM",
            "PERMOHONAN",
            "KEADAAN",
            "JAM",
            "SISA HARI",
            "TENGGAT",
            "PERINGATAN",
        ],
    };
    table(&head, &rows.iter().map(row).collect::<Vec<_>>())
}
