//! `simpul` as a process: exit codes, languages, JSON, and the sandbox's first call.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn simpul(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
    command.args(arguments).env_remove("LANG");
    command
}

fn run(arguments: &[&str]) -> Output {
    simpul(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn config(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(name);
    path.display().to_string()
}

#[test]
fn a_sound_set_is_told_in_both_languages_and_json() {
    let set = config("contoh");
    let indonesian = run(&["check", "--config", &set]);
    assert!(indonesian.status.success(), "{}", err(&indonesian));
    let json: Value = serde_json::from_str(&out(&run(&["check", "--config", &set, "--json"]))).unwrap();
    let [systems, operations, consumers, relays] =
        ["systems", "operations", "consumers", "relays"].map(|name| json[name].as_u64().unwrap());
    assert!(systems >= 6 && operations >= 35, "{json}");
    assert_eq!(
        out(&indonesian),
        format!("Konfigurasi baik: {systems} sistem, {operations} operasi, {consumers} konsumen, {relays} relai.\n")
    );
    let english = out(&run(&["check", "--config", &set, "--bahasa", "en"]));
    assert!(
        english.starts_with(&format!("Configuration is sound: {systems} systems")),
        "{english}"
    );
}

#[test]
fn missing_secrets_are_named_when_asked_for() {
    let output = run(&["check", "--config", &config("sandbox"), "--rahasia"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("variabel lingkungan SIMPUL_SANDBOX_LAPOR_BEARER tidak ada"));
}

#[test]
fn complaints_fail_with_one_and_wrong_usage_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("simpul.toml");
    std::fs::write(&file, "[simpul]\nwarna = 1\n\n[[sistem]]\nid = \"x\"\n").unwrap();
    let path = file.display().to_string();
    let output = run(&["check", "--config", &path]);
    assert_eq!(output.status.code(), Some(1));
    let told = err(&output);
    assert!(
        told.contains(&format!("{path}:2 simpul.warna\n    kunci `warna` tidak dikenal")),
        "{told}"
    );
    assert!(told.ends_with("3 keluhan.\n"), "{told}");
    let json: Value =
        serde_json::from_str(&out(&run(&["check", "--config", &path, "--json", "--bahasa", "en"]))).unwrap();
    assert_eq!(json["complaints"][0]["line"], 2);
    assert_eq!(json["complaints"][0]["what"], "key `warna` is not known");

    assert_eq!(run(&["serve", "--config", &path]).status.code(), Some(1));
    assert_eq!(run(&["check"]).status.code(), Some(2));
    let absent = folder.path().join("tiada").display().to_string();
    assert_eq!(run(&["check", "--config", &absent]).status.code(), Some(1));
}

#[test]
fn a_made_key_fits_its_printed_line() {
    let made: Value = serde_json::from_str(&out(&run(&["key", "create", "--konsumen", "opd", "--json"]))).unwrap();
    let line = made["line"].as_str().unwrap();
    assert!(line.contains(made["prefix"].as_str().unwrap()) && line.contains(made["sha256"].as_str().unwrap()));
    assert!(!line.contains(made["key"].as_str().unwrap()));
    assert!(out(&run(&["key", "create", "--operator", "Petugas Uji"])).contains("Petugas Uji"));
    assert!(out(&run(&["version"])).starts_with("simpul "));
}

/// A sandbox that is ended with the test.
struct Sandbox {
    child: Child,
    told: Value,
}

impl Sandbox {
    fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    fn start_with(folder: &Path, more: &[&str]) -> Self {
        let data = folder.join("data").display().to_string();
        let usual = ["dev", "--json", "--port", "0", "--operator-port", "0", "--data", &data];
        let mut child = simpul(&[&usual, more].concat()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line:?}"));
        Self { child, told }
    }

    /// Runs one of the printed commands.
    fn curl(&self, number: usize) -> Value {
        let command = self.told["curl"][number].as_str().unwrap();
        let output = Command::new("sh").args(["-c", command]).output().unwrap();
        serde_json::from_str(&out(&output)).unwrap_or_else(|_| panic!("{command}\n{}{}", out(&output), err(&output)))
    }

    fn stop(mut self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_three_printed_lines_work() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(folder.path());
    let sent = sandbox.curl(0);
    let exchange = sandbox.curl(1);
    let state = sandbox.curl(2);
    assert_eq!(exchange["keadaan"], "terkirim");
    assert_eq!(exchange["balasan"], sent);
    assert_eq!(state["reports"].as_array().map(Vec::len), Some(1));
    assert_eq!(state["reports"][0]["reference"], sent["tiket"]);
    sandbox.stop();
}

#[test]
fn the_example_is_tried_alone_with_its_own_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let set = config("../connectors/example/sandbox");
    let sandbox = Sandbox::start_with(folder.path(), &["--config", &set]);
    assert_eq!(
        sandbox.told["steps"][0]["id"], "perpustakaan.buku.lihat",
        "{}",
        sandbox.told
    );
    let look = sandbox.told["curl"][0]
        .as_str()
        .unwrap()
        .replace("{isbn}", "9780000000002");
    let book = Command::new("sh").args(["-c", &look]).output().unwrap();
    let book: Value = serde_json::from_str(&out(&book)).unwrap();
    assert_eq!(book["isbn"], "9780000000002");

    let intent = "../connectors/example/fixtures/perpustakaan.reservasi.kirim/ok/canonical.json";
    std::fs::copy(config(intent), folder.path().join("masukan.json")).unwrap();
    let send = Command::new("sh")
        .args(["-c", sandbox.told["curl"][1].as_str().unwrap()])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let sent: Value = serde_json::from_str(&out(&send)).unwrap();
    assert_eq!(sent["rujukan"], "R-2026-0001", "{sent}");
    sandbox.stop();
}

#[test]
fn a_named_operator_lowers_a_protection_with_a_reason_as_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(folder.path());
    let report = sandbox.curl(0)["lapor"]["id_laporan"].as_str().unwrap().to_owned();
    let told = |name: &str| sandbox.told[name].as_str().unwrap().to_owned();
    let lower = |report: &str, reason: &str| {
        simpul(&["protection", "lower", report, "--alasan", reason, "--json"])
            .env("SIMPUL_OPERATOR", told("operator"))
            .env("SIMPUL_TOKEN_OPERATOR", told("operator_token"))
            .output()
            .unwrap()
    };
    let refused = lower(&report, " ");
    assert!(
        !refused.status.success() && out(&refused).contains("alasan"),
        "{}",
        out(&refused)
    );
    assert!(!lower("tidak-ada", "permintaan pelapor").status.success());
    let done: Value = serde_json::from_str(&out(&lower(&report, "permintaan pelapor"))).unwrap();
    assert_eq!(done["hasil"], "diturunkan");
    let by = done["oleh"].as_str().unwrap().to_owned();
    let file = folder.path().join("bukti.arsip").display().to_string();
    let export = simpul(&["evidence", "export", &file])
        .env("SIMPUL_OPERATOR", told("operator"))
        .env("SIMPUL_TOKEN_OPERATOR", told("operator_token"))
        .output()
        .unwrap();
    assert!(export.status.success(), "{}", err(&export));
    let evidence = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
    let line = evidence
        .lines()
        .find(|line| line.contains("protection_lowered"))
        .unwrap();
    assert!(
        line.contains(&by) && line.contains("permintaan pelapor") && !line.contains(&report),
        "{line}"
    );
    sandbox.stop();
}

#[test]
fn an_operator_sees_that_nothing_is_lost_or_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let args = [
        "selftest",
        "crash",
        "--kali",
        "2",
        "--langkah",
        "1",
        "--benih",
        "7",
        "--folder",
        &place,
        "--json",
    ];
    let output = run(&args);
    let told: Value =
        serde_json::from_str(&out(&output)).unwrap_or_else(|_| panic!("{}{}", out(&output), err(&output)));
    assert!(output.status.success(), "{told}");
    assert_eq!(
        (&told["hilang"], &told["ganda"], &told["benih"]),
        (&0.into(), &0.into(), &7.into())
    );
    let rows = told["baris"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert!(
            row["dimatikan"].as_u64() > Some(0) && row["diterima"].as_u64() > Some(0),
            "{row}"
        );
        assert_eq!(row["diterima"], row["sampai"], "{row}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it cleans up");
}

#[test]
fn yesterdays_key_still_opens_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let first = Sandbox::start(folder.path());
    let key = first.told["key"].as_str().unwrap().to_owned();
    first.curl(0);
    first.stop();
    let second = Sandbox::start(folder.path());
    assert_ne!(second.told["key"], key.as_str());
    let url = format!(
        "{}/v1/perpustakaan/buku/9780000000002",
        second.told["public"].as_str().unwrap()
    );
    let output = Command::new("curl")
        .args(["-sS", "-H", &format!("X-API-Key: {key}"), &url])
        .output()
        .unwrap();
    let book: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(book["isbn"], "9780000000002");
    second.stop();
}
