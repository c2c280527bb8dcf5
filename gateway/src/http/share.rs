//! Fair shares of the calls worked on at once: reading may not take the places that writing needs to be accepted, and no
//! consumer takes all. Asked by the stack after rooms 4 and 6.

use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Of ten places, so many may be taken by calls that only read.
const READS_OF_TEN: usize = 8;

/// Calls under way, by kind and by consumer; one for all threads.
pub struct Shares {
    strangers: Arc<AtomicUsize>,
    reads: Arc<AtomicUsize>,
    most_reads: usize,
    consumers: ArcSwap<HashMap<String, Arc<AtomicUsize>>>,
    most_each: usize,
}

/// A place; given back when dropped.
pub(super) struct Taken(Arc<AtomicUsize>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shares {
    /// Of so many places in all; each consumer may have `each` of them.
    pub fn new(places: usize, each: usize) -> Self {
        Self {
            strangers: Arc::default(),
            reads: Arc::default(),
            most_reads: (places * READS_OF_TEN / 10).max(1),
            consumers: ArcSwap::default(),
            most_each: each.max(1),
        }
    }

    /// A place for a call that only reads.
    pub(super) fn reading(&self) -> Option<Taken> {
        take(&self.reads, self.most_reads)
    }

    /// The one place for somebody without a credential who asks for access.
    pub(super) fn stranger(&self) -> Option<Taken> {
        take(&self.strangers, 1)
    }

    /// A place of a consumer's own.
    pub(super) fn of(&self, consumer: &str) -> Option<Taken> {
        if let Some(count) = self.consumers.load().get(consumer) {
            return take(count, self.most_each);
        }
        self.consumers.rcu(|known| {
            let mut more = HashMap::clone(known);
            more.entry(consumer.to_owned()).or_default();
            more
        });
        take(self.consumers.load().get(consumer)?, self.most_each)
    }
}

fn take(count: &Arc<AtomicUsize>, most: usize) -> Option<Taken> {
    let before = count.fetch_add(1, Ordering::Relaxed);
    // Dropped, and so given back, when there was no place.
    let taken = Taken(Arc::clone(count));
    (before < most).then_some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greedy_consumer_leaves_places_and_gets_its_own_back() {
        let shares = Shares::new(10, 2);
        let held: Vec<_> = (0..2).filter_map(|_| shares.of("rakus")).collect();
        assert_eq!(held.len(), 2);
        assert!(shares.of("rakus").is_none());
        assert!(shares.of("sopan").is_some());
        drop(held);
        assert!(shares.of("rakus").is_some());
    }

    #[test]
    fn reading_leaves_room_for_writing() {
        let shares = Shares::new(10, 10);
        let held: Vec<_> = (0..10).filter_map(|_| shares.reading()).collect();
        assert_eq!(held.len(), 8);
    }
}
