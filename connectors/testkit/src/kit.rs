//! The builder that a connector's test entry fills in. It holds data and closures; trials read it.

use crate::running::Running;
use crate::schema::Schemas;
use bytes::Bytes;
use connector_sdk::{Factory, Secret};
use futures_util::future::BoxFuture;
use http::HeaderMap;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) type Start = Box<dyn Fn() -> BoxFuture<'static, Result<Running, String>> + Send + Sync>;
pub(crate) type Sign = Box<dyn Fn(Push, jiff::Timestamp) -> Push + Send + Sync>;

/// A push as the system would send it. The fixture holds it without proof of its sender; the signer adds that.
#[derive(Debug, Clone, Default)]
pub struct Push {
    /// Raw query string.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

/// "After running `first`, put what its reply has at `from` into the input at `to`."
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) first: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// Everything the kit needs to know about a connector.
pub struct Kit {
    pub(crate) factory: Factory,
    pub(crate) settings: Value,
    pub(crate) secrets: BTreeMap<String, Secret>,
    pub(crate) root: PathBuf,
    pub(crate) simulator: Option<Start>,
    pub(crate) schemas: Arc<dyn Schemas>,
    pub(crate) codes: Vec<String>,
    pub(crate) signers: BTreeMap<String, Sign>,
    pub(crate) chains: BTreeMap<String, Chain>,
    pub(crate) skips: Vec<(String, String)>,
    pub(crate) update: bool,
    pub(crate) page: Option<PathBuf>,
}

impl Kit {
    /// `settings` is the system's settings table as a test uses it; `root` the connector's folder, which holds
    /// `fixtures/`.
    pub fn new(factory: Factory, settings: Value, root: impl Into<PathBuf>) -> Self {
        Self {
            factory,
            settings,
            secrets: BTreeMap::new(),
            root: root.into(),
            simulator: None,
            schemas: crate::schema::embedded(),
            codes: Vec::new(),
            signers: BTreeMap::new(),
            chains: BTreeMap::new(),
            skips: Vec::new(),
            update: update_wanted(),
            page: None,
        }
    }

    /// A secret that the connector reads from its settings to verify pushes.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.insert(name.into(), Secret::new(value));
        self
    }

    /// How to start the system's simulator. Every trial that needs one starts its own.
    #[must_use]
    pub fn simulator<F, Fut>(mut self, start: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Running, String>> + Send + 'static,
    {
        self.simulator = Some(Box::new(move || Box::pin(start())));
        self
    }

    /// Fields that hold codes and that the connector reads, in canonical inputs and native replies alike: by name
    /// (`kategori`, `status_code`) or by pointer into the input or body, `*` for any index (`/data/*/status`).
    /// Trials put unknown codes there and expect that nobody guesses.
    #[must_use]
    pub fn codes<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        self.codes.extend(fields.into_iter().map(str::to_owned));
        self
    }

    /// Before `operation` runs against the simulator, run `first` and put what its canonical reply has at `from` into
    /// the input at `to`. For reading operations whose record must exist first.
    #[must_use]
    pub fn after(mut self, operation: &str, first: &str, from: &str, to: &str) -> Self {
        let chain = Chain {
            first: first.into(),
            from: from.into(),
            to: to.into(),
        };
        self.chains.insert(operation.into(), chain);
        self
    }

    /// How the system proves itself on a push: takes an unproven one and makes it valid at that time.
    #[must_use]
    pub fn hook(mut self, id: &str, sign: impl Fn(Push, jiff::Timestamp) -> Push + Send + Sync + 'static) -> Self {
        self.signers.insert(id.into(), Box::new(sign));
        self
    }

    /// Leaves a trial out, by its full name, with a sentence that a reviewer can judge.
    #[must_use]
    pub fn skip(mut self, trial: &str, reason: &str) -> Self {
        self.skips.push((trial.into(), reason.into()));
        self
    }

    /// Other schemas than the embedded ones; for self-tests.
    #[must_use]
    pub fn schemas(mut self, schemas: Arc<dyn Schemas>) -> Self {
        self.schemas = schemas;
        self
    }

    /// Whether golden files are rewritten. Set by `UPDATE_GOLDEN=1`; for self-tests.
    #[must_use]
    pub fn update_golden(mut self, update: bool) -> Self {
        self.update = update;
        self
    }

    /// Another place for the generated page than `docs/reference/konektor-<id>.md` of the repository.
    #[must_use]
    pub fn page(mut self, path: impl Into<PathBuf>) -> Self {
        self.page = Some(path.into());
        self
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test tool's one switch; no configuration stands behind it"
)]
fn update_wanted() -> bool {
    std::env::var("UPDATE_GOLDEN").is_ok_and(|v| v == "1")
}
