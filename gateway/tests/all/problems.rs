//! A system stops while it is used: within seconds it is named, with since when and whose fault, and metrics, admin API,
//! console and command line say the same. Then it is back: the replay of the whole group previews the right count and
//! finishes, and every reservation is there once.

use gateway::config::{self, Given, Machine};
use gateway::wiring::{self, Running, SystemClock};
use gateway_core::evidence::sha256;
use gateway_core::time::Clock;
use serde_json::{Value, json};
use simulators::example::{self, ExampleOptions, Library};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

const TOKEN: &str = "smo_petugas_satu";
/// The promise: named within this time.
const NAMED: Duration = Duration::from_secs(30);
/// Longest anything else may take here.
const PATIENCE: Duration = Duration::from_secs(60);
/// Reservations asked for while the system is away, and before.
const AWAY: usize = 60;
const BEFORE: usize = 5;

/// The way to the library, which can be cut: connections are refused then, as by a stopped machine.
struct Way {
    address: SocketAddr,
    to: SocketAddr,
    serving: Option<JoinHandle<()>>,
}

impl Way {
    fn open(&mut self, runtime: &Runtime) {
        let (address, to) = (self.address, self.to);
        let listener = runtime.block_on(tokio::net::TcpListener::bind(address)).unwrap();
        self.address = listener.local_addr().unwrap();
        self.serving = Some(runtime.spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                open.spawn(async move {
                    if let Ok(mut far) = tokio::net::TcpStream::connect(to).await {
                        let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        }));
    }

    /// Also cuts what is open.
    fn cut(&mut self, runtime: &Runtime) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            let _aborted = runtime.block_on(serving);
        }
    }
}

struct World {
    running: Option<Running>,
    library: simulators::Running<Library>,
    way: Way,
    folder: TempDir,
    key: String,
    runtime: Runtime,
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

fn world(more: &str) -> World {
    let runtime = Runtime::new().unwrap();
    let library = runtime.block_on(example::start(ExampleOptions::default())).unwrap();
    let mut way = Way {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        to: library.addr(),
        serving: None,
    };
    way.open(&runtime);
    let folder = tempfile::tempdir().unwrap();
    let key = format!("smp_uji_{}", "k".repeat(64));
    let hash = |text: &str| hex::encode(sha256(text.as_bytes()));
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
id = "perpustakaan"
konektor = "perpustakaan"
alamat = "http://{}/api"
auth = {{ jenis = "headers", kepala = [{{ nama = "X-Api-Key", nilai = {{ env = "KUNCI" }} }}] }}
pengaturan = {{ kode_buku = {{ "9780000000002" = "BK-001" }} }}
batas = {{ per_menit = 600000, serentak = 16 }}
[sistem.pengiriman]
percobaan = 3
jeda = "200ms"
jeda_terlama = "400ms"
[sistem.pengiriman.pemutus]
gagal = 0
[[operasi]]
id = "perpustakaan.reservasi.kirim"
metode = "POST"
jalur = "/v1/reservasi"
sistem = "perpustakaan"
[[simpan]]
nama = "layanan"
operasi = "perpustakaan.reservasi.kirim"
hari = 30
[[konsumen]]
id = "opd-uji"
nama = "OPD uji"
kunci = [{{ awalan = "uji", sha256 = "{}" }}]
[[konsumen.hak]]
operasi = "perpustakaan.reservasi.kirim"
tujuan = "Uji"
dasar_hukum = "Uji"
perjanjian = "1"
per_menit = 100000
{more}
"#,
        hash(TOKEN),
        folder.path().join("jurnal.sqlite").display(),
        way.address,
        hash(&key),
    );
    let set = set.replace("/api\"", &format!("{}\"", path_of(&library.base_url())));
    let file = folder.path().join("simpul.toml");
    std::fs::write(&file, set).unwrap();
    let built = config::from_disk(&file, &Given::new([("KUNCI", "kunci-simulasi")], Machine), None);
    let running = wiring::start(built.unwrap_or_else(|complaints| panic!("{complaints:?}"))).unwrap();
    World {
        running: Some(running),
        library,
        way,
        folder,
        key,
        runtime,
    }
}

