//! What the city keeps is compared with OSS: in agreement nothing is said; what somebody moved behind the city's back is
//! listed, counted and left as it is; a later run that finds agreement takes it off the list. And states that cannot follow
//! what OSS has taken are refused, by all that went before and not by the last state alone.

use e2e::client::{Client, until};
use e2e::inside::Inside;
use e2e::izin::{licence, state};
use e2e::neighbours::Neighbours;
use e2e::run::Targets;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::{Value, json};
use simulators::oss::city::Step;
use simulators::oss::{Company, Method, Outcome, Revision};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);

struct World {
    neighbours: Neighbours,
    /// Its folder holds the journal.
    _setup: Setup,
    gateway: Inside,
    targets: Targets,
    client: Client,
    person: Client,
}

impl World {
    async fn new() -> Self {
        let neighbours = Neighbours::start().await.unwrap();
        let setup = Setup::write(&neighbours, |_| {}).unwrap();
        let gateway = Inside::start(&setup).await.unwrap();
        Self {
            targets: gateway.targets(&setup, &neighbours),
            client: Client::new(&setup.keys()[CONSUMER]),
            person: Client::new(&setup.keys()[OPERATOR]),
            neighbours,
            _setup: setup,
            gateway,
        }
    }

    fn company(&self, index: u32) -> (Company, String) {
        let company = self.neighbours.oss.with(|oss| oss.city().company(index)).unwrap();
        let id = company.for_the_city().next().unwrap().to_owned();
        (company, id)
    }

