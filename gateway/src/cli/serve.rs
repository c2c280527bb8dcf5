//! `simpul serve`: runs until it is told to stop. SIGTERM and ctrl-c stop in order, SIGHUP reloads.

use super::say::Voice;
use crate::config::{self, LogSettings, Machine};
use crate::telemetry::logs;
use crate::wiring::{self, Running};
use std::io;
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};

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
    let told = until_told(&mut running, |running| {
        let newer = config::from_disk(path, &Machine, Some(running.built()));
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

/// Waits for SIGTERM or ctrl-c; `reload` is called for every SIGHUP.
pub(super) fn until_told(running: &mut Running, mut reload: impl FnMut(&mut Running)) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                _ = terminate.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
                _ = hangup.recv() => reload(running),
            }
        }
    })
}
