//! One run of a set: part after part, page after page through the door, each step durable before the next. A run that
//! breaks off goes on from its last page; one that was left lying too long begins anew, since cursors grow old.

use super::keeper::LEASE;
use super::standing::{Ended, Run, Standing};
use super::{Held, MirrorPlan, Row, Scopes, Step, Then, intake, sweep};
use crate::deliver::{self, System};
use crate::evidence::fault_word;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use crate::time::{between, later};
use connector_sdk::{Fault, FaultKind, Mirror, MirrorSpec, Pull, Reading};
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ZonedDateTime};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Records joined and stored at once.
const BATCH: usize = 500;
/// First and longest pause after a try that brought nothing.
const PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// Pause before a run is tried again that ended without being complete.
const AGAIN: Duration = Duration::from_secs(3600);

/// What a run works with.
pub(super) struct Work<'a> {
    pub(super) rooms: &'a Arc<Rooms>,
    pub(super) plan: &'a MirrorPlan,
    pub(super) standing: Standing,
    pub(super) shrink: u8,
    run: Run,
    fence: i64,
}

impl Work<'_> {
    pub(super) fn run(&mut self) -> &mut Run {
        &mut self.run
    }

    /// A step that keeps where the run stands.
    pub(super) fn step(&mut self, then: Then) -> Step {
        self.run.touched = self.rooms.clock.now();
        self.standing.run = Some(self.run.clone());
        self.empty_step(then)
    }

    fn empty_step(&self, then: Then) -> Step {
        Step {
            set: self.plan.id.clone(),
            fence: self.fence,
            rows: Vec::new(),
            changed: false,
            events: Vec::new(),
            state: self.standing.bytes(),
            then,
            ended: None,
        }
    }
}

/// How a part ended.
enum Part {
    Whole,
    Short(String),
    /// Nothing can be had now.
    Later(Fault),
}

/// Goes on with the run of a set, or begins one. The set is given back at the end.
pub(super) async fn turn(
    rooms: &Arc<Rooms>,
    plan: &MirrorPlan,
    system: &Arc<System>,
    held: Held,
) -> Result<(), JournalError> {
    let now = rooms.clock.now();
    let mut standing = Standing::read(&held.state);
    let Some(mirror) = system.connector.mirror(&plan.mirror) else {
        tracing::error!(mirror = %plan.id, "the connector has no such mirror");
        standing.trouble = Some("no_mirror".into());
        return give_back(rooms, plan, held.fence, &standing, later(now, AGAIN)).await;
    };
    let run = match standing.run.take() {
        Some(run) if between(run.touched, now) <= plan.resume => run,
        _ => {
            standing.number += 1;
            Run::begin(standing.number, now)
        }
    };
    let shrink = mirror.spec().max_shrink_percent;
    let mut work = Work {
        rooms,
        plan,
        standing,
        shrink,
        run,
        fence: held.fence,
    };
    lay_out(&mut work).await?;
    let parts = match parts(rooms, &plan.scopes).await? {
        Ok(parts) => parts,
        Err(why) => {
            tracing::info!(mirror = %plan.id, why, "mirror waits");
            work.standing.trouble = Some("no_scopes".into());
            return give_back(rooms, plan, held.fence, &work.standing, later(now, PAUSE * 5)).await;
        }
    };
    work.run.of = parts.len() as u64;
    let done = work.run.done.clone();
    for (name, scope) in parts.range::<String, _>((
        done.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded),
        std::ops::Bound::Unbounded,
    )) {
        match part(&mut work, system, mirror, name, scope).await? {
            Part::Whole => {
                let why = sweep::part(&mut work, name).await?;
                if let Some(why) = &why {
                    tracing::warn!(mirror = %plan.id, scope = %name, why, "part of a mirror not believed");
                }
                work.run.part_ends(name, why.as_deref());
            }
            Part::Short(why) => {
                tracing::warn!(mirror = %plan.id, scope = %name, why, "part of a mirror is not complete");
                work.run.part_ends(name, Some(&why));
            }
            Part::Later(fault) => return wait(work, &fault).await,
        }
        let step = work.step(hold(rooms));
        rooms.mirrors.step(step).await?;
    }
    if work.run.account.short == 0 {
        sweep::retire(&mut work, |scope| parts.contains_key(scope)).await?;
    }
    end(work).await
}

