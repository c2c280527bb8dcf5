//! `[simpul]`: defaults are here and nowhere else.

use super::{Check, whole};
use crate::config::complaint::Placed;
use crate::config::raw::{RawNode, RawTls};
use crate::config::secrets::SecretRef;
use crate::http::HttpLimits;
use crate::operator::TokenHash;
use crate::telemetry::logs::LogFormat;
use gateway_core::worker::WorkerPolicy;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where exchanges are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Journal {
    /// One SQLite file.
    Sqlite {
        /// Its path.
        file: PathBuf,
    },
}

/// How log lines are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// Filter, such as `info` or `info,gateway=debug`.
    pub level: String,
    /// Form.
    pub form: LogFormat,
}

/// Files of the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Chain, PEM.
    pub certificates: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// This process.
#[derive(Debug, Clone)]
pub struct Node {
    /// Name, for leases.
    pub name: String,
    /// Public address.
    pub listen: SocketAddr,
    /// Operator's address.
    pub operator: SocketAddr,
    /// TLS of the public address.
    pub tls: Option<TlsFiles>,
    /// Roots trusted towards systems beyond those of this machine, PEM.
    pub roots: Vec<PathBuf>,
    /// Hashes of operator tokens.
    pub operator_tokens: Vec<TokenHash>,
    /// Data-plane threads; 0 means one per core.
    pub threads: usize,
    /// Zone that dates of grants are in.
    pub zone: TimeZone,
    /// Path prefixes of versions that are no longer served.
    pub ended: Vec<String>,
    /// Storage.
    pub journal: Journal,
    /// Where the master key of bodies at rest comes from; `None`: a file beside the journal, made at first start.
    pub master_key: Option<Placed<SecretRef>>,
    /// Limits of the edge.
    pub limits: HttpLimits,
    /// The delivery worker.
    pub worker: WorkerPolicy,
    /// Logs.
    pub log: LogSettings,
    /// Longest time a stop may take.
    pub stop_within: Duration,
}

/// Default of `zona`.
const ZONE: &str = "Asia/Jakarta";

impl Default for Node {
    fn default() -> Self {
        Self {
            name: "simpul-1".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operator: SocketAddr::from(([127, 0, 0, 1], 8081)),
            tls: None,
            roots: Vec::new(),
            operator_tokens: Vec::new(),
            threads: 0,
            zone: TimeZone::get(ZONE).unwrap_or(TimeZone::UTC),
            ended: Vec::new(),
            journal: Journal::Sqlite {
                file: PathBuf::from("data/jurnal.sqlite"),
            },
            master_key: None,
            limits: HttpLimits::default(),
            worker: WorkerPolicy {
                at_once: 32,
                look_every: Duration::from_secs(1),
            },
            log: LogSettings {
                level: "info".to_owned(),
                form: LogFormat::Json,
            },
            stop_within: Duration::from_secs(30),
        }
    }
}

impl Check {
    pub(super) fn node(&mut self, raw: Option<&RawNode>) -> Node {
        let default = Node::default();
        let Some(raw) = raw else {
            self.say(
                &whole(),
                ("tabel `[simpul]` tidak ada", "there is no table `[simpul]`"),
                (
                    "tambahkan `[simpul]` di simpul.toml, boleh kosong",
                    "add `[simpul]` to simpul.toml; it may be empty",
                ),
            );
            return default;
        };
        let limits = default.limits;
        Node {
            name: raw.nama.as_ref().map_or(default.name, |name| self.name(name)),
            listen: self.address(raw.dengar.as_ref(), default.listen),
            operator: self.operator(raw, default.listen, default.operator),
            tls: raw.tls.as_ref().and_then(|tls| self.tls(tls)),
            roots: raw
                .akar_tambahan
                .iter()
                .map(|path| PathBuf::from(&path.value))
                .collect(),
            operator_tokens: raw.token_operator.iter().filter_map(|hash| self.token(hash)).collect(),
            threads: whole_number(raw.utas.as_ref(), default.threads),
            zone: raw
                .zona
                .as_ref()
                .map_or(default.zone, |zone| self.zone(zone).unwrap_or(TimeZone::UTC)),
            ended: raw.versi_berakhir.iter().map(|prefix| self.ended(prefix)).collect(),
            journal: match (&raw.jurnal_berkas, default.journal) {
                (Some(file), _) => Journal::Sqlite {
                    file: PathBuf::from(&file.value),
                },
                (None, journal) => journal,
            },
            master_key: raw.jurnal_kunci_induk.clone(),
            limits: HttpLimits {
                connections: whole_number(raw.batas_koneksi.as_ref(), limits.connections),
                concurrency: whole_number(raw.batas_serentak.as_ref(), limits.concurrency),
                handshake: span(raw.batas_jabat_tangan.as_ref(), limits.handshake),
                header_time: span(raw.batas_waktu_kepala.as_ref(), limits.header_time),
                body_time: span(raw.batas_waktu_isi.as_ref(), limits.body_time),
                total_time: span(raw.batas_waktu_total.as_ref(), limits.total_time),
                idle_time: span(raw.batas_waktu_diam.as_ref(), limits.idle_time),
                header_bytes: whole_number(raw.batas_kepala.as_ref(), limits.header_bytes),
                header_count: whole_number(raw.batas_jumlah_kepala.as_ref(), limits.header_count),
                streams: raw
                    .batas_aliran
                    .as_ref()
                    .and_then(|n| u32::try_from(n.value).ok())
                    .unwrap_or(limits.streams),
            },
            worker: WorkerPolicy {
                at_once: whole_number(raw.pekerja_serentak.as_ref(), default.worker.at_once),
                look_every: span(raw.pekerja_lihat_setiap.as_ref(), default.worker.look_every),
            },
            log: LogSettings {
                level: raw
                    .log_tingkat
                    .as_ref()
                    .map_or(default.log.level, |level| self.level(level)),
                form: raw.log_bentuk.as_ref().map_or(default.log.form, |form| form.value),
            },
            stop_within: span(raw.henti_paling_lama.as_ref(), default.stop_within),
        }
    }

