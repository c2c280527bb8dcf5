//! TLS to the database: what a connection string asks for, and the stream. Asked for means verified: the certificate must
//! come from a trusted authority and name the host, for `require` as for `verify-full`; without `sslmode` nothing is
//! encrypted, and the wavering modes (`allow`, `prefer`) are refused. The authority is the file of `sslrootcert`, else the
//! machine's roots.

use super::Trouble;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_rustls::TlsConnector;

/// How the connection is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    None,
    /// Encrypted, and the server proves who it is.
    Verified {
        /// File with the authorities to trust; `None`: the machine's.
        ca: Option<PathBuf>,
    },
}

/// Takes `sslmode` and `sslrootcert` out of a connection string; `None` when a mode is not one of ours.
pub(super) fn taken(connection: &str) -> Option<(String, Protection)> {
    let (rest, pairs) = if connection.starts_with("postgres://") || connection.starts_with("postgresql://") {
        of_url(connection)
    } else {
        of_words(connection)?
    };
    let value = |name: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let ca = value("sslrootcert").filter(|path| !path.is_empty()).map(PathBuf::from);
    match value("sslmode") {
        None if ca.is_none() => Some((rest, Protection::None)),
        Some("disable") if ca.is_none() => Some((rest, Protection::None)),
        None | Some("require" | "verify-ca" | "verify-full") => Some((rest, Protection::Verified { ca })),
        Some(_) => None,
    }
}

const OURS: [&str; 2] = ["sslmode", "sslrootcert"];

type Pairs = Vec<(String, String)>;

fn of_url(url: &str) -> (String, Pairs) {
    let Some((before, query)) = url.split_once('?') else {
        return (url.to_owned(), Vec::new());
    };
    let (mut kept, mut pairs) = (Vec::new(), Vec::new());
    for part in query.split('&') {
        match part.split_once('=') {
            Some((key, value)) if OURS.contains(&key) => pairs.push((key.to_owned(), value.replace("%2F", "/"))),
            _ => kept.push(part),
        }
    }
    let rest = match kept.is_empty() {
        true => before.to_owned(),
        false => format!("{before}?{}", kept.join("&")),
    };
    (rest, pairs)
}

/// `key = value` pairs as libpq reads them; values may stand in quotes with backslashes.
fn of_words(text: &str) -> Option<(String, Pairs)> {
    let (mut kept, mut pairs) = (String::new(), Vec::new());
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, length) = value(after)?;
        let key = key.trim();
        if OURS.contains(&key) {
            pairs.push((key.to_owned(), value));
        } else {
            kept.push_str(key);
            kept.push('=');
            kept.push_str(after.get(..length)?);
            kept.push(' ');
        }
        rest = after.get(length..)?.trim_start();
    }
    Some((kept.trim_end().to_owned(), pairs))
}

/// A value and how many bytes it takes.
fn value(text: &str) -> Option<(String, usize)> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut letters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.push(letters.next()?.1),
            '\'' if quoted => return Some((value, at + 1)),
            letter if !quoted && letter.is_whitespace() => return Some((value, at)),
            letter => value.push(letter),
        }
    }
    (!quoted).then_some((value, text.len()))
}

/// Makes protected connections; one that protects nothing is never asked.
#[derive(Clone)]
pub(super) struct Tls(Option<Arc<ClientConfig>>);

impl Tls {
    /// Reads the authorities.
    pub(super) fn new(protection: &Protection) -> Result<Self, Trouble> {
        let Protection::Verified { ca } = protection else {
            return Ok(Self(None));
        };
        let mut roots = RootCertStore::empty();
        match ca {
            Some(file) => {
                let wrong = |why: String| Trouble::words(format!("sslrootcert {}: {why}", file.display()));
                for certificate in CertificateDer::pem_file_iter(file).map_err(|e| wrong(e.to_string()))? {
                    let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
                    roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
                }
                if roots.is_empty() {
                    return Err(wrong("no certificate".into()));
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Trouble::words(format!("TLS cannot be set up: {e}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Some(Arc::new(config))))
    }
}

impl<S> MakeTlsConnect<S> for Tls
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Protected<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, io::Error> {
        // Asked before the mode is looked at, so also where no handshake will follow.
        let Some(config) = self.0.clone() else {
            return Ok(Handshake(None));
        };
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Handshake(Some((config, name))))
    }
}

/// One handshake to come.
pub(super) struct Handshake(Option<(Arc<ClientConfig>, ServerName<'static>)>);

impl<S> TlsConnect<S> for Handshake
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Protected<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Protected<S>, io::Error>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let (config, name) = self.0.ok_or_else(|| io::Error::other("TLS was not asked for"))?;
            let stream = TlsConnector::from(config).connect(name, stream).await?;
            Ok(Protected(Box::new(stream)))
        })
    }
}

/// An encrypted stream.
pub(super) struct Protected<S>(Box<tokio_rustls::client::TlsStream<S>>);

impl<S> tokio_postgres::tls::TlsStream for Protected<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Protected<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Protected<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(ca: Option<&str>) -> Protection {
        Protection::Verified {
            ca: ca.map(PathBuf::from),
        }
    }

    #[test]
    fn what_a_connection_asks_for_is_taken_out_of_it() {
        let cases = [
            ("host=a user=b", "host=a user=b", Protection::None),
            ("host=a sslmode=disable user=b", "host=a user=b", Protection::None),
            ("sslmode = verify-full host=a", "host=a", verified(None)),
            (
                "host=a sslmode=require sslrootcert='/a b/ca.pem'",
                "host=a",
                verified(Some("/a b/ca.pem")),
            ),
            ("host=a sslrootcert=/ca.pem", "host=a", verified(Some("/ca.pem"))),
            (
                r"host=a password='x sslmode=disable \' y'",
                r"host=a password='x sslmode=disable \' y'",
                Protection::None,
            ),
            (
                "postgres://u:p@h/d?sslmode=verify-full&connect_timeout=3",
                "postgres://u:p@h/d?connect_timeout=3",
                verified(None),
            ),
            (
                "postgres://h/d?sslmode=require&sslrootcert=%2Fca.pem",
                "postgres://h/d",
                verified(Some("/ca.pem")),
            ),
        ];
        for (text, rest, protection) in cases {
            assert_eq!(taken(text), Some((rest.to_owned(), protection)), "{text}");
        }
    }

    #[test]
    fn modes_that_may_end_in_the_clear_are_refused() {
        for text in [
            "host=a sslmode=prefer",
            "host=a sslmode=allow",
            "host=a sslmode=disable sslrootcert=/ca.pem",
            "host=a password='open",
            "postgres://h/d?sslmode=prefer",
        ] {
            assert_eq!(taken(text), None, "{text}");
        }
    }
}
