//! `simpul connector list`: what each compiled connector can do. Settings decide (a dialect has other operations), so the
//! connectors are shown as a configuration builds them; one that it does not use is named only.

use crate::cli::dev;
use crate::cli::say::Voice;
use crate::cli::table::table;
use crate::config::{self, CONNECTORS};
use connector_sdk::{Descriptor, Effect, Replay, Text};
use serde_json::json;
use std::path::Path;

/// Lists the connectors as a set builds them, or as the sandbox does.
pub(super) fn list(voice: &Voice, set: Option<&Path>) -> bool {
    let files = set.map_or_else(|| Ok(dev::sandbox()), config::load);
    let checked = match files.and_then(|files| config::check(&config::parse(&files), CONNECTORS)) {
        Ok(checked) => checked,
        Err(complaints) => return voice.complaints(&complaints),
    };
    let mut shown = Vec::new();
    for factory in CONNECTORS {
        let systems = checked.systems.iter();
        let built: Vec<_> = systems
            .map(|system| (system.id.as_str(), system.connector.descriptor()))
            .filter(|(_, descriptor)| descriptor.id == factory.kind)
            .collect();
        if built.is_empty() {
            shown.push((factory.kind, None));
        }
        shown.extend(built.into_iter().map(|system| (factory.kind, Some(system))));
    }
    let answer = shown.iter().map(|(kind, built)| {
        let (system, descriptor) = built.unzip();
        json!({"connector": kind, "system": system, "descriptor": descriptor})
    });
    voice.answer(&answer.collect(), || {
        let blocks = shown.iter().map(|(kind, built)| match built {
            Some((system, descriptor)) => block(voice, kind, system, descriptor),
            None => {
                let unused = voice.pick(
                    "tidak dipakai konfigurasi ini, lihat",
                    "not used by this configuration, see",
                );
                format!("{kind}: {unused} docs/reference/konektor-{kind}.md")
            }
        });
        blocks.collect::<Vec<_>>().join("\n\n")
    });
    true
}

fn block(voice: &Voice, kind: &str, system: &str, descriptor: &Descriptor) -> String {
    let pick = |text: &Text| voice.pick(&text.id, &text.en).to_owned();
    let auth: Vec<&str> = descriptor.auth.iter().map(AsRef::as_ref).collect();
    let mut lines = vec![format!(
        "{kind}: {} ({} {system}; {} {})",
        pick(&descriptor.title),
        voice.pick("sistem", "system"),
        voice.pick("bukti diri", "authentication"),
        auth.join(", ")
    )];
    let mut part = |head: [&str; 3], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            lines.extend(table(&head, &rows).lines().map(|line| format!("  {line}")));
        }
    };
    let operations = descriptor.operations.iter().map(|operation| {
        vec![
            operation.id.to_string(),
            effect(voice, operation.effect).to_owned(),
            pick(&operation.summary),
        ]
    });
    let head = [voice.pick("OPERASI", "OPERATION"), voice.pick("AKIBAT", "EFFECT"), ""];
    part(head, operations.collect());
    let settings = descriptor.settings.iter().map(|setting| {
        let needed = if setting.required {
            voice.pick("wajib", "required")
        } else {
            "–"
        };
        vec![setting.key.to_string(), needed.to_owned(), pick(&setting.text)]
    });
    part([voice.pick("PENGATURAN", "SETTING"), "", ""], settings.collect());
    lines.join("\n")
}

/// What an operation does to the system, and how it may be repeated.
fn effect(voice: &Voice, effect: Effect) -> &'static str {
    match effect {
        Effect::Read => voice.pick("membaca", "reads"),
        Effect::Write { replay: Replay::Native } => voice.pick("menulis, aman diulang", "writes, safe to repeat"),
        Effect::Write {
            replay: Replay::ByReference,
        } => voice.pick("menulis, dicari dulu", "writes, looked up first"),
        Effect::Write { replay: Replay::Unsafe } => voice.pick("menulis, tidak diulang", "writes, never repeated"),
    }
}
