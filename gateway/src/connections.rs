//! The open connections of all threads: how many there may be, what each is doing, and which one gives way to a newcomer. Used
//! by the listener and, for what goes over the wire, by `stall`. A connection without a call under way is cut when its
//! next head takes too long or it has been idle too long, and the longest idle one makes room when all places are taken.

use crate::http::HttpLimits;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a newcomer waits for the connection that gives way to be gone.
const MAKING_ROOM: Duration = Duration::from_millis(100);
/// No head has begun.
const NONE: u64 = u64::MAX;

/// What one connection is doing.
pub(crate) struct Watch {
    begun: Instant,
    /// Calls under way.
    busy: AtomicUsize,
    /// Milliseconds after `begun` of the last byte either way.
    touched: AtomicU64,
    /// Milliseconds after `begun` of the first byte of a head that is not whole yet.
    head: AtomicU64,
    /// Frames of HTTP/2 are no heads: only idleness counts then.
    frames: AtomicBool,
    end: CancellationToken,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            busy: AtomicUsize::new(0),
            touched: AtomicU64::new(0),
            // The first head is awaited from the beginning.
            head: AtomicU64::new(0),
            frames: AtomicBool::new(false),
            end: CancellationToken::new(),
        }
    }
}

impl Watch {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(NONE - 1)
    }

    /// Bytes came.
    pub(crate) fn read(&self) {
        let now = self.now();
        self.touched.store(now, Ordering::Relaxed);
        if self.busy.load(Ordering::Relaxed) == 0 {
            let _ = self
                .head
                .compare_exchange(NONE, now, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Bytes were taken.
    pub(crate) fn written(&self) {
        self.touched.store(self.now(), Ordering::Relaxed);
    }

    /// A head is whole; the call is under way until the guard is dropped.
    pub(crate) fn call(self: &Arc<Self>, frames: bool) -> UnderWay {
        self.busy.fetch_add(1, Ordering::Relaxed);
        self.head.store(NONE, Ordering::Relaxed);
        self.frames.store(frames, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    fn is_idle(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0
    }

    /// Returns once the connection must end: out of time, or told to give way.
    pub(crate) async fn over(&self, limits: &HttpLimits) -> &'static str {
        loop {
            let due = self.due(limits);
            tokio::select! {
                () = self.end.cancelled() => return "evicted",
                () = tokio::time::sleep_until(due) => {}
            }
            if self.is_idle() && self.due(limits) <= Instant::now() {
                return "idle";
            }
        }
    }

    /// When to look again: the moment it would be over if nothing happened until then.
    fn due(&self, limits: &HttpLimits) -> Instant {
        if !self.is_idle() {
            return Instant::now() + limits.header_time;
        }
        let idle = self.at(&self.touched) + limits.idle_time;
        let head = self.head.load(Ordering::Relaxed);
        if head == NONE || self.frames.load(Ordering::Relaxed) {
            idle
        } else {
            idle.min(self.at(&self.head) + limits.header_time)
        }
    }

    fn at(&self, moment: &AtomicU64) -> Instant {
        self.begun + Duration::from_millis(moment.load(Ordering::Relaxed))
    }
}

/// A call under way.
pub(crate) struct UnderWay(Arc<Watch>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.touched.store(self.0.now(), Ordering::Relaxed);
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All connections.
pub struct Connections {
    places: Arc<Semaphore>,
    open: Mutex<HashMap<u64, Arc<Watch>>>,
    next: AtomicU64,
}

/// A place among the open connections; given back when dropped.
pub(crate) struct Place {
    all: Arc<Connections>,
    number: u64,
    pub(crate) watch: Arc<Watch>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.locked().remove(&self.number);
    }
}

impl Connections {
    /// With so many places.
    pub fn new(places: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            open: Mutex::default(),
            next: AtomicU64::new(0),
        }
    }

    /// A place, if need be that of the longest idle connection; `None` when all are working.
    pub(crate) async fn place(self: &Arc<Self>) -> Option<Place> {
        let permit = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                self.make_room();
                let waited = tokio::time::timeout(MAKING_ROOM, Arc::clone(&self.places).acquire_owned());
                waited.await.ok()?.ok()?
            }
        };
        let (number, watch) = (self.next.fetch_add(1, Ordering::Relaxed), Arc::<Watch>::default());
        self.locked().insert(number, Arc::clone(&watch));
        Some(Place {
            all: Arc::clone(self),
            number,
            watch,
            _permit: permit,
        })
    }

    /// Tells the longest idle connection to end.
    pub(crate) fn make_room(&self) {
        let open = self.locked();
        let idle = open
            .values()
            .filter(|watch| watch.is_idle() && !watch.end.is_cancelled());
        if let Some(oldest) = idle.min_by_key(|watch| watch.at(&watch.touched)) {
            oldest.end.cancel();
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Watch>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> HttpLimits {
        HttpLimits {
            header_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(60),
            ..HttpLimits::default()
        }
    }

    async fn over_after(watch: &Watch) -> Duration {
        let begun = Instant::now();
        watch.over(&limits()).await;
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_sends_no_head_is_cut_sooner_than_whoever_rests_between_two() {
        let watch = Arc::<Watch>::default();
        assert_eq!(over_after(&watch).await.as_secs(), 10, "no first head");
        let watch = Arc::<Watch>::default();
        drop(watch.call(false));
        assert_eq!(over_after(&watch).await.as_secs(), 60, "idle after a call");
        drop(watch.call(false));
        watch.read();
        watch.read();
        assert_eq!(over_after(&watch).await.as_secs(), 10, "a head that does not end");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_under_way_is_never_cut_from_here() {
        let watch = Arc::<Watch>::default();
        let call = watch.call(false);
        let limits = limits();
        let waited = tokio::time::timeout(Duration::from_secs(600), watch.over(&limits)).await;
        assert!(waited.is_err());
        drop(call);
        assert_eq!(over_after(&watch).await.as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_one_gives_way_and_a_working_one_does_not() {
        let all = Arc::new(Connections::new(2));
        let (first, second) = (all.place().await.unwrap(), all.place().await.unwrap());
        let working = first.watch.call(false);
        let watch = Arc::clone(&second.watch);
        let leaving = tokio::spawn(async move {
            watch.over(&limits()).await;
            drop(second);
        });
        let third = all.place().await.expect("room was made");
        leaving.await.unwrap();
        let busy = third.watch.call(false);
        assert!(all.place().await.is_none(), "both work");
        drop((working, busy));
    }
}
