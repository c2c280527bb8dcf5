//! Spreadsheets that a person brings: `simpul impor nib` (the export of OSS) and `simpul impor sikd` (letters of SRIKANDI's
//! predecessor). What they have in common stands here: the sending with its progress, and the file of rejected rows.

mod columns;
mod nib;
mod sheet;
mod sikd;

use super::client::{Client, Trouble};
use super::exit::Exit;
use super::say::Voice;
use clap::Subcommand;
use columns::Cell;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
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

/// How many pushes became what.
#[derive(Clone, Copy, Default)]
struct Sent {
    new: usize,
    known: usize,
}

/// Sends one push after the other; each comes with the rows that it is made of.
async fn send(
    voice: &Voice,
    client: &Client,
    path: &str,
    pushes: impl ExactSizeIterator<Item = (Value, &[usize])>,
) -> Result<(Sent, Rejected), Trouble> {
    let bar = bar(voice, pushes.len());
    let (mut sent, mut refused) = (Sent::default(), Rejected::new());
    for (push, rows) in pushes {
        match client.post(path, &push).await {
            Ok(answer) if answer["baru"] == true => sent.new += 1,
            Ok(_) => sent.known += 1,
            // One push that is refused stops no other; a gateway that is gone stops all, and the file can be sent again.
            Err(Trouble::Refused(status, problem)) if status == 413 || status == 422 => {
                let why = problem["detail"].as_str().unwrap_or("ditolak / refused").to_owned();
                refused.extend(rows.iter().map(|row| (*row, why.clone())));
            }
            Err(trouble) => {
                bar.finish_and_clear();
                return Err(trouble);
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok((sent, refused))
}

/// Rows of one push may complete each other, and must not contradict. `of` is what they share.
fn fits(of: &str, known: &Map<String, Value>, row: &Map<String, Value>) -> Result<(), String> {
    let other = row
        .iter()
        .find(|(name, value)| known.get(*name).is_some_and(|known| known != *value));
    match other {
        None => Ok(()),
        Some((name, _)) => Err(format!(
            "{name}: berbeda dari baris sebelumnya dengan {of} ini / differs from an earlier row of this {of}"
        )),
    }
}

/// Titles of the file that no column is known by.
fn ignored<C>(sheet: &Sheet<C>) -> Vec<&str> {
    let unknown = sheet
        .header
        .iter()
        .filter(|(title, column)| column.is_none() && !title.is_empty());
    unknown.map(|(title, _)| title.as_str()).collect()
}

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

/// Writes the rejected rows to a file, `place` or one beside the import, and says where; none when nothing was rejected.
fn set_aside<C>(
    voice: &Voice,
    file: &Path,
    place: Option<&PathBuf>,
    sheet: &Sheet<C>,
    rejected: &[(usize, String)],
) -> Result<Option<String>, Exit> {
    if rejected.is_empty() {
        return Ok(None);
    }
    let place = place.cloned().unwrap_or_else(|| {
        let mut name = file.as_os_str().to_owned();
        name.push(".ditolak.csv");
        PathBuf::from(name)
    });
    match written(&place, sheet, rejected) {
        Ok(()) => Ok(Some(place.display().to_string())),
        Err(why) => {
            voice.failed(
                "berkas tolakan tidak tertulis",
                "the file of rejected rows cannot be written",
                &why,
            );
            Err(Exit::Failed)
        }
    }
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
