//! The way to a system, step by step, for whoever connects it: name, connection, TLS, HTTP, credentials. Bound by the same egress
//! rule as every call, judged on the address that is connected. Sends one read without content, and one with the
//! credentials where there are any; says of an answer its status and nothing else.

use super::address::Target;
use super::egress::Egress;
use bytes::Bytes;
use connector_sdk::{AuthKind, Text};
use http::header::{AUTHORIZATION, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

/// Time for one step; all together stay below what the operator port gives an answer.
const STEP: Duration = Duration::from_secs(2);

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// As it should.
    Well,
    /// It did not.
    Wrong,
    /// It was not tried.
    Untried,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// `dns`, `tcp`, `tls`, `http`, `auth`.
    pub name: &'static str,
    /// How it went.
    pub went: Went,
    /// What was seen, and what to do when it went wrong.
    pub text: Text,
    /// Milliseconds it took.
    pub millis: u64,
}

/// Credentials that are sent as they are; `None` for those that would have to be fetched or signed, which is the door's work.
pub fn credentials(auth: &AuthKind) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    match auth {
        AuthKind::Headers(all) => {
            for (name, secret) in all {
                let name: HeaderName = name.parse().ok()?;
                headers.insert(name, HeaderValue::from_str(secret.expose()).ok()?);
            }
        }
        AuthKind::Basic { user, password } => {
            use base64::Engine as _;
            let text = format!("{user}:{}", password.expose());
            let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text));
            headers.insert(AUTHORIZATION, HeaderValue::from_str(&text).ok()?);
        }
        _ => return None,
    }
    Some(headers)
}

/// Walks the way; stops at the first step that goes wrong, since later ones could not say more.
pub async fn probe(
    url: &str,
    path: &str,
    rule: &Egress,
    tls: &Arc<ClientConfig>,
    credentials: Option<HeaderMap>,
) -> Vec<Step> {
    let mut walk = Walk {
        steps: Vec::new(),
        began: Instant::now(),
    };
    let Ok(target) = Target::parse(url) else {
        walk.wrong("dns", ADDRESS);
        return walk.steps;
    };
    let Some(addresses) = walk.addresses(&target, rule).await else {
        return walk.steps;
    };
    // An address that is known in a way of its own is asked in that way, as every call does.
    let tls = rule.tls(target.host(), target.port()).unwrap_or(tls);
    if let Some(status) = walk.asked(&target, &addresses, path, tls, None).await {
        walk.well("http", answers(status));
        match credentials {
            None => walk.note("auth", Went::Untried, UNTRIED),
            Some(headers) => {
                let mut again = Walk {
                    steps: Vec::new(),
                    began: Instant::now(),
                };
                match again.asked(&target, &addresses, path, tls, Some(headers)).await {
                    Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) | None => walk.wrong("auth", REFUSED),
                    Some(status) => walk.well("auth", answers(status)),
                }
            }
        }
    }
    walk.steps
}

struct Walk {
    steps: Vec<Step>,
    began: Instant,
}

impl Walk {
    fn note(&mut self, name: &'static str, went: Went, text: Text) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.began = Instant::now();
        self.steps.push(Step {
            name,
            went,
            text,
            millis,
        });
    }

    fn well(&mut self, name: &'static str, text: Text) {
        self.note(name, Went::Well, text);
    }

    fn wrong(&mut self, name: &'static str, text: Text) {
        self.note(name, Went::Wrong, text);
    }

    /// Addresses of the name that may be called.
    async fn addresses(&mut self, target: &Target, rule: &Egress) -> Option<Vec<SocketAddr>> {
        let (host, port) = (target.host(), target.port());
        let found: Vec<SocketAddr> = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => match timeout(STEP, tokio::net::lookup_host((host, port))).await {
                Ok(Ok(found)) => found.collect(),
                Ok(Err(_)) | Err(_) => Vec::new(),
            },
        };
        if found.is_empty() {
            self.wrong("dns", NAME);
            return None;
        }
        let count = found.len();
        let allowed: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| rule.judge(host, port, address.ip()).is_ok())
            .collect();
        if allowed.is_empty() {
            self.wrong("dns", INSIDE);
            return None;
        }
        let open = allowed.len();
        self.well(
            "dns",
            Text::owned(
                format!("{count} alamat, {open} boleh dipanggil"),
                format!("{count} addresses, {open} may be called"),
            ),
        );
        Some(allowed)
    }

    /// Connects and asks once.
    async fn asked(
        &mut self,
        target: &Target,
        addresses: &[SocketAddr],
        path: &str,
        tls: &Arc<ClientConfig>,
        credentials: Option<HeaderMap>,
    ) -> Option<StatusCode> {
        let stream = match timeout(STEP, TcpStream::connect(addresses)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(_)) => {
                self.wrong("tcp", CLOSED);
                return None;
            }
            Err(_) => {
                self.wrong("tcp", SILENT);
                return None;
            }
        };
        self.well("tcp", Text::new("tersambung", "connected"));
        let request = request(target, path, credentials)?;
        let status = if target.is_tls() {
            let name = ServerName::try_from(target.host().to_owned()).ok()?;
            let secured = timeout(STEP, TlsConnector::from(Arc::clone(tls)).connect(name, stream)).await;
            let Ok(Ok(stream)) = secured else {
                self.wrong("tls", CERTIFICATE);
                return None;
            };
            self.well("tls", Text::new("sertifikat sah", "the certificate is valid"));
            sent(stream, request).await
        } else {
            self.note("tls", Went::Untried, PLAIN);
            sent(stream, request).await
        };
        if status.is_none() {
            self.wrong("http", MUTE);
        }
        status
    }
}

