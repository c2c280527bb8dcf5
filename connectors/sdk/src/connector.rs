//! A connector as the gateway holds it, and the factory that builds one from configuration.

use crate::{
    Descriptor, Fault, HealthProbe, Hook, Mirror, NativeReply, NativeRequest, Operation, ServiceClock,
    SettingComplaint, Settings, screen,
};
use serde_json::Value;
use std::sync::Arc;

/// The translation of one system, built for one configured endpoint.
pub trait Connector: Send + Sync {
    /// What it can do.
    fn descriptor(&self) -> &Descriptor;

    /// The operation with this canonical id.
    fn operation(&self, id: &str) -> Option<&dyn Operation>;

    /// The hook with this id.
    fn hook(&self, _id: &str) -> Option<&dyn Hook> {
        None
    }

    /// The mirror with this id.
    fn mirror(&self, _id: &str) -> Option<&dyn Mirror> {
        None
    }

    /// The service clock of its records, where silence has a legal effect.
    fn clock(&self) -> Option<&dyn ServiceClock> {
        None
    }

    /// Canonical records that belong together as one published document: `form` is its name (`ocds`), `at` the time of
    /// publishing, RFC 3339. Pure. `None` when the form is not known, or the records name nothing to publish.
    fn publish(&self, _form: &str, _at: &str, _records: &[Value]) -> Option<Value> {
        None
    }

    /// The health probe.
    fn health(&self) -> Option<&dyn HealthProbe> {
        None
    }

    /// Judges a reply before any operation sees it: faults common to the whole system. HTTP 200 with an error body is
    /// a fault and is found here. The default knows HTTP statuses only.
    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        screen::http(request.writes, reply)
    }
}

/// A built connector, or everything that is wrong with its settings.
pub type Built = Result<Arc<dyn Connector>, Vec<SettingComplaint>>;

/// How a kind of connector is built. Each connector crate exports one as `FACTORY`.
#[derive(Clone, Copy)]
pub struct Factory {
    /// Word used in configuration: `connector = "lapor"`.
    pub kind: &'static str,
    /// Builds it, or says everything that is wrong with the settings.
    pub build: fn(&Settings) -> Built,
}
