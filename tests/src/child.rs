//! A whole gateway as a process of its own, so that it can be killed and its log lines read.

use crate::neighbours::Neighbours;
use crate::run::Targets;
use crate::setup::Setup;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child as Process, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

/// How long a gateway may take to say that it is up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every line of one or several processes, in order.
pub type Lines = Arc<Mutex<Vec<String>>>;

/// A gateway process. Dropping it kills it.
pub struct Child {
    process: Process,
    /// Its public address.
    pub gateway: String,
    /// Its operator address.
    pub operator: String,
}

impl Child {
    /// Starts `binary serve` on a set-up and waits until it is up. Its lines are appended to `lines`.
    ///
    /// # Errors
    /// What it said when it did not come up.
    pub fn start(binary: &Path, setup: &Setup, lines: &Lines, extra: &[(String, String)]) -> Result<Self, String> {
        Self::start_under(&[], binary, setup, lines, extra)
    }

    /// As [`Child::start`], run by another program: its name and arguments come first.
    ///
    /// # Errors
    /// What it said when it did not come up.
    pub fn start_under(
        wrapper: &[String],
        binary: &Path,
        setup: &Setup,
        lines: &Lines,
        extra: &[(String, String)],
    ) -> Result<Self, String> {
        let mut command = match wrapper {
            [] => Command::new(binary),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary);
                command
            }
        };
        let mut process = command
            .arg("serve")
            .arg("--config")
            .arg(setup.path())
            .envs(setup.secrets().iter().cloned())
            .envs(extra.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let said = process.stdout.take().ok_or("no standard output")?;
        let kept = Arc::clone(lines);
        let listener = move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        };
        std::thread::Builder::new()
            .name("stdout".to_owned())
            .spawn(listener)
            .map_err(|error| error.to_string())?;
        let errors = process.stderr.take().ok_or("no standard error")?;
        let (said, up) = mpsc::channel();
        let kept = Arc::clone(lines);
        let reader = move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                if let Some(ports) = ports(&line) {
                    // Nobody listens any more once the first such line was read.
                    let _ = said.send(ports);
                }
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        };
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(reader)
            .map_err(|error| error.to_string())?;
        let Ok((gateway, operator)) = up.recv_timeout(PATIENCE) else {
            let _ = process.kill();
            let _ = process.wait();
            let said = lines.lock().unwrap_or_else(PoisonError::into_inner);
            let last: Vec<_> = said.iter().rev().take(20).rev().cloned().collect();
            return Err(format!("the gateway did not come up:\n{}", last.join("\n")));
        };
        Ok(Self {
            process,
            gateway,
            operator,
        })
    }

    /// Ends it as a power cut would end a process: no handler runs, no buffer is written.
    pub fn kill(&mut self) {
        // An error means that it has ended by itself; then there is nothing left to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Sends it a signal by name, such as `TERM`, `STOP` or `CONT`.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub fn signal(&self, name: &str) -> Result<(), String> {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        match sent {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("kill -s {name}: {status}")),
            Err(error) => Err(format!("kill: {error}")),
        }
    }

    /// Its process number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until it has ended by itself, at most `within`. Whether it has.
    pub fn ended(&mut self, within: Duration) -> bool {
        let until = std::time::Instant::now() + within;
        loop {
            match self.process.try_wait() {
                Ok(None) if std::time::Instant::now() < until => pause(),
                Ok(None) => return false,
                _ => return true,
            }
        }
    }

    /// Where stories are played.
    #[must_use]
    pub fn targets(&self, setup: &Setup, neighbours: &Neighbours) -> Targets {
        Targets {
            gateway: self.gateway.clone(),
            operator: self.operator.clone(),
            sims: neighbours.addresses(),
            keys: setup.keys().clone(),
            run: format!("{:08x}", fastrand::u32(..)),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Between two looks at a process.
#[expect(
    clippy::disallowed_methods,
    reason = "waits for another process, outside of any runtime"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(5));
}

/// The two addresses in the line that says so.
fn ports(line: &str) -> Option<(String, String)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let address = |name: &str| Some(format!("http://{}", line.get(name)?.as_str()?));
    (line.get("message")? == "gateway is up").then_some(())?;
    Some((address("public")?, address("operator")?))
}
