//! The targets. What each checks beside not panicking stands at its head.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a target says what does not hold by panicking"
)]

mod config;
mod connectors;
mod evidence;
mod head;
mod json;
mod stored;

/// One target.
pub struct Target {
    /// Name, and name of its folder in the corpus.
    pub name: &'static str,
    /// Words that matter to it.
    pub words: &'static [&'static str],
    /// Inputs beside the corpus.
    pub seeds: fn() -> std::io::Result<Vec<Vec<u8>>>,
    /// Tries one input and says what came of it.
    pub run: fn(&[u8]) -> String,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    head::HEAD,
    head::TARGET,
    head::URL,
    head::SIGNED,
    json::GATE,
    connectors::REPLIES,
    connectors::PUSHES,
    connectors::MANIFEST,
    evidence::ARCHIVE,
    evidence::STATEMENT,
    stored::JOURNAL,
    config::SETUP,
];

fn nothing() -> std::io::Result<Vec<Vec<u8>>> {
    Ok(Vec::new())
}
