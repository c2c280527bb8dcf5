//! Access asked for, decided and used over HTTP: a newcomer gets a key once and only after another person approved; strangers
//! are bounded; in the sandbox the key comes at once. What a consumer sees of itself, and the judge of signatures.

use connector_sdk::{Secret, WebhookSecret};
use gateway::core::events::signature;
use gateway::core::time::Clock;
use gateway::wiring::SystemClock;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// A sandbox of its own.
pub(crate) struct Sandbox {
    child: Child,
    folder: TempDir,
    facts: Value,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn pause() {
    #[expect(clippy::disallowed_methods, reason = "waits for another process, within a bound")]
    std::thread::sleep(Duration::from_millis(50));
}

impl Sandbox {
    /// With newcomers as `word` says.
    fn start(word: &str) -> Self {
        Self::with(word, "")
    }

    /// And with more configuration.
    pub(crate) fn with(word: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
        let set = folder.path().join("config/sandbox");
        std::fs::create_dir_all(&set).unwrap();
        std::fs::copy(ours.join("operasi.toml"), folder.path().join("config/operasi.toml")).unwrap();
        for entry in std::fs::read_dir(ours.join("sandbox")).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace(
                "pendatang = \"langsung_hanya_di_sandbox\"",
                &format!("pendatang = \"{word}\""),
            );
            std::fs::write(set.join(path.file_name().unwrap()), text).unwrap();
        }
        std::fs::write(set.join("uji.toml"), more).unwrap();
        let said = folder.path().join("sandbox.json");
        let child = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(["dev", "--json", "--data", "data", "--port", "0", "--operator-port", "0"])
            .args(["--config", "config/sandbox"])
            .current_dir(folder.path())
            .stdout(std::fs::File::create(&said).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut sandbox = Self {
            child,
            folder,
            facts: Value::Null,
        };
        let began = Instant::now();
        while sandbox.facts.is_null() {
            assert!(began.elapsed() < PATIENCE, "the sandbox does not start");
            let text = std::fs::read_to_string(&said).unwrap();
            sandbox.facts = serde_json::from_str(&text).unwrap_or_default();
            pause();
        }
        sandbox
    }

    pub(crate) fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap()
    }

    /// Where a simulator listens.
    pub(crate) fn simulator(&self, name: &str) -> String {
        self.facts["simulators"][name].as_str().unwrap().to_owned()
    }

    /// Status and body.
    pub(crate) fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        called(self.fact("public"), method, path, headers, body)
    }

    /// The admin API as one of the two operators.
    pub(crate) fn operator(&self, person: usize, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let token = self.fact(["operator_token", "second_operator_token"][person]);
        let proof = format!("Bearer {token}");
        let path = format!("/admin/v1{path}");
        called(self.fact("operator"), method, &path, &[("authorization", &proof)], body)
    }

    /// `simpul access …` as the second operator.
    fn decide(&self, arguments: &[&str]) -> (bool, String) {
        let token: PathBuf = self.folder.path().join("data/token-operator-2");
        let output = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .arg("access")
            .args(arguments)
            .args(["--operator", self.fact("operator"), "--token-file"])
            .arg(token)
            .env_remove("LANG")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// Repeats until the status is this one.
    fn until(&self, wanted: u16, method: &str, path: &str, headers: &[(&str, &str)]) -> Value {
        let began = Instant::now();
        loop {
            let (status, body) = self.call(method, path, headers, &Value::Null);
            if status == wanted {
                return body;
            }
            assert!(began.elapsed() < PATIENCE, "{path} stays {status}: {body}");
            pause();
        }
    }
}

/// One call over a connection of its own.
pub(crate) fn called(base: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
    let host = base.trim_start_matches("http://");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!(
        "content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = match head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        true => unchunked(body),
        false => body.to_owned(),
    };
    (status, serde_json::from_str(&body).unwrap_or_default())
}

fn unchunked(mut rest: &str) -> String {
    let mut whole = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        whole.push_str(after.get(..size).unwrap_or_default());
        rest = after.get(size + 2..).unwrap_or_default();
    }
    whole
}

fn wish(consumer: &str, operations: &[&str]) -> Value {
    json!({
        "konsumen": consumer, "nama": "Aplikasi OPD baru", "pemohon": "Pemohon Contoh, pemohon@opd.contoh.invalid",
        "operasi": operations, "tujuan": "Penyaluran pengaduan warga", "dasar_hukum": "Perpres 76/2013",
    })
}

