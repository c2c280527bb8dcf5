use super::*;
use crate::tests::{call, reply, setup};

#[test]
fn pages_follow_each_other_and_ids_stay_text() {
    let lists = lists(&setup());
    let pull = Pull {
        scope: Vec::new(),
        cursor: Some("2".to_owned()),
    };
    let native = reply(&json!({"results": {
        "data": [{"id": 200_010, "name": "Dinas Contoh"}, {"id": "K/9", "name": "Lain"}],
        "next_page_url": "https://contoh.invalid/?page=3", "total": 5,
    }}));
    let page = lists[0].page(&call(), &pull, &native).expect("a page");
    assert_eq!((page.next.as_deref(), page.total), (Some("3"), Some(5)));
    assert_eq!(
        page.records[0],
        json!({"kode": "dishub", "nama": "Dinas Contoh", "id_asli": {"lapor": "200010"}})
    );
    assert_eq!(page.records[1]["kode"], "lapor-k-9");
    let broken = reply(&json!({"results": {"data": [{"id": 1}]}}));
    assert!(lists[0].page(&call(), &pull, &broken).is_err());
}

#[test]
fn a_list_without_a_configured_path_is_not_declared() {
    let ids: Vec<String> = lists(&setup()).iter().map(|list| list.spec().id.to_string()).collect();
    assert_eq!(ids, ["lapor.instansi", "lapor.templat"]);
}
