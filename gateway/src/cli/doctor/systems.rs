//! Each system's way, step by step: name, connection, certificate, answer; and from the answers the clock. SPLP is asked
//! with our credentials, since only then does it say how the subscription stands.

use super::settings::ends;
use super::{Finding, Level, bad, fine};
use crate::config::Built;
use crate::der;
use crate::outbound::{Egress, Target, probe, tls};
use crate::telemetry::Certificates;
use crate::wiring::SystemClock;
use crate::wiring::identities;
use bytes::Bytes;
use connector_sdk::profile::splp_fault;
use connector_sdk::{FaultKind, NativeReply, Text};
use gateway_core::deliver::{Profile, System};
use gateway_core::time::Clock;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Time for one step.
const STEP: Duration = Duration::from_secs(10);
/// Largest answer that is read.
const LARGEST: u64 = 64 * 1024;
/// Seconds by which clocks may differ before it is told, and before it breaks signatures and tokens.
const APART: i64 = 5;
const BROKEN: i64 = 60;

pub(super) fn all(built: &Built) -> Vec<Finding> {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return vec![bad(
                "jaringan",
                "",
                Level::Fail,
                Text::owned(error.to_string(), error.to_string()),
                NETWORK,
            )];
        }
    };
    let roots = built.node.roots.iter().filter_map(|file| std::fs::read(file).ok());
    let roots: Vec<_> = roots
        .flat_map(|pem| {
            rustls::pki_types::CertificateDer::pem_slice_iter(&pem)
                .filter_map(Result::ok)
                .collect::<Vec<_>>()
        })
        .collect();
    let tls = match tls::client(roots) {
        Ok(tls) => tls,
        Err(error) => {
            return vec![bad(
                "tls",
                "",
                Level::Fail,
                Text::owned(error.to_string(), error.to_string()),
                NETWORK,
            )];
        }
    };
    // Which of them are known in a way of their own, as every call would know them.
    let ways = match identities::of(built, &Certificates::default()) {
        Ok(ways) => Egress::default().known_by(ways),
        Err(error) => {
            let text = error.to_string();
            return vec![bad("tls", "", Level::Fail, Text::owned(text.clone(), text), OURS)];
        }
    };
    let mut systems: Vec<&Arc<System>> = built.catalogue.systems.values().collect();
    systems.sort_by(|a, b| a.id.cmp(&b.id));
    runtime.block_on(async {
        let mut findings = Vec::new();
        let mut skews = Vec::new();
        for system in systems {
            let way = Target::parse(&system.endpoint).ok();
            let way = way.and_then(|target| ways.tls(target.host(), target.port()));
            let (found, skew) = one(system, way.unwrap_or(&tls)).await;
            findings.extend(found);
            skews.extend(skew);
        }
        findings.push(clock(&skews));
        findings
    })
}

const NETWORK: Text = Text::new(
    "Periksa kabel, rute dan firewall dari mesin ini.",
    "Check cable, route and firewall of this machine.",
);

const OURS: Text = Text::new(
    "Periksa berkas PEM pada [sistem.tls]: sertifikat, kuncinya, dan sertifikat CA.",
    "Check the PEM files of [sistem.tls]: the certificate, its key, and the authority's certificate.",
);

