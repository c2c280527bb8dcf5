//! What is copied, table by table, in an order in which nothing refers to what is not there yet.

use super::column::Kind;
use super::column::Kind::{Big, Bool, Bytes, Id, Int, Small, Text};

/// A table of the target and where its rows come from.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Tables and conditions of the source, after `FROM`.
    pub(super) source: &'static str,
    /// Columns of the target: name, or `name=expression` of the source; and type.
    pub(super) columns: &'static [(&'static str, Kind)],
    /// Expressions of the source by which it is walked; unique together.
    pub(super) keys: &'static [&'static str],
}

impl Table {
    fn names(&self) -> impl Iterator<Item = (&'static str, &'static str, Kind)> {
        self.columns.iter().map(|(column, kind)| {
            let (name, expression) = column.split_once('=').unwrap_or((column, column));
            (name, expression, *kind)
        })
    }

    /// Reads from the source, in order; with `after`, beyond a position. The last parameter is how many rows.
    pub(super) fn select(&self, after: bool) -> String {
        let columns: Vec<_> = self.names().map(|(_, expression, _)| expression).collect();
        let keys = self.keys.join(", ");
        let (columns, source) = (columns.join(", "), self.source);
        let glue = if source.contains(" WHERE ") { "AND" } else { "WHERE" };
        let marks = vec!["?"; self.keys.len()].join(", ");
        let beyond = if after {
            format!(" {glue} ({keys}) > ({marks})")
        } else {
            String::new()
        };
        format!("SELECT {columns}, {keys} FROM {source}{beyond} ORDER BY {keys} LIMIT ?")
    }

    /// Writes to the target, one array per column.
    pub(super) fn insert(&self) -> String {
        let names: Vec<_> = self.names().map(|(name, _, _)| name).collect();
        let arrays: Vec<_> = (1..)
            .zip(self.names())
            .map(|(n, (_, _, kind))| format!("${n}::{}[]", kind.sql()))
            .collect();
        format!(
            "INSERT INTO {} ({}) SELECT * FROM unnest({})",
            self.name,
            names.join(", "),
            arrays.join(", ")
        )
    }
}

