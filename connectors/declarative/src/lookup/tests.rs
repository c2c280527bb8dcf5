//! Look-ups of a manifest: trials find what is missing in them, and a look-up never promises what its answer does not show.

use crate::{FACTORY, check, lineage, read, trials};
use bytes::Bytes;
use connector_sdk::{Call, Connector, Effect, Found, NativeReply, NoLists, Replay, Secret, Settings};
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// The shipped manifest, its write looked up instead of recognised.
fn text() -> String {
    include_str!("../../../../docs/contoh/angkut.yaml").replace(
        "    akibat: tulis_aman\n",
        "    akibat: tulis_dicari\n    cari: {asli: {metode: GET, jalur: api/permintaan, kueri: [{to: /no_ref, from: /nomor}]}, butir: /dt/baris, \
         cocok: [{asli: /no_ref, masukan: /nomor}], \
         jawab: [{to: /nomor, from: /no_ref}, {to: /nomor_angkut, from: /no_angkut}, {to: /keadaan, from: /st, ops: [{lookup: {table: {B: baru}}}]}], \
         tidak_ada: {galat: true, letak: /dt/jml, nilai: [0]}, contoh: [\
         {nama: ada, masukan: {nomor: DLH-1, berat_kg: \"1\", tanggal: \"2026-11-25\", alamat: J, kode_wilayah: \"36.71\"}, \
          permintaan: {metode: GET, jalur: /api/permintaan, kueri: {no_ref: DLH-1}}, \
          jawaban: {sts: \"00\", dt: {jml: 1, baris: [{no_ref: DLH-1, no_angkut: AK1, st: B}]}}, hasil: ada, \
          keluaran: {nomor: DLH-1, nomor_angkut: AK1, keadaan: baru}}, \
         {nama: tidak-ada, masukan: {nomor: DLH-1}, jawaban: {sts: \"00\", dt: {jml: 0, baris: []}}, hasil: tidak_ada}, \
         {nama: kode, masukan: {nomor: DLH-1}, jawaban: {sts: \"44\", dt: null}, hasil: tidak_ada}, \
         {nama: sehalaman, masukan: {nomor: DLH-1}, jawaban: {sts: \"00\", dt: {jml: 90, baris: [{no_ref: DLH-2, no_angkut: AK2, st: B}]}}, hasil: ragu}]}\n",
    )
}

fn connector(text: &str) -> Arc<dyn Connector> {
    let Value::Object(table) = serde_json::to_value(read(text).unwrap()).unwrap() else {
        panic!("an object");
    };
    (FACTORY.build)(&Settings::new(table).with_secret("kunci_kiriman", Secret::new("rahasia-uji"))).unwrap()
}

/// What an answer shows about `DLH-1`.
fn seen(connector: &dyn Connector, dt: &Value) -> Result<Found, String> {
    let call = Call {
        exchange: "01920000-0000-7000-8000-000000000001",
        reference: "rujukan-1",
        attempt: 1,
        now: Timestamp::UNIX_EPOCH,
        lists: &NoLists,
    };
    let reply = NativeReply {
        status: 200,
        headers: HeaderMap::new(),
        body: Bytes::from(json!({"sts": "00", "dt": dt}).to_string()),
    };
    let lookup = connector
        .operation("angkut.permintaan.kirim")
        .unwrap()
        .lookup()
        .unwrap();
    let input = json!({"nomor": "DLH-1"});
    lookup.found(&call, &input, &reply).map_err(|fault| fault.to_string())
}

