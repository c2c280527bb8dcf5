//! Erasure of bodies by class. Evidence, attempts and fingerprints stay; free pages are overwritten (`secure_delete`).

use super::super::trouble::Trouble;
use super::super::writer::Writing;
use crate::codes::nanos;
use jiff::Timestamp;

pub(in super::super) fn erase(
    tx: &mut Writing<'_>,
    operations: &[String],
    kinds: &[String],
    before: Timestamp,
    limit: usize,
) -> Result<u64, Trouble> {
    let mut erased = 0;
    let old = "SELECT seq FROM exchanges WHERE operation = ?1 AND state IN (5, 6, 8) AND erased = 0 AND changed < ?2
               ORDER BY changed LIMIT ?3";
    for operation in operations {
        let left = limit.saturating_sub(erased) as i64;
        let mut statement = tx.connection.prepare_cached(old)?;
        let rows = statement.query_map((operation, nanos(before), left), |row| row.get::<_, i64>(0))?;
        for seq in rows.collect::<Result<Vec<_>, _>>()? {
            for sql in [
                "DELETE FROM bodies WHERE seq = ?1",
                "DELETE FROM replies WHERE seq = ?1",
                "UPDATE exchanges SET erased = 1, checkpoints = NULL WHERE seq = ?1",
            ] {
                tx.connection.prepare_cached(sql)?.execute([seq])?;
            }
            erased += 1;
        }
    }
    let sql = "UPDATE events SET data = x'', erased = 1 WHERE seq IN
               (SELECT seq FROM events WHERE erased = 0 AND kind = ?1 AND at < ?2 ORDER BY at LIMIT ?3)";
    let most = (limit as i64).saturating_mul(4);
    let mut events = 0;
    for kind in kinds {
        events += tx
            .connection
            .prepare_cached(sql)?
            .execute((kind, nanos(before), most))?;
    }
    tx.heads.erased |= erased + events > 0;
    Ok(erased as u64)
}
