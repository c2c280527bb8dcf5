//! Over the sandbox's configuration: what is sound runs, what is not is listed and disturbs nothing; addresses inside are
//! refused; versions are compared; the published schema of manifests knows the shipped one.

use super::*;
use crate::config::{self, Raw, SecretRef, Vault};
use crate::outbound::Egress;
use connector_sdk::{Secret, Text};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;

const ANGKUT: &str = include_str!("../../../docs/contoh/angkut.yaml");

/// Any secret.
struct Anything;

impl Vault for Anything {
    fn read(&self, _name: &SecretRef) -> Result<Secret, Text> {
        Ok(Secret::new("uji"))
    }

    fn year(&self) -> i16 {
        2026
    }
}

fn base() -> Raw {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/sandbox");
    let mut raw = config::parse(&config::load(&folder).unwrap());
    // Supplied bearers are judged by what they claim, which "uji" does not.
    raw.systems
        .retain(|system| matches!(system.id.value.as_str(), "perpustakaan"));
    raw.operations
        .retain(|operation| operation.sistem.value == "perpustakaan");
    raw.internals.clear();
    raw.relays.clear();
    raw.links.clear();
    raw.guards.clear();
    raw.newest.clear();
    raw.likenesses.clear();
    raw.fallbacks.clear();
    raw.reconciliations.clear();
    raw.follows.clear();
    raw.schedules.clear();
    raw.lists.clear();
    raw.mirrors.clear();
    raw.chains.clear();
    raw.authorities.clear();
    raw.events.clear();
    raw.retention.clear();
    for consumer in &mut raw.consumers {
        consumer
            .hak
            .retain(|grant| grant.operasi.iter().all(|one| one.starts_with("perpustakaan.")));
    }
    raw
}

fn registered(entries: impl Into<Vec<Entry>>) -> Registered {
    Registered {
        entries: entries.into(),
        accesses: Vec::new(),
    }
}

fn active(text: &str, system: &str, version: u32) -> Entry {
    let mut entry = Entry::draft(system, version, text.to_owned(), "Satu", "uji", Timestamp::UNIX_EPOCH);
    entry.keadaan = State::Aktif;
    entry
}

#[test]
fn what_does_not_fit_is_left_out_alone_and_listed() {
    let clash = ANGKUT.replace("sistem: angkut", "sistem: perpustakaan");
    let clash = clash
        .replace("angkut.", "perpustakaan.")
        .replace("urn:angkut:", "urn:perpustakaan:");
    let clash = clash.replace("/v1/angkut/", "/v1/perpustakaan/");
    let broken = ANGKUT.replace("from: /armada", "from: armada");
    let stranger = ANGKUT.replace("konsumen: opd-contoh", "konsumen: tidak-ada");
    let entries = [
        active(ANGKUT, "angkut", 1),
        active(&broken, "angkut", 2),
        active(&stranger, "angkut", 3),
        active(&clash, "perpustakaan", 1),
    ];
    let built = assemble(&base(), &registered(entries), &Anything, None).unwrap();
    assert_eq!(built.in_force.running, ["angkut@1"]);
    let troubles: Vec<&str> = built.in_force.troubles.keys().map(String::as_str).collect();
    assert_eq!(troubles, ["angkut@2", "angkut@3", "perpustakaan@1"]);
    for complaints in built.in_force.troubles.values() {
        assert!(!complaints.is_empty());
    }
    let told = &built.in_force.troubles["angkut@2"][0];
    let line = broken.lines().position(|line| line.contains("from: armada")).unwrap() + 1;
    assert_eq!((&*told.place.file, told.place.line), ("manifes angkut@2", Some(line)));
    let operations = &built.catalogue.operations;
    assert!(
        operations.contains_key("perpustakaan.buku.lihat"),
        "others are undisturbed"
    );
    assert!(operations.contains_key("angkut.jadwal.daftar"));
    assert!(built.catalogue.inbound.contains_key("masuk.angkut.terangkut"));
    assert!(
        built.catalogue.consumers["opd-contoh"]
            .grants
            .contains_key("angkut.permintaan.kirim")
    );
    assert!(built.declared.contains("angkut") && !built.declared.contains("perpustakaan"));
}