/// One part, from its checkpoint.
async fn part(
    work: &mut Work<'_>,
    system: &Arc<System>,
    mirror: &dyn Mirror,
    name: &str,
    scope: &BTreeMap<String, String>,
) -> Result<Part, JournalError> {
    let spec = mirror.spec();
    loop {
        if work.run.page >= spec.max_pages.max(1) {
            return Ok(Part::Short(
                "lebih banyak halaman daripada yang boleh ditarik".to_owned(),
            ));
        }
        let pull = Pull {
            scope: scope.iter().map(|(n, v)| (n.clone(), v.clone())).collect(),
            cursor: work.run.cursor.clone(),
        };
        let fetched = match deliver::fetch(work.rooms, system, mirror, &pull).await {
            Ok(fetched) => fetched,
            Err(fault) => return Ok(judged(fault)),
        };
        let lists = work.rooms.lists.of(&system.id);
        let call = fetched.call(&lists);
        work.run.account.bytes += fetched.reply.body.len() as u64;
        let reading = match mirror.open(&call, &pull, &fetched.reply) {
            Ok(reading) => reading,
            Err(fault) => return Ok(judged(fault)),
        };
        let (next, total) = (reading.next.clone(), reading.total);
        let rows_before = work.run.account.rows;
        if let Err(fault) = read(work, spec, name, reading).await? {
            return Ok(judged(fault));
        }
        let brought = work.run.account.rows - rows_before;
        work.run.page += 1;
        work.run.account.pages += 1;
        work.run.total = total.or(work.run.total);
        work.standing.failures = 0;
        work.standing.trouble = None;
        let Some(next) = next else {
            return Ok(whole(&work.run));
        };
        if brought == 0 {
            return Ok(Part::Short("halaman kosong yang berlanjut".to_owned()));
        }
        if !work.run.meets(&next) {
            return Ok(Part::Short("sistem mengulang penunjuk halaman".to_owned()));
        }
        work.run.cursor = Some(next);
        let step = work.step(hold(work.rooms));
        work.rooms.mirrors.step(step).await?;
    }
}

fn whole(run: &Run) -> Part {
    if let Some(why) = &run.lacking {
        return Part::Short(why.clone());
    }
    match run.total {
        Some(total) if total > run.scope_rows => Part::Short(format!("{} butir dari {total}", run.scope_rows)),
        _ => Part::Whole,
    }
}

/// What of a page is stored before its end. The records are there; the page is read again when the run breaks off.
async fn read(
    work: &mut Work<'_>,
    spec: &MirrorSpec,
    scope: &str,
    reading: Reading<'_>,
) -> Result<Result<(), Fault>, JournalError> {
    if let Some(why) = &reading.lacking {
        work.run.lacking = Some(why.to_string());
    }
    let mut records = reading.records;
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        let mut fault = None;
        let mut left_out = 0;
        for record in records.by_ref().take(BATCH) {
            match record {
                Ok(record) => match intake::named(work.plan, &spec.key, record) {
                    Some(named) => batch.push(named),
                    None => left_out += 1,
                },
                Err(stopped) => {
                    fault = Some(stopped);
                    break;
                }
            }
        }
        let last = fault.is_some() || batch.len() + left_out < BATCH;
        if left_out > 0 {
            work.run.account.invalid += left_out as u64;
            work.run.account.rows += left_out as u64;
            work.run.lacking = Some(format!("{} butir tidak sah", work.run.account.invalid));
            work.rooms.observer.noted("mirror_invalid", &work.plan.id);
        }
        if !batch.is_empty() {
            store(work, scope, batch).await?;
        }
        match fault {
            Some(fault) => return Ok(Err(fault)),
            None if last => return Ok(Ok(())),
            None => {}
        }
    }
}

async fn store(work: &mut Work<'_>, scope: &str, batch: Vec<intake::Named>) -> Result<(), JournalError> {
    let keys: Vec<String> = batch.iter().map(|named| named.key.clone()).collect();
    let known = work.rooms.mirrors.find(work.plan.id.clone(), keys).await?;
    let seeded = work.standing.complete.is_some();
    let taken = intake::take(work.rooms, work.plan, &mut work.run, scope, seeded, batch, known);
    let step = Step {
        rows: taken.rows,
        changed: taken.changed,
        events: taken.events,
        ..work.step(hold(work.rooms))
    };
    work.rooms.mirrors.step(step).await
}

/// Whether the part is short, or the whole run must wait.
fn judged(fault: Fault) -> Part {
    match fault.kind {
        FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::OutOfHours
        | FaultKind::Timeout
        | FaultKind::CredentialExpired
        | FaultKind::Misconfigured => Part::Later(fault),
        FaultKind::Invalid
        | FaultKind::Rejected
        | FaultKind::NotFound
        | FaultKind::Conflict
        | FaultKind::Drift
        | FaultKind::Internal => {
            let inside = fault.internal.as_deref().unwrap_or_default();
            Part::Short(format!("{}: {inside}", fault_word(&fault)))
        }
    }
}

/// Gives the set back until the system may answer again: longer each time, and never all sets at one moment.
async fn wait(mut work: Work<'_>, fault: &Fault) -> Result<(), JournalError> {
    let doubled = PAUSE * 2_u32.saturating_pow(work.standing.failures.min(10));
    work.standing.failures += 1;
    work.standing.trouble = Some(fault_word(fault).to_owned());
    let least = fault.retry_after.unwrap_or_default();
    let pause = doubled.min(LONGEST_PAUSE).max(least);
    let pause = pause.mul_f64(1.0 + 0.5 * work.rooms.ids.fraction());
    tracing::warn!(mirror = %work.plan.id, word = fault_word(fault), failures = work.standing.failures, "mirror not pulled; the copy stays");
    work.rooms.observer.noted("mirror_not_pulled", &work.plan.id);
    let due = later(work.rooms.clock.now(), pause);
    let touched = work.run.touched;
    let mut step = work.step(Then::Release(due));
    // Only progress keeps a checkpoint young.
    if let Some(run) = &mut work.standing.run {
        run.touched = touched;
    }
    step.state = work.standing.bytes();
    work.rooms.mirrors.step(step).await
}

