//! `simpul protection lower`: a named operator lowers the protection of one record, with a reason. The name is that of the
//! token; name and reason become evidence.

use super::client::{self, Remote};
use super::exit::Exit;
use super::say::Voice;
use super::words;
use clap::{Args, Subcommand};
use serde_json::json;

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Protection {
    /// Menurunkan perlindungan satu laporan; nama dan alasan menjadi bukti / lower one record's protection; evidence.
    Lower(Lower),
}

/// Which protection, and why.
#[derive(Debug, Args)]
pub(super) struct Lower {
    /// Kunci tautan, misalnya nomor laporan / key of the link, for example the report's id.
    kunci: String,
    /// Nama tautan ([[tautan]]) / name of the link.
    #[arg(long, value_name = "NAMA", default_value = "perlindungan")]
    tautan: String,
    /// Bendera di tautan / flag in the link.
    #[arg(long, value_name = "POINTER", default_value = "/rahasia")]
    bendera: String,
    /// Alasan, tercatat sebagai bukti / reason, kept as evidence.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

/// Runs the verb.
pub(super) fn run(voice: &Voice, verb: &Protection) -> Exit {
    let Protection::Lower(lower) = verb;
    client::with(voice, &lower.remote, |client| async move {
        let wish = json!({
            "tautan": lower.tautan, "kunci": lower.kunci, "bendera": lower.bendera, "alasan": lower.alasan,
        });
        let done = client.post("/perlindungan/turunkan", &wish).await?;
        voice.answer(&done, || {
            let by = words::text(&done, "oleh");
            let id = format!(
                "{}: perlindungan diturunkan oleh {by}; tercatat sebagai bukti",
                lower.kunci
            );
            let en = format!("{}: protection lowered by {by}; kept as evidence", lower.kunci);
            voice.pick(&id, &en).to_owned()
        });
        Ok(Exit::Fine)
    })
}
