//! One package from budget to payment: records of several copies joined by configured rules, each link with its
//! strength. A link is the same key on both sides (`kunci`), or follows from other values and only from one candidate
//! (`turunan`); where neither holds there is none, and that is said. Links are stored like the records of a copy
//! (`chain_links`), so that a link that appears or breaks is an event.

use super::search::{self, Freshness};
use super::{Bound, MirrorPlan, Search, chain_links};
use crate::catalogue::Catalogue;
use crate::identity::Consumer;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Records of one step that an answer holds at most.
const MOST: usize = 200;
/// Links of one record that are followed at most.
const LINKS: usize = 500;

/// How sure a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The same key on both sides.
    Exact,
    /// Follows from other values, and only one candidate fits.
    Derived,
}

impl Strength {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "kunci",
            Self::Derived => "turunan",
        }
    }
}

/// What of a record is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Side {
    /// JSON pointers; their values are joined. A list gives several values.
    pub pointers: Vec<String>,
    /// Between the joined values.
    pub join: String,
    /// Characters at which a text holds several values.
    pub split: String,
    /// Characters taken off the end of each value.
    pub trim: String,
}

/// One way to find a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Name.
    pub name: String,
    /// Strength.
    pub strength: Strength,
    /// On the side of the step before.
    pub left: Side,
    /// On the side of this step.
    pub right: Side,
    /// The last value on the left is looked for in the last text on the right, as whole words.
    pub within: bool,
    /// Only one record may fit on this side too, and the one before must not be linked by another rule.
    pub mutual: bool,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Name.
    pub name: String,
    /// Copy.
    pub set: String,
    /// How it is linked with the step before, strongest first; empty for the first step.
    pub rules: Vec<Rule>,
    /// Records of this step with the same values here are versions of one and count as one candidate.
    pub versions: Side,
}

/// A chain over copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainPlan {
    /// Name.
    pub id: String,
    /// Address.
    pub path: String,
    /// Steps in order.
    pub stages: Vec<Stage>,
}

impl ChainPlan {
    /// Name of the set that holds its links.
    pub fn set(&self) -> String {
        format!("rantai.{}", self.id)
    }

    /// The right to read it; records need the right to their copy as well.
    pub fn grant(&self) -> String {
        format!("rantai.{}", self.id)
    }

    /// CloudEvents type of links that appear or break.
    pub fn event(&self) -> String {
        format!("rantai.{}.berubah", self.id)
    }
}

/// Where an answer begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Step.
    pub stage: usize,
    /// Key of a record there.
    pub key: String,
}

/// Everything linked with one record, before it and after it; `None` when there is no such record, or the consumer may
/// not see the copy it is in.
///
/// # Errors
/// When the store cannot be read.
pub async fn walk(
    rooms: &Rooms,
    catalogue: &Catalogue,
    plan: &ChainPlan,
    consumer: &Consumer,
    start: &Start,
) -> Result<Option<Value>, JournalError> {
    let now = rooms.clock.now();
    let Some(first) = plan.stages.get(start.stage) else {
        return Ok(None);
    };
    let seen = match visible(catalogue, consumer, &first.set, now) {
        Some((mirror, members)) => search::one(rooms, mirror, &members, &start.key).await?.is_some(),
        None => false,
    };
    if !seen {
        return Ok(None);
    }
    let mut keys: Vec<BTreeSet<String>> = vec![BTreeSet::new(); plan.stages.len()];
    keys[start.stage].insert(start.key.clone());
    let mut links: Vec<Value> = Vec::new();
    let mut cut = false;
    for forward in [true, false] {
        let mut stage = start.stage;
        loop {
            let next = if forward { stage + 1 } else { stage.wrapping_sub(1) };
            if next >= plan.stages.len() {
                break;
            }
            for key in keys[stage].clone() {
                let place = chain_links::place(&plan.stages[stage].name, &key);
                let slot = if forward { chain_links::LEFT } else { chain_links::RIGHT };
                let other = if forward { "ke" } else { "dari" };
                for link in linked(rooms, plan, slot, &place).await? {
                    let found = link[other]["kunci"].as_str().unwrap_or_default().to_owned();
                    let wanted = link[other]["langkah"].as_str() == Some(plan.stages[next].name.as_str());
                    if !wanted || (keys[next].len() >= MOST && !keys[next].contains(&found)) {
                        cut |= wanted;
                        continue;
                    }
                    keys[next].insert(found);
                    links.push(link);
                }
            }
            stage = next;
        }
    }
    let mut steps = Vec::new();
    for (stage, keys) in plan.stages.iter().zip(&keys) {
        steps.push(step(rooms, catalogue, consumer, stage, keys, now).await?);
    }
    let shown = |set: &str| visible(catalogue, consumer, set, now).is_some();
    let missing = missing(plan, &keys, &links, &shown);
    // A link names keys of both its records.
    links.retain(|link| {
        ["dari", "ke"].iter().all(|side| {
            let stage = plan
                .stages
                .iter()
                .find(|stage| link[*side]["langkah"] == stage.name.as_str());
            stage.is_some_and(|stage| shown(&stage.set))
        })
    });
    Ok(Some(json!({
        "rantai": plan.id,
        "mulai": { "langkah": first.name, "kunci": start.key },
        "langkah": steps,
        "tautan": links,
        "tanpa_tautan": missing,
        "terpotong": cut,
    })))
}

