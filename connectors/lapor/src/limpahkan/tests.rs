use super::*;
use crate::tests::{call, json_body, reply, setup};

fn input() -> Value {
    json!({"id_laporan": "7700123", "ke_instansi": "dishub", "alasan": "Bukan wewenang kota."})
}

#[test]
fn the_institution_goes_into_reason_and_booleans_are_numbers() {
    let request = HandOn::new(&setup()).request(&call(), &input()).expect("a request");
    assert_eq!(request.path.as_str(), "/complaints/process/7700123/reject");
    assert_eq!(
        json_body(&request),
        &json!({"is_request": 1, "reason": "200010", "reason_description": "Bukan wewenang kota.", "not_authority": 1})
    );
}

#[test]
fn only_the_right_disposition_shows_that_it_landed() {
    let operation = HandOn::new(&setup());
    let lookup = operation.lookup().expect("a look-up");
    let at = |id: u32| reply(&json!({"results": {"data": {"disposition_id": id}}}));
    assert!(matches!(
        lookup.found(&call(), &input(), &at(200_010)),
        Ok(Found::Landed(_))
    ));
    assert!(matches!(
        lookup.found(&call(), &input(), &at(200_002)),
        Ok(Found::Unclear(_))
    ));
}
