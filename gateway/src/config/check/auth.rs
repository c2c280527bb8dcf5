//! `[sistem.auth]`: the kind must be one the connector takes; the secrets stay names until the build.

use super::Check;
use crate::config::complaint::{Place, Placed};
use crate::config::raw::RawAuth;
use crate::config::secrets::SecretRef;
use connector_sdk::{Descriptor, HmacAlgorithm, is_placed};
use http::HeaderName;

/// How we prove who we are, with the names of the secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as `connector_sdk::AuthKind`")]
pub enum AuthPlan {
    None,
    /// Name, prefix, secret.
    Headers(Vec<(String, String, Placed<SecretRef>)>),
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
}

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
            RawAuth::Headers { place, kepala } => {
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
                headers
                    .collect::<Vec<_>>()
                    .into_iter()
                    .collect::<Option<_>>()
                    .map(AuthPlan::Headers)
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
        }
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
    }
}
