//! Replaying many at once, as a job that can be stopped: first the count and a sample, then the work in small steps
//! driven by a journal timer, so that it survives restarts and runs on one node at a time. Exchanges that need two
//! people are left out and counted.

use super::{PersonError, Proposal, Ruling, Wish, decide, needs_two};
use crate::exchange::{State, Stored};
use crate::flows::Flows;
use crate::ids::ExchangeId;
use crate::journal::{Filter, LeasedTimer, Timer};
use crate::pipeline::Rooms;
use crate::time::later;
use crate::trouble::{Cause, Side, of_stored};
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Timer kind.
pub const JOBS: &str = "kirim_ulang";
/// Exchanges per step.
const STEP: usize = 100;
/// Pause between steps, so that a replay never floods a system that has just recovered.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a finished job can still be read.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Which exchanges. At least a system or an operation must be named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// System.
    #[serde(default)]
    pub sistem: Option<String>,
    /// Operation.
    #[serde(default)]
    pub operasi: Option<String>,
    /// State: `gagal`, `ditolak` or `hasil_tidak_pasti`.
    pub keadaan: String,
    /// Words of causes, comma-separated: only what failed because of one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sebab: Option<String>,
    /// Word of the side: only what is that side's fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pihak: Option<String>,
    /// Accepted at or after.
    #[serde(default)]
    pub sejak: Option<Timestamp>,
    /// Accepted before.
    #[serde(default)]
    pub sampai: Option<Timestamp>,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Which.
    pub pilihan: Selection,
    /// Who.
    pub oleh: String,
    /// Why.
    pub alasan: String,
    /// How many there were at the start.
    pub jumlah: u64,
    /// Replayed so far.
    pub diulang: u64,
    /// Left out: need two people, or moved on meanwhile.
    pub dilewati: u64,
    /// Position reached, newest first.
    pub posisi: Option<i64>,
    /// `berjalan`, `selesai` or `dihentikan`.
    pub keadaan: String,
    /// Begun.
    pub mulai: Timestamp,
}

/// What a selection holds right now.
#[derive(Debug, Serialize)]
pub struct Preview {
    /// How many, counted up to a bound.
    pub jumlah: u64,
    /// Whether there are more than counted.
    pub lebih: bool,
    /// A few of them.
    pub contoh: Vec<ExchangeId>,
}

/// Exchanges that a preview names.
const SAMPLE: usize = 5;
/// Largest number a preview counts and a job takes on.
const MOST: u64 = 100_000;

impl Selection {
    fn filter(&self, before_seq: Option<i64>) -> Result<Filter, PersonError> {
        let state = match self.keadaan.as_str() {
            "gagal" => State::Dead,
            "ditolak" => State::Failed,
            "hasil_tidak_pasti" => State::Parked,
            other => return Err(PersonError::Operation(format!("keadaan {other}"))),
        };
        if self.sistem.is_none() && self.operasi.is_none() {
            return Err(PersonError::Operation("(sistem or operasi must be named)".into()));
        }
        Ok(Filter {
            states: vec![state],
            system: self.sistem.clone(),
            operation: self.operasi.clone(),
            since: self.sejak,
            until: self.sampai,
            before_seq,
            limit: STEP,
            ..Filter::default()
        })
    }

    /// Whether all words of causes and sides are known.
    pub fn is_known(&self) -> bool {
        let cause = |word: &str| Cause::from_word(word).is_some();
        self.sebab.as_ref().is_none_or(|words| words.split(',').all(cause))
            && self.pihak.as_ref().is_none_or(|word| Side::from_word(word).is_some())
    }

    /// Whether an exchange failed for one of the causes, by the fault of the side.
    fn holds(&self, flows: &Flows, stored: &Stored) -> bool {
        if self.sebab.is_none() && self.pihak.is_none() {
            return true;
        }
        let Some((cause, side)) = of_stored(flows, stored) else {
            return false;
        };
        self.sebab
            .as_ref()
            .is_none_or(|words| words.split(',').any(|word| word == cause.word()))
            && self.pihak.as_ref().is_none_or(|word| word == side.word())
    }
}

/// Counts and samples, without changing anything.
///
/// # Errors
/// When the selection is too wide or the journal cannot be read.
pub async fn preview(rooms: &Rooms, selection: &Selection) -> Result<Preview, PersonError> {
    let catalogue = rooms.catalogue.load_full();
    let (mut count, mut seen, mut sample, mut before) = (0, 0, Vec::new(), None);
    loop {
        let page = rooms.journal.list(selection.filter(before)?).await?;
        seen += page.len() as u64;
        for one in page.iter().filter(|one| selection.holds(&catalogue.flows, one)) {
            count += 1;
            if sample.len() < SAMPLE {
                sample.push(one.id);
            }
        }
        before = page.last().map(|e| e.seq);
        if page.len() < STEP || seen >= MOST {
            return Ok(Preview {
                jumlah: count,
                lebih: seen >= MOST,
                contoh: sample,
            });
        }
    }
}

