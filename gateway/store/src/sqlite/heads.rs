//! Where the journal stands: the newest positions and what waits, kept by the writer so that an append need not look.
//! Taken over only when the transaction that moved them is committed.

use crate::codes::{digest, is_counted, state_code};
use gateway_core::evidence;
use gateway_core::exchange::State;
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Heads {
    /// Newest exchange.
    pub(super) exchange: i64,
    /// Newest event.
    pub(super) event: i64,
    /// Newest evidence link.
    pub(super) link: i64,
    /// Its hash.
    pub(super) hash: [u8; 32],
    /// Systems that ever had an exchange.
    pub(super) systems: BTreeSet<String>,
    /// Changes of `depths` not yet written.
    depths: BTreeMap<(String, i16), i64>,
    /// Work may be due sooner than somebody was told.
    pub(super) wake: bool,
    /// Bodies were erased; the log should not keep them for long.
    pub(super) erased: bool,
}

impl Heads {
    /// Reads them, and checks that the newest evidence link holds.
    pub(super) fn load(connection: &Connection) -> Result<Self, String> {
        let trouble = |e: rusqlite::Error| format!("cannot read where the journal stands: {e}");
        let newest = |table: &str| {
            let sql = format!("SELECT coalesce(max(seq), 0) FROM {table}");
            connection
                .query_row(&sql, [], |row| row.get::<_, i64>(0))
                .map_err(trouble)
        };
        let sql = "SELECT seq, previous, record, hash FROM evidence ORDER BY seq DESC LIMIT 1";
        let link = connection
            .query_row(sql, [], |r| {
                Ok((
                    r.get(0)?,
                    r.get::<_, Vec<u8>>(1)?,
                    r.get::<_, Vec<u8>>(2)?,
                    r.get::<_, Vec<u8>>(3)?,
                ))
            })
            .optional()
            .map_err(trouble)?;
        let (link, hash) = match link {
            None => (0, [0; 32]),
            Some((seq, previous, record, hash)) => {
                let hash = digest(&hash)?;
                if evidence::link(&digest(&previous)?, &record) != hash {
                    return Err(format!(
                        "evidence link {seq} does not match its record; restore the journal from a backup"
                    ));
                }
                (seq, hash)
            }
        };
        let mut systems = connection
            .prepare("SELECT DISTINCT system FROM depths")
            .map_err(trouble)?;
        let systems = systems
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect)
            .map_err(trouble)?;
        Ok(Self {
            exchange: newest("exchanges")?,
            event: newest("events")?,
            link,
            hash,
            systems,
            ..Self::default()
        })
    }

    /// An exchange of `system` came into being, changed its state, or both.
    pub(super) fn moved(&mut self, system: &str, from: Option<State>, to: State) {
        if from == Some(to) {
            return;
        }
        if !self.systems.contains(system) {
            self.systems.insert(system.to_owned());
        }
        for (state, change) in [(from, -1), (Some(to), 1)] {
            if let Some(state) = state.filter(|s| is_counted(*s)) {
                *self.depths.entry((system.to_owned(), state_code(state))).or_default() += change;
            }
        }
    }

    /// Writes the changed depths.
    pub(super) fn flush(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO depths (system, state, count) VALUES (?1, ?2, ?3)
                   ON CONFLICT (system, state) DO UPDATE SET count = count + excluded.count";
        for ((system, state), change) in std::mem::take(&mut self.depths) {
            if change != 0 {
                connection.prepare_cached(sql)?.execute((system, state, change))?;
            }
        }
        Ok(())
    }
}
