//! `[katalog]` and the ends of operations: what the catalogue says beside what connectors declare.

use super::{Check, CheckedOperation, Known};
use crate::access::Newcomers;
use crate::config::raw::Raw;
use crate::reference::{Ageing, Facts};
use gateway_core::mirror::MirrorPlan;
use gateway_core::mirror::chain::ChainPlan;
use jiff::tz::TimeZone;

/// Shown when nobody said who runs the gateway.
const ORGANISER: &str = "Simpul";

impl Check {
    pub(super) fn facts(
        &mut self,
        raw: &Raw,
        operations: &Known<CheckedOperation>,
        copies: (&[MirrorPlan], &[ChainPlan]),
        zone: &TimeZone,
    ) -> Facts {
        let mut facts = Facts {
            organiser: ORGANISER.into(),
            ..Facts::default()
        };
        if let Some(written) = &raw.catalogue {
            let text = |placed: &Option<_>| {
                placed
                    .as_ref()
                    .map(|placed: &super::Placed<String>| placed.value.clone())
            };
            facts.organiser = text(&written.penyelenggara).unwrap_or(facts.organiser);
            facts.code = text(&written.kode_instansi);
            facts.contact = text(&written.kontak);
            facts.base = text(&written.alamat);
            for id in &written.terbuka {
                let known = operations.contains_key(&id.value)
                    || copies.0.iter().any(|plan| plan.grant() == id.value)
                    || copies.1.iter().any(|plan| plan.grant() == id.value);
                if known {
                    facts.open.insert(id.value.clone());
                } else {
                    self.say(
                        &id.place,
                        (
                            format!("`{}` tidak ada di katalog", id.value),
                            format!("`{}` is not in the catalogue", id.value),
                        ),
                        (
                            "tulis id operasi, salinan.{id} atau rantai.{id}",
                            "write an id of an operation, salinan.{id} or rantai.{id}",
                        ),
                    );
                }
            }
        }
        if let Some(word) = raw.access.as_ref().and_then(|access| access.pendatang.as_ref()) {
            facts.newcomers = match word.value.as_str() {
                "tutup" => Newcomers::Closed,
                "ajukan" => Newcomers::Asked,
                "langsung_hanya_di_sandbox" => Newcomers::AtOnce,
                _ => {
                    self.say(
                        &word.place,
                        ("`pendatang` tidak dikenal", "`pendatang` is not known"),
                        (
                            "tulis tutup, ajukan, atau langsung_hanya_di_sandbox",
                            "write tutup, ajukan, or langsung_hanya_di_sandbox",
                        ),
                    );
                    Newcomers::Closed
                }
            };
        }
        for one in &raw.operations {
            let sunset = one.berakhir_pada.as_ref().and_then(|at| self.moment(at, zone, 0));
            let Some(since) = &one.usang_sejak else {
                let lone = one.berakhir_pada.as_ref().or(one.pengganti.as_ref());
                if let Some(lone) = lone {
                    self.say(
                        &lone.place,
                        ("tanpa `usang_sejak`", "without `usang_sejak`"),
                        (
                            "tulis juga sejak kapan operasi ini usang",
                            "write too since when the operation is deprecated",
                        ),
                    );
                }
                continue;
            };
            let Some(deprecated) = self.moment(since, zone, 0) else {
                continue;
            };
            let age = Ageing {
                deprecated,
                sunset,
                successor: one.pengganti.as_ref().map(|id| id.value.clone()),
            };
            facts.ageing.insert(one.id.value.clone(), age);
        }
        facts
    }

    /// `[manifes]`: exactly one host and its port each.
    pub(super) fn inside(&mut self, raw: &Raw) -> Vec<(String, u16)> {
        let written = raw.manifests.iter().flat_map(|manifests| &manifests.alamat_dalam);
        let mut all = Vec::new();
        for one in written {
            let pair = one
                .rsplit_once(':')
                .and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
            match pair.filter(|(host, _)| !host.is_empty() && !host.contains(['/', '*', '@'])) {
                Some((host, port)) => all.push((host.to_owned(), port)),
                None => self.say(
                    &one.place,
                    (
                        "alamat dalam bukan host dan port",
                        "an address inside is not a host and a port",
                    ),
                    (
                        "tulis persis satu host dan portnya, misalnya \"angkut.opd.invalid:8443\"",
                        "write exactly one host and its port, for example \"angkut.opd.invalid:8443\"",
                    ),
                ),
            }
        }
        all
    }
}
