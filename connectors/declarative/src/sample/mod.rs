//! Trials of a manifest on the exchanges recorded in it: the same questions that the conformance kit asks of a compiled
//! connector, as far as samples can answer them. Pure: nothing is sent.

mod lookup;

use crate::manifest::{Manifest, OperationSample};
use bytes::Bytes;
use connector_sdk::{
    Call, Connector, Fault, Found, HookSpec, Inbound, Landed, NativeBody, NativeReply, NativeRequest, NoLists,
    Operation, Secret, Settings,
};
use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// One verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Name, as the conformance kit names its own.
    pub name: String,
    /// Why it failed; none: it passed.
    pub failed: Option<String>,
}

const EXCHANGE: &str = "01920000-0000-7000-8000-000000000001";

/// Holds a value against a schema by `$id`: what is wrong, in words.
pub type Judge<'a> = &'a dyn Fn(&str, &Value) -> Result<(), String>;

/// Every trial of a manifest that [`crate::check`] passed.
pub fn trials(manifest: &Manifest, judge: Judge<'_>) -> Vec<Trial> {
    let settings = manifest.masuk.iter().fold(Settings::default(), |settings, hook| {
        settings.with_secret(&hook.tanda_tangan.rahasia, Secret::new("rahasia-uji"))
    });
    let connector = match crate::connector::build(manifest.clone(), &settings) {
        Ok(connector) => connector,
        Err(flaws) => return vec![trial("connector/settings", Err(format!("{} flaws", flaws.len())))],
    };
    let mut all = vec![trial("connector/settings", Ok(()))];
    for text in &manifest.operasi {
        let Some(operation) = connector.operation(&text.id) else {
            continue;
        };
        let place = format!("operation/{}", text.id);
        let has = |of: fn(&OperationSample) -> bool| text.contoh.iter().any(of);
        let enough = has(|sample| sample.keluaran.is_some() && sample.permintaan.is_some());
        all.push(trial(
            format!("{place}/fixtures"),
            enough
                .then_some(())
                .ok_or_else(|| "write a sample with `permintaan` and `keluaran`".to_owned()),
        ));
        for sample in &text.contoh {
            let run = Run {
                connector: &connector,
                operation,
                judge,
            };
            all.extend(run.sample(&format!("{place}/{}", sample.nama), sample));
        }
        if let Some(lookup) = &text.cari {
            let run = Run {
                connector: &connector,
                operation,
                judge,
            };
            all.extend(run.lookup(&format!("{place}/cari"), lookup));
        }
    }
    for text in &manifest.masuk {
        if let Some(hook) = connector.hook(&text.id) {
            for sample in &text.contoh {
                let body = Bytes::from(sample.isi.to_string());
                let data = hook.translate(&body, "").map_err(|fault| internal(&fault));
                let told = data.and_then(|told| same("data", &told.data, &sample.data));
                all.push(trial(format!("hook/{}/{}", text.id, sample.nama), told));
                all.push(trial(
                    format!("hook/{}/{}/schema", text.id, sample.nama),
                    judge(&text.skema, &sample.data),
                ));
            }
            all.push(trial(format!("hook/{}/forged", text.id), forged(hook, hook.spec())));
        }
    }
    all
}

struct Run<'a> {
    connector: &'a Arc<dyn Connector>,
    operation: &'a dyn Operation,
    judge: Judge<'a>,
}

