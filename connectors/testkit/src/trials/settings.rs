//! Settings are checked when the connector is built: unknown keys refused, required ones asked for, never a panic.

use crate::context::{Context, build};
use crate::mutate;
use crate::trial::Findings;
use serde_json::{Value, json};

pub(crate) fn checked(cx: &Context, _: &str) -> Findings {
    let mut found = Vec::new();
    let settings = &cx.kit.settings;
    if build(&cx.kit, &mutate::merged(settings, &json!({"kunci_yang_tidak_ada": 1}))).is_ok() {
        found.push("an unknown key is accepted; read settings with `deny_unknown_fields`".into());
    }
    for spec in &cx.descriptor.settings {
        let pointer = format!("/{}", spec.key.replace('.', "/"));
        let given = settings.pointer(&pointer).is_some();
        match (given, spec.required) {
            (false, true) => found.push(format!("the test settings lack the required `{}`", spec.key)),
            (true, true) => complains_without(cx, &pointer, &spec.key, &mut found),
            (_, false) => {}
        }
    }
    for key in settings.as_object().into_iter().flat_map(|t| t.keys()) {
        let declared = cx.descriptor.settings.iter();
        if !declared
            .clone()
            .any(|s| s.key == *key || s.key.starts_with(&format!("{key}.")))
        {
            found.push(format!("setting `{key}` is read but not declared in the descriptor"));
        }
    }
    Ok(found)
}

fn complains_without(cx: &Context, pointer: &str, key: &str, found: &mut Vec<String>) {
    let without: Value = mutate::removed(&cx.kit.settings, pointer);
    match build(&cx.kit, &without) {
        Ok(_) => found.push(format!("`{key}` is declared required, yet may be left out")),
        Err(complaints) if complaints.iter().all(|c| c.advice.trim().is_empty()) => {
            found.push(format!("without `{key}` the complaint does not say what to write"));
        }
        Err(_) => {}
    }
}
