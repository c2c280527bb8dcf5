//! `simpul serve`: runs until it is told to stop. SIGTERM and ctrl-c stop in order, SIGHUP reloads.

use super::say::Voice;
use crate::config::{self, LogSettings, Machine};
use crate::registry::{self, Registered};
use crate::telemetry::logs;
use crate::wiring::{self, Running};
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// Pause between looks at what is registered: every node follows within a second.
const LOOK: Duration = Duration::from_millis(300);

/// Starts the gateway of a set-up.
pub(super) fn serve(voice: &Voice, path: &Path) -> bool {
    let built = match config::from_disk(path, &Machine, None) {
        Ok(built) => built,
        Err(complaints) => return voice.complaints(&complaints),
    };
    if let Err(error) = log(&built.node.log) {
        return voice.failed("log tidak dapat dimulai", "logs cannot be started", &error);
    }
    let mut running = match wiring::start(built) {
        Ok(running) => running,
        Err(error) => return voice.failed("gateway tidak dapat dimulai", "the gateway cannot be started", &error),
    };
    let told = until_told(&mut running, |running, registered| {
        let base = config::load(path).map(|files| config::parse(&files));
        let newer = base.and_then(|base| registry::assemble(&base, registered, &Machine, Some(running.built())));
        running.reload(newer);
    });
    running.stop();
    match told {
        Ok(()) => true,
        Err(error) => voice.failed("sinyal tidak dapat didengar", "signals cannot be heard", &error),
    }
}

/// Starts logging as configured.
pub(super) fn log(settings: &LogSettings) -> Result<(), logs::LogsError> {
    logs::init(settings.form, &settings.level)
}

/// Waits for SIGTERM or ctrl-c; `reload` is called for every SIGHUP, and when what is registered in the journal changed,
/// with everything that is registered.
pub(super) fn until_told(running: &mut Running, mut reload: impl FnMut(&mut Running, &Registered)) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut known, mut registered) = (0, Registered::default());
        loop {
            tokio::select! {
                _ = terminate.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
                _ = hangup.recv() => reload(running, &registered),
                _ = look.tick() => match running.registered(&mut known).await {
                    Ok(Some(newer)) => {
                        registered = newer;
                        reload(running, &registered);
                    }
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "what is registered cannot be read"),
                },
            }
        }
    })
}
