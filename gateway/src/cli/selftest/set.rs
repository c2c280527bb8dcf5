//! The trial's configuration: the complaints line of config/sandbox alone, on ports of its own, with pauses short enough for
//! a trial and a key made for this run.

use super::super::key::{self, Fresh};
use simulators::Running;
use simulators::laksa::Laksa;
use simulators::lapor::Lapor;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What the trial needs to talk to its gateway.
pub(super) struct Set {
    /// The configuration file.
    pub(super) file: PathBuf,
    /// The consumer's key.
    pub(super) key: String,
    /// File that holds the operator's token.
    pub(super) token_file: PathBuf,
    /// Passwords of the simulators, by the names in config/sandbox.
    pub(super) secrets: Vec<(&'static str, String)>,
}

/// Writes it into the folder.
pub(super) fn write(folder: &Path, lapor: &Running<Lapor>, laksa: &Running<Laksa>) -> Result<Set, String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let consumer = key::api_key("uji")?;
    let operator = key::operator_token()?;
    let table = table(folder, (lapor.base_url(), laksa.base_url()), &consumer, &operator)?;
    let (file, token_file) = (folder.join("simpul.toml"), folder.join("token-operator"));
    let text = toml::to_string(&table).map_err(|error| error.to_string())?;
    for (path, text) in [(&file, &text), (&token_file, &operator.key)] {
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let (bearer, token) = lapor.with(|lapor| (lapor.options.bearer.clone(), lapor.options.token.clone()));
    let password = laksa.with(|laksa| laksa.options.password.clone());
    let secrets = vec![
        ("SIMPUL_SANDBOX_LAPOR_BEARER", bearer),
        ("SIMPUL_SANDBOX_LAPOR_TOKEN", token),
        ("SIMPUL_SANDBOX_LAKSA_SANDI", password),
    ];
    Ok(Set {
        file,
        key: consumer.key,
        token_file,
        secrets,
    })
}

fn table(folder: &Path, (lapor, laksa): (String, String), consumer: &Fresh, operator: &Fresh) -> Result<Table, String> {
    let mut table = parsed(include_str!("../../../../config/operasi.toml"))?;
    let kept = ["operasi", "operasi_dalam", "relai", "terbaru"];
    table.retain(|name, _| kept.contains(&name));
    keep(&mut table, "operasi", "id", &["pengaduan.kirim"]);
    keep(&mut table, "operasi_dalam", "id", &["laksa.status.tulis"]);
    keep(&mut table, "relai", "ke", &["laksa.status.tulis"]);
    let mut systems = parsed(include_str!("../../../../config/sandbox/sistem.toml"))?;
    keep(&mut systems, "sistem", "id", &["lapor", "laksa"]);
    for system in systems
        .get_mut("sistem")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let url = if system.get("id").and_then(Value::as_str) == Some("lapor") {
            &lapor
        } else {
            &laksa
        };
        let quick = parsed(&format!(
            "alamat = \"{url}\"\nbatas = {{ per_menit = 600000, serentak = 16 }}\n[pengiriman]\ntenggat = \"1500ms\"\n\
             jeda = \"100ms\"\njeda_terlama = \"1s\"\ncari_setelah = \"300ms\"\npercobaan = 30\npencarian = 30\n\
             pemutus = {{ gagal = 5, jeda = \"100ms\", jeda_terlama = \"1s\" }}"
        ))?;
        if let Some(system) = system.as_table_mut() {
            system.extend(quick);
        }
    }
    table.extend(systems);
    let journal = Value::String(folder.join("jurnal.sqlite").display().to_string());
    table.extend(parsed(&format!(
        "[simpul]\nnama = \"uji-mandiri\"\ndengar = \"127.0.0.1:0\"\ndengar_operator = \"127.0.0.1:0\"\nutas = 1\n\
         token_operator = [{{ nama = \"uji\", sha256 = \"{}\" }}]\n[simpul.jurnal]\nberkas = {journal}\n\
         [simpul.log]\ntingkat = \"off\"\n\
         [[konsumen]]\nid = \"uji\"\nnama = \"Uji mandiri\"\nkunci = [{{ awalan = \"{}\", sha256 = \"{}\" }}]\n\
         [[konsumen.hak]]\noperasi = [\"pengaduan.kirim\"]\ntujuan = \"Uji mandiri\"\ndasar_hukum = \"-\"\n\
         perjanjian = \"-\"\nper_menit = 600000\n",
        operator.hash, consumer.prefix, consumer.hash
    ))?);
    Ok(table)
}

fn parsed(text: &str) -> Result<Table, String> {
    text.parse().map_err(|error: toml::de::Error| error.to_string())
}

/// Of a list of tables only those whose `field` has one of these values.
fn keep(table: &mut Table, list: &str, field: &str, values: &[&str]) {
    if let Some(all) = table.get_mut(list).and_then(Value::as_array_mut) {
        all.retain(|one| {
            one.get(field)
                .and_then(Value::as_str)
                .is_some_and(|value| values.contains(&value))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CONNECTORS, Files, Source, check, parse};

    #[test]
    fn the_trials_set_up_is_sound() {
        let (consumer, operator) = (key::api_key("uji").unwrap(), key::operator_token().unwrap());
        let urls = ("http://127.0.0.1:1".to_owned(), "http://127.0.0.1:2".to_owned());
        let table = table(Path::new("/tmp/uji"), urls, &consumer, &operator).unwrap();
        let source = Source {
            name: "uji".into(),
            text: toml::to_string(&table).unwrap(),
        };
        let files = Files {
            toml: vec![source],
            ..Files::default()
        };
        let checked = check(&parse(&files), CONNECTORS)
            .map_err(|complaints| format!("{complaints:?}"))
            .unwrap();
        assert_eq!((checked.systems.len(), checked.relays.len()), (2, 1));
    }
}
