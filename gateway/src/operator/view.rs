//! How exchanges, attempts and faults are shown to the operator: metadata, never a body. Texts that others filled in
//! pass [`masked`], in case a system's code or a caller's reference holds a NIK after all.

use connector_sdk::{Fault, Landed};
use gateway_core::evidence::fault_word;
use gateway_core::exchange::{Attempt, State, Stored, TryKind};
use gateway_core::person::{Proposal, Wish};
use serde_json::{Value, json};
use std::fmt::Write;

/// Digits of a NIK, and of a family card's number.
const NIK: usize = 16;
/// Digits that stay at either end.
const SHOWN: usize = 4;

pub(super) fn exchange(stored: &Stored) -> Value {
    json!({
        "id": stored.id.to_string(),
        "seq": stored.seq,
        "konsumen": stored.consumer,
        "operasi": stored.operation,
        "sistem": stored.system,
        "tujuan": stored.purpose,
        "keadaan": stored.state.word(),
        "rujukan": stored.reference.as_deref().map(masked),
        "jumlah_percobaan": stored.attempts,
        "jumlah_pencarian": stored.lookups,
        "percobaan_berikut_pada": waits(stored.state).then(|| stored.due.to_string()),
        "alasan": stored.reason.as_deref().map(masked),
        "masalah": stored.fault.as_ref().filter(|_| stored.state != State::Done).map(|last| of_exchange(last, stored.state)),
        "sebab": stored.cause.map(|id| id.to_string()),
        "trace": stored.trace,
        "dibuat_pada": stored.created.to_string(),
        "diperbarui_pada": stored.changed.to_string(),
    })
}

pub(super) fn attempt(attempt: &Attempt) -> Value {
    json!({
        "nomor": attempt.number,
        "jenis": match attempt.kind {
            TryKind::Deliver => "kirim",
            TryKind::Lookup => "cari",
            TryKind::Late => "susulan",
            TryKind::Person => "petugas",
        },
        "mulai_pada": attempt.started.to_string(),
        "selesai_pada": attempt.ended.to_string(),
        "sistem_ms": attempt.system_ms,
        "langkah": attempt.step,
        "status_asli": attempt.status,
        "masalah": attempt.fault.as_ref().map(fault),
        "oleh": attempt.by,
    })
}

/// What a first person wished for; a stated reply is not shown.
pub(super) fn proposal(proposal: &Proposal) -> Value {
    let (action, force) = match &proposal.wish {
        Wish::KirimUlang { paksa } => ("kirim_ulang", *paksa),
        Wish::Batalkan => ("batalkan", false),
        Wish::NyatakanBerlaku { .. } => ("nyatakan_berlaku", false),
    };
    json!({
        "tindakan": action,
        "paksa": force,
        "oleh": proposal.by,
        "alasan": masked(&proposal.reason),
        "pada": proposal.at.to_string(),
    })
}

fn fault(fault: &Fault) -> Value {
    json!({
        "jenis": fault_word(fault),
        "origin": fault.origin,
        "landed": match fault.landed {
            Landed::No => "no",
            Landed::Yes => "yes",
            Landed::Unknown => "unknown",
        },
        "after_seconds": fault.retry_after.map(|after| after.as_secs()),
        "kode_asli": fault.native_code.as_deref().map(masked),
        "detail": masked(&fault.public.id),
        "detail_en": masked(&fault.public.en),
        "internal": fault.internal.as_deref().map(masked),
        "pointer": fault.complaints.iter().map(|complaint| masked(&complaint.pointer)).collect::<Vec<_>>(),
    })
}

/// The last fault may be a look-up's: that the question did not land says nothing about the write, which stays unknown.
fn of_exchange(last: &Fault, state: State) -> Value {
    let mut shown = fault(last);
    if matches!(state, State::Unresolved | State::Parked) {
        shown["landed"] = "unknown".into();
    }
    shown
}

fn waits(state: State) -> bool {
    matches!(state, State::Accepted | State::Scheduled | State::Unresolved)
}

/// The same for every text within a value.
pub(super) fn masked_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = masked(text),
        Value::Array(items) => items.iter_mut().for_each(masked_all),
        Value::Object(fields) => fields.values_mut().for_each(masked_all),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Numbers of sixteen digits lose their middle.
pub(super) fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (run, after) = rest.split_at(digits);
        if digits == NIK {
            // Writing to a string cannot fail.
            let _ = write!(
                shown,
                "{}{}{}",
                &run[..SHOWN],
                "*".repeat(NIK - 2 * SHOWN),
                &run[NIK - SHOWN..]
            );
        } else {
            shown.push_str(run);
        }
        let other = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        shown.push_str(&after[..other]);
        rest = &after[other..];
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_of_sixteen_digits_lose_their_middle() {
        let nik = format!("{}{}", "367101", "0101900000");
        assert_eq!(masked(&format!("NIK {nik}, é")), "NIK 3671********0000, é");
        assert_eq!(masked(&format!("{nik}/{nik}")), "3671********0000/3671********0000");
        for plain in ["", "LPR-2026-17", "123456789012345", "12345678901234567"] {
            assert_eq!(masked(plain), plain);
        }
    }
}
