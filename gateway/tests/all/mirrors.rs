//! A copy over the whole gateway: pulled from a small system over HTTP, asked over HTTP, watched by the command line.

use connector_sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, Mirror, MirrorSpec, NativeLimits, NativeReply, NativeRequest,
    Operation, Page, Pull, RelativePath, Settings, Str, Text, stream,
};
use gateway::config::{self, Given, Machine};
use gateway::wiring::{self, Running};
use gateway_core::evidence::sha256;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const TOKEN: &str = "smo_petugas_satu";
const FACTORY: Factory = Factory {
    kind: "anggaran",
    build,
};

fn build(_settings: &Settings) -> Built {
    let mirror = MirrorSpec {
        id: "anggaran.baris".into(),
        summary: Text::new("Baris anggaran.", "Budget lines."),
        schema: "urn:simpul:skema:baris_uji:1".into(),
        key: vec![Str::from("/kode")],
        every_s: 3600,
        max_shrink_percent: 20,
        max_pages: 3,
    };
    let descriptor = Descriptor {
        id: "anggaran".into(),
        title: Text::new("Anggaran", "Budget"),
        owner: "Dinas Contoh".into(),
        native_version: "1".into(),
        documentation: "https://contoh.invalid".into(),
        auth: vec!["none".into()],
        limits: NativeLimits::default(),
        operations: vec![],
        hooks: vec![],
        mirrors: vec![mirror.clone()],
        errors: vec![],
        settings: vec![],
    };
    Ok(Arc::new(Lines { descriptor, mirror }))
}

struct Lines {
    descriptor: Descriptor,
    mirror: MirrorSpec,
}

impl Connector for Lines {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn operation(&self, _id: &str) -> Option<&dyn Operation> {
        None
    }
    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        (id == "anggaran.baris").then_some(self as &dyn Mirror)
    }
}

impl Mirror for Lines {
    fn spec(&self) -> &MirrorSpec {
        &self.mirror
    }
    fn scope(&self) -> &[Str] {
        const SCOPE: &[Str] = &[Str::Borrowed("tahun")];
        SCOPE
    }
    fn request(&self, _call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        let request = NativeRequest::get("tarik", RelativePath::of("baris"));
        Ok(pull.scope.iter().fold(request, |r, (name, value)| r.query(name, value)))
    }
    fn page(&self, _call: &Call<'_>, _pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let records = stream::array(&reply.body)?
            .map(|item| serde_json::from_slice(item?).map_err(|error| Fault::drift(format!("{:?}", error.classify()))));
        Ok(Page {
            records: records.collect::<Result<_, _>>()?,
            next: None,
            total: None,
        })
    }
}

fn schema() -> Value {
    let text =
        |id: &str, en: &str| json!({"description": id, "x-en": en, "type": ["string", "null"], "maxLength": 200});
    let mut name = text("Nama pejabat.", "Name of the officer.");
    name["x-data-pribadi"] = json!("umum");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:simpul:skema:baris_uji:1",
        "title": "Baris uji", "description": "Baris uji.", "x-en": {"title": "Trial line", "description": "Trial line."},
        "type": "object",
        "properties": {
            "kode": text("Kode.", "Code."), "satker": text("Satuan kerja.", "Work unit."),
            "nilai": text("Nilai.", "Amount."), "uraian": text("Uraian.", "Description."), "pejabat": name,
        },
        "required": ["kode"],
        "unevaluatedProperties": false,
    })
}

/// Answers every request with what is held, in one list.
fn system(rows: Arc<Mutex<Vec<Value>>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answering = move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                head.push(byte[0]);
            }
            assert!(String::from_utf8_lossy(&head).contains("tahun=2026"));
            let body = Value::Array(rows.lock().unwrap().clone()).to_string();
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    };
    // It ends with the test.
    std::thread::Builder::new()
        .name("sistem".into())
        .spawn(answering)
        .unwrap();
    address
}

struct World {
    running: Option<Running>,
    rows: Arc<Mutex<Vec<Value>>>,
    _folder: TempDir,
}

