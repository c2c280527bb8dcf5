//! What a city does with one application: the statuses it sends, in order, with their times. Five to ten of them.

use super::super::days::{self, DAY};
use super::Permit;

/// One status to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `kd_status`, two digits.
    pub kd_status: String,
    /// Seconds since 1970.
    pub at: i64,
}

impl Step {
    /// `tgl_status` in Jakarta time.
    pub fn tgl_status(&self) -> String {
        days::time(self.at)
    }
}

/// Ways through the office; the last is the decision.
const WAYS: [&[u8]; 6] = [
    &[10, 20, 40, 45, 49, 50],
    &[10, 20, 40, 45, 49, 50],
    &[11, 9, 10, 20, 40, 49, 50],
    &[10, 20, 41, 42, 40, 45, 49, 50],
    &[10, 20, 41, 42, 43, 44, 40, 49, 50],
    &[10, 20, 40, 93, 90],
];

impl Permit {
    /// The statuses of this application, repeatable, the first some hours after `filed`.
    pub fn journey(&self, filed: i64) -> Vec<Step> {
        let seed = self
            .id
            .bytes()
            .fold(17u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut rng = fastrand::Rng::with_seed(seed);
        let way = WAYS[rng.usize(..WAYS.len())];
        let mut at = filed;
        let mut step = |code: &u8| {
            at += rng.i64(1800..DAY);
            Step {
                kd_status: format!("{code:02}"),
                at,
            }
        };
        way.iter().map(&mut step).collect()
    }
}
