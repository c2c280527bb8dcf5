//! Gathers the files of one set-up: a directory (its `*.toml`, those of `sistem/`, `kode/*.json`, `skema/*.json`) or one
//! file, and what they include with `sertakan`. The only part of configuration that touches the disk, secrets apart.

use super::complaint::{Complaint, Place};
use super::raw::Files;
use super::reader::Source;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Folders below the set-up's own that hold TOML too.
const TOML_FOLDERS: [&str; 1] = ["sistem"];
/// Largest file; configuration is written by people.
const LARGEST: u64 = 8 * 1024 * 1024;

/// Reads everything below `path`, or says which files could not be read.
pub fn load(path: &Path) -> Result<Files, Vec<Complaint>> {
    let mut loader = Loader::default();
    if path.is_dir() {
        loader.folder(path, "toml", Kind::Toml);
        for folder in TOML_FOLDERS {
            loader.folder(&path.join(folder), "toml", Kind::Toml);
        }
        loader.folder(&path.join("kode"), "json", Kind::Codes);
        loader.folder(&path.join("skema"), "json", Kind::Schemas);
        if loader.files.toml.is_empty() && loader.complaints.is_empty() {
            loader.complain(
                path,
                ("tidak ada berkas *.toml di sini", "there is no *.toml file here"),
                (
                    "lihat config/contoh dan config/rujukan.toml",
                    "see config/contoh and config/rujukan.toml",
                ),
            );
        }
    } else {
        loader.toml(path);
    }
    if loader.complaints.is_empty() {
        Ok(loader.files)
    } else {
        Err(loader.complaints)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Toml,
    Codes,
    Schemas,
}

#[derive(Default)]
struct Loader {
    files: Files,
    seen: BTreeSet<PathBuf>,
    complaints: Vec<Complaint>,
}

impl Loader {
    fn complain(
        &mut self,
        path: &Path,
        what: (impl Into<String>, impl Into<String>),
        advice: (impl Into<String>, impl Into<String>),
    ) {
        let place = Place {
            file: name(path),
            line: None,
            key: String::new(),
        };
        self.complaints.push(Complaint::new(&place, what, advice));
    }

    /// The files of a folder with an ending, sorted by name. A folder that is not there holds none.
    fn folder(&mut self, folder: &Path, ending: &str, kind: Kind) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.unreadable(folder, &error),
        };
        let wanted = |path: &PathBuf| path.extension().is_some_and(|e| e == ending) && path.is_file();
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(wanted)
            .collect();
        paths.sort();
        for path in paths {
            match kind {
                Kind::Toml => self.toml(&path),
                Kind::Codes => {
                    let source = self.read(&path);
                    self.files.codes.extend(source);
                }
                Kind::Schemas => {
                    let source = self.read(&path);
                    self.files.schemas.extend(source);
                }
            }
        }
    }

    fn toml(&mut self, path: &Path) {
        // Two ways to the same file are one file.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(real) {
            return;
        }
        let Some(source) = self.read(path) else { return };
        let included = included(&source.text);
        self.files.toml.push(source);
        for file in included {
            self.toml(&path.parent().unwrap_or(Path::new("")).join(file));
        }
    }

    fn read(&mut self, path: &Path) -> Option<Source> {
        let size = std::fs::metadata(path).map(|m| m.len()).unwrap_or_default();
        if size > LARGEST {
            self.complain(
                path,
                ("berkas lebih besar dari 8 MiB", "the file is larger than 8 MiB"),
                ("bagi menjadi beberapa berkas", "split it into several files"),
            );
            return None;
        }
        match std::fs::read_to_string(path) {
            Ok(text) => Some(Source { name: name(path), text }),
            Err(error) => {
                self.unreadable(path, &error);
                None
            }
        }
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        self.complain(
            path,
            (
                format!("tidak dapat dibaca: {error}"),
                format!("cannot be read: {error}"),
            ),
            ("periksa jalur dan izinnya", "check the path and its permissions"),
        );
    }
}

/// The path for people: `a/../b` reads as `b`.
fn name(path: &Path) -> Arc<str> {
    let mut shown = PathBuf::new();
    for part in path.components() {
        let inside = matches!(shown.components().next_back(), Some(Component::Normal(_)));
        if part == Component::ParentDir && inside {
            shown.pop();
        } else {
            shown.push(part);
        }
    }
    shown.display().to_string().into()
}

/// What a file includes; a file that is not TOML includes nothing and is complained about later.
fn included(text: &str) -> Vec<String> {
    let Ok(table) = text.parse::<toml::Table>() else {
        return Vec::new();
    };
    let texts = |value: &toml::Value| match value {
        toml::Value::Array(many) => many.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    };
    table.get("sertakan").map(texts).unwrap_or_default()
}