#[test]
fn a_newcomer_gets_a_key_once_after_another_person_approved() {
    let sandbox = Sandbox::start("ajukan");
    let (status, asked) = sandbox.call("POST", "/v1/akses", &[], &wish("opd-baru", &["pengaduan.lihat"]));
    assert_eq!((status, &asked["keadaan"]), (202, &json!("diajukan")), "{asked}");
    assert!(asked.get("kunci_api").is_none());
    let (id, secret) = (asked["id"].as_str().unwrap(), asked["rahasia"].as_str().unwrap());
    let (own, fetch) = (format!("/v1/akses/{id}"), format!("/v1/akses/{id}/ambil"));
    let mine = [("x-rahasia-akses", secret)];

    // Nobody else sees it, nothing is fetched before the decision, and a name is taken once.
    assert_eq!(sandbox.call("GET", &own, &[], &Value::Null).0, 404);
    assert_eq!(
        sandbox
            .call("GET", &own, &[("x-rahasia-akses", "sma_salah")], &Value::Null)
            .0,
        404
    );
    assert_eq!(sandbox.call("GET", &own, &mine, &Value::Null).0, 200);
    assert_eq!(sandbox.call("POST", &fetch, &mine, &Value::Null).0, 409);
    let taken = sandbox.call("POST", "/v1/akses", &[], &wish("opd-baru", &["pengaduan.lihat"]));
    assert_eq!((taken.0, &taken.1["errors"][0]["pointer"]), (422, &json!("/konsumen")));
    let known = sandbox.call("POST", "/v1/akses", &[], &wish("opd-contoh", &["pengaduan.lihat"]));
    assert_eq!(known.0, 422, "nobody becomes an existing consumer");
    let nothing = sandbox.call("POST", "/v1/akses", &[], &wish("opd-lain", &["tidak.ada"]));
    assert_eq!(
        (nothing.0, &nothing.1["errors"][0]["pointer"]),
        (422, &json!("/operasi/0"))
    );

    // Who asks is shown to the person who decides, and not in the list.
    let (_, shown) = sandbox.decide(&["show", id]);
    assert!(shown.contains("pemohon@opd.contoh.invalid"), "{shown}");
    let (_, list) = sandbox.decide(&["list", "--json"]);
    assert!(list.contains(id) && !list.contains("pemohon@"), "{list}");
    let (done, said) = sandbox.decide(&["approve", id, "--alasan", "sudah diperiksa"]);
    assert!(!done && said.contains("perjanjian"), "{said}");
    let (done, said) = sandbox.decide(&["approve", id, "--alasan", "sudah diperiksa", "--perjanjian", "PKS-1"]);
    assert!(done && said.contains("disetujui"), "{said}");

    let got = sandbox.until(200, "POST", &fetch, &mine);
    let key = got["kunci_api"].as_str().unwrap();
    assert_eq!(sandbox.call("POST", &fetch, &mine, &Value::Null).0, 409, "shown once");
    let with = [("x-api-key", key)];
    let used = sandbox.until(200, "GET", "/v1/pemakaian", &with);
    assert_eq!(used["hak"][0]["operasi"], "pengaduan.lihat");
    assert_eq!(used["hak"][0]["perjanjian"], "PKS-1");
    assert_eq!(used["kunci"][0]["berlaku"], true);
    let refused = sandbox.call("POST", "/v1/pengaduan", &with, &json!({}));
    assert_eq!(refused.0, 403, "what was not asked for is not given");

    // More, under its own identity; what it holds is not asked for twice.
    assert_eq!(
        sandbox
            .call("POST", "/v1/akses", &with, &wish("x", &["pengaduan.lihat"]))
            .0,
        422
    );
    let (status, more) = sandbox.call("POST", "/v1/akses", &with, &wish("opd-contoh", &["nib.lihat"]));
    assert_eq!(
        (status, &more["konsumen"]),
        (202, &json!("opd-baru")),
        "its own identity counts"
    );
    let all = sandbox.call("GET", "/v1/akses", &with, &Value::Null).1;
    assert_eq!(all["butir"].as_array().unwrap().len(), 2);
    let (done, said) = sandbox.decide(&["reject", more["id"].as_str().unwrap(), "--alasan", "tidak perlu"]);
    assert!(done && said.contains("ditolak"), "{said}");

    // Taken back, the key ends.
    let (done, said) = sandbox.decide(&["revoke", id, "--alasan", "kerja sama berakhir"]);
    assert!(done && said.contains("dicabut"), "{said}");
    sandbox.until(401, "GET", "/v1/pemakaian", &with);
    let others = [("x-api-key", sandbox.fact("key"))];
    assert_eq!(
        sandbox.call("GET", "/v1/pemakaian", &others, &Value::Null).0,
        200,
        "others are undisturbed"
    );
}

