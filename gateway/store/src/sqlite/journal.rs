//! The trait, call by call: writes to the writer, reads to the readers.

use super::{SqliteJournal, list, read, write};
use bytes::Bytes;
use gateway_core::evidence::batch::Batch;
use gateway_core::exchange::{Attempt, LeaseRequest, Leased, NewEvent, NewExchange, Settlement, Stored};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{
    Acceptance, Document, EvidenceLink, Filter, Intervention, Journal, JournalError, LeasedTimer, MAIN_CHAIN,
    QueueStat, StoredEvent, Timer,
};
use gateway_core::sdk::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

impl Journal for SqliteJournal {
    fn accept(&self, new: NewExchange) -> BoxFuture<'_, Result<Acceptance, JournalError>> {
        Box::pin(self.write(move |tx| write::accept(tx, &new)))
    }

    fn lease(
        &self,
        request: LeaseRequest,
        now: Timestamp,
        limit: usize,
        skip: Vec<String>,
    ) -> BoxFuture<'_, Result<Vec<Leased>, JournalError>> {
        Box::pin(self.write(move |tx| write::lease(tx, &request, now, limit, &skip)))
    }

    fn renew(&self, id: ExchangeId, fence: i64, until: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| write::renew(tx, id, fence, until)))
    }

    fn recover(&self, owner: String, now: Timestamp) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.write(move |tx| write::recover(tx, &owner, now)))
    }

    fn checkpoint(
        &self,
        id: ExchangeId,
        fence: i64,
        name: String,
        value: Value,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| write::checkpoint(tx, id, fence, &name, &value)))
    }

    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| write::settle(tx, &settlement)))
    }

    fn witness(&self, records: Vec<Bytes>) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| write::witness(tx, &records)))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<Stored>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::get(c, id)))
    }

    fn checkpoints(&self, id: ExchangeId) -> BoxFuture<'_, Result<serde_json::Map<String, Value>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::checkpoints(c, id)))
    }

    fn document(&self, kind: String, id: String) -> BoxFuture<'_, Result<Option<Document>, JournalError>> {
        let found = self.readers.read(move |c| read::document(c, &kind, &id));
        Box::pin(async move { Ok(found.await?.filter(|d| d.body.is_some())) })
    }

    fn attempts(&self, id: ExchangeId) -> BoxFuture<'_, Result<Vec<Attempt>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::attempts(c, id)))
    }

    fn list(&self, filter: Filter) -> BoxFuture<'_, Result<Vec<Stored>, JournalError>> {
        Box::pin(self.readers.read(move |c| list::list(c, &filter)))
    }

    fn queues(&self) -> BoxFuture<'_, Result<Vec<QueueStat>, JournalError>> {
        Box::pin(self.readers.read(read::queues))
    }

    fn next_due(&self, skip: Vec<String>) -> BoxFuture<'_, Result<Option<Timestamp>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::next_due(c, &skip)))
    }

    fn chains(&self) -> BoxFuture<'_, Result<Vec<String>, JournalError>> {
        Box::pin(async { Ok(vec![MAIN_CHAIN.to_owned()]) })
    }

    fn evidence(
        &self,
        chain: String,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<EvidenceLink>, JournalError>> {
        Box::pin(async move {
            if chain != MAIN_CHAIN {
                return Ok(Vec::new());
            }
            self.readers.read(move |c| read::evidence(c, after, limit)).await
        })
    }

    fn put_batch(&self, batch: Batch) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.write(move |tx| write::put_batch(tx, &batch)))
    }

    fn batches(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<Batch>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::batches(c, after, limit, false)))
    }

    fn last_batch(&self) -> BoxFuture<'_, Result<Option<Batch>, JournalError>> {
        let found = self.readers.read(|c| read::batches(c, 0, 1, true));
        Box::pin(async { Ok(found.await?.pop()) })
    }

    fn intervene(&self, intervention: Intervention, evidence: Bytes) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| write::intervene(tx, &intervention, &evidence)))
    }

    fn events(
        &self,
        after: i64,
        kinds: Vec<String>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::events(c, after, &kinds, limit)))
    }

    fn last_event(&self) -> BoxFuture<'_, Result<i64, JournalError>> {
        Box::pin(self.readers.read(read::last_event))
    }

    fn dispatch(
        &self,
        subscription: String,
        from: i64,
        to: i64,
        deliveries: Vec<NewExchange>,
    ) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.write(move |tx| write::dispatch(tx, &subscription, from, to, &deliveries)))
    }

    fn cursor(&self, subscription: String) -> BoxFuture<'_, Result<i64, JournalError>> {
        Box::pin(self.readers.read(move |c| read::cursor(c, &subscription)))
    }

    fn put_document(
        &self,
        kind: String,
        id: String,
        body: Option<Bytes>,
        expected: Option<i64>,
    ) -> BoxFuture<'_, Result<Option<i64>, JournalError>> {
        Box::pin(self.write(move |tx| write::put_document(tx, &kind, &id, body.as_ref(), expected)))
    }

    fn documents(&self, after: i64) -> BoxFuture<'_, Result<Vec<Document>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::documents(c, after)))
    }

    fn put_timer(&self, timer: Timer, fence: Option<i64>) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| write::put_timer(tx, &timer, fence)))
    }

    fn timer(&self, kind: String, id: String) -> BoxFuture<'_, Result<Option<Timer>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::timer(c, kind, id)))
    }

    fn timers(&self, kind: String, after: String, limit: usize) -> BoxFuture<'_, Result<Vec<Timer>, JournalError>> {
        Box::pin(self.readers.read(move |c| read::timers(c, &kind, &after, limit)))
    }

    fn publish(&self, events: Vec<NewEvent>) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| events.iter().try_for_each(|event| write::publish(tx, event))))
    }

    fn drop_timer(&self, kind: String, id: String, fence: Option<i64>) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| write::drop_timer(tx, &kind, &id, fence)))
    }

    fn lease_timers(
        &self,
        kind: String,
        request: LeaseRequest,
        now: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<LeasedTimer>, JournalError>> {
        Box::pin(self.write(move |tx| write::lease_timers(tx, &kind, request.until, now, limit)))
    }

    fn erase(
        &self,
        operations: Vec<String>,
        events: Vec<String>,
        before: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.write(move |tx| write::erase(tx, &operations, &events, before, limit)))
    }

    fn wait(&self, at_most: Duration) -> BoxFuture<'_, ()> {
        let woken = self.notify.notified();
        Box::pin(async move {
            let _ = tokio::time::timeout(at_most, woken).await;
        })
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(write::probe))
    }
}
