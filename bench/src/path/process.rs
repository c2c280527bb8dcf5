//! A peer as a process on a processor of its own, and what it costs: processor time of it and its children, memory.

use crate::Failure;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Clock ticks a second in `/proc/PID/stat` (fixed by the kernel's interface on Linux).
const TICKS: f64 = 100.0;

/// A running process; stopped when dropped.
pub(crate) struct Process {
    child: Child,
    /// First line it printed, for those that are asked to print one.
    pub(crate) said: String,
}

impl Process {
    /// Starts `command`, pinned to a processor.
    pub(crate) async fn start(cpu: &str, command: &[String], log: &Path, speaks: bool) -> Result<Self, Failure> {
        let mut pinned = Command::new("taskset");
        pinned
            .arg("-c")
            .arg(cpu)
            .args(command)
            .stdin(Stdio::piped())
            .kill_on_drop(true);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        pinned.stderr(log.try_clone()?);
        pinned.stdout(if speaks { Stdio::piped() } else { log.into() });
        let mut child = pinned.spawn()?;
        let mut said = String::new();
        if let Some(out) = child.stdout.take() {
            let mut lines = BufReader::new(out).lines();
            said = lines
                .next_line()
                .await?
                .ok_or_else(|| format!("{command:?} did not start"))?;
        }
        Ok(Self { child, said })
    }

    /// Its process id; `taskset` and `valgrind` become the program that they start.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The first word of what it printed: of a gateway, where it listens.
    pub(crate) fn first_word(&self) -> Result<&str, Failure> {
        Ok(self.said.split_whitespace().next().ok_or("it printed no address")?)
    }

    /// Processor seconds so far, children included.
    pub(crate) fn cpu(&self) -> f64 {
        self.tree().iter().filter_map(|pid| ticks(*pid)).sum::<f64>() / TICKS
    }

    /// Resident memory in MiB, children included.
    pub(crate) fn rss(&self) -> f64 {
        self.memory("VmRSS:")
    }

    /// The most resident memory so far in MiB, children included.
    pub(crate) fn peak(&self) -> f64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, what: &str) -> f64 {
        let kib = |pid: &u32| -> Option<f64> {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix(what))?.trim();
            line.split(' ').next()?.parse().ok()
        };
        self.tree().iter().filter_map(kib).sum::<f64>() / 1024.0
    }

    /// Asks it to end (closes its input, then the signal that it knows) and waits.
    pub(crate) async fn stop(mut self) {
        drop(self.child.stdin.take());
        if let Some(pid) = self.child.id() {
            let _ = Command::new("kill").arg(pid.to_string()).status().await;
        }
        let _ = tokio::time::timeout(std::time::Duration::from_secs(20), self.child.wait()).await;
    }

    fn tree(&self) -> Vec<u32> {
        let mut found = Vec::new();
        let mut ahead: Vec<u32> = self.child.id().into_iter().collect();
        while let Some(pid) = ahead.pop() {
            found.push(pid);
            let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
            ahead.extend(children.split_whitespace().filter_map(|p| p.parse::<u32>().ok()));
        }
        found
    }
}

fn ticks(pid: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
}
