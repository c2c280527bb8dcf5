//! A declared connector beside a compiled one: whoever reads the catalogue, the reference, an exchange or the metrics finds the same
//! things about both.

use crate::access::{Sandbox, raw};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Names of members.
fn members(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect()
}

/// Names of the series that speak of an operation, with the names of their labels.
fn series(metrics: &str, operation: &str) -> BTreeSet<String> {
    let own = format!("\"{operation}\"");
    let lines = metrics.lines().filter(|line| line.contains(&own));
    let shape = |line: &str| {
        let (name, rest) = line.split_once('{').unwrap();
        let labels = rest.split_once('}').unwrap().0;
        // What ended how is the exchange's, not the connector's.
        let names = labels
            .split(',')
            .filter_map(|label| label.split('=').next())
            .filter(|name| *name != "le");
        format!("{name} {}", names.collect::<Vec<_>>().join(" "))
    };
    lines.map(shape).collect()
}

#[test]
fn a_declared_connector_cannot_be_told_from_a_compiled_one() {
    let sandbox = Sandbox::with("tutup", "");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contoh/angkut.yaml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let text = text.replace("http://127.0.0.1:9109", &sandbox.simulator("angkut"));
    sandbox.brought_in("angkut@1", &text);
    sandbox.stepped(0, "angkut@1", "aktifkan", &json!({"alasan": "uji coba"}));
    sandbox.runs("angkut@1", true);

    let mine = [("x-api-key", sandbox.fact("key"))];
    let (declared, compiled) = ("angkut.permintaan.kirim", "pengaduan.kirim");
    let wanted = json!({"nomor": "DLH-1", "berat_kg": "12.5", "tanggal": "2026-11-25", "alamat": "Jalan Contoh Raya 1", "kode_wilayah": "36.71.05"});
    let complaint = json!({
        "tiket": "LAKSA-UJI-SAMA", "sumber": "laksa", "dikirim_pada": "2026-11-24T08:00:00+07:00", "klasifikasi": "pengaduan",
        "kategori": "lampu_jalan", "judul": "Lampu jalan padam di Jalan Contoh Raya",
        "isi": "Lampu penerangan jalan padam sejak tiga hari, jalan gelap pada malam hari.",
        "lokasi": {"kode_wilayah": "36.71.05", "alamat": "Jalan Contoh Raya nomor 1"}, "anonim": true, "rahasia": false,
    });
    for (path, body) in [("/v1/angkut/permintaan", &wanted), ("/v1/pengaduan", &complaint)] {
        let (status, said) = sandbox.call("POST", path, &mine, body);
        assert!((200..300).contains(&status), "{path}: {status} {said}");
    }

    let entry = |id: &str| sandbox.call("GET", &format!("/katalog/{id}"), &mine, &Value::Null).1;
    assert_eq!(members(&entry(declared)), members(&entry(compiled)));
    assert!(members(&entry(declared)).len() > 10, "{}", entry(declared));
    let document = sandbox.call("GET", "/openapi.json", &[], &Value::Null).1;
    let described = |path: &str| members(&document["paths"][path]["post"]);
    assert_eq!(described("/v1/angkut/permintaan"), described("/v1/pengaduan"));
    let exchange = |operation: &str| {
        let list = sandbox
            .call(
                "GET",
                &format!("/v1/pertukaran?operasi={operation}"),
                &mine,
                &Value::Null,
            )
            .1;
        members(&list["butir"][0])
    };
    assert_eq!(exchange(declared), exchange(compiled));
    let (_, metrics) = raw(sandbox.fact("operator"), "GET", "/metrics", &[], &Value::Null);
    assert_eq!(series(&metrics, declared), series(&metrics, compiled));
    assert!(series(&metrics, declared).len() > 2, "{:?}", series(&metrics, declared));
}
