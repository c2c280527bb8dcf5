//! From a name to an open HTTP connection: resolve, judge each address, connect to exactly that address, TLS, handshake.
//! Nothing of a request has left before this is over, so every failure here is `BeforeSend`.

use super::address::{Peer, Target};
use super::connection::{Connection, before};
use super::egress::Egress;
use super::watch::{Ledger, Watched};
use crate::telemetry::{Certificates, Use};
use gateway_core::deliver::{WireError, WireKind};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

/// Largest head of a reply in bytes, and the size of a connection's buffer.
const HEAD: usize = 64 * 1024;

/// Opens a connection, or says why not. `by` bounds everything together.
pub(super) async fn dial(
    target: &Target,
    egress: &Egress,
    tls: (&Arc<ClientConfig>, &Certificates),
    by: Instant,
) -> Result<Connection, WireError> {
    let peer = &target.peer;
    match timeout_at(by, open(peer, egress, tls, by)).await {
        Ok(result) => result,
        Err(_) => Err(before(WireKind::Timeout, peer, "no connection in time")),
    }
}

async fn open(
    peer: &Peer,
    egress: &Egress,
    (tls, certificates): (&Arc<ClientConfig>, &Certificates),
    by: Instant,
) -> Result<Connection, WireError> {
    let (tcp, address) = connect(peer, resolve(peer, egress).await?, by).await?;
    // Small requests must not wait for an acknowledgement of the one before.
    tcp.set_nodelay(true)
        .map_err(|error| before(WireKind::Connect, peer, error))?;
    if !peer.tls {
        return handshake(tcp, peer, address).await;
    }
    let name = ServerName::try_from(peer.host.clone()).map_err(|error| before(WireKind::Tls, peer, error))?;
    let stream = TlsConnector::from(Arc::clone(tls))
        .connect(name, tcp)
        .await
        .map_err(|error| before(WireKind::Tls, peer, error))?;
    if let Some(shown) = stream.get_ref().1.peer_certificates().and_then(<[_]>::first) {
        certificates.seen(Use::Upstream, &format!("{}:{}", peer.host, peer.port), shown);
    }
    handshake(stream, peer, address).await
}

/// The addresses of a host that may be called. Odd spellings of an address (decimal, octal) are resolved like names and
/// judged by what they mean.
async fn resolve(peer: &Peer, egress: &Egress) -> Result<Vec<SocketAddr>, WireError> {
    let found: Vec<SocketAddr> = match peer.host.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, peer.port)],
        Err(_) => tokio::net::lookup_host((peer.host.as_str(), peer.port))
            .await
            .map_err(|error| before(WireKind::Dns, peer, error))?
            .collect(),
    };
    allowed(peer, egress, found)
}

/// Those of a resolver's answer that may be called; only they are connected, so a name that changes its mind gains nothing.
fn allowed(peer: &Peer, egress: &Egress, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, WireError> {
    if found.is_empty() {
        return Err(before(WireKind::Dns, peer, "the name has no address"));
    }
    let mut refused = None;
    let mut open = Vec::with_capacity(found.len());
    for address in found {
        match egress.judge(&peer.host, peer.port, address.ip()) {
            Ok(()) => open.push(address),
            Err(why) => refused = Some(why),
        }
    }
    match refused {
        Some(why) if open.is_empty() => Err(before(WireKind::Egress, peer, why)),
        _ => Ok(open),
    }
}

/// Tries the addresses in the resolver's order; a silent one gets its share of the time, so that the next has a chance.
async fn connect(peer: &Peer, addresses: Vec<SocketAddr>, by: Instant) -> Result<(TcpStream, IpAddr), WireError> {
    let mut failure = before(WireKind::Connect, peer, "no address");
    let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        let now = Instant::now();
        let share = now + by.saturating_duration_since(now) / left.max(1);
        left = left.saturating_sub(1);
        failure = match timeout_at(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => return Ok((tcp, address.ip())),
            Ok(Err(error)) => before(WireKind::Connect, peer, error),
            Err(_) => before(WireKind::Timeout, peer, "no connection in time"),
        };
    }
    Err(failure)
}

async fn handshake<S>(stream: S, peer: &Peer, address: IpAddr) -> Result<Connection, WireError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let ledger = Ledger::default();
    let (sender, work) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(HEAD)
        .handshake(TokioIo::new(Watched::new(stream, ledger.clone())))
        .await
        .map_err(|error| before(WireKind::Connect, peer, error))?;
    let task = tokio::spawn(async move {
        // How a connection ended is told to the request on it; an idle one may end as it likes.
        let _ended = work.await;
    });
    Ok(Connection::new(sender, ledger, task, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_changes_to_an_address_inside_is_not_connected() {
        let target = Target::parse("https://sistem.contoh.invalid/").unwrap();
        let answer = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses
                .iter()
                .map(|a| SocketAddr::new(a.parse().unwrap(), 443))
                .collect()
        };
        let judged = |addresses: &[&str]| allowed(&target.peer, &Egress::default(), answer(addresses));
        let outside = answer(&["93.184.216.34"]);
        assert_eq!(judged(&["93.184.216.34"]).unwrap(), outside, "first");
        for inside in [
            "127.0.0.1",
            "10.0.0.7",
            "169.254.169.254",
            "::1",
            "::ffff:127.0.0.1",
            "fd00::1",
            "64:ff9b::7f00:1",
        ] {
            let refused = judged(&[inside]).expect_err(inside);
            assert_eq!(refused.kind, WireKind::Egress, "{inside}");
            // Among others it is left out, wherever it stands.
            assert_eq!(judged(&[inside, "93.184.216.34"]).unwrap(), outside, "{inside} first");
            assert_eq!(judged(&["93.184.216.34", inside]).unwrap(), outside, "{inside} last");
        }
    }
}