#[test]
fn strangers_are_bounded_and_closed_out_where_nobody_may_ask() {
    let sandbox = Sandbox::start("ajukan");
    let asked = |number: usize| {
        sandbox.call(
            "POST",
            "/v1/akses",
            &[],
            &wish(&format!("opd-{number}"), &["pengaduan.lihat"]),
        )
    };
    for number in 0..10 {
        assert_eq!(asked(number).0, 202, "{number}");
    }
    let (status, problem) = asked(10);
    assert_eq!((status, &problem["code"]), (429, &json!("batas-terlampaui")));
    let known = [("x-api-key", sandbox.fact("key"))];
    assert_eq!(
        sandbox.call("GET", "/v1/akses", &known, &Value::Null).0,
        200,
        "known consumers are not concerned"
    );
    drop(sandbox);
    let closed = Sandbox::start("tutup");
    assert_eq!(
        closed
            .call("POST", "/v1/akses", &[], &wish("opd-baru", &["pengaduan.lihat"]))
            .0,
        401
    );
}

#[test]
fn the_sandbox_gives_a_key_at_once_and_judges_signatures() {
    let sandbox = Sandbox::start("langsung_hanya_di_sandbox");
    let operations = ["pengaduan.kirim", "pengaduan.lihat", "nib.diterima"];
    let (status, got) = sandbox.call("POST", "/v1/akses", &[], &wish("opd-baru", &operations));
    assert_eq!(status, 201, "{got}");
    let with = [("x-api-key", got["kunci_api"].as_str().unwrap())];
    let complaint = json!({
        "tiket": "LAKSA-UJI-AKSES", "sumber": "laksa", "dikirim_pada": "2026-11-24T08:00:00+07:00", "klasifikasi": "pengaduan",
        "kategori": "lampu_jalan", "judul": "Lampu jalan padam di Jalan Contoh Raya",
        "isi": "Lampu penerangan jalan padam sejak tiga hari, jalan gelap pada malam hari.",
        "lokasi": {"kode_wilayah": "36.71.05", "alamat": "Jalan Contoh Raya nomor 1"}, "anonim": true, "rahasia": false,
    });
    let (status, sent) = sandbox.call("POST", "/v1/pengaduan", &with, &complaint);
    assert!((200..300).contains(&status), "{status} {sent}");

    // Its own exchanges, and nobody else's.
    let list = sandbox
        .call(
            "GET",
            "/v1/pertukaran?operasi=pengaduan.kirim&jumlah=5",
            &with,
            &Value::Null,
        )
        .1;
    assert_eq!(list["butir"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list["butir"][0]["konsumen"], "opd-baru");
    let others = [("x-api-key", sandbox.fact("key"))];
    let none = sandbox.call("GET", "/v1/pertukaran", &others, &Value::Null).1;
    assert_eq!(none["butir"], json!([]));
    assert_eq!(
        sandbox.call("GET", "/v1/pertukaran?asing=1", &with, &Value::Null).0,
        400
    );
    let used = sandbox.call("GET", "/v1/pemakaian", &with, &Value::Null).1;
    assert_eq!(used["pertukaran"][0]["operasi"], "pengaduan.kirim");
    let counted = used["panggilan_node_ini"].as_array().unwrap();
    assert!(
        counted
            .iter()
            .any(|row| row["operasi"] == "pengaduan.kirim" && row["kelas"] == "2xx"),
        "{used}"
    );

    // A signature is judged, with a reason that helps.
    let wish = json!({"nama": "Uji", "jenis": ["nib.diterima"], "moda": "dorong", "url": "https://8.8.8.8/kabar"});
    let (status, made) = sandbox.call("POST", "/v1/langganan", &with, &wish);
    assert_eq!(status, 201, "{made}");
    let place = format!("/v1/langganan/{}/periksa-tanda-tangan", made["id"].as_str().unwrap());
    let secret = [WebhookSecret {
        key: Secret::new(made["rahasia"].as_str().unwrap()),
        until: None,
    }];
    let now = SystemClock.now();
    let judged = |at: Timestamp, signed: &str, body: &str| {
        let signature = signature::of(&secret, "kabar-1", at, signed.as_bytes()).unwrap();
        let received = json!({
            "webhook_id": "kabar-1", "webhook_timestamp": at.as_second().to_string(), "webhook_signature": signature,
            "isi": body,
        });
        let (status, verdict) = sandbox.call("POST", &place, &with, &received);
        assert_eq!(status, 200, "{verdict}");
        (
            verdict["sah"] == true,
            verdict["alasan"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let body = r#"{"a":1}"#;
    assert_eq!(judged(now, body, body), (true, String::new()));
    assert_eq!(judged(now, body, "{ \"a\": 1 }"), (false, "isi_berubah".into()));
    assert_eq!(judged(now, body, r#"{"a":2}"#), (false, "tidak_cocok".into()));
    let old = Timestamp::from_second(now.as_second() - 900).unwrap();
    assert_eq!(judged(old, body, body), (false, "waktu".into()));
    let foreign = sandbox.call("POST", &place, &others, &json!({}));
    assert_eq!(foreign.0, 404, "another consumer's subscription does not exist");
}
