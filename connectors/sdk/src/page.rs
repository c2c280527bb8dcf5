//! The reference page of a connector, written from its descriptor. Pure; the kit holds the file in `docs/reference/` to
//! it, so the page cannot say anything that the descriptor does not.

use crate::{Answer, Descriptor, Effect, FaultKind, Landed, OperationSpec, Replay};
use std::fmt::{self, Write};

/// The page in Markdown, Indonesian with the English sentence below each summary.
pub fn page(descriptor: &Descriptor) -> String {
    let mut out = String::new();
    // Writing into a String does not fail.
    let _ = write_page(&mut out, descriptor);
    out
}

fn write_page(out: &mut String, d: &Descriptor) -> fmt::Result {
    writeln!(
        out,
        "<!-- Dibuat dari deskriptor konektor; jangan disunting. Generated; do not edit. -->\n"
    )?;
    writeln!(out, "# Konektor `{}`: {}\n\n*{}*\n", d.id, d.title.id, d.title.en)?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(out, "| Pemilik sistem / *owner* | {} |", cell(&d.owner))?;
    writeln!(
        out,
        "| Versi antarmuka / *native version* | {} |",
        cell(&d.native_version)
    )?;
    writeln!(out, "| Rujukan / *documentation* | {} |", cell(&d.documentation))?;
    writeln!(
        out,
        "| Cara membuktikan diri / *authentication* | {} |",
        codes(d.auth.iter().map(AsRef::as_ref))
    )?;
    writeln!(out, "| Batas sistem / *native limits* | {} |", limits(d))?;
    if !d.operations.is_empty() {
        writeln!(out, "\n## Operasi / Operations")?;
        d.operations.iter().try_for_each(|o| operation(out, o))?;
    }
    if !d.hooks.is_empty() {
        writeln!(out, "\n## Kiriman masuk / Hooks\n")?;
        writeln!(out, "| kait | peristiwa | skema | terbesar | |\n|---|---|---|---|---|")?;
        for h in &d.hooks {
            let text = format!("{} *{}*", h.summary.id, h.summary.en);
            writeln!(
                out,
                "| `{}` | `{}` | `{}` | {} B | {} |",
                h.id,
                h.event,
                h.schema,
                h.max_body,
                cell(&text)
            )?;
        }
    }
    if !d.mirrors.is_empty() {
        writeln!(out, "\n## Salinan / Mirrors\n")?;
        writeln!(
            out,
            "| salinan | skema | kunci | setiap | susut terbesar | |\n|---|---|---|---|---|---|"
        )?;
        for m in &d.mirrors {
            let key = codes(m.key.iter().map(AsRef::as_ref));
            let text = cell(&format!("{} *{}*", m.summary.id, m.summary.en));
            let shrink = m.max_shrink_percent;
            writeln!(
                out,
                "| `{}` | `{}` | {key} | {} s | {shrink} % | {text} |",
                m.id, m.schema, m.every_s
            )?;
        }
    }
    if !d.errors.is_empty() {
        writeln!(out, "\n## Galat yang dikenal / Known errors\n")?;
        writeln!(
            out,
            "| status | contoh / *sample* | jenis / *kind* | berlaku / *landed* |\n|---|---|---|---|"
        )?;
        for e in &d.errors {
            let sample = if e.sample.is_empty() {
                String::new()
            } else {
                format!("`{}`", cell(&e.sample))
            };
            writeln!(
                out,
                "| {} | {sample} | `{}` | {} |",
                e.status,
                kind(e.kind),
                landed(e.landed)
            )?;
        }
    }
    if !d.settings.is_empty() {
        writeln!(out, "\n## Pengaturan / Settings\n")?;
        writeln!(out, "| kunci / *key* | wajib / *required* | |\n|---|---|---|")?;
        for s in &d.settings {
            let required = if s.required { "ya / *yes*" } else { "tidak / *no*" };
            writeln!(
                out,
                "| `{}` | {required} | {} |",
                s.key,
                cell(&format!("{} *{}*", s.text.id, s.text.en))
            )?;
        }
    }
    Ok(())
}

