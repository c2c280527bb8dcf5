//! Words for people: states, sides, times.

use super::say::Voice;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The text at a name, or a dash.
pub(super) fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A state in the reader's language.
pub(super) fn state<'t>(voice: &Voice, word: &'t str) -> &'t str {
    match word {
        "diterima" => voice.pick("Diterima", "Accepted"),
        "dikirim" => voice.pick("Dikirim", "Sending"),
        "menunggu_ulang" => voice.pick("Menunggu ulang", "Waiting to retry"),
        "hasil_belum_pasti" => voice.pick("Hasil belum pasti", "Being looked up"),
        "hasil_tidak_pasti" => voice.pick("Hasil tidak pasti", "Outcome unknown"),
        "terkirim" => voice.pick("Terkirim", "Delivered"),
        "ditolak" => voice.pick("Ditolak", "Rejected"),
        "gagal" => voice.pick("Gagal", "Failed"),
        "dibatalkan" => voice.pick("Dibatalkan", "Cancelled"),
        other => other,
    }
}

/// Whose side, and whether it landed.
pub(super) fn side(voice: &Voice, problem: &Value) -> String {
    let side = match problem.get("origin").and_then(Value::as_str) {
        Some("consumer") => voice.pick("konsumen", "consumer"),
        Some("gateway") => "gateway",
        Some("connector") => voice.pick("konektor", "connector"),
        Some("system") => voice.pick("sistem tujuan", "the system"),
        _ => "–",
    };
    let landed = match problem.get("landed").and_then(Value::as_str) {
        Some("yes") => voice.pick("sudah masuk", "landed"),
        Some("no") => voice.pick("tidak masuk", "did not land"),
        _ => voice.pick("belum pasti masuk", "may have landed"),
    };
    format!("{side}, {landed}")
}

/// A moment on this machine's clock, to the second.
pub(super) fn moment(value: &Value, name: &str) -> String {
    let found = value.get(name).and_then(Value::as_str);
    let found = found.and_then(|text| text.parse::<Timestamp>().ok());
    found.map_or_else(
        || "–".to_owned(),
        |at| {
            at.to_zoned_datetime(TimeZone::system())
                .strftime("%Y-%m-%d %H:%M:%S %Z")
                .to_string()
        },
    )
}

/// A span in the largest unit that fits.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
