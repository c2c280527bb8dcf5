//! `simpul connector test --sandbox URL`: the recorded inputs of a manifest sent to a living system, and its answers translated
//! and held against the published schemas. Readings only, unless writes are asked for. Credentials come from the environment,
//! under the names that the gateway itself would read.

use crate::config::environment;
use crate::outbound::tls;
use bytes::Bytes;
use connector_declarative::{Auth, FACTORY, Manifest, Trial};
use connector_sdk::{Call, Connector, NativeBody, NativeReply, NativeRequest, NoLists, Settings};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use schemas::Registry;
use serde_json::Value;
use std::time::Duration;

/// Time for one answer, and its largest size.
const PATIENCE: Duration = Duration::from_secs(15);
const LARGEST: usize = 16 * 1024 * 1024;
const EXCHANGE: &str = "01920000-0000-7000-8000-000000000001";

/// Where, and whether writes are sent too.
pub(super) struct Sandbox<'a> {
    pub(super) url: &'a str,
    pub(super) writes: bool,
}

/// One verdict for each recorded success that is sent.
pub(super) fn trials(manifest: &Manifest, registry: &Registry, sandbox: &Sandbox<'_>) -> Vec<Trial> {
    let one = |name: String, result: Result<(), String>| Trial {
        name,
        failed: result.err(),
    };
    let begun = || -> Result<_, String> {
        let table = serde_json::to_value(manifest).map_err(|error| error.to_string())?;
        let settings = Settings::new(table.as_object().cloned().unwrap_or_default());
        // Pushes are not tried here; their secrets only have to be there.
        let settings = manifest.masuk.iter().fold(settings, |settings, hook| {
            settings.with_secret(&hook.tanda_tangan.rahasia, connector_sdk::Secret::new("tidak-dipakai"))
        });
        let connector = (FACTORY.build)(&settings).map_err(|wrong| format!("{} flaws", wrong.len()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok((connector, runtime.map_err(|error| error.to_string())?, proof(manifest)?))
    };
    let (connector, runtime, proof) = match begun() {
        Ok(begun) => begun,
        Err(why) => return vec![one("connector/live".to_owned(), Err(why))],
    };
    let mut all = Vec::new();
    for operation in &manifest.operasi {
        for sample in operation.contoh.iter().filter(|sample| sample.keluaran.is_some()) {
            let name = format!("operation/{}/{}/live", operation.id, sample.nama);
            let writes = connector
                .operation(&operation.id)
                .is_some_and(|one| one.spec().effect.writes());
            if writes && !sandbox.writes {
                continue;
            }
            let tried = tried(&*connector, &operation.id, &sample.masukan, sandbox.url, &proof);
            let result = runtime.block_on(tried).and_then(|reply| {
                let schema = registry.get(&operation.keluaran).ok_or("no schema")?;
                schema.check(&reply).map_err(|wrong| {
                    let places: Vec<&str> = wrong.iter().map(|one| one.pointer.as_str()).collect();
                    format!("the reply breaks its schema at {}", places.join(", "))
                })
            });
            all.push(one(name, result));
        }
    }
    all
}

/// The credentials as headers.
fn proof(manifest: &Manifest) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let secret = |name: &str| {
        let upper = |text: &str| text.replace('-', "_").to_ascii_uppercase();
        let variable = format!("SIMPUL_RAHASIA_{}_{}", upper(&manifest.sistem), upper(name));
        environment(&variable).ok_or(format!("isi {variable} / set {variable}"))
    };
    let pair = |name: &str, value: String| {
        let name: HeaderName = name.parse().map_err(|_| format!("header {name}"))?;
        let value = HeaderValue::try_from(value).map_err(|_| format!("value of {name}"))?;
        Ok::<_, String>((name, value))
    };
    match &manifest.auth {
        Auth::None => Ok(Vec::new()),
        Auth::Headers { kepala } => {
            let one = |header: &connector_declarative::AuthHeader| {
                pair(&header.nama, format!("{}{}", header.awalan, secret(&header.rahasia)?))
            };
            kepala.iter().map(one).collect()
        }
        Auth::Basic { pengguna, sandi } => {
            use base64::Engine as _;
            let text = format!("{pengguna}:{}", secret(sandi)?);
            let coded = base64::engine::general_purpose::STANDARD.encode(text);
            Ok(vec![pair(AUTHORIZATION.as_str(), format!("Basic {coded}"))?])
        }
        Auth::ClientCredentials { .. } => {
            Err("client credentials are tried by the gateway itself: simpul connector connect".into())
        }
    }
}

async fn tried(
    connector: &dyn Connector,
    id: &str,
    input: &Value,
    url: &str,
    proof: &[(HeaderName, HeaderValue)],
) -> Result<Value, String> {
    use gateway_core::time::Clock as _;
    let operation = connector.operation(id).ok_or("no such operation")?;
    let call = Call {
        exchange: EXCHANGE,
        reference: EXCHANGE,
        attempt: 1,
        now: crate::wiring::SystemClock.now(),
        lists: &NoLists,
    };
    let native = operation.request(&call, input).map_err(|fault| fault.to_string())?;
    let reply = sent(&native, url, proof).await?;
    let status = reply.status;
    let said = |fault: connector_sdk::Fault| {
        format!(
            "HTTP {status}: {fault} {}",
            fault.internal.as_deref().unwrap_or_default()
        )
    };
    connector.screen(&native, &reply).map_err(said)?;
    operation.reply(&call, &Value::Null, &reply).map_err(said)
}

async fn sent(native: &NativeRequest, url: &str, proof: &[(HeaderName, HeaderValue)]) -> Result<NativeReply, String> {
    let pairs = |pairs: &[(String, String)]| {
        let coded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let one = |(name, value): &(String, String)| format!("{}={}", coded(name), coded(value));
        pairs.iter().map(one).collect::<Vec<_>>().join("&")
    };
    let mut address = format!("{}{}", url.trim_end_matches('/'), native.path.as_str());
    if !native.query.is_empty() {
        address = format!("{address}?{}", pairs(&native.query));
    }
    let (kind, body) = match &native.body {
        NativeBody::Json(value) => ("application/json", value.to_string()),
        NativeBody::Form(fields) => ("application/x-www-form-urlencoded", pairs(fields)),
        NativeBody::Empty | NativeBody::JsonFilled { .. } | NativeBody::Multipart(_) | NativeBody::Text { .. } => {
            ("", String::new())
        }
    };
    let mut request = Request::builder()
        .method(native.method.clone())
        .uri(&address)
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| error.to_string())?;
    let headers = request.headers_mut();
    headers.extend(native.headers.clone());
    headers.extend(proof.iter().cloned());
    if !kind.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let mut config = (*tls::client([]).map_err(|error| error.to_string())?).clone();
    config.alpn_protocols.clear();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .build();
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let asked = async {
        let answer = client.request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LARGEST)
            .collect()
            .await
            .map_err(|error| error.to_string())?;
        Ok(NativeReply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.to_bytes(),
        })
    };
    tokio::time::timeout(PATIENCE, asked)
        .await
        .map_err(|_| "no answer in 15 s".to_owned())?
}
