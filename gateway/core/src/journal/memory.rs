//! The journal in memory, for tests: the same promises as the durable ones except that it forgets when dropped.
//! Deterministic; one lock, no tasks. Never used by the gateway itself.

use super::{
    Acceptance, Document, EvidenceLink, Filter, Intervention, Journal, JournalError, LeasedTimer, QueueStat, Standing,
    StoredEvent, Timer,
};
use crate::evidence;
use crate::exchange::{Attempt, LeaseRequest, Leased, NewEvent, NewExchange, Settlement, State, Stored};
use crate::ids::ExchangeId;
use bytes::Bytes;
use connector_sdk::BoxFuture;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
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

struct Entry {
    stored: Stored,
    standing: Standing,
    checkpoints: Map<String, Value>,
    attempts: Vec<Attempt>,
    erased: bool,
}

impl Entry {
    fn stored(&self) -> Stored {
        let s = &self.standing;
        Stored {
            state: s.state,
            attempts: s.attempts,
            lookups: s.lookups,
            due: s.due,
            changed: s.changed,
            ..self.stored.clone()
        }
    }

    fn lane(&self) -> Option<(String, String)> {
        self.stored.lane.clone().map(|lane| (self.stored.system.clone(), lane))
    }
}

struct TimerEntry {
    timer: Timer,
    fence: i64,
    until: Option<Timestamp>,
}

#[derive(Default)]
struct Inner {
    exchanges: BTreeMap<i64, Entry>,
    ids: HashMap<ExchangeId, i64>,
    keys: HashMap<(String, String, String), (i64, [u8; 32])>,
    references: HashMap<(String, String), i64>,
    links: Vec<EvidenceLink>,
    events: Vec<StoredEvent>,
    subjects: HashMap<String, i64>,
    cursors: HashMap<String, i64>,
    documents: BTreeMap<(String, String), Document>,
    revision: i64,
    timers: BTreeMap<(String, String), TimerEntry>,
    timer_fence: i64,
}

impl Inner {
    fn entry(&mut self, id: ExchangeId) -> Result<&mut Entry, JournalError> {
        let seq = self.ids.get(&id).ok_or(JournalError::Missing(id))?;
        self.exchanges.get_mut(seq).ok_or(JournalError::Missing(id))
    }

    fn accept(&mut self, new: NewExchange) -> Acceptance {
        let key = new
            .key
            .as_ref()
            .map(|k| (new.consumer.clone(), new.operation.clone(), k.key.clone()));
        if let (Some(name), Some(key)) = (&key, &new.key)
            && let Some((seq, fingerprint)) = self.keys.get(name)
            && let Some(found) = self.exchanges.get(seq)
        {
            let stored = Box::new(found.stored());
            return if *fingerprint == key.fingerprint {
                Acceptance::Known(stored)
            } else {
                Acceptance::KeyMismatch(stored)
            };
        }
        let reference = new.reference.clone().map(|r| (new.operation.clone(), r));
        if let Some(found) = reference
            .as_ref()
            .and_then(|r| self.references.get(r))
            .and_then(|s| self.exchanges.get(s))
        {
            let stored = Box::new(found.stored());
            if stored.fingerprint != new.fingerprint {
                return Acceptance::ReferenceMismatch(stored);
            }
            if let (Some(name), Some(key)) = (key, new.key) {
                self.keys.insert(name, (stored.seq, key.fingerprint));
            }
            return Acceptance::Known(stored);
        }
        let seq = self.exchanges.last_key_value().map_or(1, |(seq, _)| seq + 1);
        let mut standing = Standing::accepted(new.at, new.due);
        let free = new.lane.is_none() || !self.lane_is_held(&new.system, new.lane.as_deref());
        let fence = match &new.lease {
            Some(request) if free => {
                standing.lease(request, new.at);
                Some(standing.fence)
            }
            _ => None,
        };
        let entry = Entry {
            stored: Stored {
                seq,
                id: new.id,
                consumer: new.consumer,
                operation: new.operation,
                system: new.system,
                purpose: new.purpose,
                fingerprint: new.fingerprint,
                reference: new.reference,
                lane: new.lane,
                state: standing.state,
                attempts: 0,
                lookups: 0,
                due: new.due,
                input: new.input,
                seal: new.seal,
                reply: None,
                fault: None,
                reason: None,
                trace: new.trace,
                cause: new.cause,
                created: new.at,
                changed: new.at,
            },
            standing,
            checkpoints: Map::new(),
            attempts: Vec::new(),
            erased: false,
        };
        let stored = Box::new(entry.stored());
        self.ids.insert(new.id, seq);
        if let (Some(name), Some(key)) = (key, new.key) {
            self.keys.insert(name, (seq, key.fingerprint));
        }
        if let Some(reference) = reference {
            self.references.insert(reference, seq);
        }
        self.exchanges.insert(seq, entry);
        Acceptance::New(stored, fence)
    }