/// The path of a URL, empty for a bare host.
fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or(String::new(), |at| rest[at..].to_owned())
}

impl World {
    fn gateway(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    fn reserve(&self, reference: &str) {
        let body = json!({"rujukan": reference, "isbn": "9780000000002", "nomor_anggota": "AGT-0001"}).to_string();
        let answer = raw(
            self.gateway().public(),
            &format!(
                "POST /v1/reservasi HTTP/1.1\r\nhost: uji\r\nconnection: close\r\nx-api-key: {}\r\n\
                 idempotency-key: {reference}\r\nprefer: respond-async\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n\r\n{body}",
                self.key,
                body.len()
            ),
        );
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let answer = raw(
            self.gateway().operator(),
            &format!(
                "{method} /admin/v1{path} HTTP/1.1\r\nhost: uji\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            ),
        );
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
    }

    /// The first page of the console, as a person who came in sees it.
    fn overview(&self) -> String {
        let form = format!("nama=Petugas+Satu&sandi={TOKEN}&ke=%2F");
        let came = raw(
            self.gateway().operator(),
            &format!(
                "POST /masuk HTTP/1.1\r\nhost: uji\r\norigin: http://uji\r\nconnection: close\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
                form.len()
            ),
        );
        let cookie = came
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        raw(
            self.gateway().operator(),
            &format!(
                "GET / HTTP/1.1\r\nhost: uji\r\nconnection: close\r\ncookie: {}\r\n\r\n",
                cookie.unwrap()
            ),
        )
    }

    /// Gives the figures to Prometheus' own tool under the rules that ship. Where it is not installed, says so.
    fn alert_rings(&self, metrics: &str, rings: bool) {
        let series: Vec<&str> = metrics
            .lines()
            .filter(|line| line.starts_with("simpul_problem_active{") || line.starts_with("simpul_problem_muted{"))
            .map(|line| line.rsplit_once(' ').unwrap().0)
            .collect();
        let series: Vec<Value> = series
            .iter()
            .map(|one| json!({"series": one, "values": "1x12"}))
            .collect();
        let fired = "ALERTS{alertname=\"SimpulSistemBermasalah\", alertstate=\"firing\", severity=\"page\", \
                     system=\"perpustakaan\", cause=\"tidak_terhubung\", side=\"sistem\"}";
        let wanted = if rings {
            vec![json!({"labels": fired, "value": 1})]
        } else {
            Vec::new()
        };
        let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/prometheus/aturan.yml");
        let trial = json!({
            "rule_files": [rules],
            "evaluation_interval": "5s",
            "tests": [{"interval": "5s", "input_series": series, "promql_expr_test": [{
                "expr": "ALERTS{alertname=\"SimpulSistemBermasalah\", alertstate=\"firing\"}",
                "eval_time": "30s",
                "exp_samples": wanted,
            }]}],
        });
        let file = self.folder.path().join("uji-aturan.yml");
        std::fs::write(&file, trial.to_string()).unwrap();
        match Command::new("promtool").args(["test", "rules"]).arg(&file).output() {
            Ok(said) => assert!(
                said.status.success(),
                "rings: {rings}\n{}{}",
                String::from_utf8_lossy(&said.stdout),
                String::from_utf8_lossy(&said.stderr)
            ),
            Err(_) => eprintln!("skipped: promtool is not installed; scripts/promtool-check holds the rules"),
        }
    }

    fn metrics(&self) -> String {
        raw(
            self.gateway().operator(),
            "GET /metrics HTTP/1.1\r\nhost: uji\r\nconnection: close\r\n\r\n",
        )
    }

    fn simpul(&self, arguments: &[&str]) -> (i32, String) {
        let said = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(arguments)
            .env("SIMPUL_OPERATOR", format!("http://{}", self.gateway().operator()))
            .env("SIMPUL_TOKEN_OPERATOR", TOKEN)
            .output()
            .unwrap();
        let text = String::from_utf8(said.stdout).unwrap() + &String::from_utf8(said.stderr).unwrap();
        (said.status.code().unwrap(), text)
    }

    fn count(&self, state: &str) -> u64 {
        let queues = self.ask("GET", "/antrean", "");
        let of = |row: &&Value| row["keadaan"] == state;
        let rows = queues["butir"].as_array().unwrap().iter().filter(of);
        rows.map(|row| row["jumlah"].as_u64().unwrap()).sum()
    }
}

fn raw(to: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn until(within: Duration, what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < within, "not within {within:?}: {what}");
        pause();
    }
    began.elapsed()
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own that does nothing else")]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}

fn only(problems: &Value) -> Value {
    let rows = problems["butir"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{problems}");
    rows[0].clone()
}

#[test]
fn a_stopped_system_is_named_with_its_fault_and_its_backlog_is_replayed_without_loss() {
    let mut world = world("");
    for n in 0..BEFORE {
        world.reserve(&format!("S-{n}"));
    }
    until(PATIENCE, "the first ones are there", || {
        world.library.with(|library| library.reservations().len()) == BEFORE
    });
    assert_eq!(world.ask("GET", "/masalah", "")["butir"], json!([]));
    assert_eq!(world.simpul(&["masalah", "--bahasa", "id"]).0, 0);
    assert!(!world.metrics().contains("simpul_problem_active{"));

    world.way.cut(&world.runtime);
    let cut = SystemClock.now();
    for n in 0..AWAY {
        world.reserve(&format!("M-{n}"));
    }
    let named = until(NAMED, "the problem is named", || {
        let problems = world.ask("GET", "/masalah", "");
        problems["butir"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["berlangsung"] == true)
    });
    eprintln!("named after {named:?}");
    until(PATIENCE, "all were given up", || world.count("gagal") == AWAY as u64);
    // The figures are read at most every three seconds.
    until(PATIENCE, "the figures followed", || {
        world.ask("GET", "/masalah", "")["butir"][0]["gagal"] == AWAY
    });
    let problems = world.ask("GET", "/masalah", "");
    let problem = only(&problems);
    assert_eq!(
        (
            &problem["sistem"],
            &problem["sebab"],
            &problem["pihak"],
            &problem["berlangsung"]
        ),
        (
            &"perpustakaan".into(),
            &"tidak_terhubung".into(),
            &"sistem".into(),
            &true.into()
        )
    );
    let since: jiff::Timestamp = problem["sejak"].as_str().unwrap().parse().unwrap();
    let apart = since.as_second() - cut.as_second();
    assert!((-2..30).contains(&apart), "since {since}, cut at {cut}");
    assert!(
        problem["percobaan_gagal"].as_u64().unwrap() >= 3 * AWAY as u64,
        "{problem}"
    );
    let sentence = problems["kalimat"]["id"].as_str().unwrap();
    assert!(
        sentence.starts_with("1 dari 1 sistem bermasalah: perpustakaan tidak dapat dihubungi sejak ")
            && sentence.ends_with("(Sistem tujuan)."),
        "{sentence}"
    );
    let metrics = world.metrics();
    for line in [
        "simpul_problem_active{system=\"perpustakaan\",cause=\"tidak_terhubung\",side=\"sistem\"} 1",
        "simpul_problem_exchanges{system=\"perpustakaan\",cause=\"tidak_terhubung\",side=\"sistem\"} 60",
    ] {
        assert!(metrics.contains(line), "{line} not in\n{metrics}");
    }
    assert!(world.overview().contains(sentence), "the console says the same");
    world.alert_rings(&metrics, true);
    let (code, said) = world.simpul(&["masalah", "--bahasa", "en"]);
    assert_eq!(code, 1, "a script can ask");
    assert!(
        said.contains("Cannot be reached") && said.contains("Target system") && said.contains("--dry-run   # 60"),
        "{said}"
    );
    let file = world.folder.path().join("bukti.csv");
    let wanted = [
        "masalah",
        "--sistem",
        "perpustakaan",
        "--berkas",
        file.to_str().unwrap(),
    ];
    assert_eq!(world.simpul(&wanted).0, 0);
    let csv = std::fs::read_to_string(&file).unwrap();
    assert_eq!(csv.lines().count(), 1 + 3 * AWAY, "one line per failed try");
    assert!(
        csv.lines()
            .skip(1)
            .all(|line| line.contains(",tidak_terhubung,sistem,"))
    );
    assert!(
        !csv.contains("opd-uji") && !csv.contains("M-1"),
        "nothing about consumers"
    );

    let mute = [
        "masalah",
        "diamkan",
        "perpustakaan",
        "tidak_terhubung",
        "sistem",
        "--jam",
        "1",
        "--alasan",
        "kementerian tahu",
    ];
    let (code, said) = world.simpul(&mute);
    assert!(
        code == 0 && said.contains("didiamkan sampai") && said.contains("Petugas Satu: kementerian tahu"),
        "{said}"
    );
    // Figures are read at most once a second.
    until(PATIENCE, "the quiet is in the figures", || {
        world.metrics().contains("simpul_problem_muted{")
    });
    world.alert_rings(&world.metrics(), false);
    assert!(
        world.overview().contains("1 masalah didiamkan."),
        "muted is said, not hidden"
    );

    world.way.open(&world.runtime);
    let filter = "sistem=perpustakaan,sebab=tidak_terhubung,pihak=sistem,keadaan=gagal";
    let (code, said) = world.simpul(&["exchange", "replay", "--filter", filter, "--dry-run", "--json"]);
    assert!(code == 0 && said.contains(&format!("\"jumlah\":{AWAY}")), "{said}");
    let group = problem["kirim_ulang"][0]["pilihan"].clone();
    let preview = world.ask(
        "POST",
        "/kirim-ulang",
        &json!({"pilihan": group, "uji": true}).to_string(),
    );
    assert_eq!(preview["hasil"]["jumlah"], AWAY, "{preview}");
    let mut other = group.clone();
    other["pihak"] = "jaringan".into();
    let nothing = world.ask(
        "POST",
        "/kirim-ulang",
        &json!({"pilihan": other, "uji": true}).to_string(),
    );
    assert_eq!(nothing["hasil"]["jumlah"], 0, "{nothing}");
    let begin = json!({"pilihan": group, "uji": false, "alasan": "perpustakaan sudah pulih"});
    let job = world.ask("POST", "/kirim-ulang", &begin.to_string())["id"].clone();
    let path = format!("/pekerjaan/{}", job.as_str().unwrap());
    until(PATIENCE, "the job is over", || {
        world.ask("GET", &path, "")["pekerjaan"]["keadaan"] == "selesai"
    });
    let job = world.ask("GET", &path, "");
    assert_eq!(
        (&job["pekerjaan"]["diulang"], &job["pekerjaan"]["dilewati"]),
        (&json!(AWAY), &json!(0)),
        "{job}"
    );
    until(PATIENCE, "all arrived", || {
        world.library.with(|library| library.reservations().len()) == BEFORE + AWAY
    });
    until(PATIENCE, "nothing waits any more", || {
        [
            "gagal",
            "diterima",
            "dikirim",
            "menunggu_ulang",
            "hasil_tidak_pasti",
            "hasil_belum_pasti",
        ]
        .iter()
        .all(|state| world.count(state) == 0)
    });
    assert_eq!(
        world.library.with(|library| library.reservations().len()),
        BEFORE + AWAY,
        "each once"
    );
}

#[test]
fn what_was_announced_is_nobodys_fault() {
    let now = SystemClock.now();
    let hour = jiff::SignedDuration::from_hours(1);
    let mut world = world(&format!(
        "[[pemeliharaan]]\nsistem = \"perpustakaan\"\ndari = \"{}\"\nsampai = \"{}\"\nketerangan = \"Pindah server\"\n",
        now.checked_sub(hour).unwrap(),
        now.checked_add(hour).unwrap()
    ));
    world.way.cut(&world.runtime);
    world.reserve("P-1");
    until(PATIENCE, "it is named", || {
        world.ask("GET", "/masalah", "")["butir"][0]["gagal"] == 1
    });
    let problem = only(&world.ask("GET", "/masalah", ""));
    assert_eq!(
        (&problem["pihak"], &problem["pemeliharaan"]["keterangan"]),
        (&"pemeliharaan".into(), &"Pindah server".into())
    );
}
