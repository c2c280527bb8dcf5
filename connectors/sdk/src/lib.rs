//! The connector contract of Simpul.
//!
//! A connector **translates and only translates**: canonical JSON to a native request, a native reply to canonical
//! JSON. It does not retry, sleep, spawn, read clocks, environment or files, open sockets, log bodies or see secrets.
//! Everything it can do is declared in its [`Descriptor`]; what is not declared is refused before it is called.
//!
//! Start with [`Connector`] and [`Operation`]; `connectors/example` is the smallest complete one.
//!
//! What this crate deliberately lacks: I/O of any kind, an HTTP client, a schema engine, a clock.

mod auth;
mod call;
mod clock;
mod connector;
mod descriptor;
mod fault;
mod health;
mod hook;
mod mirror;
mod native;
mod operation;
pub mod page;
mod path;
pub mod profile;
pub mod screen;
mod secret;
mod settings;
pub mod stream;
mod text;

pub use auth::{AuthKind, BODY_CREDENTIAL, HmacAlgorithm, KeyExchange, WebhookSecret, is_placed, path_credential};
pub use call::{BoxFuture, Call, KeptFile, Lists, NoLists, Outbound};
pub use clock::{
    ClockAlert, ClockReading, ClockRecord, ClockState, ClockStep, ClockVerdict, Difference, Moved, ServiceClock,
    Workdays,
};
pub use connector::{Built, Connector, Factory};
pub use descriptor::{Descriptor, NativeError, NativeLimits, ServiceHours, SettingSpec};
pub use fault::{Complaint, Fault, FaultKind, Landed, Origin};
pub use health::HealthProbe;
pub use hook::{Acknowledgement, Hook, HookSpec, Inbound, Refused, Translated, Verified};
pub use mirror::{Mirror, MirrorSpec, Page, Pull, Reading, Record, looks_masked};
pub use native::{Content, Fill, NativeBody, NativeReply, NativeRequest, Part};
pub use operation::{Answer, Effect, Follow, Found, Lookup, Operation, OperationSpec, Paging, Replay};
pub use path::RelativePath;
pub use secret::Secret;
pub use settings::{SettingComplaint, Settings};
pub use text::{Str, Text};
