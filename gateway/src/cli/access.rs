//! `simpul access`: requests for access on a running gateway: list, show, approve, reject, revoke. Another person approves than
//! whoever asked; who asked fetches the key, which is never shown here.

use super::client::{self, Remote};
use super::exit::Exit;
use super::say::Voice;
use super::table::table;
use super::words;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Access {
    /// Semua permintaan, yang terbaru dahulu / every request, the newest first.
    List(Remote),
    /// Satu permintaan dengan pemohonnya / one request with who asks.
    Show(Show),
    /// Menyetujui; kuncinya diambil pemohon / approve; who asked fetches the key.
    Approve(Approve),
    /// Menolak / refuse.
    Reject(Decide),
    /// Mencabut yang sudah disetujui, beserta haknya / take back what was approved, with its rights.
    Revoke(Decide),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Nomor permintaan / id.
    id: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(super) struct Approve {
    #[command(flatten)]
    decide: Decide,
    /// Nomor perjanjian, bila permintaan tidak menyebutnya / agreement, where the request names none.
    #[arg(long)]
    perjanjian: Option<String>,
    /// Hari terakhir, seperti 2027-12-31 / last day.
    #[arg(long, value_name = "TANGGAL")]
    sampai: Option<String>,
    /// Panggilan per menit; bawaan 60 / calls per minute; default 60.
    #[arg(long)]
    per_menit: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct Decide {
    /// Nomor permintaan / id.
    id: String,
    /// Alasan, masuk ke bukti / reason, kept as evidence.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

/// Runs a verb.
pub(super) fn run(voice: &Voice, verb: &Access) -> Exit {
    match verb {
        Access::List(remote) => list(voice, remote),
        Access::Show(asked) => show(voice, asked),
        Access::Approve(asked) => {
            let terms = json!({
                "alasan": asked.decide.alasan, "perjanjian": asked.perjanjian, "berlaku_sampai": asked.sampai,
                "per_menit": asked.per_menit,
            });
            decided(voice, &asked.decide, "setujui", terms)
        }
        Access::Reject(asked) => decided(voice, asked, "tolak", json!({"alasan": asked.alasan})),
        Access::Revoke(asked) => decided(voice, asked, "cabut", json!({"alasan": asked.alasan})),
    }
}

fn list(voice: &Voice, remote: &Remote) -> Exit {
    client::with(voice, remote, |client| async move {
        let all = client.get("/akses").await?;
        voice.answer(&all, || {
            let rows = all
                .get("butir")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
                .unwrap_or_default();
            if rows.is_empty() {
                return voice
                    .pick("Tidak ada permintaan akses.", "There is no request for access.")
                    .to_owned();
            }
            let row = |row: &Value| {
                let operations = row.get("operasi").and_then(Value::as_array).into_iter().flatten();
                let operations: Vec<&str> = operations.filter_map(Value::as_str).collect();
                let mut cells: Vec<String> = ["id", "keadaan", "konsumen"]
                    .iter()
                    .map(|name| words::text(row, name))
                    .collect();
                cells.push(operations.join(", "));
                cells.push(words::text(row, "tujuan"));
                cells
            };
            let head = match voice.tag() {
                "en" => ["ID", "STATE", "CONSUMER", "OPERATIONS", "PURPOSE"],
                _ => ["NOMOR", "KEADAAN", "KONSUMEN", "OPERASI", "TUJUAN"],
            };
            table(&head, &rows.iter().map(row).collect::<Vec<_>>())
        });
        Ok(Exit::Fine)
    })
}

fn show(voice: &Voice, asked: &Show) -> Exit {
    client::with(voice, &asked.remote, |client| async move {
        let view = client.get(&format!("/akses/{}", asked.id)).await?;
        voice.answer(&view, || serde_json::to_string_pretty(&view).unwrap_or_default());
        Ok(Exit::Fine)
    })
}

fn decided(voice: &Voice, asked: &Decide, word: &'static str, body: Value) -> Exit {
    client::with(voice, &asked.remote, |client| async move {
        let view = client.post(&format!("/akses/{}/{word}", asked.id), &body).await?;
        voice.answer(&view, || {
            format!(
                "{} {}: {}",
                words::text(&view, "id"),
                words::text(&view, "konsumen"),
                words::text(&view, "keadaan")
            )
        });
        Ok(Exit::Fine)
    })
}
