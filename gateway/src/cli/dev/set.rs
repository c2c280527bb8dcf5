//! The sandbox's configuration: config/sandbox as it was compiled in, adapted to the ports, keys and places of one start.

use super::neighbours::{Neighbours, address};
use super::{CONSUMER, Dev};
use crate::config::raw::{RawAuth, RawKey, RawManifests, RawNode, RawOperator, RawSystem};
use crate::config::{Files, Place, Placed, Raw, Source};
use std::net::{Ipv4Addr, SocketAddr};

const PUBLIC_PORT: u16 = 8080;
const OPERATOR_PORT: u16 = 8081;

/// config/sandbox, so that the binary needs no files beside it.
pub(super) fn embedded() -> Files {
    let file = |name: &str, text: &str| Source {
        name: name.into(),
        text: text.to_owned(),
    };
    Files {
        toml: vec![
            file(
                "config/sandbox/keuangan.toml",
                include_str!("../../../../config/sandbox/keuangan.toml"),
            ),
            file(
                "config/sandbox/konsumen.toml",
                include_str!("../../../../config/sandbox/konsumen.toml"),
            ),
            file(
                "config/sandbox/pengadaan.toml",
                include_str!("../../../../config/sandbox/pengadaan.toml"),
            ),
            file(
                "config/sandbox/pengaduan.toml",
                include_str!("../../../../config/sandbox/pengaduan.toml"),
            ),
            file(
                "config/sandbox/perizinan.toml",
                include_str!("../../../../config/sandbox/perizinan.toml"),
            ),
            file(
                "config/sandbox/rantai.toml",
                include_str!("../../../../config/sandbox/rantai.toml"),
            ),
            file(
                "config/sandbox/simpul.toml",
                include_str!("../../../../config/sandbox/simpul.toml"),
            ),
            file(
                "config/sandbox/sistem.toml",
                include_str!("../../../../config/sandbox/sistem.toml"),
            ),
            file(
                "config/sandbox/surat.toml",
                include_str!("../../../../config/sandbox/surat.toml"),
            ),
            file("config/operasi.toml", include_str!("../../../../config/operasi.toml")),
        ],
        ..Files::default()
    }
}

/// Puts in the simulators' addresses, the keys, the ports and the data folder.
pub(super) fn adapt(
    raw: &mut Raw,
    options: &Dev,
    neighbours: &Neighbours,
    keys: &[(String, String)],
    tokens: &[(&str, String)],
) {
    for system in &mut raw.systems {
        if let Some(url) = neighbours.url(&system.id, &system.konektor) {
            for link in &mut system.tautan_berkas {
                link.value = format!("{url}/toko");
            }
            system.alamat.value = url;
        } else if let Some(url) = neighbours.library_instead_of(&system.alamat.value) {
            system.alamat.value = url;
        }
        if system.konektor.value == "sipd" {
            of_year(system, neighbours.year());
        }
    }
    for consumer in raw
        .consumers
        .iter_mut()
        .filter(|consumer| consumer.id.value == CONSUMER)
    {
        consumer.kunci.extend(keys.iter().map(|(prefix, hash)| RawKey {
            awalan: here("kunci.awalan", prefix),
            sha256: here("kunci.sha256", hash),
        }));
    }
    let manifests = raw.manifests.get_or_insert_with(|| RawManifests {
        place: here("manifes", "").place,
        alamat_dalam: Vec::new(),
        rahasia: None,
    });
    manifests
        .alamat_dalam
        .push(here("manifes.alamat_dalam", &neighbours.unregistered()));
    if let Some(node) = &mut raw.node {
        place(node, options, tokens);
    }
}

/// A token of SIPD is for one year: that of the city played here.
fn of_year(system: &mut RawSystem, year: i16) {
    if let RawAuth::Headers { klaim, .. } = &mut system.auth {
        let claims = klaim.iter_mut().filter(|(name, _)| name == "tahun");
        claims.for_each(|(_, value)| value.value = year.to_string());
    }
}

fn place(node: &mut RawNode, options: &Dev, tokens: &[(&str, String)]) {
    let port = |asked: Option<u16>, usual| match asked {
        Some(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        None => address(usual),
    };
    let public = port(options.port, PUBLIC_PORT);
    let operator = port(options.operator_port, OPERATOR_PORT);
    node.dengar = Some(here("dengar", &public.to_string()));
    node.dengar_operator = Some(here("dengar_operator", &operator.to_string()));
    // The sandbox keeps its journal in its own folder, whatever the set says.
    node.jurnal_jenis = None;
    node.jurnal_koneksi = None;
    node.jurnal_skema = None;
    node.jurnal_kolam = None;
    node.jurnal_berkas = Some(here(
        "jurnal.berkas",
        &options.data.join("jurnal.sqlite").display().to_string(),
    ));
    node.log_tingkat = Some(here("log.tingkat", &options.log));
    node.token_operator
        .extend(tokens.iter().map(|(name, hash)| RawOperator {
            nama: here("token_operator.nama", name),
            sha256: here("token_operator.sha256", hash),
            peran: None,
            sandi: None,
        }));
    node.tls = None;
}

/// A value that the command line puts in.
fn here(key: &str, value: &str) -> Placed<String> {
    Placed {
        value: value.to_owned(),
        place: Place {
            file: "simpul dev".into(),
            line: None,
            key: key.to_owned(),
        },
    }
}
