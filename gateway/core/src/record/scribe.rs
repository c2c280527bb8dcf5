//! Evidence of what was never journalled (reads, refusals): written in batches, off the path of the answer. The record room
//! hands it in; a full queue makes callers wait, since evidence is not dropped.

use crate::journal::Journal;
use crate::time::Clock;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Writes evidence of unjournalled exchanges in batches, off the path of the answer.
#[derive(Clone)]
pub struct Scribe {
    pub(super) queue: mpsc::Sender<Bytes>,
}

/// Records waiting at most; a full queue makes callers wait, since evidence is not dropped.
const WAITING: usize = 8192;
/// Records per batch at most.
const BATCH: usize = 1024;
/// How long a small batch waits for company.
const PATIENCE: Duration = Duration::from_millis(20);

impl Scribe {
    /// The writing end, and the work that must be run until the writing end is dropped.
    pub fn new(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>) -> (Self, impl Future<Output = ()> + Send) {
        let (queue, mut records) = mpsc::channel::<Bytes>(WAITING);
        let work = async move {
            let mut batch = Vec::with_capacity(BATCH);
            while records.recv_many(&mut batch, BATCH).await > 0 {
                // A little patience makes one transaction of many; what waits is bounded by the queue.
                if batch.len() < BATCH / 2 && !records.is_closed() {
                    clock.sleep(PATIENCE).await;
                    while batch.len() < BATCH
                        && let Ok(more) = records.try_recv()
                    {
                        batch.push(more);
                    }
                }
                if let Err(error) = journal.witness(std::mem::take(&mut batch)).await {
                    tracing::error!(%error, "evidence of unjournalled exchanges not stored");
                }
            }
        };
        (Self { queue }, work)
    }

    pub(super) async fn write(&self, record: Bytes) {
        if self.queue.send(record).await.is_err() {
            tracing::error!("evidence writer is gone");
        }
    }
}
