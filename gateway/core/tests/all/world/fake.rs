//! The fake system, its scripted wire, and everything else that is injected.

use super::NATIVE;
use crate::deadlines::HundredSeconds;
use bytes::Bytes;
use connector_sdk::*;
use gateway_core::Refusal;
use gateway_core::deliver::{FlowError, FlowReply, FlowRequest, Transport, WireError, WireRequest};
use gateway_core::events::{Egress, Emit};
use gateway_core::ids::{ExchangeId, Ids};
use gateway_core::observe::{Finished, Observer, Tried};
use gateway_core::time::Clock;
use gateway_core::validate::Body;
use http::HeaderMap;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the wire does with one request.
#[derive(Clone)]
pub enum Wire {
    Reply(u16, Value),
    Fail(WireError),
    /// Answers after a while, long after the attempt's deadline perhaps.
    Slow(Duration, u16, Value),
}

pub(super) type Script = Arc<Mutex<VecDeque<Wire>>>;
/// What the wire answers when its script is empty: method, URL, body.
pub(super) type Responder = Box<dyn Fn(&str, &str, &str) -> Wire + Send>;

pub struct ScriptedWire {
    pub(super) script: Script,
    pub(super) responder: Arc<Mutex<Option<Responder>>>,
    pub sent: Arc<Mutex<Vec<String>>>,
}

impl Transport for ScriptedWire {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<NativeReply, WireError>> {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        self.sent
            .lock()
            .unwrap()
            .push(format!("{} {} {body}", request.method, request.url));
        let scripted = self.script.lock().unwrap().pop_front();
        let next = scripted.unwrap_or_else(|| match &*self.responder.lock().unwrap() {
            Some(respond) => respond(request.method.as_str(), &request.url, &body),
            None => Wire::Reply(200, json!({"ok": true})),
        });
        Box::pin(async move {
            let reply = |status, body: Value| NativeReply {
                status,
                headers: HeaderMap::new(),
                body: Bytes::from(body.to_string()),
            };
            match next {
                Wire::Reply(status, body) => Ok(reply(status, body)),
                Wire::Fail(error) => Err(error),
                Wire::Slow(wait, status, body) => {
                    tokio::time::sleep_until(tokio::time::Instant::now() + wait).await;
                    Ok(reply(status, body))
                }
            }
        })
    }

    fn stream(&self, request: FlowRequest) -> BoxFuture<'_, Result<FlowReply, WireError>> {
        Box::pin(self.whole(request))
    }
}

impl ScriptedWire {
    async fn whole(&self, flow: FlowRequest) -> Result<FlowReply, WireError> {
        let mut body = Vec::new();
        if let Some(mut flow) = flow.body {
            while let Some(frame) = std::future::poll_fn(|cx| flow.as_mut().poll_frame(cx)).await {
                let frame = frame.map_err(|error| WireError {
                    phase: gateway_core::deliver::Phase::AfterSend,
                    kind: gateway_core::deliver::WireKind::Closed,
                    detail: error.to_string(),
                })?;
                body.extend_from_slice(&frame.into_data().unwrap_or_default());
            }
        }
        assert!(flow.length.is_none_or(|length| length == body.len() as u64));
        let reply = self
            .send(WireRequest {
                reach: gateway_core::deliver::Reach::System,
                method: flow.method,
                url: flow.url,
                headers: flow.headers,
                body: body.into(),
                max_reply: u64::MAX,
                timeout: flow.timeout,
            })
            .await?;
        Ok(FlowReply {
            status: reply.status,
            headers: reply.headers,
            body: Box::pin(Once(Some(reply.body))),
        })
    }
}

/// A body of one part.
pub(super) struct Once(pub(super) Option<Bytes>);

