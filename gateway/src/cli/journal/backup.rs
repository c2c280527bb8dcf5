//! `simpul journal backup` beside a running gateway, and `restore` in a place where none runs. The keys are not in the
//! copy: without the master key its bodies cannot be read, and keys are kept apart.

use super::super::exit::Exit;
use super::super::say::Voice;
use clap::Args;
use gateway_store::sqlite::{self, Copied};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// Berkas jurnal SQLite, juga selagi gateway berjalan / SQLite journal file, beside a running gateway too.
    #[arg(long, value_name = "JURNAL")]
    dari: PathBuf,
    /// Berkas cadangan yang dibuat / backup file to make.
    #[arg(value_name = "BERKAS")]
    berkas: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Berkas cadangan / backup file.
    #[arg(value_name = "BERKAS")]
    berkas: PathBuf,
    /// Berkas jurnal yang dibuat; belum boleh ada / journal file to make; must not exist.
    #[arg(long, value_name = "JURNAL")]
    ke: PathBuf,
}

pub(super) fn backup(voice: &Voice, options: &Backup) -> Exit {
    match sqlite::backup(&options.dari, &options.berkas) {
        Ok(copied) => {
            let (id, en) = (
                "Simpan kunci-induk dan kunci-bukti terpisah: tanpa kunci induk isinya tidak terbaca.",
                "Keep kunci-induk and kunci-bukti apart from it: without the master key no body can be read.",
            );
            told(voice, &copied, ("Cadangan dibuat", "Backup made"), voice.pick(id, en))
        }
        Err(error) => voice
            .failed("cadangan tidak dibuat", "no backup was made", &error)
            .into(),
    }
}

pub(super) fn restore(voice: &Voice, options: &Restore) -> Exit {
    match sqlite::restore(&options.berkas, &options.ke) {
        Ok(copied) => {
            let (id, en) = (
                "Letakkan kunci-induk dan kunci-bukti di sampingnya sebelum gateway dimulai.",
                "Put kunci-induk and kunci-bukti beside it before the gateway starts.",
            );
            told(
                voice,
                &copied,
                ("Jurnal dipulihkan", "Journal restored"),
                voice.pick(id, en),
            )
        }
        Err(error) => voice
            .failed("jurnal tidak dipulihkan", "the journal was not restored", &error)
            .into(),
    }
}

fn told(voice: &Voice, copied: &Copied, done: (&str, &str), next: &str) -> Exit {
    let Copied {
        exchanges,
        records,
        bytes,
    } = copied;
    let answer = json!({"ok": true, "pertukaran": exchanges, "bukti": records, "bita": bytes});
    voice.answer(&answer, || {
        let id = format!(
            "{}: {exchanges} pertukaran, {records} catatan bukti, {bytes} bita.",
            done.0
        );
        let en = format!(
            "{}: {exchanges} exchanges, {records} evidence records, {bytes} bytes.",
            done.1
        );
        format!("{}\n{next}", voice.pick(&id, &en))
    });
    Exit::Fine
}
