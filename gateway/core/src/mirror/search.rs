//! Questions of consumers over a copy: read from parameters, planned onto the indices, answered with the members that
//! the grant shows. A field that is not granted can neither be seen nor filtered nor ordered by.

use super::order;
use super::standing::Standing;
use super::{Bound, MirrorPlan, Row, Search, intake};
use crate::authorize::Grant;
use crate::evidence::sha256;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use crate::time::between;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use schemas::Violation;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// Records of a page unless asked otherwise, and at most.
const PAGE: usize = 100;
/// See `PAGE`.
pub const LARGEST_PAGE: usize = 1000;
/// Parameters that are not fields.
const OWN: [&str; 5] = ["urut", "batas", "kursor", "bidang", "format"];

/// A question that was understood.
#[derive(Debug, Clone)]
pub struct Question {
    search: Search,
    /// Members that are shown, in the order of the schema.
    pub members: Vec<String>,
    /// Names the question, cursor apart: a cursor of another one is refused.
    digest: String,
}

/// How old a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// Beginning of the newest complete pull; `None` when there was none yet.
    pub updated: Option<Timestamp>,
    /// Time since then.
    pub age: Option<Duration>,
    /// Whether the copy is older than it should be, or was never complete.
    pub stale: bool,
    /// Rises with every change.
    pub revision: i64,
}

/// A page of a copy.
#[derive(Debug)]
pub struct Found {
    /// Records, as shown.
    pub records: Vec<Value>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Understands the parameters of a call, or says everything that is wrong with them.
///
/// # Errors
/// What is wrong, by parameter.
pub fn understand(
    rooms: &Rooms,
    plan: &MirrorPlan,
    grant: &Grant,
    parameters: &Map<String, Value>,
) -> Result<Question, Vec<Violation>> {
    let mut wrong = Vec::new();
    let granted = granted(plan, grant);
    let texts: BTreeMap<&str, &str> = parameters
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    let mut conditions: BTreeMap<&str, Condition> = BTreeMap::new();
    for (name, text) in texts.iter().filter(|(name, _)| !OWN.contains(name)) {
        if let Err(violation) = condition(plan, &granted, name, text, &mut conditions) {
            wrong.push(violation);
        }
    }
    for (name, condition) in &conditions {
        if condition.equals.is_some() && (condition.from.is_some() || condition.below.is_some()) {
            wrong.push(violation(name, "contradiction", CONTRADICTION));
        }
    }
    let ordered = texts.get("urut").and_then(|text| {
        let (name, descending) = text.strip_prefix('-').map_or((*text, false), |name| (name, true));
        match plan
            .field(name)
            .filter(|f| granted.iter().any(|g| g == intake::member(&f.pointer)))
        {
            Some(field) => Some((field.name.as_str(), descending)),
            None => {
                wrong.push(violation("urut", "unknown_field", UNKNOWN));
                None
            }
        }
    });
    let limit = match texts.get("batas").map(|text| text.parse::<usize>()) {
        None => PAGE,
        Some(Ok(limit)) if (1..=LARGEST_PAGE).contains(&limit) => limit,
        Some(_) => {
            wrong.push(violation("batas", "range", RANGE));
            PAGE
        }
    };
    let members = match texts.get("bidang") {
        None => granted,
        Some(text) => {
            let wanted: Vec<&str> = text.split(',').map(str::trim).collect();
            if wanted.iter().any(|name| !granted.iter().any(|g| g == name)) {
                wrong.push(violation("bidang", "unknown_field", UNKNOWN));
            }
            granted.into_iter().filter(|g| wanted.contains(&g.as_str())).collect()
        }
    };
    let search = match planned(plan, &conditions, ordered, limit) {
        Ok(search) => search,
        Err(unplanned) => {
            wrong.push(unplanned);
            return Err(wrong);
        }
    };
    let mut question = Question {
        digest: digest_of(&search, &members),
        search,
        members,
    };
    if let Some(cursor) = texts.get("kursor") {
        match opened(rooms, &question, cursor) {
            Some(after) => question.search.after = Some(after),
            None => wrong.push(violation("kursor", "cursor", CURSOR)),
        }
    }
    if wrong.is_empty() { Ok(question) } else { Err(wrong) }
}

/// Members that a grant shows: those it names, else all without personal data.
pub fn granted(plan: &MirrorPlan, grant: &Grant) -> Vec<String> {
    match &grant.fields {
        Some(named) => plan.members().into_iter().filter(|m| named.covers(m)).collect(),
        None => plan.open_members(),
    }
}

/// What is asked of one field.
#[derive(Default)]
struct Condition {
    equals: Option<String>,
    from: Option<String>,
    below: Option<String>,
}

fn condition<'a>(
    plan: &'a MirrorPlan,
    granted: &[String],
    name: &str,
    text: &str,
    conditions: &mut BTreeMap<&'a str, Condition>,
) -> Result<(), Violation> {
    let (base, what) = name.split_once('.').unwrap_or((name, ""));
    let field = plan.field(base);
    let Some(field) = field.filter(|f| granted.iter().any(|g| g == intake::member(&f.pointer))) else {
        return Err(violation(name, "unknown_field", UNKNOWN));
    };
    let value = order::of_text(field.kind, text).ok_or_else(|| violation(name, "number", NUMBER))?;
    let condition = conditions.entry(field.name.as_str()).or_default();
    match what {
        "" => condition.equals = Some(value),
        "dari" => condition.from = Some(value),
        "sampai" => condition.below = Some(order::just_above(&value)),
        "awal" => {
            condition.below = Some(format!("{value}\u{10ffff}"));
            condition.from = Some(value);
        }
        _ => return Err(violation(name, "unknown_field", OPERATOR)),
    }
    Ok(())
}

