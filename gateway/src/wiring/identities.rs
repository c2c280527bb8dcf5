//! Systems that are known in a way of their own (`[sistem.tls]`): their PEM files become one TLS configuration for each of their
//! addresses. Read at start and with every reload; a file that cannot be used keeps the old state.

use super::StartError;
use super::shared::{roots, urls};
use crate::config::{Built, SystemTls};
use crate::outbound::{Target, tls};
use crate::telemetry::{Certificates, Use};
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

type Known = Vec<((String, u16), Arc<ClientConfig>)>;

/// All of them, by host and port.
pub(crate) fn of(built: &Built, certificates: &Certificates) -> Result<Known, StartError> {
    let mut all = Known::new();
    let mut told = Vec::new();
    for (id, files) in &built.identities {
        let Some(system) = built.catalogue.systems.get(id) else {
            continue;
        };
        let config = configured(built, id, files, &mut told)?;
        for target in urls(system).iter().filter_map(|url| Target::parse(url).ok()) {
            all.push(((target.host().to_owned(), target.port()), Arc::clone(&config)));
        }
    }
    // Only once all are sound: what a refused set-up names is not in force.
    certificates.forget(&[Use::Client, Use::Authority, Use::Upstream]);
    for (used, id, certificate) in told {
        certificates.seen(used, &id, &certificate);
    }
    Ok(all)
}

type Told = Vec<(Use, String, CertificateDer<'static>)>;

fn configured(built: &Built, id: &str, files: &SystemTls, told: &mut Told) -> Result<Arc<ClientConfig>, StartError> {
    let shown = files
        .certificate
        .as_ref()
        .map(|(chain, key)| {
            let chain_der = roots(std::slice::from_ref(chain))?;
            let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
            told.extend(
                chain_der
                    .first()
                    .map(|first| (Use::Client, id.to_owned(), first.clone())),
            );
            Ok::<_, StartError>((chain_der, key_der))
        })
        .transpose()?;
    let made = match (&files.authority, shown) {
        (Some(authority), shown) => {
            let only = roots(std::slice::from_ref(authority))?;
            if only.is_empty() {
                return Err(wrong(authority, &"no certificate in it"));
            }
            told.extend(only.first().map(|first| (Use::Authority, id.to_owned(), first.clone())));
            tls::client_of_authority(only, shown)
        }
        (None, Some(shown)) => tls::client_showing(roots(&built.node.roots)?, shown),
        (None, None) => tls::client(roots(&built.node.roots)?),
    };
    made.map_err(|error| StartError::Tls(format!("{id}: {error}")))
}

fn wrong(file: &Path, error: &dyn fmt::Display) -> StartError {
    StartError::Tls(format!("{}: {error}", file.display()))
}
