//! `[simpul]`: defaults are here and nowhere else.

use super::{Check, Journal, whole};
use crate::config::complaint::Placed;
use crate::config::raw::{Pushes, RawNode, RawOperator, RawTls};
use crate::config::secrets::SecretRef;
use crate::http::HttpLimits;
use crate::operator::{Operator, PasswordHash, Role, TokenHash};
use crate::outbound::Target;
use crate::telemetry::logs::LogFormat;
use crate::telemetry::otlp::Telemetry;
use gateway_core::events::PushPolicy;
use gateway_core::worker::WorkerPolicy;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

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
    /// Who may sign certificates of consumers, PEM; `None`: none are asked for.
    pub clients: Option<PathBuf>,
    /// Lists of revoked certificates, PEM.
    pub revoked: Vec<PathBuf>,
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
    /// Operators and the hashes of their tokens.
    pub operators: Vec<Operator>,
    /// Where the seeds of second factors come from, by the place of the person above.
    pub second_factors: Vec<(usize, Placed<SecretRef>)>,
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
    /// Where the key that signs evidence comes from; `None`: a file beside the journal, or derived from the master key.
    pub evidence_key: Option<Placed<SecretRef>>,
    /// How often new evidence is bound into a signed batch.
    pub bind_every: Duration,
    /// Limits of the edge.
    pub limits: HttpLimits,
    /// The delivery worker.
    pub worker: WorkerPolicy,
    /// How pushes to subscribers behave.
    pub pushes: PushPolicy,
    /// Receivers inside that subscriptions may name, with their ports.
    pub receivers: Vec<(String, u16)>,
    /// Logs.
    pub log: LogSettings,
    /// Where traces and metrics are sent; `None`: nowhere.
    pub telemetry: Option<Telemetry>,
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
            operators: Vec::new(),
            second_factors: Vec::new(),
            threads: 0,
            zone: TimeZone::get(ZONE).unwrap_or(TimeZone::UTC),
            ended: Vec::new(),
            journal: Journal::Sqlite {
                file: PathBuf::from("data/jurnal.sqlite"),
            },
            master_key: None,
            evidence_key: None,
            bind_every: Duration::from_secs(60),
            limits: HttpLimits::default(),
            worker: WorkerPolicy {
                at_once: 32,
                look_every: Duration::from_secs(1),
            },
            pushes: PushPolicy::default(),
            receivers: Vec::new(),
            telemetry: None,
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
        let (operators, second_factors) = self.operators(&raw.token_operator);
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
            operators,
            second_factors,
            threads: whole_number(raw.utas.as_ref(), default.threads),
            zone: raw
                .zona
                .as_ref()
                .map_or(default.zone, |zone| self.zone(zone).unwrap_or(TimeZone::UTC)),
            ended: raw.versi_berakhir.iter().map(|prefix| self.ended(prefix)).collect(),
            journal: self.journal(raw, default.journal),
            master_key: raw.jurnal_kunci_induk.clone(),
            evidence_key: raw.jurnal_kunci_bukti.clone(),
            bind_every: span(raw.jurnal_ikat_setiap.as_ref(), default.bind_every),
            telemetry: self.telemetry(raw),
            limits: HttpLimits {
                connections: whole_number(raw.batas_koneksi.as_ref(), limits.connections),
                concurrency: whole_number(raw.batas_serentak.as_ref(), limits.concurrency),
                per_consumer: whole_number(
                    raw.batas_serentak_konsumen.as_ref(),
                    (whole_number(raw.batas_serentak.as_ref(), limits.concurrency) / 2).max(1),
                ),
                handshake: span(raw.batas_jabat_tangan.as_ref(), limits.handshake),
                header_time: span(raw.batas_waktu_kepala.as_ref(), limits.header_time),
                body_time: span(raw.batas_waktu_isi.as_ref(), limits.body_time),
                total_time: span(raw.batas_waktu_total.as_ref(), limits.total_time),
                idle_time: span(raw.batas_waktu_diam.as_ref(), limits.idle_time),
                header_bytes: whole_number(raw.batas_kepala.as_ref(), limits.header_bytes),
                file_bytes: raw.batas_lampiran.as_ref().map_or(limits.file_bytes, |most| most.value),
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
            pushes: match raw.langganan_jadwal.as_ref().map(|given| given.value) {
                Some(Pushes::Sandbox) => PushPolicy::sandbox(),
                Some(Pushes::Standard) | None => default.pushes,
            },
            receivers: raw
                .langganan_penerima_dalam
                .iter()
                .filter_map(|receiver| self.receiver(receiver))
                .collect(),
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
                clients: raw.ca_klien.as_ref().map(|path| PathBuf::from(&path.value)),
                revoked: raw.daftar_cabut.iter().map(|path| PathBuf::from(&path.value)).collect(),
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

    /// Host and port of a receiver inside, exactly; a list that could hold a pattern would open more than was meant.
    fn receiver(&mut self, written: &Placed<String>) -> Option<(String, u16)> {
        let found = Target::parse(&format!("https://{}", written.value)).ok();
        let found = found.filter(|target| {
            let port = target.port();
            let bare = [
                format!("{}:{port}", target.host()),
                format!("[{}]:{port}", target.host()),
            ];
            let exact = bare.iter().any(|bare| bare.eq_ignore_ascii_case(&written.value));
            exact && !target.host().contains('*') && port != 0
        });
        if found.is_none() {
            self.say(
                &written.place,
                (
                    "penerima dalam bukan host dan port",
                    "a receiver inside is not a host and port",
                ),
                (
                    "tulis persis satu host dan portnya, misalnya \"penerima.opd.invalid:8443\"; tanpa https:// dan tanpa *",
                    "write exactly one host and its port, for example \"penerima.opd.invalid:8443\"; no https:// and no *",
                ),
            );
        }
        found.map(|target| (target.host().to_owned(), target.port()))
    }

    /// The collector, where one is named.
    fn telemetry(&mut self, raw: &RawNode) -> Option<Telemetry> {
        let named = raw.telemetri_kolektor.as_ref()?;
        let plain = Target::parse(&named.value).is_ok() && !named.value.contains(['?', '#', '@']);
        if !plain || named.value.trim_end_matches('/').ends_with("/v1/traces") {
            self.say(
                &named.place,
                (
                    "alamat kolektor bukan URL dasar",
                    "the collector's address is no base URL",
                ),
                (
                    "tulis misalnya \"http://127.0.0.1:4318\", tanpa /v1/traces dan tanpa sandi",
                    "write for example \"http://127.0.0.1:4318\", without /v1/traces and without credentials",
                ),
            );
        }
        let per_mille = raw.telemetri_per_seribu.as_ref();
        if let Some(many) = per_mille.filter(|n| n.value > 1000) {
            self.say(
                &many.place,
                ("lebih dari seribu per seribu", "more than a thousand in a thousand"),
                ("tulis 0 sampai 1000", "write 0 to 1000"),
            );
        }
        Some(Telemetry {
            collector: named.value.clone(),
            per_mille: per_mille.and_then(|n| u32::try_from(n.value).ok()).unwrap_or(100),
            metrics_every: raw.telemetri_ukuran_setiap.as_ref().map(|every| every.value),
        })
    }

    fn operators(&mut self, raw: &[RawOperator]) -> (Vec<Operator>, Vec<(usize, Placed<SecretRef>)>) {
        let mut operators: Vec<Operator> = Vec::new();
        let mut seconds = Vec::new();
        for written in raw {
            let Some(operator) = self.one_operator(written) else {
                continue;
            };
            // The same token under two names would let one person be two.
            if operators.iter().any(|known| known.token == operator.token) {
                self.say(
                    &written.sha256.place,
                    (
                        "token operator ini tertulis dua kali",
                        "this operator's token is written twice",
                    ),
                    (
                        "setiap petugas memakai tokennya sendiri; buat dengan `simpul key create --operator NAMA`",
                        "each operator has a token of their own; make one with `simpul key create --operator NAME`",
                    ),
                );
            }
            seconds.extend(written.totp.clone().map(|name| (operators.len(), name)));
            operators.push(operator);
        }
        (operators, seconds)
    }

    pub(super) fn role(&mut self, word: &Placed<String>) -> Option<Role> {
        let found = Role::ALL.into_iter().find(|role| role.word() == word.value);
        if found.is_none() {
            self.say(
                &word.place,
                (
                    format!("peran `{}` tidak dikenal", word.value),
                    format!("there is no role `{}`", word.value),
                ),
                (
                    "pakai admin, operator, integrator atau auditor",
                    "use admin, operator, integrator or auditor",
                ),
            );
        }
        found
    }

    fn password(&mut self, text: &Placed<String>) -> Option<PasswordHash> {
        let read = PasswordHash::read(&text.value);
        if read.is_err() {
            // A whole password pasted here must not be repeated in the complaint.
            self.say(
                &text.place,
                (
                    "kata sandi bukan hash argon2id yang cukup kuat",
                    "the password is no argon2id hash that is strong enough",
                ),
                (
                    "tulis hash dari `simpul key create --operator NAMA --sandi`, bukan kata sandinya",
                    "write the hash from `simpul key create --operator NAME --sandi`, not the password",
                ),
            );
        }
        read.ok()
    }

    fn one_operator(&mut self, raw: &RawOperator) -> Option<Operator> {
        let name = raw.nama.value.trim();
        if raw.nama.value.is_empty() || raw.sha256.value.is_empty() {
            return None;
        }
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            self.say(
                &raw.nama.place,
                ("nama petugas tidak sah", "the operator's name is not valid"),
                (
                    "tulis nama orangnya, paling panjang 64 huruf; nama ini masuk ke bukti",
                    "write the person's name, at most 64 characters; it goes into the evidence",
                ),
            );
        }
        let token = TokenHash::from_hex(&raw.sha256);
        if token.is_none() {
            // A whole token pasted here must not be repeated in the complaint.
            self.say(
                &raw.sha256.place,
                ("token operator bukan hash", "the operator's token is not a hash"),
                (
                    "tulis 64 angka heksadesimal dari `simpul key create --operator NAMA`, bukan tokennya",
                    "write the 64 hexadecimal digits from `simpul key create --operator NAME`, not the token",
                ),
            );
        }
        let role = raw.peran.as_ref().map_or(Some(Role::Admin), |role| self.role(role));
        let password = raw.sandi.as_ref().map(|password| self.password(password));
        Some(Operator {
            role: role?,
            password: password.flatten(),
            ..Operator::new(name, token?)
        })
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
