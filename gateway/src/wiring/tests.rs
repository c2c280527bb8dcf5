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
    // With TLS where the test has put certificates.
    let tls = match folder.join("sertifikat.pem").exists() {
        true => format!(
            "[simpul.tls]\nsertifikat = \"{0}/sertifikat.pem\"\nkunci = {{ file = \"{0}/kunci.pem\" }}",
            folder.display()
        ),
        false => String::new(),
    };
    let text = format!(
        r#"
[simpul]
dengar = "{public}"
dengar_operator = "127.0.0.1:0"
utas = 2
henti_paling_lama = "5s"
[simpul.jurnal]
berkas = "{}"
{tls}
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

/// Writes a certificate for `localhost` and its key, as a renewal does, and says what a client must trust.
fn certify(folder: &Path) -> rustls::pki_types::CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("sertifikat.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("kunci.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

type Secured = rustls::StreamOwned<rustls::ClientConnection, TcpStream>;

/// A connection with its handshake done; an error when the certificate is another one.
fn secured(at: SocketAddr, trusted: &rustls::pki_types::CertificateDer<'static>) -> std::io::Result<Secured> {
    let config = crate::outbound::tls::client_trusting([trusted.clone()]).unwrap();
    let client = rustls::ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let mut stream = rustls::StreamOwned::new(client, TcpStream::connect(at)?);
    stream.conn.complete_io(&mut stream.sock)?;
    Ok(stream)
}

/// One call on a connection that stays open.
fn ask(stream: &mut Secured) -> String {
    write!(stream, "GET /v1/buku/9780000000002 HTTP/1.1\r\nHost: uji\r\n\r\n").unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).unwrap();
    let mut rest = vec![0; 16 * 1024];
    _ = stream.read(&mut rest).unwrap();
    String::from_utf8(answer).unwrap()
}

#[test]
fn certificates_are_renewed_under_open_connections_and_bad_ones_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let mut running = start(set(folder.path(), free(), "/v1/buku/{isbn}").unwrap()).unwrap();
    let public = running.public();
    let mut open = secured(public, &first).unwrap();
    assert_eq!(ask(&mut open), "HTTP/1.1 401");

    let second = certify(folder.path());
    let newer = set_over(folder.path(), free(), "/v1/buku/{isbn}", Some(running.built()));
    running.reload(newer);
    assert_eq!(ask(&mut secured(public, &second).unwrap()), "HTTP/1.1 401");
    assert!(
        secured(public, &first).is_err(),
        "the old certificate is not shown any more"
    );
    assert_eq!(ask(&mut open), "HTTP/1.1 401", "what was open stays open");

    std::fs::write(folder.path().join("sertifikat.pem"), "bukan sertifikat").unwrap();
    let newer = set_over(folder.path(), free(), "/v1/buku/{isbn}", Some(running.built()));
    running.reload(newer);
    assert_eq!(
        ask(&mut secured(public, &second).unwrap()),
        "HTTP/1.1 401",
        "the good one stays"
    );
    assert!(get(running.operator(), "/metrics").contains("simpul_config_errors 1\n"));
    running.stop();
}
