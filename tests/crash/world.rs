//! Simulators, a set-up and a gateway process that comes and goes; clients that do not mind.

use crate::account::{Ledger, Told};
use e2e::child::{Child, Lines};
use e2e::client::{Client, complaint, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long everything may take to settle after the last accident.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);
/// States in which the gateway itself still works on an exchange.
const OPEN: [&str; 4] = ["diterima", "dikirim", "menunggu_ulang", "hasil_belum_pasti"];
/// States in which it waits for a person.
const FOR_A_PERSON: &str = "hasil_tidak_pasti,gagal";

/// One scenario's world.
pub(crate) struct World {
    pub(crate) neighbours: Neighbours,
    pub(crate) setup: Setup,
    pub(crate) lines: Lines,
    pub(crate) child: Option<Child>,
    /// Further nodes on the same journal.
    others: Vec<(Setup, Option<Child>)>,
    urls: watch::Sender<Vec<String>>,
}

/// What clients share.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) client: Client,
    urls: watch::Receiver<Vec<String>>,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
}

impl World {
    /// Without a gateway yet.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut toml::Table)) -> Self {
        let neighbours = Neighbours::start().await.unwrap();
        let setup = Setup::write(&neighbours, change).unwrap();
        Self {
            neighbours,
            setup,
            lines: Lines::default(),
            child: None,
            others: Vec::new(),
            urls: watch::Sender::new(Vec::new()),
        }
    }

    /// One more node, not started.
    pub(crate) fn join(&mut self, setup: Setup) {
        self.others.push((setup, None));
    }

    /// Starts a further node, by its number from 0.
    pub(crate) fn start_other(&mut self, number: usize) {
        let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
        let (setup, child) = &mut self.others[number];
        *child = Some(tokio::task::block_in_place(|| Child::start(binary, setup, &self.lines, &[])).unwrap());
        self.tell();
    }

    /// Starts every node that does not run.
    pub(crate) fn start_all(&mut self) {
        self.start(&[]);
        for number in 0..self.others.len() {
            self.start_other(number);
        }
    }

    /// `kill -9` for every node.
    pub(crate) fn kill_all(&mut self) {
        self.kill();
        for number in 0..self.others.len() {
            self.kill_other(number);
        }
    }

    pub(crate) fn kill_other(&mut self, number: usize) {
        if let Some(mut child) = self.others[number].1.take() {
            tokio::task::block_in_place(|| child.kill());
        }
        self.tell();
    }

    /// Every node that runs.
    fn nodes(&self) -> impl Iterator<Item = &Child> {
        self.child
            .iter()
            .chain(self.others.iter().filter_map(|(_, child)| child.as_ref()))
    }

    /// Tells the clients where to call.
    fn tell(&self) {
        self.urls
            .send_replace(self.nodes().map(|child| child.gateway.clone()).collect());
    }

    /// Starts a gateway; `extra` are switches of the test program.
    pub(crate) fn start(&mut self, extra: &[(&str, String)]) {
        self.try_start(extra).unwrap();
    }

    pub(crate) fn try_start(&mut self, extra: &[(&str, String)]) -> Result<(), String> {
        self.start_under(&[], extra)
    }

    /// As `try_start`, run by another program.
    pub(crate) fn start_under(&mut self, wrapper: &[String], extra: &[(&str, String)]) -> Result<(), String> {
        let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
        let extra: Vec<_> = extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let (setup, lines) = (&self.setup, &self.lines);
        let child = tokio::task::block_in_place(|| Child::start_under(wrapper, binary, setup, lines, &extra))?;
        self.child = Some(child);
        self.tell();
        Ok(())
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            tokio::task::block_in_place(|| child.kill());
        }
        self.tell();
    }

    /// Ends the gateway in order.
    pub(crate) fn stop(&mut self) {
        if let Some(child) = &self.child {
            child.signal("TERM").unwrap();
        }
        assert!(
            self.ended(Duration::from_secs(20)),
            "it does not stop\n{}",
            self.last_lines()
        );
    }

    /// Waits until the gateway has ended by itself.
    pub(crate) fn ended(&mut self, within: Duration) -> bool {
        let ended = self
            .child
            .as_mut()
            .is_none_or(|child| tokio::task::block_in_place(|| child.ended(within)));
        if ended {
            self.child = None;
        }
        ended
    }

    pub(crate) fn clients(&self) -> Clients {
        Clients {
            client: Client::new(&self.setup.keys()[CONSUMER]),
            urls: self.urls.subscribe(),
            ledger: Arc::default(),
        }
    }

    async fn admin(&self, path: &str) -> Result<Value, String> {
        let child = self.nodes().next().ok_or("no gateway runs")?;
        let client = Client::new(&self.setup.keys()[OPERATOR]);
        let reply = client.get(&format!("{}/admin/v1/{path}", child.operator)).await?;
        (reply.status == 200)
            .then(|| reply.json())
            .ok_or_else(|| format!("{path}: {}", reply.status))
    }

    /// How many exchanges the gateway still works on.
    pub(crate) async fn open(&self) -> Result<u64, String> {
        let queues = self.admin("antrean").await?;
        let rows = queues["butir"].as_array().cloned().unwrap_or_default();
        let open = rows
            .iter()
            .filter(|row| row["keadaan"].as_str().is_some_and(|state| OPEN.contains(&state)));
        Ok(open.filter_map(|row| row["jumlah"].as_u64()).sum())
    }

    /// Waits until the gateway has nothing left to do.
    pub(crate) async fn settled(&self) {
        until(SETTLED_WITHIN, async || match self.open().await? {
            0 => Ok(()),
            open => Err(format!("{open} exchanges are open")),
        })
        .await
        .unwrap_or_else(|why| panic!("{why}\n{}", self.last_lines()));
    }

    /// Tickets whose exchange waits for a person.
    pub(crate) async fn waiting_for_a_person(&self) -> BTreeSet<String> {
        let path = format!("pertukaran?keadaan={FOR_A_PERSON}&operasi=pengaduan.kirim&jumlah=200");
        let answer = self.admin(&path).await.unwrap();
        let rows = answer["butir"].as_array().cloned().unwrap_or_default();
        let ticket = |row: &Value| Some(row["rujukan"].as_str()?.split_once(':')?.1.to_owned());
        rows.iter().filter_map(ticket).collect()
    }

    /// How many exchanges are in a state.
    pub(crate) async fn count(&self, state: &str) -> u64 {
        let queues = self.admin("antrean").await.unwrap();
        let rows = queues["butir"].as_array().cloned().unwrap_or_default();
        let wanted = rows.iter().filter(|row| row["keadaan"] == state);
        wanted.filter_map(|row| row["jumlah"].as_u64()).sum()
    }

    /// The most attempts any of the newest exchanges has had.
    pub(crate) async fn most_attempts(&self) -> u64 {
        let rows = self.admin("pertukaran?jumlah=200").await.unwrap();
        let rows = rows["butir"].as_array().cloned().unwrap_or_default();
        rows.iter()
            .filter_map(|row| row["jumlah_percobaan"].as_u64())
            .max()
            .unwrap_or_default()
    }

    /// The end of the log, for a failure's report.
    pub(crate) fn last_lines(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let last: Vec<_> = lines.iter().rev().take(15).rev().cloned().collect();
        last.join("\n")
    }
}

