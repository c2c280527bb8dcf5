//! What all threads of one gateway share, made once from a built set-up, and how a newer set-up takes its place.

use super::StartError;
use super::machine::RandomIds;
use super::{Seams, identities, master};
use crate::config::{Built, Complaint, Journal as JournalSettings, Node, TlsFiles};
use crate::connections::Connections;
use crate::http::{Edge, Routes, Shares};
use crate::operator::{Desk, Operator, OperatorState, Readiness};
use crate::outbound::{Egress, HttpTransport, OutboundLimits, ReceiverRule, Rules, Target, tls};
use crate::reference::Reference;
use crate::telemetry::otlp::{self, Outbox};
use crate::telemetry::{Certificates, Meters, Scraper, SecurityEvent, Use};
use crate::tls::Acceptor;
use arc_swap::ArcSwap;
use connector_sdk::AuthKind;
use gateway_core::deliver::System;
use gateway_core::events::Events;
use gateway_core::evidence::batch::SigningKey;
use gateway_core::evidence::binder;
use gateway_core::files::Files;
use gateway_core::identity::keyring::Keyring;
use gateway_core::ids::Ids;
use gateway_core::journal::Journal;
use gateway_core::lists::Shelf;
use gateway_core::mirror::MirrorStore;
use gateway_core::observe::Observer;
use gateway_core::record::Scribe;
use gateway_core::retention::Class;
use gateway_core::seal::Sealer;
use gateway_core::subject::Restrictions;
use gateway_core::time::Clock;
use gateway_core::{Catalogue, Rooms};
use gateway_store::{PgJournal, SqliteJournal};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Parts shared by all threads.
pub(super) struct Shared {
    node: Node,
    catalogue: Arc<ArcSwap<Catalogue>>,
    routes: Arc<ArcSwap<Routes>>,
    egress: Arc<ArcSwap<Rules>>,
    sealer: Arc<Sealer>,
    signer: Arc<SigningKey>,
    journal: Arc<dyn Journal>,
    files: Arc<dyn Files>,
    lists: Arc<Shelf>,
    mirrors: Arc<dyn MirrorStore>,
    events: Arc<Events>,
    tls: Arc<ClientConfig>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    meters: Arc<Meters>,
    readiness: Arc<Readiness>,
    keyring: Arc<Keyring>,
    restrictions: Arc<Restrictions>,
    operators: Arc<ArcSwap<Vec<Operator>>>,
    /// Seed of the console's sessions.
    sessions: [u8; 32],
    retention: Arc<ArcSwap<Vec<Class>>>,
    slots: Arc<Semaphore>,
    shares: Arc<Shares>,
    connections: Arc<Connections>,
    desk: Arc<ArcSwap<Desk>>,
    /// Spans on their way to the collector, until the background takes them.
    outbox: Mutex<Option<Outbox>>,
}

impl Shared {
    /// Opens the journal and makes the parts.
    pub(super) fn new(built: &Built, seams: &Seams) -> Result<Self, StartError> {
        let node = built.node.clone();
        let routes = routes(built)?;
        let (spans, outbox) = node.telemetry.as_ref().map(otlp::ends).unzip();
        let meters = Arc::new(Meters::new().keeping(spans));
        meters.learn(&built.catalogue);
        let readiness = Arc::new(Readiness::default());
        readiness.loaded();
        let sealer = folder(&node.journal).and_then(|()| master::sealer(built))?;
        let signer = master::signer(built)?;
        let (journal, files, mirrors) = journal(built, seams, &meters)?;
        let allowed = Arc::new(ArcSwap::from_pointee(egress(built, meters.certificates())?));
        Ok(Self {
            catalogue: Arc::new(ArcSwap::new(Arc::clone(&built.catalogue))),
            routes: Arc::new(ArcSwap::from_pointee(routes)),
            events: events(&allowed, &node)?,
            egress: allowed,
            sealer,
            signer,
            journal,
            files,
            lists: Arc::default(),
            mirrors,
            tls: tls::client(roots(&node.roots)?).map_err(|error| StartError::Tls(error.to_string()))?,
            clock: seams.clock(),
            ids: Arc::new(RandomIds),
            keyring: Arc::default(),
            restrictions: Arc::default(),
            operators: Arc::new(ArcSwap::from_pointee(node.operators.clone())),
            sessions: master::sessions(built)?,
            retention: Arc::new(ArcSwap::from_pointee(built.retention.clone())),
            shares: Arc::new(Shares::new(node.limits.concurrency, node.limits.per_consumer)),
            slots: Arc::new(Semaphore::new(node.limits.concurrency)),
            connections: Arc::new(Connections::new(node.limits.connections)),
            desk: Arc::new(ArcSwap::from_pointee(desk(built))),
            outbox: Mutex::new(outbox),
            meters,
            readiness,
            node,
        })
    }

