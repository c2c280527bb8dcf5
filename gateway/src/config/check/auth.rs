//! `[sistem.auth]`: the kind must be one the connector takes; the secrets stay names until the build.

use super::Check;
use crate::config::complaint::{Place, Placed};
use crate::config::raw::{RawAuth, RawKeyExchange};
use crate::config::secrets::SecretRef;
use connector_sdk::{Descriptor, HmacAlgorithm, is_placed};
use http::HeaderName;

/// How we prove who we are, with the names of the secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as `connector_sdk::AuthKind`")]
pub enum AuthPlan {
    None,
    Headers {
        /// Name, prefix, secret.
        headers: Vec<(String, String, Placed<SecretRef>)>,
        /// What the bearer among them must say of itself.
        claims: Vec<(String, Placed<String>)>,
    },
    Basic {
        user: String,
        password: Placed<SecretRef>,
    },
    ClientCredentials {
        token_url: String,
        client_id: String,
        client_secret: Placed<SecretRef>,
        scope: Option<String>,
        header: String,
        prefix: String,
    },
    Hmac {
        algorithm: HmacAlgorithm,
        key: Placed<SecretRef>,
        signature_header: String,
        timestamp_header: String,
    },
    KeyExchange(Box<KeyExchangePlan>),
}

/// As `connector_sdk::KeyExchange`, with the names of the secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as `connector_sdk::KeyExchange`")]
pub struct KeyExchangePlan {
    pub key_url: String,
    pub root: String,
    pub user_field: String,
    pub user: Placed<SecretRef>,
    pub password_field: String,
    pub password: Placed<SecretRef>,
    pub key_pointer: String,
    pub expiry_pointer: String,
    pub expiry_offset_minutes: i32,
    pub lifetime_s: u32,
    pub header: String,
}

/// Seconds a key is taken to hold where neither answer nor configuration says.
const KEY_LIFETIME: u32 = 3600;
/// Minutes east of Greenwich of a time without zone: WIB.
const WIB_MINUTES: i32 = 7 * 60;

impl Check {
    /// `None` when something is missing that was complained about.
    /// Without a descriptor (the connector was not built) only the form is judged.
    pub(super) fn auth(&mut self, raw: &RawAuth, descriptor: Option<&Descriptor>) -> Option<AuthPlan> {
        let (kind, place) = kind(raw)?;
        // A system may be without credentials when nothing is declared, as in a sandbox.
        if let Some(descriptor) = descriptor
            && !descriptor.auth.iter().any(|accepted| *accepted == kind)
            && !(descriptor.auth.is_empty() && kind == "none")
        {
            let accepted = descriptor.auth.join(", ");
            let place = match raw {
                RawAuth::Absent(_) => place.clone(),
                _ => place.below("jenis"),
            };
            self.say(
                &place,
                (
                    format!("konektor {} tidak menerima auth `{kind}`", descriptor.id),
                    format!("connector {} does not take auth `{kind}`", descriptor.id),
                ),
                (
                    format!("pakai salah satu: {accepted}"),
                    format!("use one of: {accepted}"),
                ),
            );
            return None;
        }
        match raw {
            RawAuth::Unclear => None,
            RawAuth::Absent(_) | RawAuth::None(_) => Some(AuthPlan::None),
            RawAuth::Headers { place, kepala, klaim } => {
                if kepala.is_empty() {
                    self.say(
                        &place.below("kepala"),
                        ("tidak ada kepala kredensial", "there is no credential header"),
                        (
                            "tulis kepala = [{ nama = \"X-Api-Key\", nilai = { env = \"NAMA\" } }]",
                            "write kepala = [{ nama = \"X-Api-Key\", nilai = { env = \"NAME\" } }]",
                        ),
                    );
                }
                let headers = kepala.iter().map(|header| {
                    let in_body = is_placed(&header.nama.value);
                    let name = if in_body {
                        header.nama.value.clone()
                    } else {
                        self.header_name(&header.nama)?
                    };
                    let prefix = header
                        .awalan
                        .as_ref()
                        .map_or(String::new(), |prefix| prefix.value.clone());
                    Some((name, prefix, header.nilai.clone()?))
                });
                let headers = headers.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
                Some(AuthPlan::Headers {
                    headers,
                    claims: klaim.clone(),
                })
            }
            RawAuth::Basic { pengguna, sandi, .. } => Some(AuthPlan::Basic {
                user: pengguna.value.clone(),
                password: sandi.clone()?,
            }),
            RawAuth::ClientCredentials {
                alamat_token,
                id_klien,
                rahasia_klien,
                lingkup,
                kepala,
                awalan,
                ..
            } => {
                let header = match kepala {
                    Some(name) => self.header_name(name)?,
                    None => "authorization".to_owned(),
                };
                self.token_address(alamat_token);
                Some(AuthPlan::ClientCredentials {
                    token_url: alamat_token.value.clone(),
                    client_id: id_klien.value.clone(),
                    client_secret: rahasia_klien.clone()?,
                    scope: lingkup.as_ref().map(|scope| scope.value.clone()),
                    header,
                    prefix: awalan
                        .as_ref()
                        .map_or_else(|| "Bearer ".to_owned(), |prefix| prefix.value.clone()),
                })
            }
            RawAuth::Hmac {
                algoritma,
                kunci,
                kepala_tanda_tangan,
                kepala_waktu,
                ..
            } => Some(AuthPlan::Hmac {
                algorithm: algoritma.as_ref().map_or(HmacAlgorithm::Sha256, |a| a.value),
                key: kunci.clone()?,
                signature_header: self.header_name(kepala_tanda_tangan)?,
                timestamp_header: self.header_name(kepala_waktu)?,
            }),
            RawAuth::KeyExchange(raw) => self.key_exchange(raw),
        }
    }

