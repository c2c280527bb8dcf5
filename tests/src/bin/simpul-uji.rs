//! `simpul serve` for tests that end it: the product's own parts, with the seams that only tests may use.
//!
//! | variable | does |
//! |---|---|
//! | `SIMPUL_UJI_GAGAL=after_commit:7` | the process ends, without a last word, at the seventh `after_commit` |
//! | `SIMPUL_UJI_HALAMAN=200` | the journal holds at most so many pages |
//! | `SIMPUL_UJI_JAM=3600` | its clock is so many seconds ahead |

use gateway::config::{self, Machine};
use gateway::telemetry::logs;
use gateway::wiring::{self, Seams};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let told = match arguments.as_slice() {
        [_, serve, flag, path] if serve == "serve" && flag == "--config" => run(Path::new(path)),
        _ => Err("usage: simpul-uji serve --config PATH".to_owned()),
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
        seams.fail = Some(Arc::new(move |at| {
            if at == name && seen.fetch_add(1, Ordering::Relaxed) + 1 == number {
                std::process::abort();
            }
        }));
    }
    if let Some(pages) = variable("SIMPUL_UJI_HALAMAN") {
        seams.max_pages = Some(pages.parse().map_err(|_| "SIMPUL_UJI_HALAMAN is a number")?);
    }
    if let Some(seconds) = variable("SIMPUL_UJI_JAM") {
        let seconds: i64 = seconds.parse().map_err(|_| "SIMPUL_UJI_JAM is a number")?;
        seams.ahead = Some(Arc::new(AtomicI64::new(seconds)));
    }
    Ok(seams)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the switches of a test program are not configuration of the product"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
