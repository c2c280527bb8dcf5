//! What durable delivery costs on this machine: the gateway as a process of its own, this process as consumers and as
//! the system. Every figure stands beside what the disk alone gives in the same run.
//!
//! `cargo run --release -p bench -- terima` measures durable accepts, `… -- antar` deliveries, `… -- salinan` a copy of many
//! records and questions over it, `… -- jalur` the price of the path beside other proxies.

#![allow(clippy::print_stdout, reason = "a report is its output")]

mod connector;
mod disk;
mod load;
mod mirror;
mod path;
mod setup;
mod upstream;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

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
    Terima(Load),
    /// Deliveries: accepts first, then opens the system and times the draining.
    Antar(Load),
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
    /// The system behind the proxies; started by `jalur`.
    #[command(hide = true)]
    Hulu,
    /// The gateway under measurement; started by the others.
    #[command(hide = true)]
    Gateway {
        /// Folder of the set-up.
        folder: PathBuf,
    },
}

#[derive(clap::Args, Clone)]
struct Load {
    /// Connections at once.
    #[arg(long, default_value_t = 64)]
    klien: usize,
    /// Seconds per round.
    #[arg(long, default_value_t = 8)]
    detik: u64,
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    putaran: usize,
    /// Bytes of the body.
    #[arg(long, default_values_t = [1024, 51_200])]
    ukuran: Vec<usize>,
    /// Exchanges to deliver, for `antar`.
    #[arg(long, default_value_t = 10_000)]
    jumlah: u64,
    /// Folder on the disk to measure.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    match Arguments::parse().what {
        What::Gateway { folder } => setup::run(&folder),
        What::Jalur(ask) => block_on(path::measure(ask)),
        What::Hitung(ask) => block_on(path::count(ask)),
        What::Hulu => block_on(path::upstream()),
        What::Terima(load) => block_on(accepts(load)),
        What::Antar(load) => block_on(deliveries(load)),
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

async fn accepts(load: Load) -> Result<(), Failure> {
    println!("| isi | putaran | diterima/s | p50 ms | p99 ms | cakram: tambah+fdatasync/s | rasio |");
    println!("|---|---|---|---|---|---|---|");
    for size in &load.ukuran {
        for round in 1..=load.putaran {
            let raw = disk::appends_per_second(&load.folder, *size, load.klien, Duration::from_secs(2))?;
            let gateway = setup::start(
                &load.folder,
                &setup::Plan {
                    open: false,
                    upstream: None,
                },
            )
            .await?;
            let result = load::send(
                &gateway,
                load.klien,
                *size,
                load::Until::Time(Duration::from_secs(load.detik)),
            )
            .await?;
            println!(
                "| {size} B | {round} | {:.0} | {:.2} | {:.2} | {raw:.0} | {:.2} |",
                result.per_second,
                result.p50.as_secs_f64() * 1e3,
                result.p99.as_secs_f64() * 1e3,
                result.per_second / raw,
            );
        }
    }
    Ok(())
}

async fn deliveries(load: Load) -> Result<(), Failure> {
    println!("| isi | putaran | jumlah | diantar/s | ganda | hilang |");
    println!("|---|---|---|---|---|---|");
    for size in &load.ukuran {
        for round in 1..=load.putaran {
            let upstream = upstream::start().await?;
            let folder = tempfile::tempdir_in(&load.folder)?;
            let closed = setup::Plan {
                open: false,
                upstream: Some(upstream.address),
            };
            let gateway = setup::start_in(folder.path(), &closed).await?;
            load::send(&gateway, load.klien, *size, load::Until::Count(load.jumlah)).await?;
            gateway.stop().await?;
            let open = setup::Plan {
                open: true,
                upstream: Some(upstream.address),
            };
            let gateway = setup::start_in(folder.path(), &open).await?;
            let took = upstream.received(load.jumlah, Duration::from_secs(300)).await;
            gateway.stop().await?;
            let (effects, distinct) = upstream.counts();
            println!(
                "| {size} B | {round} | {} | {:.0} | {} | {} |",
                load.jumlah,
                load.jumlah as f64 / took.as_secs_f64(),
                effects - distinct,
                load.jumlah.saturating_sub(distinct),
            );
        }
    }
    Ok(())
}