fn key(name: &str) -> String {
    format!("smp_{name}_{}", "k".repeat(64))
}

fn world() -> World {
    let rows: Arc<Mutex<Vec<Value>>> = Arc::default();
    let address = system(Arc::clone(&rows));
    let folder = tempfile::tempdir().unwrap();
    let hash = |text: &str| hex::encode(sha256(text.as_bytes()));
    let consumer = |name: &str, right: &str, more: &str| {
        format!(
            "[[konsumen]]\nid = \"{name}\"\nnama = \"Uji\"\nkunci = [{{ awalan = \"{name}\", sha256 = \"{}\" }}]\n\
             [[konsumen.hak]]\noperasi = \"{right}\"\ntujuan = \"Uji\"\ndasar_hukum = \"Uji\"\nperjanjian = \"1\"\n{more}\n",
            hash(&key(name))
        )
    };
    let set = format!(
        r#"
[simpul]
dengar = "127.0.0.1:0"
dengar_operator = "127.0.0.1:0"
utas = 1
henti_paling_lama = "5s"
token_operator = [{{ nama = "Petugas Satu", sha256 = "{}" }}]
[simpul.jurnal]
berkas = "{}"
[[sistem]]
id = "sipd"
konektor = "anggaran"
alamat = "http://{address}"
[sistem.auth]
jenis = "none"
[[salinan]]
id = "anggaran"
sistem = "sipd"
salinan = "anggaran.baris"
alamat = "/v1/anggaran"
cakupan = {{ tahun = ["2026"] }}
bidang = {{ satker = "/satker", nilai = "/nilai", pejabat = "/pejabat" }}
angka = ["nilai"]
indeks = ["satker", "nilai", "satker+nilai", "pejabat"]
[[rantai]]
id = "diri"
alamat = "/v1/rantai/diri"
[[rantai.langkah]]
nama = "baris"
salinan = "anggaran"
[[rantai.langkah]]
nama = "lagi"
salinan = "anggaran"
[[rantai.langkah.aturan]]
nama = "kode"
kekuatan = "kunci"
kiri = ["/kode"]
kanan = ["/kode"]
{}{}{}{}"#,
        hash(TOKEN),
        folder.path().join("jurnal.sqlite").display(),
        consumer("opd", "salinan.anggaran", "per_menit = 1000"),
        consumer("pemeriksa", "salinan.anggaran", "bidang = [\"kode\", \"pejabat\"]"),
        consumer("rantai", "rantai.diri", ""),
        consumer("lain", "rantai.diri", ""),
    );
    std::fs::create_dir(folder.path().join("skema")).unwrap();
    std::fs::write(folder.path().join("skema/baris.json"), schema().to_string()).unwrap();
    std::fs::write(folder.path().join("simpul.toml"), set).unwrap();
    let raw = config::parse(&config::load(folder.path()).unwrap());
    let checked = config::check(&raw, &[FACTORY]).unwrap_or_else(|complaints| panic!("{complaints:#?}"));
    let built = config::build(checked, &Given::new([], Machine), None).unwrap_or_else(|c| panic!("{c:#?}"));
    World {
        running: Some(wiring::start(built).unwrap()),
        rows,
        _folder: folder,
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

struct Heard {
    status: u16,
    head: String,
    body: String,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}\n{}", self.head, self.body))
    }
    fn header(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.to_owned())
            .next()
    }
}