    fn name(&mut self, name: &Placed<String>) -> String {
        let plain = name.len() <= 64
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if !plain {
            self.say(
                &name.place,
                ("nama node tidak sah", "the node's name is not valid"),
                (
                    "pakai huruf, angka, garis dan titik; tiap node bernama lain",
                    "use letters, digits, dashes and dots; every node has its own name",
                ),
            );
        }
        name.value.clone()
    }

    fn address(&mut self, written: Option<&Placed<String>>, default: SocketAddr) -> SocketAddr {
        let Some(written) = written else { return default };
        written.parse().unwrap_or_else(|_| {
            self.say(
                &written.place,
                (
                    format!("`{}` bukan alamat", written.value),
                    format!("`{}` is not an address", written.value),
                ),
                (
                    "tulis IP dan port, misalnya \"127.0.0.1:8080\"",
                    "write IP and port, for example \"127.0.0.1:8080\"",
                ),
            );
            default
        })
    }

    fn operator(&mut self, raw: &RawNode, listen: SocketAddr, default: SocketAddr) -> SocketAddr {
        let operator = self.address(raw.dengar_operator.as_ref(), default);
        let public = raw.dengar.as_ref().and_then(|a| a.parse().ok()).unwrap_or(listen);
        if operator == public && operator.port() != 0 {
            let place = raw
                .dengar_operator
                .as_ref()
                .or(raw.dengar.as_ref())
                .map_or(&raw.place, |a| &a.place);
            self.say(
                place,
                (
                    "alamat operator sama dengan alamat umum",
                    "the operator's address is the public one",
                ),
                (
                    "beri `dengar_operator` port lain; jangan dibuka untuk umum",
                    "give `dengar_operator` another port; do not open it to the public",
                ),
            );
        }
        operator
    }

    fn tls(&mut self, raw: &RawTls) -> Option<TlsFiles> {
        let key = raw.kunci.as_ref()?;
        match &key.value {
            SecretRef::File(path) => Some(TlsFiles {
                certificates: PathBuf::from(&raw.sertifikat.value),
                key: path.clone(),
            }),
            SecretRef::Env(_) => {
                self.say(
                    &key.place,
                    ("kunci TLS harus berkas", "the TLS key must be a file"),
                    (
                        "tulis { file = \"jalur/kunci.pem\" }",
                        "write { file = \"path/to/key.pem\" }",
                    ),
                );
                None
            }
        }
    }

    fn token(&mut self, hash: &Placed<String>) -> Option<TokenHash> {
        let token = TokenHash::from_hex(hash);
        if token.is_none() {
            // A whole token pasted here must not be repeated in the complaint.
            self.say(
                &hash.place,
                ("token operator bukan hash", "the operator's token is not a hash"),
                (
                    "tulis 64 angka heksadesimal dari `simpul key create --operator`, bukan tokennya",
                    "write the 64 hexadecimal digits from `simpul key create --operator`, not the token",
                ),
            );
        }
        token
    }

    pub(super) fn zone(&mut self, zone: &Placed<String>) -> Option<TimeZone> {
        let found = TimeZone::get(zone).ok();
        if found.is_none() && !zone.is_empty() {
            self.say(
                &zone.place,
                (
                    format!("zona waktu `{}` tidak dikenal", zone.value),
                    format!("time zone `{}` is not known", zone.value),
                ),
                (
                    "tulis nama IANA: Asia/Jakarta, Asia/Makassar atau Asia/Jayapura",
                    "write an IANA name: Asia/Jakarta, Asia/Makassar or Asia/Jayapura",
                ),
            );
        }
        found
    }

    fn ended(&mut self, prefix: &Placed<String>) -> String {
        if !prefix.starts_with('/') || prefix.ends_with('/') {
            self.say(
                &prefix.place,
                (
                    format!("`{}` bukan awalan jalur", prefix.value),
                    format!("`{}` is not a path prefix", prefix.value),
                ),
                ("tulis misalnya \"/v0\"", "write for example \"/v0\""),
            );
        }
        prefix.value.clone()
    }

    fn level(&mut self, level: &Placed<String>) -> String {
        if level.parse::<tracing_subscriber::EnvFilter>().is_err() {
            self.say(
                &level.place,
                (
                    format!("`{}` bukan tingkat log", level.value),
                    format!("`{}` is not a log level", level.value),
                ),
                ("tulis error, warn, info atau debug", "write error, warn, info or debug"),
            );
        }
        level.value.clone()
    }
}

fn whole_number(written: Option<&Placed<u64>>, default: usize) -> usize {
    written.and_then(|n| usize::try_from(n.value).ok()).unwrap_or(default)
}

fn span(written: Option<&Placed<Duration>>, default: Duration) -> Duration {
    written.map_or(default, |span| span.value)
}