fn request(target: &Target, path: &str, credentials: Option<HeaderMap>) -> Option<Request<Empty<Bytes>>> {
    let mut request = Request::get(format!("/{}", path.trim_start_matches('/')))
        .header(HOST, format!("{}:{}", target.host(), target.port()))
        .header(USER_AGENT, "simpul")
        .body(Empty::new())
        .ok()?;
    request.headers_mut().extend(credentials.unwrap_or_default());
    Some(request)
}

async fn sent<S>(stream: S, request: Request<Empty<Bytes>>) -> Option<StatusCode>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let asked = async {
        let (mut sender, work) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
        let work = tokio::spawn(work);
        let status = sender.send_request(request).await.ok()?.status();
        work.abort();
        Some(status)
    };
    timeout(STEP, asked).await.ok()?
}

fn answers(status: StatusCode) -> Text {
    let status = status.as_u16();
    Text::owned(format!("menjawab HTTP {status}"), format!("answers HTTP {status}"))
}

const ADDRESS: Text = Text::new(
    "alamat tidak sah: https://host[:port][/awalan]",
    "the address is not valid: https://host[:port][/prefix]",
);
const NAME: Text = Text::new(
    "nama tidak ditemukan: periksa ejaan dan DNS",
    "the name is not found: check its spelling and DNS",
);
const INSIDE: Text = Text::new(
    "semua alamatnya mengarah ke dalam dan tidak diizinkan: [manifes] alamat_dalam",
    "all its addresses lead inside and are not allowed: [manifes] alamat_dalam",
);
const CLOSED: Text = Text::new(
    "sambungan ditolak: sistemnya mati atau portnya salah",
    "connection refused: the system is down or the port is wrong",
);
const SILENT: Text = Text::new(
    "tidak tersambung dalam 2 detik: biasanya firewall",
    "no connection within 2 seconds: usually a firewall",
);
const CERTIFICATE: Text = Text::new(
    "TLS gagal: sertifikat tidak sah untuk nama ini, atau akarnya tidak dikenal (`akar_tambahan`, `[sistem.tls]`)",
    "TLS fails: the certificate is not valid for this name, or its root is not known (`akar_tambahan`, `[sistem.tls]`)",
);
const PLAIN: Text = Text::new("alamat http tanpa TLS", "an http address without TLS");
const MUTE: Text = Text::new(
    "tersambung, tetapi tidak menjawab HTTP",
    "connected, but no HTTP answer",
);
const REFUSED: Text = Text::new(
    "kredensial ditolak: periksa rahasianya",
    "the credentials are refused: check the secret",
);
const UNTRIED: Text = Text::new(
    "tidak dicoba: rahasia dipakai sesudah konektor berlaku, dan token diambil pada panggilan pertama",
    "not tried: secrets are used once the connector is in force, and tokens are fetched at the first call",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::tls;
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpListener};

    /// Answers 401 without the key and 200 with it, for so many connections.
    fn system(connections: usize) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let serve = move || {
            for stream in listener.incoming().take(connections) {
                let mut stream = stream.unwrap();
                let mut text = [0; 2048];
                let read = stream.read(&mut text).unwrap();
                let known = String::from_utf8_lossy(&text[..read]).contains("x-kunci: benar");
                let status = if known { "200 OK" } else { "401 Unauthorized" };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        };
        std::thread::Builder::new()
            .name("sistem-uji".into())
            .spawn(serve)
            .unwrap();
        port
    }

    async fn walked(url: &str, rule: &Egress, key: Option<&str>) -> Vec<(&'static str, Went)> {
        let headers =
            key.map(|key| HeaderMap::from_iter([("x-kunci".parse().unwrap(), HeaderValue::from_str(key).unwrap())]));
        let steps = probe(url, "sehat", rule, &tls::client(Vec::new()).unwrap(), headers).await;
        steps.iter().map(|step| (step.name, step.went)).collect()
    }

    #[tokio::test]
    async fn each_step_is_told_and_the_rule_of_egress_holds() {
        let port = system(5);
        let url = format!("http://127.0.0.1:{port}");
        let open = Egress::new([("127.0.0.1".to_owned(), port)]);
        let fine = [
            ("dns", Went::Well),
            ("tcp", Went::Well),
            ("tls", Went::Untried),
            ("http", Went::Well),
        ];
        let with = |last: (&'static str, Went)| fine.iter().copied().chain([last]).collect::<Vec<_>>();
        assert_eq!(walked(&url, &open, Some("benar")).await, with(("auth", Went::Well)));
        assert_eq!(walked(&url, &open, Some("salah")).await, with(("auth", Went::Wrong)));
        assert_eq!(walked(&url, &open, None).await, with(("auth", Went::Untried)));
        assert_eq!(
            walked(&url, &Egress::default(), None).await,
            [("dns", Went::Wrong)],
            "inside"
        );
        let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let open = Egress::new([("127.0.0.1".to_owned(), gone)]);
        let refused = walked(&format!("http://127.0.0.1:{gone}"), &open, None).await;
        assert_eq!(refused, [("dns", Went::Well), ("tcp", Went::Wrong)]);
        assert_eq!(walked("angkut.invalid", &open, None).await, [("dns", Went::Wrong)]);
    }
}
