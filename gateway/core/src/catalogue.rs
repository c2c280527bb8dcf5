//! Everything that is published and known, built from configuration and swapped as one: operations, consumers,
//! systems, relays. Readers hold an `Arc`; a reload never changes a catalogue in use.

use crate::deliver::System;
use crate::events::Emit;
use crate::flows::Flows;
use crate::identity::outside::Issuer;
use crate::identity::{Consumer, Identities};
use crate::inbound::Receiver;
use crate::relay::Relay;
use connector_sdk::OperationSpec;
use schemas::{CodeLists, Schema};
use std::collections::HashMap;
use std::sync::Arc;

/// A published operation.
pub struct Published {
    /// Canonical id.
    pub id: String,
    /// Method of its address.
    pub method: http::Method,
    /// Path template of its address, with `{name}` parameters.
    pub path: String,
    /// System it goes to.
    pub system: String,
    /// The connector's specification.
    pub spec: OperationSpec,
    /// Schema of the canonical input.
    pub request: Arc<Schema>,
    /// Schema of the canonical reply.
    pub reply: Arc<Schema>,
    /// Largest body in bytes.
    pub max_body: u64,
    /// A write without a business reference asks for an idempotency key.
    pub key_required: bool,
}

/// One state of the world.
pub struct Catalogue {
    /// Operations by id.
    pub operations: HashMap<String, Arc<Published>>,
    /// What systems push to us, by operation; each stands among `operations` too, without an address.
    pub inbound: HashMap<String, Arc<Receiver>>,
    /// Consumers by id.
    pub consumers: HashMap<String, Arc<Consumer>>,
    /// Credentials.
    pub identities: Identities,
    /// Outside issuers of tokens.
    pub issuers: Vec<Arc<Issuer>>,
    /// Systems by id.
    pub systems: HashMap<String, Arc<System>>,
    /// What an outcome sets off.
    pub relays: Vec<Relay>,
    /// What the gateway does of its own accord.
    pub flows: Flows,
    /// What an outcome tells subscribers.
    pub emits: Vec<Emit>,
    /// Code lists that inputs are checked against.
    pub codes: Arc<CodeLists>,
}
