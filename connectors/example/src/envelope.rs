//! The library wraps every answer as `{"kode", "pesan", "isi"}`; `kode` is `OK` or says what is wrong, whatever the
//! HTTP status. The screen judges that for all operations at once; [`content`] takes `isi` out of a good answer.

use connector_sdk::{Fault, FaultKind, Landed, NativeReply, Text, screen};
use serde_json::Value;

/// Passes good answers. HTTP 200 with another `kode` than `OK` is a fault.
pub(crate) fn screen(writes: bool, reply: &NativeReply) -> Result<(), Fault> {
    // An answer that cannot be read leaves a write unknown: the library may have done the work.
    let unsure = if writes { Landed::Unknown } else { Landed::No };
    let body = reply.json();
    let code = body.as_ref().ok().and_then(|b| b.get("kode")?.as_str());
    match (reply.is_success(), code) {
        (true, Some("OK")) => Ok(()),
        (_, Some(code)) => Err(known(code, unsure)
            .unwrap_or_else(|| by_status(writes, reply))
            .native_code(shown(code)))
        .map_err(|fault| fault.retry_after(screen::retry_after(reply))),
        (false, None) => Err(by_status(writes, reply)),
        (true, None) => Err(body.err().unwrap_or_else(|| Fault::drift("no `kode`")).landed(unsure)),
    }
}

/// `isi` of an answer that has passed the screen.
pub(crate) fn content(reply: &NativeReply) -> Result<Value, Fault> {
    match reply.json()?.get_mut("isi").map(Value::take) {
        Some(content @ Value::Object(_)) => Ok(content),
        _ => Err(Fault::drift("`isi` is not an object")),
    }
}

/// A text that the recorded contract promises.
pub(crate) fn text<'a>(content: &'a Value, name: &str) -> Result<&'a str, Fault> {
    let text = content.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    text.ok_or_else(|| Fault::drift(format!("`isi.{name}` is missing")))
}

/// What a code means, and whether the library says that nothing was done.
fn known(code: &str, unsure: Landed) -> Option<Fault> {
    let (kind, landed, text) = match code {
        "KUNCI" => (
            FaultKind::Misconfigured,
            Landed::No,
            Text::new(
                "Perpustakaan menolak kunci gateway.",
                "The library refuses the gateway's key.",
            ),
        ),
        "TIDAK_ADA" => (
            FaultKind::NotFound,
            Landed::No,
            Text::new(
                "Perpustakaan tidak memiliki buku ini.",
                "The library does not have this book.",
            ),
        ),
        "FORMAT" | "WAJIB" => (
            FaultKind::Rejected,
            Landed::No,
            Text::new("Perpustakaan menolak isian.", "The library refuses the content."),
        ),
        "BERBEDA" => (
            FaultKind::Conflict,
            Landed::No,
            Text::new(
                "Rujukan ini sudah dipakai untuk reservasi lain. Pakai rujukan baru.",
                "This reference belongs to another reservation. Use a new one.",
            ),
        ),
        "HABIS" => (
            FaultKind::Conflict,
            Landed::No,
            Text::new("Semua eksemplar sedang dipinjam.", "Every copy is on loan."),
        ),
        "BATAS" => (
            FaultKind::Throttled,
            Landed::No,
            Text::new("Perpustakaan meminta jeda.", "The library asks us to slow down."),
        ),
        "TUTUP" => (
            FaultKind::Unavailable,
            Landed::No,
            Text::new("Perpustakaan sedang tutup.", "The library is closed."),
        ),
        "GALAT" => (
            FaultKind::Unavailable,
            unsure,
            Text::new("Perpustakaan mengalami gangguan.", "The library has a failure."),
        ),
        _ => return None,
    };
    Some(Fault::new(kind, text).landed(landed))
}

/// What the HTTP status alone says. A success status with a code nobody knows is no success.
fn by_status(writes: bool, reply: &NativeReply) -> Fault {
    let unsure = if writes { Landed::Unknown } else { Landed::No };
    let judged = screen::http(writes, reply).err();
    judged.unwrap_or_else(|| Fault::drift("unknown `kode` under a success status").landed(unsure))
}

/// Codes are quoted for the operator; anything that does not look like one is not, for it could be personal data.
fn shown(code: &str) -> &str {
    let plain = code.len() <= 32 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { code } else { "lain" }
}