    fn lane_is_held(&self, system: &str, lane: Option<&str>) -> bool {
        self.exchanges
            .values()
            .any(|e| e.standing.state.is_open() && e.stored.system == system && e.stored.lane.as_deref() == lane)
    }

    /// The head of each lane: the exchange that is held, else the oldest open one.
    fn heads(&self) -> HashMap<(String, String), i64> {
        let mut heads = HashMap::new();
        for (seq, entry) in self.exchanges.iter().filter(|(_, e)| e.standing.state.is_open()) {
            let Some(lane) = entry.lane() else { continue };
            if entry.standing.state == State::Leased {
                heads.insert(lane, *seq);
            } else {
                heads.entry(lane).or_insert(*seq);
            }
        }
        heads
    }

    /// Open exchanges that may be tried, with the time from which.
    fn ready(&self) -> Vec<(Timestamp, i64)> {
        let heads = self.heads();
        let mut ready: Vec<_> = self
            .exchanges
            .iter()
            .filter(|(_, e)| e.standing.state.is_open())
            .filter(|(seq, e)| e.lane().is_none_or(|lane| heads.get(&lane) == Some(*seq)))
            .map(|(seq, e)| (e.standing.wake(), *seq))
            .collect();
        ready.sort_unstable();
        ready
    }

    fn lease(&mut self, request: &LeaseRequest, now: Timestamp, limit: usize, skip: &[String]) -> Vec<Leased> {
        let mut leased = Vec::new();
        for (due, seq) in self.ready() {
            if due > now || leased.len() >= limit {
                break;
            }
            let Some(entry) = self.exchanges.get_mut(&seq) else {
                continue;
            };
            if skip.contains(&entry.stored.system) {
                continue;
            }
            entry.standing.lease(request, now);
            leased.push(Leased {
                exchange: entry.stored(),
                fence: entry.standing.fence,
                before: entry.standing.before,
                checkpoints: entry.checkpoints.clone(),
            });
        }
        leased
    }

    fn settle(&mut self, settlement: Settlement) -> Result<(), JournalError> {
        let entry = self.entry(settlement.id)?;
        let mut standing = entry.standing.clone();
        let change = standing.settle(&settlement)?;
        entry.standing = standing;
        change.reply.apply(&mut entry.stored.reply);
        change.fault.apply(&mut entry.stored.fault);
        change.reason.apply(&mut entry.stored.reason);
        entry.attempts.extend(change.attempt);
        for relay in settlement.relays {
            self.accept(NewExchange { lease: None, ..relay });
        }
        for event in settlement.events {
            self.publish(event);
        }
        if let Some(record) = settlement.evidence {
            self.append(record);
        }
        Ok(())
    }

    fn intervene(&mut self, intervention: &Intervention, evidence: Bytes) -> Result<(), JournalError> {
        let entry = self.entry(intervention.id)?;
        let change = entry.standing.intervene(intervention)?;
        change.reply.apply(&mut entry.stored.reply);
        change.fault.apply(&mut entry.stored.fault);
        change.reason.apply(&mut entry.stored.reason);
        entry.attempts.extend(change.attempt);
        self.append(evidence);
        Ok(())
    }

    fn publish(&mut self, event: NewEvent) {
        let seq = self.last_event() + 1;
        let subject_seq = self.subjects.entry(event.subject.clone()).or_default();
        *subject_seq += 1;
        self.events.push(StoredEvent {
            seq,
            subject_seq: *subject_seq,
            event,
        });
    }

    fn last_event(&self) -> i64 {
        self.events.last().map_or(0, |e| e.seq)
    }

    fn append(&mut self, record: Bytes) {
        let (seq, previous) = self.links.last().map_or((1, [0; 32]), |l| (l.seq + 1, l.hash));
        let hash = evidence::link(&previous, &record);
        self.links.push(EvidenceLink {
            seq,
            previous,
            record,
            hash,
        });
    }

    fn list(&self, filter: &Filter) -> Vec<Stored> {
        let limit = if filter.limit == 0 { 50 } else { filter.limit };
        let same = |want: &Option<String>, is: &str| want.as_deref().is_none_or(|w| w == is);
        self.exchanges
            .values()
            .rev()
            .filter(|e| filter.states.is_empty() || filter.states.contains(&e.standing.state))
            .filter(|e| same(&filter.system, &e.stored.system))
            .filter(|e| same(&filter.operation, &e.stored.operation))
            .filter(|e| same(&filter.consumer, &e.stored.consumer))
            .filter(|e| filter.reference.is_none() || filter.reference == e.stored.reference)
            .filter(|e| filter.since.is_none_or(|t| e.stored.created >= t))
            .filter(|e| filter.until.is_none_or(|t| e.stored.created < t))
            .filter(|e| filter.before_seq.is_none_or(|seq| e.stored.seq < seq))
            .take(limit)
            .map(Entry::stored)
            .collect()
    }

