//! The state of the memory journal, and what each call does to it. Plain loops: tests hold few exchanges.

use super::super::{
    Acceptance, Document, EvidenceLink, Filter, Intervention, JournalError, LeasedTimer, Planned, QueueStat, Standing,
    StoredEvent, Timer, document_is_at, lost_timer, moved_timer,
};
use crate::evidence;
use crate::evidence::batch::Batch;
use crate::exchange::{Attempt, LeaseRequest, Leased, NewEvent, NewExchange, Settlement, State, Stored};
use crate::ids::ExchangeId;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) struct Entry {
    pub(super) stored: Stored,
    pub(super) standing: Standing,
    pub(super) checkpoints: Map<String, Value>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) erased: bool,
}

impl Entry {
    pub(super) fn stored(&self) -> Stored {
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

    pub(super) fn lane(&self) -> Option<(String, String)> {
        self.stored.lane.clone().map(|lane| (self.stored.system.clone(), lane))
    }
}

pub(super) struct TimerEntry {
    pub(super) timer: Timer,
    fence: i64,
    until: Option<Timestamp>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) exchanges: BTreeMap<i64, Entry>,
    pub(super) ids: HashMap<ExchangeId, i64>,
    pub(super) keys: HashMap<(String, String, String), (i64, [u8; 32])>,
    pub(super) references: HashMap<(String, String), i64>,
    pub(super) links: Vec<EvidenceLink>,
    pub(super) batches: Vec<Batch>,
    pub(super) events: Vec<StoredEvent>,
    event_ids: HashSet<uuid::Uuid>,
    pub(super) subjects: HashMap<String, i64>,
    pub(super) cursors: HashMap<String, i64>,
    pub(super) claims: HashMap<[u8; 16], Timestamp>,
    pub(super) documents: BTreeMap<(String, String), Document>,
    pub(super) revision: i64,
    pub(super) timers: BTreeMap<(String, String), TimerEntry>,
    pub(super) timer_fence: i64,
    pub(super) sets: BTreeMap<String, super::mirror::Set>,
}

impl Inner {
    pub(super) fn entry(&mut self, id: ExchangeId) -> Result<&mut Entry, JournalError> {
        let seq = self.ids.get(&id).ok_or(JournalError::Missing(id))?;
        self.exchanges.get_mut(seq).ok_or(JournalError::Missing(id))
    }

