//! LAPOR!: detail, follow-up pages, lists, master lists, statuses that move by command or by script, deletion.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulators::lapor::{LaporOptions, ScriptStep};
use simulators::{Common, Fault};

use crate::client::{get, post};
use crate::lapor::{create, signed, start};

#[tokio::test]
async fn the_detail_keeps_every_oddity() {
    let lapor = start(LaporOptions::default()).await;
    let id = create(&lapor, "LAKSA-1").await;
    lapor.with(|lapor| {
        for status in [
            "Terverifikasi",
            "Dalam Proses",
            "Selesai",
            "Dalam Proses",
            "Status Baru 2027",
        ] {
            lapor.set_status(id, status, "Sedang dicek");
        }
        lapor.write_followup(id, 200_002, "Petugas <script>x</script> menuju lokasi");
    });
    let reply = signed(get(format!("/complaints/{id}/complaint")))
        .reply(lapor.addr())
        .await
        .json();
    let results = &reply["results"];
    assert_eq!(results["data"]["status_name"], "Status Baru 2027");
    assert_eq!(results["data"]["status_code"], "99");
    assert_eq!(results["data"]["status_logs"].as_array().unwrap().len(), 5);

    let logs = results["data_logs"].as_array().unwrap();
    let shapes: BTreeSet<String> = logs
        .iter()
        .map(|log| log["date"].as_str().unwrap().replace(|c: char| c.is_ascii_digit(), "9"))
        .collect();
    assert_eq!(shapes.len(), 3, "three forms of date: {shapes:?}");
    let changes: Vec<Value> = logs
        .iter()
        .filter_map(|log| serde_json::from_str(log["data"].as_str().unwrap()).ok())
        .collect();
    assert_eq!(changes[0]["status_new"]["name"], "Terverifikasi");
    let unreadable = logs
        .iter()
        .filter(|log| serde_json::from_str::<Value>(log["data"].as_str().unwrap()).is_err());
    assert!(
        unreadable.count() >= 1,
        "data is empty or not JSON when nothing changed"
    );
    let text = reply.to_string();
    assert!(text.contains("{{ status_old }}") && text.contains("{{status_new}}"));
}

#[tokio::test]
async fn followups_come_in_pages_until_there_is_no_next_one() {
    let lapor = start(LaporOptions {
        page_size: 3,
        ..Default::default()
    })
    .await;
    let id = create(&lapor, "LAKSA-1").await;
    lapor.with(|lapor| (0..6).for_each(|number| assert!(lapor.write_followup(id, 200_002, &format!("ke-{number}")))));
    let mut url = Some(format!("{}/complaints/{id}/followups?page=1", lapor.base_url()));
    let mut seen = Vec::new();
    while let Some(next) = url {
        let target = next
            .strip_prefix(&format!("http://{}", lapor.addr()))
            .unwrap()
            .to_owned();
        let results = signed(get(target)).reply(lapor.addr()).await.json()["results"].clone();
        seen.extend(
            results["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_u64().unwrap()),
        );
        url = results["next_page_url"].as_str().map(str::to_owned);
    }
    assert_eq!(seen.len(), 7);

    let path = format!("/complaints/{id}/followups?page=2");
    let page = |fault: Fault| {
        lapor.faults().once("followups", fault);
        let call = signed(get(path.clone()));
        let addr = lapor.addr();
        async move { call.reply(addr).await.json()["results"].clone() }
    };
    let ids = |page: &Value| -> Vec<u64> {
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_u64().unwrap())
            .collect()
    };
    let repeated = page(Fault::RepeatedPage).await;
    assert_eq!(ids(&repeated), seen[..3]);
    assert!(repeated["next_page_url"].is_string());
    assert_eq!(ids(&page(Fault::Duplicates).await).len(), 6);
    assert_eq!(ids(&page(Fault::EmptyList).await).len(), 0);
    let turned = ids(&page(Fault::OutOfOrder).await);
    assert_ne!(turned, seen[3..6]);
    assert_eq!(turned.iter().collect::<BTreeSet<_>>(), seen[3..6].iter().collect());
}

#[tokio::test]
async fn reports_are_found_by_reference_and_by_institution() {
    let lapor = start(LaporOptions {
        page_size: 2,
        ..Default::default()
    })
    .await;
    for number in 1..=3 {
        create(&lapor, &format!("LAKSA-{number}")).await;
    }
    let national = json!({"title": "Jalan rusak", "content": "Jalan rusak parah", "disposition_id": 200_001});
    let id = post("/__sim/reports").json(&national).reply(lapor.addr()).await.json()["id"]
        .as_u64()
        .unwrap();
    let list = |query: &str| {
        let call = signed(get(format!("/complaints/complaint?{query}")));
        let addr = lapor.addr();
        async move { call.reply(addr).await.json()["results"].clone() }
    };
    let found = list("search=%5BRef+LAKSA-2%5D").await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(found["data"][0]["id"], 7_700_002);
    create(&lapor, "LAKSA-22").await;
    assert_eq!(
        list("search=LAKSA-2").await["total"],
        2,
        "a search is not a look-up: near matches come too"
    );
    lapor.with(|lapor| assert!(lapor.delete(lapor.find("LAKSA-22")[0].id)));
    assert_eq!(list("search=%5BRef+LAKSA-22%5D").await["total"], 0);
    assert_eq!(list("disposition_id=200001").await["data"][0]["id"], id);
    let first = list("disposition_id=200002&page=1").await;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    assert!(
        first["next_page_url"]
            .as_str()
            .unwrap()
            .ends_with("?page=2&disposition_id=200002")
    );
    assert_eq!(list("disposition_id=200002&page=2").await["next_page_url"], Value::Null);
    assert_eq!(lapor.effects()["creates"], 4, "a national report is not one of ours");
}

