//! What every trial may use: the built connector, its descriptor, the fixtures, a started simulator.

use crate::fixture::{self, Case, FixtureLists};
use crate::kit::Kit;
use crate::mutate;
use crate::running::Running;
use connector_sdk::{Connector, Descriptor, OperationSpec, SettingComplaint, Settings};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) struct Context {
    pub(crate) kit: Kit,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) descriptor: Descriptor,
    /// Cases by operation, hook or mirror id.
    pub(crate) cases: BTreeMap<String, Vec<Case>>,
    pub(crate) lists: FixtureLists,
    pub(crate) now: jiff::Timestamp,
}

impl Context {
    pub(crate) fn new(kit: Kit) -> Result<Self, String> {
        let connector = build(&kit, &kit.settings).map_err(|c| format!("the test settings are refused: {c:?}"))?;
        let descriptor = connector.descriptor().clone();
        let operations = descriptor.operations.iter().map(|o| &o.id);
        let hooks = descriptor.hooks.iter().map(|h| &h.id);
        let mirrors = descriptor.mirrors.iter().map(|m| &m.id);
        let mut cases = BTreeMap::new();
        for id in operations.chain(hooks).chain(mirrors) {
            cases.insert(id.to_string(), fixture::cases(&kit.root, id)?);
        }
        let lists = FixtureLists::read(&kit.root)?;
        let now = "2026-03-02T02:30:00Z".parse().map_err(|e| format!("fixed time: {e}"))?;
        Ok(Self {
            kit,
            connector,
            descriptor,
            cases,
            lists,
            now,
        })
    }

    /// All cases of a subject.
    pub(crate) fn cases(&self, id: &str) -> &[Case] {
        self.cases.get(id).map_or(&[], Vec::as_slice)
    }

    /// Cases of a subject whose name starts so.
    pub(crate) fn cases_named<'a>(&'a self, id: &str, prefix: &'a str) -> impl Iterator<Item = &'a Case> {
        self.cases
            .get(id)
            .into_iter()
            .flatten()
            .filter(move |c| c.name.starts_with(prefix))
    }

    /// The case to run against the simulator: `ok`, or the first whose name starts so.
    pub(crate) fn main_case(&self, id: &str) -> Result<&Case, String> {
        let exact = self.cases_named(id, "ok").find(|c| c.name == "ok");
        exact
            .or_else(|| self.cases_named(id, "ok").next())
            .ok_or(format!("fixtures/{id}/ok…/ is missing"))
    }

    /// The specification of an operation that the trial was generated for.
    pub(crate) fn spec(&self, id: &str) -> Result<&OperationSpec, String> {
        self.descriptor
            .operation(id)
            .ok_or(format!("operation `{id}` is not declared"))
    }

    /// Whether a pointer into an input or a reply's body leads to a code that the connector named.
    pub(crate) fn is_code(&self, pointer: &str) -> bool {
        let field = mutate::field(pointer);
        let pattern = mutate::pattern(pointer);
        self.kit.codes.iter().any(|c| *c == field || *c == pattern)
    }

    /// The connector as a case wants it configured.
    pub(crate) fn connector_of(&self, case: &Case) -> Result<Arc<dyn Connector>, String> {
        let Some(patch) = case.file("settings") else {
            return Ok(Arc::clone(&self.connector));
        };
        let settings = mutate::merged(&self.kit.settings, patch);
        build(&self.kit, &settings).map_err(|c| format!("{}: settings are refused: {c:?}", case.name))
    }

    /// A fresh simulator.
    pub(crate) async fn start(&self) -> Result<Running, String> {
        let start = self
            .kit
            .simulator
            .as_ref()
            .ok_or("no simulator: give one with `.simulator(…)`")?;
        start().await.map_err(|e| format!("the simulator does not start: {e}"))
    }
}

/// Builds the connector from a settings document.
pub(crate) fn build(kit: &Kit, settings: &Value) -> Result<Arc<dyn Connector>, Vec<SettingComplaint>> {
    let table = settings.as_object().cloned().unwrap_or_default();
    let secrets = kit.secrets.iter();
    let settings = secrets.fold(Settings::new(table), |settings, (name, secret)| {
        settings.with_secret(name.as_str(), secret.clone())
    });
    (kit.factory.build)(&settings)
}
