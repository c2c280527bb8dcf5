//! What the disk gives by itself: groups of bodies appended to a file, one `fdatasync` per group.

use crate::Failure;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

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