#[tokio::test]
async fn a_new_report_may_show_up_late_in_the_list() {
    let common = Common {
        speed: 0.0,
        ..Default::default()
    };
    let lapor = start(LaporOptions {
        common,
        list_lag_seconds: 60,
        ..Default::default()
    })
    .await;
    let id = create(&lapor, "LAKSA-1").await;
    let rows = || {
        let call = signed(get("/complaints/complaint?search=LAKSA-1"));
        let addr = lapor.addr();
        async move { call.reply(addr).await.json()["results"]["total"].clone() }
    };
    assert_eq!(rows().await, 0);
    let detail = signed(get(format!("/complaints/{id}/complaint")))
        .reply(lapor.addr())
        .await;
    assert_eq!(detail.status, 200, "by its id it is there at once");
    lapor.clock().advance(SignedDuration::from_secs(60));
    assert_eq!(rows().await, 1);
}

#[tokio::test]
async fn master_lists_can_vanish_and_change() {
    let lapor = start(LaporOptions::default()).await;
    let path = "/masters/institutions/external?page_size=1000";
    let rows = |reply: Value| reply["results"]["data"].as_array().unwrap().len();
    assert_eq!(rows(signed(get(path)).reply(lapor.addr()).await.json()), 5);
    lapor.faults().once("institutions", Fault::EmptyList);
    assert_eq!(rows(signed(get(path)).reply(lapor.addr()).await.json()), 0);
    lapor.with(|lapor| {
        lapor.options.masters.institutions.truncate(1);
    });
    assert_eq!(rows(signed(get(path)).reply(lapor.addr()).await.json()), 1);
    for master in ["templates", "categories", "classifications", "locations"] {
        assert!(
            rows(
                signed(get(format!("/masters/{master}")))
                    .reply(lapor.addr())
                    .await
                    .json()
            ) >= 3,
            "{master}"
        );
    }
}

#[tokio::test]
async fn a_script_moves_reports_as_the_clock_moves() {
    let step = |after_seconds, status: &str| ScriptStep {
        after_seconds,
        status: status.to_owned(),
        note: String::new(),
    };
    let lapor = start(LaporOptions {
        common: Common {
            speed: 0.0,
            ..Default::default()
        },
        script: vec![
            step(3_600, "Terverifikasi"),
            step(86_400, "Dalam Proses"),
            step(172_800, "Selesai"),
        ],
        ..Default::default()
    })
    .await;
    let id = create(&lapor, "LAKSA-1").await;
    let status = || {
        let call = signed(get(format!("/complaints/{id}/complaint")));
        let addr = lapor.addr();
        async move { call.reply(addr).await.json()["results"]["data"]["status_name"].clone() }
    };
    assert_eq!(status().await, "Belum Terverifikasi");
    lapor.clock().advance(SignedDuration::from_hours(1));
    assert_eq!(status().await, "Terverifikasi");
    post("/__sim/clock")
        .json(&json!({"advance_seconds": 200_000}))
        .reply(lapor.addr())
        .await;
    assert_eq!(status().await, "Selesai");
    lapor.with(|lapor| assert_eq!(lapor.reports()[&id].entries.len(), 4, "no step is skipped"));
}

#[tokio::test]
async fn officers_act_over_the_control_api() {
    let lapor = start(LaporOptions::default()).await;
    let id = create(&lapor, "LAKSA-1").await;
    let act = |action: &str, body: Value| {
        let call = post(format!("/__sim/reports/{id}/{action}")).json(&body);
        let addr = lapor.addr();
        async move { call.reply(addr).await }
    };
    act("status", json!({"status": "Selesai"})).await;
    act("status", json!({"status": "Terverifikasi", "note": "keliru"})).await;
    act("flags", json!({"is_secret": true})).await;
    act(
        "followup",
        json!({"content": "Jawaban", "institution_from_id": 200_002}),
    )
    .await;
    let shown = get(format!("/__sim/reports/{id}")).reply(lapor.addr()).await.json();
    assert_eq!(shown["status"]["name"], "Terverifikasi", "statuses may step back");
    assert_eq!(shown["fields"]["is_secret"], true);
    assert_eq!(act("delete", json!({})).await.status, 200);
    for path in ["complaint", "followups"] {
        let reply = signed(get(format!("/complaints/{id}/{path}")))
            .reply(lapor.addr())
            .await;
        assert_eq!(reply.status, 404);
    }
    assert_eq!(act("unknown", json!({})).await.status, 404);
    let everything = get("/__sim/state").reply(lapor.addr()).await.json();
    assert_eq!(
        everything["reports"][0]["fields"]["title"], "Lampu jalan padam",
        "deleted reports are still shown here"
    );
}
