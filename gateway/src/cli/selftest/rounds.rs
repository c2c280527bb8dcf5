//! The accidents: at every named step of the journal's write path, at every stage of a delivery as the neighbours see it,
//! and at random moments.

use super::super::say::Voice;
use super::Crash;
use super::account::Account;
use super::world::World;
use indicatif::ProgressBar;
use simulators::Fault;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// Steps of the journal's writer, in order.
const STEPS: [&str; 5] = [
    "before_begin",
    "after_exec",
    "before_commit",
    "after_commit",
    "before_answer",
];
/// A step that is not reached in this time is not on the way any more.
const REACHED_WITHIN: Duration = Duration::from_secs(2);
/// Where a delivery stands when the gateway ends: the endpoint, and the fault that makes the neighbour wait there.
const STAGES: [(&str, Fault); 4] = [
    ("create", Fault::SlowToStore { ms: 150 }),
    ("create", Fault::Slow { ms: 1_000 }),
    ("list", Fault::Slow { ms: 1_000 }),
    ("status", Fault::Slow { ms: 1_000 }),
];

/// Accidents in all, for the progress bar.
pub(super) fn length(options: &Crash) -> u64 {
    let steps = STEPS.len() as u64 * u64::from(options.langkah);
    steps + STAGES.len() as u64 + u64::from(options.kali)
}

/// Runs them, one after the other, each with simulators and a journal of its own.
pub(super) fn all(
    voice: &Voice,
    options: &Crash,
    folder: &Path,
    seed: u64,
    bar: &ProgressBar,
) -> Result<Vec<Account>, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut accounts = vec![
            steps(
                &mut World::new(voice, &folder.join("langkah")).await?,
                options.langkah,
                bar,
            )
            .await?,
            stages(&mut World::new(voice, &folder.join("pengantaran")).await?, bar).await?,
        ];
        if options.kali > 0 {
            accounts.push(
                random(
                    &mut World::new(voice, &folder.join("acak")).await?,
                    options.kali,
                    seed,
                    bar,
                )
                .await?,
            );
        }
        Ok(accounts)
    })
}

async fn steps(world: &mut World<'_>, occurrences: u32, bar: &ProgressBar) -> Result<Account, String> {
    let callers = world.callers();
    let mut ended = 0;
    for step in STEPS {
        for number in 1..=occurrences {
            bar.set_message(step);
            // It may end while it starts: recovery writes, too.
            let up = world.try_start(Some(&format!("{step}:{number}")));
            let name = step.replace('_', "");
            let flying = callers.submit_all((0..3).map(|n| format!("L-{name}-{number}-{n}")), number % 2 == 0);
            ended += usize::from(!up || world.ended(REACHED_WITHIN).await);
            world.kill();
            world.start()?;
            flying.join_all().await;
            world.kill();
            bar.inc(1);
        }
    }
    world.start()?;
    world
        .account(("setiap langkah jurnal", "every step of the journal"), ended, &callers)
        .await
}

async fn stages(world: &mut World<'_>, bar: &ProgressBar) -> Result<Account, String> {
    let callers = world.callers();
    let mut ended = 0;
    for (number, (endpoint, fault)) in STAGES.into_iter().enumerate() {
        bar.set_message("pengantaran");
        world.start()?;
        if endpoint == "list" {
            // The look-up follows a lost answer.
            world.lapor.faults().once("create", Fault::HangUpAfterStoring);
        }
        let name = format!("{endpoint}:{}", fault.name());
        let fired = |world: &World<'_>| {
            let boards = [world.lapor.faults().fired(), world.laksa.faults().fired()];
            boards.iter().filter_map(|board| board.get(&name)).sum::<u64>()
        };
        let before = fired(world);
        match endpoint {
            "status" => world.laksa.faults().once(endpoint, fault.clone()),
            _ => world.lapor.faults().once(endpoint, fault.clone()),
        }
        let flying = callers.submit_one(format!("P-{number}"), number % 2 == 1);
        let deadline = Instant::now() + Duration::from_secs(15);
        while fired(world) == before {
            if Instant::now() >= deadline {
                return Err(format!("{name}: not reached"));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        world.kill();
        ended += 1;
        world.start()?;
        flying.join_all().await;
        world.account(("", ""), 0, &callers).await?;
        world.kill();
        bar.inc(1);
    }
    world.start()?;
    world
        .account(
            ("setiap tahap pengantaran", "every stage of a delivery"),
            ended,
            &callers,
        )
        .await
}

async fn random(world: &mut World<'_>, times: u32, seed: u64, bar: &ProgressBar) -> Result<Account, String> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let callers = world.callers();
    let mut flying = Vec::new();
    bar.set_message("kill -9");
    world.start()?;
    for round in 0..times {
        // Some wait for the answer, some leave it to the worker; the next accident interrupts both.
        flying.push(callers.submit_all((0..6).map(|n| format!("A{round}-{n}")), dice.bool()));
        tokio::time::sleep(Duration::from_millis(dice.u64(0..200))).await;
        world.kill();
        world.start()?;
        if dice.u8(..4) == 0
            && let Some(some) = flying.pop()
        {
            some.join_all().await;
        }
        bar.inc(1);
    }
    for some in flying {
        some.join_all().await;
    }
    let times = usize::try_from(times).unwrap_or(usize::MAX);
    world
        .account(("kill -9 pada saat acak", "kill -9 at random moments"), times, &callers)
        .await
}
