//! The sets that ship pass; one broken set shows every complaint at once; the reference file knows every key; nothing
//! of a secret is ever printed; a reload keeps what did not change.

use super::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn config(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(name)
}

fn shown(complaints: &[Complaint], root: &Path) -> String {
    let root = format!("{}/", root.display());
    let one = |c: &Complaint| {
        let (what, advice) = (&c.what, &c.advice);
        format!(
            "{}\n  {}\n    {}\n  {}\n    {}\n",
            c.place, what.id, advice.id, what.en, advice.en
        )
    };
    complaints.iter().map(one).collect::<String>().replace(&root, "")
}

fn complaints_of(files: &Files) -> Vec<Complaint> {
    check(&parse(files), CONNECTORS).err().unwrap_or_default()
}

fn text(toml: &str) -> Files {
    let source = Source {
        name: "uji.toml".into(),
        text: toml.to_owned(),
    };
    Files {
        toml: vec![source],
        ..Files::default()
    }
}

#[test]
fn the_sets_that_ship_are_sound() {
    for name in ["sandbox", "contoh", "rujukan.toml"] {
        let files = load(&config(name)).unwrap();
        assert_eq!(shown(&complaints_of(&files), &config("")), "", "{name}");
    }
}

/// One mistake of every kind, all told at once. `UPDATE_GOLDEN=1` writes what is told now.
#[test]
fn a_broken_set_hears_everything_at_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/testdata");
    let told = shown(
        &complaints_of(&load(&folder.join("rusak")).unwrap()),
        &folder.join("rusak"),
    );
    let golden = folder.join("rusak.txt");
    if secrets::environment("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &told).unwrap();
    }
    assert_eq!(told, std::fs::read_to_string(&golden).unwrap());
    assert!(
        !told.contains("canary"),
        "what stood where a secret belongs is repeated"
    );
    assert!(
        told.matches('\n').count() > 5 * 40,
        "the set has more mistakes than were told"
    );
}

#[test]
fn the_reference_file_has_every_key() {
    let raw = parse(&load(&config("rujukan.toml")).unwrap());
    let text = std::fs::read_to_string(config("rujukan.toml")).unwrap();
    // Kinds of credentials that no connector takes yet, and the other kind of journal, stand there as comments.
    let uncommented = text.replace(
        "\n# [sistem.auth]\n# jenis = \"hmac\"",
        "\n[[sistem]]\n[sistem.auth]\njenis = \"hmac\"",
    );
    let uncommented = [
        "algoritma",
        "kunci",
        "kepala_tanda_tangan",
        "kepala_waktu",
        "koneksi",
        "skema",
        "kolam",
    ]
    .iter()
    .fold(uncommented, |text, key| {
        text.replace(&format!("\n# {key} ="), &format!("\n{key} ="))
    });
    let whole: toml::Table = uncommented.parse().unwrap();
    let mut written = BTreeSet::new();
    shapes("", &toml::Value::Table(whole), &mut written);
    let missing: Vec<_> = raw.asked.difference(&written).collect();
    assert!(missing.is_empty(), "not in config/rujukan.toml: {missing:?}");
    assert!(raw.asked.len() > 90, "the reader noted only {} keys", raw.asked.len());
    let hmac = ["algoritma", "kunci", "kepala_tanda_tangan", "kepala_waktu"].map(|key| format!("sistem.auth.{key}"));
    assert!(hmac.iter().all(|key| written.contains(key)));
}

fn shapes(path: &str, value: &toml::Value, found: &mut BTreeSet<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                shapes(&path, value, found);
                found.insert(path);
            }
        }
        toml::Value::Array(many) => many.iter().for_each(|one| shapes(path, one, found)),
        _ => {}
    }
}

/// The defaults that the reference file claims are the defaults that are taken.
#[test]
fn the_reference_file_shows_the_defaults() {
    let written = check(&parse(&load(&config("rujukan.toml")).unwrap()), CONNECTORS).unwrap();
    let (node, default) = (&written.node, Node::default());
    let facts = |node: &Node| {
        let Node {
            name,
            listen,
            operator,
            threads,
            zone,
            ended,
            journal,
            limits,
            worker,
            pushes,
            log,
            stop_within,
            tls: _,
            master_key: _,
            evidence_key: _,
            bind_every,
            roots,
            operators: _,
            receivers: _,
        } = node;
        format!(
            "{name} {listen} {operator} {threads} {zone:?} {ended:?} {journal:?} {limits:?} {worker:?} {pushes:?} {log:?} {stop_within:?} {roots:?} {bind_every:?}"
        )
    };
    assert_eq!(facts(node), facts(&default));
    let policy = |id: &str| {
        written
            .systems
            .iter()
            .find(|s| s.id == id)
            .map(|s| s.policy.clone())
            .unwrap()
    };
    let (mut given, bare) = (policy("lapor"), policy("lapor-oauth"));
    given.deadline = None;
    assert_eq!(given, bare);
}

