//! The egress rule for receivers of events, asked when a subscription is made or changed: https, and no address inside
//! unless configuration names exactly that host and port. Every connect is judged again by the same rule, so that a
//! name that changes its address later gains nothing.

use super::{Rules, Target};
use arc_swap::ArcSwap;
use connector_sdk::{BoxFuture, Text};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Time for the look-up of a name.
const LOOK_UP: Duration = Duration::from_secs(5);

/// See the module.
pub struct ReceiverRule {
    egress: Arc<ArcSwap<Rules>>,
}

impl ReceiverRule {
    /// Follows the rule of the transport, reloads included.
    pub fn new(egress: Arc<ArcSwap<Rules>>) -> Self {
        Self { egress }
    }

    async fn judged(&self, url: &str) -> Result<(), Text> {
        let target = Target::parse(url).map_err(|error| {
            Text::owned(
                format!("URL tidak dapat dipanggil ({error})."),
                format!("The URL cannot be called: {error}."),
            )
        })?;
        let rules = self.egress.load_full();
        let egress = &rules.receivers;
        let (host, port) = (target.host(), target.port());
        if !target.is_tls() && !egress.names(host, port) {
            return Err(Text::new(
                "Pakai https. http hanya untuk host dan port yang diizinkan konfigurasi.",
                "Use https. http is for hosts and ports that configuration allows.",
            ));
        }
        let addresses: Vec<IpAddr> = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => match tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, port))).await {
                Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
                Ok(Err(_)) | Err(_) => Vec::new(),
            },
        };
        if addresses.is_empty() {
            return Err(Text::new(
                "Nama host ini tidak ditemukan.",
                "This host name was not found.",
            ));
        }
        if addresses
            .iter()
            .any(|address| egress.judge(host, port, *address).is_err())
        {
            return Err(Text::new(
                "Alamat ini ada di jaringan dalam dan tidak diizinkan. Minta pengelola gateway mengizinkan host dan portnya.",
                "This address is inside and not allowed. Ask the gateway's operator to allow its host and port.",
            ));
        }
        Ok(())
    }
}

impl gateway_core::events::Egress for ReceiverRule {
    fn judge<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<(), Text>> {
        Box::pin(self.judged(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Egress;
    use gateway_core::events::Egress as _;

    #[tokio::test]
    async fn https_outside_or_exactly_what_configuration_names() {
        let egress = Egress::new([("127.0.0.1".to_owned(), 8443)]);
        let rules = Rules {
            receivers: egress,
            // What a connector may call opens nothing for a consumer's receiver.
            systems: Egress::new([("10.1.2.3".to_owned(), 443)]),
        };
        let rule = ReceiverRule::new(Arc::new(ArcSwap::from_pointee(rules)));
        for (url, good) in [
            ("https://93.184.216.34/x", true),
            ("http://93.184.216.34/x", false),
            ("http://127.0.0.1:8443/x", true),
            ("https://127.0.0.1:8443/x", true),
            ("https://127.0.0.1:9443/x", false),
            ("https://169.254.169.254/latest", false),
            ("https://[::ffff:10.0.0.1]/x", false),
            ("https://10.1.2.3/x", false),
        ] {
            assert_eq!(rule.judge(url).await.is_ok(), good, "{url}");
        }
    }
}
