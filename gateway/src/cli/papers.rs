//! `simpul completion SHELL` and `simpul man`: what shells and readers of man want, made from the command line itself.

use super::Cli;
use super::say::Voice;
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::{self, Write};

/// Prints the completions of a shell.
pub(super) fn completion(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "simpul", &mut script);
    // A reader that went away is no error of ours.
    let _ = io::stdout().lock().write_all(&script);
}

/// Prints the man pages, one after another.
pub(super) fn man(voice: &Voice) -> bool {
    let whole = Cli::command();
    let mut pages = vec![clap_mangen::Man::new(whole.clone())];
    let parts = whole.get_subcommands().map(|one| {
        let title = format!("simpul-{}", one.get_name());
        clap_mangen::Man::new(one.clone()).title(title)
    });
    pages.extend(parts);
    let mut out = io::stdout().lock();
    for page in pages {
        if let Err(error) = page.render(&mut out) {
            return voice.failed("halaman man tidak tertulis", "the man page was not written", &error);
        }
    }
    true
}