const SMALL: &str = r#"
[simpul]
[[sistem]]
id = "laksa"
konektor = "laksa"
alamat = "http://127.0.0.1:9102"
auth = { jenis = "basic", pengguna = "simpul", sandi = { env = "SANDI" } }
[[sistem]]
id = "perpustakaan"
konektor = "perpustakaan"
alamat = "http://127.0.0.1:9100"
auth = { jenis = "headers", kepala = [{ nama = "X-Api-Key", awalan = "Key ", nilai = { env = "KUNCI" } }] }
pengaturan = { kode_buku = { "9780000000002" = "BK-001" } }
[[operasi]]
id = "perpustakaan.buku.lihat"
metode = "GET"
jalur = "/v1/buku/{isbn}"
sistem = "perpustakaan"
[[konsumen]]
id = "opd"
nama = "OPD"
kunci = [{ awalan = "a", sha256 = "0000000000000000000000000000000000000000000000000000000000000001" }]
[[konsumen.hak]]
operasi = "perpustakaan.buku.lihat"
tujuan = "Uji"
dasar_hukum = "Uji"
perjanjian = "1"
"#;

fn vault(password: &str) -> Given<Machine> {
    Given::new([("SANDI", password), ("KUNCI", "canary-kunci")], Machine)
}

fn built(toml: &str, vault: &dyn Vault, previous: Option<&Built>) -> Result<Built, Vec<Complaint>> {
    build(check(&parse(&text(toml)), CONNECTORS)?, vault, previous)
}

/// A machine in a year of its own, whose secrets are all a token for 2031.
struct InYear(i16);

impl Vault for InYear {
    fn read(&self, _name: &SecretRef) -> Result<connector_sdk::Secret, connector_sdk::Text> {
        Ok(connector_sdk::Secret::new("e30.eyJ0YWh1biI6MjAzMX0.x"))
    }

    fn year(&self) -> i16 {
        self.0
    }
}

#[test]
fn a_token_is_for_the_running_year() {
    let headers = r#"nilai = { env = "KUNCI" } }] }"#;
    assert!(SMALL.contains(headers));
    let claiming = |year: &str| {
        let claimed = format!("{}, klaim = {{ tahun = \"{year}\" }} }}", &headers[..headers.len() - 2]);
        SMALL.replace(headers, &claimed)
    };
    assert!(built(&claiming("{tahun}"), &InYear(2031), None).is_ok());
    assert!(
        built(&claiming("2031"), &InYear(2030), None).is_ok(),
        "a year that is written stays that year"
    );
    let complaints = built(&claiming("{tahun}"), &InYear(2032), None).err().unwrap();
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].what.en.contains("tahun"), "{}", complaints[0].what.en);
}

#[test]
fn a_reload_keeps_what_did_not_change() {
    let first = built(SMALL, &vault("canary-lama"), None).unwrap();
    let changed = SMALL.replace("9780000000002", "9780000000019");
    let second = built(&changed, &vault("canary-lama"), Some(&first)).unwrap();
    let system = |built: &Built, id: &str| Arc::clone(built.catalogue.systems.get(id).unwrap());
    assert!(Arc::ptr_eq(&system(&first, "laksa"), &system(&second, "laksa")));
    assert!(!Arc::ptr_eq(
        &system(&first, "perpustakaan"),
        &system(&second, "perpustakaan")
    ));
    let grant = |built: &Built| {
        Arc::clone(
            built.catalogue.consumers["opd"]
                .grants
                .get("perpustakaan.buku.lihat")
                .unwrap(),
        )
    };
    assert!(Arc::ptr_eq(&grant(&first), &grant(&second)), "the quota starts anew");

    let third = built(&changed, &vault("canary-baru"), Some(&second)).unwrap();
    assert!(
        !Arc::ptr_eq(&system(&second, "laksa"), &system(&third, "laksa")),
        "a new password is not taken"
    );
}

