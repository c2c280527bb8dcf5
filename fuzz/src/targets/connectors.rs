//! Every connector: replies of its system into the canonical model, pushes of its system, and manifests of registered ones. A mapping
//! ends in a value or a fault; a push that nobody signed is never verified. Begins from the connectors' own fixtures.

use super::Target;
use crate::corpus::{files, root};
use bytes::Bytes;
use gateway::config::CONNECTORS;
use gateway::sdk::{Call, Connector, Inbound, NativeReply, NoLists, Pull, Secret, Settings};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

pub(super) const REPLIES: Target = Target {
    name: "replies",
    words: &[
        "\"status\":",
        "\"data\":",
        "null",
        "[]",
        "\"message\":",
        "<html>",
        "00-00-0000",
        "2026-02-30",
    ],
    seeds: replies,
    run: reply,
};

pub(super) const PUSHES: Target = Target {
    name: "pushes",
    words: &[
        "Token: ",
        "X-Signature: ",
        "Authorization: Basic ",
        "\n\n",
        "{\"dataNIB\":{",
        "\"nib\":null",
    ],
    seeds: pushes,
    run: push,
};

pub(super) const MANIFEST: Target = Target {
    name: "manifest",
    words: &[
        "each:", "when:", "ops:", "- to: ", "from: /", "const: ", "lookup", "&a ", "*a", "!!binary", "\n  ",
    ],
    seeds: manifests,
    run: manifest,
};

/// Names under which connectors look for the secret of their pushes.
const SECRETS: [&str; 2] = ["kata_sandi_push", "kunci_panggil_balik"];

/// Settings under which each connector can do everything.
fn settings(kind: &str) -> Vec<Value> {
    match kind {
        "bsre" => vec![json!({"versi": "v1"}), json!({"versi": "v2"})],
        "perpustakaan" => vec![json!({"kode_buku": {"9780000000002": "BK-001"}})],
        "lapor" => vec![json!({
            "kanal": 99, "id_pengguna": 1_000_001,
            "klasifikasi": {"aspirasi": 1, "pengaduan": 2, "permintaan_informasi": 3},
            "kategori": {"lampu_jalan": 30}, "lokasi": {"36.71": 404}, "lokasi_bawaan": 34,
            "instansi": {"dishub": 200_010}, "instansi_sendiri": 200_002,
            "templat": {"balasan": "reply", "disposisi": "disposition"}, "jalur": {"kategori": "masters/categories"},
            "pencarian": {"jalur": "complaints/complaint", "parameter": "search", "bila_tidak_tampak": "tanya_petugas"},
            "masuk": {"jalur": "complaints/complaint"},
        })],
        "sipd" => vec![json!({
            "tahun": 2026, "id_daerah": "999", "kode_pemda": "3671", "id_jadwal_sipd": "77",
            "generasi": ["a", "b", "c1", "c2", "salinan"], "awalan": {"a": "run/serv", "b": "arsip", "c1": "api"},
        })],
        "spse" => vec![
            json!({"antarmuka": "gerbang", "kode_klpd": "D999", "tahun": 2026}),
            json!({"antarmuka": "satu_data", "kode_lpse": "999", "tahun": 2026}),
        ],
        "oss" => vec![json!({
            "kode_instansi": "367", "masuk": {"pengguna": "OSS671", "sumber": ["semua_alamat"]},
        })],
        "srikandi" => vec![json!({"kode_instansi": "3671", "panggil_balik": {}})],
        _ => vec![json!({})],
    }
}

fn built() -> &'static [Arc<dyn Connector>] {
    static BUILT: OnceLock<Vec<Arc<dyn Connector>>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut all = Vec::new();
        for factory in CONNECTORS {
            for table in settings(factory.kind) {
                let mut given = Settings::new(table.as_object().cloned().unwrap_or_default());
                for name in SECRETS {
                    given = given.with_secret(name, Secret::new("kunci-uji-01"));
                }
                match (factory.build)(&given) {
                    Ok(connector) => all.push(connector),
                    Err(complaints) => panic!("{}: {complaints:?}", factory.kind),
                }
            }
        }
        all
    })
}

/// Whether every kind of connector is among what is tried.
#[cfg(test)]
fn kinds_built() -> usize {
    let mut ids: Vec<_> = built().iter().map(|c| c.descriptor().id.to_string()).collect();
    ids.sort();
    ids.dedup();
    ids.len()
}

/// Fixtures to begin from.
const MOST: usize = 60;

fn fixtures(name: &str) -> std::io::Result<Vec<Value>> {
    let mut all = Vec::new();
    let found = files(&root().join("connectors"), name)?;
    // Spread over all connectors; every one of them would take long.
    let step = found.len() / MOST + 1;
    for file in found.into_iter().step_by(step) {
        all.extend(serde_json::from_slice::<Value>(&std::fs::read(file)?));
    }
    Ok(all)
}