/// What a chain shows, as one document of the form: made by the connector of a system whose records it shows. `None` when
/// none of them knows the form or has anything to publish.
pub fn published(catalogue: &Catalogue, form: &str, at: Timestamp, shown: &Value) -> Option<Value> {
    let steps = shown["langkah"].as_array().map(Vec::as_slice).unwrap_or_default();
    let systems: BTreeSet<&str> = steps.iter().filter_map(|step| step["sumber"].as_str()).collect();
    systems.into_iter().find_map(|id| {
        let of_system = steps.iter().filter(|step| step["sumber"] == id);
        let records: Vec<Value> = of_system
            .filter_map(|step| step["butir"].as_array())
            .flatten()
            .map(|row| row["data"].clone())
            .collect();
        let system = catalogue.systems.get(id)?;
        system.connector.publish(form, &at.to_string(), &records)
    })
}

/// The copy behind a step and the members that a consumer may see of it.
fn visible<'a>(
    catalogue: &'a Catalogue,
    consumer: &Consumer,
    set: &str,
    now: Timestamp,
) -> Option<(&'a MirrorPlan, Vec<String>)> {
    let mirror = catalogue.flows.mirrors.iter().find(|m| m.id == set)?;
    let grant = consumer.grants.get(&mirror.grant())?;
    let holds = grant.from.is_none_or(|from| now >= from) && grant.until.is_none_or(|until| now < until);
    holds.then(|| (mirror, search::granted(mirror, grant)))
}

async fn linked(rooms: &Rooms, plan: &ChainPlan, slot: usize, place: &str) -> Result<Vec<Value>, JournalError> {
    let search = Search {
        set: plan.set(),
        bounds: vec![Bound {
            slot,
            from: Some(place.to_owned()),
            below: Some(super::order::just_above(place)),
        }],
        order: Some(slot),
        descending: false,
        after: None,
        limit: LINKS,
    };
    let rows = rooms.mirrors.search(search).await?;
    Ok(rows
        .iter()
        .filter_map(|row| serde_json::from_slice(&row.body).ok())
        .collect())
}

async fn step(
    rooms: &Rooms,
    catalogue: &Catalogue,
    consumer: &Consumer,
    stage: &Stage,
    keys: &BTreeSet<String>,
    now: Timestamp,
) -> Result<Value, JournalError> {
    let Some((mirror, members)) = visible(catalogue, consumer, &stage.set, now) else {
        // How many there are is not said either: that a payment exists is knowledge too.
        return Ok(json!({ "nama": stage.name, "salinan": stage.set, "terlihat": false }));
    };
    let Freshness { updated, stale, .. } = search::freshness(rooms, mirror).await?;
    let mut records = Vec::new();
    for key in keys {
        if let Some((record, _)) = search::one(rooms, mirror, &members, key).await? {
            records.push(json!({ "kunci": key, "data": record }));
        }
    }
    Ok(json!({
        "nama": stage.name,
        "salinan": stage.set,
        "terlihat": true,
        "sumber": mirror.system,
        "diperbarui_pada": updated.map(|at| at.to_string()),
        "kedaluwarsa": stale,
        "butir": records,
    }))
}

/// Records without a link to the next step, and the first step's without one to what follows.
fn missing(plan: &ChainPlan, keys: &[BTreeSet<String>], links: &[Value], shown: &dyn Fn(&str) -> bool) -> Vec<Value> {
    let mut missing = Vec::new();
    for (at, pair) in plan.stages.windows(2).enumerate() {
        let [left, right] = pair else { continue };
        if !shown(&left.set) || !shown(&right.set) {
            continue;
        }
        for (stage, side, other, keys) in [
            (left, "dari", right, keys.get(at)),
            (right, "ke", left, keys.get(at + 1)),
        ] {
            for key in keys.into_iter().flatten() {
                let has = links.iter().any(|link| {
                    let (this, that) = (&link[side], &link[if side == "dari" { "ke" } else { "dari" }]);
                    this["langkah"] == stage.name.as_str()
                        && this["kunci"] == key.as_str()
                        && that["langkah"] == other.name.as_str()
                });
                if !has {
                    missing.push(
                        json!({ "langkah": stage.name, "kunci": key, "ke": other.name, "kekuatan": "tidak_ada" }),
                    );
                }
            }
        }
    }
    missing
}
