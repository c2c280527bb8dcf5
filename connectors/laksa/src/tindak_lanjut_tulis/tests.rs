use super::*;
use crate::tests::{call, rows, setup};

fn found(listed: &Value) -> Result<Found, Fault> {
    let operation = WriteFollowUp::new(&setup(3));
    let input = json!({"tiket": "LAKSA-1", "tindak_lanjut": {"id": "88001", "isi": "Sudah."}});
    let lookup = operation.lookup().expect("a look-up");
    lookup.found(
        &call(),
        &input,
        &rows(&json!([{"tiket": "LAKSA-1", "tindak_lanjut": listed}])),
    )
}

#[test]
fn a_follow_up_is_recognised_by_its_id() {
    assert_eq!(
        found(&json!([{"id": "1"}, {"id": 88_001}])),
        Ok(Found::Landed(json!({"tiket": "LAKSA-1"})))
    );
    assert_eq!(found(&json!([{"id": "1"}])), Ok(Found::NotLanded));
    assert!(
        found(&json!(null)).is_err(),
        "no list of follow-ups is drift, not absence"
    );
}
