//! `simpul queue`: what waits for each system, and how long the oldest has waited.

use super::client::{self, Remote};
use super::exit::Exit;
use super::say::Voice;
use super::table::table;
use super::words;
use serde_json::Value;

/// Shows the queues.
pub(super) fn queue(voice: &Voice, remote: &Remote) -> Exit {
    client::with(voice, remote, |client| async move {
        let queues = client.get("/antrean").await?;
        voice.answer(&queues, || shown(voice, &queues));
        Ok(Exit::Fine)
    })
}

fn shown(voice: &Voice, queues: &Value) -> String {
    let rows = queues
        .get("butir")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if rows.is_empty() {
        let nothing = voice.pick("Tidak ada yang menunggu.", "Nothing waits.");
        return nothing.to_owned();
    }
    let row = |row: &Value| {
        let age = row.get("umur_detik").and_then(Value::as_u64).unwrap_or_default();
        vec![
            words::text(row, "sistem"),
            words::state(voice, &words::text(row, "keadaan")).to_owned(),
            words::text(row, "jumlah"),
            words::span(age),
            words::moment(row, "tertua_pada"),
        ]
    };
    let head = match voice.tag() {
        "en" => ["SYSTEM", "STATE", "COUNT", "OLDEST", "SINCE"],
        _ => ["SISTEM", "KEADAAN", "JUMLAH", "TERTUA", "SEJAK"],
    };
    table(&head, &rows.iter().map(row).collect::<Vec<_>>())
}
