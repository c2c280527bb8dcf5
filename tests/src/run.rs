//! Plays a story against a running gateway and its simulators over plain HTTP.
//!
//! A step that waits does so by asking again until a bound (`until`), never by sleeping a guessed while. The first step
//! that fails ends the story with the step, what was asked and every difference.

use crate::expect::differences;
use crate::story::{Port, Request, Step, Story};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// No single call takes longer than this, so that a hung gateway is a failure and not a hung test.
const CALL_BOUND: Duration = Duration::from_secs(30);
/// The pause between two tries grows from the first to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// Where a story is played. Addresses are `http://127.0.0.1:port`, without a slash at the end.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// The public port.
    pub gateway: String,
    /// The operator port.
    pub operator: String,
    /// The simulators by system.
    pub sims: BTreeMap<String, String>,
    /// The whole value of the `Authorization` header by consumer.
    pub keys: BTreeMap<String, String>,
    /// A text that differs from run to run, used as `{{run}}` in keys that must be new.
    pub run: String,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// The text at `header:name` or at a JSON pointer.
    fn at(&self, place: &str) -> Option<String> {
        if let Some(name) = place.strip_prefix("header:") {
            return self.header(name).map(str::to_owned);
        }
        let json = self.json()?;
        let value = json.pointer(place)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

/// Plays one story.
///
/// # Errors
/// The title, the step and every difference of the step that failed.
pub async fn run(story: &Story, targets: &Targets) -> Result<(), String> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut vars = story.vars.clone();
    vars.insert("run".to_owned(), targets.run.clone());
    for step in &story.steps {
        let failed = |why: String| format!("{}\n  step `{}`: {why}", story.title, step.name);
        let step = filled(step, &vars).map_err(failed)?;
        let answer = play(&client, &step, targets).await.map_err(failed)?;
        for (name, place) in &step.capture {
            let value = answer
                .at(place)
                .ok_or_else(|| failed(format!("nothing to capture at `{place}`")))?;
            vars.insert(name.clone(), value);
        }
    }
    Ok(())
}

async fn play(client: &Client<HttpConnector, Full<Bytes>>, step: &Step, targets: &Targets) -> Result<Answer, String> {
    let (base, request, key) = target(step, targets)?;
    let deadline = step
        .until
        .map(|until| Instant::now() + Duration::from_millis(until.within_ms));
    let mut pause = PAUSES.0;
    let mut made = 0;
    loop {
        made += 1;
        // While a step waits, a refused connection is one more reason to ask again.
        let (answer, found) = match send(client, base, request, key).await {
            Ok(answer) => {
                let found = differences(&step.expect, &answer);
                (answer, found)
            }
            Err(why) if deadline.is_some() => (Answer::default(), vec![why]),
            Err(why) => return Err(why),
        };
        if made < step.times {
            continue;
        }
        if found.is_empty() {
            return Ok(answer);
        }
        match deadline {
            Some(deadline) if Instant::now() + pause < deadline => tokio::time::sleep(pause).await,
            _ => {
                return Err(format!(
                    "{} {}: {}\n  body: {}",
                    request.method,
                    request.path,
                    found.join("; "),
                    shown(&answer.body)
                ));
            }
        }
        pause = (pause * 2).min(PAUSES.1);
    }
}

fn target<'a>(step: &'a Step, targets: &'a Targets) -> Result<(&'a str, &'a Request, Option<&'a str>), String> {
    if let Some(call) = &step.call {
        let base = match call.to {
            Port::Gateway => &targets.gateway,
            Port::Operator => &targets.operator,
        };
        let key = match &call.consumer {
            Some(name) => Some(
                targets
                    .keys
                    .get(name)
                    .ok_or_else(|| format!("no key for the consumer `{name}`"))?
                    .as_str(),
            ),
            None => None,
        };
        return Ok((base, &call.request, key));
    }
    let sim = step.sim.as_ref().ok_or("the step calls nothing")?;
    let base = targets
        .sims
        .get(&sim.system)
        .ok_or_else(|| format!("no simulator for `{}`", sim.system))?;
    Ok((base, &sim.request, None))
}

async fn send(
    client: &Client<HttpConnector, Full<Bytes>>,
    base: &str,
    request: &Request,
    key: Option<&str>,
) -> Result<Answer, String> {
    let mut built = http::Request::builder()
        .method(request.method.as_str())
        .uri(format!("{base}{}", request.path));
    if let Some(key) = key {
        built = built.header("authorization", key);
    }
    let typed = request
        .headers
        .keys()
        .any(|name| name.eq_ignore_ascii_case("content-type"));
    if request.body.is_some() && !typed {
        built = built.header("content-type", "application/json");
    }
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    let body = match (&request.body, &request.body_text, request.body_size) {
        (Some(json), _, _) => Bytes::from(json.to_string()),
        (None, Some(text), _) => Bytes::from(text.clone()),
        (None, None, size) => Bytes::from(vec![b' '; size.unwrap_or(0)]),
    };
    let whole = built
        .body(Full::new(body))
        .map_err(|error| format!("no valid request: {error}"))?;
    let exchange = async {
        let response = client
            .request(whole)
            .await
            .map_err(|error| format!("{base} did not answer: {error:?}"))?;
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| format!("the answer broke off: {error}"))?
            .to_bytes();
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect();
        Ok(Answer {
            status: head.status.as_u16(),
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    };
    tokio::time::timeout(CALL_BOUND, exchange)
        .await
        .map_err(|_| format!("{base} did not answer within {CALL_BOUND:?}"))?
}

/// The step with every `{{name}}` replaced, wherever it stands.
fn filled(step: &Step, vars: &BTreeMap<String, String>) -> Result<Step, String> {
    let mut step = step.clone();
    let request = match (&mut step.call, &mut step.sim) {
        (Some(call), _) => Some(&mut call.request),
        (None, Some(sim)) => Some(&mut sim.request),
        (None, None) => None,
    };
    let mut texts: Vec<&mut String> = Vec::new();
    if let Some(request) = request {
        texts.push(&mut request.path);
        texts.extend(request.headers.values_mut());
        texts.extend(request.body_text.as_mut());
        texts.extend(request.body.iter_mut().flat_map(strings));
    }
    texts.extend(step.expect.headers.values_mut());
    texts.extend(step.expect.contains.iter_mut().chain(&mut step.expect.lacks));
    for check in step.expect.json.values_mut() {
        texts.extend(check.matches.as_mut());
        texts.extend(check.equal.iter_mut().flat_map(strings));
    }
    for text in texts {
        *text = fill(text, vars)?;
    }
    Ok(step)
}

/// Every string value inside a JSON value; keys stay as they are.
fn strings(value: &mut Value) -> Vec<&mut String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter_mut().flat_map(strings).collect(),
        Value::Object(fields) => fields.values_mut().flat_map(strings).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn fill(text: &str, vars: &BTreeMap<String, String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after
            .split_once("}}")
            .ok_or_else(|| format!("`{text}` opens a variable and does not close it"))?;
        let value = vars
            .get(name.trim())
            .ok_or_else(|| format!("no variable `{}`", name.trim()))?;
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn shown(body: &str) -> String {
    body.chars().take(600).collect()
}

#[cfg(test)]
mod tests;
