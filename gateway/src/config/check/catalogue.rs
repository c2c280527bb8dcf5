//! `[katalog]` and the ends of operations: what the catalogue says beside what connectors declare.

use super::{Check, CheckedOperation, Known};
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
}
