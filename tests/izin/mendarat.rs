//! A state that nobody can ask OSS about any more is declared landed by a person, over the operator port. From then on it
//! is like any state that OSS took: its clock, its event, what follows in its lane, what the next one is judged by, the
//! relays; once, and the evidence names the person.

use e2e::client::{Client, until};
use e2e::inside::Inside;
use e2e::izin::state;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::oss::city::Step;
use simulators::oss::{Company, Method, Outcome, Revision};
use std::time::Duration;
use toml::Table;

const WITHIN: Duration = Duration::from_secs(30);

/// A relay of our own: every state that OSS took asks another system for something, named by the state.
const RELAY: &str = r#"
dari = "izin.status.kirim"
ke = "perpustakaan.reservasi.kirim"
tujuan = "Uji"
utuh = false
salin = { "/rujukan" = "balasan:/status" }
tetap = { "/isbn" = "9780000000002", "/nomor_anggota" = "A-0001" }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_saw_has_the_consequences_of_what_landed() {
    told(|_| {}, &[]).await;
}

/// Runs when `SIMPUL_TEST_PG` names a database; without one it says so and proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_on_postgresql() {
    let Ok(database) = std::env::var("SIMPUL_TEST_PG") else {
        println!("not run: SIMPUL_TEST_PG is not set");
        return;
    };
    let journal = format!(
        "jenis = \"postgres\"\nkoneksi = {{ env = \"SIMPUL_UJI_JURNAL\" }}\nskema = \"uji_mendarat_{}\"\n\
         kunci_induk = {{ env = \"SIMPUL_UJI_INDUK\" }}",
        std::process::id()
    );
    let secrets = [("SIMPUL_UJI_JURNAL", database), ("SIMPUL_UJI_INDUK", "07".repeat(32))];
    let change = |table: &mut Table| table["simpul"]["jurnal"] = journal.parse::<Table>().unwrap().into();
    told(change, &secrets).await;
}

async fn told(change: impl FnOnce(&mut Table), secrets: &[(&str, String)]) {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |table| {
        let relays = table["relai"].as_array_mut().unwrap();
        relays.push(RELAY.parse::<Table>().unwrap().into());
        change(table);
    });
    let mut setup = setup.unwrap();
    for (name, value) in secrets {
        setup.tell(name, value);
    }
    let gateway = Inside::start(&setup).await.unwrap();
    let targets = gateway.targets(&setup, &neighbours);
    let world = World {
        client: Client::new(&setup.keys()[CONSUMER]),
        person: Client::new(&setup.keys()[OPERATOR]),
        public: targets.gateway.clone(),
        admin: format!("{}/admin/v1", targets.operator),
    };
    let (company, id) = neighbours.oss.with(|oss| {
        let city = oss.city();
        let mut all = (1..).map(|index| city.company(index).unwrap());
        all.find_map(|company| {
            let id = company.for_the_city().next().map(str::to_owned);
            id.map(|id| (company, id))
        })
        .unwrap()
    });
    let pusher = neighbours.oss.with(|oss| oss.pusher());
    let push = pusher.prepare(Method::Nib, company.index, Revision::ORIGINAL).unwrap();
    assert_eq!(pusher.push(&push).await.outcome, Outcome::Stored);
    let clock = format!("{}/tenggat?id={id}", world.admin);
    world.stands(&clock, &json!(null)).await;
    let subscription = world.subscribed().await;

    // OSS takes the state, its answer is lost, and it cannot be asked: nobody knows but the person who looks.
    let faults = neighbours.oss.faults();
    faults.once("receiveLicenseStatus", Fault::HangUpAfterStoring);
    faults.always("checkLicenseStatus", Fault::Unavailable { retry_after: None });
    let (first, status) = world.report(&company, &id, "10", 60).await;
    assert_eq!(status, 202);
    world.is("izin.status.kirim", &first, "hasil_belum_pasti").await;
    // The next one of the application waits for it.
    let (second, _) = world.report(&company, &id, "20", 120).await;
    world.stands(&clock, &json!(null)).await;

    let url = format!("{}/pertukaran/{first}/nyatakan-berlaku", world.admin);
    let seen = json!({
        "alasan": "terlihat di layar OSS",
        "balasan": {"id_izin": id, "status": "dokumen_lengkap", "selesai": true},
    });
    let reply = world.person.post(&url, &[], &seen).await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.json());
    let again = world.person.post(&url, &[], &seen).await.unwrap();
    assert_eq!(again.status, 409, "once: {}", again.json());
    faults.clear();

    // The clock moved with the decision itself, the lane went on, and what follows is judged by it.
    world.is("izin.status.kirim", &second, "terkirim").await;
    world.stands(&clock, &json!("validasi")).await;
    let repeated = state(&company, &id, &step(&company, "20", 130));
    let url = format!("{}/v1/izin/status", world.public);
    let refused = world.client.post(&url, &[], &repeated).await.unwrap();
    assert_eq!(refused.status, 422, "{}", refused.json());
    let taken: Vec<u8> = neighbours.oss.with(|oss| {
        let history = &oss.applications()[id.as_str()].history;
        history.iter().map(|entry| entry.code).collect()
    });
    assert_eq!(taken, [10, 20], "nothing was sent twice");

    // One event and one relay for each of the two, the declared one as well.
    until(WITHIN, async || {
        let told = world.told(&subscription).await?;
        let relays = world.exchanges("perpustakaan.reservasi.kirim").await?;
        let caused = |by: &str| relays.iter().filter(|row| row["sebab"] == by).count();
        let good = told == ["dokumen_lengkap", "validasi"] && (caused(&first), caused(&second)) == (1, 1);
        (good && relays.len() == 2)
            .then_some(())
            .ok_or_else(|| format!("{told:?} {relays:?}"))
    })
    .await
    .unwrap();
    let detail = world.person.get(&format!("{}/pertukaran/{first}", world.admin)).await;
    let detail = detail.unwrap().json();
    let tries = detail["percobaan"].as_array().unwrap();
    assert!(
        tries
            .iter()
            .any(|one| one["jenis"] == "petugas" && one["langkah"] == "landed"),
        "{detail}"
    );
    gateway.stop().await.unwrap();
}