impl Clients {
    /// Where complaints go now: to any node that runs.
    pub(crate) fn url(&self) -> Option<String> {
        let urls = self.urls.borrow();
        let url = urls.get(fastrand::usize(..urls.len().max(1)))?;
        Some(format!("{url}/v1/pengaduan"))
    }

    /// Submits one complaint. A stubborn caller repeats it under the same key until it is taken on; another gives up
    /// when the line breaks.
    pub(crate) async fn submit(&self, ticket: &str, stubborn: bool, later: bool) {
        let key = format!("kunci-{ticket}");
        let mut headers = vec![("idempotency-key", key.as_str())];
        if later {
            headers.push(("prefer", "respond-async"));
        }
        let body = complaint(ticket);
        loop {
            let told = match self.url() {
                Some(url) => Told::by(&self.client.post(&url, &headers, &body).await),
                None => Told::NotThere,
            };
            self.ledger
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .note(ticket, told);
            let done = match told {
                Told::TakenOn => true,
                Told::NotThere => false,
                Told::Refused(_) | Told::Nothing => !stubborn,
            };
            if done {
                return;
            }
            // A new gateway may be up in the meantime; a twin may be under way.
            let mut urls = self.urls.clone();
            let _changed = tokio::time::timeout(Duration::from_millis(50), urls.changed()).await;
        }
    }

    /// Submits many, some at once; every second caller is stubborn.
    pub(crate) async fn submit_all(&self, tickets: impl IntoIterator<Item = String>, at_once: usize, later: bool) {
        let mut tickets = tickets.into_iter().enumerate();
        let mut flying = JoinSet::new();
        loop {
            while flying.len() < at_once {
                let Some((number, ticket)) = tickets.next() else { break };
                let me = self.clone();
                flying.spawn(async move { me.submit(&ticket, number.is_multiple_of(2), later).await });
            }
            if flying.join_next().await.is_none() {
                return;
            }
        }
    }
}
