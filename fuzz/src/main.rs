//! Long runs: `cargo run --release -p fuzz -- [--target NAME] [--seconds N] [--seed N]`. An input that breaks something is written to
//! `fuzz/corpus/<target>/`, where the short run of `cargo test` finds it until it is mended.

use clap::Parser;
use fuzz::drive::{self, Measure};
use fuzz::{TARGETS, corpus};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::process::ExitCode;
use std::time::Duration;

/// What to run.
#[derive(Parser)]
struct Wish {
    /// One target; all otherwise.
    #[arg(long)]
    target: Option<String>,
    /// Seconds for each.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Another seed, other inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[expect(clippy::print_stdout, reason = "a tool for a terminal")]
fn main() -> ExitCode {
    let wish = Wish::parse();
    let mut worst = ExitCode::SUCCESS;
    let chosen = TARGETS
        .iter()
        .filter(|t| wish.target.as_ref().is_none_or(|name| name == t.name));
    for target in chosen {
        let measure = Measure {
            inputs: u64::MAX,
            time: Duration::from_secs(wish.seconds),
            seed: wish.seed,
        };
        match drive::run(target, measure) {
            Ok(report) => {
                println!("{}: {} inputs, {} answers", target.name, report.tried, report.answers);
                if let Some((input, said)) = report.broken {
                    let mut hash = DefaultHasher::new();
                    input.hash(&mut hash);
                    let folder = corpus::root().join("fuzz/corpus").join(target.name);
                    let file = folder.join(format!("{:016x}", hash.finish()));
                    let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, &input));
                    println!("{}: BROKEN: {said}\n  {} ({kept:?})", target.name, file.display());
                    worst = ExitCode::FAILURE;
                }
            }
            Err(error) => {
                println!("{}: {error}", target.name);
                worst = ExitCode::FAILURE;
            }
        }
    }
    worst
}
