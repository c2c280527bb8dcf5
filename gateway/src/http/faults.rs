//! From a fault to a problem: one exhaustive match over kinds. The operator's text never leaves.

use super::problem::Problem;
use connector_sdk::{Fault, FaultKind, Landed, Origin, Text};
use gateway_core::exchange::State;

/// The problem of a fault; `state` is where a journalled exchange stands.
pub(super) fn problem(fault: &Fault, state: Option<State>) -> Problem {
    let unsure = fault.landed == Landed::Unknown || matches!(state, Some(State::Unresolved | State::Parked));
    let code = match fault.kind {
        _ if unsure && fault.kind != FaultKind::Internal => "hasil-belum-pasti",
        FaultKind::Invalid => "isi-tidak-sesuai",
        FaultKind::Rejected => "sistem-menolak",
        FaultKind::NotFound => "sistem-tanpa-data",
        FaultKind::Conflict => "sistem-bentrok",
        FaultKind::Misconfigured if fault.origin == Origin::Gateway => "belum-terpasang",
        FaultKind::CredentialExpired | FaultKind::Misconfigured => "konektor-salah",
        FaultKind::Throttled | FaultKind::Unavailable => "sistem-tidak-tersedia",
        FaultKind::OutOfHours => "di-luar-jam-layanan",
        FaultKind::Timeout => "sistem-lambat",
        FaultKind::Drift => "sistem-menyimpang",
        FaultKind::Internal if fault.origin == Origin::Connector => "konektor-salah",
        FaultKind::Internal => "kesalahan-gateway",
    };
    let landed = if unsure { Landed::Unknown } else { fault.landed };
    Problem {
        code,
        detail: joined(&fault.public, &next_step(code, landed, state)),
        origin: fault.origin,
        landed,
        retry: landed == Landed::No && fault.is_transient(),
        after: fault.retry_after.filter(|_| landed == Landed::No),
        errors: fault
            .complaints
            .iter()
            .map(|c| (c.pointer.clone(), "sistem".to_owned(), c.text.clone()))
            .collect(),
        header: None,
    }
}

fn next_step(code: &str, landed: Landed, state: Option<State>) -> Text {
    match (landed, state) {
        (Landed::Unknown, _) if code == "hasil-belum-pasti" => Text::new(
            "Mungkin sudah berlaku. Jangan kirim sebagai permintaan baru; ikuti alamat instance.",
            "It may have taken effect. Do not send it as a new request; follow the instance address.",
        ),
        (Landed::Yes, _) => Text::new("Permintaan sudah berlaku di sana.", "The request took effect there."),
        (Landed::No, Some(State::Dead)) => Text::new(
            "Tidak berlaku. Permintaan disimpan untuk petugas.",
            "It did not take effect. The request is kept for a person.",
        ),
        (Landed::No | Landed::Unknown, _) => Text::new("Tidak ada yang berlaku di sana.", "Nothing took effect there."),
    }
}

fn joined(first: &Text, second: &Text) -> Text {
    Text::owned(
        format!("{} {}", first.id, second.id),
        format!("{} {}", first.en, second.en),
    )
}
