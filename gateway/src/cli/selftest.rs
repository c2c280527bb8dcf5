//! `simpul selftest crash`: shows on the operator's own machine that nothing acknowledged is lost and nothing is silently
//! done twice. It runs itself as a child on a journal of its own, between simulators that live in this process and count,
//! ends the child at every named step, at every stage of a delivery and at random moments, and compares what callers
//! were told with what arrived. The running gateway and its journal are never touched.

mod account;
mod child;
mod rounds;
mod set;
mod world;

use super::exit::Exit;
use super::say::Voice;
use super::table::table;
use account::Account;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Selftest {
    /// Mematikan gateway percobaan berulang-ulang dan menghitung akibatnya / kill a trial gateway over and over and count.
    Crash(Crash),
    /// Gateway percobaan / the trial gateway.
    #[command(hide = true)]
    Anak(Anak),
}

/// How much, and where.
#[derive(Debug, Args)]
pub(super) struct Crash {
    /// Berapa kali dimatikan pada saat acak / kills at random moments.
    #[arg(long, value_name = "N", default_value_t = 20)]
    kali: u32,
    /// Berapa kejadian tiap langkah jurnal / occurrences of every step of the journal.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=20))]
    langkah: u32,
    /// Benih saat-saat acak, agar dapat diulang / seed of the random moments.
    #[arg(long, value_name = "N")]
    benih: Option<u64>,
    /// Folder kerja di cakram yang hendak diuji; dihapus sesudahnya / working folder, on the disk to be tried.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// The child's own switches.
#[derive(Debug, Args)]
pub(super) struct Anak {
    #[arg(long)]
    config: PathBuf,
    /// `LANGKAH:KE`: end at this occurrence of a step.
    #[arg(long)]
    gagal: Option<String>,
}

/// Runs a verb.
pub(super) fn run(voice: &Voice, verb: &Selftest) -> Exit {
    match verb {
        Selftest::Crash(options) => crash(voice, options),
        Selftest::Anak(options) => child::run(voice, &options.config, options.gagal.as_deref()).into(),
    }
}

fn crash(voice: &Voice, options: &Crash) -> Exit {
    let seed = options.benih.unwrap_or_else(|| fastrand::u64(..));
    let parent = options.folder.clone().unwrap_or_else(std::env::temp_dir);
    let folder = parent.join(format!("simpul-selftest-{}", std::process::id()));
    let bar = bar(voice, rounds::length(options));
    let done = rounds::all(voice, options, &folder, seed, &bar);
    bar.finish_and_clear();
    // What is left of a failed run is what somebody will want to look at.
    if done
        .as_ref()
        .is_ok_and(|accounts| accounts.iter().all(Account::is_sound))
    {
        let _ = std::fs::remove_dir_all(&folder);
    }
    match done {
        Ok(accounts) => told(voice, &accounts, seed, &folder),
        Err(why) => voice
            .failed("uji tidak selesai", "the trial did not finish", &why)
            .into(),
    }
}

fn told(voice: &Voice, accounts: &[Account], seed: u64, folder: &std::path::Path) -> Exit {
    let sound = accounts.iter().all(Account::is_sound);
    let rows: Vec<_> = accounts.iter().map(Account::as_json).collect();
    let sum = |of: fn(&Account) -> usize| accounts.iter().map(of).sum::<usize>();
    let (lost, doubled) = (sum(|a| a.lost.len()), sum(|a| a.doubled.len()));
    let answer = json!({"ok": sound, "benih": seed, "baris": rows, "hilang": lost, "ganda": doubled});
    voice.answer(&answer, || {
        let head = match voice.tag() {
            "en" => Account::HEAD_EN,
            _ => Account::HEAD_ID,
        };
        let table = table(&head, &accounts.iter().map(|a| a.cells(voice)).collect::<Vec<_>>());
        let id = format!("{table}\n\nhilang = {lost}, ganda = {doubled} (benih {seed})");
        let en = format!("{table}\n\nlost = {lost}, doubled = {doubled} (seed {seed})");
        voice.pick(&id, &en).to_owned()
    });
    if !sound {
        let what = voice.pick("Berkas percobaan disimpan di", "The trial's files are kept in");
        voice.note(&format!("{what} {}", folder.display()));
    }
    sound.into()
}

fn bar(voice: &Voice, length: u64) -> ProgressBar {
    if voice.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{msg:24} {bar:32} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}
