//! The machine: does the journal's disk have room, and how quickly does it make something durable?

use super::{Finding, Level, bad, fine};
use crate::config::{Journal, Node};
use connector_sdk::Text;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Durable writes measured; the median counts.
const TRIES: usize = 21;
/// A page of the journal.
const PAGE: [u8; 4096] = [0x5a; 4096];
/// Up to this a durable write is quick, up to that bearable.
const QUICK: Duration = Duration::from_millis(10);
const BEARABLE: Duration = Duration::from_millis(50);
/// Free bytes below which it is tight, and below which it is nearly over.
const TIGHT: u64 = 10 << 30;
const OVER: u64 = 1 << 30;

pub(super) fn disk(node: &Node) -> Vec<Finding> {
    let file = match &node.journal {
        Journal::Sqlite { file } => file,
        Journal::Postgres { .. } => {
            return vec![fine(
                "disk",
                "",
                Text::new(
                    "jurnalnya di PostgreSQL; ruang dan kecepatannya diperiksa di sana, dan /readyz mengatakan apakah ia menyimpan",
                    "the journal is on PostgreSQL; its room and speed are looked at there, and /readyz says whether it stores",
                ),
            )];
        }
    };
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = folder.display().to_string();
    let took = match fsync(folder) {
        Ok(took) => took,
        Err(error) => {
            return vec![bad(
                "disk",
                &name,
                Level::Fail,
                Text::owned(
                    format!("tidak dapat ditulisi: {error}"),
                    format!("cannot be written: {error}"),
                ),
                Text::new(
                    "Buat foldernya dan beri hak tulis kepada pengguna gateway.",
                    "Make the folder and let the gateway's user write there.",
                ),
            )];
        }
    };
    vec![speed(&name, took), room(&name, folder)]
}

/// The median time of a durable write.
fn fsync(folder: &Path) -> io::Result<Duration> {
    let path = folder.join(format!(".simpul-doctor-{}", std::process::id()));
    let measured = measure(&path);
    // What was measured is not needed; an error here changes nothing about it.
    let _removed = std::fs::remove_file(&path);
    measured
}

fn measure(path: &Path) -> io::Result<Duration> {
    let mut file: File = OpenOptions::new().create_new(true).write(true).open(path)?;
    let mut took = Vec::with_capacity(TRIES);
    for _ in 0..TRIES {
        let began = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took.get(TRIES / 2).copied().unwrap_or_default())
}

fn speed(folder: &str, took: Duration) -> Finding {
    let millis = took.as_secs_f64() * 1000.0;
    let text = Text::owned(
        format!("satu tulisan tahan listrik {millis:.1} ms"),
        format!("one durable write takes {millis:.1} ms"),
    );
    let cure = Text::new(
        "Taruh jurnal di SSD lokal; disk jaringan dan HDD membuat setiap penerimaan menunggu.",
        "Put the journal on a local SSD; network disks and HDDs make every accept wait.",
    );
    let level = if took <= QUICK {
        return fine("fsync", folder, text);
    } else if took <= BEARABLE {
        Level::Warn
    } else {
        Level::Fail
    };
    bad("fsync", folder, level, text, cure)
}

#[expect(clippy::cast_precision_loss, reason = "bytes shown as GiB")]
fn room(name: &str, folder: &Path) -> Finding {
    let free = match rustix::fs::statvfs(folder) {
        Ok(stat) => stat.f_bavail.saturating_mul(stat.f_frsize),
        Err(error) => {
            return bad(
                "ruang",
                name,
                Level::Warn,
                Text::owned(
                    format!("ruang bebas tidak terbaca: {error}"),
                    format!("free space cannot be read: {error}"),
                ),
                Text::new("Periksa dengan `df`.", "Look with `df`."),
            );
        }
    };
    let gib = free as f64 / f64::from(1 << 30);
    let text = Text::owned(format!("{gib:.1} GiB bebas"), format!("{gib:.1} GiB free"));
    let cure = Text::new(
        "Perbesar disk atau pendekkan masa simpan ([[simpan]]); permintaan ditolak bila penuh.",
        "Grow the disk or shorten retention ([[simpan]]); requests are refused when it is full.",
    );
    match free {
        ..OVER => bad("ruang", name, Level::Fail, text, cure),
        OVER..TIGHT => bad("ruang", name, Level::Warn, text, cure),
        _ => fine("ruang", name, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_measured_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        assert!(fsync(folder.path()).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(fsync(&folder.path().join("tidak-ada")).is_err());
        assert_ne!(room("x", folder.path()).text.id, "");
    }

    #[test]
    fn slow_disks_are_told() {
        assert_eq!(speed("x", Duration::from_millis(1)).level, Level::Ok);
        assert_eq!(speed("x", Duration::from_millis(20)).level, Level::Warn);
        assert_eq!(speed("x", Duration::from_millis(90)).level, Level::Fail);
    }
}
