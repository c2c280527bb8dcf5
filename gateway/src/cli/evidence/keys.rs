//! Public keys: shown as lines that `--kunci` reads, and read from such a file. Only what the verifier brings along is
//! trusted; a key inside an archive proves nothing.

use super::super::client::Trouble;
use super::super::exit::Exit;
use super::super::say::Voice;
use serde_json::json;
use std::path::Path;

/// Prints the keys, oldest first.
pub(super) fn show(voice: &Voice, keys: &[(String, String)]) -> Result<Exit, Trouble> {
    let rows: Vec<_> = keys
        .iter()
        .map(|(key, since)| json!({"kunci": key, "sejak": since}))
        .collect();
    voice.answer(&json!({"ok": true, "butir": rows}), || {
        let lines = keys.iter().map(|(key, since)| format!("{key}  # {since}"));
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(if keys.is_empty() { Exit::Missing } else { Exit::Fine })
}

/// One key a line, 64 hex digits; what follows `#` is for people.
pub(super) fn read(file: &Path) -> Result<Vec<[u8; 32]>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut keys = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        keys.push(parse(line).ok_or_else(|| format!("{}:{}: 64 hex", file.display(), number + 1))?);
    }
    if keys.is_empty() {
        return Err(format!("{}: 0", file.display()));
    }
    Ok(keys)
}

/// 64 hex digits.
pub(super) fn parse(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key).ok()?;
    Some(key)
}
