//! A gateway with the sandbox's copies, its neighbours, and a clock that can be moved on.

use e2e::client::{Client, until};
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use gateway::wiring::Seams;
use serde_json::{Value, json};
use simulators::Common;
use simulators::city::CityOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use toml::{Table, Value as Toml};

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) neighbours: Neighbours,
    pub(crate) gateway: Inside,
    client: Client,
    operator: Client,
    base: String,
    admin: String,
    ahead: Arc<AtomicI64>,
    _setup: Setup,
}

pub(crate) async fn world(city: CityOptions, change: impl FnOnce(&mut Table)) -> World {
    let neighbours = Neighbours::start_city(Common::default(), city).await.unwrap();
    let setup = Setup::with_copies(&neighbours, change).unwrap();
    let ahead = Arc::new(AtomicI64::new(0));
    let seams = Seams {
        ahead: Some(Arc::clone(&ahead)),
        ..Seams::default()
    };
    let gateway = Inside::start_with(&setup, seams).await.unwrap();
    let targets = gateway.targets(&setup, &neighbours);
    World {
        client: Client::new(&setup.keys()[CONSUMER]),
        operator: Client::new(&setup.keys()[OPERATOR]),
        base: targets.gateway,
        admin: format!("{}/admin/v1", targets.operator),
        neighbours,
        gateway,
        ahead,
        _setup: setup,
    }
}

impl World {
    pub(crate) async fn get(&self, path: &str) -> Value {
        let reply = self.client.get(&format!("{}{path}", self.base)).await.unwrap();
        assert_eq!(reply.status, 200, "{path}: {}", reply.json());
        reply.json()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let reply = self
            .client
            .post(&format!("{}{path}", self.base), &[], body)
            .await
            .unwrap();
        assert!(reply.status < 300, "{path}: {}", reply.json());
        reply.json()
    }

    /// Every record of a copy.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let url = format!("{}{path}?format=ndjson", self.base);
        let reply = self.client.get(&url).await.unwrap();
        assert_eq!(reply.status, 200);
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How a copy stands, for the operator.
    pub(crate) async fn standing(&self, copy: &str) -> Value {
        let url = format!("{}/salinan/{copy}", self.admin);
        self.operator.get(&url).await.unwrap().json()
    }

    /// Waits until each of these copies was complete once.
    pub(crate) async fn complete(&self, copies: &[&str]) {
        for copy in copies {
            self.stands(copy, |view| view["diperbarui_pada"].is_string()).await;
        }
    }

    pub(crate) async fn stands(&self, copy: &str, as_wanted: impl Fn(&Value) -> bool) -> Value {
        let found = until(PATIENCE, async || {
            let view = self.standing(copy).await;
            as_wanted(&view).then_some(view.clone()).ok_or_else(|| view.to_string())
        });
        found.await.unwrap()
    }

    /// Pulls a copy now and waits for the end of the run.
    pub(crate) async fn pull(&self, copy: &str) -> Value {
        let newest = |view: &Value| view["riwayat"][0]["nomor"].as_i64().unwrap_or_default();
        let before = newest(&self.standing(copy).await);
        let url = format!("{}/salinan/{copy}/tarik", self.admin);
        assert_eq!(self.operator.post(&url, &[], &json!({})).await.unwrap().status, 202);
        let view = self.stands(copy, |view| newest(view) > before).await;
        view["riwayat"][0].clone()
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// Leaves only these copies, without chains and without rights to others.
pub(crate) fn only(table: &mut Table, copies: &[&str]) {
    let keep = |name: Option<&str>| name.is_some_and(|name| copies.contains(&name));
    let known = table.get_mut("salinan").and_then(Toml::as_array_mut).unwrap();
    known.retain(|copy| keep(copy.get("id").and_then(Toml::as_str)));
    table.remove("rantai");
    for consumer in table.get_mut("konsumen").and_then(Toml::as_array_mut).unwrap() {
        let rights = consumer.get_mut("hak").and_then(Toml::as_array_mut);
        for right in rights.into_iter().flatten() {
            if let Some(names) = right.get_mut("operasi").and_then(Toml::as_array_mut) {
                names.retain(|name| {
                    let name = name.as_str().unwrap_or_default();
                    !name.starts_with("rantai.") && name.strip_prefix("salinan.").is_none_or(|copy| keep(Some(copy)))
                });
            }
        }
        if let Some(rights) = consumer.get_mut("hak").and_then(Toml::as_array_mut) {
            rights.retain(|right| right["operasi"].as_array().is_none_or(|names| !names.is_empty()));
        }
    }
}