fn step(company: &Company, code: &str, minute: i64) -> Step {
    Step {
        kd_status: code.to_owned(),
        at: company.filed + minute * 60,
    }
}

struct World {
    client: Client,
    person: Client,
    public: String,
    admin: String,
}

impl World {
    /// Reports a state without waiting; its exchange, and the status of the answer.
    async fn report(&self, company: &Company, id: &str, code: &str, minute: i64) -> (String, u16) {
        let body = state(company, id, &step(company, code, minute));
        let url = format!("{}/v1/izin/status", self.public);
        let reply = self.client.post(&url, &[("prefer", "respond-async")], &body).await;
        let reply = reply.unwrap();
        let exchange = reply.location.clone().unwrap();
        (exchange.rsplit('/').next().unwrap().to_owned(), reply.status)
    }

    async fn exchanges(&self, operation: &str) -> Result<Vec<Value>, String> {
        let url = format!("{}/pertukaran?operasi={operation}", self.admin);
        let list = self.person.get(&url).await?.json();
        list["butir"].as_array().cloned().ok_or_else(|| list.to_string())
    }

    async fn is(&self, operation: &str, exchange: &str, wanted: &str) {
        until(WITHIN, async || {
            let rows = self.exchanges(operation).await?;
            let row = rows.iter().find(|row| row["id"] == exchange);
            let there = row.is_some_and(|row| row["keadaan"] == wanted);
            there.then_some(()).ok_or_else(|| format!("{row:?}, wanted {wanted}"))
        })
        .await
        .unwrap();
    }

    /// The application is known, and this is the newest state that OSS has taken.
    async fn stands(&self, clock: &str, state: &Value) {
        until(WITHIN, async || {
            let view = self.person.get(clock).await?.json();
            let row = &view["butir"][0];
            let good = row.is_object() && &row["keadaan"] == state;
            good.then_some(()).ok_or_else(|| view.to_string())
        })
        .await
        .unwrap();
    }

    async fn subscribed(&self) -> String {
        let wish = json!({"nama": "uji", "jenis": ["status.dikirim"], "moda": "tarik"});
        let url = format!("{}/v1/langganan", self.public);
        let reply = self.client.post(&url, &[], &wish).await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.json());
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    /// The states that subscribers were told of, in order.
    async fn told(&self, subscription: &str) -> Result<Vec<String>, String> {
        let url = format!("{}/v1/peristiwa?langganan={subscription}&setelah=0", self.public);
        let page = self.client.get(&url).await?.json();
        let rows = page["butir"].as_array().ok_or_else(|| page.to_string())?;
        let state = |row: &Value| row["peristiwa"]["data"]["status"].as_str().unwrap_or("?").to_owned();
        Ok(rows.iter().map(state).collect())
    }
}
