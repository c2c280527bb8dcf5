//! The connector against the conformance kit, once per interface.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

use connector_testkit::{Kit, Misbehave, Running};
use serde_json::{Value, json};
use simulators::city::CityOptions;
use simulators::frame::Fault;
use simulators::spse::{self, SpseOptions};
use std::sync::Arc;

#[path = "all/pull.rs"]
mod pull;
#[path = "all/tables.rs"]
mod tables;
#[path = "all/web.rs"]
mod web;

const NO_OPERATION: &str = "errors are played at operations; this interface has data sets only, and mirror/…/never_emptied \
                            plays each of them there";

const NO_CODE: &str = "a supplier has no coded field; codes of the data sets are passed on as text and none is mapped";

#[test]
fn gateway() {
    let settings = json!({"antarmuka": "gerbang", "kode_klpd": "D999", "tahun": 2026});
    let kit = Kit::new(connector_spse::FACTORY, settings, env!("CARGO_MANIFEST_DIR")).simulator(|| played("/api"));
    connector_testkit::run(kit.skip("operation/penyedia.lihat/unknown_codes", NO_CODE));
}

#[test]
fn bus() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/isb");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/konektor-spse-isb.md");
    let kit = Kit::new(connector_spse::FACTORY, bus_settings(), root)
        .page(page)
        .simulator(|| played("/isb-2/api"));
    connector_testkit::run(kit.skip("connector/native_errors", NO_OPERATION));
}

#[test]
fn open_data() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/satu_data");
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/konektor-spse-satu-data.md"
    );
    let settings = json!({"antarmuka": "satu_data", "kode_lpse": "999", "tahun": 2026});
    let kit = Kit::new(connector_spse::FACTORY, settings, root)
        .page(page)
        .simulator(|| played("/isb-2/api/satudata"));
    connector_testkit::run(kit.skip("connector/native_errors", NO_OPERATION));
}

#[test]
fn web_tables() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/sirup_web");
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/konektor-spse-sirup-web.md"
    );
    let settings = json!({
        "antarmuka": "sirup_web", "kode_klpd": "D999", "tahun": 2026, "batas": 3,
        "perujuk": "https://sirup.contoh.invalid/sirup/home/rekapKldi",
    });
    let kit = Kit::new(connector_spse::FACTORY, settings, root)
        .page(page)
        .simulator(|| played("/sirup"));
    connector_testkit::run(kit.skip("connector/native_errors", NO_OPERATION));
}

/// Every data set that the old bus has, with an invented service number.
fn bus_settings() -> Value {
    let table: Value = serde_json::from_str(include_str!("../data/himpunan.json")).unwrap();
    let sets = table.as_array().unwrap().iter();
    let named = sets.filter(|set| set.get("isb").is_some()).enumerate();
    let services: serde_json::Map<String, Value> = named
        .map(|(at, set)| (set["id"].as_str().unwrap().to_owned(), json!((9000 + at).to_string())))
        .collect();
    json!({"antarmuka": "isb", "kode_klpd": "D999", "kode_lpse": "999", "tahun": 2026, "layanan": services})
}

async fn played(interface: &'static str) -> Result<Running, String> {
    let options = SpseOptions {
        city: small(),
        ..SpseOptions::default()
    };
    let token = options.token.clone();
    let played = Arc::new(spse::start(options).await.map_err(|error| error.to_string())?);
    let mut credentials = vec![("authorization".to_owned(), format!("Bearer {token}"))];
    credentials.push((
        connector_sdk::path_credential("satker"),
        played.with(|spse| spse.bus_key("RUP-MasterSatker")),
    ));
    let faults = Arc::clone(&played);
    Ok(Running::new(format!("{}{interface}", played.base_url()), played)
        .credentials(move || credentials.clone())
        .effects(|| 0)
        .misbehave(move |how| {
            let fault = match how {
                Misbehave::CredentialExpired => Fault::TokenExpired { code: 900_901 },
                Misbehave::Throttled => Fault::Throttled {
                    code: 0,
                    retry_after: Some(3),
                    next_access: None,
                },
                Misbehave::ErrorUnderSuccess => Fault::OkWithErrorBody,
                Misbehave::HangUpAfterStoring => Fault::HangUpAfterStoring,
                Misbehave::HangUpBeforeStoring => Fault::HangUpBeforeStoring,
            };
            faults.faults().once("*", fault);
            true
        }))
}

fn small() -> CityOptions {
    CityOptions {
        packages: 2_000,
        budget_lines: 3_000,
        payments: 1_000,
        ..CityOptions::default()
    }
}