impl http_body::Body for Once {
    type Data = Bytes;
    type Error = FlowError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, FlowError>>> {
        std::task::Poll::Ready(self.0.take().map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}

/// A list whose pages the wire answers as they are.
pub struct FakeMirror(pub(super) MirrorSpec);

impl Mirror for FakeMirror {
    fn spec(&self) -> &MirrorSpec {
        &self.0
    }
    fn request(&self, _call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        let page = pull.cursor.as_deref().unwrap_or("1");
        let request = NativeRequest::get("daftar", RelativePath::of("daftar"));
        let request = pull.scope.iter().fold(request, |r, (name, value)| r.query(name, value));
        Ok(request.query("halaman", page))
    }
    fn page(&self, _call: &Call<'_>, _pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let body = reply.json()?;
        Ok(Page {
            records: body["butir"].as_array().cloned().unwrap_or_default(),
            next: body["lanjut"].as_str().map(str::to_owned),
            total: body["total"].as_u64(),
        })
    }
    fn open<'a>(&'a self, call: &Call<'a>, pull: &'a Pull, reply: &'a NativeReply) -> Result<Reading<'a>, Fault> {
        let broken = reply.json()?["rusak"].as_bool() == Some(true);
        let mut reading = Reading::from(self.page(call, pull, reply)?);
        let masked = |record: Result<Record, Fault>| {
            record.map(|mut record| {
                if record.value["isi"].as_str().is_some_and(looks_masked) {
                    record.masked.push("/isi".into());
                }
                record
            })
        };
        let end = broken.then(|| Err(Fault::drift("the list breaks off")));
        reading.records = Box::new(reading.records.map(masked).chain(end));
        Ok(reading)
    }
}

pub(super) struct Fake {
    pub(super) mirrors: Vec<FakeMirror>,
    pub(super) descriptor: Descriptor,
    pub(super) operations: Vec<FakeOperation>,
    pub(super) clock: HundredSeconds,
}

impl Connector for Fake {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        self.operations
            .iter()
            .find(|o| o.spec.id == id)
            .map(|o| o as &dyn Operation)
    }
    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        self.mirrors.iter().find(|m| id == m.0.id).map(|m| m as &dyn Mirror)
    }
    fn clock(&self) -> Option<&dyn ServiceClock> {
        Some(&self.clock)
    }
}

pub(super) struct FakeOperation {
    pub(super) spec: OperationSpec,
}

impl Operation for FakeOperation {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }
    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let path = RelativePath::of("kerja");
        let isi = input["isi"].as_str().unwrap_or_default();
        if let Some(id) = isi.strip_prefix("berkas:") {
            let part = Part {
                name: "berkas".into(),
                file_name: Some("berkas.bin".into()),
                media_type: Some("application/x-menurut-pengirim".into()),
                content: Content::File {
                    id: id.trim_start_matches("bersih:").into(),
                    strip_metadata: id.starts_with("bersih:"),
                },
            };
            return Ok(NativeRequest::post("unggah", path, NativeBody::Multipart(vec![part])));
        }
        if let Some(code) = isi.strip_prefix("kode:") {
            let native = call
                .lists
                .native("uji.daftar", code)
                .unwrap_or_else(|| "tidak ada".into());
            return Ok(NativeRequest::post(
                "tulis",
                path,
                NativeBody::Json(json!({"asli": native})),
            ));
        }
        Ok(match self.spec.effect {
            Effect::Read => {
                let page = input["isi"].as_str().unwrap_or_default();
                NativeRequest::get("baca", path)
                    .query("nomor", input["nomor"].as_str().unwrap_or_default())
                    .query("halaman", page)
            }
            Effect::Write { .. } => NativeRequest::post("tulis", path, NativeBody::Json(input.clone())),
        })
    }
    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = reply.json()?;
        match body.get("salah") {
            Some(_) => Ok(json!({"tidak": "sesuai"})),
            None => {
                // A reply may speak of another number than the one asked with.
                let number = body.get("sebagai").or(input.get("nomor")).cloned();
                Ok(json!({"nomor": number.unwrap_or(json!("A-1")), "hasil": body}))
            }
        }
    }
    fn lookup(&self) -> Option<&dyn Lookup> {
        (self.spec.effect
            == Effect::Write {
                replay: Replay::ByReference,
            })
        .then_some(self as &dyn Lookup)
    }
}