#[test]
fn a_missing_secret_is_named_with_its_place() {
    let complaints = built(
        SMALL,
        &Given::new([("SANDI", "")], Given::new([("KUNCI", "x")], Machine)),
        None,
    )
    .unwrap_err();
    let told = shown(&complaints, Path::new("-"));
    assert!(
        told.starts_with("uji.toml:7 sistem[0].auth.sandi\n  rahasianya kosong\n"),
        "{told}"
    );
}

#[test]
fn a_master_key_of_the_wrong_form_is_refused_and_not_repeated() {
    let toml = SMALL.replace("[simpul]", "[simpul]\njurnal = { kunci_induk = { env = \"INDUK\" } }");
    let vault = Given::new([("INDUK", "canary-induk")], vault("x"));
    let told = shown(&built(&toml, &vault, None).unwrap_err(), Path::new("-"));
    assert!(
        told.starts_with("uji.toml:3 simpul.jurnal.kunci_induk\n  kunci induk bukan 64"),
        "{told}"
    );
    assert!(!told.contains("canary"), "{told}");
}

const READ_BY_US: &str =
    "[[jadwal]]\nid = \"buku\"\noperasi = \"perpustakaan.buku.lihat\"\nsetiap = \"1d\"\ntujuan = \"Uji\"\n";

#[test]
fn an_event_of_a_reading_that_only_consumers_do_is_refused() {
    let event = "\n[[peristiwa]]\ndari = \"perpustakaan.buku.lihat\"\njenis = \"buku.terbaca\"\n";
    let told = shown(&complaints_of(&text(&format!("{SMALL}{event}"))), Path::new("-"));
    assert!(
        told.contains("only read by consumers; this event never happens"),
        "{told}"
    );
    let told = shown(
        &complaints_of(&text(&format!("{SMALL}{event}{READ_BY_US}"))),
        Path::new("-"),
    );
    assert_eq!(told, "");
}

#[test]
fn a_look_up_sooner_than_the_list_shows_is_doubted_and_allowed() {
    let with = |lag: &str| {
        let toml = SMALL.replace(
            "[[sistem]]",
            &format!("[[sistem]]\npengiriman = {{ cari_setelah = \"1m\", tunda_daftar = \"{lag}\" }}"),
        );
        check(&parse(&text(&toml)), CONNECTORS).unwrap().doubts
    };
    assert_eq!(with("1m"), []);
    let doubts = with("2m");
    assert!(
        shown(&doubts, Path::new("-")).contains("cari_setelah is shorter than tunda_daftar"),
        "{doubts:?}"
    );
}

#[test]
fn pointers_of_an_event_lead_somewhere_in_the_reply() {
    let event = |pointer: &str, when: &str| {
        let operation = "perpustakaan.buku.lihat";
        let toml = format!(
            "{SMALL}\n{READ_BY_US}[[peristiwa]]\ndari = \"{operation}\"\njenis = \"buku.terbaca\"\nsubjek = [\"{pointer}\"]\nbila = {{ \"{when}\" = \"a\" }}"
        );
        shown(&complaints_of(&text(&toml)), Path::new("-"))
    };
    assert_eq!(event("/isbn", "/judul"), "");
    let told = event("/isbnn", "/judul/x");
    assert!(told.contains("`/isbnn` tidak ada di balasan"), "{told}");
    assert!(told.contains("`/judul/x` is not in the reply"), "{told}");
}

/// A set on PostgreSQL with these lines in [simpul.jurnal].
fn shared(journal: &str) -> String {
    SMALL.replace(
        "[simpul]",
        &format!("[simpul]\nnama = \"satu\"\n[simpul.jurnal]\njenis = \"postgres\"\n{journal}"),
    )
}

