//! What durable delivery costs on this machine: the gateway as a process of its own, this process as consumers and as
//! the system. Every figure stands beside what the disk alone gives in the same run.
//!
//! `cargo run --release -p bench -- terima` measures durable accepts, `… -- antar` deliveries, `… -- tunggu` memory while very
//! many exchanges wait, `… -- salinan` a copy of many records and questions over it, `… -- jalur` the price of the path beside
//! other proxies, `… -- skala` how start, memory and cost grow.

#![allow(clippy::print_stdout, reason = "a report is its output")]

mod connector;
mod database;
mod disk;
mod durable;
mod load;
mod meters;
mod mirror;
mod path;
mod setup;
mod upstream;
mod waiting;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// As the binary `simpul` has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Measures durable accepts and deliveries of Simpul")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Durable accepts over HTTP (`Prefer: respond-async`), the system closed meanwhile.
    Terima(durable::Load),
    /// Deliveries: accepts first, then opens the system and times the draining.
    Antar(durable::Load),
    /// Very many exchanges wait while the system is closed: memory, start, first delivery, draining.
    Tunggu(waiting::Ask),
    /// A copy of many records: pulled, then asked over HTTP.
    Salinan {
        /// Records.
        #[arg(long, default_value_t = 1_000_000)]
        rekaman: u64,
        /// Questions of each kind.
        #[arg(long, default_value_t = 300)]
        pertanyaan: usize,
        /// Folder on the disk to measure.
        #[arg(long, default_value = ".")]
        folder: PathBuf,
        /// Environment variable with the connection of a PostgreSQL to use instead of SQLite.
        #[arg(long)]
        pg_env: Option<String>,
    },
    /// The price of the path: Simpul beside nginx and HAProxy, the same work, one processor.
    Jalur(path::Ask),
    /// Processor instructions a request, by callgrind; ends with 1 when a bound is passed.
    Hitung(path::Counted),
    /// Start, memory, idle connections, a streamed gigabyte, and how cost grows with operations and consumers.
    Skala(path::Scaled),
    /// The system behind the proxies; started by `jalur`.
    #[command(hide = true)]
    Hulu,
    /// A proxy that only forwards; started by `jalur`.
    #[command(hide = true)]
    Lantai {
        /// Where to.
        hulu: String,
    },
    /// The gateway under measurement; started by the others.
    #[command(hide = true)]
    Gateway {
        /// Folder of the set-up.
        folder: PathBuf,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    match Arguments::parse().what {
        What::Gateway { folder } => setup::run(&folder),
        What::Jalur(ask) => block_on(path::measure(ask)),
        What::Hitung(ask) => block_on(path::count(ask)),
        What::Skala(ask) => block_on(path::scale(ask)),
        What::Lantai { hulu } => block_on(path::floor(hulu)),
        What::Hulu => block_on(path::upstream()),
        What::Terima(load) => block_on(durable::accepts(load)),
        What::Antar(load) => block_on(durable::deliveries(load)),
        What::Tunggu(ask) => block_on(waiting::measure(ask)),
        What::Salinan {
            rekaman,
            pertanyaan,
            folder,
            pg_env,
        } => block_on(mirror::measure(rekaman, pertanyaan, &folder, pg_env.as_deref())),
    }
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
