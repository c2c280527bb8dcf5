//! What one version of a manifest changes for consumers against another: operations, fields, types, choices.

use connector_declarative::Manifest;
use serde::Serialize;
use serde_json::Value;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Operation or schema with the place in it.
    pub di: String,
    /// What changed.
    pub apa: String,
    /// Whether consumers of the older version notice it as a break.
    pub memutus: bool,
}

/// All changes from `old` to `new`.
pub fn changes(old: &Manifest, new: &Manifest) -> Vec<Change> {
    let mut found = Vec::new();
    let mut say = |at: String, what: &str, breaks: bool| {
        found.push(Change {
            di: at,
            apa: what.to_owned(),
            memutus: breaks,
        });
    };
    for operation in &old.operasi {
        match new.operasi.iter().find(|one| one.id == operation.id) {
            None => say(operation.id.clone(), "operasi hilang / operation gone", true),
            Some(now) => {
                if now.terbit != operation.terbit {
                    say(operation.id.clone(), "alamat berubah / address changed", true);
                }
                if now.akibat != operation.akibat {
                    say(operation.id.clone(), "akibat berubah / effect changed", true);
                }
                let pairs = [
                    (&operation.masukan, &now.masukan, true),
                    (&operation.keluaran, &now.keluaran, false),
                ];
                for (before, after, input) in pairs {
                    match (schema(old, before), schema(new, after)) {
                        (Some(before), Some(after)) => {
                            let (before, after) = (whole(old, before), whole(new, after));
                            compare(&operation.id, &before, &after, input, &mut say);
                        }
                        // One of the gateway's own on a side: the same id is the same schema.
                        _ if before == after => {}
                        _ => say(operation.id.clone(), "skema lain / another schema", true),
                    }
                }
            }
        }
    }
    for hook in &old.masuk {
        match new.masuk.iter().find(|one| one.peristiwa == hook.peristiwa) {
            None => say(hook.peristiwa.clone(), "peristiwa hilang / event gone", true),
            Some(now) => {
                if let (Some(before), Some(after)) = (schema(old, &hook.skema), schema(new, &now.skema)) {
                    let (before, after) = (whole(old, before), whole(new, after));
                    compare(&hook.peristiwa, &before, &after, false, &mut say);
                }
            }
        }
    }
    for operation in &new.operasi {
        if old.operasi.iter().all(|one| one.id != operation.id) {
            say(operation.id.clone(), "operasi baru / new operation", false);
        }
    }
    found
}

fn schema<'m>(manifest: &'m Manifest, id: &str) -> Option<&'m Value> {
    manifest
        .skema
        .iter()
        .find(|schema| schema.get("$id").and_then(Value::as_str) == Some(id))
}

/// References followed in a row.
const DEEPEST: usize = 16;

/// A schema with its references put in their place, so that what stands behind them is compared too.
fn whole(manifest: &Manifest, document: &Value) -> Value {
    expanded(manifest, document, document, 0)
}

fn expanded(manifest: &Manifest, document: &Value, node: &Value, depth: usize) -> Value {
    match node {
        Value::Object(words) => {
            let to = words.get("$ref").and_then(Value::as_str).filter(|_| depth < DEEPEST);
            let (id, pointer) = to.map_or(("", ""), |to| to.split_once('#').unwrap_or((to, "")));
            let home = if id.is_empty() {
                Some(document)
            } else {
                schema(manifest, id)
            };
            if let (Some(_), Some(home)) = (to, home)
                && let Some(target) = home.pointer(pointer)
            {
                return expanded(manifest, home, target, depth + 1);
            }
            let inner = words.iter().filter(|(word, _)| *word != "$defs");
            inner
                .map(|(word, value)| (word.clone(), expanded(manifest, document, value, depth)))
                .collect()
        }
        Value::Array(items) => items
            .iter()
            .map(|item| expanded(manifest, document, item, depth))
            .collect(),
        other => other.clone(),
    }
}

/// Input breaks when it asks for more or takes less; output breaks when it says less or something new in an old place.
fn compare(at: &str, old: &Value, new: &Value, input: bool, say: &mut impl FnMut(String, &str, bool)) {
    let list = |schema: &Value, key: &str| schema.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    if old.get("type") != new.get("type") {
        say(at.to_owned(), "tipe berubah / type changed", true);
    }
    let (before, after) = (list(old, "enum"), list(new, "enum"));
    if !before.is_empty() || !after.is_empty() {
        let gone = before.iter().any(|value| !after.contains(value)) && !after.is_empty();
        let fresh = after.iter().any(|value| !before.contains(value));
        if gone {
            say(at.to_owned(), "pilihan hilang / choices gone", input);
        }
        if fresh {
            say(at.to_owned(), "pilihan baru / new choices", !input || before.is_empty());
        }
    }
    let (wanted, wants) = (list(old, "required"), list(new, "required"));
    for name in wants.iter().filter(|name| !wanted.contains(name)) {
        say(
            format!("{at}/{}", name.as_str().unwrap_or_default()),
            "menjadi wajib / now required",
            input,
        );
    }
    for name in wanted.iter().filter(|name| !wants.contains(name)) {
        say(
            format!("{at}/{}", name.as_str().unwrap_or_default()),
            "tidak lagi wajib / no longer required",
            !input,
        );
    }
    let fields = |schema: &Value| {
        schema
            .get("properties")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let (before, after) = (fields(old), fields(new));
    for (name, field) in &before {
        let place = format!("{at}/{name}");
        match after.get(name) {
            None => say(place, "bidang hilang / field gone", true),
            Some(now) => compare(&place, field, now, input, say),
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        say(format!("{at}/{name}"), "bidang baru / new field", false);
    }
    if let (Some(before), Some(after)) = (old.get("items"), new.get("items")) {
        compare(&format!("{at}/*"), before, after, input, say);
    }
}
