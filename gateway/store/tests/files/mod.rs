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
