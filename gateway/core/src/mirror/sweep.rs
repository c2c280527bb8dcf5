//! After a part was pulled whole: what it did not bring is counted, and marked gone once two complete pulls agree. A part
//! that came empty, or lacks more than may vanish at once, proves nothing and counts for nothing. And records of parts that
//! are pulled no more retire after their time, where configuration says so.

use super::pull::{Work, hold};
use super::{Row, Step, intake};
use crate::journal::JournalError;
use jiff::SignedDuration;

/// Complete pulls that must agree.
const AGREE: i64 = 2;
/// Records taken at once.
const BATCH: usize = 500;
/// Batches read without a word about the lease.
const QUIET: usize = 100;

/// Sweeps one part; a sentence when its pull is not believed.
pub(super) async fn part(work: &mut Work<'_>, scope: &str) -> Result<Option<String>, JournalError> {
    let store = &work.rooms.mirrors;
    let number = work.run().number;
    let tally = store
        .tally(work.plan.id.clone(), Some(scope.to_owned()), number)
        .await?;
    let brought = work.run().scope_rows;
    if tally.live == 0 || tally.unseen == 0 {
        return Ok(None);
    }
    if brought == 0 {
        return Ok(Some("jawaban kosong; salinan tetap".to_owned()));
    }
    if tally.unseen * 100 > tally.live * u64::from(work.shrink) {
        work.rooms.observer.noted("mirror_shrunk", &work.plan.id);
        return Ok(Some(format!(
            "{} dari {} butir hilang sekaligus; salinan tetap",
            tally.unseen, tally.live
        )));
    }
    loop {
        let found = store
            .unseen(work.plan.id.clone(), scope.to_owned(), number, BATCH)
            .await?;
        if found.is_empty() {
            return Ok(None);
        }
        let now = work.rooms.clock.now();
        let mut events = Vec::new();
        let mut changed = false;
        let mut rows: Vec<Row> = Vec::with_capacity(found.len());
        for mut row in found {
            row.missed += 1;
            row.missed_run = number;
            if row.missed >= AGREE {
                row.gone = Some(now);
                changed = true;
                work.run().account.gone += 1;
                if work.plan.events && work.standing.complete.is_some() {
                    events.extend(intake::change(work.rooms, work.plan, &row.key, "hilang", &[], now));
                }
            }
            rows.push(row);
        }
        let step = Step {
            rows,
            changed,
            events,
            ..work.step(hold(work.rooms))
        };
        store.step(step).await?;
    }
}

/// Marks gone what belongs to a part that is pulled no more and was last brought before the plan's time for it. Called
/// after a complete run, so that nothing the source still shows can be old.
pub(super) async fn retire(work: &mut Work<'_>, pulled: impl Fn(&str) -> bool) -> Result<(), JournalError> {
    let Some(time) = work.plan.retire else { return Ok(()) };
    let now = work.rooms.clock.now();
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    let Ok(before) = now.checked_sub(time) else {
        return Ok(());
    };
    let store = &work.rooms.mirrors;
    let (mut after, mut quiet) = (String::new(), 0);
    loop {
        let found = store.walk(work.plan.id.clone(), after.clone(), BATCH).await?;
        let Some(last) = found.last() else { return Ok(()) };
        after.clone_from(&last.key);
        let old = |row: &Row| row.gone.is_none() && row.fetched < before && !pulled(&row.scope);
        let mut rows: Vec<Row> = found.into_iter().filter(old).collect();
        quiet += 1;
        if rows.is_empty() && quiet < QUIET {
            continue;
        }
        quiet = 0;
        let mut events = Vec::new();
        for row in &mut rows {
            row.gone = Some(now);
            work.run().account.gone += 1;
            if work.plan.events {
                events.extend(intake::change(work.rooms, work.plan, &row.key, "hilang", &[], now));
            }
        }
        let step = Step {
            changed: !rows.is_empty(),
            rows,
            events,
            ..work.step(hold(work.rooms))
        };
        store.step(step).await?;
    }
}
