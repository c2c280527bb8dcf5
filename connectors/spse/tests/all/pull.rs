//! A year of the invented city pulled page by page through the connector equals the city: counts, keys, money to the
//! last decimal, on the gateway and on the old bus.

use connector_sdk::{Call, Connector, NativeReply, NativeRequest, NoLists, Pull, Settings};
use serde_json::{Map, Value, json};
use simulators::city::{City, Method, Money, Process};
use simulators::frame::{Request, System};
use simulators::spse::{Envelope, Spse, SpseOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The connector and the played system, without a socket between them.
struct Pair {
    connector: Arc<dyn Connector>,
    spse: Spse,
    prefix: &'static str,
}

fn pair(prefix: &'static str, settings: &Value) -> Pair {
    let table: Map<String, Value> = settings.as_object().cloned().unwrap();
    let connector = (connector_spse::FACTORY.build)(&Settings::new(table)).unwrap();
    let options = SpseOptions {
        city: super::small(),
        ..SpseOptions::default()
    };
    Pair {
        connector,
        spse: Spse::new(options),
        prefix,
    }
}

fn gateway() -> Pair {
    pair(
        "/api",
        &json!({"antarmuka": "gerbang", "kode_klpd": "D999", "tahun": 2026, "batas": 100}),
    )
}

impl Pair {
    fn sent(&mut self, request: &NativeRequest, bus_name: &str) -> NativeReply {
        let endpoint_path = request.path.as_str();
        let path = match bus_name {
            "" => format!("{}{endpoint_path}", self.prefix),
            name => {
                let tail = endpoint_path.split_once("%7D%7D").map_or("", |(_, tail)| tail);
                format!("{}/{}{tail}", self.prefix, self.spse.bus_key(name))
            }
        };
        let mut headers = http::HeaderMap::new();
        let bearer = format!("Bearer {}", self.spse.options.token);
        headers.insert("authorization", bearer.parse().unwrap());
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(name, value)| {
                format!(
                    "{name}={}",
                    value.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F")
                )
            })
            .collect();
        let asked = Request {
            method: "GET".to_owned(),
            path,
            query: query.join("&"),
            headers,
            body: bytes::Bytes::new(),
        };
        let endpoint = self.spse.endpoint(&asked);
        let answer = self.spse.serve(endpoint, &asked, &[]);
        NativeReply {
            status: answer.status,
            headers: http::HeaderMap::new(),
            body: answer.body,
        }
    }

    /// Every record of a data set by its key, as a copy keeps them, or what stopped the pull. Exact copies may lie on
    /// different pages.
    fn pull(&mut self, set: &str, bus_name: &str) -> Result<Vec<Value>, String> {
        let connector = Arc::clone(&self.connector);
        let mirror = connector.mirror(&format!("spse.{set}")).ok_or("no such mirror")?;
        let call = Call {
            exchange: "tarikan",
            reference: "tarikan",
            attempt: 1,
            now: jiff::Timestamp::UNIX_EPOCH,
            lists: &NoLists,
        };
        let (mut pull, mut all, mut pages) = (Pull::default(), BTreeMap::new(), 0);
        loop {
            pages += 1;
            assert!(pages < 10_000, "{set} never ends");
            let request = mirror.request(&call, &pull).map_err(|fault| format!("{fault:?}"))?;
            let reply = self.sent(&request, bus_name);
            connector
                .screen(&request, &reply)
                .map_err(|fault| format!("{fault:?}"))?;
            let page = mirror
                .page(&call, &pull, &reply)
                .map_err(|fault| format!("{fault:?}"))?;
            for record in page.records {
                let key = record["kunci"].as_str().unwrap().to_owned();
                if let Some(before) = all.insert(key.clone(), record.clone()) {
                    assert_eq!(before, record, "{set}: two records are called {key}");
                }
            }
            match page.next {
                Some(next) => pull.cursor = Some(next),
                None => return Ok(all.into_values().collect()),
            }
        }
    }
}

fn sum(records: &[Value], name: &str) -> Money {
    records
        .iter()
        .map(|record| money(record[name].as_str().unwrap_or("0")))
        .sum()
}

fn money(text: &str) -> Money {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let parts: i64 = format!("{rest:0<4}").parse().unwrap();
    Money::rupiah(whole.parse().unwrap()) + Money::parts(parts)
}

fn keys(records: &[Value]) -> BTreeSet<String> {
    records
        .iter()
        .map(|record| record["kunci"].as_str().unwrap().to_owned())
        .collect()
}

fn own(city: &City, wanted: bool) -> impl Iterator<Item = &simulators::city::Package> {
    city.packages
        .iter()
        .filter(move |package| matches!(package.method, Method::OwnWork(_)) == wanted)
}