async fn end(mut work: Work<'_>) -> Result<(), JournalError> {
    let now = work.rooms.clock.now();
    let run = work.run.clone();
    let complete = run.account.short == 0;
    let ended = Ended {
        number: run.number,
        began: run.began,
        ended: now,
        complete,
        scopes: run.scopes,
        account: run.account,
    };
    work.standing.run = None;
    if complete {
        work.standing.complete = Some(run.began);
    }
    let every = if complete {
        work.plan.every
    } else {
        AGAIN.min(work.plan.every)
    };
    let due = later(run.began, every).max(later(now, PAUSE));
    let due = later(due, every.mul_f64(0.05 * work.rooms.ids.fraction()));
    let body = serde_json::to_vec(&ended).unwrap_or_default();
    let step = Step {
        ended: Some((run.number, body.into())),
        ..work.empty_step(Then::Release(due))
    };
    work.rooms.mirrors.step(step).await?;
    tracing::info!(mirror = %work.plan.id, complete, rows = ended.account.rows, gone = ended.account.gone, "mirror pulled");
    let before = now.checked_sub(jiff::SignedDuration::try_from(work.plan.keep).unwrap_or_default());
    let before = before.unwrap_or(Timestamp::MIN);
    while work.rooms.mirrors.purge(work.plan.id.clone(), before, BATCH).await? == BATCH as u64 {}
    Ok(())
}

async fn give_back(
    rooms: &Rooms,
    plan: &MirrorPlan,
    fence: i64,
    standing: &Standing,
    due: Timestamp,
) -> Result<(), JournalError> {
    let step = Step {
        set: plan.id.clone(),
        fence,
        rows: Vec::new(),
        changed: false,
        events: Vec::new(),
        state: standing.bytes(),
        then: Then::Release(due),
        ended: None,
    };
    rooms.mirrors.step(step).await
}

/// Lays stored records out anew after the fields that can be asked for changed.
async fn lay_out(work: &mut Work<'_>) -> Result<(), JournalError> {
    let layout = work.plan.layout();
    if work.standing.layout == layout {
        return Ok(());
    }
    let mut after = String::new();
    loop {
        let rows = work
            .rooms
            .mirrors
            .walk(work.plan.id.clone(), after.clone(), BATCH)
            .await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.key);
        let rows: Vec<Row> = rows.into_iter().map(|row| intake::laid_out(work.plan, row)).collect();
        let step = Step {
            rows,
            changed: true,
            ..work.step(hold(work.rooms))
        };
        work.rooms.mirrors.step(step).await?;
    }
    work.standing.layout = layout;
    let step = work.step(hold(work.rooms));
    work.rooms.mirrors.step(step).await
}

/// The parts by name, in order.
type Parts = BTreeMap<String, BTreeMap<String, String>>;

async fn parts(rooms: &Rooms, scopes: &Scopes) -> Result<Result<Parts, String>, JournalError> {
    let year = ZonedDateTime::new(rooms.clock.now(), TimeZone::fixed(offset(7))).year();
    let fixed = match scopes.fixed.is_empty() {
        true => vec![BTreeMap::new()],
        false => scopes.fixed.clone(),
    };
    let mut fed: BTreeSet<BTreeMap<String, String>> = BTreeSet::from([BTreeMap::new()]);
    if let Some(feed) = &scopes.feed {
        fed.clear();
        let mut after = String::new();
        loop {
            let rows = rooms.mirrors.walk(feed.set.clone(), after.clone(), BATCH).await?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.key);
            for row in rows.iter().filter(|row| row.gone.is_none()) {
                let Ok(record) = serde_json::from_slice::<Value>(&row.body) else {
                    continue;
                };
                let value = |pointer: &String| match record.pointer(pointer)? {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                };
                let values: Option<BTreeMap<_, _>> = feed
                    .values
                    .iter()
                    .map(|(n, pointer)| Some((n.clone(), value(pointer)?)))
                    .collect();
                fed.extend(values);
            }
        }
        if fed.is_empty() {
            return Ok(Err(format!("{} has no records yet", feed.set)));
        }
    }
    let mut parts = Parts::new();
    for one in &fixed {
        for more in &fed {
            // `{tahun}` is the year that runs in the city.
            let of_now =
                |(name, value): (&String, &String)| (name.clone(), value.replace("{tahun}", &year.to_string()));
            let mut scope: BTreeMap<String, String> = one.iter().map(of_now).collect();
            scope.extend(more.clone());
            let name: Vec<String> = scope.iter().map(|(n, v)| format!("{n}={v}")).collect();
            parts.insert(name.join("&"), scope);
        }
    }
    Ok(Ok(parts))
}

/// The lease goes on.
pub(super) fn hold(rooms: &Rooms) -> Then {
    Then::Hold(later(rooms.clock.now(), LEASE))
}
