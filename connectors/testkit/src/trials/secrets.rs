//! Nothing private is shown, and no request names a host: canaries go in everywhere, texts that come out are searched.

use crate::context::Context;
use crate::evaluate;
use crate::fixture::Case;
use crate::mutate;
use crate::render;
use crate::script;
use crate::trial::Findings;
use crate::trials::{errors, tolerance};
use connector_sdk::{Fault, NativeRequest, OperationSpec};
use serde_json::{Value, json};

/// Looks like a name, a number and an address; no code looks like it.
const CANARY: &str = "Kenari Rahasia 3671000000000000 kenari@contoh.invalid";
const FORBIDDEN: [&str; 4] = ["host", "authorization", "proxy-authorization", "cookie"];

/// No value of an input or a reply appears in a fault, nor in the `Debug` of a request. Codes may: name them.
pub(crate) fn shown(cx: &Context, _: &str) -> Findings {
    let mut found = Vec::new();
    for spec in &cx.descriptor.operations {
        for case in cx.cases(&spec.id) {
            for (pointer, mutated) in replies(cx, case) {
                let outcome = evaluate::case(cx, spec, &mutated)?.outcome;
                search(
                    &outcome,
                    &format!("{}/{}: reply `{pointer}`", spec.id, case.name),
                    &mut found,
                );
            }
            inputs(cx, spec, case, &mut found)?;
        }
        for (status, body) in messages(cx) {
            for (_, outcome) in errors::at_each_step(cx, spec, status, &body)? {
                search(
                    &outcome,
                    &format!("{}: a message under status {status}", spec.id),
                    &mut found,
                );
            }
        }
    }
    Ok(found)
}

/// The canary in one field at a time; and in all of them, with an unknown code beside, to see what complaints quote.
fn inputs(cx: &Context, spec: &OperationSpec, case: &Case, found: &mut Vec<String>) -> Result<(), String> {
    let input = case.file("canonical").cloned().unwrap_or_default();
    let private = mutate::strings(&input)
        .into_iter()
        .map(|(p, _)| p)
        .filter(|p| !cx.is_code(p));
    let private: Vec<String> = private.collect();
    let one = private
        .iter()
        .map(|p| (p.clone(), mutate::replaced(&input, p, json!(CANARY))));
    let all = private
        .iter()
        .fold(input.clone(), |doc, p| mutate::replaced(&doc, p, json!(CANARY)));
    let beside = tolerance::coded(cx, &input);
    let beside = beside
        .into_iter()
        .map(|(p, code)| (format!("{p} unknown"), mutate::replaced(&all, &p, code)));
    for (what, changed) in one.chain(beside) {
        let connector = cx.connector_of(case)?;
        let plays = script::plays(case.file("native_reply"))?;
        // Without the schema in front: it would refuse most canaries, and complaints are to be searched.
        let Ok(e) = evaluate::run(cx, connector.as_ref(), spec, case, &changed, plays) else {
            continue;
        };
        let place = format!("{}/{}: input `{what}`", spec.id, case.name);
        search(&e.outcome, &place, found);
        if e.sent.iter().any(|r| format!("{r:?}").contains(CANARY)) {
            found.push(format!("{place}: shows in the Debug of a request"));
        }
    }
    Ok(())
}

/// Error bodies whose messages hold the canary: bare ones under every status, and the declared ones with theirs replaced.
fn messages(cx: &Context) -> Vec<(u16, String)> {
    let message = json!({"message": CANARY, "pesan": CANARY, "error": CANARY, "errors": [CANARY]});
    let page = format!("<html><body>{CANARY}</body></html>");
    let statuses = [200, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503];
    let bare = statuses
        .into_iter()
        .flat_map(|s| [(s, message.to_string()), (s, page.clone())]);
    let mut bodies: Vec<(u16, String)> = bare.collect();
    for error in &cx.descriptor.errors {
        let Ok(sample @ Value::Object(_)) = serde_json::from_str::<Value>(&error.sample) else {
            continue;
        };
        let mut loud = mutate::merged(&message, &sample);
        for (pointer, _) in mutate::strings(&sample) {
            if !cx.is_code(&pointer) {
                loud = mutate::replaced(&loud, &pointer, json!(CANARY));
            }
        }
        bodies.push((error.status, loud.to_string()));
    }
    bodies
}

fn search(outcome: &Result<Value, Fault>, place: &str, found: &mut Vec<String>) {
    if let Err(fault) = outcome {
        let texts = [
            fault.to_string(),
            format!("{fault:?}"),
            serde_json::to_string(fault).unwrap_or_default(),
        ];
        if texts.iter().any(|t| t.contains(CANARY)) {
            found.push(format!("{place}: its value shows in the fault"));
        }
    }
}

/// The case with the canary in place of one string of its replies at a time.
fn replies(cx: &Context, case: &Case) -> Vec<(String, Case)> {
    let Some(native) = case.file("native_reply") else {
        return Vec::new();
    };
    // Pointer within the body: `/body/a` or, of several steps, `/0/body/a`.
    let within = |p: &str| {
        p.find("/body").map(|at| {
            p[at..]
                .trim_start_matches("/body_text")
                .trim_start_matches("/body")
                .to_owned()
        })
    };
    let strings = mutate::strings(native).into_iter();
    strings
        .filter(|(p, _)| within(p).is_some_and(|p| !cx.is_code(&p)))
        .map(|(p, _)| {
            (
                p.clone(),
                case.with("native_reply", mutate::replaced(native, &p, json!(CANARY))),
            )
        })
        .collect()
}

/// Where a request goes and as whom is the door's business.
pub(crate) fn no_host(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let mut found = Vec::new();
    for case in cx.cases(id) {
        let input = case.file("canonical").cloned().unwrap_or_default();
        let own: Vec<&str> = mutate::strings(&input).into_iter().map(|(_, s)| s).collect();
        for request in evaluate::case(cx, spec, case)?.sent {
            hosts(&request, &own, &case.name, &mut found);
        }
    }
    Ok(found)
}

fn hosts(request: &NativeRequest, own: &[&str], case: &str, found: &mut Vec<String>) {
    for name in FORBIDDEN {
        if request.headers.contains_key(name) {
            found.push(format!(
                "{case}: step `{}` sets the header `{name}`, which is the door's",
                request.step
            ));
        }
    }
    for (pointer, text) in mutate::strings(&render::request(request)) {
        let links = text.match_indices("://").map(|(at, _)| link(text, at));
        for link in links {
            if !own.iter().any(|o| o.contains(link)) {
                found.push(format!("{case}: step `{}` names a host at `{pointer}`", request.step));
            }
        }
    }
}

/// The link around `://` at a byte position.
fn link(text: &str, at: usize) -> &str {
    let start = text[..at]
        .rfind(|c: char| !c.is_ascii_alphanumeric())
        .map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
    let end = text[at..]
        .find(|c: char| c.is_whitespace() || c == '"' || c == '<')
        .map_or(text.len(), |i| at + i);
    &text[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_cut_out_of_its_text() {
        let text = "lihat (https://contoh.invalid/a) ya";
        let at = text.find("://").expect("there");
        assert_eq!(link(text, at), "https://contoh.invalid/a)");
    }
}
