//! Where a pull ends, and what is never taken for an end.

use super::*;
use serde_json::{Map, json};

fn setup() -> Setup {
    let mut table = Map::new();
    table.insert("antarmuka".into(), json!("gerbang"));
    table.insert("kode_klpd".into(), json!("D999"));
    table.insert("batas".into(), json!(2));
    Setup::read(&connector_sdk::Settings::new(table)).unwrap()
}

fn next(body: &str, count: usize, cursor: Option<&str>) -> Result<Next, Fault> {
    let pull = Pull {
        scope: Vec::new(),
        cursor: cursor.map(str::to_owned),
    };
    Marks::of(&Rows::of(body.as_bytes()).unwrap()).next(count, &setup(), &pull)
}

#[test]
fn the_flag_decides_and_silence_on_a_full_page_is_no_end() {
    let end = r#"{"data":[],"meta":{"has_more":false,"cursor":"x"}}"#;
    assert_eq!(next(end, 2, None).unwrap(), Next::default());
    let more = r#"{"data":[],"meta":{"has_more":true,"cursor":"x"}}"#;
    assert_eq!(next(more, 2, None).unwrap().cursor, Some("x".into()));
    assert_eq!(next(r#"{"data":[]}"#, 1, None).unwrap(), Next::default());
    assert!(next(r#"{"data":[]}"#, 2, None).unwrap().lacking.is_some());
    assert!(next(more, 2, Some("x")).is_err());
    assert!(next(more, 0, None).is_err());
    assert!(next(r#"{"data":[],"has_more":true}"#, 2, None).is_err());
}

#[test]
fn the_old_bus_has_an_order_of_parameters_for_each_data_set() {
    let mut table = Map::new();
    for (key, value) in [
        ("antarmuka", json!("isb")),
        ("kode_klpd", json!("D999")),
        ("kode_lpse", json!("999")),
        ("tahun", json!(2026)),
        (
            "layanan",
            json!({"rup_penyedia": "1", "satker": "2", "tender_pengumuman": "3", "toko_daring": "4"}),
        ),
    ] {
        table.insert(key.into(), value);
    }
    let setup = Setup::read(&connector_sdk::Settings::new(table)).unwrap();
    let path = |id: &str| {
        let set = setup.sets.iter().find(|set| set.id == id).unwrap();
        let request = request::page(&setup, set, &Pull::default()).unwrap();
        request
            .path
            .as_str()
            .replace("%3A", ":")
            .split_once("/tipe/")
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(path("rup_penyedia"), "4:12/parameter/2026:D999");
    assert_eq!(path("satker"), "12:12/parameter/D999:2026");
    assert_eq!(path("tender_pengumuman"), "4:4/parameter/2026:999");
    assert_eq!(path("toko_daring"), "12:4/parameter/D999:2026");
}
