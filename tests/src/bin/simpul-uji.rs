//! `simpul serve` for tests that end it: the product's own parts, with the seams that only tests may use. `doctor` is the product's own.
//!
//! | variable | does |
//! |---|---|
//! | `SIMPUL_UJI_GAGAL=after_commit:7` | the process ends, without a last word, at the seventh `after_commit` |
//! | `SIMPUL_UJI_PEMICU=/path` | steps count only from the moment at which that file is there |
//! | `SIMPUL_UJI_HALAMAN=200` | the journal holds at most so many pages |
//! | `SIMPUL_UJI_JAM=/path` | its clock is as many seconds ahead as that file says, read anew all the time |

use gateway::config::{self, Machine};
use gateway::telemetry::logs;
use gateway::wiring::{self, Seams};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|command| command == "doctor") {
        return gateway::cli::main();
    }
    let told = match arguments.as_slice() {
        [_, serve, flag, path] if serve == "serve" && flag == "--config" => run(Path::new(path)),
        _ => Err("usage: simpul-uji serve --config PATH | doctor …".to_owned()),
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            #[expect(clippy::print_stderr, reason = "a program says why it does not start")]
            {
                eprintln!("{why}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(path: &Path) -> Result<(), String> {
    let built = config::from_disk(path, &Machine, None).map_err(|complaints| format!("{complaints:?}"))?;
    logs::init(built.node.log.form, &built.node.log.level).map_err(|error| error.to_string())?;
    let running = wiring::start_with(built, &seams()?).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let stopped = runtime.block_on(async {
        signal(SignalKind::terminate())?
            .recv()
            .await
            .ok_or(std::io::ErrorKind::Other.into())
    });
    running.stop();
    stopped.map_err(|error: std::io::Error| error.to_string())
}

fn seams() -> Result<Seams, String> {
    let mut seams = Seams::default();
    if let Some(point) = variable("SIMPUL_UJI_GAGAL") {
        let (name, number) = point.split_once(':').ok_or("SIMPUL_UJI_GAGAL is name:number")?;
        let (name, number) = (
            name.to_owned(),
            number.parse::<u32>().map_err(|error| error.to_string())?,
        );
        let seen = AtomicU32::new(0);
        let trigger = variable("SIMPUL_UJI_PEMICU").map(PathBuf::from);
        seams.fail = Some(Arc::new(move |at| {
            let counts = at == name && trigger.as_ref().is_none_or(|file| file.exists());
            if counts && seen.fetch_add(1, Ordering::Relaxed) + 1 == number {
                std::process::abort();
            }
        }));
    }
    if let Some(pages) = variable("SIMPUL_UJI_HALAMAN") {
        seams.max_pages = Some(pages.parse().map_err(|_| "SIMPUL_UJI_HALAMAN is a number")?);
    }
    if let Some(path) = variable("SIMPUL_UJI_JAM") {
        let ahead = Arc::new(AtomicI64::new(seconds_in(&path).unwrap_or(0)));
        seams.ahead = Some(Arc::clone(&ahead));
        let watch = move || {
            loop {
                if let Some(seconds) = seconds_in(&path) {
                    ahead.store(seconds, Ordering::Relaxed);
                }
                pause();
            }
        };
        let thread = std::thread::Builder::new().name("jam".to_owned()).spawn(watch);
        thread.map_err(|error| error.to_string())?;
    }
    Ok(seams)
}

fn seconds_in(path: &str) -> Option<i64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own that does nothing else")]
fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(5));
}

#[expect(
    clippy::disallowed_methods,
    reason = "the switches of a test program are not configuration of the product"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
