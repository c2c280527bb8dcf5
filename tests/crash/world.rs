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
    url: watch::Sender<String>,
}

/// What clients share.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) client: Client,
    url: watch::Receiver<String>,
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
            url: watch::Sender::new(String::new()),
        }
    }

    /// Starts a gateway; `extra` are switches of the test program.
    pub(crate) fn start(&mut self, extra: &[(&str, String)]) {
        self.try_start(extra).unwrap();
    }

    pub(crate) fn try_start(&mut self, extra: &[(&str, String)]) -> Result<(), String> {
        let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
        let extra: Vec<_> = extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let child = tokio::task::block_in_place(|| Child::start(binary, &self.setup, &self.lines, &extra))?;
        self.url.send_replace(child.gateway.clone());
        self.child = Some(child);
        Ok(())
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            tokio::task::block_in_place(|| child.kill());
        }
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
            url: self.url.subscribe(),
            ledger: Arc::default(),
        }
    }

    async fn admin(&self, path: &str) -> Result<Value, String> {
        let child = self.child.as_ref().ok_or("no gateway runs")?;
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

    /// The end of the log, for a failure's report.
    pub(crate) fn last_lines(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let last: Vec<_> = lines.iter().rev().take(15).rev().cloned().collect();
        last.join("\n")
    }
}

impl Clients {
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
            let url = format!("{}/v1/pengaduan", self.url.borrow().as_str());
            let told = Told::by(&self.client.post(&url, &headers, &body).await);
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
            let mut url = self.url.clone();
            let _changed = tokio::time::timeout(Duration::from_millis(50), url.changed()).await;
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
