//! Finds the links of a chain and keeps them like the records of a copy: one run at once over all nodes, each change an
//! event. Run by the keeper whenever one of the copies has changed. Which records belong together says `chain_match`.

use super::chain::{ChainPlan, Rule, Stage};
use super::chain_match::Index;
use super::keeper::LEASE;
use super::standing::{Run, Standing};
use super::{Held, Row, SetRow, Step, Then};
use crate::events;
use crate::evidence::sha256;
use crate::exchange::NewEvent;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use crate::time::later;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Slot of the earlier and of the later record.
pub(super) const LEFT: usize = 0;
/// See [`LEFT`].
pub(super) const RIGHT: usize = 1;
/// Time between two looks at the copies.
const LOOK: Duration = Duration::from_secs(30);
/// Records read or written at once.
const BATCH: usize = 500;
const SCHEMA: &str = "urn:simpul:skema:rantai_perubahan:1";

/// How a record of a step stands in a slot.
pub(super) fn place(stage: &str, key: &str) -> String {
    format!("1{stage}:{key}")
}

/// One look: links anew when a copy has changed since the last time. Not before every copy was complete once: what is
/// single in half a copy may not be single in the whole.
pub(super) async fn turn(rooms: &Rooms, plan: &ChainPlan, held: Held) -> Result<(), JournalError> {
    let mut standing = Standing::read(&held.state);
    let sets = rooms.mirrors.sets().await?;
    let layout = layout(plan, &sets);
    let whole = plan.stages.iter().all(|stage| {
        let set = sets.iter().find(|set| set.set == stage.set);
        set.is_some_and(|set| Standing::read(&set.state).complete.is_some())
    });
    if whole && standing.layout != layout {
        standing.number += 1;
        let seeded = standing.complete.is_some();
        let now = rooms.clock.now();
        standing.run = Some(Run::begin(standing.number, now));
        link_all(rooms, plan, &held, &standing, seeded).await?;
        forget(rooms, plan, &held, &standing).await?;
        standing.run = None;
        standing.complete = Some(now);
        standing.layout = layout;
    }
    let due = later(rooms.clock.now(), LOOK);
    rooms
        .mirrors
        .step(step(plan, &held, &standing, Then::Release(due)))
        .await
}

/// What the links follow from: the copies as they are, and the rules.
fn layout(plan: &ChainPlan, sets: &[SetRow]) -> String {
    let revisions: Vec<String> = plan
        .stages
        .iter()
        .map(|stage| {
            let set = sets.iter().find(|set| set.set == stage.set);
            format!("{}:{}", stage.set, set.map_or(0, |set| set.revision))
        })
        .collect();
    format!(
        "{} {}",
        revisions.join(","),
        hex::encode(&sha256(format!("{plan:?}").as_bytes())[..8])
    )
}

/// How the links of a chain stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// Links there are.
    pub count: u64,
    /// When they were found last.
    pub found: Option<Timestamp>,
    /// Whether they follow from the copies as they are now.
    pub current: bool,
}

/// How the links of a chain stand, for the operator.
///
/// # Errors
/// When the store cannot be read.
pub async fn links(rooms: &Rooms, plan: &ChainPlan) -> Result<Links, JournalError> {
    let sets = rooms.mirrors.sets().await?;
    let own = sets.iter().find(|set| set.set == plan.set());
    let standing = own.map(|set| Standing::read(&set.state)).unwrap_or_default();
    Ok(Links {
        count: rooms.mirrors.tally(plan.set(), None, 0).await?.live,
        found: standing.complete,
        current: standing.layout == layout(plan, &sets),
    })
}

fn step(plan: &ChainPlan, held: &Held, standing: &Standing, then: Then) -> Step {
    Step {
        set: plan.set(),
        fence: held.fence,
        rows: Vec::new(),
        changed: false,
        events: Vec::new(),
        state: standing.bytes(),
        then,
        ended: None,
    }
}

async fn link_all(
    rooms: &Rooms,
    plan: &ChainPlan,
    held: &Held,
    standing: &Standing,
    seeded: bool,
) -> Result<(), JournalError> {
    for pair in plan.stages.windows(2) {
        let [left, right] = pair else { continue };
        let index = index(rooms, left, right).await?;
        let mut after = String::new();
        loop {
            let rows = rooms.mirrors.walk(right.set.clone(), after.clone(), BATCH).await?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.key);
            let mut links = Vec::new();
            for row in rows.iter().filter(|row| row.gone.is_none()) {
                let Ok(record) = serde_json::from_slice::<Value>(&row.body) else {
                    continue;
                };
                links.extend(
                    index.matched(&right.rules, &record).into_iter().map(|(key, rule)| {
                        link(rooms, standing.number, (&left.name, key), (&right.name, &row.key), rule)
                    }),
                );
            }
            store(rooms, plan, held, standing, seeded, links).await?;
        }
    }
    Ok(())
}

