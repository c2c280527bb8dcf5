//! Configuration as written: every section with its keys, each value with its place. Nothing is judged here but form;
//! `check` judges meaning. A key that is read here stands in `config/rujukan.toml`; a test holds the two together.

mod access;
mod catalogue;
mod consumer;
mod event;
mod flow;
mod issuer;
mod manifests;
mod mirror;
mod node;
mod oidc;
mod operation;
mod retention;
mod system;

pub use access::RawAccess;
pub use catalogue::RawCatalogue;
pub use consumer::{RawConsumer, RawGrant, RawKey};
pub use event::RawEvent;
pub use flow::{
    RawAuthority, RawCarry, RawDeadline, RawFallback, RawFind, RawFollow, RawGuard, RawHolidays, RawLikeness, RawLink,
    RawList, RawMaintenance, RawNewest, RawPages, RawReading, RawReconciliation, RawRelay, RawSchedule, RawSteps,
};
pub(crate) use issuer::ALGORITHMS;
pub use issuer::RawIssuer;
pub use manifests::RawManifests;
pub use mirror::{RawChain, RawFeed, RawMirror, RawRule, RawStage};
pub use node::{JournalKind, Pushes, RawNode, RawOperator, RawTls};
pub use oidc::RawOidc;
pub use operation::{RawInternal, RawOperation};
pub use retention::RawRetention;
pub use system::{
    RawAuth, RawBreaker, RawDelivery, RawHeader, RawHours, RawInbound, RawKeyExchange, RawLimits, RawNative, RawSystem,
    RawSystemTls,
};

use super::complaint::{Complaint, Place};
use super::reader::{Log, Source, Table};
use gateway_core::beside::Beside;
use std::collections::BTreeSet;
use toml::de::DeTable;

/// All files of one set-up.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// TOML, in order.
    pub toml: Vec<Source>,
    /// Code lists (`kode/*.json`).
    pub codes: Vec<Source>,
    /// Schemas (`skema/*.json`).
    pub schemas: Vec<Source>,
}

/// Everything that was written.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// The node, from the one `[simpul]` table.
    pub node: Option<RawNode>,
    /// `[[sistem]]`.
    pub systems: Vec<RawSystem>,
    /// `[[operasi]]`.
    pub operations: Vec<RawOperation>,
    /// `[[operasi_dalam]]`.
    pub internals: Vec<RawInternal>,
    /// `[[konsumen]]`.
    pub consumers: Vec<RawConsumer>,
    /// `[[relai]]`.
    pub relays: Vec<RawRelay>,
    /// `[[penerbit_jwt]]`.
    pub issuers: Vec<RawIssuer>,
    /// `[masuk_oidc]`.
    pub oidc: Option<RawOidc>,
    /// `[[simpan]]`.
    pub retention: Vec<RawRetention>,
    /// `[[tautan]]`.
    pub links: Vec<RawLink>,
    /// `[[lindung]]`.
    pub guards: Vec<RawGuard>,
    /// `[[terbaru]]`.
    pub newest: Vec<RawNewest>,
    /// `[[serupa]]`.
    pub likenesses: Vec<RawLikeness>,
    /// `[[ikuti]]`.
    pub follows: Vec<RawFollow>,
    /// `[[jadwal]]`.
    pub schedules: Vec<RawSchedule>,
    /// `[[cadangan]]`.
    pub fallbacks: Vec<RawFallback>,
    /// `[[rekonsiliasi]]`.
    pub reconciliations: Vec<RawReconciliation>,
    /// `[[daftar]]`.
    pub lists: Vec<RawList>,
    /// `[[salinan]]`.
    pub mirrors: Vec<RawMirror>,
    /// `[[rantai]]`.
    pub chains: Vec<RawChain>,
    /// `[[wewenang]]`.
    pub authorities: Vec<RawAuthority>,
    /// `[[peristiwa]]`.
    pub events: Vec<RawEvent>,
    /// `[manifes]`.
    pub manifests: Option<RawManifests>,
    /// Systems that are registered and not written; filled by the registry.
    pub declared: BTreeSet<String>,
    /// Newer versions of registered systems beside those in force; filled by the registry.
    pub beside: Vec<Beside>,
    /// `[akses]`.
    pub access: Option<RawAccess>,
    /// `[katalog]`.
    pub catalogue: Option<RawCatalogue>,
    /// `[[libur]]`.
    pub holidays: Vec<RawHolidays>,
    /// `[[pemeliharaan]]`.
    pub maintenance: Vec<RawMaintenance>,
    /// Code lists.
    pub codes: Vec<Source>,
    /// Schemas.
    pub schemas: Vec<Source>,
    /// What the reader complained about.
    pub complaints: Vec<Complaint>,
    /// Key paths that exist, for the test on the reference file.
    pub asked: BTreeSet<String>,
}