    /// Frees what this node held when it last went down, so that nobody waits for those leases to run out. Where the
    /// journal cannot, they do run out.
    pub(super) fn recover(&self) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // A withdrawn key must not hold for the first moment of a new run.
        if let Err(error) = runtime.block_on(self.keyring.refresh(&*self.journal, &self.sealer)) {
            tracing::error!(%error, "keys not read from the journal");
        }
        // Nor may a restricted person's data be processed then.
        if let Err(error) = runtime.block_on(self.restrictions.refresh(&*self.journal)) {
            tracing::error!(%error, "restrictions of data subjects not read from the journal");
        }
        match runtime.block_on(self.journal.recover(self.node.name.clone(), self.clock.now())) {
            Ok(0) => {}
            Ok(freed) => tracing::info!(freed, "exchanges of the run before are taken up again"),
            Err(error) => tracing::warn!(%error, "leases of the run before are not freed"),
        }
        Ok(())
    }

    /// Time, for the scribe.
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// The journal, for the scribe.
    pub(super) fn journal(&self) -> Arc<dyn Journal> {
        Arc::clone(&self.journal)
    }

    /// Rooms with a transport of their own. Its connections live on the runtime that uses them.
    pub(super) fn rooms(&self, scribe: Scribe) -> Arc<Rooms> {
        let transport = HttpTransport::new(
            Arc::clone(&self.egress),
            Arc::clone(&self.tls),
            OutboundLimits::default(),
        )
        .telling(Arc::clone(self.meters.certificates()));
        Arc::new(Rooms {
            catalogue: Arc::clone(&self.catalogue),
            journal: Arc::clone(&self.journal),
            transport: Arc::new(transport),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            observer: Arc::clone(&self.meters) as _,
            lists: Arc::clone(&self.lists),
            mirrors: Arc::clone(&self.mirrors),
            files: Arc::clone(&self.files),
            events: Arc::clone(&self.events),
            restrictions: Arc::clone(&self.restrictions),
            scribe,
            sealer: Arc::clone(&self.sealer),
            tasks: TaskTracker::new(),
            node: self.node.name.clone(),
        })
    }

    /// The edge of one data-plane thread.
    pub(super) fn edge(&self, rooms: Arc<Rooms>) -> Arc<Edge> {
        Arc::new(Edge {
            rooms,
            keyring: Arc::clone(&self.keyring),
            routes: Arc::clone(&self.routes),
            limits: self.node.limits.clone(),
            slots: Arc::clone(&self.slots),
            shares: Arc::clone(&self.shares),
            connections: Arc::clone(&self.connections),
            meters: Arc::clone(&self.meters),
        })
    }

    /// What the operator port looks at, with rooms of its own for what persons decide.
    pub(super) fn operator(&self, scribe: Scribe) -> OperatorState {
        OperatorState::new(
            self.rooms(scribe),
            Arc::clone(&self.meters),
            Arc::clone(&self.readiness),
            Arc::clone(&self.operators),
            (Arc::clone(&self.signer), self.sessions),
            Arc::clone(&self.desk),
            Arc::clone(&self.keyring),
        )
        .with_tls(Arc::clone(&self.tls))
        .in_zone(self.node.zone.clone())
    }

    /// Binds evidence into signed batches until `stop`.
    pub(super) fn binding(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        binder::run(
            Arc::clone(&self.journal),
            Arc::clone(&self.clock),
            Arc::clone(&self.signer),
            self.node.bind_every,
            stop,
        )
    }

    /// Erases bodies by class until `stop`.
    pub(super) fn retention(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        gateway_core::retention::run(
            Arc::clone(&self.journal),
            Arc::clone(&self.files),
            Arc::clone(&self.clock),
            Arc::clone(&self.retention),
            Arc::clone(&self.meters) as Arc<dyn Observer>,
            stop,
        )
    }

    /// Keeps up with keys that were issued or withdrawn, here or on another node, until `stop`.
    pub(super) fn keys(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        Arc::clone(&self.keyring).follow(
            Arc::clone(&self.journal),
            Arc::clone(&self.sealer),
            Arc::clone(&self.clock),
            stop,
        )
    }

    /// Sends telemetry until `stop`, where a collector is configured.
    pub(super) fn telemetry(
        &self,
        scribe: Scribe,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let outbox = self.outbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        let work = self.node.telemetry.clone().zip(outbox).map(|(settings, outbox)| {
            let sender = otlp::Sender {
                settings,
                node: self.node.name.clone(),
                tls: Arc::clone(&self.tls),
                meters: Arc::clone(&self.meters),
                scraper: Scraper::new(Arc::clone(&self.meters), self.rooms(scribe)),
                clock: Arc::clone(&self.clock),
            };
            sender.run(outbox, stop)
        });
        async move {
            if let Some(work) = work {
                work.await;
            }
        }
    }

    /// Keeps up with restrictions of data subjects until `stop`.
    pub(super) fn subjects(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        Arc::clone(&self.restrictions).follow(Arc::clone(&self.journal), Arc::clone(&self.clock), stop)
    }

    /// What consumers see of us, for whoever watches its end.
    pub(super) fn shows(&self, files: &TlsFiles) {
        let shown = Acceptor::shown(files);
        if let Some(shown) = shown {
            self.meters.certificates().seen(Use::Own, &self.node.name, &shown);
        }
    }

    /// Shutdown began.
    pub(super) fn stopping(&self) {
        self.readiness.stopping();
    }

    /// Puts a newer set-up in force. Calls under way keep what they began with.
    pub(super) fn replace(&self, built: &Built) -> Result<(), StartError> {
        let routes = routes(built)?;
        self.meters.learn(&built.catalogue);
        let rules = egress(built, self.meters.certificates())?;
        self.egress.store(Arc::new(rules));
        self.catalogue.store(Arc::clone(&built.catalogue));
        self.routes.store(Arc::new(routes));
        // A withdrawn token is refused from here on.
        self.operators.store(Arc::new(built.node.operators.clone()));
        self.desk.store(Arc::new(desk(built)));
        self.retention.store(Arc::new(built.retention.clone()));
        self.meters.config_errors(0);
        self.readiness.loaded();
        self.meters
            .security(SecurityEvent::ConfigLoaded, &self.node.name, "-", None);
        tracing::info!("configuration reloaded");
        let mut newer = built.node.clone();
        newer.operators.clone_from(&self.node.operators);
        newer.receivers.clone_from(&self.node.receivers);
        if format!("{newer:?}") != format!("{:?}", self.node) {
            tracing::warn!("table [simpul] changed; it takes effect at the next start");
        }
        Ok(())
    }

    /// A newer set-up is wrong: the old one stays, and says so.
    pub(super) fn refuse(&self, complaints: &[Complaint]) {
        // What is wrong with more than the text (certificates, routes) was logged by the caller and counts as one.
        self.meters.config_errors(complaints.len().max(1));
        self.readiness.refused();
        self.meters
            .security(SecurityEvent::ConfigRefused, &self.node.name, "-", None);
        for complaint in complaints {
            tracing::error!(place = %complaint.place, what = %complaint.what.en, advice = %complaint.advice.en, "configuration refused");
        }
        tracing::warn!(complaints = complaints.len(), "the old configuration stays in force");
    }
}

