//! Finds the links of a chain and keeps them like the records of a copy: one run at once over all nodes, each change an
//! event. Run by the keeper whenever one of the copies has changed. A derived link needs a single candidate: two fitting
//! records are no link, since one of them would be a guess.

use super::chain::{ChainPlan, Rule, Side, Stage, Strength};
use super::keeper::LEASE;
use super::standing::{Run, Standing};
use super::{Held, Row, Step, Then};
use crate::events;
use crate::evidence::sha256;
use crate::exchange::NewEvent;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use crate::time::later;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// Slot of the earlier and of the later record.
pub(super) const LEFT: usize = 0;
/// See [`LEFT`].
pub(super) const RIGHT: usize = 1;
/// Time between two looks at the copies.
const LOOK: Duration = Duration::from_secs(30);
/// Records read or written at once.
const BATCH: usize = 500;
/// Most values of one record.
const VALUES: usize = 64;
const SCHEMA: &str = "urn:simpul:skema:rantai_perubahan:1";

/// How a record of a step stands in a slot.
pub(super) fn place(stage: &str, key: &str) -> String {
    format!("1{stage}:{key}")
}

/// One look: links anew when a copy has changed since the last time.
pub(super) async fn turn(rooms: &Rooms, plan: &ChainPlan, held: Held) -> Result<(), JournalError> {
    let mut standing = Standing::read(&held.state);
    let sets = rooms.mirrors.sets().await?;
    let revisions: Vec<String> = plan
        .stages
        .iter()
        .map(|stage| {
            let set = sets.iter().find(|set| set.set == stage.set);
            format!("{}:{}", stage.set, set.map_or(0, |set| set.revision))
        })
        .collect();
    let layout = format!(
        "{} {}",
        revisions.join(","),
        hex::encode(&sha256(format!("{plan:?}").as_bytes())[..8])
    );
    if standing.layout != layout {
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
        let index = index(rooms, left, &right.rules).await?;
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
                    matched(&right.rules, &index, &record).into_iter().map(|(key, rule)| {
                        link(rooms, standing.number, (&left.name, key), (&right.name, &row.key), rule)
                    }),
                );
            }
            store(rooms, plan, held, standing, seeded, links).await?;
        }
    }
    Ok(())
}

/// Keys of the left side by value, rule by rule.
type Index = Vec<HashMap<String, BTreeSet<String>>>;

async fn index(rooms: &Rooms, left: &Stage, rules: &[Rule]) -> Result<Index, JournalError> {
    let mut index: Index = vec![HashMap::new(); rules.len()];
    let mut after = String::new();
    loop {
        let rows = rooms.mirrors.walk(left.set.clone(), after.clone(), BATCH).await?;
        let Some(last) = rows.last() else { return Ok(index) };
        after.clone_from(&last.key);
        for row in rows.iter().filter(|row| row.gone.is_none()) {
            let Ok(record) = serde_json::from_slice::<Value>(&row.body) else {
                continue;
            };
            for (rule, known) in rules.iter().zip(&mut index) {
                for value in values(&rule.left, &record) {
                    known.entry(value).or_default().insert(row.key.clone());
                }
            }
        }
    }
}

/// The left records that one on the right is linked with: by the first rule that finds any.
fn matched<'a>(rules: &'a [Rule], index: &'a Index, record: &Value) -> Vec<(&'a String, &'a Rule)> {
    for (rule, known) in rules.iter().zip(index) {
        let found: BTreeSet<&String> = values(&rule.right, record)
            .iter()
            .filter_map(|value| known.get(value))
            .flatten()
            .collect();
        match (found.len(), rule.strength) {
            (0, _) => {}
            (1, Strength::Derived) | (_, Strength::Exact) => return found.into_iter().map(|key| (key, rule)).collect(),
            // Several candidates: a weaker rule would not know better.
            (_, Strength::Derived) => return Vec::new(),
        }
    }
    Vec::new()
}

/// Values of one side of a record. A missing or empty part gives none.
pub(super) fn values(side: &Side, record: &Value) -> Vec<String> {
    let mut joined = vec![String::new()];
    for (at, pointer) in side.pointers.iter().enumerate() {
        let found = record
            .pointer(pointer)
            .map(|value| parts(side, value))
            .unwrap_or_default();
        let mut next = Vec::new();
        for before in &joined {
            for part in &found {
                let between = if at > 0 { side.join.as_str() } else { "" };
                next.push(format!("{before}{between}{part}"));
            }
        }
        next.truncate(VALUES);
        joined = next;
    }
    joined.retain(|value| !value.is_empty());
    joined
}

fn parts(side: &Side, value: &Value) -> Vec<String> {
    let clean = |text: &str| {
        text.trim()
            .trim_end_matches(|c| side.trim.contains(c))
            .trim()
            .to_owned()
    };
    let found: Vec<String> = match value {
        Value::String(text) if side.split.is_empty() => vec![clean(text)],
        Value::String(text) => text.split(|c| side.split.contains(c)).map(clean).collect(),
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(|item| parts(side, item)).collect(),
        Value::Null | Value::Bool(_) | Value::Object(_) => Vec::new(),
    };
    // The dashes and zeros that stand for "none" link nothing.
    found
        .into_iter()
        .filter(|part| !matches!(part.as_str(), "" | "-" | "0"))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn side(pointers: &[&str]) -> Side {
        Side {
            pointers: pointers.iter().map(|p| (*p).to_owned()).collect(),
            join: ".".into(),
            split: ";,".into(),
            trim: ".".into(),
        }
    }

    #[test]
    fn several_values_in_one_text_are_several() {
        let record = json!({"rup": "61234567; 61234570", "mak": "2.16.02.2.01.0004.5.1.02.02.01.0030.", "kosong": "-"});
        assert_eq!(values(&side(&["/rup"]), &record), ["61234567", "61234570"]);
        assert_eq!(
            values(&side(&["/mak"]), &record),
            ["2.16.02.2.01.0004.5.1.02.02.01.0030"]
        );
        assert!(values(&side(&["/kosong"]), &record).is_empty());
        assert!(values(&side(&["/rup", "/tidak_ada"]), &record).is_empty());
        let budget = json!({"sub": "2.16.02.2.01.0004", "akun": "5.1.02.02.01.0030"});
        assert_eq!(
            values(&side(&["/sub", "/akun"]), &budget),
            values(&side(&["/mak"]), &record)
        );
    }

    #[test]
    fn a_derived_link_needs_a_single_candidate() {
        let rule = |strength| Rule {
            name: "uji".into(),
            strength,
            left: side(&["/a"]),
            right: side(&["/a"]),
        };
        let two = HashMap::from([("x".to_owned(), BTreeSet::from(["1".to_owned(), "2".to_owned()]))]);
        let record = json!({"a": "x"});
        for (strength, count) in [(Strength::Exact, 2), (Strength::Derived, 0)] {
            assert_eq!(matched(&[rule(strength)], &vec![two.clone()], &record).len(), count);
        }
        let one = HashMap::from([("x".to_owned(), BTreeSet::from(["1".to_owned()]))]);
        let rules = [rule(Strength::Exact), rule(Strength::Derived)];
        let found = [HashMap::new(), one];
        assert_eq!(
            matched(&rules, &found.to_vec(), &record)[0].1.strength,
            Strength::Derived
        );
    }
}
