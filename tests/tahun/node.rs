//! The gateway as a process that is killed now and then and comes back on the same journal.

use super::City;
use super::operator::OVER;
use e2e::child::{Child, Lines};
use e2e::neighbours::Neighbours;
use e2e::setup::Setup;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The process, its addresses, and the most memory any of them has held.
pub(crate) struct Node {
    setup: Setup,
    lines: Lines,
    child: Mutex<Option<Child>>,
    addresses: Mutex<(String, String)>,
    peak: AtomicU64,
}

impl Node {
    pub(crate) fn start(setup: Setup, neighbours: &Neighbours) -> Self {
        let node = Self {
            setup,
            lines: Lines::default(),
            child: Mutex::default(),
            addresses: Mutex::default(),
            peak: AtomicU64::new(0),
        };
        node.up(neighbours);
        node
    }

    /// Public address.
    pub(crate) fn public(&self) -> String {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Operator address.
    pub(crate) fn operator(&self) -> String {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Forgets what was logged, which nobody reads in a good year.
    pub(crate) fn forget_lines(&self) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Bytes of the journal's file.
    pub(crate) fn journal_bytes(&self) -> u64 {
        std::fs::metadata(self.setup.journal()).map_or(0, |file| file.len())
    }

    /// The most memory that any process of it has held, in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.note_peak();
        self.peak.load(Ordering::Relaxed)
    }

    fn note_peak(&self) {
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(id) = child.as_ref().map(Child::id) else {
            return;
        };
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .trim()
                .strip_suffix(" kB")?
                .trim()
                .parse()
                .ok()
        });
        self.peak.fetch_max(peak.unwrap_or(0), Ordering::Relaxed);
    }

    fn up(&self, neighbours: &Neighbours) {
        let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
        let child = tokio::task::block_in_place(|| Child::start(binary, &self.setup, &self.lines, &[])).unwrap();
        neighbours.push_to(&child.gateway);
        *self.addresses.lock().unwrap_or_else(PoisonError::into_inner) =
            (child.gateway.clone(), child.operator.clone());
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
    }

    fn kill(&self) {
        self.note_peak();
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        tokio::task::block_in_place(|| drop(child));
    }
}

/// Kills it at random moments until the year is over, a dozen times at most; how often.
pub(crate) async fn kill_now_and_then(city: Arc<City>) -> u32 {
    let mut dice = fastrand::Rng::with_seed(super::SEED);
    let mut kills = 0;
    let mut pause = Duration::from_millis(1_500);
    while kills < 12 {
        let until = tokio::time::Instant::now() + pause.mul_f64(0.5 + dice.f64());
        while tokio::time::Instant::now() < until {
            if super::office::DONE.load(Ordering::Relaxed) || OVER.load(Ordering::Relaxed) {
                return kills;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        city.node.kill();
        city.node.up(&city.neighbours);
        kills += 1;
        pause = (pause * 2).min(Duration::from_secs(120));
    }
    kills
}
