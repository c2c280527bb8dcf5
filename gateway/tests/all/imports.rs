//! `simpul impor nib` with the real binary against a running gateway: the export of OSS as XLSX and CSV, by header name, with
//! lost zeros and titles above the header; what cannot be read is written down; the same content again changes nothing.

use gateway::config::{self, Given, Machine};
use gateway::wiring::{self, Running};
use gateway_core::evidence::sha256;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const TOKEN: &str = "smo_petugas_impor";

/// Titles, a header with columns that were put in later, then: two licences of one company whose NIB lost its zero, another
/// company, a NIB that is none, and a row that contradicts an earlier one.
const XLSX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/ekspor-oss.xlsx");

/// The same as text, with semicolons and the columns in another order.
const CSV: &str = "\
Nama Perusahaan;nib;KBLI;id_proyek;Day of Tanggal Terbit OSS;kecamatan;id_permohonan_izin;nama_dokumen;day_of_tgl_izin;kd_resiko;kewenangan
PT CONTOH CISADANE MAKMUR;0999000000017;10710;R-202406100918020000003;10/6/24;Cipondoh;I-202406100921440000012;Sertifikat Standar;2024-06-21;MT;Kabupaten/Kota
PT CONTOH CISADANE MAKMUR;0999000000017;10710;R-202406100918020000003;10/6/2024;Cipondoh;I-202406100921440000013;Izin;-;MT;Kabupaten/Kota
CV CONTOH BENTENG;9999000000027;01111;R-202406110918020000004;2024-06-11;Karawaci;I-202406110921440000014;Sertifikat Standar;12/6/24;Rendah;02
";

struct World {
    running: Option<Running>,
    folder: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let set = format!(
        r#"
[simpul]
dengar = "127.0.0.1:0"
dengar_operator = "127.0.0.1:0"
utas = 1
henti_paling_lama = "5s"
token_operator = [{{ nama = "Petugas Impor", sha256 = "{}" }}]
[simpul.jurnal]
berkas = "{}"
[[sistem]]
id = "oss"
konektor = "oss"
alamat = "http://127.0.0.1:9/v1/kl/rba"
auth = {{ jenis = "headers", kepala = [{{ nama = "user_key", nilai = {{ env = "KUNCI" }} }}] }}
rahasia = {{ kata_sandi_push = {{ env = "SANDI" }} }}
masuk = {{ tujuan = "Penerimaan perizinan berusaha dari OSS" }}
pengaturan = {{ kode_instansi = "367", masuk = {{ pengguna = "OSS671", sumber = ["203.0.113.0/24"] }} }}
"#,
        hex::encode(sha256(TOKEN.as_bytes())),
        folder.path().join("jurnal.sqlite").display(),
    );
    let file = folder.path().join("simpul.toml");
    std::fs::write(&file, set).unwrap();
    let secrets = Given::new(
        [("KUNCI", "0123456789abcdef0123456789abcdef"), ("SANDI", "kunci-uji-01")],
        Machine,
    );
    let built = config::from_disk(&file, &secrets, None);
    let running = wiring::start(built.unwrap_or_else(|complaints| panic!("{complaints:?}"))).unwrap();
    World {
        running: Some(running),
        folder,
    }
}

impl World {
    fn simpul(&self, arguments: &[&str]) -> (i32, Value) {
        let said = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(arguments)
            .arg("--json")
            .env(
                "SIMPUL_OPERATOR",
                format!("http://{}", self.running.as_ref().unwrap().operator()),
            )
            .env("SIMPUL_TOKEN_OPERATOR", TOKEN)
            .output()
            .unwrap();
        let out = String::from_utf8(said.stdout).unwrap();
        let told = serde_json::from_str(&out);
        let err = String::from_utf8_lossy(&said.stderr).into_owned();
        (
            said.status.code().unwrap(),
            told.unwrap_or_else(|_| panic!("{out}\n{err}")),
        )
    }

    fn pushes(&self) -> Vec<Value> {
        let (_, list) = self.simpul(&["exchange", "list", "--filter", "operasi=masuk.oss.receiveNIB"]);
        list["butir"].as_array().cloned().unwrap_or_default()
    }

    fn import(&self, file: &Path, more: &[&str]) -> (i32, Value) {
        let rejected = self.folder.path().join("tolakan.csv");
        let file = file.to_str().unwrap();
        self.simpul(&[&["impor", "nib", file, "--tolakan", rejected.to_str().unwrap()], more].concat())
    }
}

fn counts(told: &Value) -> [u64; 5] {
    ["baris", "nib", "baru", "sudah_ada", "ditolak"].map(|name| told[name].as_u64().unwrap())
}

#[test]
fn an_export_is_imported_once_whatever_its_form() {
    let world = world();
    let xlsx = PathBuf::from(XLSX);
    // A dry run says what would be, and sends nothing.
    let (code, told) = world.import(&xlsx, &["--uji"]);
    assert_eq!((code, counts(&told)), (1, [5, 2, 0, 0, 2]), "{told}");
    assert!(world.pushes().is_empty());
    let rejected = std::fs::read_to_string(world.folder.path().join("tolakan.csv")).unwrap();
    let lines: Vec<&str> = rejected.lines().collect();
    assert_eq!(lines.len(), 3, "{rejected}");
    assert!(lines[0].starts_with("baris,alasan,"), "{rejected}");
    assert!(
        lines[1].contains("NIB bukan 13 angka") && lines[2].contains("nama_perseroan"),
        "{rejected}"
    );

    let (code, told) = world.import(&xlsx, &[]);
    assert_eq!((code, counts(&told)), (1, [5, 2, 2, 0, 2]), "{told}");
    assert_eq!(told["kolom_diabaikan"], serde_json::json!(["kecamatan", "nama_user"]));
    assert_eq!(
        counts(&world.import(&xlsx, &[]).1),
        [5, 2, 0, 2, 2],
        "again: nothing new"
    );
    let csv = world.folder.path().join("ekspor.csv");
    std::fs::write(&csv, CSV).unwrap();
    let (code, told) = world.import(&csv, &[]);
    assert_eq!(
        (code, counts(&told)),
        (0, [3, 2, 0, 2, 0]),
        "the same in another form: {told}"
    );

    // Translated like every push.
    let began = Instant::now();
    loop {
        let pushes = world.pushes();
        assert_eq!(pushes.len(), 2);
        if pushes.iter().all(|push| push["keadaan"] == "terkirim") {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{pushes:?}");
    }
    // A file without a NIB column is refused as a whole.
    let other = world.folder.path().join("lain.csv");
    std::fs::write(&other, "nama,alamat\nA,B\n").unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_simpul"))
        .args(["impor", "nib", other.to_str().unwrap(), "--uji"])
        .output()
        .unwrap();
    assert!(!refused.status.success());
}
