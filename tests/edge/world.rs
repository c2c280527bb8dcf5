//! A gateway with its neighbours, and consumers made for one story.

use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::Setup;
use gateway::operator::TokenHash;
use gateway::wiring::Seams;
use toml::{Table, Value};

pub struct World {
    pub neighbours: Neighbours,
    pub setup: Setup,
    pub gateway: Inside,
    /// Host and port of the public side.
    pub public: String,
    /// Of the operator's side.
    pub operator: String,
}

/// The usual set-up, changed.
pub async fn world(change: impl FnOnce(&mut Table)) -> World {
    world_with(change, Seams::default()).await
}

pub async fn world_with(change: impl FnOnce(&mut Table), seams: Seams) -> World {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, change).unwrap();
    up(neighbours, setup, seams).await
}

/// Stops the gateway and starts it again on what it left.
pub async fn restarted(world: World) -> World {
    world.gateway.stop().await.unwrap();
    up(world.neighbours, world.setup, Seams::default()).await
}

async fn up(neighbours: Neighbours, setup: Setup, seams: Seams) -> World {
    let gateway = Inside::start_with(&setup, seams).await.unwrap();
    let targets = gateway.targets(&setup, &neighbours);
    World {
        public: targets.gateway.replace("http://", ""),
        operator: targets.operator.replace("http://", ""),
        neighbours,
        setup,
        gateway,
    }
}

/// Complaints that reached the national system.
pub fn created(world: &World) -> Vec<String> {
    let sent = world.neighbours.lapor.requests().into_iter();
    sent.filter(|request| request.endpoint == "create")
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect()
}

/// A key of the right form for a consumer.
pub fn key(consumer: &str) -> String {
    format!("smp_{consumer}_{}", "k".repeat(64))
}

/// Adds a consumer whose key is [`key`], with what `more` says in TOML.
pub fn consumer(table: &mut Table, id: &str, more: &str) {
    let text = format!(
        "id = \"{id}\"\nnama = \"Uji\"\nkunci = [{{ awalan = \"{id}\", sha256 = \"{}\" }}]\n{more}",
        TokenHash::of(&key(id)).to_hex()
    );
    let one: Table = text.parse().unwrap();
    let all = table.get_mut("konsumen").and_then(Value::as_array_mut).unwrap();
    all.push(Value::Table(one));
}

/// A grant in TOML.
pub fn grant(operations: &str, more: &str) -> String {
    format!(
        "[[hak]]\noperasi = {operations}\ntujuan = \"Uji\"\ndasar_hukum = \"Uji\"\nperjanjian = \"UJI-1\"\nper_menit = 100000\n{more}\n"
    )
}
