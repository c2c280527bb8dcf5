//! Whole gateways on PostgreSQL, in front of the LAPOR! simulator: one that accepts and delivers, and two that share the
//! work. Run when `SIMPUL_TEST_PG` names a database; each test has a schema of its own in that throw-away cluster.

use connector_sdk::{Secret, Text};
use gateway::config::raw::{JournalKind, Raw, RawKey};
use gateway::config::{self, CONNECTORS, Given, Place, Placed, SecretRef, Vault};
use gateway::core::evidence::sha256;
use gateway::core::time::Clock;
use gateway::wiring::{self, Running, StartError, SystemClock};
use serde_json::{Value, json};
use simulators::lapor::{Lapor, LaporOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::runtime::{self, Runtime};

const KEY: &str = "smp_uji_0000000000000000000000000000000000000000000000000000000000000001";

/// `None` without a database; the test then says so and passes.
fn database() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "tests alone may ask where their database is")]
    let given = std::env::var("SIMPUL_TEST_PG").ok();
    if given.is_none() {
        eprintln!("skipped: SIMPUL_TEST_PG is not set");
    }
    given
}

fn put<T>(value: T) -> Placed<T> {
    let place = Place {
        file: "uji".into(),
        line: None,
        key: String::new(),
    };
    Placed { value, place }
}

/// The sandbox's set for one node of a shared journal.
fn set(node: &str, schema: &str, lapor: &str) -> Raw {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/sandbox");
    let mut raw = config::parse(&config::load(&path).unwrap());
    for system in raw.systems.iter_mut().filter(|system| system.id.value == "lapor") {
        system.alamat.value = lapor.to_owned();
    }
    raw.consumers[0].kunci.push(RawKey {
        awalan: put("uji".to_owned()),
        sha256: put(hex::encode(sha256(KEY.as_bytes()))),
    });
    let raw_node = raw.node.as_mut().unwrap();
    raw_node.nama = Some(put(node.to_owned()));
    raw_node.dengar = Some(put("127.0.0.1:0".to_owned()));
    raw_node.dengar_operator = Some(put("127.0.0.1:0".to_owned()));
    raw_node.jurnal_jenis = Some(put(JournalKind::Postgres));
    raw_node.jurnal_berkas = None;
    raw_node.jurnal_koneksi = Some(put(SecretRef::Env("JURNAL".into())));
    raw_node.jurnal_kunci_induk = Some(put(SecretRef::Env("INDUK".into())));
    raw_node.jurnal_skema = Some(put(format!("uji_gateway_{}_{schema}", std::process::id())));
    raw
}

/// Has something under every name: the secrets of systems that these tests never call.
struct AnySecret;

impl Vault for AnySecret {
    fn read(&self, _: &SecretRef) -> Result<Secret, Text> {
        Ok(Secret::new("e30.eyJ0YWh1biI6MjAyNn0.x"))
    }

    fn year(&self) -> i16 {
        2026
    }
}

fn start(raw: &Raw, database: &str) -> Result<Running, StartError> {
    let (options, master) = (LaporOptions::default(), "07".repeat(32));
    let known = [
        ("JURNAL", database),
        ("INDUK", &master),
        ("SIMPUL_SANDBOX_LAPOR_BEARER", &options.bearer),
        ("SIMPUL_SANDBOX_LAPOR_TOKEN", &options.token),
    ];
    let checked = config::check(raw, CONNECTORS).unwrap();
    wiring::start(config::build(checked, &Given::new(known, AnySecret), None).unwrap())
}

/// The simulator, and the runtime it lives on.
struct Neighbour {
    runtime: Runtime,
    lapor: simulators::Running<Lapor>,
}

impl Neighbour {
    fn start() -> Self {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let options = LaporOptions {
            common: simulators::Common {
                addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                start: SystemClock.now(),
                speed: 1.0,
            },
            ..LaporOptions::default()
        };
        let lapor = runtime.block_on(simulators::lapor::start(options)).unwrap();
        Self { runtime, lapor }
    }

    /// Asks until the exchange is delivered, for half a minute at most.
    fn delivered(&self, gateway: &Running, location: &str) -> Value {
        let mut last = Value::Null;
        for _ in 0..300 {
            last = body(&call(gateway, "GET", location, ""));
            if last["keadaan"] == "terkirim" {
                return last;
            }
            self.runtime
                .block_on(async { tokio::time::sleep(Duration::from_millis(100)).await });
        }
        panic!("not delivered: {last}");
    }

    fn tickets(&self) -> Vec<String> {
        self.lapor.with(|lapor| {
            assert!(lapor.doubles().is_empty(), "delivered twice: {:?}", lapor.doubles());
            lapor.creates_by_reference().keys().cloned().collect()
        })
    }
}

/// A base URL where nothing listens.
fn nowhere() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn call(gateway: &Running, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(gateway.public()).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: uji\r\nConnection: close\r\nX-API-Key: {KEY}\r\nPrefer: respond-async\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("not JSON: {answer}"))
}