#[test]
fn what_is_not_in_force_does_not_run() {
    let mut entry = active(ANGKUT, "angkut", 1);
    entry.keadaan = State::Ditangguhkan;
    let built = assemble(&base(), &registered([entry]), &Anything, None).unwrap();
    assert!(built.in_force.running.is_empty() && !built.catalogue.systems.contains_key("angkut"));
}

#[tokio::test]
async fn addresses_inside_are_refused_unless_named_exactly() {
    let rule = Egress::new([("10.1.2.3".to_owned(), 8443)]);
    for inward in [
        "https://127.0.0.1",
        "https://[::1]:8443",
        "https://169.254.169.254/latest",
        "https://10.1.2.3:443",
        "https://192.168.0.1",
        "https://[::ffff:10.0.0.1]",
        "https://[fd00::1]",
        "https://localhost",
        "https://0.0.0.0",
    ] {
        let refused = address(inward, &rule).await.unwrap_err();
        assert_eq!(refused.key, "alamat", "{inward}");
    }
    for strange in ["ftp://contoh.invalid", "angkut.invalid", "https://a:b@contoh.invalid"] {
        assert!(address(strange, &rule).await.is_err(), "{strange}");
    }
    for fine in [
        "https://10.1.2.3:8443",
        "https://8.8.8.8",
        "https://angkut.contoh.invalid",
    ] {
        assert_eq!(address(fine, &rule).await, Ok(()), "{fine}");
    }
}

#[test]
fn evil_schemas_are_refused_with_a_reason() {
    let registry = schemas::Registry::embedded().unwrap();
    let field = "nomor: {type: string, description: Nomor milik pemanggil., x-en: The caller's own number., pattern: \"^[A-Za-z0-9-]{1,40}$\", maxLength: 40}";
    assert!(ANGKUT.contains(field));
    for evil in [
        "nomor: {type: string, pattern: '^(?=(a+)+$).*b'}",
        "nomor: {type: string, pattern: '(a{1000}){1000}{1000}'}",
        "nomor: {$ref: 'https://contoh.invalid/skema.json'}",
        "nomor: {$ref: '#/properties/nomor'}",
    ] {
        let (_, judgement) = judge(&ANGKUT.replace(field, evil), &registry).unwrap();
        assert!(!judgement.keluhan.is_empty(), "{evil}");
    }
    let (_, sound) = judge(ANGKUT, &registry).unwrap();
    assert!(sound.is_sound(), "{sound:?}");
}

#[test]
fn versions_are_compared() {
    let old = connector_declarative::read(ANGKUT).unwrap();
    let text = ANGKUT
        .replace(
            "keadaan: {type: string, description: Keadaan., x-en: State., enum: [baru, selesai]}",
            "keadaan: {type: string, enum: [baru, batal]}",
        )
        .replace(
            "required: [nomor, berat_kg, tanggal, alamat, kode_wilayah]",
            "required: [nomor, berat_kg, tanggal, alamat, kode_wilayah, telepon]",
        )
        .replace("/v1/angkut/jadwal}", "/v1/angkut/jadwal-baru}");
    let new = connector_declarative::read(&text).unwrap();
    let found = changes(&old, &new);
    let breaks = |at: &str| found.iter().any(|change| change.di == at && change.memutus);
    assert!(breaks("angkut.jadwal.daftar"), "{found:?}");
    assert!(breaks("angkut.permintaan.kirim/telepon"), "{found:?}");
    assert!(breaks("angkut.permintaan.kirim/keadaan"), "{found:?}");
    assert!(changes(&old, &old).is_empty());
}

#[test]
fn the_published_schema_of_manifests_knows_the_shipped_one() {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/manifes.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let manifest = connector_declarative::read(ANGKUT).unwrap();
    let mut document = serde_json::to_value(manifest).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| error.instance_path().to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    document["asing"] = json!(1);
    assert!(!validator.is_valid(&document), "unknown keys are refused");
}
