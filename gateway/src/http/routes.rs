//! Room 5: method and path to what answers. Compiled once per catalogue; the body is not looked at.

use super::pages::Page;
use super::target::decode;
use super::{akses, langganan, peristiwa};
use crate::reference::Reference;
use gateway_core::Catalogue;
use gateway_core::catalogue::Published;
use gateway_core::inbound::Receiver;
use gateway_core::mirror::MirrorPlan;
use gateway_core::mirror::chain::ChainPlan;
use http::Method;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What answers a path.
#[derive(Clone)]
pub(super) enum Target {
    /// A published operation.
    Operation(Arc<Published>),
    /// A copy.
    Mirror(Arc<MirrorPlan>),
    /// A chain over copies.
    Chain(Arc<ChainPlan>),
    /// `/masuk/{system}/{hook}` and its aliases.
    Push(Arc<Receiver>),
    /// `POST /v1/lampiran`.
    Upload,
    /// `GET /v1/lampiran/{id}`.
    Download,
    /// `/v1/pertukaran/{id}`.
    Exchange,
    /// `GET /v1/pertukaran`.
    Exchanges,
    /// `GET /v1/pemakaian`.
    Usage,
    /// `/v1/akses`.
    Access(akses::Ask),
    /// `/v1/langganan`.
    Subscriptions(langganan::Ask),
    /// `/v1/peristiwa`.
    Events(peristiwa::Ask),
    /// `/asli/{system}/…`, any method.
    Native,
    /// `POST /oauth/token`.
    Token,
    /// `/.well-known/jwks.json`.
    Jwks,
    /// Catalogue, reference, problem pages.
    Page(Page),
}

/// A match.
pub(super) struct Matched {
    pub(super) target: Target,
    /// Decoded path parameters.
    pub(super) parameters: Map<String, Value>,
}

/// Why nothing matched.
pub(super) enum Unmatched {
    /// No such path.
    Path,
    /// The path exists; these methods do.
    Method(String),
    /// The version has ended.
    Ended,
}

/// The compiled table.
pub struct Routes {
    paths: matchit::Router<Vec<(Method, Target)>>,
    ended: Vec<String>,
    reference: Reference,
}

impl Routes {
    /// From a catalogue; `ended` are path prefixes of versions that are no longer served, such as `/v0`.
    ///
    /// # Errors
    /// The path that contradicts another, with the reason.
    pub fn build(catalogue: &Catalogue, ended: Vec<String>, reference: Reference) -> Result<Self, String> {
        let mut table: std::collections::BTreeMap<String, Vec<(Method, Target)>> = std::collections::BTreeMap::new();
        for operation in catalogue.operations.values().filter(|o| !o.path.is_empty()) {
            let entry = (operation.method.clone(), Target::Operation(Arc::clone(operation)));
            table.entry(operation.path.clone()).or_default().push(entry);
        }
        for plan in &catalogue.flows.mirrors {
            let entry = (Method::GET, Target::Mirror(Arc::new(plan.clone())));
            table.entry(plan.path.clone()).or_default().push(entry);
        }
        for plan in &catalogue.flows.chains {
            let entry = (Method::GET, Target::Chain(Arc::new(plan.clone())));
            table.entry(plan.path.clone()).or_default().push(entry);
        }
        for receiver in catalogue.inbound.values() {
            for path in &receiver.paths {
                let entry = (Method::POST, Target::Push(Arc::clone(receiver)));
                table.entry(path.clone()).or_default().push(entry);
            }
        }
        table
            .entry("/v1/lampiran".into())
            .or_default()
            .push((Method::POST, Target::Upload));
        table
            .entry("/v1/lampiran/{id}".into())
            .or_default()
            .push((Method::GET, Target::Download));
        table
            .entry("/v1/pertukaran/{id}".into())
            .or_default()
            .push((Method::GET, Target::Exchange));
        table
            .entry("/v1/pertukaran".into())
            .or_default()
            .push((Method::GET, Target::Exchanges));
        table
            .entry("/v1/pemakaian".into())
            .or_default()
            .push((Method::GET, Target::Usage));
        for (path, method, ask) in akses::Ask::ALL {
            table
                .entry(path.into())
                .or_default()
                .push((method, Target::Access(ask)));
        }
        table
            .entry("/oauth/token".into())
            .or_default()
            .push((Method::POST, Target::Token));
        table
            .entry("/.well-known/jwks.json".into())
            .or_default()
            .push((Method::GET, Target::Jwks));
        for (path, page) in Page::ALL {
            table
                .entry(path.into())
                .or_default()
                .push((Page::METHOD, Target::Page(page)));
        }
        for (path, method, ask) in langganan::Ask::ALL {
            table
                .entry(path.into())
                .or_default()
                .push((method, Target::Subscriptions(ask)));
        }
        for (path, method, ask) in peristiwa::Ask::ALL {
            table
                .entry(path.into())
                .or_default()
                .push((method, Target::Events(ask)));
        }
        let mut paths = matchit::Router::new();
        for (path, targets) in table {
            paths
                .insert(&path, targets)
                .map_err(|error| format!("{path}: {error}"))?;
        }
        Ok(Self {
            paths,
            ended,
            reference,
        })
    }

    /// What is written about what is published.
    pub(super) fn reference(&self) -> &Reference {
        &self.reference
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Result<Matched, Unmatched> {
        if path.starts_with("/asli/") {
            return Ok(Matched {
                target: Target::Native,
                parameters: Map::new(),
            });
        }
        let Ok(found) = self.paths.at(path) else {
            let ended = self
                .ended
                .iter()
                .any(|v| path.strip_prefix(v.as_str()).is_some_and(|r| r.starts_with('/')));
            return Err(if ended { Unmatched::Ended } else { Unmatched::Path });
        };
        let Some((_, target)) = found.value.iter().find(|(m, _)| m == method) else {
            let methods: Vec<_> = found.value.iter().map(|(m, _)| m.as_str()).collect();
            return Err(Unmatched::Method(methods.join(", ")));
        };
        let parameters = found
            .params
            .iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Value::String(decode(value)?))))
            .collect();
        Ok(Matched {
            target: target.clone(),
            parameters,
        })
    }
}