/// Reads all files. Complaints are kept for `check`, so that it can tell them all at once.
pub fn parse(files: &Files) -> Raw {
    let log = Log::default();
    let mut raw = Raw {
        codes: files.codes.clone(),
        schemas: files.schemas.clone(),
        ..Raw::default()
    };
    for source in &files.toml {
        let (table, errors) = DeTable::parse_recoverable(&source.text);
        let root = Table::root(table.get_ref(), source, &log);
        for error in &errors {
            let offset = error.span().map_or(0, |span| span.start);
            let place = Place {
                line: Some(source.text.get(..offset).unwrap_or_default().matches('\n').count() + 1),
                ..root.place().clone()
            };
            root.complain(
                &place,
                (
                    format!("bukan TOML: {}", error.message()),
                    format!("not TOML: {}", error.message()),
                ),
                (
                    "perbaiki tulisannya; pemeriksaan lain baru lengkap setelah itu",
                    "correct the syntax; other checks are complete only then",
                ),
            );
        }
        raw.file(root);
    }
    raw.complaints = log.complaints.into_inner();
    raw.asked = log.asked.into_inner();
    raw
}

impl Raw {
    fn file(&mut self, root: Table<'_>) {
        // Files were gathered by `load`; the key is only made known here.
        root.texts("sertakan");
        if let Some(table) = root.table("simpul") {
            if let Some(first) = &self.node {
                root.complain(
                    table.place(),
                    ("`[simpul]` tertulis dua kali", "`[simpul]` is written twice"),
                    (
                        format!("gabungkan dengan yang di {}", first.place),
                        format!("join it with the one at {}", first.place),
                    ),
                );
            }
            self.node = Some(RawNode::read(table));
        }
        if let Some(table) = root.table("masuk_oidc") {
            self.oidc = Some(RawOidc::read(table));
        }
        if let Some(table) = root.table("manifes") {
            self.manifests = Some(RawManifests::read(table));
        }
        if let Some(table) = root.table("akses") {
            self.access = Some(RawAccess::read(table));
        }
        if let Some(table) = root.table("katalog") {
            self.catalogue = Some(RawCatalogue::read(table));
        }
        self.systems
            .extend(root.tables("sistem").into_iter().map(RawSystem::read));
        self.operations
            .extend(root.tables("operasi").into_iter().map(RawOperation::read));
        self.internals
            .extend(root.tables("operasi_dalam").into_iter().map(RawInternal::read));
        self.consumers
            .extend(root.tables("konsumen").into_iter().map(RawConsumer::read));
        self.issuers.extend(root.many("penerbit_jwt", RawIssuer::read));
        self.retention
            .extend(root.tables("simpan").into_iter().map(RawRetention::read));
        self.relays.extend(root.many("relai", RawRelay::read));
        self.links.extend(root.many("tautan", RawLink::read));
        self.guards.extend(root.many("lindung", RawGuard::read));
        self.newest.extend(root.many("terbaru", RawNewest::read));
        self.likenesses.extend(root.many("serupa", RawLikeness::read));
        self.follows.extend(root.many("ikuti", RawFollow::read));
        self.schedules.extend(root.many("jadwal", RawSchedule::read));
        self.fallbacks.extend(root.many("cadangan", RawFallback::read));
        self.reconciliations
            .extend(root.many("rekonsiliasi", RawReconciliation::read));
        self.lists.extend(root.many("daftar", RawList::read));
        self.mirrors.extend(root.many("salinan", RawMirror::read));
        self.chains.extend(root.many("rantai", RawChain::read));
        self.authorities.extend(root.many("wewenang", RawAuthority::read));
        self.events.extend(root.many("peristiwa", RawEvent::read));
        self.holidays.extend(root.many("libur", RawHolidays::read));
        self.maintenance.extend(root.many("pemeliharaan", RawMaintenance::read));
        root.finish();
    }
}
