//! `simpul key darurat`: a break-glass pass for the operator port, made on the host from the master key. Nothing is written; the gateway
//! announces its first use.

use super::super::exit::Exit;
use super::super::say::Voice;
use crate::config::{self, Machine};
use crate::operator::{Emergency, LONGEST_MINUTES, Pass};
use crate::wiring::{self, SystemClock};
use clap::Args;
use gateway_core::time::Clock;
use jiff::SignedDuration;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "Contoh / example:\n  simpul key darurat --config /etc/simpul --nama \"Budi Contoh\" --alasan \"semua token operator hilang\"\n\n\
                        Pakai sebagai token operator, misalnya SIMPUL_TOKEN=… simpul exchange list / use it as an operator's token.\n\
                        Pemakaian pertamanya tercatat sebagai bukti, kejadian keamanan dan galat di log / its first use is evidence, a security event and an error in the log."
)]
pub(in super::super) struct Darurat {
    /// Folder atau berkas konfigurasi / folder or file of configuration.
    #[arg(long, value_name = "JALUR")]
    config: PathBuf,
    /// Siapa yang akan memakainya / who will use it.
    #[arg(long, value_name = "NAMA")]
    nama: String,
    /// Mengapa (5–500 karakter) / why (5 to 500 characters).
    #[arg(long, value_name = "TEKS")]
    alasan: String,
    /// Berlaku berapa menit, paling lama 60 / for how many minutes, at most 60.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST_MINUTES)))]
    menit: u32,
}

/// Makes a pass and prints it.
pub(in super::super) fn make(voice: &Voice, asked: &Darurat) -> Exit {
    let built = match config::from_disk(&asked.config, &Machine, None) {
        Ok(built) => built,
        Err(complaints) => return voice.complaints(&complaints).into(),
    };
    let (id, en) = ("kartu darurat tidak dibuat", "no pass was made");
    let seed = match wiring::session_seed(&built) {
        Ok(seed) => seed,
        Err(error) => return voice.failed(id, en, &error).into(),
    };
    let name = match super::random(16) {
        Ok(name) => name,
        Err(error) => return voice.failed(id, en, &error).into(),
    };
    let made = SystemClock.now();
    let until = made
        .checked_add(SignedDuration::from_mins(i64::from(asked.menit)))
        .unwrap_or(made);
    let pass = Pass {
        name: asked.nama.clone(),
        reason: asked.alasan.clone(),
        made,
        until,
        id: name,
    };
    let Some(text) = Emergency::new(&seed).issue(&pass) else {
        let why = voice.pick(
            "nama 1–100 karakter dan alasan 5–500 karakter wajib",
            "a name of 1 to 100 characters and a reason of 5 to 500 are needed",
        );
        return voice.failed(id, en, &why).into();
    };
    let text = text.expose();
    voice.answer(&json!({"token": text, "until": until.to_string()}), || {
        let id = format!("Kartu darurat untuk {}, berlaku sampai {until}:\n  {text}", pass.name);
        let en = format!("Break-glass pass for {}, until {until}:\n  {text}", pass.name);
        voice.pick(&id, &en).to_owned()
    });
    Exit::Fine
}