#[test]
fn a_declared_write_is_looked_up_and_its_trials_pass() {
    let manifest = check(&text(), &|_| None).unwrap_or_else(|flaws| panic!("{flaws:#?}"));
    let all = trials(&manifest, &|_, _| Ok(()));
    let failed: Vec<_> = all.iter().filter(|trial| trial.failed.is_some()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let place = "operation/angkut.permintaan.kirim/cari";
    for name in [
        "fixtures",
        "ada/golden_request",
        "ada/golden_reply",
        "ada/lookup_only_reads",
        "kode/golden_reply",
        "sehalaman/error_under_success",
    ] {
        assert!(
            all.iter().any(|trial| trial.name == format!("{place}/{name}")),
            "{name}"
        );
    }
    let connector = connector(&text());
    let spec = connector.operation("angkut.permintaan.kirim").unwrap().spec();
    assert_eq!(
        spec.effect,
        Effect::Write {
            replay: Replay::ByReference
        }
    );
    assert!(
        lineage(&manifest)
            .iter()
            .any(|row| row.of == "angkut.permintaan.kirim cari jawab" && row.to == "/nomor_angkut")
    );
}

#[test]
fn only_a_certain_absence_is_one() {
    let connector = connector(&text());
    let row = |number: &str| json!({"no_ref": "DLH-1", "no_angkut": number, "st": "B"});
    let found = seen(&*connector, &json!({"jml": 1, "baris": [row("AK1")]}));
    assert_eq!(
        found,
        Ok(Found::Landed(
            json!({"nomor": "DLH-1", "nomor_angkut": "AK1", "keadaan": "baru"})
        ))
    );
    assert_eq!(seen(&*connector, &json!({"jml": 0, "baris": []})), Ok(Found::NotLanded));
    let unclear = [
        json!({"baris": []}),
        json!({"jml": 3, "baris": []}),
        json!({"jml": "0", "baris": []}),
        json!({"jml": 2, "baris": [row("AK1"), row("AK2")]}),
        json!({"jml": 1, "baris": [{"no_ref": null}]}),
    ];
    for answer in unclear {
        let found = seen(&*connector, &answer);
        assert!(matches!(found, Ok(Found::Unclear(_))), "{answer}: {found:?}");
    }
    // Another form, or a record that cannot be translated, is drift: neither yes nor no.
    for answer in [
        json!({"jml": 0}),
        json!({"jml": 0, "baris": "x"}),
        json!({"jml": 1, "baris": [{"no_ref": "DLH-1", "st": "Z"}]}),
    ] {
        assert!(seen(&*connector, &answer).is_err(), "{answer}");
    }
}

#[test]
fn a_look_up_that_cannot_tell_is_refused_when_loaded() {
    let flaw = |from: &str, to: &str, key: &str| {
        let changed = text().replace(from, to);
        assert_ne!(changed, text(), "{from}");
        let flaws = check(&changed, &|_| None).unwrap_err();
        assert!(
            flaws.iter().any(|flaw| flaw.key.ends_with(key) && flaw.line.is_some()),
            "{key}: {flaws:#?}"
        );
    };
    flaw("akibat: tulis_dicari", "akibat: tulis_sekali", ".cari");
    flaw("cocok: [{asli: /no_ref, masukan: /nomor}]", "cocok: []", ".cocok");
    flaw("masukan: /nomor}]", "masukan: /nomer}]", ".masukan");
    flaw("masukan: /nomor}]", "masukan: nomor}]", ".cocok.0");
    flaw(
        "tidak_ada: {galat: true, letak: /dt/jml, nilai: [0]}",
        "tidak_ada: {galat: false}",
        ".tidak_ada",
    );
    flaw("nilai: [0]}", "nilai: []}", ".tidak_ada");
    flaw(
        "{to: /nomor_angkut, from: /no_angkut}, {to: /keadaan, from: /st, ops: [{lookup: {table: {B: baru}}}]}]",
        "{to: /keadaan, const: lain}]",
        ".jawab",
    );
    let whole = text();
    let at = whole.find("    cari: ").unwrap();
    let without = format!("{}{}", &whole[..at], &whole[at + whole[at..].find('\n').unwrap() + 1..]);
    let flaws = check(&without, &|_| None).unwrap_err();
    assert!(flaws[0].advice.id.contains("cari:"), "{flaws:?}");

    // Trials tell what the samples do not show.
    let broken = text().replace("hasil: ragu", "hasil: tidak_ada");
    let failed = trials(&read(&broken).unwrap(), &|_, _| Ok(()));
    let failed: Vec<_> = failed.iter().filter(|trial| trial.failed.is_some()).collect();
    assert!(
        failed.len() == 1 && failed[0].name.ends_with("cari/sehalaman/golden_reply"),
        "{failed:?}"
    );
}
