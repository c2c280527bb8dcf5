//! Which addresses may be called. Judged on the address that is connected, so that a name that changes its address
//! between check and use gains nothing. Public addresses are open; addresses inside are closed unless configuration
//! names exactly that host and port.

use super::address::normal;
use gateway_core::deliver::Reach;
use rustls::ClientConfig;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// This machine.
    Loopback,
    /// A network of one's own (private, unique local, site local).
    Private,
    /// Shared by a carrier (RFC 6598).
    Shared,
    /// This link; cloud metadata lives here.
    LinkLocal,
    /// Unspecified, broadcast, multicast, documentation, reserved: nothing to call lives there.
    Reserved,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "loopback address",
            Self::Private => "private address",
            Self::Shared => "carrier's shared address",
            Self::LinkLocal => "link-local address",
            Self::Reserved => "reserved address",
        })
    }
}

/// The rule. Swapped as one when configuration is reloaded.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    allowed: HashSet<(String, u16)>,
    /// How systems at these addresses are known, where it is not the usual way.
    tls: HashMap<(String, u16), Arc<ClientConfig>>,
}

/// What systems and what receivers of events may be. Neither list opens anything for the other: whoever registers a
/// receiver must not reach a national application's network because a connector does.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// For addresses that configuration names as systems.
    pub systems: Egress,
    /// For addresses that consumers register.
    pub receivers: Egress,
}

impl From<Egress> for Rules {
    fn from(systems: Egress) -> Self {
        Self {
            systems,
            receivers: Egress::default(),
        }
    }
}

impl Rules {
    /// The rule for an address that is called by this word.
    pub fn of(&self, reach: Reach) -> &Egress {
        match reach {
            Reach::System => &self.systems,
            Reach::Receiver => &self.receivers,
        }
    }
}

impl Egress {
    /// `allowed` are host and port pairs as they stand in the URLs that configuration trusts. Hosts are compared
    /// without regard to case, brackets or a final dot, and never by suffix.
    pub fn new(allowed: impl IntoIterator<Item = (String, u16)>) -> Self {
        let allowed = allowed.into_iter().map(|(host, port)| (normal(&host), port));
        Self {
            allowed: allowed.collect(),
            tls: HashMap::new(),
        }
    }

    /// With addresses that are known in a way of their own.
    #[must_use]
    pub fn known_by(mut self, tls: impl IntoIterator<Item = ((String, u16), Arc<ClientConfig>)>) -> Self {
        let tls = tls
            .into_iter()
            .map(|((host, port), config)| ((normal(&host), port), config));
        self.tls = tls.collect();
        self
    }

    /// With the ways of another rule.
    #[must_use]
    pub fn known_as(mut self, other: &Self) -> Self {
        self.tls.clone_from(&other.tls);
        self
    }

    /// The way of an address, if it has one.
    pub(crate) fn tls(&self, host: &str, port: u16) -> Option<&Arc<ClientConfig>> {
        let mut all = self.tls.iter();
        all.find(|((name, at), _)| *at == port && name == host)
            .map(|(_, config)| config)
    }

    /// Whether `address`, reached under `host`, may be connected at `port`.
    ///
    /// A name opens loopback, private and shared addresses. A link-local address must itself be written in
    /// configuration: a name that suddenly points at a metadata service stays closed. Reserved addresses never open.
    pub fn judge(&self, host: &str, port: u16, address: IpAddr) -> Result<(), Forbidden> {
        let Some(forbidden) = inside(address) else {
            return Ok(());
        };
        let open = match forbidden {
            Forbidden::Loopback | Forbidden::Private | Forbidden::Shared => self.names(host, port),
            Forbidden::LinkLocal => host.parse() == Ok(address) && self.names(host, port),
            Forbidden::Reserved => false,
        };
        if open { Ok(()) } else { Err(forbidden) }
    }

    pub(super) fn names(&self, host: &str, port: u16) -> bool {
        // Systems are few; a borrowed pair cannot look up an owned one, so compare.
        self.allowed.iter().any(|(name, at)| *at == port && name == host)
    }
}

/// What is wrong with an address, `None` when it is public.
fn inside(address: IpAddr) -> Option<Forbidden> {
    match address {
        IpAddr::V4(v4) => inside_v4(v4),
        IpAddr::V6(v6) => inside_v6(v6),
    }
}

fn inside_v4(address: Ipv4Addr) -> Option<Forbidden> {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (127, ..) => Some(Forbidden::Loopback),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Some(Forbidden::Private),
        (100, 64..=127, _) => Some(Forbidden::Shared),
        (169, 254, _) => Some(Forbidden::LinkLocal),
        (0, ..)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18..=19, _)
        | (198, 51, 100)
        | (203, 0, 113)
        | (224.., ..) => Some(Forbidden::Reserved),
        _ => None,
    }
}

