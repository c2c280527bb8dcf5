//! Durable accepts and deliveries, on SQLite or PostgreSQL, each beside what the disk gives by itself and with the size of the
//! groups that shared a commit, as the gateway's own metric counts it.

use crate::{Failure, database, disk, load, meters, setup, upstream};
use std::path::PathBuf;
use std::time::Duration;

/// What to measure.
#[derive(clap::Args, Clone)]
pub(crate) struct Load {
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
    /// Environment variable with the connection of a PostgreSQL to use instead of SQLite.
    #[arg(long)]
    pg_env: Option<String>,
}

/// Accepts while the system is closed.
pub(crate) async fn accepts(load: Load) -> Result<(), Failure> {
    println!(
        "| jurnal | isi | putaran | diterima/s | p50 ms | p99 ms | kelompok rata-rata | kelompok p50 | kelompok p99 | cakram: tambah+fdatasync/s | \
         rasio | fdatasync p50 ms | fdatasync p99 ms |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for size in &load.ukuran {
        for round in 1..=load.putaran {
            let raw = disk::appends_per_second(&load.folder, *size, load.klien, Duration::from_secs(2))?;
            let sync = disk::sync_times(&load.folder, *size, Duration::from_secs(1))?;
            let journal = database::fresh(load.pg_env.as_deref()).await?;
            let folder = tempfile::tempdir_in(&load.folder)?;
            let closed = setup::Plan {
                open: false,
                upstream: None,
                journal: &journal,
            };
            let gateway = setup::start_in(folder.path(), &closed).await?;
            let until = load::Until::Time(Duration::from_secs(load.detik));
            let result = load::send(&gateway, load.klien, *size, until).await?;
            let groups = meters::groups(gateway.operator).await?;
            gateway.stop().await?;
            journal.clear().await?;
            println!(
                "| {} | {size} B | {round} | {:.0} | {:.2} | {:.2} | {:.1} | ≤ {} | ≤ {} | {raw:.0} | {:.2} | {:.2} | {:.2} |",
                journal.engine(),
                result.per_second,
                ms(result.p50),
                ms(result.p99),
                groups.mean(),
                groups.bound(0.5),
                groups.bound(0.99),
                result.per_second / raw,
                ms(sync.p50),
                ms(sync.p99),
            );
        }
    }
    Ok(())
}

/// Accepts first, then the system opens and the draining is timed.
pub(crate) async fn deliveries(load: Load) -> Result<(), Failure> {
    println!(
        "| jurnal | isi | putaran | jumlah | diantar/s | ganda | hilang | kelompok rata-rata | kelompok p50 | kelompok p99 |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for size in &load.ukuran {
        for round in 1..=load.putaran {
            let upstream = upstream::start().await?;
            let journal = database::fresh(load.pg_env.as_deref()).await?;
            let folder = tempfile::tempdir_in(&load.folder)?;
            let plan = |open| setup::Plan {
                open,
                upstream: Some(upstream.address),
                journal: &journal,
            };
            let gateway = setup::start_in(folder.path(), &plan(false)).await?;
            load::send(&gateway, load.klien, *size, load::Until::Count(load.jumlah)).await?;
            gateway.stop().await?;
            let gateway = setup::start_in(folder.path(), &plan(true)).await?;
            let took = upstream.received(load.jumlah, Duration::from_secs(300)).await;
            let groups = meters::groups(gateway.operator).await?;
            gateway.stop().await?;
            journal.clear().await?;
            let (effects, distinct) = upstream.counts();
            println!(
                "| {} | {size} B | {round} | {} | {:.0} | {} | {} | {:.1} | ≤ {} | ≤ {} |",
                journal.engine(),
                load.jumlah,
                load.jumlah as f64 / took.as_secs_f64(),
                effects - distinct,
                load.jumlah.saturating_sub(distinct),
                groups.mean(),
                groups.bound(0.5),
                groups.bound(0.99),
            );
        }
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