#[test]
fn the_plan_of_a_year_is_the_citys_to_the_last_decimal() {
    for envelope in [
        Envelope::Documented,
        Envelope::TopLevel,
        Envelope::Rs,
        Envelope::Counted,
    ] {
        let mut pair = gateway();
        pair.spse.options.quirks.envelope = envelope;
        let city = pair.spse.city();
        for (set, budget, wanted) in [
            ("rup_penyedia", "anggaran_penyedia", false),
            ("rup_swakelola", "anggaran_swakelola", true),
        ] {
            let plans = pair.pull(set, "").unwrap();
            let codes: BTreeSet<String> = own(&city, wanted).map(|package| package.rup.to_string()).collect();
            assert_eq!(keys(&plans), codes);
            assert_eq!(
                sum(&plans, "pagu"),
                own(&city, wanted).map(|package| package.pagu).sum()
            );
            let lines = pair.pull(budget, "").unwrap();
            assert_eq!(
                lines.len(),
                own(&city, wanted).map(|package| package.parts.len()).sum::<usize>()
            );
            assert_eq!(keys(&lines).len(), lines.len());
            assert_eq!(sum(&lines, "pagu"), sum(&plans, "pagu"));
        }
    }
}

#[test]
fn contracts_and_payments_agree_between_gateway_bus_and_city() {
    let mut gateway = gateway();
    let mut bus = pair("/isb-2/api", &super::bus_settings());
    let city = gateway.spse.city();
    for (kind, tender) in [("tender", true), ("non_tender", false)] {
        let name = if tender {
            "SPSE-TenderEkontrak-"
        } else {
            "SPSE-NonTenderEkontrak-"
        };
        let of = |contract: &&simulators::city::Contract| {
            let method = city.packages[contract.package].method;
            matches!(method, Method::Tender | Method::Selection) == tender
        };
        let rows = gateway.pull(&format!("{kind}_kontrak"), "").unwrap();
        let on_bus = bus.pull(&format!("{kind}_kontrak"), &format!("{name}Kontrak")).unwrap();
        assert_eq!(keys(&rows), keys(&on_bus));
        let original: Vec<Value> = rows
            .into_iter()
            .filter(|row| row["versi_addendum"] == json!(0))
            .collect();
        assert_eq!(original.len(), city.contracts.iter().filter(of).count());
        assert_eq!(
            sum(&original, "nilai_kontrak"),
            city.contracts.iter().filter(of).map(|c| c.value).sum()
        );
        let bills = city.contracts.iter().filter(of).flat_map(|contract| &contract.bills);
        let billed: Money = bills.map(|bill| bill.amount).sum();
        for paid in [
            gateway.pull(&format!("{kind}_bap"), "").unwrap(),
            bus.pull(&format!("{kind}_bap"), &format!("{name}BAPBAST")).unwrap(),
        ] {
            assert_eq!(sum(&paid, "pembayaran"), billed);
        }
    }
}

#[test]
fn tenders_bidders_and_orders_are_all_there() {
    let mut pair = gateway();
    let city = pair.spse.city();
    let tenders = city
        .packages
        .iter()
        .filter(|p| matches!(p.process, Process::Tender { .. }))
        .count();
    let bids: usize = city
        .packages
        .iter()
        .map(|package| match &package.process {
            Process::Tender { bids, .. } => bids.len(),
            _ => 0,
        })
        .sum();
    let orders: Money = city
        .packages
        .iter()
        .flat_map(|package| match &package.process {
            Process::Orders(orders) => orders.as_slice(),
            _ => &[],
        })
        .map(|order| order.total)
        .sum();
    assert_eq!(pair.pull("tender_pengumuman", "").unwrap().len(), tenders);
    // The placeholder row is no bidder.
    assert_eq!(pair.pull("peserta_tender", "").unwrap().len(), bids);
    assert_eq!(sum(&pair.pull("katalog", "").unwrap(), "total_harga"), orders);
}

#[test]
fn what_goes_wrong_with_pages_is_never_a_complete_pull() {
    let mut pair = gateway();
    pair.spse.options.quirks.silent_first_page = true;
    assert!(pair.pull("rup_penyedia", "").unwrap_err().contains("full as the limit"));
    pair.spse.options.quirks.silent_first_page = false;
    pair.spse.options.quirks.cursor_repeats = true;
    assert!(pair.pull("rup_penyedia", "").unwrap_err().contains("cursor"));
    pair.spse.options.quirks.cursor_repeats = false;
    pair.spse.options.quirks.empty_page_goes_on = true;
    assert!(pair.pull("rup_penyedia", "").unwrap_err().contains("empty page"));
    pair.spse.options.quirks.empty_page_goes_on = false;
    pair.spse.options.blocked = true;
    assert!(pair.pull("rup_penyedia", "").unwrap_err().contains("edge-403"));
}

#[test]
fn every_data_set_of_the_bus_can_be_pulled_as_json_and_as_csv() {
    for form in ["json", "csv"] {
        let mut settings = super::bus_settings();
        settings["bentuk"] = json!(form);
        let mut pair = pair("/isb-2/api", &settings);
        let table: Vec<Value> = serde_json::from_str(include_str!("../../data/himpunan.json")).unwrap();
        let mut pulled = 0;
        for set in &table {
            let Some(bus) = set.get("isb") else { continue };
            if bus["parameter"] == json!(["id"]) {
                continue;
            }
            let (id, name) = (set["id"].as_str().unwrap(), bus["nama"].as_str().unwrap());
            let Some(truth) = pair.spse.rows(name) else { continue };
            let records = pair.pull(id, name).unwrap_or_else(|why| panic!("{id}: {why}"));
            assert!(!records.is_empty() && records.len() <= truth.len(), "{id}");
            assert_eq!(keys(&records).len(), records.len(), "{id}");
            pulled += 1;
        }
        assert!(pulled > 35, "{pulled}");
    }
}
