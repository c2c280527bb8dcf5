//! Fixtures on disk: `fixtures/<subject>/<case>/`. Reads and, on request, rewrites golden files; judges nothing.

use connector_sdk::Lists;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One case of an operation, hook or mirror.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Folder name.
    pub(crate) name: String,
    dir: PathBuf,
    files: BTreeMap<String, Value>,
}

impl Case {
    /// The JSON of a file, without its ending.
    pub(crate) fn file(&self, name: &str) -> Option<&Value> {
        self.files.get(name)
    }

    /// The same case with another document in place of a file.
    pub(crate) fn with(&self, name: &str, value: Value) -> Self {
        let mut copy = self.clone();
        copy.files.insert(name.into(), value);
        copy
    }

    /// Writes a golden file, or removes it.
    pub(crate) fn write(&self, name: &str, value: Option<&Value>) -> Result<(), String> {
        let path = self.dir.join(format!("{name}.json"));
        let done = match value {
            Some(value) => fs::write(&path, format!("{value:#}\n")),
            None if path.exists() => fs::remove_file(&path),
            None => Ok(()),
        };
        done.map_err(|e| format!("{}: {e}", path.display()))
    }
}

/// Every case below `fixtures/<subject>/`, sorted by name.
pub(crate) fn cases(root: &Path, subject: &str) -> Result<Vec<Case>, String> {
    let dir = root.join("fixtures").join(subject);
    let mut found = Vec::new();
    for dir in subfolders(&dir)? {
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.push(Case {
            name,
            files: json_files(&dir)?,
            dir,
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Folder names directly below `fixtures/`.
pub(crate) fn subjects(root: &Path) -> Result<Vec<String>, String> {
    let dirs = subfolders(&root.join("fixtures"))?;
    Ok(dirs
        .iter()
        .filter_map(|d| Some(d.file_name()?.to_string_lossy().into_owned()))
        .collect())
}

fn subfolders(dir: &Path) -> Result<Vec<PathBuf>, String> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    found.sort();
    Ok(found)
}

fn json_files(dir: &Path) -> Result<BTreeMap<String, Value>, String> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files = BTreeMap::new();
    for path in entries.flatten().map(|e| e.path()) {
        if path.extension().is_some_and(|e| e == "json") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, read_json(&path)?);
        }
    }
    Ok(files)
}

fn read_json(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Synchronised lists of a test: `fixtures/lists.json`, `{list: {code: native}}`.
#[derive(Debug, Clone, Default)]
pub(crate) struct FixtureLists(Map<String, Value>);

impl FixtureLists {
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let path = root.join("fixtures/lists.json");
        if !path.exists() {
            return Ok(Self::default());
        }
        match read_json(&path)? {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(format!("{}: must be an object of lists", path.display())),
        }
    }
}

impl Lists for FixtureLists {
    fn native(&self, list: &str, code: &str) -> Option<String> {
        self.0.get(list)?.get(code)?.as_str().map(str::to_owned)
    }

    fn canonical(&self, list: &str, native: &str) -> Option<String> {
        let rows = self.0.get(list)?.as_object()?;
        rows.iter()
            .find(|(_, n)| n.as_str() == Some(native))
            .map(|(c, _)| c.clone())
    }
}
