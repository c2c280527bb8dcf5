//! The command line against a running gateway: the real binary, a whole gateway in this process, a simulated library.

#[path = "backup.rs"]
mod backup;
#[path = "security.rs"]
mod security;

use gateway::config::{self, Given, Machine};
use gateway::wiring::{self, Running};
use gateway_core::evidence::sha256;
use serde_json::{Value, json};
use simulators::example::{self, ExampleOptions, Library};
use simulators::frame::Fault;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const TOKEN: &str = "smo_petugas_satu";
const SECOND: &str = "smo_petugas_dua";
const WHY: &str = "perpustakaan sudah pulih";
/// Longest a delivery may take here.
const PATIENCE: Duration = Duration::from_secs(30);

struct World {
    running: Option<Running>,
    library: simulators::Running<Library>,
    folder: TempDir,
    key: String,
    /// The library lives on it.
    _runtime: Runtime,
}

/// What a command said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}\n{}", self.out, self.err))
    }
}

fn world() -> World {
    let runtime = Runtime::new().unwrap();
    let library = runtime.block_on(example::start(ExampleOptions::default())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key = format!("smp_uji_{}", "k".repeat(64));
    let hash = |text: &str| hex::encode(sha256(text.as_bytes()));
    let set = format!(
        r#"
[simpul]
dengar = "127.0.0.1:0"
dengar_operator = "127.0.0.1:0"
utas = 1
henti_paling_lama = "5s"
token_operator = [
    {{ nama = "Petugas Satu", sha256 = "{}" }},
    {{ nama = "Petugas Dua", sha256 = "{}" }},
]
[simpul.jurnal]
berkas = "{}"
[[sistem]]
id = "perpustakaan"
konektor = "perpustakaan"
alamat = "{}"
auth = {{ jenis = "headers", kepala = [{{ nama = "X-Api-Key", nilai = {{ env = "KUNCI" }} }}] }}
pengaturan = {{ kode_buku = {{ "9780000000002" = "BK-001" }} }}
[sistem.pengiriman]
percobaan = 1
[sistem.pengiriman.pemutus]
gagal = 0
[[operasi]]
id = "perpustakaan.reservasi.kirim"
metode = "POST"
jalur = "/v1/reservasi"
sistem = "perpustakaan"
[[simpan]]
nama = "layanan"
operasi = "perpustakaan.reservasi.kirim"
hari = 30
[[konsumen]]
id = "opd-uji"
nama = "OPD uji"
kunci = [{{ awalan = "uji", sha256 = "{}" }}]
[[konsumen.hak]]
operasi = "perpustakaan.reservasi.kirim"
tujuan = "Uji"
dasar_hukum = "Uji"
perjanjian = "1"
"#,
        hash(TOKEN),
        hash(SECOND),
        folder.path().join("jurnal.sqlite").display(),
        library.base_url(),
        hash(&key),
    );
    let file = folder.path().join("simpul.toml");
    std::fs::write(&file, set).unwrap();
    let built = config::from_disk(&file, &Given::new([("KUNCI", "kunci-simulasi")], Machine), None);
    let running = wiring::start(built.unwrap_or_else(|complaints| panic!("{complaints:?}"))).unwrap();
    World {
        running: Some(running),
        library,
        folder,
        key,
        _runtime: runtime,
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

impl World {
    fn operator(&self) -> String {
        format!("http://{}", self.running.as_ref().unwrap().operator())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `simpul …` as the first operator.
    fn simpul(&self, arguments: &str) -> Said {
        self.simpul_as(TOKEN, arguments)
    }

    fn simpul_as(&self, token: &str, arguments: &str) -> Said {
        // Words are parted by blanks; `_` in a word that begins with ":" stands for one.
        let words = arguments.split_whitespace().map(|word| match word.strip_prefix(':') {
            Some(text) => text.replace('_', " "),
            None => word.to_owned(),
        });
        let said = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(["--bahasa", "id"])
            .args(words)
            .env("SIMPUL_OPERATOR", self.operator())
            .env("SIMPUL_TOKEN_OPERATOR", token)
            .output()
            .unwrap();
        Said {
            code: said.status.code().unwrap(),
            out: String::from_utf8(said.stdout).unwrap(),
            err: String::from_utf8(said.stderr).unwrap(),
        }
    }

    /// A consumer reserves a book; returns the number of the exchange.
    fn reserve(&self, reference: &str) -> String {
        let body = json!({"rujukan": reference, "isbn": "9780000000002", "nomor_anggota": "AGT-0001"}).to_string();
        let mut stream = TcpStream::connect(self.running.as_ref().unwrap().public()).unwrap();
        write!(
            stream,
            "POST /v1/reservasi HTTP/1.1\r\nhost: uji\r\nconnection: close\r\nx-api-key: {}\r\n\
             idempotency-key: {reference}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let at = answer.find("/v1/pertukaran/").unwrap_or_else(|| panic!("{answer}"));
        answer[at + "/v1/pertukaran/".len()..][..36].to_owned()
    }

    /// One that was given up.
    fn dead(&self, reference: &str) -> String {
        self.library
            .faults()
            .always("reserve", Fault::Unavailable { retry_after: None });
        let id = self.reserve(reference);
        self.becomes(&id, "gagal");
        self.library.faults().clear();
        id
    }

    fn becomes(&self, id: &str, state: &str) {
        let began = Instant::now();
        loop {
            let shown = self.simpul(&format!("exchange show {id} --json"));
            if shown.code == 0 && shown.json()["keadaan"] == state {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{id} is not {state}: {}", shown.out);
        }
    }

    fn reservations(&self) -> usize {
        self.library.with(|library| library.reservations().len())
    }
}

#[test]
fn a_dead_letter_is_found_understood_and_replayed() {
    let world = world();
    let id = world.dead("R-1");
    let list = world.simpul("exchange list --filter keadaan=gagal,sistem=perpustakaan,sejak=1h");
    assert_eq!(list.code, 0, "{}", list.err);
    assert!(
        list.out.starts_with("WAKTU") && list.out.contains("Gagal") && list.out.contains(&id),
        "{}",
        list.out
    );
    let queue = world.simpul("queue");
    assert!(
        queue.out.contains("perpustakaan") && queue.out.contains("Gagal"),
        "{}",
        queue.out
    );
    let show = world.simpul(&format!("exchange show {id}"));
    assert!(
        show.out.contains("sistem tujuan, tidak masuk") && show.out.contains("503"),
        "{}",
        show.out
    );
    let inside = world.simpul(&format!("exchange inspect {id} --json"));
    assert_eq!(
        (inside.code, &inside.json()["terbuka"]),
        (0, &false.into()),
        "{}",
        inside.out
    );
    assert!(!inside.out.contains("AGT-0001"));
    let open = world.simpul(&format!("exchange inspect {id} --buka --alasan :keluhan_warga"));
    assert!(open.out.contains("AGT-0001"), "{}", open.out);

    let replay = world.simpul(&format!("exchange replay {id} --alasan :{}", WHY.replace(' ', "_")));
    assert_eq!(replay.code, 0, "{}", replay.err);
    world.becomes(&id, "terkirim");
    assert_eq!(world.reservations(), 1);
    let show = world.simpul(&format!("exchange show {id}"));
    assert!(
        show.out.contains("petugas") && show.out.contains("Petugas Satu"),
        "{}",
        show.out
    );
}

#[test]
fn every_ending_has_its_exit_code() {
    let world = world();
    let id = world.reserve("R-1");
    world.becomes(&id, "terkirim");
    let discard = format!("exchange discard {id} --alasan :tidak_jadi_dikirim");
    let conflict = world.simpul(&discard);
    assert_eq!(conflict.code, 5, "{}", conflict.err);
    assert!(
        conflict.err.contains("terkirim") && conflict.out.is_empty(),
        "{}",
        conflict.err
    );
    assert_eq!(
        world.simpul(&format!("{discard} --json")).json()["problem"]["code"],
        "keadaan-tidak-sesuai"
    );
    for (arguments, code) in [
        (format!("exchange confirm {id}"), 5),
        ("exchange show 018f0000-0000-7000-8000-000000000001".to_owned(), 3),
        ("exchange show bukan-nomor".to_owned(), 2),
        ("exchange list --filter status=gagal".to_owned(), 2),
        ("exchange list --filter keadaan=rusak".to_owned(), 2),
        (format!("exchange discard {id} --alasan ya"), 2),
        ("exchange replay --filter keadaan=gagal --dry-run".to_owned(), 2),
        ("queue --operator ftp://127.0.0.1".to_owned(), 2),
        ("queue --token-file tidak-ada".to_owned(), 2),
        ("queue --operator http://127.0.0.1:1".to_owned(), 6),
        ("queue".to_owned(), 0),
    ] {
        let said = world.simpul(&arguments);
        assert_eq!(said.code, code, "{arguments}: {} {}", said.out, said.err);
        assert_eq!(said.err.is_empty(), code == 0, "{arguments}: {}", said.err);
    }
    assert_eq!(world.simpul_as("salah", "queue").code, 4);
    assert_eq!(world.simpul_as("", "queue").code, 2);
}

#[test]
fn an_outage_is_counted_first_and_replayed_as_a_whole() {
    let world = world();
    world
        .library
        .faults()
        .always("reserve", Fault::Unavailable { retry_after: None });
    let ids: Vec<String> = (0..12).map(|n| world.reserve(&format!("R-{n}"))).collect();
    for id in &ids {
        world.becomes(id, "gagal");
    }
    world.library.faults().clear();
    let replay = "exchange replay --filter sistem=perpustakaan";
    let preview = world.simpul(&format!("{replay} --dry-run"));
    assert_eq!(preview.code, 0, "{}", preview.err);
    assert!(preview.out.starts_with("12 pertukaran"), "{}", preview.out);
    let why = format!("--alasan :{}", WHY.replace(' ', "_"));
    let unasked = world.simpul(&format!("{replay} {why}"));
    assert_eq!(unasked.code, 2, "no consent without a terminal");
    assert_eq!(world.reservations(), 0);
    let job = world.simpul(&format!("{replay} {why} --yes --json"));
    let of = &job.json()["pekerjaan"];
    assert_eq!(
        (job.code, &of["diulang"], &of["keadaan"]),
        (0, &12.into(), &"selesai".into()),
        "{}",
        job.err
    );
    for id in &ids {
        world.becomes(id, "terkirim");
    }
    assert_eq!(world.reservations(), 12);
    let nothing = world.simpul(&format!("{replay} {why} --yes"));
    assert!(
        nothing.code == 0 && nothing.out.starts_with("0 pertukaran"),
        "{}",
        nothing.out
    );
}

#[test]
fn discarding_and_stating_that_it_landed() {
    let world = world();
    let (gone, seen) = (world.dead("R-1"), world.dead("R-2"));
    let both = world.simpul(&format!(
        "exchange discard {gone} 018f0000-0000-7000-8000-000000000001 --alasan :tidak_jadi"
    ));
    assert_eq!(both.code, 3, "the worst answer counts: {} {}", both.out, both.err);
    world.becomes(&gone, "dibatalkan");
    let reply = world.file("balasan.json");
    std::fs::write(&reply, r#"{"salah": true}"#).unwrap();
    let landed = format!(
        "exchange landed {seen} --balasan {} --alasan :terlihat_di_sistem",
        reply.display()
    );
    let wrong = world.simpul(&landed);
    assert!(wrong.code == 2 && wrong.err.contains("/balasan"), "{}", wrong.err);
    let fits = json!({"id": "R-000001", "isbn": "9780000000002", "rujukan": "R-2", "status_reservasi": "menunggu"});
    std::fs::write(&reply, fits.to_string()).unwrap();
    let right = world.simpul(&landed);
    assert_eq!(right.code, 0, "{}", right.err);
    world.becomes(&seen, "terkirim");
}

#[test]
fn evidence_is_signed_exported_and_verified_by_strangers() {
    let mut world = world();
    let ids: Vec<String> = (0..4).map(|n| world.reserve(&format!("R-{n}"))).collect();
    ids.iter().for_each(|id| world.becomes(id, "terkirim"));
    let (archive, again, keys) = (world.file("a.bukti"), world.file("b.bukti"), world.file("kunci.txt"));
    let shown = |path: &PathBuf| path.display().to_string();
    assert_eq!(world.simpul(&format!("evidence export {}", shown(&archive))).code, 0);
    // The same batches give the same bytes, from the file too.
    let journal = world.file("jurnal.sqlite");
    let offline = format!("evidence export --journal {} {}", shown(&journal), shown(&again));
    assert_eq!(world.simpul(&offline).code, 0);
    let exported = std::fs::read(&archive).unwrap();
    assert_eq!(exported, std::fs::read(&again).unwrap());
    let nothing = world.simpul(&format!("evidence export --sampai 2020-01-01 {}", shown(&again)));
    assert_eq!(nothing.code, 3, "{}", nothing.err);
    let public = world.simpul("evidence key");
    std::fs::write(&keys, &public.out).unwrap();

    // A proof of one exchange, from the gateway and from the file.
    for from in [String::new(), format!("--journal {}", shown(&journal))] {
        let proof = world.file("bukti.json");
        let made = world.simpul(&format!("evidence prove {} {from} --ke {}", ids[1], shown(&proof)));
        assert_eq!(made.code, 0, "{}", made.err);
        let check = format!("evidence verify {} --kunci {}", shown(&proof), shown(&keys));
        let proved = world.simpul(&format!("{check} --json"));
        assert_eq!(proved.code, 0, "{}", proved.out);
        assert!(proved.json()["bukti"][0]["catatan"].as_str().unwrap().contains(&ids[1]));
        let forged = std::fs::read_to_string(&proof).unwrap().replace(&ids[1], &ids[2]);
        std::fs::write(&proof, forged).unwrap();
        assert_eq!(world.simpul(&check).code, 1);
    }

    // Offline: the gateway is gone, and so is its journal.
    let check = format!("evidence verify {} --kunci {}", shown(&archive), shown(&keys));
    let fine = world.simpul(&format!("{check} --json"));
    assert_eq!(fine.code, 0, "{}", fine.out);
    assert!(fine.json()["catatan"].as_u64().unwrap() >= 4);
    let head = fine.json()["kepala"].as_str().unwrap().to_owned();
    let walked = world.simpul(&format!(
        "evidence verify --journal {} --kepala {head}",
        shown(&journal)
    ));
    assert_eq!(walked.code, 0, "{}", walked.err);
    world.running.take().unwrap().stop();
    std::fs::remove_file(&journal).unwrap();
    let offline = |arguments: &str| {
        let said = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(["--bahasa", "en"])
            .args(arguments.split(' '))
            .output()
            .unwrap();
        (
            said.status.code().unwrap(),
            String::from_utf8(said.stdout).unwrap(),
            String::from_utf8(said.stderr).unwrap(),
        )
    };
    let (code, out, _) = offline(&format!("{check} --kepala {head}"));
    assert!(code == 0 && out.contains("sound"), "{out}");
    let python = |file: &PathBuf| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/periksa-bukti.py");
        let said = Command::new("python3").arg(script).arg(&keys).arg(file).output();
        said.ok()
            .map(|said| (said.status.code(), String::from_utf8(said.stdout).unwrap()))
    };
    match python(&archive) {
        None => eprintln!("no python3 here: the independent verifier was not run"),
        Some((code, out)) => {
            assert_eq!((code, out.contains(&head)), (Some(0), true), "{out}");
        }
    }

    // An altered record, one that is gone, another's signature.
    let text = String::from_utf8(exported).unwrap();
    let third = text.lines().find(|line| line.starts_with("c 3 ")).unwrap();
    let own = public.out.split_whitespace().next().unwrap();
    let other = format!("{}  # lain", "11".repeat(32));
    for (changed, trusted, says) in [
        (
            text.replace(third, &third.replace("perpustakaan", "perpustakaaN")),
            &public.out,
            "record 3 of chain main",
        ),
        (
            text.replace(&format!("{third}\n"), ""),
            &public.out,
            "record 3 of chain main",
        ),
        (text.clone(), &other, "not trusted"),
        (text.replace(own, &"22".repeat(32)), &public.out, "not trusted"),
    ] {
        std::fs::write(&archive, changed).unwrap();
        std::fs::write(&keys, trusted).unwrap();
        let (code, _, told) = offline(&check);
        assert!(code == 1 && told.contains(says), "{says}: {told}");
        if let Some((code, out)) = python(&archive) {
            assert!(code == Some(1) && out.contains(says), "{says}: {out}");
        }
    }
    let no_journal = world.file("bukan.sqlite");
    std::fs::write(&no_journal, "bukan jurnal").unwrap();
    assert_ne!(
        offline(&format!("evidence verify --journal {}", shown(&no_journal))).0,
        0
    );
}

#[test]
fn the_gateway_goes_down_without_waiting_for_its_operator_port() {
    let mut world = world();
    world.simpul("queue");
    let began = Instant::now();
    world.running.take().unwrap().stop();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
