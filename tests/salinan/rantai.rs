//! One package from budget to payment: what the chain shows equals what the city did, no link is made that the city does
//! not know, what has none says so, and a link that breaks or appears is told.

use crate::world::{World, world};
use e2e::client::until;
use e2e::neighbours::city;
use serde_json::{Value, json};
use simulators::city::{City, Contract, Method, Money};
use std::collections::BTreeSet;
use std::time::Duration;

const COPIES: [&str; 7] = [
    "anggaran-kas",
    "paket_anggaran",
    "rup",
    "tender",
    "kontrak_tender",
    "non_tender",
    "kontrak_non_tender",
];
/// Longer than the pause between two looks of a chain.
const LOOK: i64 = 31;

fn step<'a>(chain: &'a Value, name: &str) -> &'a [Value] {
    let steps = chain["langkah"].as_array().unwrap();
    let step = steps.iter().find(|step| step["nama"] == name).unwrap();
    assert_eq!(step["terlihat"], true);
    step["butir"].as_array().unwrap()
}

fn money(text: &Value) -> Money {
    let text = text.as_str().unwrap();
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    Money::rupiah(whole.parse().unwrap()) + Money::parts(format!("{rest:0<4}").parse().unwrap())
}

async fn chain(world: &World, path: &str, step: &str, key: &str) -> Value {
    let key = key.replace('/', "%2F").replace('|', "%7C");
    world.get(&format!("{path}?langkah={step}&kunci={key}")).await
}

/// Waits until the chain holds a link of this step.
async fn linked(world: &World, path: &str, from: &str, key: &str, to: &str, wanted: bool) -> Value {
    world.later(LOOK);
    let found = until(Duration::from_secs(30), async || {
        let seen = chain(world, path, from, key).await;
        match step(&seen, to).is_empty() != wanted {
            true => Ok(seen),
            false => Err(seen.to_string()),
        }
    });
    found.await.unwrap()
}

/// Reads on until a change of this kind is told.
async fn told(world: &World, reader: &str, word: &str) -> Value {
    let found = until(Duration::from_secs(30), async || {
        let page = world.get(&format!("/v1/peristiwa?langganan={reader}&batas=100")).await;
        let all = page["butir"].as_array().unwrap();
        if !all.is_empty() {
            let read = json!({"langganan": reader, "posisi": page["posisi"]});
            world.post("/v1/peristiwa/akui", &read).await;
        }
        let one = all.iter().find(|event| event["peristiwa"]["data"]["perubahan"] == word);
        one.map(|event| event["peristiwa"]["data"].clone())
            .ok_or_else(|| page.to_string())
    });
    found.await.unwrap()
}

