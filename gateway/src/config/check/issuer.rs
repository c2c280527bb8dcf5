//! `[[penerbit_jwt]]`: one issuer each, keys over https, algorithms that cannot be made by whoever verifies, consumers that exist.

use super::{Check, CheckedConsumer};
use crate::config::complaint::Placed;
use crate::config::raw::{ALGORITHMS, RawIssuer};
use crate::outbound::Target;
use gateway_core::identity::outside::Terms;
use jsonwebtoken::Algorithm;
use std::collections::BTreeSet;

/// Claim that names the caller where nothing is said: the client a token was issued to.
const CLAIM: &str = "azp";

impl Check {
    pub(super) fn issuers(&mut self, raw: &[RawIssuer], consumers: &[CheckedConsumer]) -> Vec<Terms> {
        let mut known = BTreeSet::new();
        let mut issuers = Vec::new();
        for one in raw {
            if !known.insert(&one.penerbit.value) {
                self.say(
                    &one.penerbit.place,
                    ("penerbit ini tertulis dua kali", "this issuer is written twice"),
                    ("sisakan satu", "keep one"),
                );
            }
            self.over_tls(&one.jwks);
            let algorithms = self.algorithms(&one.algoritma);
            if one.algoritma.is_empty() || one.konsumen.is_empty() {
                self.say(
                    &one.place,
                    (
                        "penerbit tanpa `algoritma` atau tanpa `konsumen`",
                        "an issuer without `algoritma` or without `konsumen`",
                    ),
                    (
                        "tulis algoritma = [\"ES256\"] dan konsumen = { \"id-klien\" = \"id-konsumen\" }",
                        "write algoritma = [\"ES256\"] and konsumen = { \"client-id\" = \"consumer-id\" }",
                    ),
                );
            }
            for (_, consumer) in &one.konsumen {
                if !consumers.iter().any(|known| known.id == consumer.value) {
                    self.say(
                        &consumer.place,
                        (
                            format!("konsumen `{}` tidak ada", consumer.value),
                            format!("there is no consumer `{}`", consumer.value),
                        ),
                        ("tulis id dari [[konsumen]]", "write an id of [[konsumen]]"),
                    );
                }
            }
            issuers.push(Terms {
                issuer: one.penerbit.value.clone(),
                audience: one.audiens.value.clone(),
                jwks: one.jwks.value.clone(),
                algorithms,
                claim: one
                    .klaim
                    .as_ref()
                    .map_or_else(|| CLAIM.to_owned(), |claim| claim.value.clone()),
                consumers: one
                    .konsumen
                    .iter()
                    .map(|(name, id)| (name.clone(), id.value.clone()))
                    .collect(),
            });
        }
        issuers
    }

    /// An address over https; this machine may do without.
    pub(super) fn over_tls(&mut self, address: &Placed<String>) {
        let secure = |target: Target| {
            let at_home = target.host().parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback());
            target.is_tls() || at_home
        };
        if !address.value.is_empty() && !Target::parse(&address.value).is_ok_and(secure) {
            self.say(
                &address.place,
                (
                    "alamat penerbit ini bukan https",
                    "this address of the issuer is not https",
                ),
                (
                    "tulis alamat https penerbitnya",
                    "write the https address of the issuer",
                ),
            );
        }
    }

    /// The algorithms that tokens may be signed with.
    pub(super) fn algorithms(&mut self, names: &[Placed<String>]) -> Vec<Algorithm> {
        let mut found = Vec::new();
        for name in names {
            match ALGORITHMS.iter().find(|(known, _)| *known == name.value) {
                Some((_, algorithm)) => found.push(*algorithm),
                None => self.say(
                    &name.place,
                    ("algoritma ini tidak diterima", "this algorithm is not taken"),
                    (
                        "pakai EdDSA, ES256, ES384, RS256, RS384 atau PS256",
                        "use EdDSA, ES256, ES384, RS256, RS384 or PS256",
                    ),
                ),
            }
        }
        found
    }
}