    fn queues(&self) -> Vec<QueueStat> {
        let mut queues: BTreeMap<(String, usize), QueueStat> = BTreeMap::new();
        for entry in self.exchanges.values() {
            let state = entry.standing.state;
            if matches!(state, State::Done | State::Failed | State::Discarded) {
                continue;
            }
            let stat = queues
                .entry((entry.stored.system.clone(), state as usize))
                .or_insert_with(|| QueueStat {
                    system: entry.stored.system.clone(),
                    state,
                    count: 0,
                    oldest: entry.stored.created,
                });
            stat.count += 1;
            stat.oldest = stat.oldest.min(entry.stored.created);
        }
        queues.into_values().collect()
    }

    fn put_document(&mut self, kind: String, id: String, body: Option<Bytes>, expected: Option<i64>) -> Option<i64> {
        let name = (kind.clone(), id.clone());
        let found = self.documents.get(&name);
        if expected.is_some_and(|e| !super::document_is_at(found, e)) {
            return None;
        }
        self.revision += 1;
        self.documents.insert(
            name,
            Document {
                kind,
                id,
                revision: self.revision,
                body,
            },
        );
        Some(self.revision)
    }

    fn put_timer(&mut self, timer: Timer, fence: Option<i64>) -> Result<(), JournalError> {
        let name = (timer.kind.clone(), timer.id.clone());
        self.timer_is_held(&name, fence)?;
        self.timers.insert(
            name,
            TimerEntry {
                timer,
                fence: 0,
                until: None,
            },
        );
        Ok(())
    }

    fn timer_is_held(&self, name: &(String, String), fence: Option<i64>) -> Result<(), JournalError> {
        let Some(fence) = fence else { return Ok(()) };
        match self.timers.get(name) {
            Some(timer) if timer.fence == fence => Ok(()),
            _ => Err(super::lost_timer(&name.0, &name.1)),
        }
    }

    fn drop_timer(&mut self, kind: String, id: String, fence: Option<i64>) -> Result<(), JournalError> {
        let name = (kind, id);
        if self.timers.contains_key(&name) {
            self.timer_is_held(&name, fence)?;
            self.timers.remove(&name);
        }
        Ok(())
    }

    fn lease_timers(&mut self, kind: &str, until: Timestamp, now: Timestamp, limit: usize) -> Vec<LeasedTimer> {
        let mut due: Vec<_> = self
            .timers
            .values_mut()
            .filter(|t| t.timer.kind == kind && t.timer.due <= now && t.until.is_none_or(|u| u <= now))
            .collect();
        due.sort_by(|a, b| (a.timer.due, &a.timer.id).cmp(&(b.timer.due, &b.timer.id)));
        due.truncate(limit);
        let mut leased = Vec::new();
        for entry in due {
            self.timer_fence += 1;
            entry.fence = self.timer_fence;
            entry.until = Some(until);
            leased.push(LeasedTimer {
                timer: entry.timer.clone(),
                fence: entry.fence,
            });
        }
        leased
    }

    fn erase(&mut self, operations: &[String], before: Timestamp, limit: usize) -> u64 {
        let mut erased = 0;
        let old = self.exchanges.values_mut().filter(|e| {
            !e.erased
                && !e.standing.state.is_open()
                && e.standing.changed < before
                && operations.contains(&e.stored.operation)
        });
        for entry in old.take(limit) {
            entry.erased = true;
            entry.stored.input = Bytes::new();
            entry.stored.seal = None;
            entry.stored.reply = entry.stored.reply.take().map(|_| Bytes::new());
            entry.checkpoints.clear();
            erased += 1;
        }
        for event in self.events.iter_mut().filter(|e| e.event.at < before) {
            event.event.data = Bytes::new();
        }
        erased
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

    fn next_due(&self) -> BoxFuture<'_, Result<Option<Timestamp>, JournalError>> {
        ready(Ok(self.lock().ready().first().map(|(due, _)| *due)))
    }

    fn chains(&self) -> BoxFuture<'_, Result<Vec<String>, JournalError>> {
        ready(Ok(vec![super::MAIN_CHAIN.to_owned()]))
    }

    fn evidence(
        &self,
        chain: String,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<EvidenceLink>, JournalError>> {
        let inner = self.lock();
        let known = chain == super::MAIN_CHAIN;
        ready(Ok(inner
            .links
            .iter()
            .filter(|l| known && l.seq > after)
            .take(limit)
            .cloned()
            .collect()))
    }

    fn intervene(&self, intervention: Intervention, evidence: Bytes) -> BoxFuture<'_, Result<(), JournalError>> {
        let result = self.lock().intervene(&intervention, evidence);
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
        before: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<u64, JournalError>> {
        ready(Ok(self.lock().erase(&operations, before, limit)))
    }

    fn wait(&self, at_most: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let _ = tokio::time::timeout(at_most, self.notify.notified()).await;
        })
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