/// Puts the conditions on indices: first one whose leading fields are asked for exactly and whose next field orders or
/// bounds; every condition that is left needs an index of its own.
fn planned(
    plan: &MirrorPlan,
    conditions: &BTreeMap<&str, Condition>,
    ordered: Option<(&str, bool)>,
    limit: usize,
) -> Result<Search, Violation> {
    let exact = |name: &String| conditions.get(name.as_str()).and_then(|c| c.equals.clone());
    let mut search = Search {
        set: plan.id.clone(),
        bounds: Vec::new(),
        order: None,
        descending: ordered.is_some_and(|(_, descending)| descending),
        after: None,
        limit,
    };
    // Length of the exact beginning of an index, and whether the field after it is the one that orders.
    let fit = |names: &Vec<String>| {
        let lead = names.iter().take_while(|name| exact(name).is_some()).count();
        let orders = match ordered {
            Some((by, _)) => names.get(lead).is_some_and(|n| n == by),
            None => names.len() == lead,
        };
        (lead, orders)
    };
    let best = plan
        .slots
        .iter()
        .enumerate()
        .map(|(slot, names)| (fit(names), slot))
        .filter(|((lead, orders), _)| *orders && (*lead > 0 || ordered.is_some()))
        .max_by_key(|((lead, _), slot)| (*lead, usize::MAX - slot));
    let mut covered: Vec<&str> = Vec::new();
    if let Some(((lead, _), slot)) = best
        && let Some(names) = plan.slots.get(slot)
    {
        let parts: Vec<String> = names.iter().take(lead).filter_map(exact).collect();
        covered.extend(names.iter().take(lead).map(String::as_str));
        let next = names
            .get(lead)
            .and_then(|name| Some((name, conditions.get(name.as_str())?)));
        let join = |last: Option<&String>| {
            let parts: Vec<&str> = parts.iter().chain(last).map(String::as_str).collect();
            parts.join(&order::BETWEEN.to_string())
        };
        let mut bound = Bound {
            slot,
            from: (!parts.is_empty()).then(|| join(None)),
            below: (!parts.is_empty()).then(|| order::above(&join(None))),
        };
        if let Some((name, condition)) = next.filter(|_| names.len() == lead + 1) {
            if let Some(from) = &condition.from {
                bound.from = Some(join(Some(from)));
            }
            if let Some(below) = &condition.below {
                bound.below = Some(join(Some(below)));
            }
            covered.push(name);
        } else if names.len() == lead {
            bound.below = Some(order::just_above(&join(None)));
        }
        if bound.from.is_some() || bound.below.is_some() {
            search.bounds.push(bound);
        }
        search.order = Some(slot);
    } else if ordered.is_some() {
        return Err(violation("urut", "no_index", NO_INDEX));
    }
    for (name, condition) in conditions.iter().filter(|(name, _)| !covered.contains(name)) {
        let Some(slot) = plan
            .slots
            .iter()
            .position(|names| names.len() == 1 && names.first().is_some_and(|n| n == name))
        else {
            return Err(violation(name, "no_index", NO_INDEX));
        };
        let (from, below) = match &condition.equals {
            Some(value) => (Some(value.clone()), Some(order::just_above(value))),
            None => (condition.from.clone(), condition.below.clone()),
        };
        search.bounds.push(Bound { slot, from, below });
    }
    Ok(search)
}

/// One page.
///
/// # Errors
/// When the store cannot be read.
pub async fn page(rooms: &Rooms, question: &Question) -> Result<Found, JournalError> {
    let mut search = question.search.clone();
    search.limit += 1;
    let mut rows = rooms.mirrors.search(search).await?;
    let more = rows.len() > question.search.limit;
    rows.truncate(question.search.limit);
    let next = rows
        .last()
        .filter(|_| more)
        .and_then(|last| sealed(rooms, question, last));
    Ok(Found {
        records: rows.iter().map(|row| shown(row, &question.members)).collect(),
        next,
    })
}