impl World {
    fn ask(&self, who: &str, target: &str, headers: &str) -> Heard {
        let mut stream = TcpStream::connect(self.running.as_ref().unwrap().public()).unwrap();
        write!(
            stream,
            "GET {target} HTTP/1.0\r\nhost: simpul.invalid\r\nx-api-key: {}\r\n{headers}\r\n",
            key(who)
        )
        .unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        let (head, body) = all.split_once("\r\n\r\n").unwrap();
        Heard {
            status: head[9..12].parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn simpul(&self, arguments: &str) -> (i32, String) {
        let said = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(["--bahasa", "id"])
            .args(arguments.split(' '))
            .env(
                "SIMPUL_OPERATOR",
                format!("http://{}", self.running.as_ref().unwrap().operator()),
            )
            .env("SIMPUL_TOKEN_OPERATOR", TOKEN)
            .output()
            .unwrap();
        let out = String::from_utf8(said.stdout).unwrap();
        (
            said.status.code().unwrap(),
            if out.is_empty() {
                String::from_utf8(said.stderr).unwrap()
            } else {
                out
            },
        )
    }
}

fn lines() -> Vec<Value> {
    (0..60)
        .map(|n| {
            let amount = format!("{}.{:04}", 687_174_554_000_u64 + n * 13 % 60, n);
            let officer = format!("Pejabat {n}");
            let words = if n == 7 { "=HYPERLINK(\"x\")".to_owned() } else { format!("Belanja {n}") };
            json!({"kode": format!("b/{n:02}"), "satker": format!("s{}", n % 2), "nilai": amount, "uraian": words, "pejabat": officer})
        })
        .collect()
}

fn sum<'a>(amounts: impl Iterator<Item = &'a str>) -> i128 {
    amounts.map(|a| a.replace('.', "").parse::<i128>().unwrap()).sum()
}

#[test]
fn a_copy_is_pulled_asked_exported_and_watched() {
    let world = world();
    *world.rows.lock().unwrap() = lines();
    let (code, said) = world.simpul("mirror run anggaran --json");
    assert_eq!(code, 0, "{said}");
    let account: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&account["lengkap"], &account["butir"]), (&json!(true), &json!(60)));

    // A page, with where it comes from and how old it is.
    let page = world.ask("opd", "/v1/anggaran?satker=s1&urut=-nilai&batas=20", "");
    assert_eq!(page.status, 200, "{}", page.body);
    let view = page.json();
    assert_eq!(view["sumber"], "sipd");
    assert_eq!(view["kedaluwarsa"], false);
    assert!(view["umur_detik"].is_u64() && view["diperbarui_pada"].is_string());
    assert!(page.header("age").is_some() && page.header("x-diperbarui-pada").is_some());
    assert!(page.header("ratelimit").is_some());
    let records = view["butir"].as_array().unwrap();
    assert_eq!(records.len(), 20);
    assert!(
        records
            .iter()
            .all(|r| r.get("pejabat").is_none() && r["satker"] == "s1"),
        "personal data without a grant"
    );
    let amounts: Vec<&str> = records.iter().map(|r| r["nilai"].as_str().unwrap()).collect();
    assert!(amounts.is_sorted_by(|a, b| a > b), "{amounts:?}");
    let next = view["kursor_berikut"].as_str().unwrap();
    let rest = world
        .ask(
            "opd",
            &format!("/v1/anggaran?satker=s1&urut=-nilai&batas=20&kursor={next}"),
            "",
        )
        .json();
    assert_eq!(
        (rest["butir"].as_array().unwrap().len(), &rest["kursor_berikut"]),
        (10, &Value::Null)
    );

    // Unchanged is said without a body; changed is another tag.
    let tag = page.header("etag").unwrap();
    let again = world.ask(
        "opd",
        "/v1/anggaran?satker=s1&urut=-nilai&batas=20",
        &format!("if-none-match: {tag}\r\n"),
    );
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert!(again.header("age").is_some());
    world.rows.lock().unwrap()[0]["uraian"] = json!("Belanja lain");
    assert_eq!(world.simpul("mirror run anggaran --json").0, 0);
    let changed = world.ask(
        "opd",
        "/v1/anggaran?satker=s1&urut=-nilai&batas=20",
        &format!("if-none-match: {tag}\r\n"),
    );
    assert_eq!(changed.status, 200);

    // Sums are equal to the last decimal, and no cell is a formula.
    let truth = sum(lines().iter().map(|l| l["nilai"].as_str().unwrap()));
    let csv = world.ask("opd", "/v1/anggaran?format=csv", "");
    assert_eq!(
        csv.header("content-type").as_deref(),
        Some("text/csv; charset=utf-8; header=present")
    );
    assert!(csv.header("x-sumber").is_some());
    let mut rows = csv.body.lines();
    let head: Vec<&str> = rows.next().unwrap().split(',').collect();
    let column = head.iter().position(|name| *name == "nilai").unwrap();
    assert_eq!(sum(rows.map(|row| row.split(',').nth(column).unwrap())), truth);
    assert!(csv.body.contains("'=HYPERLINK") && !csv.body.contains(",=") && !csv.body.contains("\"="));
    let ndjson = world.ask("opd", "/v1/anggaran", "accept: application/x-ndjson\r\n");
    let objects: Vec<Value> = ndjson
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(sum(objects.iter().map(|o| o["nilai"].as_str().unwrap())), truth);

    // One record by its key, slashes and all; what the grant names and no more.
    let one = world.ask("pemeriksa", "/v1/anggaran?kunci=b%2F07", "").json();
    assert_eq!(one["data"], json!({"kode": "b/07", "pejabat": "Pejabat 7"}));
    assert!(one["diambil_pada"].is_string() && one["tersamar"] == json!([]));
    assert_eq!(world.ask("opd", "/v1/anggaran?kunci=tidak", "").status, 404);

    // Everything wrong is said at once, by pointer; what is not granted does not exist.
    let wrong = world.ask("opd", "/v1/anggaran?nilai=banyak&batas=0&pejabat=x", "");
    assert_eq!(wrong.status, 400);
    let pointers: Vec<Value> = wrong.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].clone())
        .collect();
    assert_eq!(pointers, [json!("/nilai"), json!("/pejabat"), json!("/batas")]);
    assert_eq!(world.ask("lain", "/v1/anggaran", "").status, 403);
    assert_eq!(world.ask("opd", "/v1/anggaran?format=xls", "").status, 400);

    // The operator sees the chain too.
    let (code, said) = world.simpul("mirror status");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("diri") && said.contains("baris > lagi"), "{said}");

    // A chain shows records to those who may see the copies.
    assert_eq!(
        world
            .ask("rantai", "/v1/rantai/diri?langkah=baris&kunci=b%2F07", "")
            .status,
        404
    );
    assert_eq!(
        world.ask("rantai", "/v1/rantai/diri?langkah=apa&kunci=b", "").status,
        400
    );
    assert_eq!(
        world
            .ask("opd", "/v1/rantai/diri?langkah=baris&kunci=b%2F07", "")
            .status,
        403
    );

    // The operator sees it.
    let (_, listed) = world.simpul("mirror status");
    assert!(
        listed.contains("anggaran") && listed.contains("segar") && listed.contains("60"),
        "{listed}"
    );
    let (_, history) = world.simpul("mirror status anggaran --json");
    let history: Value = serde_json::from_str(&history).unwrap();
    // The two asked for here; on a slow machine the first may have come by itself before them.
    assert!(
        (2..=3).contains(&history["riwayat"].as_array().unwrap().len()),
        "{history}"
    );
    assert_eq!(history["riwayat"][0]["berubah"], 1);
    assert_ne!(world.simpul("mirror run tidak-ada").0, 0);
    let mut stream = TcpStream::connect(world.running.as_ref().unwrap().operator()).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut metrics = String::new();
    stream.read_to_string(&mut metrics).unwrap();
    assert!(
        metrics.contains("simpul_mirror_stale{mirror=\"anggaran\"} 0"),
        "{metrics}"
    );

    // An empty answer is refused, and the copy is still there.
    world.rows.lock().unwrap().clear();
    let (code, said) = world.simpul("mirror run anggaran --json");
    assert_ne!(code, 0, "{said}");
    assert_eq!(
        world.ask("opd", "/v1/anggaran?satker=s0", "").json()["butir"]
            .as_array()
            .unwrap()
            .len(),
        30
    );
}

#[test]
fn the_first_pull_comes_by_itself() {
    let world = world();
    *world.rows.lock().unwrap() = lines();
    let began = Instant::now();
    while world.ask("opd", "/v1/anggaran", "").json()["butir"]
        .as_array()
        .is_none_or(Vec::is_empty)
    {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing was pulled");
        std::thread::park_timeout(Duration::from_millis(200));
    }
}
