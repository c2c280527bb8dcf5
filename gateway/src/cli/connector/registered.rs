//! `simpul connector test` and the life of a registered manifest. The test needs no gateway; the rest talks to the operator
//! port, one call per verb.

use super::live;
use super::shown::shown;
use crate::cli::client::{self, Remote};
use crate::cli::exit::Exit;
use crate::cli::say::Voice;
use crate::cli::table::table;
use crate::cli::words;
use clap::Args;
use connector_declarative::Flaw;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a node is asked whether a version is in force.
const LOOKS: u32 = 150;
/// Pause between looks.
const LOOK: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    /// Manifes, YAML atau JSON / the manifest.
    berkas: PathBuf,
    /// Kirim juga contohnya ke sandbox sistem itu; rahasia dari SIMPUL_RAHASIA_{SISTEM}_{NAMA} / also against a living sandbox.
    #[arg(long, value_name = "URL")]
    sandbox: Option<String>,
    /// Operasi tulis juga / writes too.
    #[arg(long, requires = "sandbox")]
    tulis: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Register {
    /// Manifes, YAML atau JSON / the manifest.
    berkas: PathBuf,
    /// Alasan, dicatat / the reason, kept.
    #[arg(long)]
    alasan: String,
    /// Hanya dinilai, tidak disimpan / judged only, not kept.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Registered {
    /// Satu konektor: sistem@versi / one connector.
    id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Decide {
    /// sistem@versi / system@version.
    id: String,
    /// Alasan, dicatat / the reason, kept.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Shift {
    #[command(flatten)]
    decide: Decide,
    /// Dari seratus pertukaran sekian / of a hundred exchanges so many.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    persen: u8,
    /// Semua pertukaran konsumen ini / all exchanges of this consumer.
    #[arg(long)]
    konsumen: Vec<String>,
}

/// Judges a manifest and runs its trials, here and now.
pub(super) fn test(voice: &Voice, test: &Test) -> Exit {
    let text = match std::fs::read_to_string(&test.berkas) {
        Ok(text) => text,
        Err(error) => {
            return voice
                .failed("manifes tidak terbaca", "the manifest cannot be read", &error)
                .into();
        }
    };
    let registry = match schemas::Registry::embedded() {
        Ok(registry) => registry,
        Err(error) => return voice.failed("skema", "schemas", &error).into(),
    };
    let (manifest, mut judgement) = match crate::registry::judge(&text, &registry) {
        Ok(judged) => judged,
        Err(flaws) => return told(voice, &test.berkas, &flaws),
    };
    if !judgement.keluhan.is_empty() {
        return told(voice, &test.berkas, &judgement.keluhan);
    }
    if let Some(url) = &test.sandbox {
        let sandbox = live::Sandbox {
            url,
            writes: test.tulis,
        };
        match registry.with(manifest.skema.clone()) {
            Ok(registry) => judgement.uji.extend(live::trials(&manifest, &registry, &sandbox)),
            Err(error) => return voice.failed("skema", "schemas", &error).into(),
        }
    }
    let name = &manifest.sistem;
    let sound = judgement.is_sound();
    voice.answer(
        &json!({"ok": sound, "sistem": name, "uji": judgement.uji, "silsilah": judgement.silsilah}),
        || {
            let rows = judgement.uji.iter().map(|trial| match &trial.failed {
                None => format!("ok      {}", trial.name),
                Some(why) => format!("GAGAL   {}\n          {why}", trial.name),
            });
            let failed = judgement.uji.iter().filter(|trial| trial.failed.is_some()).count();
            let all = judgement.uji.len();
            let sum = voice
                .pick(
                    &format!("{all} uji, {failed} gagal."),
                    &format!("{all} trials, {failed} failed."),
                )
                .to_owned();
            rows.chain([sum]).collect::<Vec<_>>().join("\n")
        },
    );
    sound.into()
}

fn told(voice: &Voice, file: &Path, flaws: &[Flaw]) -> Exit {
    if voice.is_json() {
        voice.answer(&json!({"ok": false, "keluhan": flaws}), String::new);
        return Exit::Failed;
    }
    for flaw in flaws {
        let line = flaw.line.map_or_else(String::new, |line| format!(":{line}"));
        voice.note(&format!(
            "{}{line} {}\n    {}\n    → {}",
            file.display(),
            flaw.key,
            voice.pick(&flaw.what.id, &flaw.what.en),
            voice.pick(&flaw.advice.id, &flaw.advice.en)
        ));
    }
    let count = flaws.len();
    voice.note(voice.pick(&format!("{count} keluhan."), &format!("{count} complaints.")));
    Exit::Failed
}

/// Sends a manifest.
pub(super) fn register(voice: &Voice, asked: &Register) -> Exit {
    let text = match std::fs::read_to_string(&asked.berkas) {
        Ok(text) => text,
        Err(error) => {
            return voice
                .failed("manifes tidak terbaca", "the manifest cannot be read", &error)
                .into();
        }
    };
    let path = if asked.dry_run { "/konektor/nilai" } else { "/konektor" };
    let body = json!({"manifes": text, "alasan": asked.alasan});
    client::with(voice, &asked.remote, |client| async move {
        let view = client.post(path, &body).await?;
        let sound = view["layak"] == true;
        voice.answer(&view, || {
            let trials = view
                .pointer("/penilaian/uji")
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            let said = match sound {
                true => voice.pick("layak", "sound"),
                false => voice.pick("belum layak", "not sound yet"),
            };
            format!(
                "{} {said}; {trials} {}",
                words::text(&view, "id"),
                voice.pick("uji", "trials")
            )
        });
        Ok(sound.into())
    })
}

/// Lists what is registered, or shows one.
pub(super) fn registered(voice: &Voice, asked: &Registered) -> Exit {
    let path = asked
        .id
        .as_ref()
        .map_or_else(|| "/konektor".to_owned(), |id| format!("/konektor/{id}"));
    client::with(voice, &asked.remote, |client| async move {
        let view = client.get(&path).await?;
        voice.answer(&view, || match view.get("butir").and_then(Value::as_array) {
            None => shown(voice, &view),
            Some(rows) => rows_of(voice, rows),
        });
        Ok(Exit::Fine)
    })
}

/// Walks the way to a registered system.
pub(super) fn connect(voice: &Voice, asked: &Registered) -> Exit {
    let Some(id) = asked.id.clone() else {
        voice.note(voice.pick("sebutkan sistem@versi", "name system@version"));
        return Exit::Usage;
    };
    client::with(voice, &asked.remote, |client| async move {
        let view = client.post(&format!("/konektor/{id}/sambungan"), &json!({})).await?;
        let well = view["baik"] == true;
        voice.answer(&view, || {
            let rows = view["langkah"].as_array().into_iter().flatten().map(|row| {
                let mark = match row["hasil"].as_str() {
                    Some("baik") => "ok   ",
                    Some("gagal") => "GAGAL",
                    _ => "-    ",
                };
                let text = &row["keterangan"];
                let text = voice.pick(
                    text["id"].as_str().unwrap_or_default(),
                    text["en"].as_str().unwrap_or_default(),
                );
                format!("{mark} {:<4} {text} ({} ms)", words::text(row, "langkah"), row["ms"])
            });
            rows.collect::<Vec<_>>().join("\n")
        });
        Ok(if well { Exit::Fine } else { Exit::Failed })
    })
}

fn rows_of(voice: &Voice, rows: &[Value]) -> String {
    let row = |row: &Value| {
        let runs = match row["berlaku"] == true {
            true => voice.pick("ya", "yes"),
            false => voice.pick("tidak", "no"),
        };
        let complaints = row["keluhan"].as_array().map_or(0, Vec::len);
        vec![
            words::text(row, "id"),
            words::text(row, "keadaan"),
            runs.to_owned(),
            complaints.to_string(),
        ]
    };
    let head = match voice.tag() {
        "en" => ["CONNECTOR", "STATE", "IN FORCE", "COMPLAINTS"],
        _ => ["KONEKTOR", "KEADAAN", "BERLAKU", "KELUHAN"],
    };
    table(&head, &rows.iter().map(row).collect::<Vec<_>>())
}

/// Gives a share, and waits until this node does.
pub(super) fn shift(voice: &Voice, asked: &Shift) -> Exit {
    let share = json!({"persen": asked.persen, "konsumen": asked.konsumen});
    let body = json!({"alasan": asked.decide.alasan, "bagian": share});
    stepped(voice, &asked.decide, "alihkan", body)
}

/// One step; `word` as the address has it. Putting in force waits until this node does.
pub(super) fn decide(voice: &Voice, asked: &Decide, word: &'static str) -> Exit {
    stepped(voice, asked, word, json!({"alasan": asked.alasan}))
}

fn stepped(voice: &Voice, asked: &Decide, word: &'static str, body: Value) -> Exit {
    let id = asked.id.clone();
    let runs = matches!(word, "aktifkan" | "alihkan");
    client::with(voice, &asked.remote, |client| async move {
        let mut view = client.post(&format!("/konektor/{id}/{word}"), &body).await?;
        if runs {
            let settled =
                |view: &Value| view["berlaku"] == true || view["keluhan"].as_array().is_some_and(|all| !all.is_empty());
            for _ in 0..LOOKS {
                if settled(&view) {
                    break;
                }
                tokio::time::sleep(LOOK).await;
                view = client.get(&format!("/konektor/{id}")).await?;
            }
        }
        let broken = runs && view["berlaku"] != true;
        voice.answer(&view, || {
            let share = view["bagian"].as_object().map(|share| match voice.tag() {
                "en" => format!(", a share: {} % {}", share["persen"], share["konsumen"]),
                _ => format!(", sebagian: {} % {}", share["persen"], share["konsumen"]),
            });
            let runs = match view["berlaku"] == true {
                true => voice.pick(", berlaku", ", in force"),
                false => "",
            };
            let runs = format!("{runs}{}", share.unwrap_or_default());
            let complaints = view["keluhan"].as_array().into_iter().flatten().map(|one| {
                format!(
                    "\n    {} {}: {}",
                    words::text(one, "berkas"),
                    words::text(one, "kunci"),
                    voice.pick(
                        one["apa"]["id"].as_str().unwrap_or_default(),
                        one["apa"]["en"].as_str().unwrap_or_default(),
                    )
                )
            });
            let complaints: String = complaints.collect();
            format!(
                "{} {}{runs}{complaints}",
                words::text(&view, "id"),
                words::text(&view, "keadaan")
            )
        });
        Ok(if broken { Exit::Failed } else { Exit::Fine })
    })
}
