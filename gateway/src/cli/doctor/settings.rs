//! What can be judged without calling anybody: operators, credentials' ends, sandbox mixed with production, unencrypted
//! ways, what may be called.

use super::{Finding, Level, bad, fine};
use crate::config::Built;
use crate::der;
use crate::outbound::{Egress, Target};
use connector_sdk::Text;
use gateway_core::deliver::System;
use gateway_core::deliver::supplied::{self, Standing};
use jiff::Timestamp;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Parts of host names that mean: not the real one.
const PLAY: [&str; 8] = ["sandbox", "dev", "uji", "demo", "staging", "stg", "test", "simulasi"];

pub(super) fn all(built: &Built, now: Timestamp) -> Vec<Finding> {
    let mut systems: Vec<&Arc<System>> = built.catalogue.systems.values().collect();
    systems.sort_by(|a, b| a.id.cmp(&b.id));
    let mut findings = vec![operators(built)];
    findings.extend(certificate(built, now));
    findings.extend(systems.iter().filter_map(|system| credential(system, now)));
    findings.push(mixed(&systems));
    findings.extend(systems.iter().filter_map(|system| plain(system)));
    findings.push(egress());
    findings
}

fn operators(built: &Built) -> Finding {
    let people: std::collections::BTreeSet<&str> = built.node.operators.iter().map(|one| &*one.name).collect();
    match people.len() {
        0 => bad(
            "petugas",
            "",
            Level::Warn,
            Text::new(
                "belum ada token operator: /admin/v1 dan konsol tertutup",
                "there is no operator token: /admin/v1 and the console are closed",
            ),
            Text::new(
                "Buat dengan `simpul key create --operator NAMA`.",
                "Make one with `simpul key create --operator NAME`.",
            ),
        ),
        1 => bad(
            "petugas",
            "",
            Level::Warn,
            Text::new(
                "hanya satu petugas: keputusan dua orang tidak dapat diambil",
                "only one operator: what needs two people cannot be decided",
            ),
            Text::new("Daftarkan petugas kedua.", "Register a second operator."),
        ),
        count => fine(
            "petugas",
            "",
            Text::owned(format!("{count} petugas"), format!("{count} operators")),
        ),
    }
}

fn certificate(built: &Built, now: Timestamp) -> Option<Finding> {
    let files = built.node.tls.as_ref()?;
    let name = files.certificates.display().to_string();
    let read = std::fs::read(&files.certificates).ok().and_then(|pem| {
        let mut pem = pem.as_slice();
        rustls_pemfile_first(&mut pem)
    });
    Some(match read.as_deref().and_then(der::not_after) {
        Some(until) => ends("sertifikat", &name, until, now, &OWN),
        None => bad(
            "sertifikat",
            &name,
            Level::Fail,
            Text::new("tidak terbaca", "cannot be read"),
            OWN,
        ),
    })
}

const OWN: Text = Text::new(
    "Pasang sertifikat baru di jalur yang sama, lalu muat ulang (SIGHUP).",
    "Put a new certificate into the same place, then reload (SIGHUP).",
);

fn rustls_pemfile_first(pem: &mut &[u8]) -> Option<Vec<u8>> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let first = CertificateDer::pem_slice_iter(pem).next()?.ok()?;
    Some(first.to_vec())
}

/// How long something still holds.
pub(super) fn ends(area: &'static str, of: &str, until: Timestamp, now: Timestamp, cure: &Text) -> Finding {
    let days = (until.as_second() - now.as_second()).div_euclid(86_400);
    let text = Text::owned(
        format!("berlaku sampai {until} ({days} hari)"),
        format!("valid until {until} ({days} days)"),
    );
    match days {
        ..0 => bad(
            area,
            of,
            Level::Fail,
            Text::owned(format!("berakhir {until}"), format!("ended {until}")),
            cure.clone(),
        ),
        0..21 => bad(area, of, Level::Warn, text, cure.clone()),
        _ => fine(area, of, text),
    }
}

fn credential(system: &System, now: Timestamp) -> Option<Finding> {
    let until = supplied::until(&system.auth)?;
    let cure = Text::new(
        "Titipkan kredensial baru, lalu muat ulang (SIGHUP).",
        "Supply a new credential, then reload (SIGHUP).",
    );
    Some(match Standing::at(until, now) {
        Standing::Holds => fine(
            "kredensial",
            &system.id,
            Text::owned(format!("berlaku sampai {until}"), format!("valid until {until}")),
        ),
        Standing::Ends | Standing::EndsNow => bad(
            "kredensial",
            &system.id,
            Level::Warn,
            Text::owned(format!("segera berakhir: {until}"), format!("ends soon: {until}")),
            cure,
        ),
        Standing::Ended => bad(
            "kredensial",
            &system.id,
            Level::Fail,
            Text::owned(
                format!("berakhir {until}; tidak ada yang dikirim"),
                format!("ended {until}; nothing is sent"),
            ),
            cure,
        ),
    })
}