/// Sends a complaint; answers where its exchange is.
fn send(gateway: &Running, ticket: &str) -> String {
    let complaint = json!({
        "tiket": ticket, "sumber": "laksa", "dikirim_pada": "2026-02-03T08:15:00+07:00",
        "klasifikasi": "pengaduan", "kategori": "lampu_jalan",
        "judul": "Lampu jalan padam di Jalan Contoh Raya",
        "isi": "Lampu penerangan jalan padam sejak tiga hari, jalan gelap pada malam hari.",
        "lokasi": {"kode_wilayah": "36.71.05", "alamat": "Jalan Contoh Raya nomor 1"},
        "anonim": true, "rahasia": false,
    });
    let answer = call(gateway, "POST", "/v1/pengaduan", &complaint.to_string());
    let head = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location").then(|| value.to_owned())
    };
    answer.lines().find_map(head).unwrap_or_else(|| panic!("{answer}"))
}

#[test]
fn a_gateway_on_postgres_accepts_and_delivers() {
    let Some(database) = database() else { return };
    let neighbour = Neighbour::start();
    let raw = set("satu", "satu", &neighbour.lapor.base_url());
    let gateway = start(&raw, &database).unwrap();
    let location = send(&gateway, "LAKSA-PG-1");
    let done = neighbour.delivered(&gateway, &location);
    assert_eq!(done["balasan"]["tiket"], "LAKSA-PG-1");
    gateway.stop();
    // The same node comes back to what it had, and its journal is let go at each stop.
    let again = start(&raw, &database).unwrap();
    assert_eq!(neighbour.delivered(&again, &location)["balasan"], done["balasan"]);
    again.stop();
    assert_eq!(neighbour.tickets(), ["LAKSA-PG-1"]);
}

#[test]
fn two_gateways_on_one_database_share_the_work() {
    let Some(database) = database() else { return };
    let neighbour = Neighbour::start();
    // The first cannot reach LAPOR!: what it accepts is delivered by the second or by nobody.
    let first = start(&set("satu", "dua", &nowhere()), &database).unwrap();
    let second = start(&set("dua", "dua", &neighbour.lapor.base_url()), &database).unwrap();
    let tickets: Vec<String> = (1..=6).map(|n| format!("LAKSA-PG-2{n}")).collect();
    let locations: Vec<String> = tickets.iter().map(|ticket| send(&first, ticket)).collect();
    for (location, ticket) in locations.iter().zip(&tickets) {
        let there = neighbour.delivered(&second, location);
        assert_eq!(there["balasan"]["tiket"], ticket.as_str());
        assert_eq!(neighbour.delivered(&first, location)["balasan"], there["balasan"]);
    }
    // Known to both: the other gateway answers with the exchange that is there.
    assert_eq!(
        send(&second, &tickets[0]).rsplit('/').next(),
        locations[0].rsplit('/').next()
    );
    first.stop();
    second.stop();
    assert_eq!(neighbour.tickets(), tickets);
}

#[test]
fn a_database_that_is_not_there_is_named_without_its_password() {
    let port = nowhere().rsplit(':').next().unwrap().to_owned();
    let database = format!("host=127.0.0.1 port={port} user=simpul password=canary dbname=jurnal");
    let error = start(&set("satu", "tiada", &nowhere()), &database).err().unwrap();
    let told = format!("{error} {error:?}");
    assert!(matches!(error, StartError::Database { .. }), "{told}");
    assert!(told.contains(&format!("127.0.0.1:{port}/jurnal")), "{told}");
    assert!(told.contains("refused"), "{told}");
    assert!(!told.contains("canary"), "{told}");
}

#[test]
fn a_journal_moves_and_its_exchanges_stay_readable() {
    let Some(database) = database() else { return };
    let neighbour = Neighbour::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jurnal.sqlite").display().to_string();
    let shared = set("satu", "pindah", &neighbour.lapor.base_url());
    let mut alone = set("satu", "pindah", &neighbour.lapor.base_url());
    let node = alone.node.as_mut().unwrap();
    (node.jurnal_jenis, node.jurnal_koneksi) = (None, None);
    let schema = node.jurnal_skema.take().unwrap().value;
    node.jurnal_berkas = Some(put(file.clone()));

    let before = start(&alone, &database).unwrap();
    let location = send(&before, "LAKSA-PG-3");
    let done = neighbour.delivered(&before, &location);
    before.stop();
    let migrate = || {
        Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(["journal", "migrate", "--dari", &file, "--ke-env", "SIMPUL_UJI_JURNAL"])
            .args(["--node", "satu", "--skema", &schema, "--json", "--bahasa", "en"])
            .env("SIMPUL_UJI_JURNAL", &database)
            .output()
            .unwrap()
    };
    let moved = migrate();
    let told: Value = serde_json::from_slice(&moved.stdout).unwrap();
    assert!(moved.status.success(), "{told}");
    assert!(told["baris"]["exchanges"].as_u64() >= Some(1), "{told}");
    assert!(told["bukti"].as_u64() >= Some(1), "{told}");

    let again = migrate();
    let told = String::from_utf8(again.stdout).unwrap();
    assert_eq!(again.status.code(), Some(1), "{told}");
    assert!(told.contains("copied into this schema already"), "{told}");
    assert!(matches!(
        start(&alone, &database).err(),
        Some(StartError::Journal { .. })
    ));

    let after = start(&shared, &database).unwrap();
    assert_eq!(neighbour.delivered(&after, &location)["balasan"], done["balasan"]);
    after.stop();
    assert_eq!(neighbour.tickets(), ["LAKSA-PG-3"]);
}
