//! Spreadsheets that a person brings: `simpul impor nib` (the export of OSS) and `simpul impor sikd` (letters of SRIKANDI's
//! predecessor). What they have in common stands here: the progress, and the file of rejected rows.

mod columns;
mod nib;
mod sheet;
mod sikd;

use super::exit::Exit;
use super::say::Voice;
use clap::Subcommand;
use columns::Cell;
use indicatif::{ProgressBar, ProgressStyle};
use sheet::Sheet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// What is imported.
#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Ekspor OSS (.xlsx atau .csv): NIB dengan proyek dan izinnya / the export of OSS: NIBs with projects and licences.
    Nib(nib::Nib),
    /// Naskah SIKD (.xlsx atau .csv): baris tabel inbox / letters of SIKD: rows of its inbox table.
    Sikd(sikd::Sikd),
}

/// Runs it.
pub(super) fn run(voice: &Voice, import: &Import) -> Exit {
    match import {
        Import::Nib(asked) => nib::run(voice, asked),
        Import::Sikd(asked) => sikd::run(voice, asked),
    }
}

/// Rows by their number in the file, and why they were not taken.
type Rejected = Vec<(usize, String)>;

fn bar(voice: &Voice, length: usize) -> ProgressBar {
    if voice.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {elapsed} ETA {eta} · {per_sec}") {
        bar.set_style(style);
    }
    bar
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".ditolak.csv");
    PathBuf::from(name)
}

/// The rejected rows as they were, with their number and the reason in front.
fn written<C>(place: &Path, sheet: &Sheet<C>, rejected: &[(usize, String)]) -> Result<(), String> {
    let mut out = csv::Writer::from_path(place).map_err(|error| error.to_string())?;
    let titles = sheet.header.iter().map(|(title, _)| title.clone());
    let head: Vec<String> = ["baris", "alasan"]
        .map(str::to_owned)
        .into_iter()
        .chain(titles)
        .collect();
    out.write_record(&head).map_err(|error| error.to_string())?;
    let nothing = Vec::new();
    for (number, why) in rejected {
        let cells = sheet
            .rows
            .iter()
            .find(|(row, _)| row == number)
            .map_or(&nothing, |(_, cells)| cells);
        let mut record = vec![number.to_string(), why.clone()];
        let cell = |at: usize| cells.get(at).and_then(Cell::text).unwrap_or_default();
        record.extend((0..sheet.header.len()).map(cell));
        out.write_record(&record).map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())
}