fn operation(out: &mut String, o: &OperationSpec) -> fmt::Result {
    writeln!(out, "\n### `{}`\n\n{}\n\n*{}*\n", o.id, o.summary.id, o.summary.en)?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(out, "| Masukan / *input* | `{}` |", o.request_schema)?;
    writeln!(out, "| Balasan / *reply* | `{}` |", o.reply_schema)?;
    writeln!(out, "| Akibat / *effect* | {} |", effect(o.effect))?;
    writeln!(out, "| Jawaban / *answer* | {} |", answer(o.answer))?;
    writeln!(out, "| Batas waktu / *deadline* | {} ms |", o.deadline_ms)?;
    if !o.reference.is_empty() {
        writeln!(
            out,
            "| Rujukan / *reference* | {} |",
            codes(o.reference.iter().map(AsRef::as_ref))
        )?;
    }
    if !o.ordering.is_empty() {
        writeln!(
            out,
            "| Urutan / *ordering* | {} |",
            codes(o.ordering.iter().map(AsRef::as_ref))
        )?;
    }
    if let Some(f) = &o.follow {
        let until = codes(f.until.iter().map(AsRef::as_ref));
        writeln!(
            out,
            "| Diikuti dengan / *followed by* | `{}` sampai / *until* {until} |",
            f.read
        )?;
    }
    Ok(())
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "membaca / *reads*",
        Effect::Write { replay: Replay::Native } => "menulis; aman diulang / *writes; safe to repeat*",
        Effect::Write {
            replay: Replay::ByReference,
        } => "menulis; dicari dulu sebelum diulang / *writes; looked up before repeating*",
        Effect::Write { replay: Replay::Unsafe } => {
            "menulis; tidak pernah diulang sendiri / *writes; never repeated by itself*"
        }
    }
}

fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Immediate => "langsung / *immediate*",
        Answer::Ticket => "tiket, lalu ditanyakan / *ticket, then polled*",
        Answer::Callback => "dipanggil balik / *callback*",
    }
}

fn limits(d: &Descriptor) -> String {
    let l = &d.limits;
    let mut parts = Vec::new();
    parts.extend(l.per_minute.map(|n| format!("{n} panggilan per menit")));
    parts.extend(l.concurrent.map(|n| format!("{n} bersamaan")));
    parts.extend(l.max_request.map(|n| format!("permintaan {n} B")));
    parts.extend(l.max_reply.map(|n| format!("balasan {n} B")));
    parts.extend(l.hours.as_ref().map(|h| {
        let clock = |m: u16| format!("{:02}.{:02}", m / 60, m % 60);
        format!("pukul {}–{} {}", clock(h.from_minute), clock(h.to_minute), h.zone)
    }));
    if parts.is_empty() {
        "tidak disebut / *none stated*".into()
    } else {
        parts.join(", ")
    }
}

/// The word that faults and problem pages use.
fn kind(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Invalid => "invalid",
        FaultKind::Rejected => "rejected",
        FaultKind::NotFound => "not_found",
        FaultKind::Conflict => "conflict",
        FaultKind::CredentialExpired => "credential_expired",
        FaultKind::Misconfigured => "misconfigured",
        FaultKind::Throttled => "throttled",
        FaultKind::Unavailable => "unavailable",
        FaultKind::OutOfHours => "out_of_hours",
        FaultKind::Timeout => "timeout",
        FaultKind::Drift => "drift",
        FaultKind::Internal => "internal",
    }
}

fn landed(landed: Landed) -> &'static str {
    match landed {
        Landed::No => "tidak / *no*",
        Landed::Yes => "ya / *yes*",
        Landed::Unknown => "tidak tahu / *unknown*",
    }
}

fn codes<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|w| format!("`{}`", cell(w))).collect::<Vec<_>>().join(", ")
}

/// A pipe would end the cell, a line break the row.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
