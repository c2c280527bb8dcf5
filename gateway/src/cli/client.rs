//! Talks to the operator port. The token comes from the environment or a file, never from the command line, where other
//! users of the machine could read it.

use super::exit::Exit;
use super::say::Voice;
use crate::config::environment;
use crate::outbound::tls;
use bytes::Bytes;
use clap::Args;
use connector_sdk::Secret;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

const URL: &str = "SIMPUL_OPERATOR";
const TOKEN: &str = "SIMPUL_TOKEN_OPERATOR";
const USUAL: &str = "http://127.0.0.1:8081";
/// Time for one answer; the operator port gives up after ten seconds itself.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer.
const LARGEST: usize = 64 * 1024 * 1024;

/// Where the gateway's operator port is, and who asks.
#[derive(Debug, Default, Args)]
pub(super) struct Remote {
    /// Alamat operator; bawaan: SIMPUL_OPERATOR, lalu http://127.0.0.1:8081 / the operator's address.
    #[arg(long, value_name = "URL")]
    operator: Option<String>,
    /// Berkas berisi token operator; bawaan: isi SIMPUL_TOKEN_OPERATOR / file that holds the operator's token.
    #[arg(long, value_name = "BERKAS")]
    token_file: Option<PathBuf>,
}

impl Remote {
    /// A port with the token in a file.
    pub(super) fn at(url: &str, token_file: &Path) -> Self {
        Self {
            operator: Some(url.to_owned()),
            token_file: Some(token_file.to_owned()),
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The command line or its token is wrong.
    Usage(String),
    /// No connection, or it broke.
    Unreachable(String),
    /// The operator port said no.
    Refused(u16, Value),
}

impl Trouble {
    /// Says it and gives the exit code.
    pub(super) fn tell(&self, voice: &Voice) -> Exit {
        match self {
            Self::Usage(why) => {
                voice.failed("tidak dapat dijalankan", "cannot be run", why);
                Exit::Usage
            }
            Self::Unreachable(why) => {
                voice.failed(
                    "gateway tidak dapat dihubungi; jalankan `simpul serve` atau periksa --operator",
                    "the gateway cannot be reached; run `simpul serve` or check --operator",
                    why,
                );
                Exit::Unreachable
            }
            Self::Refused(status, problem) => {
                if voice.is_json() {
                    voice.answer(&json!({"ok": false, "problem": problem}), String::new);
                } else {
                    voice.note(&sentence(problem));
                }
                Exit::of_status(*status)
            }
        }
    }
}

/// A problem in one or a few lines.
fn sentence(problem: &Value) -> String {
    let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut lines = format!("{}: {}", text("title"), text("detail"));
    for place in problem.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let part = |name: &str| place.get(name).and_then(Value::as_str).unwrap_or_default();
        lines.push_str(&format!("\n    {} {}", part("pointer"), part("message")));
    }
    lines
}

/// A client of one operator port.
pub(super) struct Client {
    base: String,
    token: Secret,
    language: &'static str,
    http: Http<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Client {
    /// From the command line and the environment.
    pub(super) fn new(remote: &Remote, voice: &Voice) -> Result<Self, Trouble> {
        let base = remote.operator.clone().or_else(|| environment(URL));
        let base = base.unwrap_or_else(|| USUAL.to_owned());
        let base = base.trim_end_matches('/').to_owned();
        let uri: http::Uri = base.parse().map_err(|_| Trouble::Usage(format!("--operator {base}")))?;
        let secure = match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) => true,
            (Some("http"), Some(host)) => {
                if !at_home(host) {
                    voice.note(voice.pick(
                        "Peringatan: token dikirim tanpa TLS ke mesin lain; pakai https atau terowongan ssh.",
                        "Warning: the token travels without TLS to another machine; use https or an ssh tunnel.",
                    ));
                }
                false
            }
            _ => return Err(Trouble::Usage(format!("--operator {base}"))),
        };
        let config = if secure {
            tls::client([])
        } else {
            tls::client_trusting([])
        };
        let mut config = (*config.map_err(|error| Trouble::Usage(error.to_string()))?).clone();
        // The connector sets it.
        config.alpn_protocols.clear();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            base,
            token: token(remote, voice)?,
            language: voice.tag(),
            http: Http::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// `GET`.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Trouble> {
        self.call(Method::GET, path, None).await
    }

    /// `POST` of a JSON body.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `GET` of something that is no JSON.
    pub(super) async fn file(&self, path: &str) -> Result<Bytes, Trouble> {
        let (status, body) = self.bytes(Method::GET, path, None).await?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        Err(self
            .read(&body, status)
            .map_or_else(|no| no, |problem| Trouble::Refused(status, problem)))
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Trouble> {
        let (status, body) = self.bytes(method, path, body).await?;
        let body = self.read(&body, status)?;
        if (200..300).contains(&status) {
            Ok(body)
        } else {
            Err(Trouble::Refused(status, body))
        }
    }

    fn read(&self, body: &[u8], status: u16) -> Result<Value, Trouble> {
        serde_json::from_slice(body)
            .map_err(|_| Trouble::Unreachable(format!("{}: HTTP {status}, not JSON", self.base)))
    }

    async fn bytes(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(u16, Bytes), Trouble> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/admin/v1{path}", self.base))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose()))
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body.map(Value::to_string).unwrap_or_default().into()))
            .map_err(|error| Trouble::Usage(error.to_string()))?;
        let answered = tokio::time::timeout(PATIENCE, async {
            let answer = self.http.request(request).await.map_err(|e| unreachable(&e))?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), LARGEST).collect().await;
            let body = body.map_err(|e| unreachable(&*e))?.to_bytes();
            Ok((status, body))
        });
        answered.await.map_err(|_| Trouble::Unreachable("30 s".to_owned()))?
    }
}

fn at_home(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback())
}

/// The innermost reason: "connection refused", not "client error".
fn unreachable(error: &(dyn std::error::Error + 'static)) -> Trouble {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    Trouble::Unreachable(inner.to_string())
}

fn token(remote: &Remote, voice: &Voice) -> Result<Secret, Trouble> {
    let text = match &remote.token_file {
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| Trouble::Usage(format!("{}: {error}", file.display())))?
        }
        None => environment(TOKEN).unwrap_or_default(),
    };
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        let id = format!("token operator tidak ada: isi {TOKEN} atau pakai --token-file");
        let en = format!("no operator token: set {TOKEN} or use --token-file");
        return Err(Trouble::Usage(voice.pick(&id, &en).to_owned()));
    }
    Ok(Secret::new(text))
}

/// Runs a command that talks to the operator port.
pub(super) fn with<'v, F>(voice: &'v Voice, remote: &Remote, work: impl FnOnce(Client) -> F) -> Exit
where
    F: Future<Output = Result<Exit, Trouble>> + 'v,
{
    let client = match Client::new(remote, voice) {
        Ok(client) => client,
        Err(trouble) => return trouble.tell(voice),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return voice.failed("tidak dapat dijalankan", "cannot be run", &error).into(),
    };
    match runtime.block_on(work(client)) {
        Ok(exit) => exit,
        Err(trouble) => trouble.tell(voice),
    }
}
