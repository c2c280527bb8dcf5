//! The control API under `/__sim/`: how another process reads counts, sets faults, moves the clock.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::System;
use super::fault::Fault;
use super::http::{Answer, Request};
use super::running::Shared;
use super::switchboard::When;

/// A rule as posted: `{"endpoint":"create","fault":"slow","ms":500,"next":2}`.
#[derive(Deserialize)]
struct PostedRule {
    #[serde(default = "any")]
    endpoint: String,
    #[serde(default)]
    next: Option<u32>,
    #[serde(default)]
    always: bool,
    #[serde(default)]
    probability: Option<f64>,
    #[serde(default)]
    seed: u64,
}

fn any() -> String {
    "*".to_owned()
}

pub(crate) fn answer<S: System>(shared: &Shared<S>, command: &str, request: &Request) -> Answer {
    let body = match request.body.is_empty() {
        true => Value::Null,
        false => match serde_json::from_slice(&request.body) {
            Ok(body) => body,
            Err(error) => return refuse(400, &format!("body is not JSON: {error}")),
        },
    };
    let path: Vec<&str> = command.split('/').filter(|part| !part.is_empty()).collect();
    match run(shared, request, &path, &body) {
        Some(Ok(value)) => Answer::json(200, &value),
        Some(Err(complaint)) => refuse(422, &complaint),
        None => refuse(404, "no such command"),
    }
}

fn run<S: System>(shared: &Shared<S>, request: &Request, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
    match (request.method.as_str(), path) {
        ("GET", ["state"]) => {
            let mut state = shared.system().state();
            state["system"] = shared.system().name().into();
            state["now"] = shared.clock.now().to_string().into();
            Some(Ok(state))
        }
        ("GET", ["effects"]) => Some(Ok(shared.effects())),
        ("GET", ["requests"]) => {
            let since = request.param("since").and_then(|text| text.parse().ok()).unwrap_or(0);
            let limit = request
                .param("limit")
                .and_then(|text| text.parse().ok())
                .unwrap_or(1000);
            let requests = shared.log().since(since, limit);
            Some(Ok(requests.iter().map(super::LoggedRequest::to_json).collect()))
        }
        ("GET", ["faults"]) => Some(Ok(rules(shared))),
        ("DELETE", ["faults"]) => {
            shared.faults.clear();
            Some(Ok(rules(shared)))
        }
        ("POST", ["faults"]) => Some(set_faults(shared, body).map(|()| rules(shared))),
        ("POST", ["clock"]) => Some(match body["advance_seconds"].as_i64() {
            Some(seconds) => {
                shared.clock.advance(SignedDuration::from_secs(seconds));
                Ok(json!({"now": shared.clock.now().to_string()}))
            }
            None => Err("advance_seconds: a whole number is needed".to_owned()),
        }),
        ("POST", ["reset"]) => {
            shared.reset();
            Some(Ok(json!({"reset": true})))
        }
        (method, path) => shared.system().command(method, path, body),
    }
}

/// One rule, a list of rules, `{"clear":true}` or `{"storm":0.05,"seed":7}`.
fn set_faults<S: System>(shared: &Shared<S>, body: &Value) -> Result<(), String> {
    if let Value::Array(several) = body {
        return several.iter().try_for_each(|one| set_faults(shared, one));
    }
    if body["clear"] == true {
        shared.faults.clear();
        return Ok(());
    }
    if let Some(probability) = body["storm"].as_f64() {
        shared.faults.storm(probability, body["seed"].as_u64().unwrap_or(0));
        return Ok(());
    }
    let rule: PostedRule = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
    let mut settings = body.clone();
    if let Some(settings) = settings.as_object_mut() {
        settings.retain(|key, _| !["endpoint", "next", "always", "probability", "seed"].contains(&key.as_str()));
    }
    let fault: Fault = serde_json::from_value(settings).map_err(|error| error.to_string())?;
    check_endpoint(shared, &rule.endpoint, &fault)?;
    let when = match (rule.always, rule.probability, rule.next) {
        (true, None, None) => When::Always,
        (false, Some(probability), None) => When::Chance {
            probability,
            seed: rule.seed,
        },
        (false, None, next) => When::Next(next.unwrap_or(1)),
        _ => return Err("say one of next, always, probability".to_owned()),
    };
    shared.faults.set(&rule.endpoint, fault, when);
    Ok(())
}

fn check_endpoint<S: System>(shared: &Shared<S>, name: &str, fault: &Fault) -> Result<(), String> {
    let endpoints = shared.system().endpoints();
    let known = name == "*"
        || endpoints
            .iter()
            .any(|endpoint| endpoint.name == name && fault.applies_to(*endpoint));
    match known {
        true => Ok(()),
        false => {
            let names: Vec<&str> = endpoints
                .iter()
                .filter(|endpoint| fault.applies_to(**endpoint))
                .map(|endpoint| endpoint.name)
                .collect();
            Err(format!(
                "{} cannot be played at {name:?}; it can at: {}",
                fault.name(),
                names.join(", ")
            ))
        }
    }
}

fn rules<S: System>(shared: &Shared<S>) -> Value {
    let rules = shared.faults.rules().into_iter().map(|(endpoint, fault, when)| {
        let mut rule = json!(fault);
        rule["endpoint"] = endpoint.into();
        rule["when"] = json!(when);
        rule
    });
    json!({"rules": rules.collect::<Vec<_>>()})
}

fn refuse(status: u16, complaint: &str) -> Answer {
    Answer::json(status, &json!({"error": complaint}))
}
