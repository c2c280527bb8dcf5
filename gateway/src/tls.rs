//! Room 2: TLS 1.2 and 1.3 by rustls with one provider (aws-lc-rs), and the certificates that consumers show.

use crate::config::TlsFiles;
use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Accepts TLS connections. Its clones share one set of certificates, which may be swapped while connections are open.
#[derive(Clone)]
pub struct Acceptor(Arc<ArcSwap<ServerConfig>>);

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor")
    }
}

impl Acceptor {
    /// From PEM files: a certificate chain with its private key, and who may sign those of consumers.
    ///
    /// # Errors
    /// A sentence that names the file and what is wrong with it.
    pub fn from_files(files: &TlsFiles) -> Result<Self, String> {
        Ok(Self(Arc::new(ArcSwap::new(settings(files)?))))
    }

    /// Reads the files anew: the next handshake uses them, open connections stay as they are.
    ///
    /// # Errors
    /// As [`Acceptor::from_files`]; then what was in use stays in use.
    pub fn renew(&self, files: &TlsFiles) -> Result<(), String> {
        self.0.store(settings(files)?);
        Ok(())
    }

    /// The first certificate of the chain in the files: the one that consumers see.
    pub(crate) fn shown(files: &TlsFiles) -> Option<CertificateDer<'static>> {
        CertificateDer::pem_file_iter(&files.certificates).ok()?.next()?.ok()
    }

    pub(crate) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        TlsAcceptor::from(self.0.load_full()).accept(stream).await
    }
}

/// Names in the client certificate of a connection; none without a certificate.
#[derive(Debug, Clone)]
pub struct Names(Arc<[String]>);

impl Names {
    /// Of the certificate that the other side showed and the handshake verified.
    pub(crate) fn of<S>(stream: &TlsStream<S>) -> Option<Self> {
        let first = stream.get_ref().1.peer_certificates()?.first()?;
        let certificate = webpki::EndEntityCert::try_from(first).ok()?;
        Some(Self(certificate.valid_dns_names().map(str::to_owned).collect()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Asks for certificates of consumers: for client authentication, in time, signed by an issuer of the bundle, not revoked. Who
/// shows none may still have another credential.
fn clients(files: &TlsFiles, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let Some(bundle) = &files.clients else {
        return Ok(WebPkiClientVerifier::no_client_auth());
    };
    let wrong = |path: &Path, error: &dyn fmt::Display| format!("{}: {error}", path.display());
    let mut roots = RootCertStore::empty();
    for issuer in CertificateDer::pem_file_iter(bundle).map_err(|error| wrong(bundle, &error))? {
        let issuer = issuer.map_err(|error| wrong(bundle, &error))?;
        roots.add(issuer).map_err(|error| wrong(bundle, &error))?;
    }
    let mut lists = Vec::new();
    for file in &files.revoked {
        for list in CertificateRevocationListDer::pem_file_iter(file).map_err(|error| wrong(file, &error))? {
            lists.push(list.map_err(|error| wrong(file, &error))?);
        }
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .with_crls(lists)
        .only_check_end_entity_revocation()
        .allow_unauthenticated()
        .build()
        .map_err(|error| wrong(bundle, &error))
}

fn settings(files: &TlsFiles) -> Result<Arc<ServerConfig>, String> {
    let (certificates, key) = (files.certificates.as_path(), files.key.as_path());
    let wrong = |path: &Path, error: &dyn fmt::Display| format!("{}: {error}", path.display());
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(certificates, &error))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = clients(files, &provider)?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key_der)
        .map_err(|error| wrong(certificates, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
