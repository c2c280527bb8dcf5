//! The open connections of all threads: how many there may be, what each is doing, and which one gives way to a newcomer. Used
//! by the listener and, for what goes over the wire, by `stall`. A connection without a call under way is cut when its
//! next head takes too long or it has been idle too long, and the longest idle one makes room when all places are
//! taken. The connections themselves run no clock: a round looks at all of them a few times a second.

use crate::http::HttpLimits;
use crate::telemetry::Meters;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// How long a newcomer waits for the connection that gives way to be gone.
const MAKING_ROOM: Duration = Duration::from_millis(100);
/// Time between two rounds: how much later than its limit a connection may be cut.
pub(crate) const ROUND: Duration = Duration::from_millis(250);
/// No head has begun.
const NONE: u64 = u64::MAX;

/// What one connection is doing.
pub(crate) struct Watch {
    begun: Instant,
    /// Calls under way.
    busy: AtomicUsize,
    /// Calls that were begun.
    calls: AtomicU64,
    /// Milliseconds after `begun` of the last byte either way.
    touched: AtomicU64,
    /// Milliseconds after `begun` of the first byte of a head that is not whole yet.
    head: AtomicU64,
    /// Frames of HTTP/2 are no heads: only idleness counts then.
    frames: AtomicBool,
    /// The task that serves it, once it runs.
    task: OnceLock<AbortHandle>,
    ended: AtomicBool,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            busy: AtomicUsize::new(0),
            calls: AtomicU64::new(0),
            touched: AtomicU64::new(0),
            // The first head is awaited from the beginning.
            head: AtomicU64::new(0),
            frames: AtomicBool::new(false),
            task: OnceLock::new(),
            ended: AtomicBool::new(false),
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
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.head.store(NONE, Ordering::Relaxed);
        self.frames.store(frames, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// Whether the call that was just begun is to be the last one.
    pub(crate) fn is_last(&self, limits: &HttpLimits) -> bool {
        let age = Duration::from_millis(self.touched.load(Ordering::Relaxed));
        self.calls.load(Ordering::Relaxed) >= limits.requests || age >= limits.age
    }

    fn is_idle(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0
    }

    /// Which task to end when the connection must end.
    pub(crate) fn served_by(&self, task: AbortHandle) {
        _ = self.task.set(task);
    }

    /// Ends the connection; whether this was the first to do so.
    fn end(&self) -> bool {
        let Some(task) = self.task.get() else { return false };
        let first = !self.ended.swap(true, Ordering::Relaxed);
        if first {
            task.abort();
        }
        first
    }

    /// Whether nothing is under way and the next head, or the rest between two, takes longer than it may.
    fn is_overdue(&self, limits: &HttpLimits, now: Instant) -> bool {
        if !self.is_idle() {
            return false;
        }
        let idle = self.at(&self.touched) + limits.idle_time;
        let head = self.head.load(Ordering::Relaxed);
        let due = if head == NONE || self.frames.load(Ordering::Relaxed) {
            idle
        } else {
            idle.min(self.at(&self.head) + limits.header_time)
        };
        due <= now
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
    pub(crate) async fn place(self: &Arc<Self>, meters: &Meters) -> Option<Place> {
        let permit = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                self.make_room(meters);
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

    /// Ends the longest idle connection.
    pub(crate) fn make_room(&self, meters: &Meters) {
        let open = self.locked();
        let idle = open
            .values()
            .filter(|watch| watch.is_idle() && !watch.ended.load(Ordering::Relaxed));
        let oldest = idle.min_by_key(|watch| watch.at(&watch.touched));
        if oldest.is_some_and(|oldest| oldest.end()) {
            meters.rejected("evicted");
        }
    }

    /// One round: ends what is overdue.
    pub(crate) fn sweep(&self, limits: &HttpLimits, meters: &Meters) {
        let now = Instant::now();
        for watch in self.locked().values() {
            if watch.is_overdue(limits, now) && watch.end() {
                meters.rejected("idle");
            }
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

    /// Seconds until rounds would end the connection; `None` when not within ten minutes.
    async fn over_after(watch: &Watch) -> Option<u64> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(600) {
            if watch.is_overdue(&limits(), Instant::now()) {
                return Some(begun.elapsed().as_secs());
            }
            tokio::time::sleep(ROUND).await;
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_sends_no_head_is_cut_sooner_than_whoever_rests_between_two() {
        let watch = Arc::<Watch>::default();
        assert_eq!(over_after(&watch).await, Some(10), "no first head");
        let watch = Arc::<Watch>::default();
        drop(watch.call(false));
        assert_eq!(over_after(&watch).await, Some(60), "idle after a call");
        drop(watch.call(false));
        watch.read();
        watch.read();
        assert_eq!(over_after(&watch).await, Some(10), "a head that does not end");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_under_way_is_never_cut_from_here() {
        let watch = Arc::<Watch>::default();
        let call = watch.call(false);
        assert_eq!(over_after(&watch).await, None);
        drop(call);
        assert_eq!(over_after(&watch).await, Some(60));
    }

    #[tokio::test(start_paused = true)]
    async fn calls_and_age_come_to_an_end() {
        let few = HttpLimits {
            requests: 2,
            ..limits()
        };
        let watch = Arc::<Watch>::default();
        drop(watch.call(false));
        assert!(!watch.is_last(&few));
        drop(watch.call(false));
        assert!(watch.is_last(&few) && !watch.is_last(&limits()));
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert!(!watch.is_last(&limits()), "nothing came since");
        watch.read();
        assert!(watch.is_last(&limits()));
    }

    /// A task that holds a place as a connection does.
    fn holding(place: Place) -> tokio::task::JoinHandle<()> {
        let watch = Arc::clone(&place.watch);
        let task = tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(place);
        });
        watch.served_by(task.abort_handle());
        task
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_ends_what_is_overdue_once() {
        let (all, meters) = (Arc::new(Connections::new(2)), Meters::new());
        let task = holding(all.place(&meters).await.unwrap());
        all.sweep(&limits(), &meters);
        tokio::time::sleep(Duration::from_secs(11)).await;
        assert!(!task.is_finished());
        all.sweep(&limits(), &meters);
        all.sweep(&limits(), &meters);
        assert!(task.await.expect_err("ended").is_cancelled());
        assert!(all.locked().is_empty());
        assert!(meters.text().unwrap().contains("reason=\"idle\"} 1"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_one_gives_way_and_a_working_one_does_not() {
        let (all, meters) = (Arc::new(Connections::new(2)), Meters::new());
        let (first, second) = (all.place(&meters).await.unwrap(), all.place(&meters).await.unwrap());
        let working = first.watch.call(false);
        let leaving = holding(second);
        let third = all.place(&meters).await.expect("room was made");
        assert!(leaving.await.expect_err("ended").is_cancelled());
        let busy = third.watch.call(false);
        assert!(all.place(&meters).await.is_none(), "both work");
        drop((working, busy));
    }
}