/// Begins a job.
///
/// # Errors
/// See [`PersonError`].
pub async fn begin(rooms: &Rooms, pilihan: Selection, oleh: String, alasan: String) -> Result<String, PersonError> {
    if !(5..=500).contains(&alasan.chars().count()) {
        return Err(PersonError::Reason);
    }
    let jumlah = preview(rooms, &pilihan).await?.jumlah;
    let id = rooms.ids.exchange().to_string();
    let mulai = rooms.clock.now();
    let keadaan = "berjalan".to_owned();
    let job = Job {
        pilihan,
        oleh,
        alasan,
        jumlah,
        diulang: 0,
        dilewati: 0,
        posisi: None,
        keadaan,
        mulai,
    };
    store(rooms, &id, &job, None).await?;
    rooms.journal.put_timer(timer(&id, mulai), None).await?;
    Ok(id)
}

/// How a job stands.
///
/// # Errors
/// When the journal cannot be read.
pub async fn job(rooms: &Rooms, id: &str) -> Result<Option<Job>, PersonError> {
    Ok(found(rooms, id).await?.map(|(job, _)| job))
}

/// Stops a job after the step it is in.
///
/// # Errors
/// When there is no such job.
pub async fn stop(rooms: &Rooms, id: &str) -> Result<(), PersonError> {
    loop {
        let (mut job, revision) = found(rooms, id).await?.ok_or(PersonError::Missing)?;
        if job.keadaan != "berjalan" {
            return Ok(());
        }
        job.keadaan = "dihentikan".into();
        if store(rooms, id, &job, Some(revision)).await? {
            return Ok(());
        }
        // A step was written meanwhile: stop what it left.
    }
}

/// Works on jobs until `stop`. One of these runs on every node; a job is on one node at a time.
pub async fn run(rooms: Arc<Rooms>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let now = rooms.clock.now();
        let leased = rooms
            .journal
            .lease_timers(JOBS.into(), rooms.lease_request(now), now, 1)
            .await;
        match leased {
            Ok(timers) if timers.is_empty() => {
                tokio::select! { () = stop.cancelled() => break, () = rooms.clock.sleep(PAUSE) => {} }
            }
            Ok(timers) => {
                for held in timers {
                    if let Err(error) = step(&rooms, &held).await {
                        tracing::error!(job = %held.timer.id, %error, "replay job cannot go on");
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "replay jobs cannot be read");
                tokio::select! { () = stop.cancelled() => break, () = rooms.clock.sleep(PAUSE * 4) => {} }
            }
        }
    }
}

async fn step(rooms: &Rooms, held: &LeasedTimer) -> Result<(), PersonError> {
    let id = held.timer.id.clone();
    let now = rooms.clock.now();
    let Some((mut job, revision)) = found(rooms, &id).await? else {
        return Ok(rooms.journal.drop_timer(JOBS.into(), id, Some(held.fence)).await?);
    };
    if job.keadaan != "berjalan" {
        if later(job.mulai, KEPT) < now {
            rooms.journal.put_document(JOBS.into(), id.clone(), None, None).await?;
        }
        return Ok(rooms.journal.drop_timer(JOBS.into(), id, Some(held.fence)).await?);
    }
    let page = rooms.journal.list(job.pilihan.filter(job.posisi)?).await?;
    let catalogue = rooms.catalogue.load_full();
    for exchange in page.iter().filter(|one| job.pilihan.holds(&catalogue.flows, one)) {
        let proposal = Proposal {
            wish: Wish::KirimUlang { paksa: false },
            by: job.oleh.clone(),
            reason: job.alasan.clone(),
            at: now,
        };
        // Asking would leave a proposal behind for each.
        if needs_two(rooms, exchange, &proposal.wish).unwrap_or(true) {
            job.dilewati += 1;
            continue;
        }
        match decide(rooms, exchange.id, proposal).await {
            Ok(Ruling::Carried) => job.diulang += 1,
            Ok(Ruling::AwaitsSecond)
            | Err(PersonError::State(_) | PersonError::Missing | PersonError::Erased | PersonError::Operation(_)) => {
                job.dilewati += 1;
            }
            Err(error) => return Err(error),
        }
    }
    job.posisi = page.last().map(|e| e.seq).or(job.posisi);
    if page.len() < STEP {
        job.keadaan = "selesai".into();
    }
    if !store(rooms, &id, &job, Some(revision)).await? {
        // A stop came meanwhile. It wins, with what this step did counted.
        job.keadaan = "dihentikan".into();
        store(rooms, &id, &job, None).await?;
    }
    let due = if job.keadaan == "berjalan" {
        later(now, PAUSE)
    } else {
        later(now, KEPT)
    };
    Ok(rooms.journal.put_timer(timer(&id, due), Some(held.fence)).await?)
}

async fn found(rooms: &Rooms, id: &str) -> Result<Option<(Job, i64)>, PersonError> {
    let document = rooms.journal.document(JOBS.into(), id.to_owned()).await?;
    Ok(document.and_then(|d| Some((serde_json::from_slice(&d.body?).ok()?, d.revision))))
}

/// Writes a job over the one with this revision; `false` when somebody else wrote in between.
async fn store(rooms: &Rooms, id: &str, job: &Job, expected: Option<i64>) -> Result<bool, PersonError> {
    let body = serde_json::to_vec(job).map_err(|e| PersonError::Reply(e.to_string()))?;
    let put = rooms
        .journal
        .put_document(JOBS.into(), id.to_owned(), Some(Bytes::from(body)), expected);
    Ok(put.await?.is_some())
}

fn timer(id: &str, due: Timestamp) -> Timer {
    Timer {
        kind: JOBS.into(),
        id: id.to_owned(),
        due,
        body: Bytes::new(),
    }
}
