//! Runs a target: the corpus first, then changes of it, for so many inputs or so long. The same seed gives the same inputs.

use crate::{Target, corpus, mutate};
use fastrand::Rng;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Inputs kept at most beside the corpus.
const POOL: usize = 2_000;

/// How much.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Inputs at most.
    pub inputs: u64,
    /// Time at most.
    pub time: Duration,
    /// Of the random numbers.
    pub seed: u64,
}

/// How it went.
#[derive(Debug)]
pub struct Report {
    /// Inputs tried.
    pub tried: u64,
    /// Different answers seen.
    pub answers: usize,
    /// The input that broke something, with what was said.
    pub broken: Option<(Vec<u8>, String)>,
}

/// Runs it.
///
/// # Errors
/// When the corpus cannot be read.
pub fn run(target: &Target, measure: Measure) -> std::io::Result<Report> {
    let mut pool = corpus::of(target)?;
    let mut rng = Rng::with_seed(measure.seed);
    let (mut seen, mut tried) = (HashSet::new(), 0);
    let began = Instant::now();
    for input in &pool {
        tried += 1;
        match once(target, input) {
            Ok(answer) => drop(seen.insert(answer)),
            Err(said) => return Ok(broken(tried, seen.len(), input.clone(), said)),
        }
    }
    if pool.is_empty() {
        pool.push(Vec::new());
    }
    let kept = pool.len() + POOL;
    while tried < measure.inputs && began.elapsed() < measure.time {
        let seed = rng.usize(..pool.len());
        let input = mutate::change(&mut rng, &pool[seed], &pool, target.words);
        tried += 1;
        match once(target, &input) {
            Ok(answer) => {
                if seen.insert(answer) && pool.len() < kept {
                    pool.push(input);
                }
            }
            Err(said) => return Ok(broken(tried, seen.len(), input, said)),
        }
    }
    Ok(Report {
        tried,
        answers: seen.len(),
        broken: None,
    })
}

/// One input; what was said when it broke something.
///
/// # Errors
/// The panic's message.
pub fn once(target: &Target, input: &[u8]) -> Result<String, String> {
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "panicked".to_owned())
    })
}

fn broken(tried: u64, answers: usize, input: Vec<u8>, said: String) -> Report {
    Report {
        tried,
        answers,
        broken: Some((input, said)),
    }
}
