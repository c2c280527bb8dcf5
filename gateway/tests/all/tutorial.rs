//! `docs/tutorial-integrator.md`, run as it stands: every `console` block through a shell, every line of the `text` block behind
//! it found in what was printed. Only the ports differ, since others may use the usual ones.

use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Sandbox(Child);

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Blocks in order: the language and the text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (language, after) = after.split_once('\n').unwrap();
        let (text, after) = after.split_once("\n```").unwrap();
        found.push((language, text));
        rest = after;
    }
    found
}

#[test]
fn every_command_of_the_tutorial_does_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/tutorial-integrator.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks(&page);
    let (first, rest) = blocks.split_first().unwrap();
    assert_eq!(
        *first,
        ("console", "simpul dev --json --data data/sandbox > sandbox.json &")
    );
    let began = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_simpul"))
        .args([
            "dev",
            "--json",
            "--data",
            "data/sandbox",
            "--port",
            "0",
            "--operator-port",
            "0",
        ])
        .current_dir(folder.path())
        .stdout(std::fs::File::create(folder.path().join("sandbox.json")).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _sandbox = Sandbox(child);
    let sandbox = loop {
        let text = std::fs::read_to_string(folder.path().join("sandbox.json")).unwrap();
        if let Ok(sandbox) = serde_json::from_str::<Value>(&text) {
            break sandbox;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the sandbox does not start");
        #[expect(
            clippy::disallowed_methods,
            reason = "waits for a file of another process, within a bound"
        )]
        std::thread::sleep(Duration::from_millis(50));
    };
    let at = |pointer: &str| sandbox.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    let ported = |text: &str| {
        text.replace("http://127.0.0.1:8080", &at("/public"))
            .replace("http://127.0.0.1:9109", &at("/simulators/angkut"))
    };
    std::fs::create_dir_all(folder.path().join("docs/contoh")).unwrap();
    let manifest = std::fs::read_to_string(root.join("docs/contoh/angkut.yaml")).unwrap();
    std::fs::write(folder.path().join("docs/contoh/angkut.yaml"), ported(&manifest)).unwrap();

    // One shell for the whole page, as a reader has one; a mark tells the blocks' outputs apart.
    let binary = Path::new(env!("CARGO_BIN_EXE_simpul")).parent().unwrap().display();
    let mut script = format!("set -eu\nexec 2>&1\nexport PATH=\"{binary}:$PATH\"\n");
    for (number, (_, text)) in rest
        .iter()
        .enumerate()
        .filter(|(_, (language, _))| *language == "console")
    {
        script.push_str(&format!("echo '=== {number}'\n{}\necho\n", ported(text)));
    }
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("SIMPUL_OPERATOR", at("/operator"))
        .env_remove("LANG")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}");
    let mut promises = 0;
    for (number, pair) in rest.windows(2).enumerate() {
        let [("console", _), ("text", promised)] = pair else {
            continue;
        };
        let (_, after) = printed.split_once(&format!("=== {number}\n")).unwrap();
        let part = after.split("\n=== ").next().unwrap();
        for line in promised.lines().filter(|line| !line.is_empty()) {
            assert!(
                part.contains(line),
                "`{line}` is not in what block {number} printed:\n{part}"
            );
            promises += 1;
        }
    }
    assert!(promises >= 25, "only {promises} promises were looked at");
    assert!(
        began.elapsed() < Duration::from_secs(600),
        "it took {:?}",
        began.elapsed()
    );
}
