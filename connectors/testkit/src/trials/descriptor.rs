//! The descriptor says what it must, in both languages, and the connector has what it declares.

use crate::context::Context;
use crate::trial::Findings;
use connector_sdk::{Effect, OperationSpec, Replay, Str, Text};
use std::collections::BTreeSet;

const AUTH_KINDS: [&str; 6] = ["none", "headers", "basic", "client_credentials", "hmac", "key_exchange"];

pub(crate) fn sane(cx: &Context, _: &str) -> Findings {
    let mut found = Vec::new();
    let d = &cx.descriptor;
    let mut need = |ok: bool, what: String| {
        if !ok {
            found.push(what);
        }
    };
    need(
        d.id == cx.kit.factory.kind,
        format!("id `{}` is not the factory's kind `{}`", d.id, cx.kit.factory.kind),
    );
    need(is_word(&d.id), format!("id `{}` must be snake_case", d.id));
    need(both(&d.title), "title needs both languages".into());
    for (what, text) in [
        ("owner", &d.owner),
        ("native_version", &d.native_version),
        ("documentation", &d.documentation),
    ] {
        need(!text.trim().is_empty(), format!("{what} is empty"));
    }
    need(
        !d.auth.is_empty(),
        "auth names no kind; say `none` if there is none".into(),
    );
    for kind in &d.auth {
        need(
            AUTH_KINDS.contains(&kind.as_ref()),
            format!("auth kind `{kind}` is unknown"),
        );
    }
    if let Some(hours) = &d.limits.hours {
        need(
            hours.from_minute < 1440 && hours.to_minute <= 1440,
            "service hours lie outside the day".into(),
        );
        need(
            jiff::tz::TimeZone::get(&hours.zone).is_ok(),
            format!("zone `{}` is unknown", hours.zone),
        );
    }
    need(
        !d.operations.is_empty() || !d.mirrors.is_empty() || !d.hooks.is_empty(),
        "it can do nothing".into(),
    );
    let ids = d.operations.iter().map(|o| &o.id).chain(d.hooks.iter().map(|h| &h.id));
    for id in repeated(ids.chain(d.mirrors.iter().map(|m| &m.id))) {
        need(false, format!("id `{id}` is declared twice"));
    }
    for error in &d.errors {
        need(
            (200..600).contains(&error.status),
            format!("error status {} is no reply", error.status),
        );
    }
    for setting in &d.settings {
        need(
            both(&setting.text),
            format!("setting `{}` needs both languages", setting.key),
        );
    }
    for spec in &d.operations {
        operation(cx, spec, &mut found);
    }
    hooks_and_mirrors(cx, &mut found);
    if cx.connector.operation("tidak.ada").is_some() {
        found.push("it has an operation for an id it does not declare".into());
    }
    match serde_json::to_value(d).and_then(serde_json::from_value::<connector_sdk::Descriptor>) {
        Ok(back) if back == *d => {}
        _ => found.push("the descriptor does not survive JSON".into()),
    }
    Ok(found)
}

fn operation(cx: &Context, spec: &OperationSpec, found: &mut Vec<String>) {
    let mut need = |ok: bool, what: &str| {
        if !ok {
            found.push(format!("operation `{}`: {what}", spec.id));
        }
    };
    need(
        is_dotted(&spec.id),
        "the id must be dotted snake_case with at least two parts",
    );
    need(both(&spec.summary), "the summary needs both languages");
    need(spec.deadline_ms > 0, "the deadline is zero");
    need(
        spec.reference.iter().chain(&spec.ordering).all(|p| p.starts_with('/')),
        "a pointer must begin with `/`",
    );
    match cx.connector.operation(&spec.id) {
        None => need(false, "declared but not there"),
        Some(op) => {
            need(
                op.spec() == spec,
                "the operation's own spec differs from the descriptor's",
            );
            let by_reference = matches!(
                spec.effect,
                Effect::Write {
                    replay: Replay::ByReference
                }
            );
            need(
                !by_reference || op.lookup().is_some(),
                "replay by reference needs a look-up",
            );
            need(
                !by_reference || !spec.reference.is_empty(),
                "replay by reference needs reference pointers",
            );
        }
    }
    if let Some(follow) = &spec.follow {
        let read = cx.descriptor.operation(&follow.read);
        need(
            read.is_some_and(|r| !r.effect.writes()),
            "follow must name a declared reading operation",
        );
        need(spec.effect.writes(), "only a write is followed");
        need(
            follow.id.starts_with('/') && follow.state.starts_with('/'),
            "a pointer must begin with `/`",
        );
        need(
            !follow.until.is_empty() && follow.every_s > 0,
            "follow needs final values and a pace",
        );
    }
}

fn hooks_and_mirrors(cx: &Context, found: &mut Vec<String>) {
    for spec in &cx.descriptor.hooks {
        if cx.connector.hook(&spec.id).is_none_or(|h| h.spec() != spec) {
            found.push(format!("hook `{}`: not there, or its own spec differs", spec.id));
        }
        if !both(&spec.summary) || spec.max_body == 0 || !is_dotted(&spec.event) {
            found.push(format!(
                "hook `{}`: needs both languages, a size cap and a dotted event type",
                spec.id
            ));
        }
    }
    for spec in &cx.descriptor.mirrors {
        if cx.connector.mirror(&spec.id).is_none_or(|m| m.spec() != spec) {
            found.push(format!("mirror `{}`: not there, or its own spec differs", spec.id));
        }
        let key = !spec.key.is_empty() && spec.key.iter().all(|p| p.starts_with('/'));
        if !both(&spec.summary) || !key || spec.max_shrink_percent > 100 || spec.max_pages == 0 || spec.every_s == 0 {
            found.push(format!(
                "mirror `{}`: needs both languages, key pointers, a shrink share, pages, a pace",
                spec.id
            ));
        }
    }
}

pub(crate) fn schemas_exist(cx: &Context, _: &str) -> Findings {
    let d = &cx.descriptor;
    let operations = d.operations.iter().flat_map(|o| [&o.request_schema, &o.reply_schema]);
    let ids = operations
        .chain(d.hooks.iter().map(|h| &h.schema))
        .chain(d.mirrors.iter().map(|m| &m.schema));
    let ids: BTreeSet<&Str> = ids.collect();
    let missing = ids
        .into_iter()
        .filter(|id| cx.kit.schemas.check(id, &serde_json::Value::Null).is_none());
    Ok(missing.map(|id| format!("there is no schema `{id}`")).collect())
}

fn repeated<'a>(ids: impl Iterator<Item = &'a Str>) -> Vec<&'a Str> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| !seen.insert(*id)).collect()
}

fn both(text: &Text) -> bool {
    !text.id.trim().is_empty() && !text.en.trim().is_empty()
}

fn is_dotted(id: &str) -> bool {
    id.contains('.') && id.split('.').all(is_word)
}

fn is_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