/// Stops at the first step that fails: the later ones could not say more.
async fn one(system: &System, tls: &Arc<ClientConfig>) -> (Vec<Finding>, Option<i64>) {
    let id = system.id.as_str();
    let Ok(target) = Target::parse(&system.endpoint) else {
        return (Vec::new(), None);
    };
    let mut found = Vec::new();
    let began = Instant::now();
    let looked = timeout(STEP, tokio::net::lookup_host((target.host(), target.port()))).await;
    let addresses: Vec<_> = match looked {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    if addresses.is_empty() {
        let text = Text::owned(
            format!("{} tidak ditemukan", target.host()),
            format!("{} is not found", target.host()),
        );
        let cure = Text::new(
            "Periksa ejaan host pada [[sistem]] dan DNS di /etc/resolv.conf.",
            "Check the host's spelling in [[sistem]] and DNS in /etc/resolv.conf.",
        );
        return (vec![bad("dns", id, Level::Fail, text, cure)], None);
    }
    let millis = began.elapsed().as_millis();
    found.push(fine(
        "dns",
        id,
        Text::owned(
            format!("{} ditemukan dalam {millis} ms", target.host()),
            format!("{} found in {millis} ms", target.host()),
        ),
    ));
    let began = Instant::now();
    let stream = match timeout(STEP, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            let text = Text::owned(format!("tidak tersambung: {error}"), format!("no connection: {error}"));
            let cure = Text::new(
                "Bila ditolak: sistemnya mati, hubungi pengelolanya. Bila lewat waktu: firewall.",
                "If refused: the system is down, call its keepers. If timed out: a firewall.",
            );
            found.push(bad("sambungan", id, Level::Fail, text, cure));
            return (found, None);
        }
        Err(_) => {
            let text = Text::new("tidak tersambung dalam 10 detik", "no connection within 10 seconds");
            let cure = Text::new(
                "Biasanya firewall: buka jalan dari mesin ini ke host dan port itu.",
                "Usually a firewall: open the way from this machine to that host and port.",
            );
            found.push(bad("sambungan", id, Level::Fail, text, cure));
            return (found, None);
        }
    };
    let millis = began.elapsed().as_millis();
    found.push(fine(
        "sambungan",
        id,
        Text::owned(
            format!("tersambung dalam {millis} ms"),
            format!("connected in {millis} ms"),
        ),
    ));
    let answered = if target.is_tls() {
        match secured(stream, &target, tls).await {
            Ok((stream, until)) => {
                if let Some(until) = until {
                    found.push(ends("tls", id, until, SystemClock.now(), &THEIRS));
                }
                ask(stream, system, &target).await
            }
            Err(error) => {
                let text = Text::owned(format!("TLS gagal: {error}"), format!("TLS fails: {error}"));
                found.push(bad("tls", id, Level::Fail, text, THEIRS));
                return (found, None);
            }
        }
    } else {
        ask(stream, system, &target).await
    };
    let Some(answer) = answered else {
        let text = Text::new(
            "tersambung, tetapi tidak menjawab HTTP",
            "connected, but no HTTP answer",
        );
        found.push(bad(
            "jawaban",
            id,
            Level::Fail,
            text,
            Text::new(
                "Hubungi pengelola sistem; sebut waktunya.",
                "Call the keepers of the system; name the time.",
            ),
        ));
        return (found, None);
    };
    found.push(reply(system, &answer));
    (found, answer.skew)
}

const THEIRS: Text = Text::new(
    "Sertifikat sistem itu: mintakan yang sah, atau tambahkan akarnya di `akar_tambahan` bila memang milik mereka.",
    "That system's certificate: ask for a valid one, or add its root to `akar_tambahan` if it is truly theirs.",
);

async fn secured(
    stream: TcpStream,
    target: &Target,
    tls: &Arc<ClientConfig>,
) -> Result<(tokio_rustls::client::TlsStream<TcpStream>, Option<Timestamp>), String> {
    let name = ServerName::try_from(target.host().to_owned()).map_err(|error| error.to_string())?;
    let stream = timeout(STEP, TlsConnector::from(Arc::clone(tls)).connect(name, stream)).await;
    let stream = stream
        .map_err(|_| "10 s".to_owned())?
        .map_err(|error| error.to_string())?;
    let certificates = stream.get_ref().1.peer_certificates();
    let until = certificates.and_then(|all| der::not_after(all.first()?));
    Ok((stream, until))
}

/// What an HTTP answer says.
struct Answer {
    status: StatusCode,
    skew: Option<i64>,
    body: Bytes,
}

async fn ask<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, system: &System, target: &Target) -> Option<Answer> {
    let path = system.endpoint.splitn(4, '/').nth(3).unwrap_or_default();
    let mut head = format!(
        "GET /{path} HTTP/1.1\r\nhost: {}\r\nuser-agent: simpul-doctor\r\naccept: */*\r\nconnection: close\r\n",
        target.host()
    );
    if system.profile == Profile::Splp {
        for (name, value) in &probe::credentials(&system.auth).unwrap_or_default() {
            head.push_str(&format!("{}: {}\r\n", name.as_str(), value.to_str().ok()?));
        }
    }
    head.push_str("\r\n");
    let sent_at = SystemClock.now();
    timeout(STEP, stream.write_all(head.as_bytes())).await.ok()?.ok()?;
    let mut text = Vec::new();
    // A peer that does not close in time has said enough.
    let _ended = timeout(STEP, stream.take(LARGEST).read_to_end(&mut text)).await;
    let at = text.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(text.get(..at)?).ok()?, text.get(at + 4..)?);
    let status = head.split(' ').nth(1)?.parse::<u16>().ok()?;
    let date = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("date"));
    let date = date.and_then(|(_, value)| jiff::fmt::rfc2822::parse(value.trim()).ok());
    Some(Answer {
        status: StatusCode::from_u16(status).ok()?,
        skew: date.map(|date| sent_at.as_second() - date.timestamp().as_second()),
        body: Bytes::copy_from_slice(body),
    })
}