    fn key_exchange(&mut self, raw: &RawKeyExchange) -> Option<AuthPlan> {
        self.token_address(&raw.alamat_kunci);
        for written in [Some(&raw.letak_kunci), raw.letak_masa.as_ref()].into_iter().flatten() {
            self.pointer(&written.value, &written.place);
        }
        let offset = match &raw.zona_masa {
            None => WIB_MINUTES,
            Some(written) => self.offset(written)?,
        };
        let lifetime = raw.masa.as_ref().map_or(KEY_LIFETIME, |masa| {
            u32::try_from(masa.value.as_secs()).unwrap_or(u32::MAX)
        });
        let text = |written: &Option<Placed<String>>| written.as_ref().map_or(String::new(), |w| w.value.clone());
        Some(AuthPlan::KeyExchange(Box::new(KeyExchangePlan {
            key_url: raw.alamat_kunci.value.clone(),
            root: text(&raw.akar),
            user_field: raw.bidang_pengguna.value.clone(),
            user: raw.pengguna.clone()?,
            password_field: raw.bidang_sandi.value.clone(),
            password: raw.sandi.clone()?,
            key_pointer: raw.letak_kunci.value.clone(),
            expiry_pointer: text(&raw.letak_masa),
            expiry_offset_minutes: offset,
            lifetime_s: lifetime,
            header: self.header_name(&raw.kepala)?,
        })))
    }

    /// Minutes east of Greenwich, written as `+07:00`.
    fn offset(&mut self, written: &Placed<String>) -> Option<i32> {
        let minutes = written.value.split_at_checked(1).and_then(|(sign, rest)| {
            let sign = match sign {
                "+" => 1,
                "-" => -1,
                _ => return None,
            };
            let (hours, minutes) = rest.split_once(':')?;
            let number = |text: &str, most: i32| {
                let fine = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
                text.parse::<i32>().ok().filter(|n| fine && *n <= most)
            };
            Some(sign * (number(hours, 14)? * 60 + number(minutes, 59)?))
        });
        if minutes.is_none() {
            self.say(
                &written.place,
                (
                    format!("`{}` bukan selisih waktu", written.value),
                    format!("`{}` is not an offset", written.value),
                ),
                ("tulis seperti \"+07:00\"", "write as in \"+07:00\""),
            );
        }
        minutes
    }

    fn token_address(&mut self, written: &Placed<String>) {
        let fine = written.is_empty()
            || written.starts_with('/')
            || written.starts_with("https://")
            || super::system::is_loopback_http(written);
        if !fine {
            self.say(
                &written.place,
                ("alamat token tidak sah", "the token address is not valid"),
                (
                    "tulis jalur di bawah `alamat` (mulai dengan /) atau URL https://",
                    "write a path below `alamat` (beginning with /) or an https:// URL",
                ),
            );
        }
    }

    pub(super) fn header_name(&mut self, written: &Placed<String>) -> Option<String> {
        if written.is_empty() {
            return None;
        }
        let name = HeaderName::try_from(written.value.as_str()).ok();
        if name.is_none() {
            self.say(
                &written.place,
                (
                    format!("`{}` bukan nama kepala HTTP", written.value),
                    format!("`{}` is not the name of an HTTP header", written.value),
                ),
                (
                    "pakai huruf, angka dan garis, misalnya X-Api-Key",
                    "use letters, digits and dashes, for example X-Api-Key",
                ),
            );
        }
        name.map(|_| written.value.clone())
    }
}

/// The kind and its place; `None` when the reader complained already.
fn kind(raw: &RawAuth) -> Option<(&'static str, &Place)> {
    match raw {
        RawAuth::Unclear => None,
        RawAuth::Absent(place) | RawAuth::None(place) => Some(("none", place)),
        RawAuth::Headers { place, .. } => Some(("headers", place)),
        RawAuth::Basic { place, .. } => Some(("basic", place)),
        RawAuth::ClientCredentials { place, .. } => Some(("client_credentials", place)),
        RawAuth::Hmac { place, .. } => Some(("hmac", place)),
        RawAuth::KeyExchange(raw) => Some(("key_exchange", &raw.place)),
    }
}
