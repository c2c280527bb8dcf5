//! `receiveLicense` is two calls. The gateway ends at every step of the journal, and between the two calls, and while
//! either is under way: OSS gives out one number per licence, and every licence is issued under it.

use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::izin::licence;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup, system};
use serde_json::Value;
use simulators::Fault;
use simulators::oss::Company;
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::task::JoinHandle;
use toml::Table;

/// Steps of the journal's writer, in order.
const STEPS: [&str; 5] = [
    "before_begin",
    "after_exec",
    "before_commit",
    "after_commit",
    "before_answer",
];
/// How long a licence may take after the gateway has come back.
const WITHIN: Duration = Duration::from_secs(60);

struct World {
    neighbours: Neighbours,
    setup: Setup,
    lines: Lines,
    client: Client,
    /// Company of the next licence.
    next: u32,
    licences: u64,
    /// Steps of the writer that were reached.
    steps: u32,
    /// Kills after OSS had given a number and before it was used.
    between: u32,
}

/// A licence under way.
struct Asked {
    id: String,
    key: String,
    body: Value,
    asking: JoinHandle<()>,
}

impl World {
    /// An OSS of which every first step takes a number. Whether it shows one before it is used is not known of the real
    /// one: the set-up says what the city has seen.
    async fn new(shown: bool, change: impl FnOnce(&mut Table)) -> Self {
        let neighbours = Neighbours::start().await.unwrap();
        neighbours.oss.with(|oss| oss.options.shows_open_numbers = shown);
        let setup = Setup::write(&neighbours, |table| {
            let settings = system(table, "oss").unwrap()["pengaturan"].as_table_mut().unwrap();
            settings.insert("nomor_tampak".to_owned(), toml::Value::Boolean(shown));
            change(table);
        });
        let setup = setup.unwrap();
        let client = Client::new(&setup.keys()[CONSUMER]);
        Self {
            neighbours,
            setup,
            lines: Lines::default(),
            client,
            next: 0,
            licences: 0,
            steps: 0,
            between: 0,
        }
    }

    fn start(&self, extra: &[(&str, String)]) -> Child {
        let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
        let extra: Vec<_> = extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        tokio::task::block_in_place(|| Child::start(binary, &self.setup, &self.lines, &extra)).unwrap()
    }

    /// The next company with an application that the city decides.
    fn company(&mut self) -> (Company, String) {
        loop {
            self.next += 1;
            let company = self.neighbours.oss.with(|oss| oss.city().company(self.next)).unwrap();
            let found = company.for_the_city().next().map(str::to_owned);
            if let Some(id) = found {
                self.licences += 1;
                return (company, id);
            }
        }
    }

    /// Numbers of an application: given, and used.
    fn numbers(&self, id: &str) -> (usize, usize) {
        self.neighbours.oss.with(|oss| {
            oss.applications().get(id).map_or((0, 0), |application| {
                let used = application.numbers.iter().filter(|number| number.completed).count();
                (application.numbers.len(), used)
            })
        })
    }

    fn note(&mut self, id: &str) {
        let (given, used) = self.numbers(id);
        self.between += u32::from(given == 1 && used == 0);
    }

    /// Asks under the same key until the licence is issued.
    async fn issued(&self, child: &Child, key: &str, body: &Value) -> Value {
        let url = format!("{}/v1/izin", child.gateway);
        let answer = until(WITHIN, async || {
            let reply = self.client.post(&url, &[("idempotency-key", key)], body).await?;
            let told = reply.json();
            (reply.status == 201)
                .then_some(told.clone())
                .ok_or_else(|| format!("{} {told}", reply.status))
        });
        answer.await.unwrap_or_else(|why| {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            let last: Vec<_> = lines.iter().rev().take(12).rev().cloned().collect();
            panic!("{key}: {why}\n{}", last.join("\n"))
        })
    }

    fn judged(&self, scenario: &str) {
        let effects = self.neighbours.oss.effects();
        println!(
            "| {scenario} | {} licences | {} kills between the two steps | {} numbers given | {} burnt |",
            self.licences, self.between, effects["numbers_issued"], effects["numbers_burnt"]
        );
        assert_eq!(effects["numbers_issued"], self.licences, "{effects}");
        assert_eq!(effects["numbers_completed"], self.licences, "{effects}");
        assert_eq!(
            (&effects["numbers_burnt"], &effects["numbers_surplus"]),
            (&0.into(), &0.into())
        );
        let burnt: Vec<String> = self
            .neighbours
            .oss
            .with(|oss| oss.burnt().into_iter().map(str::to_owned).collect());
        assert!(burnt.is_empty(), "{burnt:?}");
    }

    /// Asks for a licence; OSS gives a number and takes its time to say so.
    async fn number_given(&mut self, child: &Child) -> Asked {
        let (company, id) = self.company();
        let (key, body) = (format!("izin-{}", self.licences), licence(&company, &id));
        self.slow(400);
        let (client, url) = (self.client.clone(), format!("{}/v1/izin", child.gateway));
        let (own_key, own_body) = (key.clone(), body.clone());
        let asking = tokio::spawn(async move {
            // Cut off by the end of the gateway, as a rule.
            let _answer = client.post(&url, &[("idempotency-key", &own_key)], &own_body).await;
        });
        self.reached(&id, (1, 0)).await;
        Asked { id, key, body, asking }
    }

