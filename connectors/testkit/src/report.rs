//! What came out: one verdict per trial, printed by name. Nothing here runs a trial.

use std::fmt;
use std::io::Write;

/// How one trial ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Passed.
    Ok,
    /// Failed; every finding.
    Failed(Vec<String>),
    /// Not run, with the reason the connector gave.
    Skipped(String),
}

/// All verdicts of one connector, in the order of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Kind of connector.
    pub connector: String,
    /// Name of each trial and its verdict.
    pub trials: Vec<(String, Verdict)>,
}

impl Report {
    /// Whether any trial failed.
    pub fn failed(&self) -> bool {
        self.trials.iter().any(|(_, v)| matches!(v, Verdict::Failed(_)))
    }

    /// The verdict of a trial.
    pub fn verdict(&self, name: &str) -> Option<&Verdict> {
        self.trials.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// Demands that no trial failed.
    ///
    /// # Panics
    /// With the whole list when one did.
    #[track_caller]
    #[expect(clippy::panic, reason = "the panic is the test's verdict")]
    pub fn demand(&self) {
        if self.failed() {
            panic!("conformance failed:\n{self}");
        }
    }

    /// Writes the list to the standard output itself, past the test harness's capture: the list is the point.
    pub(crate) fn print(&self) {
        let mut out = std::io::stdout().lock();
        // A closed standard output must not turn a green connector red.
        let _ = writeln!(out, "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut ok, mut failed, mut skipped) = (0, 0, 0);
        writeln!(f, "\nconformance of `{}`", self.connector)?;
        for (name, verdict) in &self.trials {
            match verdict {
                Verdict::Ok => {
                    ok += 1;
                    writeln!(f, "  ok       {name}")?;
                }
                Verdict::Skipped(reason) => {
                    skipped += 1;
                    writeln!(f, "  skipped  {name}: {reason}")?;
                }
                Verdict::Failed(findings) => {
                    failed += 1;
                    writeln!(f, "  FAIL     {name}")?;
                    for finding in findings {
                        writeln!(f, "             {}", finding.replace('\n', "\n             "))?;
                    }
                }
            }
        }
        write!(f, "{ok} ok, {failed} failed, {skipped} skipped")
    }
}
