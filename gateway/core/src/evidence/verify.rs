//! Walks an evidence chain and names the first record that does not hold. Pure: whoever verifies brings the links, from a
//! journal or from an export, and needs to trust nothing but this arithmetic. Bodies are not needed: the chain is over
//! digests, so it verifies after they were erased.

use super::link;
use crate::journal::EvidenceLink;

/// Why a chain does not hold, with the position of the first bad record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Records are missing before this one.
    #[error("record {found} follows where {expected} should stand")]
    Gap {
        /// Position that is missing.
        expected: i64,
        /// Position found instead.
        found: i64,
    },
    /// A record stands behind a later one, or twice.
    #[error("record {found} stands where {expected} should: out of order")]
    Order {
        /// Position that should stand here.
        expected: i64,
        /// Position found instead.
        found: i64,
    },
    /// The record does not continue the one before it.
    #[error("record {0} does not continue the one before it")]
    Previous(i64),
    /// The record was altered after it was chained.
    #[error("record {0} was altered")]
    Hash(i64),
    /// The chain does not pass through a hash that was noted earlier.
    #[error("record {0} is not the one that was noted earlier, or is gone")]
    Noted(i64),
}

impl Broken {
    /// Position of the first bad record.
    pub fn seq(&self) -> i64 {
        match self {
            Self::Gap { expected, .. } | Self::Order { expected, .. } => *expected,
            Self::Previous(seq) | Self::Hash(seq) | Self::Noted(seq) => *seq,
        }
    }

    /// Stable word for machines.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "hilang",
            Self::Order { .. } => "urutan",
            Self::Previous(_) => "putus",
            Self::Hash(_) => "diubah",
            Self::Noted(_) => "bukan_yang_dicatat",
        }
    }
}

/// A walk from the first record on. A chain that was cut off at its end still verifies by itself: note the position and
/// hash that a walk ends with, and have the next one pass through them.
#[derive(Debug, Default)]
pub struct Walk {
    last: i64,
    hash: [u8; 32],
    noted: Option<(i64, [u8; 32])>,
    passed: bool,
}

impl Walk {
    /// From the beginning, through a position and hash noted earlier.
    pub fn new(noted: Option<(i64, [u8; 32])>) -> Self {
        Self {
            noted,
            ..Self::default()
        }
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// The first thing that does not hold. Do not go on after one.
    pub fn step(&mut self, next: &EvidenceLink) -> Result<(), Broken> {
        let expected = self.last + 1;
        if next.seq > expected {
            let found = next.seq;
            return Err(Broken::Gap { expected, found });
        }
        if next.seq < expected {
            let found = next.seq;
            return Err(Broken::Order { expected, found });
        }
        if next.previous != self.hash {
            return Err(Broken::Previous(next.seq));
        }
        if link(&next.previous, &next.record) != next.hash {
            return Err(Broken::Hash(next.seq));
        }
        if let Some((seq, hash)) = self.noted
            && seq == next.seq
        {
            if hash != next.hash {
                return Err(Broken::Noted(seq));
            }
            self.passed = true;
        }
        self.last = next.seq;
        self.hash = next.hash;
        Ok(())
    }

    /// Where the walk stands: position and hash.
    pub fn head(&self) -> (i64, [u8; 32]) {
        (self.last, self.hash)
    }

    /// Ends the walk.
    ///
    /// # Errors
    /// When it did not pass through what was noted.
    pub fn end(self) -> Result<(i64, [u8; 32]), Broken> {
        match self.noted {
            Some((seq, _)) if !self.passed && seq > 0 => Err(Broken::Noted(seq)),
            _ => Ok((self.last, self.hash)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn chain(length: i64) -> Vec<EvidenceLink> {
        let mut previous = [0; 32];
        (1..=length)
            .map(|seq| {
                let record = Bytes::from(format!("{{\"n\":{seq}}}"));
                let hash = link(&previous, &record);
                let made = EvidenceLink {
                    seq,
                    previous,
                    record,
                    hash,
                };
                previous = hash;
                made
            })
            .collect()
    }

    fn walk(links: &[EvidenceLink]) -> Result<(i64, [u8; 32]), Broken> {
        walk_through(links, None)
    }

    fn walk_through(links: &[EvidenceLink], noted: Option<(i64, [u8; 32])>) -> Result<(i64, [u8; 32]), Broken> {
        let mut walk = Walk::new(noted);
        links.iter().try_for_each(|link| walk.step(link))?;
        walk.end()
    }

    #[test]
    fn a_sound_chain_ends_at_its_head() {
        let links = chain(5);
        assert_eq!(walk(&links), Ok((5, links[4].hash)));
        assert_eq!(walk(&[]), Ok((0, [0; 32])));
    }

    #[test]
    fn the_first_bad_record_is_named() {
        let mut gap = chain(5);
        gap.remove(2);
        assert_eq!(walk(&gap).unwrap_err().seq(), 3);
        let mut beheaded = chain(5);
        beheaded.remove(0);
        assert_eq!(walk(&beheaded).unwrap_err().seq(), 1);
        let mut swapped = chain(5);
        swapped.swap(1, 2);
        assert_eq!(walk(&swapped), Err(Broken::Gap { expected: 2, found: 3 }));
        let mut doubled = chain(3);
        doubled.insert(1, doubled[0].clone());
        assert_eq!(walk(&doubled), Err(Broken::Order { expected: 2, found: 1 }));
        let mut altered = chain(5);
        altered[3].record = Bytes::from_static(b"{}");
        assert_eq!(walk(&altered), Err(Broken::Hash(4)));
        // Whoever alters a record and its hash breaks the next one.
        altered[3].hash = link(&altered[3].previous, &altered[3].record);
        assert_eq!(walk(&altered), Err(Broken::Previous(5)));
    }

    #[test]
    fn what_was_noted_reveals_a_chain_cut_short_or_written_anew() {
        let links = chain(5);
        let noted = Some((4, links[3].hash));
        assert_eq!(walk_through(&links, noted), Ok((5, links[4].hash)));
        assert_eq!(walk_through(&links[..3], noted), Err(Broken::Noted(4)));
        assert_eq!(walk_through(&links, Some((4, [7; 32]))), Err(Broken::Noted(4)));
    }
}