fn routes(built: &Built) -> Result<Routes, StartError> {
    let reference = Reference::build(&built.catalogue, &built.schemas, &built.facts);
    Routes::build(&built.catalogue, built.node.ended.clone(), reference).map_err(StartError::Routes)
}

/// What the operator port judges registered connectors by.
fn desk(built: &Built) -> Desk {
    for (id, complaints) in &built.in_force.troubles {
        for complaint in complaints {
            tracing::warn!(connector = %id, place = %complaint.place, what = %complaint.what.en, "registered connector left out");
        }
    }
    Desk {
        schemas: built.schemas.clone(),
        egress: Egress::new(built.inside.iter().cloned()),
        in_force: built.in_force.clone(),
        oidc: built.oidc.clone(),
    }
}

/// Subscriptions; their receivers keep to a list of their own.
fn events(allowed: &Arc<ArcSwap<Rules>>, node: &Node) -> Result<Arc<Events>, StartError> {
    let registry = schemas::Registry::embedded().map_err(|error| StartError::Schemas(error.to_string()))?;
    let rule = Arc::new(ReceiverRule::new(Arc::clone(allowed)));
    let events = Events::new(&registry, node.pushes.clone(), rule).map_err(StartError::Schemas)?;
    Ok(Arc::new(events))
}

