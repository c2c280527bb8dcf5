//! Letters over HTTP: gateway and played neighbours. A month through faults, the call-back and the life of a letter, another
//! contract by configuration alone, an agency's e-office, rights above *Terbatas*, and signatures.
//!
//! Full size of the month: see docs/letters.md.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may"
)]

mod aturan;
mod bulan;
mod dialek;
mod eoffice;
mod hak;
mod panggil_balik;
mod sikd;
mod tte;
mod tte_mati;
mod tte_versi;

use bytes::Bytes;
use e2e::client::Client;
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use toml::Table;

const BINARY: &str = env!("CARGO_BIN_EXE_simpul-uji");

/// A gateway with its neighbours, as one consumer sees it.
struct World {
    neighbours: Neighbours,
    client: Client,
    base: String,
    person: Client,
    operator: String,
    keys: BTreeMap<String, String>,
    /// Stops when dropped.
    _gateway: Inside,
    /// Its folder holds the journal.
    _setup: Setup,
}

async fn world(neighbours: Neighbours, change: impl FnOnce(&mut Table)) -> World {
    let setup = Setup::write(&neighbours, change).unwrap();
    let gateway = Inside::start(&setup).await.unwrap();
    let targets = gateway.targets(&setup, &neighbours);
    World {
        base: targets.gateway,
        operator: targets.operator,
        person: Client::new(&setup.keys()[OPERATOR]),
        keys: setup.keys().clone(),
        client: Client::new(&setup.keys()[CONSUMER]),
        neighbours,
        _gateway: gateway,
        _setup: setup,
    }
}

impl World {
    async fn get(&self, path: &str) -> Value {
        let reply = self.client.get(&format!("{}/v1/{path}", self.base)).await.unwrap();
        assert_eq!(reply.status, 200, "{path}: {}", reply.json());
        reply.json()
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/v1/{path}", self.base);
        let reply = self.client.post(&url, &[], body).await.unwrap();
        (reply.status, reply.json())
    }

    async fn made(&self, path: &str, body: &Value) -> Value {
        let (status, reply) = self.post(path, body).await;
        assert_eq!(status, 201, "{path}: {reply}");
        reply
    }

    async fn upload(&self, seed: usize) -> Value {
        uploaded(&self.client, &self.base, pdf(seed, 400)).await
    }

    /// Subscribes to events, to be pulled.
    async fn subscribe(&self, kinds: &[&str]) -> String {
        let wish = json!({"nama": "uji", "jenis": kinds, "moda": "tarik"});
        let made = self.made("langganan", &wish).await;
        made["id"].as_str().unwrap().to_owned()
    }

    async fn events(&self, subscription: &str) -> Vec<Value> {
        let page = self.get(&format!("peristiwa?langganan={subscription}&setelah=0")).await;
        let rows = page["butir"].as_array().cloned().unwrap_or_default();
        rows.into_iter().map(|row| row["peristiwa"].clone()).collect()
    }
}

/// An outgoing letter with two checkers.
fn outgoing(reference: &str, file: &Value) -> Value {
    let mut body = letter(reference, file);
    for name in ["asal_naskah", "nomor_naskah", "tanggal_diterima"] {
        body.as_object_mut().unwrap().remove(name);
    }
    let more = json!({
        "final": true, "dikirimkan_melalui": "uk-3671-01", "tanggal_naskah": null, "tembusan": [],
        "tujuan": [{"jenis": "internal", "jabatan_id": "jab-3671-0031"}], "verifikator": ["jab-3671-0008", "jab-3671-0005"],
        "penandatangan": ["jab-3671-0001"], "jenis_ttd": "tte", "tampilan_ttd": "terlihat",
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

fn letter(reference: &str, file: &Value) -> Value {
    json!({
        "rujukan": reference, "asal_naskah": "Dinas Contoh", "nomor_naskah": "000.5.6.2/X /2026",
        "tanggal_naskah": "2026-02-12", "tanggal_diterima": "2026-02-13T09:15:00+07:00", "jenis_naskah": "surat_dinas",
        "sifat": "biasa", "urgensi": "segera", "klasifikasi": "000.5.6.2", "hal": "Undangan rapat",
        "ringkasan": "Rapat koordinasi", "tujuan": ["jab-3671-0012"], "berkas_naskah": file,
        "arsip": {
            "nomor_arsip": "A-1", "pencipta": "Diskominfo", "kurun_waktu": "2026", "jumlah_arsip": "1 berkas",
            "keterangan": "baik", "pengelola": "Unit Kearsipan", "tingkat_perkembangan": "asli", "judul": "Undangan",
            "klasifikasi_akses": "terbuka", "kategori_arsip": "umum", "media": "elektronik", "bahasa": "Indonesia",
            "fungsi": "Kearsipan", "nama_berkas": "Rapat", "judul_berkas": "Rapat 2026", "status_arsip": "aktif",
            "status_berkas": "terbuka", "tanggal_berkas": "2026-02-13",
        },
    })
}

/// A PDF of about so many bytes that no other letter has.
fn pdf(seed: usize, size: usize) -> Bytes {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    let mut body = format!("%PDF-1.7\n% {seed} ").into_bytes();
    body.extend((0..size).map(|_| random.alphanumeric() as u8));
    body.extend_from_slice(b"\n%%EOF\n");
    body.into()
}

async fn uploaded(client: &Client, gateway: &str, content: Bytes) -> Value {
    let reply = client
        .upload(&format!("{gateway}/v1/lampiran?nama_berkas=surat.pdf"), content)
        .await
        .unwrap();
    assert_eq!(reply.status, 201);
    reply.json()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn sha256(content: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
