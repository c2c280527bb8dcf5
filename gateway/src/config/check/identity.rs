//! `[sistem.tls]`: the authority that a system alone is trusted by, and the certificate that we show it. Both PEM files, read at start
//! and with every reload.

use super::Check;
use crate::config::raw::{RawSystem, RawSystemTls};
use crate::config::secrets::SecretRef;
use std::collections::HashMap;
use std::path::PathBuf;

/// How a system is known and how we are known to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemTls {
    /// Its authority, and no other; the usual roots otherwise.
    pub authority: Option<PathBuf>,
    /// Our certificate chain and its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

impl Check {
    pub(super) fn system_tls(&mut self, raw: &RawSystem) -> Option<SystemTls> {
        let tls = raw.tls.as_ref()?;
        if raw.alamat.value.starts_with("http://") {
            self.say(
                &tls.place,
                (
                    "tls tidak berguna pada alamat http",
                    "tls is of no use at an http address",
                ),
                (
                    "tulis alamat https:// atau hapus [sistem.tls]",
                    "write an https:// address or remove [sistem.tls]",
                ),
            );
        }
        let certificate = self.shown(tls);
        if tls.ca.is_none() && tls.sertifikat.is_none() && tls.kunci.is_none() {
            self.say(
                &tls.place,
                ("[sistem.tls] kosong", "[sistem.tls] is empty"),
                (
                    "tulis ca, atau sertifikat dan kunci",
                    "write ca, or sertifikat and kunci",
                ),
            );
        }
        Some(SystemTls {
            authority: tls.ca.as_ref().map(|path| PathBuf::from(&path.value)),
            certificate,
        })
    }

    fn shown(&mut self, tls: &RawSystemTls) -> Option<(PathBuf, PathBuf)> {
        match (&tls.sertifikat, tls.kunci.as_ref().map(|key| (&key.value, &key.place))) {
            (None, None) => None,
            (Some(chain), Some((SecretRef::File(key), _))) => Some((PathBuf::from(&chain.value), key.clone())),
            (Some(_), Some((SecretRef::Env(_), place))) => {
                self.say(
                    place,
                    ("kunci TLS harus berkas", "the TLS key must be a file"),
                    (
                        "tulis { file = \"jalur/kunci.pem\" }",
                        "write { file = \"path/to/key.pem\" }",
                    ),
                );
                None
            }
            (Some(_), None) | (None, Some(_)) => {
                self.say(
                    &tls.place,
                    (
                        "sertifikat dan kunci hanya berguna bersama",
                        "sertifikat and kunci are of use together only",
                    ),
                    ("tulis keduanya", "write both"),
                );
                None
            }
        }
    }

    /// Connections are kept by address: two systems at one address are known the same way.
    pub(super) fn one_identity_per_address(&mut self, raw: &[RawSystem]) {
        let mut first: HashMap<String, &RawSystem> = HashMap::new();
        for system in raw {
            let Some(address) = system.alamat.value.strip_prefix("https://") else {
                continue;
            };
            let address = address.split('/').next().unwrap_or_default().to_ascii_lowercase();
            let address = address.strip_suffix(":443").unwrap_or(&address).to_owned();
            let other = first.entry(address).or_insert(system);
            let content = |system: &RawSystem| {
                system.tls.as_ref().map(|tls| {
                    let text =
                        |path: &Option<crate::config::Placed<String>>| path.as_ref().map(|path| path.value.clone());
                    (text(&tls.ca), text(&tls.sertifikat))
                })
            };
            if content(other) != content(system) {
                let (id, place) = (other.id.value.clone(), &system.alamat.place);
                self.say(
                    place,
                    (
                        format!("alamat ini juga alamat {id}, dengan [sistem.tls] yang lain"),
                        format!("{id} has the same address with another [sistem.tls]"),
                    ),
                    ("samakan [sistem.tls] keduanya", "give both the same [sistem.tls]"),
                );
            }
        }
    }
}
