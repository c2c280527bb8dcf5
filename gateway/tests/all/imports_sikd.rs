//! `simpul impor sikd` with the real binary against a running gateway: rows of the old system's table, one per letter and recipient;
//! what cannot be read is written down with its reason; the same file again changes nothing.

use gateway::config::{self, Given, Machine};
use gateway::wiring;
use gateway_core::evidence::sha256;
use serde_json::{Value, json};
use std::process::Command;

const TOKEN: &str = "smo_petugas_arsip";

/// A letter with two recipients, one without a class that anybody knows and with a subject at the column's end, a row that
/// contradicts the first, one without an id, and one whose time cannot be read.
fn csv() -> String {
    let long = "h".repeat(250);
    format!(
        "Ekspor SIKD Kota Contoh;;;;;;;;\n\
         NId;NTglReg;Tgl;Nomor;Hal;SifatName;JenisName;To_Id;StatusReceive;ReceiveDate;Catatan Lama\n\
         1001;2023-12-31 18:30:00;29 Desember 2023;005 / 12 - UM;Undangan;Rahasia Terbatas;Surat Dinas;uk.1.1.1;read;2024-01-01 01:00:00;x\n\
         1001;2023-12-31 18:30:00;29 Desember 2023;005 / 12 - UM;Undangan;Rahasia Terbatas;Surat Dinas;uk.1.1.2;unread;;x\n\
         1002;2024-01-02 01:00:00;2024-01-02;800/1;{long};Penting;Laporan;uk.1.1.1;unread;;x\n\
         1001;2023-12-31 18:30:00;29 Desember 2023;lain;Undangan;Rahasia Terbatas;Surat Dinas;uk.1.1.3;unread;;x\n\
         ;2024-01-02 01:00:00;2024-01-02;800/2;Tanpa id;Biasa;Laporan;uk.1.1.1;unread;;x\n\
         1003;kemarin malam;2024-01-02;800/3;Waktu kabur;Biasa;Laporan;uk.1.1.1;unread;;x\n"
    )
}

fn counts(told: &Value) -> [u64; 5] {
    ["baris", "naskah", "baru", "sudah_ada", "ditolak"].map(|name| told[name].as_u64().unwrap_or(99))
}

#[test]
fn letters_of_sikd_are_imported_once_and_what_is_wrong_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let set = format!(
        r#"
[simpul]
dengar = "127.0.0.1:0"
dengar_operator = "127.0.0.1:0"
utas = 1
henti_paling_lama = "5s"
token_operator = [{{ nama = "Petugas Arsip", sha256 = "{}" }}]
[simpul.jurnal]
berkas = "{}"
[[sistem]]
id = "srikandi"
konektor = "srikandi"
alamat = "http://127.0.0.1:9"
auth = {{ jenis = "headers", kepala = [{{ nama = "Authorization", nilai = {{ env = "KUNCI" }} }}] }}
masuk = {{ tujuan = "Naskah SIKD" }}
pengaturan = {{ kode_instansi = "3671", sikd = true }}
"#,
        hex::encode(sha256(TOKEN.as_bytes())),
        folder.path().join("jurnal.sqlite").display(),
    );
    let file = folder.path().join("simpul.toml");
    std::fs::write(&file, set).unwrap();
    let built = config::from_disk(&file, &Given::new([("KUNCI", "kunci-uji")], Machine), None);
    let running = wiring::start(built.unwrap_or_else(|complaints| panic!("{complaints:?}"))).unwrap();
    let operator = format!("http://{}", running.operator());
    let simpul = |arguments: &[&str]| -> (i32, Value) {
        let said = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(arguments)
            .arg("--json")
            .env("SIMPUL_OPERATOR", &operator)
            .env("SIMPUL_TOKEN_OPERATOR", TOKEN)
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&said.stdout).into_owned();
        let told = serde_json::from_str(&out);
        let err = String::from_utf8_lossy(&said.stderr).into_owned();
        (
            said.status.code().unwrap(),
            told.unwrap_or_else(|_| panic!("{out}\n{err}")),
        )
    };
    let export = folder.path().join("sikd.csv");
    std::fs::write(&export, csv()).unwrap();
    let (export, rejected) = (export.to_str().unwrap(), folder.path().join("tolakan.csv"));
    let import = |more: &[&str]| {
        let usual = [
            "impor",
            "sikd",
            export,
            "--tolakan",
            rejected.to_str().unwrap(),
            "--waktu",
            "tersimpan",
        ];
        simpul(&[&usual, more].concat())
    };
    let list = || {
        simpul(&["exchange", "list", "--filter", "operasi=masuk.srikandi.sikd"]).1["butir"]
            .as_array()
            .unwrap()
            .len()
    };

    let (code, told) = import(&["--uji"]);
    assert_eq!((code, counts(&told)), (1, [6, 2, 0, 0, 3]), "{told}");
    assert_eq!(
        (
            &told["hal_terpotong"],
            &told["sifat_tidak_dikenal"],
            &told["waktu_digeser"]
        ),
        (&json!(1), &json!(1), &json!(2))
    );
    assert_eq!(told["kolom_diabaikan"], json!(["Catatan Lama"]));
    assert_eq!(list(), 0, "a dry run sends nothing");
    let written = std::fs::read_to_string(&rejected).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 4, "{written}");
    assert!(
        lines[1].contains("Nomor: berbeda") && lines[2].contains("NId: kosong"),
        "{written}"
    );
    assert!(lines[3].contains("NTglReg: tidak terbaca"), "{written}");

    assert_eq!(counts(&import(&[]).1), [6, 2, 2, 0, 3]);
    assert_eq!(counts(&import(&[]).1), [6, 2, 0, 2, 3], "again: nothing new");
    assert_eq!(list(), 2);
    // Whether the times were shifted is said, never guessed.
    let unsaid = Command::new(env!("CARGO_BIN_EXE_simpul"))
        .args(["impor", "sikd", export])
        .output()
        .unwrap();
    assert_eq!(unsaid.status.code(), Some(2));
    running.stop();
}
