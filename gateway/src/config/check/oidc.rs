//! `[masuk_oidc]`: addresses over https, asymmetric algorithms, roles that exist, a way back that is the console's.

use super::Check;
use crate::config::complaint::Placed;
use crate::config::raw::RawOidc;
use crate::config::secrets::SecretRef;
use crate::operator::{BACK, OidcTerms};
use gateway_core::identity::outside::Terms;
use std::collections::BTreeMap;

/// The provider, and where our secret with it comes from.
#[derive(Debug, Clone)]
pub struct CheckedOidc {
    /// What is said of it.
    pub terms: OidcTerms,
    /// The secret of a confidential client.
    pub secret: Option<Placed<SecretRef>>,
}

impl Check {
    pub(super) fn oidc(&mut self, raw: &RawOidc) -> CheckedOidc {
        for address in [&raw.otorisasi, &raw.token, &raw.jwks, &raw.kembali] {
            self.over_tls(address);
        }
        if !raw.kembali.value.is_empty() && !raw.kembali.value.ends_with(BACK) {
            self.say(
                &raw.kembali.place,
                (
                    format!("alamat kembali tidak berakhir dengan {BACK}"),
                    format!("the address to come back to does not end with {BACK}"),
                ),
                (
                    format!("tulis alamat konsol ini ditambah {BACK}, dan daftarkan persis sama di penyedia"),
                    format!(
                        "write this console's address with {BACK}, and register exactly the same with the provider"
                    ),
                ),
            );
        }
        if raw.algoritma.is_empty() || raw.peran.is_empty() {
            self.say(
                &raw.place,
                (
                    "penyedia tanpa `algoritma` atau tanpa `peran`",
                    "a provider without `algoritma` or without `peran`",
                ),
                (
                    "tulis algoritma = [\"RS256\"] dan peran = { \"grup\" = \"operator\" }",
                    "write algoritma = [\"RS256\"] and peran = { \"group\" = \"operator\" }",
                ),
            );
        }
        let or = |text: &Option<Placed<String>>, usual: &str| {
            text.as_ref()
                .map_or_else(|| usual.to_owned(), |text| text.value.clone())
        };
        let roles = raw
            .peran
            .iter()
            .filter_map(|(word, role)| Some((word.clone(), self.role(role)?)));
        let roles = roles.collect();
        CheckedOidc {
            terms: OidcTerms {
                tokens: Terms {
                    issuer: raw.penerbit.value.clone(),
                    audience: raw.klien.value.clone(),
                    jwks: raw.jwks.value.clone(),
                    algorithms: self.algorithms(&raw.algoritma),
                    claim: or(&raw.klaim_nama, "preferred_username"),
                    consumers: BTreeMap::new(),
                },
                authorize: raw.otorisasi.value.clone(),
                exchange: raw.token.value.clone(),
                back: raw.kembali.value.clone(),
                scope: or(&raw.cakupan, "profile"),
                role_claim: or(&raw.klaim_peran, "groups"),
                roles,
                title: or(&raw.nama, "SSO"),
            },
            secret: raw.rahasia.clone(),
        }
    }
}
