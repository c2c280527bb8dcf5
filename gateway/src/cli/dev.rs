//! `simpul dev`: gateway, simulators and a key in one command, then three curl lines that work. Everything listens on
//! this machine only. The key is made anew at each start and kept as a hash; those of earlier starts stay valid.

mod keys;
mod neighbours;
mod set;

use super::key::{self, Fresh};
use super::say::Voice;
use super::{Dev, serve};
use crate::config::{self, CONNECTORS, Complaint, Raw};
use crate::registry;
use crate::wiring::{self, Running, SystemClock};
use gateway_core::time::Clock;
use neighbours::Neighbours;
use serde_json::{Value, json};
use std::path::Path;

/// Consumer that the sandbox's key belongs to.
const CONSUMER: &str = "opd-contoh";
/// Operators of the sandbox, and the files in its data folder that hold their tokens: two, since some decisions need two.
const OPERATORS: [(&str, &str); 2] = [("Petugas Satu", "token-operator"), ("Petugas Dua", "token-operator-2")];

/// What was started.
struct Started {
    base: Raw,
    running: Running,
    neighbours: Neighbours,
    key: Fresh,
    tokens: [Fresh; 2],
}

enum Wrong {
    Complaints(Vec<Complaint>),
    Failed(String),
}

/// Starts everything and runs until it is told to stop.
pub(super) fn dev(voice: &Voice, options: &Dev) -> bool {
    let mut started = match start(options) {
        Ok(started) => started,
        Err(Wrong::Complaints(complaints)) => return voice.complaints(&complaints),
        Err(Wrong::Failed(why)) => {
            return voice.failed("sandbox tidak dapat dimulai", "the sandbox cannot be started", &why);
        }
    };
    let answer = answer(&started, &options.data);
    voice.answer(&answer, || greeting(voice, &answer));
    let (base, vault) = (started.base.clone(), started.neighbours.vault());
    let told = serve::until_told(&mut started.running, |running, entries| {
        let newer = registry::assemble(&base, entries, &vault, Some(running.built()));
        running.reload(newer);
    });
    started.running.stop();
    drop(started.neighbours);
    told.is_ok()
}

/// The sandbox's configuration as it was compiled in.
pub(super) fn sandbox() -> config::Files {
    set::embedded()
}

fn start(options: &Dev) -> Result<Started, Wrong> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: &dyn std::fmt::Display| Wrong::Failed(format!("{what}: {error}"))
    };
    std::fs::create_dir_all(&options.data).map_err(|e| failed(&options.data.display().to_string())(&e))?;
    let key = key::api_key("sandbox").map_err(Wrong::Failed)?;
    let tokens = [
        key::operator_token().map_err(Wrong::Failed)?,
        key::operator_token().map_err(Wrong::Failed)?,
    ];
    for ((_, file), token) in OPERATORS.iter().zip(&tokens) {
        keys::keep(&options.data.join(file), &token.key).map_err(|e| failed(file)(&e))?;
    }
    let hashes = keys::remember(&options.data, &key).map_err(|e| failed("kunci")(&e))?;
    let neighbours = Neighbours::start(SystemClock.now()).map_err(|e| failed("simulator")(&e))?;

    let files = match &options.config {
        Some(path) => config::load(path).map_err(Wrong::Complaints)?,
        None => set::embedded(),
    };
    let mut raw = config::parse(&files);
    let operators: Vec<_> = OPERATORS
        .iter()
        .zip(&tokens)
        .map(|((name, _), token)| (*name, token.hash.clone()))
        .collect();
    set::adapt(&mut raw, options, &neighbours, &hashes, &operators);
    let checked = config::check(&raw, CONNECTORS).map_err(Wrong::Complaints)?;
    let built = config::build(checked, &neighbours.vault(), None).map_err(Wrong::Complaints)?;
    serve::log(&built.node.log).map_err(|e| failed("log")(&e))?;
    let running = wiring::start(built).map_err(|e| failed("gateway")(&e))?;
    neighbours.push_to(running.public());
    Ok(Started {
        base: raw,
        running,
        neighbours,
        key,
        tokens,
    })
}