impl Lookup for FakeOperation {
    fn request(&self, _call: &Call<'_>, _input: &Value) -> Option<NativeRequest> {
        Some(NativeRequest::get("cari", RelativePath::of("cari")))
    }
    fn found(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        Ok(match reply.json()?.get("ada").and_then(Value::as_bool) {
            Some(true) => Found::Landed(json!({"nomor": "A-1", "hasil": "ditemukan"})),
            Some(false) => Found::NotLanded,
            None => Found::Unclear("tidak jelas".into()),
        })
    }
}

pub(super) fn spec(id: &'static str, effect: Effect) -> OperationSpec {
    OperationSpec {
        id: id.into(),
        summary: Text::new("Uji.", "Trial."),
        request_schema: "urn:simpul:skema:uji:1".into(),
        reply_schema: "urn:simpul:skema:uji:1".into(),
        effect,
        answer: Answer::Immediate,
        reference: if effect.writes() { vec!["/nomor".into()] } else { vec![] },
        ordering: if effect.writes() { vec!["/jalur".into()] } else { vec![] },
        deadline_ms: 5_000,
        paging: Paging::None,
        follow: None,
    }
}

pub struct TestClock {
    pub(super) base: jiff::Timestamp,
    pub(super) origin: tokio::time::Instant,
}

impl Clock for TestClock {
    fn now(&self) -> jiff::Timestamp {
        gateway_core::time::later(self.base, self.origin.elapsed())
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until(tokio::time::Instant::now() + duration))
    }
}

#[derive(Default)]
pub(super) struct TestIds(pub(super) AtomicU64);

impl Ids for TestIds {
    fn exchange(&self) -> ExchangeId {
        ExchangeId(uuid::Uuid::from_u64_pair(7, self.0.fetch_add(1, Ordering::Relaxed)))
    }
    fn fraction(&self) -> f64 {
        0.5
    }
    fn span(&self) -> String {
        format!("{:016x}", self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

#[derive(Default)]
pub struct Seen(pub Mutex<Vec<String>>);

impl Observer for Seen {
    fn finished(&self, finished: &Finished<'_>) {
        self.0.lock().unwrap().push(format!("finished {}", finished.result));
    }
    fn tried(&self, tried: &Tried<'_>) {
        self.0
            .lock()
            .unwrap()
            .push(format!("tried {} {}", tried.result, tried.state));
    }
    fn noted(&self, what: &'static str, of: &str) {
        self.0.lock().unwrap().push(format!("noted {what} {of}"));
    }
}

pub struct TestBody(pub Option<Vec<u8>>);

impl Body for TestBody {
    fn read(&mut self, limit: u64) -> BoxFuture<'_, Result<Bytes, Refusal>> {
        Box::pin(async move {
            let bytes = self.0.take().ok_or(Refusal::BodyIncomplete)?;
            if bytes.len() as u64 > limit {
                Err(Refusal::BodyTooLarge { limit })
            } else {
                Ok(bytes.into())
            }
        })
    }
}

/// What a success of `NATIVE` tells; who may call it may hear of it.
pub(super) fn emit(kind: &str, when: Option<(String, String)>) -> Emit {
    Emit {
        subject: vec!["/nomor".into()],
        when: when.into_iter().collect(),
        ..Emit::new(NATIVE, kind)
    }
}

/// Lets every address pass but one.
pub(super) struct NoInside;

impl Egress for NoInside {
    fn judge<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<(), Text>> {
        Box::pin(async move {
            if url.contains("://dalam.") {
                Err(Text::new("Alamat dalam.", "An address inside."))
            } else {
                Ok(())
            }
        })
    }
}
