//! The tables, and how an older file becomes a newer one. A step, once released, never changes; a new version adds one.

use rusqlite::{Connection, TransactionBehavior};

/// Marks the file as ours ("SIMP").
pub(super) const APPLICATION: i32 = 0x5349_4d50;

/// One step per schema version, oldest first.
const STEPS: &[&str] = &[
    // 1: exchanges, their bodies and attempts, evidence. Partial indices speak of open states as `state < 4`.
    "
    CREATE TABLE exchanges (
        seq INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        consumer TEXT NOT NULL,
        operation TEXT NOT NULL,
        system TEXT NOT NULL,
        purpose TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        reference TEXT,
        lane TEXT,
        trace TEXT,
        cause BLOB,
        created INTEGER NOT NULL,
        state INTEGER NOT NULL,
        before INTEGER NOT NULL,
        fence INTEGER NOT NULL,
        until INTEGER,
        due INTEGER NOT NULL,
        wake INTEGER NOT NULL,
        head INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        lookups INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        changed INTEGER NOT NULL,
        owner TEXT,
        fault TEXT,
        reason TEXT,
        checkpoints TEXT,
        erased INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE UNIQUE INDEX exchanges_id ON exchanges (id);
    CREATE UNIQUE INDEX exchanges_reference ON exchanges (reference, operation) WHERE reference IS NOT NULL;
    CREATE INDEX exchanges_lane ON exchanges (system, lane, seq) WHERE lane IS NOT NULL AND state < 4;
    CREATE INDEX exchanges_due ON exchanges (system, wake, seq) WHERE head = 1;
    CREATE INDEX exchanges_standing ON exchanges (state, system, seq) WHERE state <> 5;
    CREATE INDEX exchanges_erasable ON exchanges (operation, changed) WHERE state >= 4 AND erased = 0;
    CREATE TABLE keys (
        consumer TEXT NOT NULL,
        operation TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (consumer, operation, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE bodies (seq INTEGER PRIMARY KEY, input BLOB NOT NULL, seal BLOB) STRICT;
    CREATE TABLE replies (seq INTEGER PRIMARY KEY, reply BLOB NOT NULL) STRICT;
    CREATE TABLE attempts (
        seq INTEGER NOT NULL,
        number INTEGER NOT NULL,
        attempt TEXT NOT NULL,
        PRIMARY KEY (seq, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE evidence (
        seq INTEGER PRIMARY KEY,
        previous BLOB NOT NULL,
        record BLOB NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE TABLE depths (
        system TEXT NOT NULL,
        state INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (system, state)
    ) STRICT, WITHOUT ROWID;
    ",
    // 2: events and the subscriptions that move over them.
    "
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        subject_seq INTEGER NOT NULL,
        source TEXT NOT NULL,
        at INTEGER NOT NULL,
        data BLOB NOT NULL,
        schema TEXT NOT NULL,
        erased INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX events_kind ON events (kind, seq);
    CREATE UNIQUE INDEX events_subject ON events (subject, subject_seq);
    CREATE INDEX events_erasable ON events (at) WHERE erased = 0;
    CREATE TABLE cursors (subscription TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    ",
    // 3: shared documents, timers, and the counters that outlive their rows.
    "
    CREATE TABLE documents (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        body BLOB,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX documents_revision ON documents (revision);
    CREATE TABLE timers (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        due INTEGER NOT NULL,
        wake INTEGER NOT NULL,
        fence INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX timers_wake ON timers (kind, wake);
    CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    ",
    // 4: files of consumers.
    "
    CREATE TABLE files (
        id BLOB PRIMARY KEY,
        owner TEXT NOT NULL,
        name BLOB NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        seal BLOB NOT NULL,
        body BLOB NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX files_at ON files (at);
    ",
    // 5: an event is stored once.
    "
    CREATE UNIQUE INDEX events_id ON events (id);
    ",
    // 6: a reference that was given up (refused, discarded) may be taken again; the one writer keeps it single.
    "
    DROP INDEX exchanges_reference;
    CREATE INDEX exchanges_reference ON exchanges (reference, operation) WHERE reference IS NOT NULL;
    ",
    // 7: copies of data sets. A slot holds a value by which records are asked for, as a text that sorts like it.
    "
    CREATE TABLE mirror_sets (
        name TEXT PRIMARY KEY,
        due INTEGER NOT NULL,
        until INTEGER,
        fence INTEGER NOT NULL,
        state BLOB NOT NULL,
        revision INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mirror_rows (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        key TEXT NOT NULL,
        scope TEXT NOT NULL,
        body BLOB NOT NULL,
        masked TEXT,
        version TEXT,
        digest BLOB NOT NULL,
        run INTEGER NOT NULL,
        fetched INTEGER NOT NULL,
        changed INTEGER NOT NULL,
        missed INTEGER NOT NULL,
        missed_run INTEGER NOT NULL,
        gone INTEGER,
        s0 TEXT,
        s1 TEXT,
        s2 TEXT,
        s3 TEXT,
        s4 TEXT,
        s5 TEXT,
        s6 TEXT,
        s7 TEXT
    ) STRICT;
    CREATE UNIQUE INDEX mirror_key ON mirror_rows (name, key);
    CREATE INDEX mirror_scope ON mirror_rows (name, scope, run) WHERE gone IS NULL;
    CREATE INDEX mirror_gone ON mirror_rows (name, gone) WHERE gone IS NOT NULL;
    CREATE INDEX mirror_s0 ON mirror_rows (name, s0, key) WHERE s0 IS NOT NULL AND gone IS NULL;
    CREATE INDEX mirror_s1 ON mirror_rows (name, s1, key) WHERE s1 IS NOT NULL AND gone IS NULL;
    CREATE INDEX mirror_s2 ON mirror_rows (name, s2, key) WHERE s2 IS NOT NULL AND gone IS NULL;
    CREATE INDEX mirror_s3 ON mirror_rows (name, s3, key) WHERE s3 IS NOT NULL AND gone IS NULL;
    CREATE INDEX mirror_s4 ON mirror_rows (name, s4, key) WHERE s4 IS NOT NULL AND gone IS NULL;
    CREATE INDEX mirror_s5 ON mirror_rows (name, s5, key) WHERE s5 IS NOT NULL AND gone IS NULL;
    CREATE INDEX mirror_s6 ON mirror_rows (name, s6, key) WHERE s6 IS NOT NULL AND gone IS NULL;
    CREATE INDEX mirror_s7 ON mirror_rows (name, s7, key) WHERE s7 IS NOT NULL AND gone IS NULL;
    CREATE TABLE mirror_runs (
        name TEXT NOT NULL,
        number INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (name, number)
    ) STRICT, WITHOUT ROWID;
    ",
    // 8: large files in pieces, and the right that reading some needs.
    "
    ALTER TABLE files ADD COLUMN pieces INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE files ADD COLUMN needs TEXT;
    CREATE TABLE file_pieces (
        id BLOB NOT NULL,
        number INTEGER NOT NULL,
        body BLOB NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX file_pieces_id ON file_pieces (id, number);
    CREATE INDEX file_pieces_at ON file_pieces (at);
    ",
    // 9: signed batches of evidence.
    "
    CREATE TABLE evidence_batches (number INTEGER PRIMARY KEY, statement BLOB NOT NULL, signature BLOB NOT NULL) STRICT;
    ",
    // 10: what is told of an exchange goes on in its trace.
    "
    ALTER TABLE events ADD COLUMN trace TEXT;
    ",
    // 11: the list by system, operation, consumer and time. None of these changes once written.
    "
    CREATE INDEX exchanges_parties ON exchanges (system, operation, consumer, seq, created);
    ",
];

/// The schema version this build writes.
pub const VERSION: usize = STEPS.len();

/// Brings the file to [`VERSION`]. Refuses a file of a newer build or of another program, and changes nothing then.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), String> {
    let trouble = |e: rusqlite::Error| format!("cannot prepare the journal's tables: {e}");
    let pragma = |c: &Connection, name| {
        c.pragma_query_value(None, name, |row| row.get::<_, i32>(0))
            .map_err(trouble)
    };
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(trouble)?;
    let version = usize::try_from(pragma(&tx, "user_version")?).unwrap_or(usize::MAX);
    let application = pragma(&tx, "application_id")?;
    let tables: i64 = tx
        .query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))
        .map_err(trouble)?;
    if application != APPLICATION && (application != 0 || version != 0 || tables != 0) {
        return Err("this file is not a journal of Simpul; give another path".into());
    }
    if version > VERSION {
        return Err(format!(
            "the journal has schema version {version}, this build knows up to {VERSION}; \
             run the newer build, it cannot be taken back"
        ));
    }
    for step in &STEPS[version..] {
        tx.execute_batch(step).map_err(trouble)?;
    }
    if version < VERSION {
        tx.pragma_update(None, "application_id", APPLICATION).map_err(trouble)?;
        tx.pragma_update(None, "user_version", i64::try_from(VERSION).unwrap_or(i64::MAX))
            .map_err(trouble)?;
    }
    tx.commit().map_err(trouble)
}