    fn slow(&self, ms: u64) {
        self.neighbours.oss.faults().once("receiveLicense", Fault::Slow { ms });
    }

    /// It ends by itself at a step of the writer after OSS has given a number: the first is that of the number itself.
    async fn ended_at(&mut self, step: &str, number: u32) {
        let trigger = self.setup.path().join(format!("pemicu-{step}-{number}"));
        let switches = [
            ("SIMPUL_UJI_GAGAL", format!("{step}:{number}")),
            ("SIMPUL_UJI_PEMICU", trigger.display().to_string()),
        ];
        let mut child = self.start(&switches);
        let asked = self.number_given(&child).await;
        std::fs::write(&trigger, "").unwrap();
        // Not every journal passes every step here; then the licence is done, and its gateway killed afterwards.
        let ended = tokio::task::block_in_place(|| child.ended(Duration::from_secs(3)));
        self.steps += u32::from(ended);
        tokio::task::block_in_place(|| child.kill());
        asked.asking.await.unwrap();
        self.note(&asked.id);
        let child = self.start(&[]);
        let told = self.issued(&child, &asked.key, &asked.body).await;
        assert_eq!(self.numbers(&asked.id), (1, 1), "{step}:{number} {told}");
    }

    /// It is killed when OSS has worked on the first or the second call and has not answered yet. A new gateway runs.
    async fn killed_during(&mut self, second: bool) -> (Child, Asked) {
        let mut child = self.start(&[]);
        let asked = self.number_given(&child).await;
        if second {
            self.slow(2_000);
            self.reached(&asked.id, (1, 1)).await;
        }
        tokio::task::block_in_place(|| child.kill());
        self.note(&asked.id);
        self.neighbours.oss.faults().clear();
        (self.start(&[]), asked)
    }

    async fn reached(&self, id: &str, wanted: (usize, usize)) {
        let reached = until(Duration::from_secs(10), async || {
            let found = self.numbers(id);
            (found == wanted).then_some(()).ok_or_else(|| format!("{found:?}"))
        });
        reached.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_between_the_two_steps_takes_no_second_number() {
    run(World::new(true, |_| {}).await, "SQLite", 2, 3).await;
}

/// Runs when `SIMPUL_TEST_PG` names a database; without one it says so and proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_on_postgresql() {
    let Ok(database) = std::env::var("SIMPUL_TEST_PG") else {
        println!("| PostgreSQL | tidak dijalankan: SIMPUL_TEST_PG tidak ada |");
        return;
    };
    let journal = format!(
        "jenis = \"postgres\"\nkoneksi = {{ env = \"SIMPUL_UJI_JURNAL\" }}\nskema = \"uji_dua_langkah_{}\"\n\
         kunci_induk = {{ env = \"SIMPUL_UJI_INDUK\" }}",
        std::process::id()
    );
    let mut world = World::new(true, |table| {
        table["simpul"]["jurnal"] = journal.parse::<Table>().unwrap().into();
    })
    .await;
    world.setup.tell("SIMPUL_UJI_JURNAL", &database);
    world.setup.tell("SIMPUL_UJI_INDUK", &"07".repeat(32));
    // Most steps of this journal pass before OSS answers or after the licence is done.
    run(world, "PostgreSQL", 1, 1).await;
}

/// Of all kills, at least `least` must fall between the two calls, or the run proves nothing.
async fn run(mut world: World, journal: &str, occurrences: u32, least: u32) {
    for step in STEPS {
        for number in 1..=occurrences {
            world.ended_at(step, number).await;
        }
    }
    for second in [false, true] {
        let (child, asked) = world.killed_during(second).await;
        world.issued(&child, &asked.key, &asked.body).await;
        assert_eq!(world.numbers(&asked.id), (1, 1));
    }
    world.judged(journal);
    assert!(world.steps >= 3, "only {} of the steps were reached", world.steps);
    assert!(
        world.between >= least,
        "only {} kills fell between the calls",
        world.between
    );
}

/// Where OSS hides a number until it is used, nobody can tell whether one was taken: the licence waits for a person.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_oss_hides_is_not_taken_again() {
    let mut world = World::new(false, |_| {}).await;
    let (child, asked) = world.killed_during(false).await;
    let person = Client::new(&world.setup.keys()[OPERATOR]);
    let url = format!(
        "{}/admin/v1/pertukaran?operasi=izin.terbitkan&keadaan=hasil_tidak_pasti",
        child.operator
    );
    until(WITHIN, async || {
        let list = person.get(&url).await?.json();
        let parked = list["butir"].as_array().map_or(0, Vec::len);
        (parked == 1).then_some(()).ok_or_else(|| list.to_string())
    })
    .await
    .unwrap();
    assert_eq!(
        world.numbers(&asked.id),
        (1, 0),
        "one number, kept for the person who looks it up"
    );
    assert_eq!(world.neighbours.oss.effects()["numbers_surplus"], 0);
}
