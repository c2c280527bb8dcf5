//! The trial gateway as a process: how it is run, started, ended without a last word, and watched.

use super::super::say::Voice;
use super::super::serve;
use crate::config::{self, Machine};
use crate::wiring::{self, Seams};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child as Process, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs the gateway of the set-up in this process and says where it listens.
pub(super) fn run(voice: &Voice, path: &Path, fail: Option<&str>) -> bool {
    let built = match config::from_disk(path, &Machine, None) {
        Ok(built) => built,
        Err(complaints) => return voice.complaints(&complaints),
    };
    if let Err(error) = serve::log(&built.node.log) {
        return voice.failed("log tidak dapat dimulai", "logs cannot be started", &error);
    }
    let mut running = match wiring::start_with(built, &seams(fail)) {
        Ok(running) => running,
        Err(error) => return voice.failed("gateway tidak dapat dimulai", "the gateway cannot be started", &error),
    };
    let (public, operator) = (running.public(), running.operator());
    let answer = json!({"public": format!("http://{public}"), "operator": format!("http://{operator}")});
    voice.answer(&answer, || answer.to_string());
    let told = serve::until_told(&mut running, |_, _| {});
    running.stop();
    told.is_ok()
}

/// The process ends at the numbered occurrence of the step, as a power cut would end it.
fn seams(fail: Option<&str>) -> Seams {
    let mut seams = Seams::default();
    let point = fail.and_then(|text| text.split_once(':'));
    if let Some((name, number)) = point.and_then(|(name, number)| Some((name.to_owned(), number.parse::<u32>().ok()?)))
    {
        let seen = AtomicU32::new(0);
        seams.fail = Some(Arc::new(move |at| {
            if at == name && seen.fetch_add(1, Ordering::Relaxed) + 1 == number {
                std::process::abort();
            }
        }));
    }
    seams
}

/// A child that runs. Dropping it kills it.
pub(super) struct Child {
    process: Process,
    /// Public address.
    pub(super) public: String,
    /// Operator's address.
    pub(super) operator: String,
}

impl Child {
    /// Starts this program again and waits until it says where it listens.
    pub(super) fn start(set: &Path, secrets: &[(&str, String)], fail: Option<&str>) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.args(["selftest", "anak", "--json", "--config"]).arg(set);
        if let Some(fail) = fail {
            command.args(["--gagal", fail]);
        }
        let mut process = command
            .envs(secrets.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut line = String::new();
        let read = process
            .stdout
            .take()
            .map(|out| BufReader::new(out).read_line(&mut line));
        let said: Option<Value> = read.and_then(Result::ok).and_then(|_| serde_json::from_str(&line).ok());
        let text = |name: &str| {
            said.as_ref()
                .and_then(|said| Some(said.get(name)?.as_str()?.to_owned()))
        };
        match (text("public"), text("operator")) {
            (Some(public), Some(operator)) => Ok(Self {
                process,
                public,
                operator,
            }),
            _ => {
                let _ = process.kill();
                let _ = process.wait();
                Err(line)
            }
        }
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(Some(_)) | Err(_))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}
