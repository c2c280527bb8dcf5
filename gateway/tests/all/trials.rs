//! `simpul connector test` from outside: a manifest in YAML and in JSON gets the same verdicts, mistakes are told with their line in
//! both, and against a living system nothing is written unless `--tulis` says so.

use crate::access::{Sandbox, called};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Exit code and everything that was printed.
fn tried(arguments: &[&str], secret: Option<&str>) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
    command
        .args(["connector", "test"])
        .args(arguments)
        .env_remove("LANG")
        .env_remove("SIMPUL_RAHASIA_ANGKUT_KUNCI_API");
    if let Some(secret) = secret {
        command.env("SIMPUL_RAHASIA_ANGKUT_KUNCI_API", secret);
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let code = output.status.code().unwrap();
    (code, String::from_utf8_lossy(&said).into_owned())
}

/// The shipped manifest.
fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contoh/angkut.yaml");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn yaml_and_json_get_the_same_verdicts_and_complaints_with_lines() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let json = |text: &str| serde_json::to_string_pretty(&connector_declarative::read(text).unwrap()).unwrap();
    let yaml_file = written("angkut.yaml", &shipped());
    let json_file = written("angkut.json", &json(&shipped()));
    let (code, said) = tried(&[&yaml_file], None);
    assert_eq!((code, tried(&[&json_file], None)), (0, (0, said.clone())));
    assert!(said.contains("20 uji, 0 gagal."), "{said}");

    let broken = shipped().replace("{to: /armada, from: /armada}", "{to: /kendaraan, from: /armada}");
    for (name, text) in [("rusak.yaml", broken.clone()), ("rusak.json", json(&broken))] {
        let line = 1 + text.lines().position(|line| line.contains("/kendaraan")).unwrap();
        let (code, said) = tried(&[&written(name, &text)], None);
        assert_eq!(code, 1, "{said}");
        let place = said.lines().find(|line| line.contains(".to")).unwrap();
        // A rule in JSON spans lines; its key or its first line is near enough to find it.
        let told: usize = place
            .split(':')
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(told.abs_diff(line) <= 1, "{name}: line {told}, not {line}: {said}");
        assert!(said.contains("→ yang ada: armada"), "{said}");
    }
    let (code, said) = tried(&[&written("bukan.json", "{\"manifes\": 1,\n \"sistem\": [}")], None);
    assert!(code == 1 && said.contains("bukan.json:2"), "{said}");
}

#[test]
fn a_living_system_is_written_to_only_when_asked() {
    let sandbox = Sandbox::with("tutup", "");
    let system = sandbox.simulator("angkut");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("angkut.yaml");
    std::fs::write(&file, shipped()).unwrap();
    let file = file.display().to_string();
    let kept = || called(&system, "GET", "/__sim/state", &[], &Value::Null).1["permintaan"].clone();
    let key = Some("kunci-angkut-simulasi");
    let (read, written) = ("angkut.jadwal.daftar/ok/live", "angkut.permintaan.kirim/ok/live");

    let (code, said) = tried(&[&file, "--tulis"], key);
    assert_eq!(code, 2, "a write needs a system: {said}");
    let (code, said) = tried(&[&file, "--sandbox", &system], key);
    assert!(
        code == 0 && said.contains(&format!("ok      operation/{read}")),
        "{said}"
    );
    assert!(!said.contains(written), "{said}");
    assert_eq!(kept(), json!([]), "a reading leaves nothing behind");

    let (code, said) = tried(&[&file, "--sandbox", &system, "--tulis"], key);
    assert!(
        code == 0 && said.contains(&format!("ok      operation/{written}")),
        "{said}"
    );
    assert!(said.contains("22 uji, 0 gagal."), "{said}");
    assert_eq!(kept(), json!([{"no_ref": "DLH-1", "berat": "12,5"}]));

    // What the system refuses is a failed trial that says why.
    let (code, said) = tried(&[&file, "--sandbox", &system, "--tulis"], Some("kunci-salah"));
    assert!(
        code == 1 && said.contains(&format!("GAGAL   operation/{written}")),
        "{said}"
    );
    assert!(said.contains("HTTP 401") && !said.contains("kunci-salah"), "{said}");
}
