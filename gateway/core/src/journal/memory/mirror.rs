//! Copies in memory: the same promises as the durable ones. Plain loops; tests hold few records.

use super::{MemoryJournal, ready};
use crate::journal::JournalError;
use crate::mirror::{Held, MirrorStore, Row, Search, SetRow, Step, Tally, Then, lost};
use bytes::Bytes;
use connector_sdk::BoxFuture;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One set.
pub(super) struct Set {
    due: Timestamp,
    until: Option<Timestamp>,
    fence: i64,
    state: Bytes,
    revision: i64,
    rows: BTreeMap<String, Row>,
    runs: BTreeMap<i64, Bytes>,
}

impl MemoryJournal {
    fn rows<T: Send + 'static>(
        &self,
        set: &str,
        read: impl FnOnce(&BTreeMap<String, Row>) -> T,
    ) -> Result<T, JournalError> {
        let inner = self.lock();
        Ok(match inner.sets.get(set) {
            Some(set) => read(&set.rows),
            None => read(&BTreeMap::new()),
        })
    }
}

impl MirrorStore for MemoryJournal {
    fn plant(&self, set: String, due: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        self.lock().sets.entry(set).or_insert_with(|| Set {
            due,
            until: None,
            fence: 0,
            state: Bytes::new(),
            revision: 0,
            rows: BTreeMap::new(),
            runs: BTreeMap::new(),
        });
        ready(Ok(()))
    }

    fn take(&self, set: String, now: Timestamp, until: Timestamp) -> BoxFuture<'_, Result<Option<Held>, JournalError>> {
        let mut inner = self.lock();
        let held = inner.sets.get_mut(&set).filter(|s| s.until.unwrap_or(s.due) <= now);
        ready(Ok(held.map(|found| {
            found.fence += 1;
            found.until = Some(until);
            Held {
                set,
                fence: found.fence,
                state: found.state.clone(),
            }
        })))
    }

    fn hurry(&self, set: String, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>> {
        let mut inner = self.lock();
        let found = inner.sets.get_mut(&set);
        ready(Ok(found.is_some_and(|found| {
            found.due = found.due.min(now);
            true
        })))
    }

    fn step(&self, step: Step) -> BoxFuture<'_, Result<(), JournalError>> {
        let mut inner = self.lock();
        let Some(set) = inner
            .sets
            .get_mut(&step.set)
            .filter(|s| s.fence == step.fence && s.until.is_some())
        else {
            return ready(Err(lost(&step.set)));
        };
        set.rows.extend(step.rows.into_iter().map(|row| (row.key.clone(), row)));
        set.revision += i64::from(step.changed);
        set.state = step.state;
        match step.then {
            Then::Hold(until) => set.until = Some(until),
            Then::Release(due) => (set.until, set.due) = (None, due),
        }
        set.runs.extend(step.ended);
        for event in step.events {
            inner.publish(event);
        }
        ready(Ok(()))
    }

    fn sets(&self) -> BoxFuture<'_, Result<Vec<SetRow>, JournalError>> {
        let inner = self.lock();
        let rows = inner.sets.iter().map(|(set, found)| SetRow {
            set: set.clone(),
            due: found.due,
            until: found.until,
            state: found.state.clone(),
            revision: found.revision,
        });
        ready(Ok(rows.collect()))
    }

    fn find(&self, set: String, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        ready(self.rows(&set, |rows| {
            keys.iter().filter_map(|key| rows.get(key).cloned()).collect()
        }))
    }

    fn unseen(
        &self,
        set: String,
        scope: String,
        run: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        let wanted = |row: &&Row| row.gone.is_none() && row.scope == scope && row.run < run && row.missed_run < run;
        ready(self.rows(&set, |rows| rows.values().filter(wanted).take(limit).cloned().collect()))
    }

    fn tally(&self, set: String, scope: Option<String>, run: i64) -> BoxFuture<'_, Result<Tally, JournalError>> {
        let wanted = |row: &&Row| row.gone.is_none() && scope.as_ref().is_none_or(|s| *s == row.scope);
        ready(self.rows(&set, |rows| Tally {
            live: rows.values().filter(wanted).count() as u64,
            unseen: rows.values().filter(wanted).filter(|row| row.run < run).count() as u64,
        }))
    }

    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        let slot = |row: &Row, slot: usize| row.slots.get(slot).cloned().flatten();
        let place = |row: &Row| {
            let first = search.order.map_or(Some(String::new()), |at| slot(row, at));
            first.map(|first| (first, row.key.clone()))
        };
        let holds = |row: &&Row| {
            row.gone.is_none()
                && search.bounds.iter().all(|bound| {
                    slot(row, bound.slot).is_some_and(|value| {
                        bound.from.as_ref().is_none_or(|from| value >= *from)
                            && bound.below.as_ref().is_none_or(|below| value < *below)
                    })
                })
        };
        let found = self.rows(&search.set, |rows| {
            let mut found: Vec<((String, String), Row)> = rows
                .values()
                .filter(holds)
                .filter_map(|row| Some((place(row)?, row.clone())))
                .collect();
            found.sort_by(|a, b| a.0.cmp(&b.0));
            if search.descending {
                found.reverse();
            }
            if let Some(after) = &search.after {
                found.retain(|(place, _)| {
                    if search.descending {
                        place < after
                    } else {
                        place > after
                    }
                });
            }
            found.truncate(search.limit);
            found.into_iter().map(|(_, row)| row).collect()
        });
        ready(found)
    }

    fn walk(&self, set: String, after: String, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        let later = (std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded);
        ready(self.rows(&set, |rows| {
            rows.range(later).take(limit).map(|(_, row)| row.clone()).collect()
        }))
    }

    fn purge(&self, set: String, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        let mut inner = self.lock();
        let Some(found) = inner.sets.get_mut(&set) else {
            return ready(Ok(0));
        };
        let old = |row: &&Row| row.gone.is_some_and(|gone| gone < before);
        let keys: Vec<String> = found
            .rows
            .values()
            .filter(old)
            .take(limit)
            .map(|r| r.key.clone())
            .collect();
        for key in &keys {
            found.rows.remove(key);
        }
        ready(Ok(keys.len() as u64))
    }

    fn history(&self, set: String, limit: usize) -> BoxFuture<'_, Result<Vec<Bytes>, JournalError>> {
        let inner = self.lock();
        let runs = inner
            .sets
            .get(&set)
            .map(|s| s.runs.values().rev().take(limit).cloned().collect());
        ready(Ok(runs.unwrap_or_default()))
    }
}
