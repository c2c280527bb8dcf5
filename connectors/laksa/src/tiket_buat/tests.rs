use super::*;
use crate::tests::{Door, call, rows, setup};
use connector_sdk::Found;

fn report() -> Value {
    json!({"id_laporan": "7700200", "asal_kota": false, "judul": "Jembatan retak", "isi": "Retak.", "anonim": true, "rahasia": false})
}

async fn look(pages: Vec<Value>) -> Found {
    let operation = MakeTicket::new(&setup(3));
    let lookup = operation.lookup().expect("a look-up");
    let door = Door::playing(pages.iter().map(rows));
    lookup.run(&call(), &report(), &door).await.expect("an answer")
}

#[tokio::test]
async fn the_ticket_of_the_report_is_found_on_a_later_page() {
    let pages = vec![
        json!([{"tiket": "LAKSA-L-1", "id_lapor": "1"}]),
        json!([{"tiket": "LAKSA-L-2", "id_lapor": 7_700_200}]),
        json!([]),
    ];
    assert_eq!(look(pages).await, Found::Landed(json!({"tiket": "LAKSA-L-2"})));
}

#[tokio::test]
async fn only_a_list_seen_to_its_end_shows_that_it_did_not_land() {
    let other = |number: u32| json!([{"tiket": "x", "id_lapor": number}]);
    assert_eq!(look(vec![other(1), json!([])]).await, Found::NotLanded);
    assert!(
        matches!(look(vec![other(1), other(1)]).await, Found::Unclear(_)),
        "a repeated page"
    );
    assert!(
        matches!(look(vec![other(1), other(2), other(3)]).await, Found::Unclear(_)),
        "the cap"
    );
}