    pub(super) fn accept(&mut self, new: NewExchange) -> Acceptance {
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
            .filter(|e| !e.standing.state.gives_up_reference())
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

    pub(super) fn lane_is_held(&self, system: &str, lane: Option<&str>) -> bool {
        self.exchanges
            .values()
            .any(|e| e.standing.state.is_open() && e.stored.system == system && e.stored.lane.as_deref() == lane)
    }

    /// The head of each lane: the exchange that is held, else the oldest open one.
    pub(super) fn heads(&self) -> HashMap<(String, String), i64> {
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
    pub(super) fn ready(&self) -> Vec<(Timestamp, i64)> {
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

    pub(super) fn next_due(&self, skip: &[String]) -> Option<Timestamp> {
        let ready = self.ready();
        let other = |seq: &i64| {
            self.exchanges
                .get(seq)
                .is_some_and(|e| !skip.contains(&e.stored.system))
        };
        ready.iter().find(|(_, seq)| other(seq)).map(|(due, _)| *due)
    }

    pub(super) fn lease(
        &mut self,
        request: &LeaseRequest,
        now: Timestamp,
        limit: usize,
        skip: &[String],
    ) -> Vec<Leased> {
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

    pub(super) fn settle(&mut self, settlement: Settlement) -> Result<(), JournalError> {
        let mut standing = self.entry(settlement.id)?.standing.clone();
        let change = standing.settle(&settlement)?;
        self.still_seen(&settlement.timers)?;
        let entry = self.entry(settlement.id)?;
        entry.standing = standing;
        change.reply.apply(&mut entry.stored.reply);
        change.fault.apply(&mut entry.stored.fault);
        change.reason.apply(&mut entry.stored.reason);
        entry.attempts.extend(change.attempt);
        self.set_off(settlement.relays, settlement.events, settlement.timers)?;
        if let Some(record) = settlement.evidence {
            self.append(record);
        }
        Ok(())
    }

    /// Refuses where a timer is no longer what was seen of it.
    fn still_seen(&self, timers: &[Planned]) -> Result<(), JournalError> {
        for Planned { timer, seen } in timers {
            let found = self.timers.get(&(timer.kind.clone(), timer.id.clone()));
            if !seen.holds(found.map(|found| &found.timer.body[..])) {
                return Err(moved_timer(timer));
            }
        }
        Ok(())
    }

    /// What an outcome sets off.
    fn set_off(
        &mut self,
        relays: Vec<NewExchange>,
        events: Vec<NewEvent>,
        timers: Vec<Planned>,
    ) -> Result<(), JournalError> {
        for relay in relays {
            let reference = relay.reference.clone().map(|r| (relay.operation.clone(), r));
            if reference.is_some_and(|r| self.references.contains_key(&r)) {
                continue;
            }
            self.accept(NewExchange { lease: None, ..relay });
        }
        for event in events {
            self.publish(event);
        }
        for planned in timers {
            self.put_timer(planned.timer, None)?;
        }
        Ok(())
    }

    pub(super) fn intervene(&mut self, intervention: Intervention, evidence: Bytes) -> Result<(), JournalError> {
        let entry = self.entry(intervention.id)?;
        let (seq, was) = (entry.stored.seq, entry.standing.state);
        let mut standing = entry.standing.clone();
        let change = standing.intervene(&intervention)?;
        let reference = entry
            .stored
            .reference
            .clone()
            .map(|r| (entry.stored.operation.clone(), r));
        self.still_seen(&intervention.timers)?;
        if let Some(reference) = reference.filter(|_| was.gives_up_reference() && !standing.state.gives_up_reference())
        {
            let taken = self.references.get(&reference).and_then(|s| self.exchanges.get(s));
            if taken.is_some_and(|e| e.stored.seq != seq && !e.standing.state.gives_up_reference()) {
                return Err(JournalError::State(intervention.id, was));
            }
            self.references.insert(reference, seq);
        }
        let entry = self.entry(intervention.id)?;
        entry.standing = standing;
        change.reply.apply(&mut entry.stored.reply);
        change.fault.apply(&mut entry.stored.fault);
        change.reason.apply(&mut entry.stored.reason);
        entry.attempts.extend(change.attempt);
        self.set_off(intervention.relays, intervention.events, intervention.timers)?;
        self.append(evidence);
        Ok(())
    }

    pub(super) fn publish(&mut self, event: NewEvent) {
        if !self.event_ids.insert(event.id) {
            return;
        }
        let seq = self.last_event() + 1;
        let subject_seq = self.subjects.entry(event.subject.clone()).or_default();
        *subject_seq += 1;
        self.events.push(StoredEvent {
            seq,
            subject_seq: *subject_seq,
            event,
        });
    }

    pub(super) fn last_event(&self) -> i64 {
        self.events.last().map_or(0, |e| e.seq)
    }

    pub(super) fn append(&mut self, record: Bytes) {
        let (seq, previous) = self.links.last().map_or((1, [0; 32]), |l| (l.seq + 1, l.hash));
        let hash = evidence::link(&previous, &record);
        self.links.push(EvidenceLink {
            seq,
            previous,
            record,
            hash,
        });
    }

    pub(super) fn list(&self, filter: &Filter) -> Vec<Stored> {
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

    pub(super) fn queues(&self) -> Vec<QueueStat> {
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

    pub(super) fn put_document(
        &mut self,
        kind: String,
        id: String,
        body: Option<Bytes>,
        expected: Option<i64>,
    ) -> Option<i64> {
        let name = (kind.clone(), id.clone());
        let found = self.documents.get(&name);
        if expected.is_some_and(|e| !document_is_at(found, e)) {
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

    pub(super) fn put_timer(&mut self, timer: Timer, fence: Option<i64>) -> Result<(), JournalError> {
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

    pub(super) fn timer_is_held(&self, name: &(String, String), fence: Option<i64>) -> Result<(), JournalError> {
        let Some(fence) = fence else { return Ok(()) };
        match self.timers.get(name) {
            Some(timer) if timer.fence == fence => Ok(()),
            _ => Err(lost_timer(&name.0, &name.1)),
        }
    }

    pub(super) fn drop_timer(&mut self, kind: String, id: String, fence: Option<i64>) -> Result<(), JournalError> {
        let name = (kind, id);
        if self.timers.contains_key(&name) {
            self.timer_is_held(&name, fence)?;
            self.timers.remove(&name);
        }
        Ok(())
    }

    pub(super) fn lease_timers(
        &mut self,
        kind: &str,
        until: Timestamp,
        now: Timestamp,
        limit: usize,
    ) -> Vec<LeasedTimer> {
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

    pub(super) fn erase(&mut self, operations: &[String], kinds: &[String], before: Timestamp, limit: usize) -> u64 {
        let mut erased = 0;
        let old = self.exchanges.values_mut().filter(|e| {
            !e.erased
                && e.standing.state.is_over()
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
        for event in self
            .events
            .iter_mut()
            .filter(|e| kinds.contains(&e.event.kind) && e.event.at < before)
        {
            event.event.data = Bytes::new();
        }
        erased
    }
}
