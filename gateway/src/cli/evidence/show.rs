//! What verification found, in words or as JSON, and the progress of long work.

use super::super::exit::Exit;
use super::super::say::Voice;
use gateway_core::evidence::check::{Finding, Summary};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::io::IsTerminal;

/// All of it holds.
pub(super) fn sound(voice: &Voice, summary: &Summary, trusted: bool) -> Exit {
    let (number, hash) = (summary.last.0, hex::encode(summary.last.1));
    let heads = summary.heads.iter();
    let chains: Vec<Value> = heads
        .map(|(chain, (seq, hash))| json!({"rantai": chain, "seq": seq, "hash": hex::encode(hash)}))
        .collect();
    let answer = json!({
        "ok": true, "ikatan": summary.batches, "catatan": summary.records, "belum_ditandatangani": summary.unsigned,
        "kepala": format!("{number}:{hash}"), "rantai": chains, "kunci_dibawa": trusted,
    });
    voice.answer(&answer, || {
        let Summary { batches, records, unsigned, .. } = summary;
        let id = format!("Bukti utuh: {records} catatan dalam {batches} ikatan. Kepala {number}:{hash}");
        let en = format!("The evidence is sound: {records} records in {batches} batches. Head {number}:{hash}");
        let mut text = voice.pick(&id, &en).to_owned();
        if *unsigned > 0 {
            let id = format!("\n{unsigned} catatan terakhir bersambung tetapi belum ditandatangani.");
            let en = format!("\nThe last {unsigned} records are chained but not signed yet.");
            text.push_str(voice.pick(&id, &en));
        }
        if !trusted {
            text.push_str(voice.pick(
                "\nDiperiksa dengan kunci yang tercatat di jurnal itu sendiri; pakai --kunci untuk kunci yang Anda percaya.",
                "\nVerified with the keys that the journal itself lists; use --kunci for keys that you trust.",
            ));
        }
        text
    });
    Exit::Fine
}

/// The first thing that does not hold.
pub(super) fn broken(voice: &Voice, file: &str, finding: &Finding) -> Exit {
    let (id, en) = finding.flaw.texts();
    let record = finding.record.as_ref();
    if voice.is_json() {
        let answer = json!({
            "ok": false, "berkas": file, "ikatan": finding.batch, "rantai": record.map(|(chain, _)| chain),
            "seq": record.map(|(_, seq)| seq), "sebab": finding.flaw.word(), "error": voice.pick(id, en),
        });
        voice.answer(&answer, String::new);
        return Exit::Failed;
    }
    let batch = finding.batch;
    let (place_id, place_en) = match record {
        Some((chain, seq)) => (
            format!("catatan {seq} rantai {chain} (ikatan {batch})"),
            format!("record {seq} of chain {chain} (batch {batch})"),
        ),
        None => (format!("ikatan {batch}"), format!("batch {batch}")),
    };
    let id = format!("Bukti RUSAK pada {place_id}: {id}. {file}");
    let en = format!("The evidence is BROKEN at {place_en}: {en}. {file}");
    voice.note(voice.pick(&id, &en));
    Exit::Failed
}

/// It cannot be read at all.
pub(super) fn unreadable(voice: &Voice, why: &dyn std::fmt::Display) -> Exit {
    voice
        .failed("bukti tidak dapat dibaca", "the evidence cannot be read", why)
        .into()
}

/// Progress, for people.
pub(super) fn bar(voice: &Voice, length: u64) -> ProgressBar {
    if voice.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}