/// The next part of an export; `after` goes on with it.
///
/// # Errors
/// When the store cannot be read.
pub async fn part(
    rooms: &Rooms,
    question: &Question,
    after: &mut Option<(String, String)>,
) -> Result<Vec<Value>, JournalError> {
    let search = Search {
        after: after.take().or_else(|| question.search.after.clone()),
        limit: LARGEST_PAGE,
        ..question.search.clone()
    };
    let rows = rooms.mirrors.search(search).await?;
    *after = rows.last().map(|row| place(question, row));
    Ok(rows.iter().map(|row| shown(row, &question.members)).collect())
}

/// One record by its key.
///
/// # Errors
/// When the store cannot be read.
pub async fn one(
    rooms: &Rooms,
    plan: &MirrorPlan,
    members: &[String],
    key: &str,
) -> Result<Option<(Value, Row)>, JournalError> {
    let rows = rooms.mirrors.find(plan.id.clone(), vec![key.to_owned()]).await?;
    let row = rows.into_iter().find(|row| row.gone.is_none());
    Ok(row.map(|row| (shown(&row, members), row)))
}

/// How old the copy is now.
///
/// # Errors
/// When the store cannot be read.
pub async fn freshness(rooms: &Rooms, plan: &MirrorPlan) -> Result<Freshness, JournalError> {
    let sets = rooms.mirrors.sets().await?;
    let set = sets.into_iter().find(|set| set.set == plan.id);
    let updated = set.as_ref().and_then(|set| Standing::read(&set.state).complete);
    let age = updated.map(|at| between(at, rooms.clock.now()));
    Ok(Freshness {
        updated,
        age,
        stale: age.is_none_or(|age| age > plan.fresh),
        revision: set.map_or(0, |set| set.revision),
    })
}

/// Names an answer: the same question over an unchanged copy.
pub fn tag(question: &Question, freshness: &Freshness) -> String {
    let place = question
        .search
        .after
        .as_ref()
        .map(|(value, key)| format!("{value}\u{1f}{key}"));
    let words = format!("{}\u{1f}{}\u{1f}{place:?}", question.digest, freshness.revision);
    hex::encode(&sha256(words.as_bytes())[..12])
}

fn shown(row: &Row, members: &[String]) -> Value {
    let value = serde_json::from_slice(&row.body).unwrap_or(Value::Null);
    intake::shown(value, members)
}

fn place(question: &Question, row: &Row) -> (String, String) {
    let value = question
        .search
        .order
        .and_then(|slot| row.slots.get(slot).cloned().flatten());
    (value.unwrap_or_default(), row.key.clone())
}

fn digest_of(search: &Search, members: &[String]) -> String {
    let words = format!(
        "{} {:?} {:?} {} {members:?}",
        search.set, search.bounds, search.order, search.descending
    );
    hex::encode(&sha256(words.as_bytes())[..12])
}

/// A cursor holds values of the last record, which a caller may not be allowed to see: it is sealed.
fn sealed(rooms: &Rooms, question: &Question, last: &Row) -> Option<String> {
    let plain = serde_json::to_vec(&place(question, last)).ok()?;
    let sealed = rooms.sealer.seal(&plain, &question.digest).ok()?;
    Some(URL_SAFE_NO_PAD.encode(sealed))
}

fn opened(rooms: &Rooms, question: &Question, cursor: &str) -> Option<(String, String)> {
    let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let plain = rooms.sealer.open(&sealed, &question.digest).ok()?;
    serde_json::from_slice(&plain).ok()
}

type Words = (&'static str, &'static str);
const UNKNOWN: Words = (
    "Bidang ini tidak ada pada salinan, atau tidak termasuk hak Anda.",
    "The copy has no such field, or your grant does not show it.",
);
const RANGE: Words = ("Tulis angka 1 sampai 1000.", "Write a number from 1 to 1000.");
const NUMBER: Words = (
    "Tulis angka tanpa pemisah ribuan; titik untuk desimal.",
    "Write a number without thousands separators; a point for decimals.",
);
const OPERATOR: Words = (
    "Sesudah titik hanya: dari, sampai, awal.",
    "After the point only: dari, sampai, awal.",
);
const CONTRADICTION: Words = (
    "Satu bidang disaring dengan nilai tepat atau dengan batas, tidak keduanya.",
    "A field is filtered by an exact value or by bounds, not by both.",
);
const CURSOR: Words = (
    "Kursor ini bukan untuk pertanyaan ini; mulai lagi tanpa kursor.",
    "This cursor belongs to another question; begin again without it.",
);
const NO_INDEX: Words = (
    "Susunan saringan dan urutan ini tidak dilayani; lihat halaman salinan untuk indeks yang ada.",
    "This combination of filters and order is not served; see the page of the copy for its indices.",
);

fn violation(parameter: &str, code: &'static str, words: Words) -> Violation {
    // What a caller wrote is repeated only where it is a plain name.
    let plain = parameter.len() <= 64
        && parameter
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b));
    Violation {
        pointer: format!("/{}", if plain { parameter } else { "" }),
        code,
        id: words.0.into(),
        en: words.1.into(),
    }
}