impl Run<'_> {
    fn sample(&self, place: &str, sample: &OperationSample) -> Vec<Trial> {
        let spec = self.operation.spec();
        let call = call();
        let mut all = vec![trial(format!("{place}/schemas"), self.schemas(sample))];
        let request = match self.operation.request(&call, &sample.masukan) {
            Ok(request) => request,
            Err(fault) => {
                all.push(trial(format!("{place}/golden_request"), Err(internal(&fault))));
                return all;
            }
        };
        if let Some(wanted) = &sample.permintaan {
            let shown = Value::Object(shown(&request));
            all.push(trial(
                format!("{place}/golden_request"),
                same("permintaan", &shown, &Value::Object(wanted.clone())),
            ));
        }
        all.push(trial(
            format!("{place}/golden_reply"),
            self.golden(sample, &request, &sample.jawaban),
        ));
        if sample.keluaran.is_some() {
            let mut more = sample.jawaban.clone();
            extended(&mut more);
            all.push(trial(
                format!("{place}/unknown_fields"),
                self.golden(sample, &request, &more),
            ));
            all.push(trial(
                format!("{place}/error_under_success"),
                self.under_success(&request),
            ));
        }
        if spec.effect.writes() != request.writes {
            all.push(trial(
                format!("{place}/lost"),
                Err("the step does not say truly whether it writes".into()),
            ));
        }
        all
    }

    fn schemas(&self, sample: &OperationSample) -> Result<(), String> {
        let spec = self.operation.spec();
        (self.judge)(&spec.request_schema, &sample.masukan)?;
        match &sample.keluaran {
            Some(reply) => (self.judge)(&spec.reply_schema, reply),
            None => Ok(()),
        }
    }

    fn answered(&self, request: &NativeRequest, status: u16, body: Bytes) -> Result<Value, Fault> {
        let reply = NativeReply {
            status,
            headers: HeaderMap::new(),
            body,
        };
        self.connector.screen(request, &reply)?;
        self.operation.reply(&call(), &Value::Null, &reply)
    }

    fn golden(&self, sample: &OperationSample, request: &NativeRequest, answer: &Value) -> Result<(), String> {
        let answered = self.answered(request, sample.status, Bytes::from(answer.to_string()));
        match (answered, &sample.keluaran, sample.galat) {
            (Ok(reply), Some(wanted), _) => same("keluaran", &reply, wanted),
            (Err(fault), None, Some(kind)) if fault.kind == kind => Ok(()),
            (Err(fault), _, _) => Err(internal(&fault)),
            (Ok(_), None, _) => Err("a fault was recorded, but the answer is translated".into()),
        }
    }

    /// A success that nobody can read is a fault; after a write its effect is not known.
    fn under_success(&self, request: &NativeRequest) -> Result<(), String> {
        for body in ["", "{", "<!doctype html><html></html>", "[]"] {
            match self.answered(request, 200, Bytes::from_static(body.as_bytes())) {
                // The gateway holds every reply against its schema; what breaks it is drift.
                Ok(reply) if (self.judge)(&self.operation.spec().reply_schema, &reply).is_err() => {}
                Ok(_) => {
                    return Err(format!(
                        "an answer of {} bytes in another form is taken as a success",
                        body.len()
                    ));
                }
                Err(fault) if request.writes && fault.landed == Landed::No => {
                    return Err("a write with an unreadable answer is said not to have landed".into());
                }
                Err(_) => {}
            }
        }
        Ok(())
    }
}

fn forged(hook: &dyn connector_sdk::Hook, spec: &HookSpec) -> Result<(), String> {
    let headers = HeaderMap::new();
    let body = Bytes::from_static(b"{}");
    let inbound = Inbound {
        query: "",
        headers: &headers,
        body: &body,
        peer: None,
        now: Timestamp::UNIX_EPOCH,
    };
    match hook.admit(&inbound).and_then(|()| hook.verify(&inbound)) {
        Ok(_) => Err(format!("{} takes a push without proof", spec.id)),
        Err(_) => Ok(()),
    }
}

fn call() -> Call<'static> {
    Call {
        exchange: EXCHANGE,
        reference: EXCHANGE,
        attempt: 1,
        now: Timestamp::UNIX_EPOCH,
        lists: &NoLists,
    }
}

/// A request as samples write it.
fn shown(request: &NativeRequest) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("metode".into(), json!(request.method.as_str()));
    out.insert("jalur".into(), json!(request.path.as_str()));
    if !request.query.is_empty() {
        let pairs = request.query.iter().map(|(name, value)| (name.clone(), json!(value)));
        out.insert("kueri".into(), Value::Object(pairs.collect()));
    }
    match &request.body {
        NativeBody::Json(value) => {
            out.insert("isi".into(), value.clone());
        }
        NativeBody::Form(pairs) => {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), json!(value)));
            out.insert("isi".into(), Value::Object(pairs.collect()));
        }
        NativeBody::Empty | NativeBody::JsonFilled { .. } | NativeBody::Multipart(_) | NativeBody::Text { .. } => {}
    }
    out
}

/// A member that nobody knows in every object.
fn extended(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(extended);
            fields.insert("tak_dikenal_uji".into(), json!("x"));
        }
        Value::Array(items) => items.iter_mut().for_each(extended),
        _ => {}
    }
}

/// What a look-up says, in words.
fn said(found: &Found) -> &'static str {
    match found {
        Found::Landed(_) => "landed",
        Found::NotLanded => "not landed",
        Found::Unclear(_) => "unclear",
    }
}

/// Where two documents differ first; no value is repeated.
fn same(name: &str, made: &Value, wanted: &Value) -> Result<(), String> {
    match differ(made, wanted, "") {
        Some(place) => Err(format!("{name} differs at `{place}`")),
        None => Ok(()),
    }
}

fn differ(made: &Value, wanted: &Value, place: &str) -> Option<String> {
    match (made, wanted) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys());
            names.into_iter().find_map(|name| {
                let place = format!("{place}/{name}");
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => differ(a, b, &place),
                    _ => Some(place),
                }
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(number, (a, b))| differ(a, b, &format!("{place}/{number}")))
        }
        _ => (made != wanted).then(|| {
            if place.is_empty() {
                "/".to_owned()
            } else {
                place.to_owned()
            }
        }),
    }
}

fn internal(fault: &Fault) -> String {
    let places: Vec<&str> = fault.complaints.iter().map(|one| one.pointer.as_str()).collect();
    format!(
        "{fault}; {} {}",
        fault.internal.as_deref().unwrap_or_default(),
        places.join(", ")
    )
}

fn trial(name: impl Into<String>, result: Result<(), String>) -> Trial {
    Trial {
        name: name.into(),
        failed: result.err(),
    }
}