fn text_of(fixture: &Value) -> String {
    match (&fixture["body"], fixture["body_text"].as_str()) {
        (_, Some(text)) => text.to_owned(),
        (Value::Null, None) => String::new(),
        (body, None) => body.to_string(),
    }
}

fn replies() -> std::io::Result<Vec<Vec<u8>>> {
    Ok(fixtures("native_reply.json")?
        .iter()
        .map(|fixture| text_of(fixture).into_bytes())
        .collect())
}

/// Headers as lines, an empty line, the body.
fn pushes() -> std::io::Result<Vec<Vec<u8>>> {
    let text = |fixture: &Value| format!("X-Timestamp: 1767225600\n\n{}", text_of(fixture)).into_bytes();
    Ok(fixtures("native_push.json")?.iter().map(text).collect())
}

fn manifests() -> std::io::Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for folder in ["config", "docs", "tests", "gateway"] {
        for file in files(&root().join(folder), ".yaml")? {
            let text = std::fs::read(file)?;
            if text.windows(8).any(|w| w == b"operasi:") {
                all.push(text);
            }
        }
    }
    Ok(all)
}

fn call(lists: &NoLists) -> Call<'_> {
    Call {
        exchange: "019b0000-0000-7000-8000-000000000000",
        reference: "UJI-1",
        attempt: 1,
        now: "2026-02-03T01:00:00Z".parse().expect("a time"),
        lists,
    }
}

fn reply(input: &[u8]) -> String {
    let call = call(&NoLists);
    let (mut values, mut faults) = (0, 0);
    // The body alone decides which status goes with it, so that an input always means the same.
    let status = [200, 201, 404, 422, 500][input.len() % 5];
    let reply = NativeReply {
        status,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(input),
    };
    let asked = json!({"id": "1", "rujukan": "UJI-1", "isbn": "9780000000002", "nib": "0999000000007", "tahun": 2026});
    for connector in built() {
        let descriptor = connector.descriptor();
        for spec in &descriptor.operations {
            let Some(operation) = connector.operation(&spec.id) else {
                continue;
            };
            match operation.reply(&call, &asked, &reply) {
                Ok(_) => values += 1,
                Err(fault) => {
                    assert!(
                        !fault.public.id.is_empty() && !fault.public.en.is_empty(),
                        "a fault without words"
                    );
                    faults += 1;
                }
            }
            if let Some(lookup) = operation.lookup() {
                let _told = lookup.found(&call, &asked, &reply);
            }
        }
        for spec in &descriptor.mirrors {
            let Some(mirror) = connector.mirror(&spec.id) else {
                continue;
            };
            match mirror.page(&call, &Pull::default(), &reply) {
                Ok(_) => values += 1,
                Err(_) => faults += 1,
            }
        }
        if let Some(health) = connector.health() {
            let _told = health.judge(&reply);
        }
    }
    format!("{status} {values} {faults}")
}

fn push(input: &[u8]) -> String {
    let at = input.windows(2).position(|w| w == b"\n\n");
    let (head, body) = at.map_or((&b""[..], input), |at| (&input[..at], &input[at + 2..]));
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n').take(50) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let body = Bytes::copy_from_slice(body);
    let inbound = Inbound {
        query: "",
        headers: &headers,
        body: &body,
        peer: Some([127, 0, 0, 1].into()),
        now: "2026-01-01T00:00:00Z".parse().expect("a time"),
    };
    let mut words = Vec::new();
    for connector in built() {
        for spec in &connector.descriptor().hooks {
            let Some(hook) = connector.hook(&spec.id) else { continue };
            let admitted = hook.admit(&inbound).is_ok();
            assert!(hook.verify(&inbound).is_err(), "{}: nobody signed", spec.id);
            let told = hook.acknowledge(&inbound, false);
            let lane = hook.lane(&inbound).is_some();
            let mapped = hook.translate(&body, "").is_ok();
            words.push(format!(
                "{}{}{}{}",
                u8::from(admitted),
                told.status,
                u8::from(lane),
                u8::from(mapped)
            ));
        }
    }
    words.join(" ")
}

fn manifest(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else {
        return "not text".to_owned();
    };
    match connector_declarative::check(text, &|_| None) {
        Ok(_) => "sound".to_owned(),
        Err(flaws) => {
            assert!(!flaws.is_empty(), "refused without a word");
            format!("{}", flaws.len().min(64))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_connector_is_tried() {
        assert_eq!(super::kinds_built(), gateway::config::CONNECTORS.len());
    }
}
