//! Repository rules: what must stay true of the tree whoever edits it. Rules that matter are tests; the rest is taste.
//!
//! Each rule is one module with a pure judge (text in, findings out), one test that holds the repository to it, and at
//! least one self-test that shows the judge can fail. A missing file is a finding, never a pass.

#[cfg(test)]
mod bans;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod hygiene;
#[cfg(test)]
mod links;
#[cfg(test)]
mod lockfile;
#[cfg(test)]
mod markdown;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod rooms;
mod shipping;
#[cfg(test)]
mod sizes;

/// Fails with every finding at once, each on its own line.
#[cfg(test)]
fn assert_none(rule: &str, findings: &[String]) {
    assert!(
        findings.is_empty(),
        "\n{rule}: {} finding(s)\n  {}\n",
        findings.len(),
        findings.join("\n  ")
    );
}