/// Everything a person or a program needs to go on.
fn answer(started: &Started, data: &Path) -> Value {
    let base = format!("http://{}", started.running.public());
    let key = &started.key.key;
    let (title, curl): (Vec<_>, Vec<_>) = steps(started, &base, &data.join("kepala.txt")).into_iter().unzip();
    json!({
        "public": base,
        "operator": format!("http://{}", started.running.operator()),
        "key": key,
        "operator_token": started.tokens[0].key,
        "operator_token_file": data.join(OPERATORS[0].1),
        "second_operator_token": started.tokens[1].key,
        "simulators": started.neighbours.urls(),
        "steps": title,
        "curl": curl,
    })
}

/// What to try, each with the line that does it: the four steps of the sandbox, or each operation of another set-up.
fn steps(started: &Started, base: &str, head: &Path) -> Vec<(Value, String)> {
    let (key, head) = (&started.key.key, head.display());
    let operations = &started.base.operations;
    if !operations
        .iter()
        .any(|operation| operation.id.value == "pengaduan.kirim")
    {
        let tries = operations.iter().take(8).map(|operation| {
            let (id, address) = (&operation.id.value, format!("{base}{}", operation.jalur.value));
            let line = match operation.metode.value.as_str() {
                "GET" => format!("curl -sS -H 'X-API-Key: {key}' '{address}'"),
                method => format!(
                    "curl -sS -X {method} '{address}' -H 'X-API-Key: {key}' -H 'Content-Type: application/json' -d @masukan.json"
                ),
            };
            (json!({"id": id, "en": id}), line)
        });
        return tries.collect();
    }
    let state = format!("{}/state", started.neighbours.lapor_control());
    let body = complaint(&started.key.prefix);
    let push = started.neighbours.oss_control();
    vec![
        (
            json!({"id": "Kirim satu pengaduan", "en": "Send a complaint"}),
            format!(
                "curl -sS -D {head} {base}/v1/pengaduan -H 'X-API-Key: {key}' -H 'Content-Type: application/json' -d '{body}'"
            ),
        ),
        (
            json!({"id": "Lihat pertukarannya", "en": "See its exchange"}),
            format!("curl -sS -H 'X-API-Key: {key}' \"{base}$(sed -n 's/^[Ll]ocation: //p' {head} | tr -d '\\r')\""),
        ),
        (
            json!({"id": "Lihat laporannya di simulator LAPOR!", "en": "See the report in the LAPOR! simulator"}),
            format!("curl -sS {state}"),
        ),
        (
            json!({"id": "Minta simulator OSS mengirim satu NIB", "en": "Let the OSS simulator push a NIB"}),
            format!("curl -sS {push}/push -d '{{\"index\": 1}}'"),
        ),
    ]
}

/// An invented complaint with a ticket of its own per start.
fn complaint(prefix: &str) -> Value {
    let ticket = prefix.rsplit('-').next().unwrap_or_default();
    json!({
        "tiket": format!("LAKSA-{ticket}"),
        "sumber": "laksa",
        "dikirim_pada": SystemClock.now().to_string(),
        "klasifikasi": "pengaduan",
        "kategori": "lampu_jalan",
        "judul": "Lampu jalan padam di Jalan Contoh Raya",
        "isi": "Lampu penerangan jalan padam sejak tiga hari, jalan gelap pada malam hari.",
        "lokasi": {"kode_wilayah": "36.71.05", "alamat": "Jalan Contoh Raya nomor 1"},
        "anonim": true,
        "rahasia": false,
    })
}

fn greeting(voice: &Voice, answer: &Value) -> String {
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let list = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let steps: String = list("/steps")
        .zip(list("/curl"))
        .map(|(title, line)| {
            let title = title[voice.pick("id", "en")].as_str().unwrap_or_default();
            format!("\n# {title}\n{}\n", line.as_str().unwrap_or_default())
        })
        .collect();
    let title = voice.pick("Sandbox Simpul siap", "The Simpul sandbox is ready");
    let token = voice.pick("token operator", "operator token");
    let decide = voice.pick("Lihat sebagai petugas", "Look as an operator");
    // The program may not be on the search path of who reads this.
    let program = std::env::current_exe().map_or_else(|_| "simpul".to_owned(), |path| path.display().to_string());
    let look = format!(
        "{program} exchange list --operator {} --token-file {}",
        text("/operator"),
        text("/operator_token_file")
    );
    let stop = voice.pick("Berhenti dengan ctrl-c.", "Stop with ctrl-c.");
    format!(
        "{title}: {}  ·  operator: {}\n{token}: {}\n{steps}\n# {decide}\n{look}\n\n{stop}",
        text("/public"),
        text("/operator"),
        text("/operator_token"),
    )
}