/// The left side by value; when a rule wants a single record on the right too, the right side is counted as well.
async fn index(rooms: &Rooms, left: &Stage, right: &Stage) -> Result<Index, JournalError> {
    let mut index = Index::new(&right.rules);
    each(rooms, &left.set, |key, record| {
        index.left(left, &right.rules, key, record);
    })
    .await?;
    if right.rules.iter().any(|rule| rule.mutual) {
        each(rooms, &right.set, |_, record| index.right(&right.rules, record)).await?;
    }
    Ok(index)
}

async fn each(rooms: &Rooms, set: &str, mut take: impl FnMut(&str, &Value)) -> Result<(), JournalError> {
    let mut after = String::new();
    loop {
        let rows = rooms.mirrors.walk(set.to_owned(), after.clone(), BATCH).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.key);
        for row in rows.iter().filter(|row| row.gone.is_none()) {
            if let Ok(record) = serde_json::from_slice::<Value>(&row.body) {
                take(&row.key, &record);
            }
        }
    }
}

fn link(rooms: &Rooms, run: i64, left: (&str, &String), right: (&str, &String), rule: &Rule) -> Row {
    let body = json!({
        "dari": { "langkah": left.0, "kunci": left.1 },
        "ke": { "langkah": right.0, "kunci": right.1 },
        "kekuatan": rule.strength.word(),
        "aturan": rule.name,
    });
    let bytes = schemas::canon::to_bytes(&body);
    let (from, to) = (place(left.0, left.1), place(right.0, right.1));
    let now = rooms.clock.now();
    Row {
        key: hex::encode(&sha256(format!("{from}\u{1f}{to}").as_bytes())[..16]),
        scope: String::new(),
        digest: sha256(&bytes),
        body: bytes.into(),
        masked: Vec::new(),
        version: None,
        run,
        fetched: now,
        changed: now,
        missed: 0,
        missed_run: 0,
        gone: None,
        slots: vec![Some(from), Some(to)],
    }
}

async fn store(
    rooms: &Rooms,
    plan: &ChainPlan,
    held: &Held,
    standing: &Standing,
    seeded: bool,
    links: Vec<Row>,
) -> Result<(), JournalError> {
    let keys: Vec<String> = links.iter().map(|row| row.key.clone()).collect();
    let known: BTreeMap<String, Row> = rooms
        .mirrors
        .find(plan.set(), keys)
        .await?
        .into_iter()
        .map(|row| (row.key.clone(), row))
        .collect();
    let mut step = step(plan, held, standing, Then::Hold(later(rooms.clock.now(), LEASE)));
    for mut row in links {
        let before = known.get(&row.key);
        if let Some(before) = before.filter(|b| b.gone.is_none() && b.digest == row.digest) {
            row.changed = before.changed;
        } else {
            step.changed = true;
            let what = match before.is_some_and(|b| b.gone.is_none()) {
                true => "ubah",
                false => "muncul",
            };
            step.events.extend(
                Some(())
                    .filter(|()| seeded)
                    .and_then(|()| told(rooms, plan, &row, what)),
            );
        }
        step.rows.push(row);
    }
    rooms.mirrors.step(step).await
}

/// Links that were not found again are gone at once: they follow from the copies, which forget slowly enough.
async fn forget(rooms: &Rooms, plan: &ChainPlan, held: &Held, standing: &Standing) -> Result<(), JournalError> {
    loop {
        let found = rooms
            .mirrors
            .unseen(plan.set(), String::new(), standing.number, BATCH)
            .await?;
        if found.is_empty() {
            return Ok(());
        }
        let now = rooms.clock.now();
        let mut step = step(plan, held, standing, Then::Hold(later(now, LEASE)));
        step.changed = true;
        for mut row in found {
            row.gone = Some(now);
            row.missed_run = standing.number;
            step.events.extend(told(rooms, plan, &row, "putus"));
            step.rows.push(row);
        }
        rooms.mirrors.step(step).await?;
    }
}

fn told(rooms: &Rooms, plan: &ChainPlan, row: &Row, what: &str) -> Option<NewEvent> {
    let mut data: Value = serde_json::from_slice(&row.body).ok()?;
    let at = rooms.clock.now();
    data["rantai"] = json!(plan.id);
    data["perubahan"] = json!(what);
    data["pada"] = json!(at.to_string());
    let subject = format!("{}:{}", plan.set(), row.key);
    events::sealed(rooms, "gateway", &plan.event(), &subject, SCHEMA, &data, (at, None))
}
