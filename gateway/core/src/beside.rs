//! Two versions of one system side by side: the newer takes a share of the exchanges, or those of some consumers, until it takes
//! all or none. Both publish the same; only who carries it out differs. An exchange keeps its side over its attempts as long
//! as the share stays, since its own id decides.

use crate::ids::ExchangeId;
use std::collections::BTreeSet;

/// A newer version beside the one in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// System that is published.
    pub system: String,
    /// Id under which the newer version is built.
    pub other: String,
    /// Of a hundred exchanges so many.
    pub percent: u8,
    /// All exchanges of these consumers.
    pub consumers: BTreeSet<String>,
}

impl Beside {
    /// Whether the newer version carries out this exchange.
    pub fn takes(&self, consumer: &str, exchange: ExchangeId) -> bool {
        // The tail of a UUIDv7 is random.
        let mut hundred = [0; 8];
        hundred.copy_from_slice(&exchange.0.as_bytes()[8..]);
        self.consumers.contains(consumer) || u64::from_be_bytes(hundred) % 100 < u64::from(self.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(percent: u8, consumers: &[&str]) -> Beside {
        Beside {
            system: "angkut".into(),
            other: "angkut.v2".into(),
            percent,
            consumers: consumers.iter().map(|one| (*one).to_owned()).collect(),
        }
    }

    #[test]
    fn a_share_is_a_share_and_named_consumers_go_whole() {
        let ids: Vec<ExchangeId> = (0..10_000_u64)
            .map(|number| {
                let tail = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                ExchangeId(uuid::Uuid::from_u64_pair(0x0192_0000_0000_7000, tail))
            })
            .collect();
        let taken = |percent| {
            let rule = beside(percent, &[]);
            ids.iter().filter(|id| rule.takes("opd", **id)).count()
        };
        assert_eq!((taken(0), taken(100)), (0, 10_000));
        assert!((2_700..=3_300).contains(&taken(30)), "{}", taken(30));
        let named = beside(0, &["opd-uji"]);
        assert!(
            ids.iter()
                .all(|id| named.takes("opd-uji", *id) && !named.takes("opd", *id))
        );
    }
}
