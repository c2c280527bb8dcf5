//! Very many exchanges wait: accepted over HTTP while the system is closed, then the gateway is started over them twice, with
//! the system closed and with it open. What is reported is memory, and how long it takes until something is delivered.

use crate::{Failure, database, load, meters, setup, upstream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What to measure.
#[derive(clap::Args, Clone)]
pub(crate) struct Ask {
    /// Exchanges that wait.
    #[arg(long, default_value_t = 1_000_000)]
    jumlah: u64,
    /// Bytes of the body.
    #[arg(long, default_value_t = 1024)]
    ukuran: usize,
    /// Connections at once.
    #[arg(long, default_value_t = 64)]
    klien: usize,
    /// Seconds to let it rest over what waits, and then to let it deliver.
    #[arg(long, default_value_t = 20)]
    detik: u64,
    /// Folder on the disk to use.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
    /// Environment variable with the connection of a PostgreSQL to use instead of SQLite.
    #[arg(long)]
    pg_env: Option<String>,
}

/// One stage of the run.
struct Stage {
    name: &'static str,
    took: Duration,
    peak: u64,
    now: u64,
    what: String,
}

/// Fills, rests, delivers.
pub(crate) async fn measure(ask: Ask) -> Result<(), Failure> {
    let upstream = upstream::start().await?;
    let journal = database::fresh(ask.pg_env.as_deref()).await?;
    let folder = tempfile::tempdir_in(&ask.folder)?;
    let plan = |open| setup::Plan {
        open,
        upstream: Some(upstream.address),
        journal: &journal,
    };
    let rest = Duration::from_secs(ask.detik);

    println!("| jurnal | tahap | detik | memori puncak MiB | memori akhir MiB | |");
    println!("|---|---|---|---|---|---|");
    let say = |stage: Stage| {
        println!(
            "| {} | {} | {:.2} | {} | {} | {} |",
            journal.engine(),
            stage.name,
            stage.took.as_secs_f64(),
            stage.peak,
            stage.now,
            stage.what
        );
    };

    let begun = Instant::now();
    let gateway = setup::start_in(folder.path(), &plan(false)).await?;
    let empty = gateway.memory();
    say(Stage {
        name: "mulai, kosong",
        took: begun.elapsed(),
        peak: empty.peak,
        now: empty.now,
        what: String::new(),
    });
    let begun = Instant::now();
    let sent = load::send(&gateway, ask.klien, ask.ukuran, load::Until::Count(ask.jumlah)).await?;
    let (took, memory) = (begun.elapsed(), gateway.memory());
    say(Stage {
        name: "menerima",
        took,
        peak: memory.peak,
        now: memory.now,
        what: format!("{} diterima, {:.0}/s", ask.jumlah, sent.per_second),
    });
    gateway.stop().await?;

    let begun = Instant::now();
    let gateway = setup::start_in(folder.path(), &plan(false)).await?;
    let started = begun.elapsed();
    tokio::time::sleep(rest).await;
    let asked = Instant::now();
    let waiting = waiting(&meters::text(gateway.operator).await?);
    let asked = asked.elapsed();
    let memory = gateway.memory();
    say(Stage {
        name: "mulai lagi, sistem tutup",
        took: started,
        peak: memory.peak,
        now: memory.now,
        what: format!("{waiting:.0} menunggu menurut /metrics ({:.2} s)", asked.as_secs_f64()),
    });
    gateway.stop().await?;

    let begun = Instant::now();
    let gateway = setup::start_in(folder.path(), &plan(true)).await?;
    upstream.received(1, Duration::from_secs(300)).await;
    let first = begun.elapsed();
    tokio::time::sleep(rest).await;
    let (effects, distinct) = upstream.counts();
    let memory = gateway.memory();
    say(Stage {
        name: "mulai lagi, sistem buka: sampai antaran pertama",
        took: first,
        peak: memory.peak,
        now: memory.now,
        what: format!(
            "{distinct} diantar dalam {} s, {:.0}/s, ganda {}",
            ask.detik,
            distinct as f64 / rest.as_secs_f64(),
            effects - distinct
        ),
    });
    gateway.stop().await?;
    journal.clear().await
}

/// Everything that is not finished, as the gateway counts it.
fn waiting(page: &str) -> f64 {
    page.lines()
        .filter_map(|line| line.strip_prefix("simpul_queue_depth{")?.rsplit_once(' '))
        .filter_map(|(_, value)| value.parse::<f64>().ok())
        .sum()
}
