//! What every simulator shares: the socket, the fault switchboard, the clock, the request log, the control API.
//!
//! A played system implements [`System`]: it names its endpoints and answers whole requests, synchronously, from its
//! own state. Everything that misbehaves on the wire happens here, so a system file reads like the system's manual.
//! Nothing in this crate knows a connector or the gateway.

pub mod clock;
mod control;
pub mod fault;
pub mod form;
pub mod http;
mod log;
pub mod multipart;
mod page;
mod running;
mod serve;
pub mod sha256;
pub mod splp;
pub mod switchboard;
mod wire;
pub mod xml;

pub use clock::SimClock;
pub use fault::Fault;
pub use http::{Answer, Endpoint, Request, Role};
pub use log::LoggedRequest;
pub(crate) use page::page;
pub use running::{Common, Running, start};
pub use switchboard::Switchboard;

use serde_json::Value;

/// One played system: its endpoints, its state, its dialect.
pub trait System: Send + 'static {
    /// Short name, as in the log and the control API.
    fn name(&self) -> &'static str;

    /// Every endpoint of the system, so that a fault for an unknown endpoint can be refused.
    fn endpoints(&self) -> &'static [Endpoint];

    /// The endpoint a request is for; `None` is a path the system does not have.
    fn endpoint(&self, request: &Request) -> Option<Endpoint>;

    /// Answers one request. `twists` are the faults that only the system itself can play (lists, missing ids).
    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer;

    /// The system's own way of saying that something is wrong, for faults that never reach its state.
    fn fault_answer(&self, fault: &Fault, request: &Request) -> Answer;

    /// What a client is told when the work was done but took too long: the connector's fault, or the system's own.
    fn timeout_answer(&self, _request: &Request) -> Answer {
        splp::json_fault(101_504)
    }

    /// What is stored, for `GET /__sim/state`.
    fn state(&self) -> Value;

    /// What was done, counted, for `GET /__sim/effects`.
    fn effects(&self) -> Value;

    /// Back to the beginning.
    fn reset(&mut self);

    /// The system's own commands under `/__sim/`; `None` is an unknown command.
    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>>;
}
