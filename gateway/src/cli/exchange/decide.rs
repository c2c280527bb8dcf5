//! Decisions about exchanges named one by one. Each is asked for on its own; the worst answer is the exit code.

use super::super::client::{Client, Trouble};
use super::super::exit::Exit;
use super::super::say::Voice;
use super::super::words;
use gateway_core::ids::ExchangeId;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

/// Asks for the same decision about each.
pub(super) async fn each(
    voice: &Voice,
    ids: &[ExchangeId],
    verb: &str,
    body: Value,
    client: Client,
) -> Result<Exit, Trouble> {
    let mut worst = Exit::Fine;
    let mut answers = Vec::new();
    for id in ids {
        match client.post(&format!("/pertukaran/{id}/{verb}"), &body).await {
            Ok(answer) => {
                if !voice.is_json() {
                    voice.answer(&Value::Null, || ruling(voice, id, &answer));
                }
                answers.push(answer);
            }
            Err(Trouble::Refused(status, problem)) if ids.len() > 1 => {
                worst = worst.max(Exit::of_status(status));
                if !voice.is_json() {
                    let title = words::text(&problem, "title");
                    voice.note(&format!("{id}: {title}: {}", words::text(&problem, "detail")));
                }
                answers.push(json!({"id": id.to_string(), "ok": false, "problem": problem}));
            }
            Err(trouble) => return Err(trouble),
        }
    }
    if voice.is_json() {
        let answer = match answers.len() {
            1 => answers.remove(0),
            _ => json!({"butir": answers}),
        };
        voice.answer(&answer, String::new);
    }
    Ok(worst)
}

fn ruling(voice: &Voice, id: &ExchangeId, answer: &Value) -> String {
    if answer["hasil"] == "menunggu_orang_kedua" {
        let id_text = format!("{id}: diusulkan; petugas lain menyetujui dengan `simpul exchange confirm {id}`");
        let en_text = format!("{id}: proposed; another operator confirms with `simpul exchange confirm {id}`");
        return voice.pick(&id_text, &en_text).to_owned();
    }
    let state = words::text(&answer["pertukaran"], "keadaan");
    format!("{id}: {}", words::state(voice, &state))
}

/// A canonical reply from a file.
pub(super) fn reply(file: &Path) -> Result<Value, Trouble> {
    let wrong = |why: &dyn std::fmt::Display| Trouble::Usage(format!("--balasan {}: {why}", file.display()));
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map_err(|e| wrong(&e))?;
    } else {
        text = std::fs::read_to_string(file).map_err(|e| wrong(&e))?;
    }
    serde_json::from_str(&text).map_err(|e| wrong(&e))
}
