//! The tables in their own schema, and how an older one becomes a newer one. A step, once released, never changes.
//!
//! Times are nanoseconds since 1970, states small numbers (`codes`). Open states are `state < 4`.

use super::trouble::Trouble;
use deadpool_postgres::Client;

/// Taken while tables change, so that nodes starting together do it once. Any number will do; it stays the same.
const LOCK: i64 = 0x5349_4d50_554c;

/// One step per schema version, oldest first.
const STEPS: &[&str] = &[
    // 1: everything the journal began with.
    "
    CREATE TABLE systems (system text PRIMARY KEY);
    CREATE SEQUENCE exchange_seq;
    CREATE TABLE exchanges (
        seq bigint PRIMARY KEY,
        id uuid NOT NULL,
        consumer text NOT NULL,
        operation text NOT NULL,
        system text NOT NULL,
        purpose text NOT NULL,
        fingerprint bytea NOT NULL,
        reference text,
        lane text,
        trace text,
        cause uuid,
        created bigint NOT NULL,
        state smallint NOT NULL,
        before smallint NOT NULL,
        fence bigint NOT NULL,
        until bigint,
        due bigint NOT NULL,
        wake bigint NOT NULL,
        head boolean NOT NULL,
        attempts integer NOT NULL,
        lookups integer NOT NULL,
        tries integer NOT NULL,
        changed bigint NOT NULL,
        owner text,
        fault text,
        reason text,
        checkpoints text,
        erased boolean NOT NULL DEFAULT false
    ) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
    CREATE UNIQUE INDEX exchanges_id ON exchanges (id);
    CREATE INDEX exchanges_reference ON exchanges (reference, seq) WHERE reference IS NOT NULL;
    CREATE INDEX exchanges_lane ON exchanges (system, lane, seq) WHERE lane IS NOT NULL AND state < 4;
    CREATE INDEX exchanges_head ON exchanges (system, lane) WHERE lane IS NOT NULL AND head;
    CREATE INDEX exchanges_due ON exchanges (system, wake, seq) WHERE head;
    CREATE INDEX exchanges_standing ON exchanges (state, seq) WHERE state <> 5;
    CREATE INDEX exchanges_waiting ON exchanges (system, state, created) WHERE state < 5 OR state = 7;
    CREATE INDEX exchanges_erasable ON exchanges (operation, changed) WHERE state >= 4 AND NOT erased;
    CREATE TABLE keys (
        consumer text,
        operation text,
        key text,
        fingerprint bytea NOT NULL,
        exchange uuid NOT NULL,
        PRIMARY KEY (consumer, operation, key)
    );
    CREATE TABLE refs (
        operation text,
        reference text,
        fingerprint bytea NOT NULL,
        exchange uuid NOT NULL,
        PRIMARY KEY (operation, reference)
    );
    CREATE TABLE bodies (seq bigint PRIMARY KEY, input bytea NOT NULL, seal bytea);
    ALTER TABLE bodies ALTER input SET STORAGE EXTERNAL;
    CREATE TABLE replies (seq bigint PRIMARY KEY, reply bytea NOT NULL);
    CREATE TABLE attempts (seq bigint, number integer, attempt text NOT NULL, PRIMARY KEY (seq, number));
    CREATE TABLE chains (chain text PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL);
    CREATE TABLE evidence (
        chain text,
        seq bigint,
        previous bytea NOT NULL,
        record bytea NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (chain, seq)
    );
    CREATE TABLE events (
        seq bigint PRIMARY KEY,
        id uuid NOT NULL,
        kind text NOT NULL,
        subject text NOT NULL,
        subject_seq bigint NOT NULL,
        source text NOT NULL,
        at bigint NOT NULL,
        data bytea NOT NULL,
        schema text NOT NULL,
        erased boolean NOT NULL DEFAULT false
    );
    CREATE INDEX events_kind ON events (kind, seq);
    CREATE UNIQUE INDEX events_subject ON events (subject, subject_seq);
    CREATE INDEX events_erasable ON events (at) WHERE NOT erased;
    CREATE TABLE cursors (subscription text PRIMARY KEY, position bigint NOT NULL);
    CREATE TABLE documents (kind text, id text, revision bigint NOT NULL UNIQUE, body bytea, PRIMARY KEY (kind, id));
    CREATE TABLE timers (
        kind text,
        id text,
        due bigint NOT NULL,
        wake bigint NOT NULL,
        fence bigint NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (kind, id)
    );
    CREATE INDEX timers_wake ON timers (kind, wake);
    CREATE SEQUENCE timer_fence;
    CREATE TABLE counters (name text PRIMARY KEY, value bigint NOT NULL);
    INSERT INTO counters VALUES ('event', 0), ('revision', 0);
    CREATE TABLE journal_copy (source text NOT NULL, finished boolean NOT NULL);
    CREATE TABLE journal_copy_parts (part text PRIMARY KEY, position text NOT NULL);
    ",
    // 2: files of consumers.
    "
    CREATE TABLE files (
        id uuid PRIMARY KEY,
        owner text NOT NULL,
        name bytea NOT NULL,
        media_type text NOT NULL,
        size bigint NOT NULL,
        sha256 text NOT NULL,
        seal bytea NOT NULL,
        body bytea NOT NULL,
        at bigint NOT NULL
    );
    CREATE INDEX files_at ON files (at);
    ",
    // 3: an event is stored once.
    "
    CREATE UNIQUE INDEX events_id ON events (id);
    ",
    // 4: a reference that was given up (refused, discarded) may be taken again.
    "
    ALTER TABLE refs ADD COLUMN free boolean NOT NULL DEFAULT false;
    UPDATE refs r SET free = true FROM exchanges e WHERE e.id = r.exchange AND e.state IN (6, 8);
    ",
    // 5: copies of data sets. A slot holds a value by which records are asked for, as a text that sorts like it.
    "
    CREATE TABLE mirror_sets (
        name text PRIMARY KEY,
        due bigint NOT NULL,
        until bigint,
        fence bigint NOT NULL,
        state bytea NOT NULL,
        revision bigint NOT NULL
    );
    CREATE TABLE mirror_rows (
        name text NOT NULL,
        key text COLLATE \"C\" NOT NULL,
        scope text NOT NULL,
        body bytea NOT NULL,
        masked text,
        version text,
        digest bytea NOT NULL,
        run bigint NOT NULL,
        fetched bigint NOT NULL,
        changed bigint NOT NULL,
        missed bigint NOT NULL,
        missed_run bigint NOT NULL,
        gone bigint,
        s0 text COLLATE \"C\",
        s1 text COLLATE \"C\",
        s2 text COLLATE \"C\",
        s3 text COLLATE \"C\",
        s4 text COLLATE \"C\",
        s5 text COLLATE \"C\",
        s6 text COLLATE \"C\",
        s7 text COLLATE \"C\",
        PRIMARY KEY (name, key)
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
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
        name text,
        number bigint,
        body bytea NOT NULL,
        PRIMARY KEY (name, number)
    );
    ",
    // 6: large files in pieces, and the right that reading some needs.
    "
    ALTER TABLE files ADD COLUMN pieces bigint NOT NULL DEFAULT 0;
    ALTER TABLE files ADD COLUMN needs text;
    CREATE TABLE file_pieces (
        id uuid,
        number bigint,
        body bytea NOT NULL,
        at bigint NOT NULL,
        PRIMARY KEY (id, number)
    );
    ALTER TABLE file_pieces ALTER body SET STORAGE EXTERNAL;
    CREATE INDEX file_pieces_at ON file_pieces (at);
    ",
    // 7: signed batches of evidence, one sequence over the chains of all nodes.
    "
    CREATE TABLE evidence_batches (number bigint PRIMARY KEY, statement bytea NOT NULL, signature bytea NOT NULL);
    ",
    // 8: what is told of an exchange goes on in its trace.
    "
    ALTER TABLE events ADD COLUMN trace text;
    ",
    // 9: the list by system, operation, consumer and time.
    "
    CREATE INDEX exchanges_parties ON exchanges (system, operation, consumer, seq) INCLUDE (created);
    ",
];

