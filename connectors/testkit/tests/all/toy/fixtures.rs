//! Writes the toy connector's fixtures into a folder; golden files come from the sound connector.

use super::kit;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Fixtures with golden files, as a finished connector has them.
pub(crate) fn prepare(root: &Path) {
    for (subject, case, file, content) in inputs() {
        let folder = root.join("fixtures").join(subject).join(case);
        fs::create_dir_all(&folder).expect("folder");
        fs::write(folder.join(format!("{file}.json")), content.to_string()).expect("file");
    }
    let report = connector_testkit::report(kit(root, "").update_golden(true));
    assert!(!report.failed(), "{report}");
}

type File = (&'static str, &'static str, &'static str, Value);

fn inputs() -> Vec<File> {
    let good = |data: Value| json!({"status": 200, "body": {"ok": true, "data": data}});
    let bad = |status: u16, code: &str| json!({"status": status, "body": {"ok": false, "galat": code}});
    let thing = json!({"kode": "K1", "nama": "Payung", "keadaan": "B"});
    let mut files = vec![
        ("uji.barang.lihat", "ok", "canonical", json!({"kode": "PAYUNG"})),
        ("uji.barang.lihat", "ok", "native_reply", good(thing)),
        ("uji.barang.lihat", "ditolak", "canonical", json!({"kode": "TAS"})),
        ("uji.barang.lihat", "ditolak", "native_reply", bad(404, "TIADA")),
        ("uji.barang.lihat", "kurang", "canonical", json!({})),
        ("uji.kabar", "ok_1", "native_push", json!({"body": {"nomor": "1"}})),
        ("uji.kabar", "ok_2", "native_push", json!({"body": {"nomor": "2"}})),
        (
            "uji.daftar",
            "ok",
            "native_reply",
            good(json!([{"kode": "K1", "nama": "Payung"}])),
        ),
        ("uji.daftar", "kosong", "native_reply", good(json!([]))),
    ];
    for (id, receipt) in [("uji.titip.kirim", "T-1"), ("uji.surat.kirim", "S-1")] {
        let input = json!({"rujukan": "R-1", "kode": "PAYUNG", "catatan": "pintu samping"});
        files.extend([
            (id, "ok", "canonical", input.clone()),
            (id, "ok", "native_reply", good(json!({"id": receipt, "keadaan": "B"}))),
            (id, "ditolak", "canonical", input),
            (id, "ditolak", "native_reply", bad(409, "HABIS")),
            (id, "kurang", "canonical", json!({"kode": "PAYUNG"})),
        ]);
    }
    let input = json!({"rujukan": "R-1", "kode": "PAYUNG"});
    let (uploaded, stored) = (good(json!({"id": "U-1"})), good(json!({"id": "T-1", "keadaan": "B"})));
    let two = "uji.berkas.kirim";
    files.extend([
        (two, "ok", "canonical", input.clone()),
        (two, "ok", "native_reply", json!([uploaded, stored])),
        // An earlier attempt had uploaded already: one step is left.
        (two, "ok_lanjut", "canonical", input.clone()),
        (two, "ok_lanjut", "checkpoints", json!({"unggahan": "U-1"})),
        (two, "ok_lanjut", "native_reply", stored),
        (two, "ditolak", "canonical", input),
        (two, "ditolak", "native_reply", json!([uploaded, bad(409, "HABIS")])),
        (two, "kurang", "canonical", json!({"kode": "PAYUNG"})),
    ]);
    files
}
