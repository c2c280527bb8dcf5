use super::*;
use crate::tests::{call, reply, setup_with};

#[test]
fn our_own_report_is_recognised_and_missing_flags_protect() {
    let setup = setup_with(|settings| {
        settings["masuk"] = json!({"jalur": "complaints", "tambahan": {"disposition_id": "{instansi}"}});
    });
    let operation = ListIncoming::new(&setup, setup.raw.masuk.as_ref().expect("configured"));
    let request = operation.request(&call(), &json!({"halaman": "2"})).expect("a request");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(request.query, [pair("disposition_id", "200002"), pair("page", "2")]);
    let list = reply(&json!({"results": {"data": [
        {"id": 1, "title": "a", "content": "<p>[Ref LAKSA-2026-000123] x</p>", "is_anonymous": false, "is_secret": 0},
        {"id": 2, "title": "b", "content": "Katanya [Ref LAKSA-2026-000123]"},
    ], "next_page_url": null}}));
    let answer = operation.reply(&call(), &json!({}), &list).expect("a list");
    let shown = |at: usize, field: &str| answer["butir"][at][field].clone();
    assert_eq!(
        (shown(0, "asal_kota"), shown(0, "tiket"), shown(0, "anonim")),
        (json!(true), json!("LAKSA-2026-000123"), json!(false))
    );
    assert_eq!(
        (shown(1, "asal_kota"), shown(1, "anonim"), shown(1, "rahasia")),
        (json!(false), json!(true), json!(true))
    );
}
