//! Where a request goes: scheme, host and port of an absolute URL, taken apart once. Configuration uses it too, to name
//! the endpoints that egress allows. Never shows path or query: they may hold identifiers.

use bytes::Bytes;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use std::collections::HashMap;
use std::fmt;
use std::net::Ipv6Addr;
use std::sync::{Mutex, PoisonError};

/// Host and port with or without TLS; what connections are kept by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Peer {
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A URL that cannot be called, and why. Holds nothing of the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Not an absolute URL with a host.
    #[error("not an absolute URL with a host")]
    Form,
    /// Neither http nor https.
    #[error("scheme is neither http nor https")]
    Scheme,
    /// A user name or password stands in it.
    #[error("credentials do not belong in a URL")]
    Credentials,
}

/// An absolute URL, ready to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub(super) peer: Peer,
    /// Value of `Host`: the port only when it is not the scheme's own.
    pub(super) host: HeaderValue,
    pub(super) path: PathAndQuery,
}

impl Target {
    /// Takes a URL apart.
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        let uri: Uri = url.parse().map_err(|_| BadUrl::Form)?;
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(_) => return Err(BadUrl::Scheme),
            None => return Err(BadUrl::Form),
        };
        let authority = uri.authority().ok_or(BadUrl::Form)?;
        if authority.as_str().contains('@') {
            return Err(BadUrl::Credentials);
        }
        // Brackets are around an IPv6 address and nowhere else.
        let bracketed = authority
            .host()
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        if bracketed.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_err())
            || (bracketed.is_none() && authority.host().contains(['[', ']']))
        {
            return Err(BadUrl::Form);
        }
        let host = normal(authority.host());
        // `http://host:` and a port beyond 65535 parse as "no port"; they are not what anyone meant.
        let written = authority.as_str().len() > authority.host().len();
        if host.is_empty() || (written && authority.port_u16().is_none()) {
            return Err(BadUrl::Form);
        }
        let usual = if tls { 443 } else { 80 };
        let port = authority.port_u16().unwrap_or(usual);
        let peer = Peer { tls, host, port };
        let shown = if port == usual {
            authority.host().to_ascii_lowercase()
        } else {
            peer.to_string()
        };
        Ok(Self {
            host: HeaderValue::try_from(shown).map_err(|_| BadUrl::Form)?,
            path: uri
                .path_and_query()
                .cloned()
                .unwrap_or_else(|| PathAndQuery::from_static("/")),
            peer,
        })
    }

    /// Host without brackets, lower case, without a final dot.
    pub fn host(&self) -> &str {
        &self.peer.host
    }

    /// Port.
    pub fn port(&self) -> u16 {
        self.peer.port
    }

    /// Whether TLS is spoken.
    pub fn is_tls(&self) -> bool {
        self.peer.tls
    }
}

/// Origins taken apart before: requests go to few of them, each time with another path.
#[derive(Default)]
pub(super) struct Origins(Mutex<HashMap<String, (Peer, HeaderValue)>>);

impl Origins {
    /// Most remembered; receivers of webhooks may have any number of hosts.
    const MOST: usize = 1024;

    /// The same as [`Target::parse`].
    pub(super) fn target(&self, url: &str) -> Result<Target, BadUrl> {
        let authority = url.find("://").map_or(0, |at| at + 3);
        let end = url[authority..].find(['/', '?', '#']).map(|at| authority + at);
        let Some((origin, path)) = end.and_then(|end| url.split_at_checked(end)) else {
            return Target::parse(url);
        };
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(origin).cloned();
        if let Some((peer, host)) = found
            && path.starts_with('/')
            && let Ok(path) = PathAndQuery::from_maybe_shared(Bytes::copy_from_slice(path.as_bytes()))
        {
            return Ok(Target { peer, host, path });
        }
        let target = Target::parse(url)?;
        let mut known = known();
        if known.len() >= Self::MOST {
            known.clear();
        }
        known.insert(origin.to_owned(), (target.peer.clone(), target.host.clone()));
        Ok(target)
    }
}

/// One spelling per host.
pub(super) fn normal(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_port_and_host_header() {
        for (url, tls, host, port, header, path) in [
            (
                "http://Sistem.invalid/a?b=c",
                false,
                "sistem.invalid",
                80,
                "sistem.invalid",
                "/a?b=c",
            ),
            (
                "https://sistem.invalid.:8443",
                true,
                "sistem.invalid",
                8443,
                "sistem.invalid:8443",
                "/",
            ),
            (
                "https://sistem.invalid:443/",
                true,
                "sistem.invalid",
                443,
                "sistem.invalid",
                "/",
            ),
            ("http://[::1]:81/x", false, "::1", 81, "[::1]:81", "/x"),
            ("http://[::1]/x", false, "::1", 80, "[::1]", "/x"),
        ] {
            let target = Target::parse(url).expect(url);
            assert_eq!(
                (target.is_tls(), target.host(), target.port()),
                (tls, host, port),
                "{url}"
            );
            assert_eq!(
                (target.host.as_bytes(), target.path.as_str()),
                (header.as_bytes(), path),
                "{url}"
            );
        }
    }

    #[test]
    fn an_origin_known_already_gives_the_same_target() {
        let origins = Origins::default();
        for url in [
            "http://Sistem.invalid/a?b=c",
            "http://Sistem.invalid/d#e",
            "http://Sistem.invalid?f",
            "http://Sistem.invalid",
            "https://[::1]:81/x/y",
            "https://[::1]:81/",
            "http://a:b@sistem.invalid/",
            "/hanya/jalur",
            "http://Sistem.invalid/a b",
        ] {
            for _ in 0..3 {
                assert_eq!(origins.target(url), Target::parse(url), "{url}");
            }
        }
    }

    #[test]
    fn what_cannot_be_called() {
        for (url, why) in [
            ("/hanya/jalur", BadUrl::Form),
            ("sistem.invalid:80", BadUrl::Form),
            ("http://", BadUrl::Form),
            ("http://127[1]:443/", BadUrl::Form),
            ("http://[sistem.invalid]/", BadUrl::Form),
            ("http://sistem.invalid:99999/", BadUrl::Form),
            ("http://sistem.invalid:/", BadUrl::Form),
            ("ftp://sistem.invalid/", BadUrl::Scheme),
            ("http://a:b@sistem.invalid/", BadUrl::Credentials),
        ] {
            assert_eq!(Target::parse(url), Err(why), "{url}");
        }
    }
}