#[test]
fn a_shared_journal_needs_its_connection_and_a_key_of_its_own() {
    let told = shown(&complaints_of(&text(&shared(""))), Path::new("-"));
    assert!(told.contains("jurnal postgres tanpa `koneksi`"), "{told}");
    assert!(told.contains("jurnal postgres tanpa `kunci_induk`"), "{told}");
    let keys = "koneksi = { env = \"JURNAL\" }\nkunci_induk = { env = \"INDUK\" }\n";
    let mixed = shared(&format!("{keys}berkas = \"a.sqlite\"\nskema = \"Besar\"\nkolam = 1"));
    let told = shown(&complaints_of(&text(&mixed)), Path::new("-"));
    assert!(told.contains("`berkas` hanya untuk jenis \"sqlite\""), "{told}");
    assert!(told.contains("nama skema tidak sah"), "{told}");
    assert!(told.contains("`kolam` bukan bilangan bulat mulai dari 4"), "{told}");
    let nameless = shared(keys).replace("nama = \"satu\"\n", "");
    let told = shown(&complaints_of(&text(&nameless)), Path::new("-"));
    assert!(told.contains("jurnal postgres tanpa `nama` node"), "{told}");
}

#[test]
fn a_connection_is_taken_as_text_or_url_and_never_repeated() {
    let keys = "koneksi = { env = \"JURNAL\" }\nkunci_induk = { env = \"INDUK\" }\nskema = \"kota\"\nkolam = 6\n";
    let built = |connection: &str| {
        let induk = "00".repeat(32);
        let known = [("INDUK", induk.as_str()), ("JURNAL", connection)];
        build(
            check(&parse(&text(&shared(keys))), CONNECTORS)?,
            &Given::new(known, vault("x")),
            None,
        )
    };
    for connection in [
        "host=db.invalid port=5433 user=simpul password=canary dbname=jurnal",
        "postgresql://simpul:canary@db.invalid:5433/jurnal",
    ] {
        let database = built(connection).unwrap().database.unwrap();
        assert_eq!(database.place(), "db.invalid:5433/jurnal (kota)");
        assert_eq!((database.connections, database.node.as_str()), (6, "satu"));
        assert!(!format!("{database:?}").contains("canary"));
    }
    for wrong in ["canary", "host=db.invalid canary=1", "user=canary"] {
        let told = shown(&built(wrong).unwrap_err(), Path::new("-"));
        assert!(told.contains("simpul.jurnal.koneksi\n  koneksi bukan"), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}

#[test]
fn no_secret_is_ever_printed() {
    let raw = parse(&text(SMALL));
    let checked = check(&raw, CONNECTORS).unwrap();
    let printed = format!("{raw:?} {checked:?}");
    let built = build(checked, &vault("canary-sandi"), None).unwrap();
    let systems: Vec<_> = built
        .catalogue
        .systems
        .values()
        .map(|s| format!("{:?} {:?}", s.auth, s.headers))
        .collect();
    let printed = format!("{printed} {built:?} {systems:?}");
    assert!(!printed.contains("canary"), "{printed}");
    assert!(printed.contains("SANDI"), "names of secrets may be printed");
}

#[test]
fn dates_of_grants_are_days_of_the_city() {
    let toml = SMALL.replace(
        "perjanjian = \"1\"",
        "perjanjian = \"1\"\nberlaku_dari = 2026-01-01\nberlaku_sampai = 2026-01-31",
    );
    let built = built(&toml, &vault("x"), None).unwrap();
    let grant = &built.catalogue.consumers["opd"].grants["perpustakaan.buku.lihat"];
    assert_eq!(grant.from, Some("2026-01-01T00:00:00+07:00".parse().unwrap()));
    assert_eq!(
        grant.until,
        Some("2026-02-01T00:00:00+07:00".parse().unwrap()),
        "the last day counts whole"
    );
}

#[test]
fn a_receiver_inside_is_one_host_and_its_port() {
    let receivers = |written: &str| {
        let files = text(&format!(
            "[simpul]\n[simpul.langganan]\npenerima_dalam = [\"{written}\"]\n"
        ));
        check(&parse(&files), CONNECTORS).map(|checked| checked.node.receivers)
    };
    let one = |host: &str, port| vec![(host.to_owned(), port)];
    assert_eq!(
        receivers("penerima.opd.invalid:8443").unwrap(),
        one("penerima.opd.invalid", 8443)
    );
    assert_eq!(receivers("127.0.0.1:9000").unwrap(), one("127.0.0.1", 9000));
    for bad in [
        "*.opd.invalid:443",
        "https://penerima.opd.invalid:443",
        "penerima.opd.invalid",
        "penerima.opd.invalid:0",
        "penerima.opd.invalid:443/jalur",
        "a@penerima.opd.invalid:443",
        "",
    ] {
        assert!(receivers(bad).is_err(), "{bad}");
    }
}
