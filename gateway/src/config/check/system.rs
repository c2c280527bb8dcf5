//! `[[sistem]]`: its connector and settings, its address, its limits and how deliveries behave. Defaults of a delivery
//! are here and nowhere else; limits default to what the connector declares.

use super::identity::SystemTls;
use super::{AuthPlan, Check, Known};
use crate::config::complaint::{Complaint, Place, Placed};
use crate::config::raw::{RawDelivery, RawHours, RawSystem};
use crate::config::secrets::SecretRef;
use crate::config::units::minute_of_day;
use connector_sdk::{Connector, Factory, Secret, ServiceHours, SettingComplaint, Settings};
use gateway_core::deliver::breaker::BreakerPolicy;
use gateway_core::deliver::{NativeRule, Policy, Profile};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Calls at once where the connector declares nothing.
const CONCURRENT: u64 = 16;
/// Largest bodies where the connector declares nothing.
const MAX_BODY: u64 = 10 * 1024 * 1024;
/// The word that allows plain HTTP beyond this machine.
pub(crate) const SANDBOX_ONLY: &str = "ya_hanya_di_sandbox";
/// Headers that carry credentials and therefore belong to `auth`.
const CREDENTIAL_HEADERS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
    "apikey",
    "token",
];
/// Headers that the wire itself writes.
const WIRE_HEADERS: [&str; 6] = [
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "te",
];

/// A system without complaints.
pub struct CheckedSystem {
    /// Id.
    pub id: String,
    /// Built connector.
    pub connector: Arc<dyn Connector>,
    /// Base URL without trailing slash.
    pub endpoint: String,
    /// Extra headers.
    pub headers: HeaderMap,
    /// Profile.
    pub profile: Profile,
    /// Credentials, by name.
    pub auth: AuthPlan,
    /// Behaviour.
    pub policy: Policy,
    /// Calls per minute.
    pub per_minute: Option<NonZeroU32>,
    /// Calls at once.
    pub concurrent: usize,
    /// Hours of service.
    pub hours: Option<ServiceHours>,
    /// What short-lived links of its answers may begin with.
    pub links: Vec<String>,
    /// How it is known and how we are known to it.
    pub tls: Option<SystemTls>,
    /// What may be called natively.
    pub native: Option<NativeRule>,
    /// Settings of the connector.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// What builds it, once the secrets its pushes are verified with are read.
    pub factory: Factory,
    /// The names of those secrets.
    pub secrets: Vec<(String, Placed<SecretRef>)>,
    /// Where it was written.
    pub place: Place,
}

