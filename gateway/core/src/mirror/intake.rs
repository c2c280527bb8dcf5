//! One batch of records on its way into a copy: held against the schema, joined with what is known (masked values never
//! replace clear ones), compared, and told to subscribers where it changed.

use super::{MirrorPlan, Row, Run, plan};
use crate::events;
use crate::evidence::sha256;
use crate::exchange::NewEvent;
use crate::pipeline::Rooms;
use connector_sdk::{Record, Str};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Schema of what subscribers are told.
pub(crate) const CHANGE: &str = "urn:simpul:skema:salinan_perubahan:1";

/// A record with its name, ready to be joined.
pub(super) struct Named {
    pub(super) key: String,
    record: Record,
}

/// What a batch becomes.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) rows: Vec<Row>,
    pub(super) events: Vec<NewEvent>,
    pub(super) changed: bool,
}

/// The name of a record, unless it breaks the schema or lacks its key.
pub(super) fn named(plan: &MirrorPlan, key: &[Str], record: Record) -> Option<Named> {
    let part = |pointer: &Str| match record.value.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let parts: Option<Vec<String>> = key.iter().map(part).collect();
    let key = parts.filter(|parts| !parts.is_empty())?;
    if let Err(violations) = plan.schema.check(&record.value) {
        let places: Vec<_> = violations
            .iter()
            .take(3)
            .map(|v| format!("{} {}", v.pointer, v.code))
            .collect();
        tracing::warn!(mirror = %plan.id, places = places.join(", "), "record of a mirror breaks its schema");
        return None;
    }
    // A bar inside a part must not make two records one; a key of one part is what the record says.
    let escaped = |part: &String| part.replace('\\', "\\\\").replace('|', "\\|");
    let key = match key.as_slice() {
        [whole] => whole.clone(),
        parts => parts.iter().map(escaped).collect::<Vec<_>>().join("|"),
    };
    Some(Named { key, record })
}

/// Joins a batch with what is stored.
pub(super) fn take(
    rooms: &Rooms,
    plan: &MirrorPlan,
    run: &mut Run,
    scope: &str,
    seeded: bool,
    batch: Vec<Named>,
    known: Vec<Row>,
) -> Taken {
    let now = rooms.clock.now();
    let mut known: HashMap<String, Row> = known.into_iter().map(|row| (row.key.clone(), row)).collect();
    let mut taken = Taken::default();
    // Places of rows of this batch, so that a key that comes twice in it is one row.
    let mut places: HashMap<String, usize> = HashMap::new();
    for Named { key, record } in batch {
        run.account.rows += 1;
        let before = known.remove(&key);
        if let Some(place) = places.get(&key) {
            let digest = digest_of(&record.value);
            run.account.conflicts += u64::from(taken.rows.get(*place).is_some_and(|row| row.digest != digest));
            continue;
        }
        let row = joined(plan, run, scope, now, &key, record, before.as_ref());
        let again = before.as_ref().is_some_and(|b| b.run == run.number && b.scope == scope);
        if again && before.as_ref().is_some_and(|b| b.digest != row.digest) {
            run.account.conflicts += 1;
            continue;
        }
        run.scope_rows += u64::from(!again);
        let what = match &before {
            None => Some("baru"),
            Some(before) if before.gone.is_some() => Some("muncul"),
            Some(before) if before.digest != row.digest => Some("ubah"),
            Some(_) => None,
        };
        if let Some(what) = what {
            taken.changed = true;
            match what {
                "ubah" => run.account.changed += 1,
                _ => run.account.new += 1,
            }
            if plan.events && seeded {
                let fields = differing(before.as_ref(), &row);
                taken.events.extend(change(rooms, plan, &key, what, &fields, now));
            }
        }
        places.insert(key, taken.rows.len());
        taken.rows.push(row);
    }
    taken
}

fn joined(
    plan: &MirrorPlan,
    run: &mut Run,
    scope: &str,
    now: Timestamp,
    key: &str,
    record: Record,
    before: Option<&Row>,
) -> Row {
    let Record {
        mut value,
        masked,
        version,
    } = record;
    let mut masked: Vec<String> = masked.into_iter().map(|pointer| pointer.to_string()).collect();
    if let Some(before) = before.filter(|_| !masked.is_empty())
        && let Ok(old) = serde_json::from_slice::<Value>(&before.body)
    {
        masked.retain(|pointer| {
            let clear = old
                .pointer(pointer)
                .filter(|v| !v.is_null() && !before.masked.contains(pointer));
            let (Some(clear), Some(place)) = (clear, value.pointer_mut(pointer)) else {
                return true;
            };
            *place = clear.clone();
            run.account.unmasked += 1;
            false
        });
    }
    let slots = plan.slots_of(&value);
    let digest = digest_of(&value);
    let same = before.filter(|b| b.digest == digest && b.gone.is_none());
    Row {
        key: key.to_owned(),
        scope: scope.to_owned(),
        body: schemas::canon::to_bytes(&value).into(),
        masked,
        version,
        digest,
        run: run.number,
        fetched: now,
        changed: same.map_or(now, |b| b.changed),
        missed: 0,
        missed_run: 0,
        gone: None,
        slots,
    }
}

fn digest_of(value: &Value) -> [u8; 32] {
    sha256(&schemas::canon::to_bytes(value))
}

/// Top-level members in which two versions differ.
fn differing(before: Option<&Row>, row: &Row) -> Vec<String> {
    let read = |body: &[u8]| match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (Some(before), new) = (before, read(&row.body)) else {
        return Vec::new();
    };
    let old = read(&before.body);
    let mut names: Vec<String> = new
        .keys()
        .chain(old.keys())
        .filter(|n| old.get(*n) != new.get(*n))
        .cloned()
        .collect();
    names.sort();
    names.dedup();
    names
}

/// An event that says which record changed and in which members, never the values: who may see them asks the copy.
pub(super) fn change(
    rooms: &Rooms,
    plan: &MirrorPlan,
    key: &str,
    what: &str,
    fields: &[String],
    at: Timestamp,
) -> Option<NewEvent> {
    let data = json!({
        "salinan": plan.id, "kunci": key, "perubahan": what, "bidang": fields, "pada": at.to_string(),
    });
    let subject = format!("{}:{key}", plan.id);
    events::sealed(rooms, &plan.system, &plan.event(), &subject, CHANGE, &data, (at, None))
}

/// Lays a stored record out anew.
pub(super) fn laid_out(plan: &MirrorPlan, mut row: Row) -> Row {
    if let Ok(value) = serde_json::from_slice::<Value>(&row.body) {
        row.slots = plan.slots_of(&value);
    }
    row
}

/// Whether a record keeps a value that its reader may not see.
pub(super) fn shown(mut value: Value, members: &[String]) -> Value {
    if let Some(all) = value.as_object_mut() {
        all.retain(|name, _| members.iter().any(|m| m == name));
    }
    value
}

/// Member that a pointer leads into.
pub(super) fn member(pointer: &str) -> &str {
    plan::top(pointer)
}
