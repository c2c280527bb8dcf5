//! The set-up of one test: `config/sandbox` as it is shipped, with ports 0, the simulators' addresses, a folder of its
//! own, quick pauses and keys made for this run. It is written as files and read by the gateway like any other.

use crate::neighbours::Neighbours;
use crate::repo;
use gateway::operator::TokenHash;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use toml::{Table, Value};

/// The consumer with every grant.
pub const CONSUMER: &str = "opd-contoh";
/// The name under which stories use the operator's token.
pub const OPERATOR: &str = "operator";

/// A set-up on disk; gone when dropped.
pub struct Setup {
    folder: TempDir,
    table: Table,
    secrets: Vec<(String, String)>,
    keys: BTreeMap<String, String>,
}

impl Setup {
    /// Writes the usual set-up. `change` may alter it before it is written.
    ///
    /// # Errors
    /// When the sandbox cannot be read or the folder cannot be written.
    pub fn write(neighbours: &Neighbours, change: impl FnOnce(&mut Table)) -> Result<Self, String> {
        let mut table = sandbox()?;
        without_copies(&mut table)?;
        Self::of(table, neighbours, change)
    }

    /// As [`Setup::write`], with the copies of procurement and finance, and their chains.
    ///
    /// # Errors
    /// When the sandbox cannot be read or the folder cannot be written.
    pub fn with_copies(neighbours: &Neighbours, change: impl FnOnce(&mut Table)) -> Result<Self, String> {
        let mut table = sandbox()?;
        // The city of the neighbours lives in 2026, whatever year it is here.
        for copy in list(&mut table, "salinan")? {
            if let Some(years) = copy.get_mut("cakupan").and_then(|parts| parts.get_mut("tahun")) {
                *years = Value::Array(vec![Value::String("2026".to_owned())]);
            }
        }
        Self::of(table, neighbours, change)
    }

    fn of(mut table: Table, neighbours: &Neighbours, change: impl FnOnce(&mut Table)) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut keys = BTreeMap::new();
        node(&mut table, folder.path(), &mut keys)?;
        consumers(&mut table, &mut keys)?;
        // A token of the neighbours is for the year of their city.
        let claims = system(&mut table, "sipd")?
            .get_mut("auth")
            .and_then(|auth| auth.get_mut("klaim"));
        if let Some(year) = claims.and_then(|claims| claims.get_mut("tahun")) {
            *year = Value::String("2026".to_owned());
        }
        for system in list(&mut table, "sistem")? {
            adapt(system, neighbours)?;
        }
        change(&mut table);
        Self {
            folder,
            table,
            secrets: neighbours.secrets(),
            keys,
        }
        .written()
    }

    /// Another node of the same city: the same set-up but for `change`, the same keys and secrets.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn sibling(&self, change: impl FnOnce(&mut Table)) -> Result<Self, String> {
        let mut table = self.table.clone();
        change(&mut table);
        Self {
            folder: tempfile::tempdir().map_err(|error| error.to_string())?,
            table,
            secrets: self.secrets.clone(),
            keys: self.keys.clone(),
        }
        .written()
    }

    /// Gives the files one more secret.
    pub fn tell(&mut self, name: &str, value: &str) {
        self.secrets.push((name.to_owned(), value.to_owned()));
    }

    fn written(self) -> Result<Self, String> {
        let text = toml::to_string(&self.table).map_err(|error| error.to_string())?;
        std::fs::write(self.folder.path().join("simpul.toml"), text).map_err(|error| error.to_string())?;
        Ok(self)
    }

    /// Where the files are.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The journal's file.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.folder.path().join("jurnal.sqlite")
    }

    /// The environment that the files name.
    #[must_use]
    pub fn secrets(&self) -> &[(String, String)] {
        &self.secrets
    }

    /// The whole value of the `Authorization` header by consumer.
    #[must_use]
    pub fn keys(&self) -> &BTreeMap<String, String> {
        &self.keys
    }
}