    /// Companies with something for the city to decide.
    fn companies(&self, count: usize) -> Vec<(Company, String)> {
        let city = self.neighbours.oss.with(|oss| oss.city());
        let fit = (1..).filter(|index| city.company(*index).unwrap().for_the_city().next().is_some());
        fit.take(count).map(|index| self.company(index)).collect()
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.targets.gateway);
        let reply = self.client.post(&url, &[], body).await.unwrap();
        (reply.status, reply.json())
    }

    async fn report(&self, company: &Company, id: &str, code: &str, minute: i64) -> (u16, Value) {
        let step = Step {
            kd_status: code.to_owned(),
            at: company.filed + minute * 60,
        };
        self.post("/v1/izin/status", &state(company, id, &step)).await
    }

    /// Asks for a run and waits for its account and differences.
    async fn compared(&self) -> Value {
        let url = format!("{}/admin/v1/rekonsiliasi/oss", self.targets.operator);
        let before = self.person.get(&url).await.unwrap().json()["terakhir"]["mulai"].clone();
        let asked = self
            .person
            .post(&format!("{url}/jalankan"), &[], &json!({}))
            .await
            .unwrap();
        assert_eq!(asked.status, 202, "{}", asked.json());
        until(WITHIN, async || {
            let view = self.person.get(&url).await?.json();
            let ended = view["berjalan"].is_null() && view["terakhir"]["mulai"] != before;
            ended.then_some(view.clone()).ok_or_else(|| view.to_string())
        })
        .await
        .unwrap()
    }

    async fn metric(&self, what: &str, of: &str) -> u64 {
        let text = self
            .person
            .get(&format!("{}/metrics", self.targets.operator))
            .await
            .unwrap()
            .body;
        let start = format!("simpul_noted_total{{what=\"{what}\",of=\"{of}\"}} ");
        let text = String::from_utf8_lossy(&text).into_owned();
        text.lines()
            .find_map(|line| line.strip_prefix(&start)?.parse().ok())
            .unwrap_or(0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_listed_and_left_as_it_is() {
    let world = World::new().await;
    let all = world.companies(3);
    for (company, id) in &all {
        assert_eq!(world.report(company, id, "10", 60).await.0, 201);
    }
    let (issued, issued_id) = &all[2];
    let (status, told) = world.post("/v1/izin", &licence(issued, issued_id)).await;
    assert_eq!(status, 201, "{told}");
    let agreed = world.compared().await;
    assert_eq!(agreed["selisih"], json!([]), "{agreed}");
    assert_eq!(
        (&agreed["terakhir"]["dibandingkan"], &agreed["terakhir"]["selisih"]),
        (&json!(3), &json!(0))
    );

    // Somebody reports to OSS past the gateway.
    let (company, id) = &all[0];
    let step = Step {
        kd_status: "20".to_owned(),
        at: company.filed + 7200,
    };
    let body = state(company, id, &step);
    let native = json!({"IZINSTATUS": {
        "nib": company.nib, "id_produk": "", "id_proyek": body["id_proyek"], "oss_id": company.oss_id, "id_izin": id,
        "kd_izin": body["kode_izin"], "kd_instansi": "367", "kd_status": "20", "tgl_status": step.tgl_status(),
        "nip_status": "198801012010010000", "nama_status": "PETUGAS CONTOH", "keterangan": "langsung",
    }});
    let key = world.neighbours.oss.with(|oss| oss.options.user_key.clone());
    let past = Client::new("")
        .post(
            &format!("{}/receiveLicenseStatus", world.neighbours.oss.base_url()),
            &[("user_key", &key)],
            &native,
        )
        .await
        .unwrap();
    assert_eq!(past.status, 200, "{}", past.json());
    let found = world.compared().await;
    let row = &found["selisih"][0];
    assert_eq!(
        (found["selisih"].as_array().unwrap().len(), &row["id"]),
        (1, &json!(id))
    );
    assert_eq!(
        row["beda"],
        json!([{"bidang": "status", "tercatat": "dokumen_lengkap", "menurut_sistem": "validasi"}])
    );
    assert_eq!(world.metric("reconcile_difference", "oss").await, 1);
    // Found again: the same difference, not repaired and not counted twice.
    let again = world.compared().await;
    assert_eq!(again["selisih"][0]["sejak"], row["sejak"]);
    assert_eq!(world.metric("reconcile_difference", "oss").await, 1);
    let statuses = world.neighbours.oss.effects()["statuses"].clone();
    assert_eq!(statuses, 4, "comparing sends nothing");
    // The office moves on from where OSS stands: in agreement again, and off the list.
    assert_eq!(world.report(company, id, "40", 180).await.0, 201);
    assert_eq!(world.compared().await["selisih"], json!([]));

    // A system that is away is not taken for one that agrees: the run waits for it.
    world.neighbours.oss.faults().always(
        "checkLicenseStatus",
        simulators::Fault::Unavailable { retry_after: None },
    );
    let url = format!("{}/admin/v1/rekonsiliasi/oss", world.targets.operator);
    world
        .person
        .post(&format!("{url}/jalankan"), &[], &json!({}))
        .await
        .unwrap();
    until(WITHIN, async || {
        let view = world.person.get(&url).await?.json();
        let waits = view["berjalan"]["dibandingkan"] == 0 && view["berjalan"].is_object();
        waits.then_some(()).ok_or_else(|| view.to_string())
    })
    .await
    .unwrap();
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn impossible_sequences_are_refused_and_odd_ones_counted() {
    let world = World::new().await;
    let all = world.companies(2);
    let (company, id) = &all[0];
    let pusher = world.neighbours.oss.with(|oss| oss.pusher());
    // The push opens the record, so that everything after it is known.
    let push = pusher.prepare(Method::Nib, company.index, Revision::ORIGINAL).unwrap();
    assert_eq!(pusher.push(&push).await.outcome, Outcome::Stored);
    let url = format!("{}/admin/v1/tenggat?id={id}", world.targets.operator);
    until(WITHIN, async || {
        let view = world.person.get(&url).await?.json();
        (view["butir"][0]["id"] == id.as_str())
            .then_some(())
            .ok_or_else(|| view.to_string())
    })
    .await
    .unwrap();
    let refused = |(status, told): (u16, Value)| {
        let at = told["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
        assert_eq!((status, told["landed"].as_str()), (422, Some("no")), "{told}");
        at
    };
    // An answer to a clarification that nobody asked, before anything else.
    assert_eq!(refused(world.report(company, id, "42", 60).await), "/status");
    for (code, minute) in [("10", 60), ("20", 120), ("41", 180)] {
        let (status, told) = world.report(company, id, code, minute).await;
        assert_eq!(status, 201, "{code}: {told}");
    }
    assert_eq!(
        refused(world.report(company, id, "41", 200).await),
        "/status",
        "the same state again"
    );
    assert_eq!(
        refused(world.report(company, id, "44", 200).await),
        "/status",
        "another clarification"
    );
    assert_eq!(
        refused(world.report(company, id, "42", 100).await),
        "/terjadi_pada",
        "before the one in front"
    );
    assert_eq!(world.report(company, id, "42", 240).await.0, 201);
    // Work that goes on while a clarification is open is odd, and sent.
    for (code, minute) in [("41", 300), ("40", 360), ("90", 420)] {
        let (status, told) = world.report(company, id, code, minute).await;
        assert_eq!(status, 201, "{code}: {told}");
    }
    assert_eq!(
        refused(world.report(company, id, "20", 480).await),
        "/status",
        "decided long ago"
    );
    let seen: Vec<u8> = world.neighbours.oss.with(|oss| {
        let history = &oss.applications()[id.as_str()].history;
        history.iter().map(|entry| entry.code).collect()
    });
    assert_eq!(seen, [10, 20, 41, 42, 41, 40, 90], "what was refused never reached OSS");
    assert_eq!(world.metric("impossible_state", "izin.status.kirim").await, 5);
    assert_eq!(world.metric("suspicious_state", "izin.status.kirim").await, 1);
    // A record that the gateway has never heard of is not judged by a history it does not have.
    let (unknown, unknown_id) = &all[1];
    assert_eq!(world.report(unknown, unknown_id, "20", 60).await.0, 201);
    world.gateway.stop().await.unwrap();
}
