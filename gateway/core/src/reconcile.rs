//! Comparing what is kept of a system's records with what the system says, on a schedule and on request. Each question is
//! an exchange like another, with evidence and at the system's pace; a difference is written down, counted and shown, and
//! stays until a later run finds agreement. One timer (`rekonsiliasi`) per system holds where its run stands, so that it
//! goes on after a restart and on another node; one (`selisih`) per record holds its differences.
//!
//! Must not: repair anything, or take silence of the system for agreement.

use crate::catalogue::Catalogue;
use crate::deadlines::{self, Standing};
use crate::deliver::{self, Task};
use crate::evidence::sha256;
use crate::journal::{JournalError, LeasedTimer, Timer};
use crate::pipeline::Rooms;
use crate::record::{self, Party};
use crate::relay::OURSELVES;
use crate::route::route;
use crate::time::later;
use bytes::Bytes;
use connector_sdk::{ClockRecord, Difference, FaultKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Timer kind of runs.
pub const RUN: &str = "rekonsiliasi";
/// Timer kind of differences.
pub const DIFFERENCE: &str = "selisih";
/// Longest one step of a run may take before another node goes on.
pub(crate) const LONGEST_STEP: Duration = Duration::from_secs(300);
/// Records of one step.
const STEP: usize = 20;
/// Pause before a system that does not answer is asked again.
const AGAIN: Duration = Duration::from_secs(60);
/// How long a difference is kept that no run has looked at again.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3600);

/// A system that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// System.
    pub system: String,
    /// Time from the beginning of one run to the next.
    pub every: Duration,
    /// Purpose recorded with its questions.
    pub purpose: String,
}

/// A run, under way or ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// When it began.
    pub mulai: Timestamp,
    /// When it ended.
    pub selesai: Option<Timestamp>,
    /// Records compared.
    pub dibandingkan: u64,
    /// Records about which the system did not answer.
    pub tidak_terjawab: u64,
    /// Records that differ.
    pub selisih: u64,
}

/// Where the runs of a system stand; the timer's body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The run under way: its account, and the position behind the last record.
    pub berjalan: Option<(Account, String)>,
    /// The last run that ended.
    pub terakhir: Option<Account>,
}

/// A record that differs; the timer's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differing {
    /// What differs: field, ours, theirs.
    pub bidang: Vec<(String, Option<String>, Option<String>)>,
    /// When it was first found.
    pub sejak: Timestamp,
    /// When it was last found.
    pub terakhir: Timestamp,
}

/// Plans the runs that are not planned yet; the first begins after one interval.
pub(crate) async fn plant(rooms: &Rooms) -> Result<(), JournalError> {
    let catalogue = rooms.catalogue.load_full();
    for plan in &catalogue.flows.reconciliations {
        if rooms.journal.timer(RUN.into(), plan.system.clone()).await?.is_none() {
            let due = later(rooms.clock.now(), plan.every);
            rooms
                .journal
                .put_timer(timer(&plan.system, &Turn::default(), due), None)
                .await?;
        }
    }
    Ok(())
}

fn timer(system: &str, turn: &Turn, due: Timestamp) -> Timer {
    Timer {
        kind: RUN.into(),
        id: system.to_owned(),
        due,
        body: Bytes::from(serde_json::to_vec(turn).unwrap_or_default()),
    }
}

fn read(timer: &Timer) -> Turn {
    serde_json::from_slice(&timer.body).unwrap_or_default()
}

/// Where the runs of a system stand, and when the next step is due.
///
/// # Errors
/// When the journal cannot be read.
pub async fn standing(rooms: &Rooms, system: &str) -> Result<Option<(Turn, Timestamp)>, JournalError> {
    let held = rooms.journal.timer(RUN.into(), system.to_owned()).await?;
    Ok(held.map(|held| (read(&held), held.due)))
}

