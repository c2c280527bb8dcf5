//! The web tables of SiRUP pulled page by page equal the city, whatever they say of their length; rounded amounts stand
//! apart; a table whose columns moved is no table.

use connector_sdk::{Call, Connector, Fault, FaultKind, NativeReply, NoLists, Pull, Settings};
use serde_json::{Map, Value, json};
use simulators::city::Method;
use simulators::frame::{Request, System};
use simulators::spse::{Quirks, Spse, SpseOptions};
use std::collections::BTreeMap;
use std::sync::Arc;

fn connector(more: &Value) -> Arc<dyn Connector> {
    let mut table: Map<String, Value> = json!({
        "antarmuka": "sirup_web", "kode_klpd": "D999", "tahun": 2026, "batas": 100,
        "perujuk": "https://sirup.contoh.invalid/sirup/home/rekapKldi",
    })
    .as_object()
    .cloned()
    .unwrap();
    table.extend(more.as_object().cloned().unwrap());
    (connector_spse::FACTORY.build)(&Settings::new(table)).unwrap()
}

fn played(quirks: Quirks) -> Spse {
    Spse::new(SpseOptions {
        city: super::small(),
        quirks,
        ..SpseOptions::default()
    })
}

fn call() -> Call<'static> {
    Call {
        exchange: "tarikan",
        reference: "tarikan",
        attempt: 1,
        now: jiff::Timestamp::UNIX_EPOCH,
        lists: &NoLists,
    }
}

/// Every record of a set by its key, and the number of pages.
fn pulled(
    connector: &dyn Connector,
    spse: &mut Spse,
    set: &str,
    scope: &[(&'static str, String)],
) -> Result<(BTreeMap<String, Value>, usize), Fault> {
    let mirror = connector.mirror(set).unwrap();
    let (call, mut pull) = (call(), Pull::default());
    pull.scope = scope
        .iter()
        .map(|(name, value)| ((*name).into(), value.clone()))
        .collect();
    let (mut records, mut pages) = (BTreeMap::new(), 0);
    loop {
        let request = mirror.request(&call, &pull)?;
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let asked = Request {
            method: "GET".to_owned(),
            path: format!("/sirup{}", request.path.as_str()),
            query: query.join("&"),
            headers: request.headers.clone(),
            body: bytes::Bytes::new(),
        };
        let endpoint = spse.endpoint(&asked);
        let answer = spse.serve(endpoint, &asked, &[]);
        let reply = NativeReply {
            status: answer.status,
            headers: answered(&answer.headers),
            body: answer.body,
        };
        connector.screen(&request, &reply)?;
        let page = mirror.page(&call, &pull, &reply)?;
        pages += 1;
        for record in page.records {
            records.insert(record["kunci"].as_str().unwrap().to_owned(), record);
        }
        match page.next {
            Some(next) => pull.cursor = Some(next),
            None => return Ok((records, pages)),
        }
    }
}

fn answered(headers: &[(&'static str, String)]) -> http::HeaderMap {
    let pairs = headers
        .iter()
        .map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()));
    pairs.collect::<http::HeaderMap>()
}

#[test]
fn a_year_of_the_web_tables_equals_the_city() {
    let usual = Quirks::default();
    let numbers = Quirks {
        web_numbers: true,
        ..usual.clone()
    };
    let uncounted = Quirks {
        web_not_counted: true,
        web_longer_pages: true,
        ..usual.clone()
    };
    for quirks in [usual, numbers, uncounted] {
        let (connector, mut spse) = (connector(&json!({})), played(quirks));
        let city = spse.city();
        for (set, own) in [("spse.rup_penyedia_web", false), ("spse.rup_swakelola_web", true)] {
            let (records, pages) = pulled(&*connector, &mut spse, set, &[]).unwrap();
            let truth: Vec<_> = city
                .packages
                .iter()
                .filter(|package| matches!(package.method, Method::OwnWork(_)) == own)
                .collect();
            assert_eq!(records.len(), truth.len(), "{set}");
            assert!(pages > 1, "{set}: {pages} pages");
            for package in truth {
                let record = &records[&package.rup.to_string()];
                assert_eq!(record["pagu"], package.pagu.text(), "{set}");
                assert_eq!(record["bulan"], package.from.to_string()[..7], "{set}");
                assert_eq!(record["nama_satker"], city.units[package.unit].name, "{set}");
                assert!(record["sumber_dana"][0].is_string() && record["metode_pengadaan"].is_string());
            }
        }
        let unit = &city.units[city.packages[0].unit];
        let scope = [("id", unit.sirup_id.to_string())];
        let (records, _) = pulled(&*connector, &mut spse, "spse.rup_penyedia_satker_web", &scope).unwrap();
        assert!(!records.is_empty() && records.values().all(|record| record["nama_satker"] == unit.name));
        let (none, _) = pulled(&*connector, &mut spse, "spse.rup_penyedia_swakelola_web", &[]).unwrap();
        assert!(none.is_empty());
    }
}

#[test]
fn a_rounded_amount_is_never_an_amount() {
    let (connector, mut spse) = (
        connector(&json!({})),
        played(Quirks {
            web_rounded: true,
            ..Quirks::default()
        }),
    );
    let (records, _) = pulled(&*connector, &mut spse, "spse.rup_penyedia_web", &[]).unwrap();
    assert!(!records.is_empty());
    for record in records.values() {
        assert_eq!(record.get("pagu"), None);
        let shown = record["pagu_dibulatkan"].as_str().unwrap();
        assert!(shown.ends_with(" Jt") || shown.ends_with(" M"), "{shown}");
    }
}

#[test]
fn columns_are_where_the_table_says_or_nothing_is_read() {
    let mut spse = played(Quirks::default());
    let moved = json!({"susunan": {"rup_penyedia_web":
        ["nama_satker", "kd_rup", "nama_paket", "pagu", "metode_pengadaan", "sumber_dana", "kd_rup_lagi", "waktu"]}});
    let fault = pulled(&*connector(&moved), &mut spse, "spse.rup_penyedia_web", &[]).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Drift);
    // Without the words of a page the table is an error page under 200: never an empty table.
    let mirror = connector(&json!({}));
    let request = mirror
        .mirror("spse.rup_penyedia_web")
        .unwrap()
        .request(&call(), &Pull::default())
        .unwrap();
    let reply = NativeReply {
        status: 200,
        headers: http::HeaderMap::new(),
        body: "<html><body>Maaf, terjadi error pada aplikasi SPSE. Kode Error: X</body></html>".into(),
    };
    let fault = mirror.screen(&request, &reply).unwrap_err();
    assert_eq!(
        (fault.kind, fault.native_code.as_deref()),
        (FaultKind::Unavailable, Some("halaman-error"))
    );
}
