//! The journal in memory, for tests: the same promises as the durable ones except that it forgets when dropped.
//! Deterministic; one lock, no tasks. Never used by the gateway itself.

mod inner;
mod mirror;

use super::{
    Acceptance, Document, EvidenceLink, Filter, Intervention, Journal, JournalError, LeasedTimer, MAIN_CHAIN,
    QueueStat, StoredEvent, Timer,
};
use crate::evidence::batch::Batch;
use crate::exchange::{Attempt, LeaseRequest, Leased, NewEvent, NewExchange, Settlement, Stored};
use crate::ids::ExchangeId;
use bytes::Bytes;
use connector_sdk::BoxFuture;
use inner::Inner;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// See the module.
#[derive(Default)]
pub struct MemoryJournal {
    inner: Mutex<Inner>,
    notify: Notify,
}

impl MemoryJournal {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.notify.notify_waiters();
        self.notify.notify_one();
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
    Box::pin(std::future::ready(value))
}

impl Journal for MemoryJournal {
    fn accept(&self, new: NewExchange) -> BoxFuture<'_, Result<Acceptance, JournalError>> {
        let acceptance = self.lock().accept(new);
        self.wake();
        ready(Ok(acceptance))
    }

    fn lease(
        &self,
        request: LeaseRequest,
        now: Timestamp,
        limit: usize,
        skip: Vec<String>,
    ) -> BoxFuture<'_, Result<Vec<Leased>, JournalError>> {
        ready(Ok(self.lock().lease(&request, now, limit, &skip)))
    }

    fn renew(&self, id: ExchangeId, fence: i64, until: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        let mut inner = self.lock();
        ready(inner.entry(id).and_then(|entry| {
            entry.standing.held(id, fence)?;
            entry.standing.until = Some(until);
            Ok(())
        }))
    }

    fn checkpoint(
        &self,
        id: ExchangeId,
        fence: i64,
        name: String,
        value: Value,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        let mut inner = self.lock();
        ready(inner.entry(id).and_then(|entry| {
            entry.standing.held(id, fence)?;
            entry.checkpoints.insert(name, value);
            Ok(())
        }))
    }

    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Result<(), JournalError>> {
        let result = self.lock().settle(settlement);
        self.wake();
        ready(result)
    }

    fn witness(&self, records: Vec<Bytes>) -> BoxFuture<'_, Result<(), JournalError>> {
        let mut inner = self.lock();
        for record in records {
            inner.append(record);
        }
        ready(Ok(()))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<Stored>, JournalError>> {
        ready(Ok(self.lock().entry(id).ok().map(|e| e.stored())))
    }

    fn checkpoints(&self, id: ExchangeId) -> BoxFuture<'_, Result<Map<String, Value>, JournalError>> {
        ready(self.lock().entry(id).map(|entry| entry.checkpoints.clone()))
    }

    fn attempts(&self, id: ExchangeId) -> BoxFuture<'_, Result<Vec<Attempt>, JournalError>> {
        ready(Ok(self
            .lock()
            .entry(id)
            .map(|e| e.attempts.clone())
            .unwrap_or_default()))
    }

    fn list(&self, filter: Filter) -> BoxFuture<'_, Result<Vec<Stored>, JournalError>> {
        ready(Ok(self.lock().list(&filter)))
    }

    fn queues(&self) -> BoxFuture<'_, Result<Vec<QueueStat>, JournalError>> {
        ready(Ok(self.lock().queues()))
    }

    fn next_due(&self, skip: Vec<String>) -> BoxFuture<'_, Result<Option<Timestamp>, JournalError>> {
        ready(Ok(self.lock().next_due(&skip)))
    }

    fn chains(&self) -> BoxFuture<'_, Result<Vec<String>, JournalError>> {
        ready(Ok(vec![MAIN_CHAIN.to_owned()]))
    }

    fn evidence(
        &self,
        chain: String,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<EvidenceLink>, JournalError>> {
        let inner = self.lock();
        let known = chain == MAIN_CHAIN;
        ready(Ok(inner
            .links
            .iter()
            .filter(|l| known && l.seq > after)
            .take(limit)
            .cloned()
            .collect()))
    }

    fn put_batch(&self, batch: Batch) -> BoxFuture<'_, Result<bool, JournalError>> {
        let mut inner = self.lock();
        let next = inner.batches.len() as i64 + 1 == batch.number;
        if next {
            inner.batches.push(batch);
        }
        ready(Ok(next))
    }

    fn batches(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<Batch>, JournalError>> {
        let inner = self.lock();
        let later = inner.batches.iter().filter(|batch| batch.number > after);
        ready(Ok(later.take(limit).cloned().collect()))
    }

    fn last_batch(&self) -> BoxFuture<'_, Result<Option<Batch>, JournalError>> {
        ready(Ok(self.lock().batches.last().cloned()))
    }

    fn intervene(&self, intervention: Intervention, evidence: Bytes) -> BoxFuture<'_, Result<(), JournalError>> {
        let result = self.lock().intervene(intervention, evidence);
        self.wake();
        ready(result)
    }

    fn events(
        &self,
        after: i64,
        kinds: Vec<String>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, JournalError>> {
        let inner = self.lock();
        let wanted = |e: &&StoredEvent| e.seq > after && (kinds.is_empty() || kinds.contains(&e.event.kind));
        ready(Ok(inner.events.iter().filter(wanted).take(limit).cloned().collect()))
    }

    fn last_event(&self) -> BoxFuture<'_, Result<i64, JournalError>> {
        ready(Ok(self.lock().last_event()))
    }

    fn dispatch(
        &self,
        subscription: String,
        from: i64,
        to: i64,
        deliveries: Vec<NewExchange>,
    ) -> BoxFuture<'_, Result<bool, JournalError>> {
        let mut inner = self.lock();
        if inner.cursors.get(&subscription).copied().unwrap_or(0) != from {
            return ready(Ok(false));
        }
        inner.cursors.insert(subscription, to);
        for delivery in deliveries {
            inner.accept(NewExchange {
                lease: None,
                ..delivery
            });
        }
        drop(inner);
        self.wake();
        ready(Ok(true))
    }

    fn cursor(&self, subscription: String) -> BoxFuture<'_, Result<i64, JournalError>> {
        ready(Ok(self.lock().cursors.get(&subscription).copied().unwrap_or(0)))
    }

    fn put_document(
        &self,
        kind: String,
        id: String,
        body: Option<Bytes>,
        expected: Option<i64>,
    ) -> BoxFuture<'_, Result<Option<i64>, JournalError>> {
        ready(Ok(self.lock().put_document(kind, id, body, expected)))
    }

    fn documents(&self, after: i64) -> BoxFuture<'_, Result<Vec<Document>, JournalError>> {
        let inner = self.lock();
        let mut documents: Vec<_> = inner
            .documents
            .values()
            .filter(|d| d.revision > after)
            .cloned()
            .collect();
        documents.sort_by_key(|d| d.revision);
        ready(Ok(documents))
    }

    fn put_timer(&self, timer: Timer, fence: Option<i64>) -> BoxFuture<'_, Result<(), JournalError>> {
        ready(self.lock().put_timer(timer, fence))
    }

    fn timer(&self, kind: String, id: String) -> BoxFuture<'_, Result<Option<Timer>, JournalError>> {
        let found = self.lock().timers.get(&(kind, id)).map(|entry| entry.timer.clone());
        ready(Ok(found))
    }

    fn timers(&self, kind: String, after: String, limit: usize) -> BoxFuture<'_, Result<Vec<Timer>, JournalError>> {
        let inner = self.lock();
        let all = inner.timers.range((kind.clone(), after.clone())..);
        let of_kind = all.take_while(|((found, _), _)| *found == kind);
        let later = of_kind.filter(|((_, id), _)| *id > after);
        ready(Ok(later.take(limit).map(|(_, entry)| entry.timer.clone()).collect()))
    }

    fn publish(&self, events: Vec<NewEvent>) -> BoxFuture<'_, Result<(), JournalError>> {
        let mut inner = self.lock();
        for event in events {
            inner.publish(event);
        }
        self.notify.notify_waiters();
        ready(Ok(()))
    }

    fn drop_timer(&self, kind: String, id: String, fence: Option<i64>) -> BoxFuture<'_, Result<(), JournalError>> {
        ready(self.lock().drop_timer(kind, id, fence))
    }

    fn lease_timers(
        &self,
        kind: String,
        request: LeaseRequest,
        now: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<LeasedTimer>, JournalError>> {
        ready(Ok(self.lock().lease_timers(&kind, request.until, now, limit)))
    }

    fn erase(
        &self,
        operations: Vec<String>,
        events: Vec<String>,
        before: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<u64, JournalError>> {
        ready(Ok(self.lock().erase(&operations, &events, before, limit)))
    }

    fn wait(&self, at_most: Duration) -> BoxFuture<'_, ()> {
        let woken = self.notify.notified();
        Box::pin(async move {
            let _ = tokio::time::timeout(at_most, woken).await;
        })
    }

    fn claim(&self, name: [u8; 16], until: Timestamp, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>> {
        let mut inner = self.lock();
        inner.claims.retain(|_, until| *until >= now);
        let first = !inner.claims.contains_key(&name);
        inner.claims.entry(name).or_insert(until);
        ready(Ok(first))
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::suite, MemoryJournal};
    use std::sync::Arc;

    #[tokio::test]
    async fn suite() {
        for trial in suite::trials() {
            let journal = Arc::new(MemoryJournal::new());
            (trial.run)(journal)
                .await
                .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
        }
    }
}
