//! A whole gateway over loopback: up, reload, down. Its systems point at a port where nothing listens.

use super::*;
use crate::config::{CONNECTORS, Files, Given, Machine, Source, build, check, parse};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

fn set(folder: &Path, public: SocketAddr, path: &str) -> Result<Built, Vec<Complaint>> {
    set_over(folder, public, path, None)
}

fn set_over(folder: &Path, public: SocketAddr, path: &str, previous: Option<&Built>) -> Result<Built, Vec<Complaint>> {
    let text = format!(
        r#"
[simpul]
dengar = "{public}"
dengar_operator = "127.0.0.1:0"
utas = 2
henti_paling_lama = "5s"
[simpul.jurnal]
berkas = "{}"
[[sistem]]
id = "perpustakaan"
konektor = "perpustakaan"
alamat = "http://127.0.0.1:9"
auth = {{ jenis = "headers", kepala = [{{ nama = "X-Api-Key", nilai = {{ env = "KUNCI" }} }}] }}
pengaturan = {{ kode_buku = {{ "9780000000002" = "BK-001" }} }}
[[operasi]]
id = "perpustakaan.buku.lihat"
metode = "GET"
jalur = "{path}"
sistem = "perpustakaan"
"#,
        folder.join("dalam/jurnal.sqlite").display()
    );
    let source = Source {
        name: "uji.toml".into(),
        text,
    };
    let files = Files {
        toml: vec![source],
        ..Files::default()
    };
    build(
        check(&parse(&files), CONNECTORS)?,
        &Given::new([("KUNCI", "x")], Machine),
        previous,
    )
}

fn free() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn get(at: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: uji\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn status(at: SocketAddr, path: &str) -> u16 {
    get(at, path)
        .get(9..12)
        .and_then(|code| code.parse().ok())
        .unwrap_or_default()
}

#[test]
fn up_reload_and_down() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(set(folder.path(), free(), "/v1/buku/{isbn}").unwrap()).unwrap();
    let (public, operator) = (running.public(), running.operator());
    // Every data-plane thread answers on the one port.
    for _ in 0..16 {
        assert_eq!(status(public, "/v1/buku/9780000000002"), 401);
    }
    assert_eq!(status(public, "/v1/pustaka/9780000000002"), 404);
    assert_eq!(status(operator, "/readyz"), 200);

    let newer = set_over(folder.path(), free(), "/v1/pustaka/{isbn}", Some(running.built()));
    running.reload(newer);
    assert_eq!(status(public, "/v1/pustaka/9780000000002"), 401);
    assert_eq!(status(public, "/v1/buku/9780000000002"), 404);

    let wrong = set_over(folder.path(), free(), "/v1/Pustaka/", Some(running.built()));
    assert!(wrong.is_err());
    running.reload(wrong);
    assert_eq!(
        status(public, "/v1/pustaka/9780000000002"),
        401,
        "the old one stays in force"
    );
    let metrics = get(operator, "/metrics");
    assert!(metrics.contains("simpul_config_errors 1\n"), "{metrics}");

    running.stop();
    assert!(TcpStream::connect(public).is_err() && TcpStream::connect(operator).is_err());
    // The journal is closed: another run may open it.
    start(set(folder.path(), public, "/v1/buku/{isbn}").unwrap())
        .unwrap()
        .stop();
}

#[test]
fn a_taken_address_is_told_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind(free()).unwrap();
    let address = taken.local_addr().unwrap();
    let error = start(set(folder.path(), address, "/v1/buku/{isbn}").unwrap())
        .err()
        .unwrap();
    assert!(matches!(error, StartError::Listen(at, _) if at == address), "{error}");
    drop(taken);
    start(set(folder.path(), address, "/v1/buku/{isbn}").unwrap())
        .unwrap()
        .stop();
}

#[test]
fn two_gateways_never_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(set(folder.path(), free(), "/v1/buku/{isbn}").unwrap()).unwrap();
    let error = start(set(folder.path(), free(), "/v1/buku/{isbn}").unwrap())
        .err()
        .unwrap();
    assert!(matches!(error, StartError::Journal { .. }), "{error}");
    first.stop();
}