/// The Open Contracting form has every required field of version 1.1, refers only to what it holds, says the city's money
/// and names no officer.
async fn published(world: &World, path: &str, key: &str, city: &City, contract: &Contract) {
    let all = chain(world, path, "kontrak", &format!("{key}&format=ocds")).await;
    assert_eq!(all["version"], "1.1");
    for name in ["uri", "publishedDate"] {
        assert!(all[name].is_string(), "{name}: {all}");
    }
    assert!(all["publisher"]["name"].is_string());
    let release = &all["releases"][0];
    for name in ["ocid", "id", "date", "initiationType", "language"] {
        assert!(release[name].is_string(), "{name}: {release}");
    }
    assert_eq!(release["ocid"], format!("ocds-contoh-{}", contract.process));
    let tags: Vec<&str> = release["tag"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for tag in ["tender", "award", "contract"] {
        assert!(tags.contains(&tag), "{tags:?}");
    }
    assert!(release["tender"]["id"].is_string());
    let award = &release["awards"][0]["id"];
    let parties: Vec<&Value> = release["parties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|party| &party["id"])
        .collect();
    assert!(parties.contains(&&release["buyer"]["id"]));
    // This consumer has no grant for suppliers' names, some of whom are persons.
    assert!(award.is_string() && release["awards"][0].get("suppliers").is_none());
    let signed = &release["contracts"][0];
    assert_eq!((&signed["id"], &signed["awardID"]), (&json!(contract.number), award));
    assert!(signed["value"]["amount"].is_number() && signed["value"]["currency"] == "IDR");
    assert_eq!(money(&json!(signed["value"]["amount"].to_string())), contract.value);
    let officer = &city.officers[city.packages[contract.package].officer];
    assert!(!all.to_string().contains(&officer.nip) && !all.to_string().contains(&officer.name));
}

/// Serials of the payment orders of a step.
fn serials(records: &[Value]) -> BTreeSet<u32> {
    let serial = |record: &Value| record["data"]["id_sp2d"].as_str().unwrap().parse::<u32>().unwrap() - 770_000;
    records.iter().map(serial).collect()
}

/// Holds the chain of each contract of one way of buying against the city. How many links were derived from the amount.
async fn contracts_equal_the_city(world: &World, city: &City, path: &str, copy: &str, tender: bool) -> usize {
    let (mut derived, mut contracts, mut unbudgeted) = (0, 0, 0);
    for record in world.all(copy).await {
        let number = record["nomor_kontrak"].as_str().unwrap_or_default();
        // A contract that was announced but not signed yet has no number.
        let Some(at) = city.contracts.iter().position(|contract| contract.number == number) else {
            continue;
        };
        let contract = &city.contracts[at];
        let package = &city.packages[contract.package];
        assert_eq!(matches!(package.method, Method::Tender | Method::Selection), tender);
        contracts += 1;
        let seen = chain(world, path, "kontrak", record["kunci"].as_str().unwrap()).await;

        published(world, path, record["kunci"].as_str().unwrap(), city, contract).await;

        // Before the contract: exact keys all the way up to the budget.
        let plans = step(&seen, "rup");
        assert_eq!(plans.len(), 1, "{seen}");
        assert_eq!(plans[0]["data"]["kode_rup"], package.rup.to_string());
        let lines = step(&seen, "baris_rup");
        let planned: Money = lines.iter().map(|line| money(&line["data"]["pagu"])).sum();
        assert_eq!(planned, package.pagu, "{number}");
        let budget: BTreeSet<(String, String)> = step(&seen, "anggaran")
            .iter()
            .map(|cell| {
                let text = |name: &str| cell["data"][name].as_str().unwrap().to_owned();
                (text("kode_sub_kegiatan"), text("kode_akun"))
            })
            .collect();
        let wanted: BTreeSet<(String, String)> = package
            .parts
            .iter()
            .filter(|part| part.budgeted)
            .map(|part| {
                let line = &city.lines[part.line];
                (
                    city.subs[line.sub].code.clone(),
                    city.accounts[line.account].code.clone(),
                )
            })
            .collect();
        assert_eq!(budget, wanted, "{number}");
        let lost = package.parts.iter().any(|part| !part.budgeted);
        unbudgeted += usize::from(lost);
        let said = seen["tanpa_tautan"].as_array().unwrap();
        let no_budget = |one: &Value| one["langkah"] == "baris_rup" && one["ke"] == "anggaran";
        assert_eq!(said.iter().any(no_budget), lost, "{seen}");
        assert!(said.iter().all(|one| one["kekuatan"] == "tidak_ada"));

        // After it: what names the contract, and what can only be its whole payment. Never anything else.
        let paid = serials(step(&seen, "sp2d"));
        let of_contract = |named: bool| {
            let all = city
                .payments
                .iter()
                .filter(move |p| p.contract == Some(at) && (!named || p.names_contract));
            all.map(|payment| payment.serial).collect::<BTreeSet<u32>>()
        };
        assert!(
            of_contract(true).is_subset(&paid),
            "{number}: {:?} {paid:?}",
            of_contract(true)
        );
        assert!(
            paid.is_subset(&of_contract(false)),
            "{number}: {:?} {paid:?}",
            of_contract(false)
        );
        for link in seen["tautan"].as_array().unwrap() {
            let payment = link["ke"]["langkah"] == "sp2d";
            assert_eq!(link["kekuatan"], if payment { "turunan" } else { "kunci" });
            derived += usize::from(link["aturan"] == "unit_nilai");
        }
    }
    assert!(contracts > 0);
    println!("{path}: {contracts} contracts, {unbudgeted} with a line that no budget has, {derived} paid by amount");
    derived
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_is_followed_from_budget_to_payment() {
    let world = world(city(1_200), |_| ()).await;
    let truth = world.neighbours.spse.with(|spse| spse.city());
    world.complete(&COPIES).await;
    world.complete(&["sp2d"]).await;
    let direct = "/v1/rantai/paket-langsung";
    // Paid by instalments, so that only its number links it with its payments.
    let by_instalments = |(at, contract): &(usize, &Contract)| {
        let package = &truth.packages[contract.package];
        !matches!(package.method, Method::Tender | Method::Selection)
            && package.parts.iter().all(|part| part.budgeted)
            && contract.bills.len() > 1
            && truth
                .payments
                .iter()
                .any(|p| p.contract == Some(*at) && p.names_contract)
    };
    let (_, contract) = truth.contracts.iter().enumerate().find(by_instalments).unwrap();
    let rup = truth.packages[contract.package].rup.to_string();
    linked(&world, direct, "rup", &rup, "sp2d", true).await;
    linked(&world, "/v1/rantai/paket-tender", "rup", &rup, "anggaran", true).await;

    let by_amount = contracts_equal_the_city(&world, &truth, direct, "/v1/pengadaan/kontrak-non-tender", false).await;
    assert!(
        by_amount > 0,
        "some orders leave the number out and are found by their amount"
    );
    contracts_equal_the_city(
        &world,
        &truth,
        "/v1/rantai/paket-tender",
        "/v1/pengadaan/kontrak-tender",
        true,
    )
    .await;

    // A text that changes at its source breaks links, and that is told; back again, they appear.
    let wish = json!({"nama": "Baca", "jenis": ["rantai.paket_langsung.berubah"], "moda": "tarik"});
    let reader = world.post("/v1/langganan", &wish).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (unnamed, word) in [(true, "putus"), (false, "muncul")] {
        world
            .neighbours
            .sipd
            .with(|sipd| sipd.options.quirks.unnamed_contracts = unnamed);
        let account = world.pull("sp2d").await;
        assert_eq!(account["lengkap"], true, "{account}");
        let seen = linked(&world, direct, "rup", &rup, "sp2d", !unnamed).await;
        let lost = seen["tanpa_tautan"].as_array().unwrap();
        assert_eq!(lost.iter().any(|one| one["langkah"] == "kontrak"), unnamed, "{lost:?}");
        let link = told(&world, &reader, word).await;
        assert_eq!(
            (&link["dari"]["langkah"], &link["ke"]["langkah"]),
            (&json!("kontrak"), &json!("sp2d"))
        );
        assert_eq!(
            (&link["kekuatan"], &link["rantai"]),
            (&json!("turunan"), &json!("paket_langsung"))
        );
    }
    world.gateway.stop().await.unwrap();
}
