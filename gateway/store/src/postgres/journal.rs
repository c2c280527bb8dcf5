//! The trait, call by call.

use super::moves::Move;
use super::{PgJournal, accept, lease, once, read};
use bytes::Bytes;
use gateway_core::evidence::batch::Batch;
use gateway_core::exchange::{Attempt, LeaseRequest, Leased, NewEvent, NewExchange, Settlement, Stored};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{
    Acceptance, Document, EvidenceLink, Filter, Intervention, Journal, JournalError, LeasedTimer, QueueStat,
    StoredEvent, Timer, Told,
};
use gateway_core::sdk::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

impl Journal for PgJournal {
    fn accept(&self, new: NewExchange) -> BoxFuture<'_, Result<Acceptance, JournalError>> {
        Box::pin(self.accepts.run(new))
    }

    fn lease(
        &self,
        request: LeaseRequest,
        now: Timestamp,
        limit: usize,
        skip: Vec<String>,
    ) -> BoxFuture<'_, Result<Vec<Leased>, JournalError>> {
        Box::pin(self.run(move |s| async move { lease::lease(&s, &request, now, limit, &skip).await }))
    }

    fn renew(&self, id: ExchangeId, fence: i64, until: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |s| async move { lease::renew(&s, id, fence, until).await }))
    }

    fn checkpoint(
        &self,
        id: ExchangeId,
        fence: i64,
        name: String,
        value: Value,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |s| async move { lease::checkpoint(&s, id, fence, &name, &value).await }))
    }

    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.moves.run(Move::Settle(Box::new(settlement))))
    }

    fn witness(&self, records: Vec<Bytes>) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.moves.run(Move::Witness(records)))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<Stored>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::get(&s, id).await }))
    }

    fn checkpoints(&self, id: ExchangeId) -> BoxFuture<'_, Result<serde_json::Map<String, Value>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::checkpoints(&s, id).await }))
    }

    fn document(&self, kind: String, id: String) -> BoxFuture<'_, Result<Option<Document>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::living_document(&s, &kind, &id).await }))
    }

    fn recover(&self, owner: String, now: Timestamp) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.run(move |s| async move { lease::recover(&s, &owner, now).await }))
    }

    fn attempts(&self, id: ExchangeId) -> BoxFuture<'_, Result<Vec<Attempt>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::attempts(&s, id).await }))
    }

    fn list(&self, filter: Filter) -> BoxFuture<'_, Result<Vec<Stored>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::list(&s, &filter).await }))
    }

    fn queues(&self) -> BoxFuture<'_, Result<Vec<QueueStat>, JournalError>> {
        Box::pin(self.run(|s| async move { read::queues(&s).await }))
    }

    fn next_due(&self, skip: Vec<String>) -> BoxFuture<'_, Result<Option<Timestamp>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::next_due(&s, &skip).await }))
    }

    fn chains(&self) -> BoxFuture<'_, Result<Vec<String>, JournalError>> {
        Box::pin(self.run(|s| async move { read::chains(&s).await }))
    }

    fn evidence(
        &self,
        chain: String,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<EvidenceLink>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::evidence(&s, &chain, after, limit).await }))
    }

    fn put_batch(&self, batch: Batch) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.run(move |s| async move { read::put_batch(&s, &batch).await }))
    }

    fn batches(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<Batch>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::batches(&s, after, limit, false).await }))
    }

    fn last_batch(&self) -> BoxFuture<'_, Result<Option<Batch>, JournalError>> {
        Box::pin(self.run(|s| async move { Ok(read::batches(&s, 0, 1, true).await?.pop()) }))
    }

    fn intervene(&self, intervention: Intervention, evidence: Bytes) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.moves.run(Move::Intervene(Box::new(intervention), evidence)))
    }

    fn events(
        &self,
        after: i64,
        kinds: Vec<String>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::events(&s, after, &kinds, limit).await }))
    }

    fn last_event(&self) -> BoxFuture<'_, Result<i64, JournalError>> {
        Box::pin(self.run(|s| async move { read::last_event(&s).await }))
    }

    fn dispatch(
        &self,
        subscription: String,
        from: i64,
        to: i64,
        deliveries: Vec<NewExchange>,
    ) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.run(move |s| async move { accept::dispatch(&s, &subscription, from, to, &deliveries).await }))
    }

    fn cursor(&self, subscription: String) -> BoxFuture<'_, Result<i64, JournalError>> {
        Box::pin(self.run(move |s| async move { read::cursor(&s, &subscription).await }))
    }

    fn put_document(
        &self,
        kind: String,
        id: String,
        body: Option<Bytes>,
        expected: Option<i64>,
    ) -> BoxFuture<'_, Result<Option<i64>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::put_document(&s, &kind, &id, body.as_ref(), expected).await }))
    }

    fn documents(&self, after: i64) -> BoxFuture<'_, Result<Vec<Document>, JournalError>> {
        Box::pin(self.run(move |s| async move { read::documents(&s, after).await }))
    }

    fn put_timer(&self, timer: Timer, fence: Option<i64>) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |s| async move { lease::put_timer(&s, &timer, fence).await }))
    }

    fn timer(&self, kind: String, id: String) -> BoxFuture<'_, Result<Option<Timer>, JournalError>> {
        Box::pin(self.run(move |s| async move { lease::timer(&s, kind, id).await }))
    }

    fn timers(&self, kind: String, after: String, limit: usize) -> BoxFuture<'_, Result<Vec<Timer>, JournalError>> {
        Box::pin(self.run(move |s| async move { lease::timers(&s, &kind, &after, limit).await }))
    }

    fn publish(&self, events: Vec<NewEvent>) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |s| async move { super::moves::publish_alone(&s, &events).await }))
    }

    fn drop_timer(&self, kind: String, id: String, fence: Option<i64>) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |s| async move { lease::drop_timer(&s, &kind, &id, fence).await }))
    }

    fn lease_timers(
        &self,
        kind: String,
        request: LeaseRequest,
        now: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<LeasedTimer>, JournalError>> {
        Box::pin(self.run(move |s| async move { lease::lease_timers(&s, &kind, request.until, now, limit).await }))
    }

    fn erase(
        &self,
        operations: Vec<String>,
        events: Vec<String>,
        before: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.run(move |s| async move { read::erase(&s, &operations, &events, before, limit).await }))
    }

    fn wait(&self, at_most: Duration) -> BoxFuture<'_, ()> {
        let woken = self.shared.notify.notified();
        Box::pin(async move {
            let _ = tokio::time::timeout(at_most, woken).await;
        })
    }

    fn claim(&self, name: [u8; 16], until: Timestamp, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.run(move |s| async move { once::claim(&s, &name, until, now).await }))
    }

    fn tell_use(&self, node: String, calls: Vec<(String, u64)>) -> BoxFuture<'_, Result<Vec<Told>, JournalError>> {
        Box::pin(self.run(move |s| async move { once::tell_use(&s, &node, &calls).await }))
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(|s| async move { read::probe(&s).await }))
    }
}
