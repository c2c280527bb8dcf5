//! What the disk gives by itself: groups of bodies appended to a file, one `fdatasync` per group.

use crate::Failure;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long one sync takes when a single body was appended.
pub(crate) struct Sync {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// Appends one body after the other, each with a sync of its own.
pub(crate) fn sync_times(folder: &Path, size: usize, time: Duration) -> Result<Sync, Failure> {
    let mut file = tempfile::tempfile_in(folder)?;
    let block = vec![b'x'; size];
    let begun = Instant::now();
    let mut times = Vec::new();
    while begun.elapsed() < time {
        file.write_all(&block)?;
        let one = Instant::now();
        file.sync_data()?;
        times.push(one.elapsed());
    }
    times.sort_unstable();
    let at = |share: f64| {
        let place = (times.len().saturating_sub(1) as f64 * share) as usize;
        times.get(place).copied().unwrap_or_default()
    };
    Ok(Sync {
        p50: at(0.5),
        p99: at(0.99),
    })
}

/// Bodies per second when `group` of them share a sync.
pub(crate) fn appends_per_second(folder: &Path, size: usize, group: usize, time: Duration) -> Result<f64, Failure> {
    let mut file = tempfile::tempfile_in(folder)?;
    let block = vec![b'x'; size * group];
    let begun = Instant::now();
    let mut count = 0_u64;
    while begun.elapsed() < time {
        file.write_all(&block)?;
        file.sync_data()?;
        count += group as u64;
        if count.is_multiple_of(64 * group as u64) {
            // Keep the file small; what is measured is the sync, not the growth of a file system.
            file.set_len(0)?;
            std::io::Seek::rewind(&mut file)?;
        }
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}
