//! TL53–TL55: a system with an authority of its own that asks for our certificate: reached by what `[sistem.tls]` names and by nothing
//! else, and `/metrics` says until when each certificate holds.

use crate::certificates::{certificate, issuer};
use crate::wire::{call, send};
use crate::world::{World, consumer, grant, key, world};
use rcgen::{ExtendedKeyUsagePurpose, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::path::Path;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use toml::{Table, Value};

const OFFICE: &str = "dinas-tls";
const BOOK: &str = "/v1/perpustakaan/buku/9780000000002";

fn pem(kind: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
}

/// Stands before a system: TLS with a certificate of its own authority, for those alone who show one of it.
async fn before(
    port: u16,
    system: String,
    shown: (CertificateDer<'static>, PrivateKeyDer<'static>),
    ca: CertificateDer<'static>,
) -> tokio::task::JoinHandle<()> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(ca).unwrap();
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(vec![shown.0], shown.1)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, system) = (acceptor.clone(), system.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let Ok(mut system) = TcpStream::connect(system).await else {
                    return;
                };
                let _ended = tokio::io::copy_bidirectional(&mut stream, &mut system).await;
            });
        }
    })
}

async fn gateway(tls: &str, change: impl FnOnce(&mut Table, &str)) -> World {
    let tls: Table = tls.parse().unwrap();
    world(|table| {
        consumer(table, OFFICE, &grant(r#""perpustakaan.buku.lihat""#, ""));
        let systems = table.get_mut("sistem").and_then(Value::as_array_mut).unwrap();
        let library = systems
            .iter_mut()
            .find(|one| one["konektor"].as_str() == Some("perpustakaan"))
            .unwrap();
        let address = library["alamat"].as_str().unwrap().to_owned();
        let library = library.as_table_mut().unwrap();
        if !tls.is_empty() {
            library.insert("tls".into(), Value::Table(tls));
        }
        change(library, &address);
    })
    .await
}

/// What `simpul doctor` finds wrong with the library.
async fn examined(world: &World) -> Vec<serde_json::Value> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_simpul-uji"));
    command
        .args(["doctor", "--json", "--config"])
        .arg(world.setup.path())
        .envs(world.setup.secrets().iter().cloned());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = told["butir"].as_array().unwrap();
    let library = findings.iter().filter(|one| one["dari"] == "perpustakaan");
    let secured = library.clone().any(|one| one["perihal"] == "tls");
    assert!(secured, "TLS is looked at: {told}");
    library.filter(|one| one["hasil"] == "fail").cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tl53_tl54_tl55_a_system_is_known_by_its_own_authority_and_shown_our_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let write = |name: &str, text: &str| std::fs::write(Path::new(&at(name)), text).unwrap();
    let (bundle, authority) = issuer();
    let ca = <CertificateDer<'_> as rustls::pki_types::pem::PemObject>::from_pem_slice(bundle.as_bytes()).unwrap();
    write("ca.pem", &bundle);
    write("lain.pem", &issuer().0);
    let (chain, key_der) = certificate(&authority, |params| params.not_after = date_time_ymd(2096, 1, 1));
    write("klien.pem", &pem("CERTIFICATE", &chain));
    write("kunci.pem", &pem("PRIVATE KEY", key_der.secret_der()));
    let served = || {
        certificate(&authority, |params| {
            params.subject_alt_names = vec![rcgen::SanType::DnsName("localhost".try_into().unwrap())];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            params.not_after = date_time_ymd(2097, 1, 1);
        })
    };
    let (known, client) = (
        format!("ca = \"{}\"\n", at("ca.pem")),
        format!(
            "sertifikat = \"{}\"\nkunci = {{ file = \"{}\" }}\n",
            at("klien.pem"),
            at("kunci.pem")
        ),
    );
    let stranger = format!("ca = \"{}\"\n", at("lain.pem"));
    let cases = [
        (format!("{known}{client}"), 200),
        // Without our certificate, without their authority, by another authority.
        (known.clone(), 503),
        (client.clone(), 503),
        (format!("{stranger}{client}"), 503),
        (String::new(), 503),
    ];
    for (tls, expected) in cases {
        // The proxy must know where the library is, which the set-up says.
        let (told, found) = std::sync::mpsc::channel();
        let placed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = placed.local_addr().unwrap().port();
        drop(placed);
        let world = gateway(&tls, |library, address| {
            told.send(address.replace("http://", "")).unwrap();
            library.insert("alamat".into(), Value::from(format!("https://localhost:{port}")));
            library.remove("izinkan_tanpa_tls");
        })
        .await;
        let system = found.recv().unwrap();
        let shown = served();
        let listening = before(port, system, shown, ca.clone()).await;
        let book = send(&world.public, call("GET", BOOK, &key(OFFICE), "", "")).await;
        assert_eq!(book.status, expected, "{tls}: {}", book.json());
        let failed = examined(&world).await;
        assert_eq!(failed.is_empty(), expected == 200, "{tls}: {failed:?}");
        // Seen and found good, though it may have hung up on us after that.
        let vouched = tls.contains("ca.pem").then_some(true);
        let expected = (tls.contains("sertifikat").then_some(true), vouched);
        // Figures are read anew once a second.
        let begun = std::time::Instant::now();
        loop {
            let message = "GET /metrics HTTP/1.1\r\nHost: operator.invalid\r\n\r\n";
            let metrics = send(&world.operator, message).await;
            let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
            let left = |used: &str, name: &str| {
                let label = format!("simpul_certificate_left_seconds{{use=\"{used}\",name=\"{name}\"}} ");
                let line = metrics
                    .lines()
                    .find_map(|line| line.strip_prefix(&label).map(str::to_owned));
                line.map(|text| text.parse::<f64>().unwrap() > 1e9)
            };
            let found = (
                left("client", "perpustakaan"),
                left("upstream", &format!("localhost:{port}")),
            );
            if found == expected {
                break;
            }
            assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{tls}: {found:?}");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        listening.abort();
    }
}
