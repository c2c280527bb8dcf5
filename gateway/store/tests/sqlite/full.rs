//! A full disk: nothing is accepted, nothing is lost, reading goes on, and it passes.

use super::{exchange, id, lease, settlement};
use gateway_core::exchange::{Next, State};
use gateway_core::journal::{Acceptance, Journal, JournalError};
use gateway_store::SqliteJournal;
use gateway_store::sqlite::Options;

fn is_full<T>(result: &Result<T, JournalError>) -> bool {
    matches!(result, Err(JournalError::Full(_)))
}

#[tokio::test]
async fn full_is_said_and_passes() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        max_pages: Some(400),
        ..Options::default()
    };
    let journal = SqliteJournal::open(folder.path().join("journal.db"), options).unwrap();
    let mut stored = 0;
    let mut n = 0;
    loop {
        n += 1;
        match journal.accept(exchange(n, 50_000)).await {
            Ok(Acceptance::New(..)) => stored += 1,
            Err(JournalError::Full(_)) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!((10..40).contains(&stored), "{stored} were stored");
    assert!(
        journal.get(id(n)).await.unwrap().is_none(),
        "the refused one is not there"
    );
    assert!(is_full(&journal.accept(exchange(n, 50_000)).await), "still full");

    // A large one does not take small ones down with it.
    let small = (1000..1008).map(|n| journal.accept(exchange(n, 10)));
    let large = journal.accept(exchange(2000, 90_000));
    let (small, large) = futures_util::future::join(futures_util::future::join_all(small), large).await;
    assert!(is_full(&large));
    assert!(small.iter().all(Result::is_ok), "{small:?}");

    // Reading goes on, work goes on, and erased bodies make room.
    assert_eq!(journal.get(id(1)).await.unwrap().unwrap().input.len(), 50_000);
    for held in lease(&journal, 0, 3).await {
        journal.settle(settlement(&held, Next::Failed)).await.unwrap();
    }
    assert_eq!(
        journal
            .erase(vec!["pengaduan.kirim".into()], Vec::new(), super::at(9), 9)
            .await
            .unwrap(),
        3
    );
    assert!(
        matches!(journal.accept(exchange(n, 50_000)).await, Ok(Acceptance::New(..))),
        "room again"
    );
    assert_eq!(journal.get(id(n)).await.unwrap().unwrap().state, State::Accepted);
    journal.ready().await.unwrap();
}