/// All of them.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "systems",
        source: "(SELECT DISTINCT system FROM depths)",
        columns: &[("system", Text)],
        keys: &["system"],
    },
    Table {
        name: "bodies",
        source: "bodies",
        columns: &[("seq", Big), ("input", Bytes), ("seal", Bytes)],
        keys: &["seq"],
    },
    Table {
        name: "replies",
        source: "replies",
        columns: &[("seq", Big), ("reply", Bytes)],
        keys: &["seq"],
    },
    Table {
        name: "attempts",
        source: "attempts",
        columns: &[("seq", Big), ("number", Int), ("attempt", Text)],
        keys: &["seq", "number"],
    },
    Table {
        name: "keys",
        source: "keys k JOIN exchanges e ON e.seq = k.seq",
        columns: &[
            ("consumer=k.consumer", Text),
            ("operation=k.operation", Text),
            ("key=k.key", Text),
            ("fingerprint=k.fingerprint", Bytes),
            ("exchange=e.id", Id),
        ],
        keys: &["k.consumer", "k.operation", "k.key"],
    },
    Table {
        name: "refs",
        // One row per reference: its holder, else the newest of those that gave it up.
        source: "exchanges e WHERE reference IS NOT NULL AND NOT EXISTS (SELECT 1 FROM exchanges o
            WHERE o.reference = e.reference AND o.operation = e.operation
            AND (o.state IN (6, 8), -o.seq) < (e.state IN (6, 8), -e.seq))",
        columns: &[
            ("operation", Text),
            ("reference", Text),
            ("fingerprint", Bytes),
            ("exchange=id", Id),
            ("free=state IN (6, 8)", Bool),
        ],
        keys: &["seq"],
    },
    Table {
        name: "exchanges",
        source: "exchanges",
        columns: &[
            ("seq", Big),
            ("id", Id),
            ("consumer", Text),
            ("operation", Text),
            ("system", Text),
            ("purpose", Text),
            ("fingerprint", Bytes),
            ("reference", Text),
            ("lane", Text),
            ("trace", Text),
            ("cause", Id),
            ("created", Big),
            ("state", Small),
            ("before", Small),
            ("fence", Big),
            ("until", Big),
            ("due", Big),
            ("wake", Big),
            ("head", Bool),
            ("attempts", Int),
            ("lookups", Int),
            ("tries", Int),
            ("changed", Big),
            ("owner", Text),
            ("fault", Text),
            ("reason", Text),
            ("checkpoints", Text),
            ("erased", Bool),
        ],
        keys: &["seq"],
    },
    Table {
        name: "evidence",
        source: "evidence",
        columns: &[
            ("chain='main'", Text),
            ("seq", Big),
            ("previous", Bytes),
            ("record", Bytes),
            ("hash", Bytes),
        ],
        keys: &["seq"],
    },
    Table {
        name: "evidence_batches",
        source: "evidence_batches",
        columns: &[("number", Big), ("statement", Bytes), ("signature", Bytes)],
        keys: &["number"],
    },
    Table {
        name: "events",
        source: "events",
        columns: &[
            ("seq", Big),
            ("id", Id),
            ("kind", Text),
            ("subject", Text),
            ("subject_seq", Big),
            ("source", Text),
            ("at", Big),
            ("data", Bytes),
            ("schema", Text),
            ("erased", Bool),
            ("trace", Text),
        ],
        keys: &["seq"],
    },
    Table {
        name: "cursors",
        source: "cursors",
        columns: &[("subscription", Text), ("position", Big)],
        keys: &["subscription"],
    },
    Table {
        name: "documents",
        source: "documents",
        columns: &[("kind", Text), ("id", Text), ("revision", Big), ("body", Bytes)],
        keys: &["kind", "id"],
    },
    Table {
        name: "timers",
        source: "timers",
        columns: &[
            ("kind", Text),
            ("id", Text),
            ("due", Big),
            ("wake", Big),
            ("fence", Big),
            ("body", Bytes),
        ],
        keys: &["kind", "id"],
    },
    Table {
        name: "files",
        source: "files",
        columns: &[
            ("id", Id),
            ("owner", Text),
            ("name", Bytes),
            ("media_type", Text),
            ("size", Big),
            ("sha256", Text),
            ("seal", Bytes),
            ("body", Bytes),
            ("pieces", Big),
            ("needs", Text),
            ("at", Big),
        ],
        keys: &["rowid"],
    },
    Table {
        name: "file_pieces",
        source: "file_pieces",
        columns: &[("id", Id), ("number", Big), ("body", Bytes), ("at", Big)],
        keys: &["rowid"],
    },
    Table {
        name: "mirror_sets",
        source: "mirror_sets",
        columns: &[
            ("name", Text),
            ("due", Big),
            ("until", Big),
            ("fence", Big),
            ("state", Bytes),
            ("revision", Big),
        ],
        keys: &["name"],
    },
    Table {
        name: "mirror_rows",
        source: "mirror_rows",
        columns: &[
            ("name", Text),
            ("key", Text),
            ("scope", Text),
            ("body", Bytes),
            ("masked", Text),
            ("version", Text),
            ("digest", Bytes),
            ("run", Big),
            ("fetched", Big),
            ("changed", Big),
            ("missed", Big),
            ("missed_run", Big),
            ("gone", Big),
            ("s0", Text),
            ("s1", Text),
            ("s2", Text),
            ("s3", Text),
            ("s4", Text),
            ("s5", Text),
            ("s6", Text),
            ("s7", Text),
        ],
        keys: &["name", "key"],
    },
    Table {
        name: "mirror_runs",
        source: "mirror_runs",
        columns: &[("name", Text), ("number", Big), ("body", Bytes)],
        keys: &["name", "number"],
    },
    Table {
        name: "claims",
        source: "claims",
        columns: &[("name", Bytes), ("until", Big)],
        keys: &["name"],
    },
];

#[cfg(test)]
mod tests {
    use super::TABLES;
    use crate::SqliteJournal;
    use crate::sqlite::Options;
    use std::collections::BTreeSet;

    /// Carried over as sequences and counters, or counted anew.
    const OTHERWISE: [&str; 2] = ["counters", "depths"];

    #[test]
    fn every_table_and_column_of_the_source_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        drop(SqliteJournal::open(&path, Options::default()).unwrap());
        let database = rusqlite::Connection::open(&path).unwrap();
        let names = |sql: &str| -> BTreeSet<String> {
            let mut statement = database.prepare(sql).unwrap();
            statement
                .query_map([], |row| row.get(0))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap()
        };
        let there = names("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        let copied = TABLES
            .iter()
            .map(|t| t.name)
            .filter(|n| !["systems", "refs"].contains(n));
        let copied: BTreeSet<String> = copied.chain(OTHERWISE).map(str::to_owned).collect();
        assert_eq!(there, copied);
        for table in TABLES.iter().filter(|t| t.source == t.name) {
            let columns = names(&format!("SELECT name FROM pragma_table_info('{}')", table.name));
            let copied: BTreeSet<_> = table.names().map(|(name, _, _)| name.to_owned()).collect();
            // The number of a row of a copy is SQLite's own; name and key identify it.
            let own = |column: &&String| table.name == "mirror_rows" && *column == "id";
            let missing: Vec<_> = columns.difference(&copied).filter(|column| !own(column)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", table.name);
        }
    }
}
