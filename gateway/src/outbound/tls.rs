//! TLS towards the systems: the machine's trusted roots, plus the roots that configuration adds. One provider
//! (aws-lc-rs), named here explicitly so that no process-wide default is needed. Reads the machine's roots once, at start.

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Why no configuration came of it.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate given as a root is none.
    #[error("certificate given as a root cannot be used: {0}")]
    Root(#[source] rustls::Error),
    /// Our own certificate or its key cannot be used.
    #[error("certificate to be shown cannot be used: {0}")]
    Own(#[source] rustls::Error),
    /// The provider lacks the protocol versions.
    #[error("TLS cannot be set up: {0}")]
    Provider(#[source] rustls::Error),
}

/// Client configuration that trusts the machine's roots and `extra`.
pub fn client(extra: impl IntoIterator<Item = CertificateDer<'static>>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::warn!(%error, "trusted root not readable");
    }
    roots.add_parsable_certificates(native.certs);
    trusting(roots, extra, None)
}

/// Our certificate chain and its key.
pub type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The same as [`client`], showing a certificate.
pub fn client_showing(
    extra: impl IntoIterator<Item = CertificateDer<'static>>,
    shown: Shown,
) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    trusting(roots, extra, Some(shown))
}

/// Client configuration that trusts `only` and nothing else, for a system with an authority of its own.
pub fn client_trusting(only: impl IntoIterator<Item = CertificateDer<'static>>) -> Result<Arc<ClientConfig>, TlsError> {
    trusting(RootCertStore::empty(), only, None)
}

/// The same, showing a certificate if there is one.
pub fn client_of_authority(
    only: impl IntoIterator<Item = CertificateDer<'static>>,
    shown: Option<Shown>,
) -> Result<Arc<ClientConfig>, TlsError> {
    trusting(RootCertStore::empty(), only, shown)
}

fn trusting(
    mut roots: RootCertStore,
    more: impl IntoIterator<Item = CertificateDer<'static>>,
    shown: Option<Shown>,
) -> Result<Arc<ClientConfig>, TlsError> {
    for root in more {
        roots.add(root).map_err(TlsError::Root)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Provider)?
        .with_root_certificates(roots);
    let mut config = match shown {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(TlsError::Own)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