/// The schema version this build writes.
pub const VERSION: usize = STEPS.len();

/// Brings the schema to [`VERSION`]; makes it where it is missing.
pub(super) async fn migrate(client: &mut Client, schema: &str) -> Result<(), Trouble> {
    let tx = client.transaction().await?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    let exists = tx
        .query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema])
        .await?;
    if exists.is_none() {
        tx.batch_execute(&format!("CREATE SCHEMA {schema}")).await?;
    }
    tx.batch_execute("CREATE TABLE IF NOT EXISTS journal_version (version bigint NOT NULL)")
        .await?;
    let found = tx.query_opt("SELECT version FROM journal_version", &[]).await?;
    let version = match &found {
        Some(row) => usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX),
        None => 0,
    };
    if version > VERSION {
        return Err(Trouble::words(format!(
            "the journal in schema {schema} has version {version}, this build knows up to {VERSION}; \
             run the newer build, it cannot be taken back"
        )));
    }
    for step in &STEPS[version..] {
        tx.batch_execute(step).await?;
    }
    let now = i64::try_from(VERSION).unwrap_or(i64::MAX);
    match found {
        Some(_) => tx.execute("UPDATE journal_version SET version = $1", &[&now]).await?,
        None => tx.execute("INSERT INTO journal_version VALUES ($1)", &[&now]).await?,
    };
    Ok(tx.commit().await?)
}
