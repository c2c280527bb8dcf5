//! The toy system over real HTTP: goods that can be deposited, letters that can be sent, a list.

use connector_testkit::{Misbehave, Running};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

#[derive(Default)]
struct State {
    deposits: BTreeMap<String, usize>,
    letters: Vec<String>,
    /// Calls of an address that must not be called for reading.
    marks: u64,
    misbehave: Option<Misbehave>,
    key: u64,
}

impl State {
    fn effects(&self) -> u64 {
        (self.deposits.len() + self.letters.len()) as u64 + self.marks
    }
}

pub(crate) async fn start() -> Result<Running, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let state = Arc::new(Mutex::new(State::default()));
    let shared = Arc::clone(&state);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let state = Arc::clone(&shared);
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                // A connection that ends badly is what some trials ask for.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    let (keys, switch, effects) = (Arc::clone(&state), Arc::clone(&state), state);
    Ok(Running::new(format!("http://{address}/api"), ())
        .credentials(move || vec![("x-kunci".into(), keys.lock().expect("state").key.to_string())])
        .misbehave(move |how| {
            switch.lock().expect("state").misbehave = Some(how);
            true
        })
        .effects(move || effects.lock().expect("state").effects()))
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, String> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|e| e.to_string())?.to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut state = state.lock().expect("state");
    let how = state.misbehave.take();
    match how {
        Some(Misbehave::CredentialExpired) => state.key += 1,
        Some(Misbehave::Throttled) => return Ok(reply(429, &json!({"ok": false, "galat": "LAMBAT"}), true)),
        Some(Misbehave::ErrorUnderSuccess) => return Ok(reply(200, &json!({"ok": false, "galat": "GALAT"}), false)),
        Some(Misbehave::HangUpBeforeStoring) => return Err("hangs up".into()),
        Some(Misbehave::HangUpAfterStoring) | None => {}
    }
    if head.headers.get("x-kunci").and_then(|k| k.to_str().ok()) != Some(state.key.to_string().as_str()) {
        return Ok(reply(401, &json!({"ok": false, "galat": "BASI"}), false));
    }
    let query = head.uri.query().unwrap_or_default();
    let asked = query.split_once('=').map_or("", |(_, v)| v);
    let (status, body) = act(&mut state, head.method.as_str(), head.uri.path(), asked, &body);
    if how == Some(Misbehave::HangUpAfterStoring) {
        return Err("hangs up".into());
    }
    Ok(reply(status, &body, false))
}

fn act(state: &mut State, method: &str, path: &str, asked: &str, body: &Value) -> (u16, Value) {
    let number = body["nomor"].as_str().unwrap_or_default().to_owned();
    let good = |data: Value| (200, json!({"ok": true, "data": data}));
    match (method, path) {
        ("GET", "/api/barang") if asked == "K1" => good(json!({"kode": "K1", "nama": "Payung", "keadaan": "B"})),
        ("POST", "/api/titip") => {
            let next = state.deposits.len() + 1;
            let id = *state.deposits.entry(number).or_insert(next);
            good(json!({"id": format!("T-{id}"), "keadaan": "B"}))
        }
        ("POST", "/api/unggah") => good(json!({"id": "U-1", "keadaan": "B"})),
        ("POST", "/api/surat") => {
            state.letters.push(number);
            good(json!({"id": format!("S-{}", state.letters.len()), "keadaan": "B"}))
        }
        ("GET", "/api/surat") => match state.letters.iter().position(|n| n == asked) {
            Some(at) => good(json!({"id": format!("S-{}", at + 1), "keadaan": "B"})),
            None => (404, json!({"ok": false, "galat": "TIADA"})),
        },
        ("GET", "/api/daftar") => good(json!([{"kode": "K1", "nama": "Payung"}])),
        ("GET", "/api/tandai") => {
            state.marks += 1;
            good(json!({"id": "M-1", "keadaan": "B", "kode": "K1", "nama": "Payung"}))
        }
        _ => (404, json!({"ok": false, "galat": "TIADA"})),
    }
}

fn reply(status: u16, body: &Value, pause: bool) -> Response<Full<Bytes>> {
    let mut builder = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    if pause {
        builder = builder.header("retry-after", "3");
    }
    builder
        .body(Full::new(body.to_string().into()))
        .expect("a legal response")
}
