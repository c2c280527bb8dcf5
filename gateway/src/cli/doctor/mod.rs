//! `simpul doctor`: why does it not work, in plain words. Looks at configuration, disk, clock, credentials, and each system's
//! way: name, connection, certificate, answer. Every finding is ok, a warning or a failure, with what to do about it.
//!
//! Sends one read-only request without content per system, with the configured credentials only where SPLP is asked.

mod machine;
mod settings;
mod systems;

use super::exit::Exit;
use super::say::Voice;
use crate::config::{self, CONNECTORS, Machine};
use crate::wiring::SystemClock;
use clap::Args;
use connector_sdk::Text;
use gateway_core::time::Clock;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "Contoh / examples:\n  simpul doctor --config /etc/simpul\n  simpul doctor --config /etc/simpul --tanpa-jaringan --json\n\n\
                        Kode akhir / exit codes: 0 semua baik atau peringatan saja / fine or warnings only; 1 ada yang gagal / something failed"
)]
pub(super) struct Doctor {
    /// Folder atau berkas konfigurasi / folder or file of configuration.
    #[arg(long, value_name = "JALUR")]
    config: PathBuf,
    /// Jangan menghubungi sistem mana pun / call no system.
    #[arg(long)]
    tanpa_jaringan: bool,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warn,
    Fail,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq)]
struct Finding {
    /// What was looked at: a fixed word.
    area: &'static str,
    /// Of what: a system, a file; empty for the whole.
    of: String,
    level: Level,
    text: Text,
    cure: Option<Text>,
}

fn fine(area: &'static str, of: &str, text: Text) -> Finding {
    Finding {
        area,
        of: of.to_owned(),
        level: Level::Ok,
        text,
        cure: None,
    }
}

fn bad(area: &'static str, of: &str, level: Level, text: Text, cure: Text) -> Finding {
    Finding {
        level,
        cure: Some(cure),
        ..fine(area, of, text)
    }
}

/// Examines and tells.
pub(super) fn doctor(voice: &Voice, asked: &Doctor) -> Exit {
    let findings = examine(asked);
    let worst = findings.iter().map(|one| one.level).max().unwrap_or(Level::Ok);
    let rows: Vec<_> = findings
        .iter()
        .map(|one| {
            json!({
                "perihal": one.area, "dari": one.of, "hasil": one.level.word(),
                "id": one.text.id, "en": one.text.en,
                "obat": one.cure.as_ref().map(|cure| json!({"id": cure.id, "en": cure.en})),
            })
        })
        .collect();
    let answer = json!({ "hasil": worst.word(), "butir": rows });
    voice.answer(&answer, || {
        findings
            .iter()
            .map(|one| line(voice, one))
            .collect::<Vec<_>>()
            .join("\n")
    });
    (worst < Level::Fail).into()
}

fn line(voice: &Voice, one: &Finding) -> String {
    let mark = match one.level {
        Level::Ok => "ok   ",
        Level::Warn => "warn ",
        Level::Fail => "FAIL ",
    };
    let of = if one.of.is_empty() {
        String::new()
    } else {
        format!(" {}", one.of)
    };
    let mut line = format!("{mark} {}{of}: {}", one.area, voice.pick(&one.text.id, &one.text.en));
    if let Some(cure) = &one.cure {
        line.push_str(&format!("\n        → {}", voice.pick(&cure.id, &cure.en)));
    }
    line
}

fn examine(asked: &Doctor) -> Vec<Finding> {
    let built = config::from_disk(&asked.config, &Machine, None);
    let built = match built {
        Ok(built) => built,
        Err(complaints) => {
            let count = complaints.len();
            return vec![bad(
                "konfigurasi",
                &asked.config.display().to_string(),
                Level::Fail,
                Text::owned(
                    format!("{count} keluhan; gateway tidak akan mulai"),
                    format!("{count} complaints; the gateway would not start"),
                ),
                Text::new(
                    "Jalankan `simpul check --rahasia --config …`; ia menyebut berkas, baris dan perbaikannya.",
                    "Run `simpul check --rahasia --config …`; it names file, line and what to write.",
                ),
            )];
        }
    };
    let systems = built.catalogue.systems.len();
    let connectors = CONNECTORS.len();
    let mut findings = vec![fine(
        "konfigurasi",
        "",
        Text::owned(
            format!("terbaca utuh: {systems} sistem, {connectors} konektor terpasang"),
            format!("reads whole: {systems} systems, {connectors} connectors installed"),
        ),
    )];
    findings.extend(machine::disk(&built.node));
    findings.extend(settings::all(&built, SystemClock.now()));
    if !asked.tanpa_jaringan {
        findings.extend(systems::all(&built));
    }
    findings
}
