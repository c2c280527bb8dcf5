//! Bodies are kept as long as their class says and erased then, in small steps beside the work. Evidence stays. Run by
//! the wiring on every node; erasing twice does nothing, so that nodes need not agree.

use crate::files::{Files, UPLOAD};
use crate::journal::{Journal, JournalError};
use crate::observe::Observer;
use crate::time::Clock;
use arc_swap::ArcSwap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Files per step; one may have many pieces.
const FILES: usize = 10;
/// A file that came in this long ago and still does not exist never will.
const BROKEN_OFF: Duration = Duration::from_secs(24 * 3600);
/// Exchanges per step.
const STEP: usize = 100;
/// Pause between steps.
const BREATH: Duration = Duration::from_millis(200);
/// Pause between rounds.
const ROUND: Duration = Duration::from_secs(3600);
/// Pause before the first round, so that a start is not slowed down.
const FIRST: Duration = Duration::from_secs(60);

/// Operations whose bodies are kept equally long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Name, for metrics.
    pub name: String,
    /// Operations.
    pub operations: Vec<String>,
    /// Types of the events that tell of them; their data is kept as long.
    pub events: Vec<String>,
    /// How long after the last change of a closed exchange.
    pub keep: Duration,
}

/// Erases what is due, round after round, until `stop`.
pub async fn run(
    journal: Arc<dyn Journal>,
    files: Arc<dyn Files>,
    clock: Arc<dyn Clock>,
    classes: Arc<ArcSwap<Vec<Class>>>,
    observer: Arc<dyn Observer>,
    stop: CancellationToken,
) {
    let mut pause = FIRST;
    loop {
        tokio::select! { () = stop.cancelled() => return, () = clock.sleep(pause) => {} }
        pause = ROUND;
        if let Err(error) = sweep(&*files, &*clock, &stop).await {
            tracing::error!(%error, "pieces of broken uploads not removed");
        }
        for class in classes.load_full().iter() {
            match round(&*journal, &*files, &*clock, class, &stop).await {
                Ok(0) => {}
                Ok(erased) => {
                    observer.erased(&class.name, erased);
                    tracing::info!(class = %class.name, erased, "bodies erased");
                }
                Err(error) => tracing::error!(class = %class.name, %error, "bodies not erased"),
            }
        }
    }
}

/// Removes what uploads left behind that broke off with the process.
///
/// # Errors
/// When the store refuses.
pub async fn sweep(files: &dyn Files, clock: &dyn Clock, stop: &CancellationToken) -> Result<(), JournalError> {
    let age = jiff::SignedDuration::try_from(BROKEN_OFF).unwrap_or(jiff::SignedDuration::MAX);
    let Ok(before) = clock.now().checked_sub(age) else {
        return Ok(());
    };
    while !stop.is_cancelled() && files.sweep(before, STEP).await? == STEP as u64 {
        clock.sleep(BREATH).await;
    }
    Ok(())
}

/// Erases everything of one class that is due now, and puts into the evidence that it did. Returns how many exchanges. A class that names the right to upload
/// ([`UPLOAD`]) also removes the files that came so long ago.
///
/// # Errors
/// When the journal refuses; what was erased before stays erased.
pub async fn round(
    journal: &dyn Journal,
    files: &dyn Files,
    clock: &dyn Clock,
    class: &Class,
    stop: &CancellationToken,
) -> Result<u64, JournalError> {
    let keep = jiff::SignedDuration::try_from(class.keep).unwrap_or(jiff::SignedDuration::MAX);
    let Ok(before) = clock.now().checked_sub(keep) else {
        return Ok(0);
    };
    let mut erased = 0;
    while !stop.is_cancelled() {
        let step = journal
            .erase(class.operations.clone(), class.events.clone(), before, STEP)
            .await?;
        erased += step;
        if step < STEP as u64 {
            break;
        }
        clock.sleep(BREATH).await;
    }
    if class.operations.iter().any(|operation| operation == UPLOAD) {
        while !stop.is_cancelled() {
            let step = files.erase(before, FILES).await?;
            erased += step;
            if step < FILES as u64 {
                break;
            }
            clock.sleep(BREATH).await;
        }
    }
    if erased > 0 {
        let record = serde_json::json!({
            "action": "hapus_isi", "class": class.name, "count": erased, "before": before.to_string(),
            "at": clock.now().to_string(),
        });
        journal.witness(vec![record.to_string().into()]).await?;
    }
    Ok(erased)
}
