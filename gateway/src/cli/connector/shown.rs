//! One registered connector for the person who decides: where it stands and who did what, what does not fit, what it changes for
//! consumers, which trials failed, and where each field comes from. `--json` has all of it and the manifest's text.

use crate::cli::say::Voice;
use crate::cli::table::table;
use crate::cli::words;
use serde_json::Value;

/// The whole page.
pub(super) fn shown(voice: &Voice, view: &Value) -> String {
    let mut parts = vec![head(voice, view), steps(voice, view)];
    parts.extend(complaints(voice, &view["keluhan"]));
    parts.extend(complaints(voice, &view["penilaian"]["keluhan"]));
    parts.push(trials(voice, &view["penilaian"]["uji"]));
    parts.extend(changes(voice, &view["perubahan"]));
    parts.extend(lineage(voice, &view["penilaian"]["silsilah"]));
    parts.join("\n\n")
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn head(voice: &Voice, view: &Value) -> String {
    let runs = match view["berlaku"] == true {
        true => voice.pick("berlaku", "in force"),
        false => voice.pick("tidak berlaku", "not in force"),
    };
    let share = match view["bagian"].as_object() {
        Some(share) => format!(
            ", {} {} % {}",
            voice.pick("sebagian:", "a share:"),
            share["persen"],
            share["konsumen"]
        ),
        None => String::new(),
    };
    format!(
        "{} {}, {runs}{share}",
        words::text(view, "id"),
        words::text(view, "keadaan")
    )
}

fn steps(voice: &Voice, view: &Value) -> String {
    let row = |step: &Value| {
        ["pada", "tindakan", "oleh", "alasan"]
            .map(|name| words::text(step, name))
            .to_vec()
    };
    let head = match voice.tag() {
        "en" => ["WHEN", "WHAT", "WHO", "WHY"],
        _ => ["PADA", "TINDAKAN", "OLEH", "ALASAN"],
    };
    table(&head, &rows(&view["langkah"]).map(row).collect::<Vec<_>>())
}

/// Complaints of the manifest (`key`, `what`, `advice`) or of the configuration it would make (`kunci`, `apa`, `saran`).
fn complaints(voice: &Voice, list: &Value) -> Option<String> {
    let said = |one: &Value, names: [&str; 2]| {
        let text = names.iter().map(|name| &one[*name]).find(|text| text.is_object());
        let text = text.unwrap_or(&Value::Null);
        let word = |tag: &str| text[tag].as_str().unwrap_or_default();
        voice.pick(word("id"), word("en")).to_owned()
    };
    let one = |one: &Value| {
        let place = ["kunci", "key"]
            .iter()
            .find_map(|name| one[*name].as_str())
            .unwrap_or_default();
        let line = ["baris", "line"].iter().find_map(|name| one[*name].as_u64());
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        let (what, cure) = (said(one, ["apa", "what"]), said(one, ["saran", "advice"]));
        format!("{place}{line}\n    {what}\n    → {cure}")
    };
    let all: Vec<String> = rows(list).map(one).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

fn trials(voice: &Voice, list: &Value) -> String {
    let failed = |trial: &&Value| !trial["failed"].is_null();
    let (all, wrong) = (rows(list).count(), rows(list).filter(failed).count());
    let sum = voice
        .pick(
            &format!("{all} uji, {wrong} gagal."),
            &format!("{all} trials, {wrong} failed."),
        )
        .to_owned();
    let told = rows(list).filter(failed);
    let told = told.map(|trial| {
        format!(
            "GAGAL   {}\n          {}",
            words::text(trial, "name"),
            words::text(trial, "failed")
        )
    });
    told.chain([sum]).collect::<Vec<_>>().join("\n")
}

/// Against the version in force; none when there is no other.
fn changes(voice: &Voice, list: &Value) -> Option<String> {
    let all = list.as_array()?;
    if all.is_empty() {
        return Some(
            voice
                .pick("Tidak ada perubahan bagi konsumen.", "No change for consumers.")
                .to_owned(),
        );
    }
    let row = |change: &Value| {
        let breaks = match change["memutus"] == true {
            true => voice.pick("MEMUTUS", "BREAKS"),
            false => "",
        };
        vec![words::text(change, "di"), words::text(change, "apa"), breaks.to_owned()]
    };
    let head = match voice.tag() {
        "en" => ["CHANGES AT", "WHAT", ""],
        _ => ["BERUBAH DI", "APA", ""],
    };
    Some(table(&head, &all.iter().map(row).collect::<Vec<_>>()))
}

fn lineage(voice: &Voice, list: &Value) -> Option<String> {
    let row = |row: &Value| {
        let ops: Vec<&str> = rows(&row["ops"]).filter_map(Value::as_str).collect();
        let back = match row["reversible"] == true {
            true => "↔",
            false => "→",
        };
        let [of, to, from] = ["of", "to", "from"].map(|name| words::text(row, name));
        vec![of, from, back.to_owned(), to, ops.join(" ")]
    };
    let all: Vec<_> = rows(list).map(row).collect();
    let head = match voice.tag() {
        "en" => ["MAPPING OF", "FROM", "", "TO", "OPERATIONS"],
        _ => ["PEMETAAN", "DARI", "", "KE", "LANGKAH"],
    };
    (!all.is_empty()).then(|| table(&head, &all))
}