fn reply(system: &System, answer: &Answer) -> Finding {
    let id = system.id.as_str();
    let status = answer.status.as_u16();
    let answered = Text::owned(format!("menjawab HTTP {status}"), format!("answers HTTP {status}"));
    if system.profile == Profile::Splp {
        let native = NativeReply {
            status: answer.status.as_u16(),
            headers: HeaderMap::new(),
            body: answer.body.clone(),
        };
        if let Some(fault) = splp_fault(false, &native) {
            let code = fault.native_code.as_deref().unwrap_or_default();
            let text = Text::owned(
                format!("SPLP: {code}. {}", fault.public.id),
                format!("SPLP: {code}. {}", fault.public.en),
            );
            return match fault.kind {
                FaultKind::CredentialExpired | FaultKind::Misconfigured => {
                    bad("langganan", id, Level::Fail, text, SUBSCRIBE)
                }
                // The bare address of an API is nothing SPLP has to know.
                FaultKind::Drift => fine(
                    "langganan",
                    id,
                    Text::owned(
                        format!("SPLP mengenal kunci kita ({code} untuk alamat kosong)"),
                        format!("SPLP takes our key ({code} for the bare address)"),
                    ),
                ),
                _ => bad("langganan", id, Level::Warn, text, SUBSCRIBE),
            };
        }
    }
    if status >= 500 {
        let cure = Text::new(
            "Gangguan di pihak sistem; `simpul masalah` menyebut sejak kapan.",
            "Trouble on the system's side; `simpul masalah` says since when.",
        );
        return bad("jawaban", id, Level::Warn, answered, cure);
    }
    fine("jawaban", id, answered)
}

const SUBSCRIBE: Text = Text::new(
    "Di portal SPLP: periksa langganan ke API ini, kunci produksi (bukan sandbox), dan kuotanya; titipkan kredensial baru.",
    "In the SPLP portal: check the subscription to this API, the production key (not the sandbox's) and its quota; supply a new credential.",
);

/// The middle one of the differences to the systems' clocks: a single wrong system does not make ours wrong.
fn clock(skews: &[i64]) -> Finding {
    let mut sorted = skews.to_vec();
    sorted.sort_unstable();
    let Some(skew) = sorted.get(sorted.len() / 2).copied() else {
        return bad(
            "jam",
            "",
            Level::Warn,
            Text::new(
                "tidak ada sistem yang menyebut waktunya; tidak dapat dibandingkan",
                "no system told its time; nothing to compare with",
            ),
            Text::new(
                "Pastikan NTP berjalan: `timedatectl`.",
                "Make sure that NTP runs: `timedatectl`.",
            ),
        );
    };
    let text = Text::owned(
        format!("berbeda {skew} detik dari sistem lain"),
        format!("differs by {skew} seconds from the systems"),
    );
    let cure = Text::new(
        "Nyalakan NTP (`timedatectl set-ntp true`); tanda tangan dan token bergantung pada jam.",
        "Switch NTP on (`timedatectl set-ntp true`); signatures and tokens depend on the clock.",
    );
    let level = match skew.abs() {
        apart if apart <= APART => return fine("jam", "", text),
        apart if apart <= BROKEN => Level::Warn,
        _ => Level::Fail,
    };
    bad("jam", "", level, text, cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_clock_elsewhere_is_not_ours() {
        assert_eq!(clock(&[0, 1, 4000]).level, Level::Ok);
        assert_eq!(clock(&[30, 31, 29]).level, Level::Warn);
        assert_eq!(clock(&[-400, -401]).level, Level::Fail);
        assert_eq!(clock(&[]).level, Level::Warn);
    }
}
