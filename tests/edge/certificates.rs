//! AU58: consumers by client certificate: none, of another issuer, ended, for another use, revoked, of nobody.

use crate::world::{World, consumer, grant, key, world};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use toml::Value;

const OFFICE: &str = "dinas-sertifikat";
const NAME: &str = "dinas.contoh.invalid";
const BOOK: &str = "/v1/perpustakaan/buku/9780000000002";

pub type Pair = (CertificateDer<'static>, PrivateKeyDer<'static>);

pub fn issuer() -> (String, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, Issuer::new(params, key))
}

pub fn certificate(issuer: &Issuer<'static, KeyPair>, change: impl FnOnce(&mut CertificateParams)) -> Pair {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut params);
    let made = params.signed_by(&key, issuer).unwrap();
    (
        made.der().clone(),
        PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
    )
}

fn revoked(issuer: &Issuer<'static, KeyPair>, serial: u64) -> String {
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2025, 1, 1),
        next_update: date_time_ymd(2125, 1, 1),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2025, 1, 2),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(issuer).unwrap().pem().unwrap()
}

/// The status of a call; 0 when the connection came to nothing.
async fn ask(world: &World, root: &CertificateDer<'static>, shown: Option<Pair>, more: &str) -> u16 {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match shown {
        Some((certificate, key)) => config.with_client_auth_cert(vec![certificate], key).unwrap(),
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(&world.public).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let Ok(mut stream) = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
    else {
        return 0;
    };
    let head = format!("GET {BOOK} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer);
    text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn au58_a_certificate_stands_for_its_consumer_and_only_while_it_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(at("rantai.pem"), own.cert.pem()).unwrap();
    std::fs::write(at("kunci.pem"), own.signing_key.serialize_pem()).unwrap();
    let root = own.cert.der().clone();
    let (bundle, ours) = issuer();
    std::fs::write(at("ca.pem"), bundle).unwrap();
    std::fs::write(at("cabut.pem"), revoked(&ours, 77)).unwrap();
    let world = world(|table| {
        let right = grant(r#""perpustakaan.buku.lihat""#, "");
        consumer(table, OFFICE, &format!("sertifikat = [\"{NAME}\"]\n{right}"));
        consumer(table, "dinas-lain", &right);
        let tls = format!(
            "sertifikat = \"{}\"\nkunci = {{ file = \"{}\" }}\nca_klien = \"{}\"\ndaftar_cabut = [\"{}\"]",
            at("rantai.pem"),
            at("kunci.pem"),
            at("ca.pem"),
            at("cabut.pem")
        );
        let node = table.get_mut("simpul").and_then(Value::as_table_mut).unwrap();
        node.insert("tls".into(), Value::Table(tls.parse().unwrap()));
    })
    .await;

    let good = || certificate(&ours, |_| {});
    assert_eq!(ask(&world, &root, Some(good()), "").await, 200);
    assert_eq!(
        ask(&world, &root, None, "").await,
        401,
        "none is asked for, but nobody is nobody"
    );
    let with_key = |id: &str| format!("X-API-Key: {}\r\n", key(id));
    assert_eq!(
        ask(&world, &root, None, &with_key("dinas-lain")).await,
        200,
        "another credential"
    );
    assert_eq!(
        ask(&world, &root, Some(good()), &with_key(OFFICE)).await,
        200,
        "both of one"
    );
    assert_eq!(
        ask(&world, &root, Some(good()), &with_key("dinas-lain")).await,
        401,
        "of two consumers"
    );

    let (_, foreign) = issuer();
    let stranger = certificate(&ours, |p| {
        *p = {
            let mut other = CertificateParams::new(vec!["lain.contoh.invalid".to_owned()]).unwrap();
            other.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            other
        }
    });
    assert_eq!(ask(&world, &root, Some(stranger), "").await, 401, "of nobody");
    for (what, bad) in [
        ("another issuer", certificate(&foreign, |_| {})),
        ("ended", certificate(&ours, |p| p.not_after = date_time_ymd(2025, 1, 1))),
        (
            "not yet",
            certificate(&ours, |p| p.not_before = date_time_ymd(2125, 1, 1)),
        ),
        (
            "for servers",
            certificate(&ours, |p| {
                p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            }),
        ),
        (
            "revoked",
            certificate(&ours, |p| p.serial_number = Some(SerialNumber::from(77_u64))),
        ),
    ] {
        assert_eq!(ask(&world, &root, Some(bad), "").await, 0, "{what}");
    }
}
