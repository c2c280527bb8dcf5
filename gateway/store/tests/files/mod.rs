//! What every store of files promises; called with each.

use bytes::Bytes;
use gateway_core::files::{Files, StoredFile};
use gateway_core::ids::ExchangeId;
use jiff::Timestamp;
use uuid::Uuid;

fn file(number: u128, second: i64) -> StoredFile {
    StoredFile {
        id: ExchangeId(Uuid::from_u128(number)),
        owner: "opd-uji".into(),
        name: Bytes::from_static(b"\x01nama tersegel"),
        media_type: "image/jpeg".into(),
        size: 3_000_000,
        sha256: "ab".repeat(32),
        seal: Bytes::from_static(b"\x01kunci"),
        body: Bytes::from(vec![7; 3_000_000]),
        pieces: 0,
        needs: None,
        at: Timestamp::new(1_780_000_000 + second, 123_456_789).unwrap(),
    }
}

/// Stored whole, once, and gone when erased: oldest first, only what came before.
pub(crate) async fn keep(files: &dyn Files) {
    for (number, second) in [(3, 30), (1, 10), (2, 20)] {
        files.put(file(number, second)).await.unwrap();
    }
    assert_eq!(files.get(file(1, 0).id).await.unwrap(), Some(file(1, 10)));
    assert_eq!(files.get(file(9, 0).id).await.unwrap(), None);
    assert!(files.put(file(1, 40)).await.is_err(), "an id is given once");
    assert_eq!(files.erase(file(0, 10).at, 9).await.unwrap(), 0);
    assert_eq!(files.erase(file(0, 30).at, 1).await.unwrap(), 1);
    assert_eq!(files.get(file(1, 0).id).await.unwrap(), None);
    assert_eq!(files.erase(file(0, 30).at, 9).await.unwrap(), 1);
    assert_eq!(files.get(file(3, 0).id).await.unwrap(), Some(file(3, 30)));
}

/// Pieces are there before and after their file is, go with it, and go alone when it never came.
pub(crate) async fn keep_pieces(files: &dyn Files) {
    let piece = |number: u32| Bytes::from(vec![number as u8; 600_000]);
    let large = StoredFile {
        body: Bytes::new(),
        pieces: 3,
        ..file(1, 10)
    };
    for number in 0..3 {
        files
            .put_piece(large.id, number, piece(number), large.at)
            .await
            .unwrap();
    }
    let again = files.put_piece(large.id, 2, piece(2), large.at).await;
    assert!(again.is_err(), "a piece is stored once");
    assert_eq!(files.get(large.id).await.unwrap(), None, "no file without its head");
    files.put(large.clone()).await.unwrap();
    assert_eq!(files.get(large.id).await.unwrap(), Some(large.clone()));
    assert_eq!(files.piece(large.id, 2).await.unwrap(), Some(piece(2)));
    assert_eq!(files.piece(large.id, 3).await.unwrap(), None);

    files.discard(large.id).await.unwrap();
    assert!(
        files.piece(large.id, 0).await.unwrap().is_some(),
        "a file that exists keeps its pieces"
    );
    files.guard(large.id, "naskah.rahasia".into()).await.unwrap();
    let guarded = files.get(large.id).await.unwrap().unwrap();
    assert_eq!(guarded.needs.as_deref(), Some("naskah.rahasia"));

    // Two uploads that broke off; one is discarded at once, one is found by its age.
    for number in [4, 5] {
        files
            .put_piece(file(number, 0).id, 0, piece(0), file(number, 20).at)
            .await
            .unwrap();
    }
    files.discard(file(4, 0).id).await.unwrap();
    assert_eq!(files.piece(file(4, 0).id, 0).await.unwrap(), None);
    assert_eq!(files.sweep(file(0, 20).at, 9).await.unwrap(), 0);
    assert_eq!(files.sweep(file(0, 30).at, 9).await.unwrap(), 1);
    assert_eq!(files.piece(file(5, 0).id, 0).await.unwrap(), None);

    assert_eq!(files.erase(file(0, 30).at, 9).await.unwrap(), 1);
    assert_eq!(
        files.piece(large.id, 0).await.unwrap(),
        None,
        "pieces go with their file"
    );
}