/// Begins a run now, unless one is under way. `false`: this system is not compared.
///
/// # Errors
/// When the journal cannot store.
pub async fn hurry(rooms: &Rooms, system: &str) -> Result<bool, JournalError> {
    let catalogue = rooms.catalogue.load_full();
    if !catalogue.flows.reconciliations.iter().any(|plan| plan.system == system) {
        return Ok(false);
    }
    let turn = standing(rooms, system).await?.map(|(turn, _)| turn).unwrap_or_default();
    if turn.berjalan.is_none() {
        rooms
            .journal
            .put_timer(timer(system, &turn, rooms.clock.now()), None)
            .await?;
    }
    Ok(true)
}

/// Differences of a system after a record, in the order of their ids.
///
/// # Errors
/// When the journal cannot be read.
pub async fn differences(
    rooms: &Rooms,
    system: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<(String, Differing)>, JournalError> {
    let prefix = format!("{system}/");
    let rows = rooms
        .journal
        .timers(DIFFERENCE.into(), format!("{prefix}{after}"), limit)
        .await?;
    let row = |row: &Timer| {
        let record = row.id.strip_prefix(&prefix)?;
        Some((record.to_owned(), serde_json::from_slice(&row.body).ok()?))
    };
    Ok(rows.iter().filter_map(row).collect())
}

/// One step of a run: some records, or its end.
pub(crate) async fn fire(rooms: &Arc<Rooms>, leased: LeasedTimer) -> Result<(), JournalError> {
    let LeasedTimer { timer: held, fence } = leased;
    let catalogue = rooms.catalogue.load_full();
    let Some(plan) = catalogue
        .flows
        .reconciliations
        .iter()
        .find(|plan| plan.system == held.id)
    else {
        tracing::warn!(system = %held.id, "system is no longer compared");
        return rooms.journal.drop_timer(RUN.into(), held.id, Some(fence)).await;
    };
    let now = rooms.clock.now();
    let mut turn = read(&held);
    let begun = || {
        let account = Account {
            mulai: now,
            ..Account::default()
        };
        (account, format!("{}/", plan.system))
    };
    let (mut account, after) = turn.berjalan.take().unwrap_or_else(begun);
    let step = step(rooms, &catalogue, plan, &mut account, after).await?;
    let due = match step {
        Step::On(after) => {
            turn.berjalan = Some((account, after));
            rooms.clock.now()
        }
        Step::Silent(after) => {
            turn.berjalan = Some((account, after));
            later(rooms.clock.now(), AGAIN)
        }
        Step::End => {
            account.selesai = Some(rooms.clock.now());
            tracing::info!(
                system = %plan.system, compared = account.dibandingkan, differing = account.selisih,
                unanswered = account.tidak_terjawab, "reconciled"
            );
            rooms.observer.noted("reconciled", &plan.system);
            let due = later(account.mulai, plan.every).max(rooms.clock.now());
            turn.terakhir = Some(account);
            due
        }
    };
    rooms
        .journal
        .put_timer(timer(&plan.system, &turn, due), Some(fence))
        .await
}

enum Step {
    /// Goes on behind this position.
    On(String),
    /// The system does not answer; goes on there later.
    Silent(String),
    End,
}

async fn step(
    rooms: &Arc<Rooms>,
    catalogue: &Catalogue,
    plan: &Plan,
    account: &mut Account,
    mut after: String,
) -> Result<Step, JournalError> {
    let prefix = format!("{}/", plan.system);
    let page = deadlines::page(rooms, &after, STEP).await?;
    let full = page.len() == STEP;
    for (position, standing) in page {
        if !position.starts_with(&prefix) {
            return Ok(Step::End);
        }
        if let Some(standing) = standing {
            match compared(rooms, catalogue, plan, &standing).await? {
                Compared::Agree => account.dibandingkan += 1,
                Compared::Differ => {
                    account.dibandingkan += 1;
                    account.selisih += 1;
                }
                Compared::Moved => {}
                Compared::Unanswered => account.tidak_terjawab += 1,
                Compared::Silent => return Ok(Step::Silent(after)),
            }
        }
        after = position;
    }
    Ok(if full { Step::On(after) } else { Step::End })
}

enum Compared {
    Agree,
    Differ,
    /// It moved while it was asked about; the next run sees it again.
    Moved,
    /// The system answered, but nothing that can be compared.
    Unanswered,
    /// The system is away.
    Silent,
}

async fn compared(
    rooms: &Arc<Rooms>,
    catalogue: &Catalogue,
    plan: &Plan,
    kept: &Standing,
) -> Result<Compared, JournalError> {
    let system = catalogue.systems.get(&plan.system);
    let Some(clock) = system.and_then(|system| system.connector.clock()) else {
        return Ok(Compared::Unanswered);
    };
    let record = ClockRecord {
        id: &kept.record,
        state: kept.last.as_ref().map(|step| step.state.as_str()),
        number: kept.number.as_deref(),
    };
    let mut found: Vec<Difference> = Vec::new();
    for (operation, input) in clock.questions(&record) {
        let reply = match asked(rooms, catalogue, plan, &operation, input).await {
            Ok(reply) => Some(reply),
            Err(Some(FaultKind::NotFound)) => None,
            Err(Some(FaultKind::Unavailable | FaultKind::Timeout | FaultKind::OutOfHours | FaultKind::Throttled)) => {
                return Ok(Compared::Silent);
            }
            Err(_) => return Ok(Compared::Unanswered),
        };
        found.extend(clock.differences(&operation, reply.as_ref(), &record));
    }
    let id = format!("{}/{}", plan.system, kept.record);
    // What moved meanwhile is compared with yesterday's state: no difference.
    let again = deadlines::one(rooms, &id).await?;
    if again.is_none_or(|again| again.last != kept.last || again.number != kept.number) {
        return Ok(Compared::Moved);
    }
    let before = rooms.journal.timer(DIFFERENCE.into(), id.clone()).await?;
    if found.is_empty() {
        if before.is_some() {
            rooms.journal.drop_timer(DIFFERENCE.into(), id, None).await?;
        }
        return Ok(Compared::Agree);
    }
    let now = rooms.clock.now();
    let before = before.and_then(|timer| serde_json::from_slice::<Differing>(&timer.body).ok());
    if before.is_none() {
        tracing::warn!(system = %plan.system, record = %kept.record, "record differs from what its system says");
        rooms.observer.noted("reconcile_difference", &plan.system);
    }
    let differing = Differing {
        bidang: found
            .into_iter()
            .map(|one| (one.field.into_owned(), one.ours, one.theirs))
            .collect(),
        sejak: before.map_or(now, |before| before.sejak),
        terakhir: now,
    };
    let timer = Timer {
        kind: DIFFERENCE.into(),
        id,
        due: later(now, KEPT),
        body: Bytes::from(json!(differing).to_string()),
    };
    rooms.journal.put_timer(timer, None).await?;
    Ok(Compared::Differ)
}

/// One question, through rooms 12 to 14 like any other reading.
async fn asked(
    rooms: &Arc<Rooms>,
    catalogue: &Catalogue,
    plan: &Plan,
    operation: &str,
    input: Value,
) -> Result<Value, Option<FaultKind>> {
    let Some(published) = catalogue.operations.get(operation) else {
        tracing::error!(operation, "operation of a comparison is not configured");
        return Err(None);
    };
    let exchange = rooms.ids.exchange();
    let task = Task {
        routed: route(catalogue, published, OURSELVES, exchange).map_err(|_| None)?,
        fingerprint: sha256(&schemas::canon::to_bytes(&input)),
        input: Arc::new(input),
        exchange,
        consumer: OURSELVES.to_owned(),
        cause: None,
        reference: exchange.to_string(),
        number: 1,
        held: None,
        data_key: None,
        checkpoints: Map::new(),
        trace: None,
        secret: None,
    };
    let party = Party {
        consumer: OURSELVES.to_owned(),
        purpose: plan.purpose.clone(),
    };
    let tried = deliver::attempt(rooms, &task).await;
    let shown = tried
        .result
        .as_ref()
        .ok()
        .map(|reply| Bytes::from(schemas::canon::to_bytes(reply)));
    record::read(rooms, &task, &party, &tried.attempt, shown.as_ref()).await;
    tried.result.map_err(|fault| Some(fault.kind))
}
