//! `simpul connector`: the edits and renames of a new connector in a copy of what it needs of the repository, and the list.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const EDITED: [&str; 3] = ["Cargo.toml", "gateway/Cargo.toml", "gateway/src/config/connectors.rs"];
const PAGE: &str = "docs/reference/konektor-perpustakaan.md";

fn simpul(root: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
    command.args(arguments.split(' ')).current_dir(root).env_remove("LANG");
    command.output().unwrap()
}

fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for path in EDITED.iter().chain(&["connectors/example", PAGE]) {
        copy(&ours().join(path), &folder.path().join(path));
    }
    folder
}

/// Every file below a folder, with its text, in order.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Lines of a file that the original has not; every other line must be the original's, in order.
fn added(root: &Path, file: &str) -> Vec<String> {
    let old = fs::read_to_string(ours().join(file)).unwrap();
    let new = fs::read_to_string(root.join(file)).unwrap();
    let mut old = old.lines().peekable();
    let fresh = new.lines().filter(|line| old.next_if_eq(line).is_none());
    let fresh = fresh.map(str::to_owned).collect();
    assert_eq!(old.next(), None, "{file} lost a line");
    fresh
}

#[test]
fn a_new_connector_is_a_renamed_copy_and_four_lines() {
    let folder = repository();
    let root = folder.path();
    // From a folder below the root, too.
    let made = simpul(&root.join("gateway/src"), "connector new pajak_hotel --json");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    let told: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(told["next"][0], "cargo test -p connector-pajak_hotel");
    let tried = "cargo run -p gateway --bin simpul -- dev --config connectors/pajak_hotel/sandbox";
    assert_eq!(told["next"][1], tried);

    assert_eq!(
        added(root, EDITED[0]),
        [
            "    \"connectors/pajak_hotel\",",
            "connector-pajak_hotel = { path = \"connectors/pajak_hotel\" }"
        ]
    );
    assert_eq!(added(root, EDITED[1]), ["connector-pajak_hotel.workspace = true"]);
    assert_eq!(added(root, EDITED[2]), ["    connector_pajak_hotel::FACTORY,"]);
    for file in &EDITED[..2] {
        toml::from_str::<toml::Table>(&fs::read_to_string(root.join(file)).unwrap()).unwrap();
    }

    let (old, new) = (
        files(&root.join("connectors/example")),
        files(&root.join("connectors/pajak_hotel")),
    );
    let paths = |files: &[(String, String)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    let mut expected: Vec<String> = paths(&old)
        .iter()
        .map(|path| path.replace("perpustakaan.", "pajak_hotel."))
        .collect();
    expected.sort();
    assert_eq!(paths(&new), expected);
    let text = |path: &str| &new.iter().find(|(name, _)| name == path).unwrap().1;
    assert!(text("Cargo.toml").contains("name = \"connector-pajak_hotel\""));
    assert!(text("src/descriptor.rs").contains("ID: &str = \"pajak_hotel\""));
    assert!(text("src/book_view.rs").contains("\"pajak_hotel.buku.lihat\""));
    assert!(text("src/book_view.rs").contains("urn:simpul:skema:perpustakaan_buku:1"));
    assert!(text("tests/conformance.rs").contains("connector_pajak_hotel::FACTORY"));
    let set = text("sandbox/simpul.toml");
    assert!(set.contains("konektor = \"pajak_hotel\"") && set.contains("jalur = \"/v1/pajak-hotel/buku/{isbn}\""));
    for (path, text) in &new {
        for left in [
            "connector-example",
            "connector_example",
            "\"perpustakaan\"",
            "\"perpustakaan.",
            "struct Perpustakaan",
        ] {
            assert!(!text.contains(left), "{path} still says {left}");
        }
    }
    let page = fs::read_to_string(root.join("docs/reference/konektor-pajak_hotel.md")).unwrap();
    assert!(page.contains("# Konektor `pajak_hotel`") && page.contains("### `pajak_hotel.reservasi.kirim`"));
}

#[test]
fn what_exists_or_has_no_valid_name_is_refused_and_nothing_is_written() {
    let folder = repository();
    let root = folder.path();
    fs::create_dir(root.join("connectors/parkir")).unwrap();
    let before = files(root);
    for (arguments, exit) in [
        ("connector new parkir", 5),
        ("connector new lapor", 5),
        ("connector new perpustakaan", 5),
        ("connector new sdk", 5),
        ("connector new Parkir", 2),
        ("connector new ../parkir", 2),
        ("connector new taman --folder ../luar", 2),
    ] {
        assert_eq!(simpul(root, arguments).status.code(), Some(exit), "{arguments}");
    }
    assert_eq!(files(root), before);
    assert!(simpul(root, "connector new taman").status.success());
    assert_eq!(simpul(root, "connector new taman").status.code(), Some(5));
}

#[test]
fn outside_the_repository_one_sentence_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let refused = simpul(folder.path(), "connector new parkir --bahasa en");
    assert_eq!(refused.status.code(), Some(3));
    assert_eq!(
        String::from_utf8(refused.stderr).unwrap(),
        "no connector was made: this command copies connectors/example, so run it inside the repository of Simpul\n"
    );
    assert!(files(folder.path()).is_empty());
}

#[test]
fn the_list_shows_what_the_compiled_connectors_can_do() {
    let folder = tempfile::tempdir().unwrap();
    let listed: Value = serde_json::from_slice(&simpul(folder.path(), "connector list --json").stdout).unwrap();
    let listed = listed.as_array().unwrap();
    for kind in ["perpustakaan", "laksa", "lapor"] {
        let one = listed.iter().find(|one| one["connector"] == kind).unwrap();
        assert_eq!(one["descriptor"]["id"], kind);
        assert!(
            !one["descriptor"]["operations"].as_array().unwrap().is_empty(),
            "{kind}"
        );
    }
    let text = String::from_utf8(simpul(folder.path(), "connector list --bahasa en").stdout).unwrap();
    for part in [
        "perpustakaan: City library",
        "authentication headers",
        "writes, safe to repeat",
        "kode_buku",
        "required",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}