/// Without the copies: pulling them at every start would cost each test their data. They are tried in `tests/salinan` and
/// `gateway/tests`.
fn without_copies(table: &mut Table) -> Result<(), String> {
    table.remove("salinan");
    table.remove("rantai");
    let of_copy = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        name.starts_with("salinan.") || name.starts_with("rantai.")
    };
    for consumer in list(table, "konsumen")? {
        if let Some(Value::Array(rights)) = consumer.get_mut("hak") {
            rights.retain(|right| match right.get("operasi") {
                Some(Value::Array(names)) => !names.iter().all(of_copy),
                Some(name) => !of_copy(name),
                None => true,
            });
        }
    }
    Ok(())
}

/// All tables of `config/sandbox` and of what it includes, as one.
fn sandbox() -> Result<Table, String> {
    let folder = repo::root().join("config/sandbox");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut whole = Table::new();
    while let Some(file) = files.pop() {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut table: Table = text.parse().map_err(|error| format!("{}: {error}", file.display()))?;
        for included in table.remove("sertakan").iter().filter_map(Value::as_array).flatten() {
            files.push(folder.join(included.as_str().unwrap_or_default()));
        }
        for (key, value) in table {
            match (whole.get_mut(&key), value) {
                (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                (Some(_), _) => return Err(format!("{}: `{key}` stands in two files", file.display())),
                (None, value) => {
                    whole.insert(key, value);
                }
            }
        }
    }
    Ok(whole)
}

fn node(table: &mut Table, folder: &Path, keys: &mut BTreeMap<String, String>) -> Result<(), String> {
    let token = format!("smo_{}", secret());
    let node = table
        .get_mut("simpul")
        .and_then(Value::as_table_mut)
        .ok_or("no [simpul]")?;
    let text = |text: &str| Value::String(text.to_owned());
    node.insert("dengar".to_owned(), text("127.0.0.1:0"));
    node.insert("dengar_operator".to_owned(), text("127.0.0.1:0"));
    node.insert("henti_paling_lama".to_owned(), text("5s"));
    let person = [
        ("nama".to_owned(), text("Petugas Uji")),
        ("sha256".to_owned(), text(&TokenHash::of(&token).to_hex())),
    ];
    let person = Value::Table(person.into_iter().collect());
    node.insert("token_operator".to_owned(), Value::Array(vec![person]));
    let file = folder.join("jurnal.sqlite").display().to_string();
    node.insert(
        "jurnal".to_owned(),
        Value::Table([("berkas".to_owned(), text(&file))].into_iter().collect()),
    );
    let log = [
        ("tingkat".to_owned(), text("info")),
        ("bentuk".to_owned(), text("json")),
    ];
    node.insert("log".to_owned(), Value::Table(log.into_iter().collect()));
    keys.insert(OPERATOR.to_owned(), format!("Bearer {token}"));
    Ok(())
}

/// The sandbox's consumer with a key, and three more: without grants, with a tiny quota, with a grant that has ended.
fn consumers(table: &mut Table, keys: &mut BTreeMap<String, String>) -> Result<(), String> {
    let mut consumers = list(table, "konsumen")?;
    let first = consumers
        .iter_mut()
        .find(|consumer| consumer.get("id").and_then(Value::as_str) == Some(CONSUMER))
        .ok_or("the sandbox has lost its consumer")?;
    set_grants(first, "per_menit", &Value::Integer(1_000_000));
    let model = first.clone();
    key(first, keys);
    let mut more: Vec<Table> = Vec::new();
    for id in ["tanpa-hak", "kuota-kecil", "hak-berakhir"] {
        let mut consumer = model.clone();
        consumer.insert("id".to_owned(), Value::String(id.to_owned()));
        match id {
            "tanpa-hak" => {
                consumer.remove("hak");
            }
            "kuota-kecil" => set_grants(&mut consumer, "per_menit", &Value::Integer(2)),
            _ => {
                let day = "2025-12-31".parse().map_err(|error| format!("{error}"))?;
                set_grants(&mut consumer, "berlaku_sampai", &Value::Datetime(day));
            }
        }
        key(&mut consumer, keys);
        more.push(consumer);
    }
    let all = table
        .get_mut("konsumen")
        .and_then(Value::as_array_mut)
        .ok_or("no [[konsumen]]")?;
    all.extend(more.into_iter().map(Value::Table));
    for consumer in all.iter_mut().filter_map(Value::as_table_mut) {
        if consumer.get("kunci").is_none() {
            key(consumer, keys);
        }
    }
    Ok(())
}

fn set_grants(consumer: &mut Table, name: &str, value: &Value) {
    let grants = consumer
        .get_mut("hak")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten();
    for grant in grants.filter_map(Value::as_table_mut) {
        grant.insert(name.to_owned(), value.clone());
    }
}

fn key(consumer: &mut Table, keys: &mut BTreeMap<String, String>) {
    let id = consumer
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let key = format!("smp_{id}_{}", secret());
    let stored = [
        ("awalan".to_owned(), Value::String(id.clone())),
        ("sha256".to_owned(), Value::String(TokenHash::of(&key).to_hex())),
    ];
    consumer.insert(
        "kunci".to_owned(),
        Value::Array(vec![Value::Table(stored.into_iter().collect())]),
    );
    keys.insert(id, format!("Bearer {key}"));
}

/// The simulator's address, and pauses short enough for a test: the order of the steps stays what it is in a city.
fn adapt(system: &mut Table, neighbours: &Neighbours) -> Result<(), String> {
    let text = |key: &str| system.get(key).and_then(Value::as_str).unwrap_or_default();
    let Some(url) = neighbours.url(text("id"), text("konektor")) else {
        return Ok(());
    };
    if system.contains_key("tautan_berkas") {
        let links = vec![Value::String(format!("{url}/toko"))];
        system.insert("tautan_berkas".to_owned(), Value::Array(links));
    }
    system.insert("alamat".to_owned(), Value::String(url));
    let quick = r#"
        batas = { per_menit = 600000, serentak = 16 }
        [pengiriman]
        tenggat = "1500ms"
        jeda = "100ms"
        jeda_terlama = "1s"
        cari_setelah = "300ms"
        percobaan = 30
        pencarian = 30
        pemutus = { gagal = 5, jeda = "100ms", jeda_terlama = "1s" }
    "#;
    let quick: Table = quick.parse().map_err(|error| format!("{error}"))?;
    system.extend(quick);
    Ok(())
}

/// The complaints line at a pace for tests: what a city does in minutes and days happens in fractions of a second.
///
/// # Errors
/// When the sandbox has lost a part of the line.
pub fn hurry(table: &mut Table, every: &str, slowest: &str) -> Result<(), String> {
    for follow in list(table, "ikuti")? {
        follow.insert("setiap".to_owned(), Value::String(every.to_owned()));
        follow.insert("paling_jarang".to_owned(), Value::String(slowest.to_owned()));
    }
    for schedule in list(table, "jadwal")? {
        schedule.insert("setiap".to_owned(), Value::String(every.to_owned()));
    }
    Ok(())
}

/// One `[[sistem]]` of a set-up.
///
/// # Errors
/// When there is none with this id.
pub fn system<'a>(table: &'a mut Table, id: &str) -> Result<&'a mut Table, String> {
    list(table, "sistem")?
        .into_iter()
        .find(|system| system.get("id").and_then(Value::as_str) == Some(id))
        .ok_or_else(|| format!("no system {id}"))
}

fn list<'a>(table: &'a mut Table, key: &str) -> Result<Vec<&'a mut Table>, String> {
    let found = table
        .get_mut(key)
        .and_then(Value::as_array_mut)
        .ok_or_else(|| format!("no [[{key}]]"))?;
    Ok(found.iter_mut().filter_map(Value::as_table_mut).collect())
}

/// 64 hex digits. Drawn for one run on loopback; nothing that lasts is protected by it.
fn secret() -> String {
    (0..32).map(|_| format!("{:02x}", fastrand::u8(..))).collect()
}