/// Addresses inside are open only where configuration names exactly that host and port.
fn egress(built: &Built, certificates: &Certificates) -> Result<Rules, StartError> {
    let issuers = built.catalogue.issuers.iter().map(|issuer| issuer.terms().jwks.clone());
    let provider = built.oidc.iter().flat_map(|oidc| {
        let terms = oidc.terms();
        [terms.exchange.clone(), terms.tokens.jwks.clone()]
    });
    // What is registered opens nothing: only what the configuration itself names does.
    let written = built
        .catalogue
        .systems
        .values()
        .filter(|system| !built.declared.contains(&system.id));
    let named = written
        .flat_map(|system| urls(system))
        .chain(issuers)
        .chain(provider)
        .filter_map(|url| {
            let target = Target::parse(&url).ok()?;
            Some((target.host().to_owned(), target.port()))
        });
    let systems = Egress::new(named.chain(built.inside.iter().cloned()));
    Ok(Rules {
        systems: systems.known_by(identities::of(built, certificates)?),
        receivers: Egress::new(built.node.receivers.iter().cloned()),
    })
}

pub(super) fn urls(system: &System) -> Vec<String> {
    let mut urls = vec![system.endpoint.clone()];
    urls.extend(system.links.iter().cloned());
    let elsewhere = match &system.auth {
        AuthKind::ClientCredentials { token_url, .. } => Some(token_url),
        AuthKind::KeyExchange(exchange) => Some(&exchange.key_url),
        AuthKind::None
        | AuthKind::Headers(_)
        | AuthKind::Basic { .. }
        | AuthKind::Hmac { .. }
        | AuthKind::Webhook { .. } => None,
    };
    urls.extend(elsewhere.filter(|url| url.contains("://")).cloned());
    urls
}

/// The folder of an embedded journal.
fn folder(settings: &JournalSettings) -> Result<(), StartError> {
    let JournalSettings::Sqlite { file } = settings else {
        return Ok(());
    };
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|error| StartError::Journal {
        file: file.clone(),
        why: error.to_string(),
    })
}

/// The journal, and the files and copies beside it.
type Stores = (Arc<dyn Journal>, Arc<dyn Files>, Arc<dyn MirrorStore>);

fn journal(built: &Built, seams: &Seams, meters: &Arc<Meters>) -> Result<Stores, StartError> {
    let meters = Arc::clone(meters);
    let committed = Arc::new(move |group| meters.committed(group));
    match (&built.node.journal, &built.database) {
        (JournalSettings::Sqlite { file }, _) => {
            let wrong = |why: String| StartError::Journal {
                file: file.clone(),
                why,
            };
            let journal =
                SqliteJournal::open(file, seams.options(committed)).map_err(|error| wrong(error.to_string()))?;
            let journal = Arc::new(journal);
            Ok((
                Arc::clone(&journal) as Arc<dyn Journal>,
                Arc::clone(&journal) as Arc<dyn Files>,
                journal,
            ))
        }
        (JournalSettings::Postgres { .. }, Some(database)) => {
            let wrong = |why: String| StartError::Database {
                place: database.place(),
                why,
            };
            // Only for opening: the journal runs on a thread of its own.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let journal = runtime
                .map_err(StartError::Thread)?
                .block_on(PgJournal::open(seams.database(database, committed)))
                .map_err(|error| wrong(error.to_string()))?;
            let journal = Arc::new(journal);
            Ok((
                Arc::clone(&journal) as Arc<dyn Journal>,
                Arc::clone(&journal) as Arc<dyn Files>,
                journal,
            ))
        }
        (JournalSettings::Postgres { .. }, None) => Err(StartError::Database {
            place: String::new(),
            why: "no connection is configured".into(),
        }),
    }
}

pub(super) fn roots(files: &[PathBuf]) -> Result<Vec<CertificateDer<'static>>, StartError> {
    let mut roots = Vec::new();
    for file in files {
        let wrong = |error: rustls::pki_types::pem::Error| StartError::Tls(format!("{}: {error}", file.display()));
        for certificate in CertificateDer::pem_file_iter(file).map_err(wrong)? {
            roots.push(certificate.map_err(wrong)?);
        }
    }
    Ok(roots)
}
