//! The file over time: closed and opened, upgraded, refused.

use super::{at, exchange, id, lease, open, settlement, verified};
use bytes::Bytes;
use gateway_core::exchange::{LeaseRequest, NewEvent, Next, Settlement, State};
use gateway_core::journal::{Journal, JournalError, QueueStat, Timer};
use gateway_store::SqliteJournal;
use gateway_store::sqlite::{Options, VERSION};
use std::path::Path;
use uuid::Uuid;

fn timer() -> Timer {
    Timer {
        kind: "ikuti".into(),
        id: "a".into(),
        due: at(0),
        body: Bytes::from_static(b"x"),
    }
}

async fn lease_timer(journal: &dyn Journal, now: i64) -> i64 {
    let request = LeaseRequest {
        owner: "uji".into(),
        until: at(now + 60),
    };
    journal.lease_timers("ikuti".into(), request, at(now), 9).await.unwrap()[0].fence
}

fn event(n: u128) -> NewEvent {
    NewEvent {
        id: Uuid::from_u128(n),
        kind: "k".into(),
        subject: "s".into(),
        source: "lapor".into(),
        at: at(1),
        data: Bytes::from_static(b"{}"),
        schema: "x".into(),
        trace: None,
    }
}

#[tokio::test]
async fn what_was_stored_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path);
    for n in 1..=3 {
        journal.accept(exchange(n, 100)).await.unwrap();
    }
    let held = lease(&journal, 0, 2).await;
    let end = Settlement {
        timers: Vec::new(),
        events: vec![event(1)],
        ..settlement(
            &held[0],
            Next::Done {
                reply: Bytes::from_static(b"{}"),
            },
        )
    };
    journal.settle(end).await.unwrap();
    journal.put_timer(timer(), None).await.unwrap();
    let fence = lease_timer(&journal, 0).await;
    journal
        .drop_timer("ikuti".into(), "a".into(), Some(fence))
        .await
        .unwrap();
    let revision = journal
        .put_document("langganan".into(), "a".into(), None, None)
        .await
        .unwrap()
        .unwrap();
    journal.dispatch("s".into(), 0, 1, Vec::new()).await.unwrap();
    drop(journal);

    let journal = open(&path);
    assert_eq!(journal.get(id(1)).await.unwrap().unwrap().state, State::Done);
    assert_eq!(journal.get(id(2)).await.unwrap().unwrap().state, State::Leased);
    let stat = |state, count| QueueStat {
        system: "lapor".into(),
        state,
        count,
        oldest: at(0),
    };
    let mut queues = journal.queues().await.unwrap();
    queues.sort_by_key(|q| q.state as usize);
    assert_eq!(queues, [stat(State::Accepted, 1), stat(State::Leased, 1)]);
    let again = lease(&journal, 100, 9).await;
    assert_eq!(again.len(), 2);
    let taken_over = again.iter().find(|l| l.exchange.id == id(2)).unwrap();
    assert!(taken_over.fence > held[1].fence);
    assert_eq!(taken_over.before, State::Leased);
    journal.put_timer(timer(), None).await.unwrap();
    assert!(lease_timer(&journal, 0).await > fence, "tokens never come again");
    let next = journal
        .put_document("langganan".into(), "b".into(), None, None)
        .await
        .unwrap()
        .unwrap();
    assert!(next > revision);
    assert_eq!(
        (
            journal.last_event().await.unwrap(),
            journal.cursor("s".into()).await.unwrap()
        ),
        (1, 1)
    );
    let end = Settlement {
        timers: Vec::new(),
        events: vec![event(2)],
        ..settlement(&again[0], Next::Failed)
    };
    journal.settle(end).await.unwrap();
    assert_eq!(journal.events(0, Vec::new(), 9).await.unwrap()[1].subject_seq, 2);
    assert_eq!(verified(&journal).await, 2);
}

#[tokio::test]
async fn a_second_opening_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path);
    let Err(JournalError::Broken(text)) = SqliteJournal::open(&path, Options::default()) else {
        panic!("opened twice");
    };
    assert!(text.contains("in use by another process"), "{text}");
    drop(journal);
    open(&path);
}

fn refused(path: &Path) -> String {
    match SqliteJournal::open(path, Options::default()) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("opened {}", path.display()),
    }
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, ".repeat(1000)).unwrap();
    assert!(refused(&text).contains("not a database"), "{}", refused(&text));
    assert!(std::fs::read(&text).unwrap().starts_with(b"not a database"));

    let other = folder.path().join("other.db");
    let database = rusqlite::Connection::open(&other).unwrap();
    database.execute_batch("CREATE TABLE letters (id INTEGER)").unwrap();
    drop(database);
    assert!(refused(&other).contains("not a journal"), "{}", refused(&other));

    let nowhere = folder.path().join("missing").join("journal.db");
    assert!(
        refused(&nowhere).contains("does the folder exist"),
        "{}",
        refused(&nowhere)
    );
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    drop(open(&path));
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .pragma_update(None, "user_version", 1 + VERSION as i64)
        .unwrap();
    drop(database);
    assert!(refused(&path).contains("run the newer build"), "{}", refused(&path));
}

#[tokio::test]
async fn an_older_schema_is_upgraded_with_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = open(&path);
    journal.accept(exchange(1, 100)).await.unwrap();
    drop(journal);
    // Back to the first version: no events, documents, timers or files yet.
    let database = rusqlite::Connection::open(&path).unwrap();
    for table in [
        "events",
        "cursors",
        "documents",
        "timers",
        "counters",
        "files",
        "file_pieces",
        "mirror_sets",
        "mirror_rows",
        "mirror_runs",
        "evidence_batches",
        "claims",
    ] {
        database.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    database.execute_batch("DROP INDEX exchanges_parties").unwrap();
    database.pragma_update(None, "user_version", 1).unwrap();
    drop(database);

    let journal = open(&path);
    assert_eq!(lease(&journal, 0, 9).await[0].exchange.id, id(1));
    journal.put_timer(timer(), None).await.unwrap();
    assert_eq!(journal.last_event().await.unwrap(), 0);
}

#[tokio::test]
async fn the_log_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let options = Options {
        wal_copy_pages: 50,
        wal_bound_pages: 500,
        ..Options::default()
    };
    let journal = SqliteJournal::open(&path, options).unwrap();
    let mut largest = 0;
    for n in 1..=1500 {
        journal.accept(exchange(n, 20_000)).await.unwrap();
        largest = largest.max(std::fs::metadata(folder.path().join("journal.db-wal")).unwrap().len());
    }
    // Thirty megabytes went through it; the bound is two, and the copier needs a moment.
    assert!(largest < 16 << 20, "the log grew to {largest} bytes");
    drop(journal);
    assert!(
        !folder.path().join("journal.db-wal").exists(),
        "closing folds the log into the file"
    );
    assert_eq!(open(&path).list(Default::default()).await.unwrap().len(), 50);
}