fn inside_v6(address: Ipv6Addr) -> Option<Forbidden> {
    let s = address.segments();
    let low = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(Forbidden::Loopback),
        // Wrappers of IPv4 are judged by what they wrap: mapped, translated (SIIT, NAT64), 6to4. A wrapped public
        // address is still no address of a system; only the mapped form means the same host.
        [0, 0, 0, 0, 0, 0xffff, h, l] => inside_v4(low(h, l)),
        [0, 0, 0, 0, 0xffff, 0, h, l] | [0x64, 0xff9b, 0, 0, 0, 0, h, l] | [0x2002, h, l, ..] => {
            inside_v4(low(h, l)).or(Some(Forbidden::Reserved))
        }
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Some(Forbidden::Private),
        [0xfe80..=0xfebf, ..] => Some(Forbidden::LinkLocal),
        // Global unicast is 2000::/3 less Teredo, ORCHID, benchmarking, documentation and the like.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Some(Forbidden::Reserved),
        [0x2000..=0x3fff, ..] => None,
        _ => Some(Forbidden::Reserved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_inside_is_closed() {
        for (address, expected) in [
            ("127.0.0.1", Forbidden::Loopback),
            ("127.255.255.254", Forbidden::Loopback),
            ("10.0.0.1", Forbidden::Private),
            ("172.16.0.1", Forbidden::Private),
            ("172.31.255.255", Forbidden::Private),
            ("192.168.1.1", Forbidden::Private),
            ("100.64.0.1", Forbidden::Shared),
            ("100.127.255.255", Forbidden::Shared),
            ("169.254.169.254", Forbidden::LinkLocal),
            ("169.254.0.1", Forbidden::LinkLocal),
            ("0.0.0.0", Forbidden::Reserved),
            ("0.1.2.3", Forbidden::Reserved),
            ("192.0.0.170", Forbidden::Reserved),
            ("192.0.2.1", Forbidden::Reserved),
            ("192.88.99.1", Forbidden::Reserved),
            ("198.18.0.1", Forbidden::Reserved),
            ("198.51.100.7", Forbidden::Reserved),
            ("203.0.113.7", Forbidden::Reserved),
            ("224.0.0.1", Forbidden::Reserved),
            ("240.0.0.1", Forbidden::Reserved),
            ("255.255.255.255", Forbidden::Reserved),
            ("::", Forbidden::Reserved),
            ("::1", Forbidden::Loopback),
            ("::7f00:1", Forbidden::Reserved),
            ("::ffff:127.0.0.1", Forbidden::Loopback),
            ("::ffff:10.1.2.3", Forbidden::Private),
            ("::ffff:169.254.169.254", Forbidden::LinkLocal),
            ("::ffff:0:127.0.0.1", Forbidden::Loopback),
            ("::ffff:0:8.8.8.8", Forbidden::Reserved),
            ("64:ff9b::10.0.0.1", Forbidden::Private),
            ("64:ff9b::169.254.169.254", Forbidden::LinkLocal),
            ("64:ff9b::8.8.8.8", Forbidden::Reserved),
            ("64:ff9b:1::1", Forbidden::Reserved),
            ("2002:7f00:1::", Forbidden::Loopback),
            ("2002:a00:1::1", Forbidden::Private),
            ("2002:808:808::1", Forbidden::Reserved),
            ("2001:0:1::1", Forbidden::Reserved),
            ("2001:10::1", Forbidden::Reserved),
            ("2001:db8::1", Forbidden::Reserved),
            ("3fff::1", Forbidden::Reserved),
            ("100::1", Forbidden::Reserved),
            ("fc00::1", Forbidden::Private),
            ("fd00:ec2::254", Forbidden::Private),
            ("fec0::1", Forbidden::Private),
            ("fe80::1", Forbidden::LinkLocal),
            ("ff02::1", Forbidden::Reserved),
            ("5f00::1", Forbidden::Reserved),
        ] {
            let ip: IpAddr = address.parse().expect(address);
            assert_eq!(Egress::default().judge(address, 443, ip), Err(expected), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_open() {
        for address in [
            "8.8.8.8",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
        ] {
            let ip: IpAddr = address.parse().expect(address);
            assert_eq!(Egress::default().judge("sistem.invalid", 443, ip), Ok(()), "{address}");
        }
    }

    #[test]
    fn only_exactly_the_named_host_and_port_opens() {
        let egress = Egress::new([("Sistem.Invalid.".to_owned(), 8443), ("[::1]".to_owned(), 80)]);
        let inside: IpAddr = "10.1.2.3".parse().expect("address");
        assert_eq!(egress.judge("sistem.invalid", 8443, inside), Ok(()));
        assert!(egress.judge("sistem.invalid", 443, inside).is_err());
        assert!(egress.judge("lain.sistem.invalid", 8443, inside).is_err());
        assert!(
            egress.judge("10.1.2.3", 8443, inside).is_err(),
            "the address of a named host is not named"
        );
        assert_eq!(egress.judge("::1", 80, IpAddr::V6(Ipv6Addr::LOCALHOST)), Ok(()));
    }

    #[test]
    fn a_name_never_opens_a_metadata_service() {
        let metadata: IpAddr = "169.254.169.254".parse().expect("address");
        let egress = Egress::new([("sistem.invalid".to_owned(), 80), ("169.254.169.254".to_owned(), 80)]);
        assert_eq!(egress.judge("sistem.invalid", 80, metadata), Err(Forbidden::LinkLocal));
        assert_eq!(egress.judge("169.254.169.254", 80, metadata), Ok(()), "written as such");
        let zero = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let egress = Egress::new([("0.0.0.0".to_owned(), 80)]);
        assert_eq!(egress.judge("0.0.0.0", 80, zero), Err(Forbidden::Reserved));
    }
}
