//! Many pushes: a stretch of the city's year, with repeats, bursts of one NIB, updates and forgeries mixed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::super::token::TokenForm;
use super::{Method, Push, Pusher, Revision};

/// What to push. Shares are between 0 and 1 and drawn per company from the seed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Method; `receiveFileDS` has its own command.
    pub method: Method,
    /// First company.
    pub first: u32,
    /// How many companies; 0 is all from the first.
    pub count: u32,
    /// How many at a time.
    pub parallel: u32,
    /// Same seed, same plan.
    pub seed: u64,
    /// Share whose document comes again, unchanged, right after.
    pub repeat: f64,
    /// Share whose document comes several times at once.
    pub burst: f64,
    /// How many times at once.
    pub burst_size: u32,
    /// Share that is updated afterwards.
    pub update: f64,
    /// Share whose update arrives before the original.
    pub reorder: f64,
    /// Share whose content changes while `tgl_perubahan_nib` stays.
    pub same_date_update: f64,
    /// Share that is revoked in the end.
    pub revoke: f64,
    /// Share preceded by a forgery.
    pub forge: f64,
    /// Share preceded by a push whose body is cut in half.
    pub broken: f64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            method: Method::Nib,
            first: 1,
            count: 0,
            parallel: 8,
            seed: 1,
            repeat: 0.0,
            burst: 0.0,
            burst_size: 4,
            update: 0.0,
            reorder: 0.0,
            same_date_update: 0.0,
            revoke: 0.0,
            forge: 0.0,
            broken: 0.0,
        }
    }
}

/// A plan under way.
#[derive(Debug, Default)]
pub struct Job {
    total: u32,
    next: AtomicU32,
    done: AtomicU32,
    stop: AtomicBool,
    finished: AtomicBool,
}

impl Job {
    pub(super) fn new(total: u32) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    /// Companies (or files) done.
    pub fn done(&self) -> u32 {
        self.done.load(Ordering::Acquire)
    }

    /// Whether nothing of it is under way any more.
    pub fn finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    /// No further push begins.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// For the control API.
    pub fn to_json(&self) -> Value {
        json!({"total": self.total, "done": self.done(), "finished": self.finished()})
    }

    fn take(&self) -> Option<u32> {
        let place = self.next.fetch_add(1, Ordering::AcqRel);
        (place < self.total && !self.stop.load(Ordering::Acquire)).then_some(place)
    }
}

impl Pusher {
    /// Plays a plan to its end.
    pub async fn run(self: &Arc<Self>, plan: Plan) {
        self.start(plan).1.await;
    }

    /// A job for a plan, and what has to be awaited to play it.
    pub fn start(self: &Arc<Self>, plan: Plan) -> (Arc<Job>, impl Future<Output = ()> + Send + use<>) {
        let left = (self.city.companies() + 1).saturating_sub(plan.first);
        let count = if plan.count == 0 { left } else { plan.count.min(left) };
        let job = self.add_job(count);
        let (pusher, under_way, plan) = (Arc::clone(self), Arc::clone(&job), Arc::new(plan));
        let play = async move {
            let mut workers = JoinSet::new();
            for _ in 0..plan.parallel.clamp(1, 1024) {
                let (pusher, job, plan) = (Arc::clone(&pusher), Arc::clone(&under_way), Arc::clone(&plan));
                workers.spawn(async move {
                    while let Some(place) = job.take() {
                        pusher.one_company(&plan, plan.first + place).await;
                        job.done.fetch_add(1, Ordering::AcqRel);
                    }
                });
            }
            while workers.join_next().await.is_some() {}
            under_way.finished.store(true, Ordering::Release);
        };
        (job, play)
    }

    /// Pushes these one after the other, as a job.
    pub fn start_list(self: &Arc<Self>, pushes: Vec<Push>) -> (Arc<Job>, impl Future<Output = ()> + Send + use<>) {
        let job = self.add_job(u32::try_from(pushes.len()).unwrap_or(u32::MAX));
        let (pusher, under_way) = (Arc::clone(self), Arc::clone(&job));
        let play = async move {
            while let Some(place) = under_way.take() {
                if let Some(push) = pushes.get(place as usize) {
                    pusher.push(push).await;
                }
                under_way.done.fetch_add(1, Ordering::AcqRel);
            }
            under_way.finished.store(true, Ordering::Release);
        };
        (job, play)
    }

    fn add_job(&self, total: u32) -> Arc<Job> {
        let job = Arc::new(Job::new(total));
        let mut jobs = self.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        jobs.push(Arc::clone(&job));
        job
    }

    /// The documents of one company, in their order; what comes at once comes at once.
    async fn one_company(self: &Arc<Self>, plan: &Plan, index: u32) {
        let mut rng = fastrand::Rng::with_seed(plan.seed.wrapping_mul(0x1_0001).wrapping_add(u64::from(index)));
        let mut drawn = |share: f64| rng.f64() < share;
        let (forge, burst, repeat) = (drawn(plan.forge), drawn(plan.burst), drawn(plan.repeat));
        let (update, same_date, revoke) = (drawn(plan.update), drawn(plan.same_date_update), drawn(plan.revoke));
        let (reorder, broken) = (drawn(plan.reorder), drawn(plan.broken));
        let Some(original) = self.prepare(plan.method, index, Revision::ORIGINAL) else {
            return;
        };
        if forge {
            let forged = Push {
                token: Some(TokenForm::Forged),
                ..original.clone()
            };
            self.push(&forged).await;
        }
        if broken {
            let broken = Push {
                broken: true,
                ..original.clone()
            };
            self.push(&broken).await;
        }
        if reorder && let Some(early) = self.prepare(plan.method, index, Revision::update(1)) {
            self.records().note_revision(index, Revision::update(1));
            self.push(&early).await;
        }
        self.records().note_revision(index, Revision::ORIGINAL);
        self.at_once(&original, if burst { plan.burst_size.max(1) } else { 1 })
            .await;
        if repeat {
            self.push(&original).await;
        }
        let mut number = u32::from(reorder);
        for (wanted, tipe_dokumen, same_date) in [(update, '5', false), (same_date, '5', true), (revoke, '3', false)] {
            if !wanted {
                continue;
            }
            number += 1;
            let revision = Revision {
                number,
                tipe_dokumen,
                same_date,
            };
            if let Some(push) = self.prepare(plan.method, index, revision) {
                self.records().note_revision(index, revision);
                self.push(&push).await;
            }
        }
    }

    async fn at_once(self: &Arc<Self>, push: &Push, times: u32) {
        if times == 1 {
            self.push(push).await;
            return;
        }
        let mut together = JoinSet::new();
        for _ in 0..times {
            let (pusher, push) = (Arc::clone(self), push.clone());
            together.spawn(async move { pusher.push(&push).await });
        }
        while together.join_next().await.is_some() {}
    }
}
