//! Which addresses may push. The list is required; leaving it open has a name of its own.

use std::net::IpAddr;

/// Says that any address may try; the token alone stands guard.
const ANY: &str = "semua_alamat";

/// Networks that may push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sources {
    /// Any address.
    Any,
    /// Network and length of its prefix.
    Networks(Vec<(IpAddr, u8)>),
}

impl Sources {
    /// From configuration.
    pub(crate) fn parse(written: &[String]) -> Result<Self, String> {
        if written.len() == 1 && written[0] == ANY {
            return Ok(Self::Any);
        }
        let networks: Option<Vec<(IpAddr, u8)>> = written.iter().map(|text| network(text)).collect();
        networks
            .filter(|list| !list.is_empty())
            .map(Self::Networks)
            .ok_or_else(|| {
                format!(
                    "write addresses or networks such as `203.0.113.0/24`, or `[\"{ANY}\"]` to rely on the token alone"
                )
            })
    }

    /// Whether a push from this peer is looked at. An unknown peer is on no list.
    pub(crate) fn allow(&self, peer: Option<IpAddr>) -> bool {
        match (self, peer) {
            (Self::Any, _) => true,
            (Self::Networks(_), None) => false,
            (Self::Networks(list), Some(peer)) => {
                list.iter().any(|(net, bits)| within(peer.to_canonical(), *net, *bits))
            }
        }
    }
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text
        .trim()
        .split_once('/')
        .map_or((text.trim(), None), |(a, b)| (a, Some(b)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
    (bits <= most).then_some((address, bits))
}

fn within(peer: IpAddr, net: IpAddr, bits: u8) -> bool {
    let (peer, net, width) = match (peer, net) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    let free = u32::from(width - bits.min(width));
    peer.checked_shr(free).unwrap_or(0) == net.checked_shr(free).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(written: &[&str]) -> Result<Sources, String> {
        Sources::parse(&written.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn only_listed_networks_pass() {
        let sources = list(&["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"]).expect("good");
        for (peer, allowed) in [
            ("203.0.113.200", true),
            ("::ffff:203.0.113.1", true),
            ("203.0.114.1", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
        ] {
            assert_eq!(sources.allow(peer.parse().ok()), allowed, "{peer}");
        }
        assert!(!sources.allow(None));
        assert!(list(&["0.0.0.0/0"]).expect("good").allow("192.0.2.1".parse().ok()));
    }

    #[test]
    fn an_open_list_must_be_named() {
        assert!(list(&["semua_alamat"]).expect("good").allow(None));
        for written in [
            &[][..],
            &["semua_alamat", "203.0.113.1"],
            &["203.0.113.0/33"],
            &["oss.invalid"],
        ] {
            assert!(list(written).is_err(), "{written:?}");
        }
    }
}