impl fmt::Debug for CheckedSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedSystem")
            .field("id", &self.id)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Check {
    pub(super) fn systems(&mut self, raw: &[RawSystem], connectors: &[Factory]) -> Known<CheckedSystem> {
        let mut known = Known::new();
        for one in raw {
            let fresh = self.id(("sistem", "system"), &one.id, &known);
            let before = self.complaints.len();
            let system = self.system(one, connectors);
            if fresh || !known.contains_key(&one.id.value) {
                let sound = self.complaints.len() == before;
                known.insert(one.id.value.clone(), system.filter(|_| sound));
            }
        }
        self.one_identity_per_address(raw);
        known
    }

    fn system(&mut self, raw: &RawSystem, connectors: &[Factory]) -> Option<CheckedSystem> {
        let endpoint = self.endpoint(raw);
        let headers = self.headers(raw);
        let links = self.links(raw);
        let tls = self.system_tls(raw);
        let policy = self.policy(&raw.pengiriman);
        let hours = raw.batas.jam_layanan.as_ref().and_then(|hours| self.hours(hours));
        let native = raw.asli.as_ref().map(|asli| self.native(asli, &raw.auth));
        let factory = connectors.iter().find(|factory| factory.kind == raw.konektor.value);
        let connector = self.connector(raw, connectors);
        let auth = self.auth(&raw.auth, connector.as_deref().map(Connector::descriptor));
        let connector = connector?;
        let descriptor = connector.descriptor();
        let limits = &descriptor.limits;
        let given = |written: Option<&Placed<u64>>, declared: Option<u64>| written.map(|n| n.value).or(declared);
        let batas = &raw.batas;
        let per_minute = given(batas.per_menit.as_ref(), limits.per_minute.map(u64::from));
        let concurrent = given(batas.serentak.as_ref(), limits.concurrent.map(u64::from)).unwrap_or(CONCURRENT);
        Some(CheckedSystem {
            id: raw.id.value.clone(),
            endpoint,
            headers,
            profile: raw.profil.as_ref().map_or(Profile::Direct, |profile| profile.value),
            auth: auth?,
            policy: Policy {
                max_request: given(batas.permintaan_maks.as_ref(), limits.max_request).unwrap_or(MAX_BODY),
                max_reply: given(batas.jawaban_maks.as_ref(), limits.max_reply).unwrap_or(MAX_BODY),
                ..policy
            },
            per_minute: per_minute.and_then(|n| u32::try_from(n).ok()).and_then(NonZeroU32::new),
            concurrent: usize::try_from(concurrent).unwrap_or(usize::MAX),
            hours: hours.or_else(|| limits.hours.clone()),
            links,
            tls,
            native,
            settings: raw.pengaturan.table.clone(),
            factory: *factory?,
            secrets: raw.rahasia.clone(),
            place: raw.place.clone(),
            connector,
        })
    }

    /// Each must be a whole origin, perhaps with a path.
    fn links(&mut self, raw: &RawSystem) -> Vec<String> {
        let plain = raw.izinkan_tanpa_tls.is_some() || raw.alamat.value.starts_with("http://");
        for link in &raw.tautan_berkas {
            let parts: Option<http::Uri> = link.value.parse().ok();
            let sound = parts.is_some_and(|uri| {
                let scheme = uri.scheme_str() == Some("https") || (plain && uri.scheme_str() == Some("http"));
                scheme && uri.host().is_some_and(|host| !host.is_empty()) && uri.query().is_none()
            });
            if !sound {
                self.say(
                    &link.place,
                    (
                        "tautan berkas bukan alamat https:// yang utuh",
                        "a file link is not a whole https:// address",
                    ),
                    (
                        "tulis awal alamat penyimpan berkas, misalnya https://s3.contoh.invalid/wadah",
                        "write how the object store's addresses begin, such as https://s3.contoh.invalid/wadah",
                    ),
                );
            }
        }
        raw.tautan_berkas.iter().map(|link| link.value.clone()).collect()
    }

    fn connector(&mut self, raw: &RawSystem, connectors: &[Factory]) -> Option<Arc<dyn Connector>> {
        if raw.konektor.is_empty() {
            return None;
        }
        let Some(factory) = connectors.iter().find(|factory| factory.kind == raw.konektor.value) else {
            let all = connectors
                .iter()
                .map(|factory| factory.kind)
                .collect::<Vec<_>>()
                .join(", ");
            self.say(
                &raw.konektor.place,
                (
                    format!("konektor `{}` tidak ada", raw.konektor.value),
                    format!("there is no connector `{}`", raw.konektor.value),
                ),
                (format!("yang ada: {all}"), format!("there are: {all}")),
            );
            return None;
        };
        // Nobody reads secrets here: that they are named is what is judged. `build` puts the values in.
        let mut settings = Settings::new(raw.pengaturan.table.clone());
        for (name, _) in &raw.rahasia {
            settings = settings.with_secret(name.clone(), Secret::new("belum-dibaca"));
        }
        match (factory.build)(&settings) {
            Ok(connector) => Some(connector),
            Err(complaints) => {
                for complaint in complaints {
                    let place = setting_place(raw, &complaint.key);
                    self.complaints.push(unfit(factory.kind, &place, complaint));
                }
                None
            }
        }
    }

    fn endpoint(&mut self, raw: &RawSystem) -> String {
        let written = &raw.alamat;
        if let Some(switch) = raw
            .izinkan_tanpa_tls
            .as_ref()
            .filter(|switch| switch.value != SANDBOX_ONLY)
        {
            self.say(
                &switch.place,
                (
                    "sakelar berbahaya tidak ditulis utuh",
                    "a dangerous switch is not written out",
                ),
                (
                    format!("hapus, atau tulis \"{SANDBOX_ONLY}\" bila ini memang sandbox"),
                    format!("remove it, or write \"{SANDBOX_ONLY}\" if this is a sandbox indeed"),
                ),
            );
        }
        if written.is_empty() {
            return String::new();
        }
        let uri = written.parse::<http::Uri>().ok();
        let parts = uri
            .as_ref()
            .and_then(|uri| Some((uri.scheme_str()?, uri.host()?, uri.authority()?, uri.query())));
        let fine = parts.is_some_and(|(scheme, host, authority, query)| {
            matches!(scheme, "http" | "https")
                && !host.is_empty()
                && !authority.as_str().contains('@')
                && query.is_none()
                && !written.contains('#')
        });
        if !fine {
            self.say(
                &written.place,
                ("alamat bukan URL dasar yang sah", "the address is not a valid base URL"),
                (
                    "tulis https://nama-host[:port][/awalan], tanpa pengguna, ? dan #",
                    "write https://host[:port][/prefix], without user, ? and #",
                ),
            );
        } else if parts.is_some_and(|(scheme, ..)| scheme == "http")
            && !is_loopback_http(written)
            && raw.izinkan_tanpa_tls.is_none()
        {
            self.say(
                &written.place,
                (
                    "http:// ke luar mesin ini tidak aman",
                    "http:// beyond this machine is not safe",
                ),
                ("pakai https://", "use https://"),
            );
        }
        written.trim_end_matches('/').to_owned()
    }

    fn headers(&mut self, raw: &RawSystem) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &raw.kepala {
            let lower = name.to_ascii_lowercase();
            if CREDENTIAL_HEADERS.contains(&lower.as_str()) {
                self.say(
                    &value.place,
                    (
                        format!("kepala `{name}` membawa kredensial"),
                        format!("header `{name}` carries credentials"),
                    ),
                    (
                        "pindahkan ke [sistem.auth] dengan jenis = \"headers\"",
                        "move it to [sistem.auth] with jenis = \"headers\"",
                    ),
                );
                continue;
            }
            match (
                HeaderName::try_from(name.as_str()),
                HeaderValue::try_from(value.value.as_str()),
            ) {
                (Ok(name), Ok(value)) if !WIRE_HEADERS.contains(&lower.as_str()) => {
                    headers.insert(name, value);
                }
                _ => self.say(
                    &value.place,
                    (
                        format!("kepala `{name}` tidak dapat dikirim"),
                        format!("header `{name}` cannot be sent"),
                    ),
                    (
                        "perbaiki nama atau isinya; Host, Content-* dan Connection ditulis gateway sendiri",
                        "correct its name or value; Host, Content-* and Connection are the gateway's own",
                    ),
                ),
            }
        }
        headers
    }

    fn policy(&mut self, raw: &RawDelivery) -> Policy {
        let span = |written: &Option<Placed<Duration>>, default: u64| {
            written.as_ref().map_or(Duration::from_secs(default), |d| d.value)
        };
        let number = |written: &Option<Placed<u64>>, default: u32| {
            written
                .as_ref()
                .and_then(|n| u32::try_from(n.value).ok())
                .unwrap_or(default)
        };
        let policy = Policy {
            deadline: raw.tenggat.as_ref().map(|d| d.value),
            read_retries: number(&raw.percobaan_baca, 2),
            attempts: number(&raw.percobaan, 12),
            backoff: span(&raw.jeda, 5),
            longest_backoff: span(&raw.jeda_terlama, 30 * 60),
            schedule: None,
            lookup_after: span(&raw.cari_setelah, 60),
            lookups: number(&raw.pencarian, 10),
            breaker: BreakerPolicy {
                failures: number(&raw.pemutus.gagal, 5),
                pause: span(&raw.pemutus.jeda, 10),
                longest_pause: span(&raw.pemutus.jeda_terlama, 5 * 60),
            },
            max_request: MAX_BODY,
            max_reply: MAX_BODY,
        };
        let lag = raw.tunda_daftar.as_ref().filter(|lag| lag.value > policy.lookup_after);
        if let Some(lag) = lag {
            self.doubt(
                raw.cari_setelah.as_ref().map_or(&lag.place, |own| &own.place),
                (
                    "cari_setelah lebih pendek daripada tunda_daftar: yang belum tampak di daftar akan dikira belum masuk",
                    "cari_setelah is shorter than tunda_daftar: what the list does not show yet is taken as not landed",
                ),
                (
                    "tulis cari_setelah yang lebih panjang daripada tunda_daftar",
                    "write a cari_setelah longer than tunda_daftar",
                ),
            );
        }
        let pairs = [
            (policy.backoff, policy.longest_backoff, &raw.jeda, &raw.jeda_terlama),
            (
                policy.breaker.pause,
                policy.breaker.longest_pause,
                &raw.pemutus.jeda,
                &raw.pemutus.jeda_terlama,
            ),
        ];
        for (first, longest, written, written_longest) in pairs {
            let place = written_longest.as_ref().or(written.as_ref()).map(|d| &d.place);
            if let Some(place) = place.filter(|_| first > longest) {
                self.say(
                    place,
                    (
                        "jeda pertama lebih panjang daripada jeda terlama",
                        "the first pause is longer than the longest",
                    ),
                    (
                        "naikkan `jeda_terlama` atau turunkan `jeda`",
                        "raise `jeda_terlama` or lower `jeda`",
                    ),
                );
            }
        }
        policy
    }

    fn hours(&mut self, raw: &RawHours) -> Option<ServiceHours> {
        let zone = self.zone(&raw.zona);
        let mut minute = |written: &Placed<String>| {
            let minute = minute_of_day(written);
            if minute.is_none() && !written.is_empty() {
                self.say(
                    &written.place,
                    (
                        format!("`{}` bukan jam", written.value),
                        format!("`{}` is not a time of day", written.value),
                    ),
                    (
                        "tulis seperti \"07:30\"; \"24:00\" berarti akhir hari",
                        "write as in \"07:30\"; \"24:00\" is the end of the day",
                    ),
                );
            }
            minute
        };
        let (from, to) = (minute(&raw.dari), minute(&raw.sampai));
        zone.and(from).and(to)?;
        Some(ServiceHours {
            zone: raw.zona.value.clone().into(),
            from_minute: from?,
            to_minute: to?,
        })
    }
}

/// What a connector said about its settings.
pub(crate) fn unfit(kind: &str, place: &Place, complaint: SettingComplaint) -> Complaint {
    Complaint::new(
        place,
        (
            format!("pengaturan konektor {kind} tidak sesuai"),
            format!("a setting of connector {kind} does not fit"),
        ),
        (complaint.advice.clone(), complaint.advice),
    )
}

/// Plain HTTP that does not leave this machine.
pub(super) fn is_loopback_http(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    uri.scheme_str() == Some("http") && loopback
}

/// The line of the nearest key that was written.
fn setting_place(raw: &RawSystem, key: &str) -> Place {
    let mut place = if key.is_empty() {
        raw.pengaturan_place.clone()
    } else {
        raw.pengaturan_place.below(key)
    };
    let mut path = key;
    loop {
        if let Some(line) = raw.pengaturan.lines.get(path) {
            place.line = Some(*line);
            return place;
        }
        let Some((shorter, _)) = path.rsplit_once('.') else {
            return place;
        };
        path = shorter;
    }
}