/// Whether a host looks like a place to try things out.
fn plays(host: &str) -> bool {
    let local =
        host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) || host == "localhost" || host.ends_with(".invalid");
    local
        || host
            .split(['.', '-'])
            .any(|part| PLAY.contains(&part.to_ascii_lowercase().as_str()))
}

fn mixed(systems: &[&Arc<System>]) -> Finding {
    let hosts = systems
        .iter()
        .filter_map(|system| Some((system.id.as_str(), Target::parse(&system.endpoint).ok()?)));
    let (play, real): (Vec<_>, Vec<_>) = hosts.partition(|(_, target)| plays(target.host()));
    let names = |all: &[(&str, Target)]| all.iter().map(|(id, _)| *id).collect::<Vec<_>>().join(", ");
    if play.is_empty() || real.is_empty() {
        let (id, en) = if real.is_empty() {
            ("sandbox", "sandbox")
        } else {
            ("produksi", "production")
        };
        return fine(
            "lingkungan",
            "",
            Text::owned(format!("semua alamat {id}"), format!("all addresses are {en}")),
        );
    }
    bad(
        "lingkungan",
        "",
        Level::Warn,
        Text::owned(
            format!(
                "sandbox dan produksi bercampur: percobaan {}; sungguhan {}",
                names(&play),
                names(&real)
            ),
            format!(
                "sandbox and production are mixed: for trying out {}; real {}",
                names(&play),
                names(&real)
            ),
        ),
        Text::new(
            "Pisahkan menjadi dua set konfigurasi, masing-masing dengan kredensialnya.",
            "Part them into two sets of configuration, each with its own credentials.",
        ),
    )
}

fn plain(system: &System) -> Option<Finding> {
    let target = Target::parse(&system.endpoint).ok()?;
    let local = target.host().parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) || target.host() == "localhost";
    (!target.is_tls() && !local).then(|| {
        bad(
            "enkripsi",
            &system.id,
            Level::Warn,
            Text::new(
                "alamatnya http: kredensial dan data lewat tanpa enkripsi",
                "its address is http: credentials and data travel unencrypted",
            ),
            Text::new(
                "Pakai https, atau terowongan ke jaringan sistem itu.",
                "Use https, or a tunnel into that system's network.",
            ),
        )
    })
}

/// That what nobody named cannot be called, tried on the address where clouds keep their keys.
fn egress() -> Finding {
    let inside = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));
    let none: [(String, u16); 0] = [];
    if Egress::new(none).judge("169.254.169.254", 80, inside).is_err() {
        return fine(
            "jalan keluar",
            "",
            Text::new(
                "hanya alamat dari konfigurasi yang dapat dipanggil",
                "only configured addresses can be called",
            ),
        );
    }
    bad(
        "jalan keluar",
        "",
        Level::Fail,
        Text::new(
            "alamat metadata awan dapat dipanggil",
            "the cloud's metadata address can be called",
        ),
        Text::new(
            "Laporkan sebagai cacat; tutup sementara di firewall.",
            "Report a defect; close it in the firewall meanwhile.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_for_trying_out_are_told_from_real_ones() {
        for host in [
            "127.0.0.1",
            "localhost",
            "api-dev.contoh.go.id",
            "sandbox.contoh.go.id",
            "lapor.invalid",
        ] {
            assert!(plays(host), "{host}");
        }
        for host in ["splp.layanan.go.id", "device.contoh.go.id", "203.0.113.7"] {
            assert!(!plays(host), "{host}");
        }
    }

    #[test]
    fn what_ends_is_told_in_time() {
        let now: Timestamp = "2026-02-03T05:00:00Z".parse().unwrap();
        for (until, level) in [
            ("2026-02-03T04:00:00Z", Level::Fail),
            ("2026-02-20T05:00:00Z", Level::Warn),
            ("2026-05-01T00:00:00Z", Level::Ok),
        ] {
            assert_eq!(
                ends("sertifikat", "x", until.parse().unwrap(), now, &OWN).level,
                level,
                "{until}"
            );
        }
    }

    #[test]
    fn the_metadata_address_is_out_of_reach() {
        assert_eq!(egress().level, Level::Ok);
    }
}
