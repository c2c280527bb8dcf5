//! `simpul journal`: backup and restore, and `migrate`, which moves a journal from SQLite to PostgreSQL once the gateway is
//! stopped. Cut short, it goes on where it stopped when run again.

mod backup;

use super::exit::Exit;
use super::say::Voice;
use crate::config::{Machine, SecretRef, Vault};
use clap::{Args, Subcommand};
use gateway_core::journal::JournalError;
use gateway_store::migrate::{self, Progress, Summary};
use gateway_store::postgres::{self, Options};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Journal {
    /// Memindahkan jurnal SQLite ke PostgreSQL; dapat dilanjutkan / move a SQLite journal to PostgreSQL; resumable.
    Migrate(Migrate),
    /// Mencadangkan jurnal SQLite selagi gateway berjalan / back up a SQLite journal while the gateway runs.
    Backup(backup::Backup),
    /// Memulihkan cadangan ke tempat yang kosong / restore a backup where there is no journal.
    Restore(backup::Restore),
}

#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Berkas jurnal SQLite; gateway harus berhenti / SQLite journal file; the gateway must be stopped.
    #[arg(long, value_name = "BERKAS")]
    dari: PathBuf,
    #[command(flatten)]
    to: To,
    /// Nama node: `nama` di [simpul] / the node's name: `nama` in [simpul].
    #[arg(long, value_name = "NAMA")]
    node: String,
    /// Skema tujuan, harus kosong; bawaan simpul / target schema, which must be empty.
    #[arg(long, value_name = "NAMA")]
    skema: Option<String>,
}

/// The connection is a secret: it is named, never written on the command line.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct To {
    /// Variabel lingkungan berisi koneksi / environment variable that holds the connection.
    #[arg(long, value_name = "VARIABEL")]
    ke_env: Option<String>,
    /// Berkas berisi koneksi / file that holds the connection.
    #[arg(long, value_name = "BERKAS")]
    ke_file: Option<PathBuf>,
}

/// Runs a verb.
pub(super) fn run(voice: &Voice, verb: &Journal) -> Exit {
    match verb {
        Journal::Migrate(options) => migrate(voice, options),
        Journal::Backup(options) => backup::backup(voice, options),
        Journal::Restore(options) => backup::restore(voice, options),
    }
}

fn migrate(voice: &Voice, options: &Migrate) -> Exit {
    let target = match target(voice, options) {
        Ok(target) => target,
        Err(why) => {
            voice.failed("tujuan tidak dapat dipakai", "the target cannot be used", &why);
            return Exit::Usage;
        }
    };
    let place = target.place();
    match copy(voice, &options.dari, target) {
        Ok(Some(summary)) => {
            finished(voice, &place, &summary);
            Exit::Fine
        }
        Ok(None) => {
            voice.failed(
                "penyalinan dihentikan",
                "the copy was stopped",
                &voice.pick(
                    "jalankan lagi untuk melanjutkan",
                    "run it again to go on where it stopped",
                ),
            );
            Exit::Failed
        }
        Err(why) => {
            let why = format!("{place}: {why}");
            voice.failed("jurnal tidak dipindahkan", "the journal was not moved", &why);
            Exit::Failed
        }
    }
}

fn target(voice: &Voice, options: &Migrate) -> Result<Options, String> {
    let name = match (&options.to.ke_env, &options.to.ke_file) {
        (Some(variable), _) => SecretRef::Env(variable.clone()),
        (None, Some(path)) => SecretRef::File(path.clone()),
        (None, None) => return Err("--ke-env / --ke-file".to_owned()),
    };
    let secret = Machine
        .read(&name)
        .map_err(|why| voice.pick(&why.id, &why.en).to_owned())?;
    let mut target = Options::parse(secret.expose().trim(), &options.node).ok_or_else(|| {
        let (id, en) = (
            "koneksi bukan rangkaian libpq atau URL PostgreSQL, atau sslmode-nya bukan disable, require, verify-full",
            "the connection is neither a libpq string nor a PostgreSQL URL, or its sslmode is not disable, require, verify-full",
        );
        voice.pick(id, en).to_owned()
    })?;
    if let Some(schema) = &options.skema {
        if !postgres::is_plain(schema) {
            return Err(voice
                .pick("nama skema tidak sah", "the name of the schema is not valid")
                .to_owned());
        }
        target.schema.clone_from(schema);
    }
    Ok(target)
}

fn copy(voice: &Voice, from: &Path, to: Options) -> Result<Option<Summary>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let bar = bar(voice);
    let stop = CancellationToken::new();
    let done: Result<_, JournalError> = runtime.block_on(async {
        let asked = stop.clone();
        // Stops between two batches, so that nothing is left half done.
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                asked.cancel();
            }
        });
        let told = |progress: &Progress| {
            bar.set_message(progress.part);
            bar.set_length(progress.total);
            bar.set_position(progress.done);
            !stop.is_cancelled()
        };
        migrate::copy(from, to, told).await
    });
    bar.finish_and_clear();
    done.map_err(|error| error.to_string())
}

fn finished(voice: &Voice, place: &str, summary: &Summary) {
    let rows: serde_json::Map<_, _> = summary
        .rows
        .iter()
        .map(|(table, rows)| ((*table).to_owned(), json!(rows)))
        .collect();
    let answer = json!({"ok": true, "ke": place, "baris": rows, "bukti": summary.links});
    voice.answer(&answer, || {
        let total: u64 = summary.rows.iter().map(|(_, rows)| rows).sum();
        let links = summary.links;
        let id = format!(
            "Jurnal dipindahkan ke {place}: {total} baris, {links} catatan bukti dihitung ulang dan utuh.\n\
             Berkas lama tidak akan dibuka lagi. Pakai kunci_induk yang sama: isi berkas `kunci-induk` di sampingnya."
        );
        let en = format!(
            "Journal moved to {place}: {total} rows, {links} evidence records computed again and sound.\n\
             The old file will not be opened again. Use the same kunci_induk: the content of the file `kunci-induk` beside it."
        );
        voice.pick(&id, &en).to_owned()
    });
}

fn bar(voice: &Voice) -> ProgressBar {
    if voice.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg:10} {bar:32} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}
