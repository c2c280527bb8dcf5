//! `simpul connector`: what the compiled connectors can do, and a new one begun as a copy of the example.

mod edits;
mod list;
mod new;

use super::exit::Exit;
use super::say::Voice;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Connector {
    /// Mulai konektor baru dari contoh, di dalam repositori / begin a connector from the example, in the repository.
    New(New),
    /// Konektor dalam program ini: operasi, akibat, bukti diri, pengaturan / connectors in this program.
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// Kata untuk konfigurasi: huruf kecil, angka, garis bawah / word for configuration, snake_case.
    nama: String,
    /// Folder induk, dari akar repositori / parent folder, from the root of the repository.
    #[arg(long, value_name = "FOLDER", default_value = "connectors")]
    folder: String,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Konfigurasi yang membangun konektor; bawaan config/sandbox yang tertanam / set that builds the connectors.
    #[arg(long, value_name = "JALUR")]
    config: Option<PathBuf>,
}

/// Runs a verb.
pub(super) fn run(voice: &Voice, verb: &Connector) -> Exit {
    match verb {
        Connector::New(New { nama, folder }) => new::new(voice, nama, folder),
        Connector::List(List { config }) => list::list(voice, config.as_deref()).into(),
    }
}
