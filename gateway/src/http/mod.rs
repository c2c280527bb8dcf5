//! Rooms 3–6 and 15: an HTTP call becomes a call of the pipeline, its outcome becomes an answer. The order of the
//! rooms is in `stack`; everything else here is one room or one form of answer.

mod akses;
mod asli;
mod body;
mod faults;
mod identify;
mod lampiran;
mod langganan;
mod language;
mod limits;
mod masuk;
mod open;
mod pages;
mod pemakaian;
mod peristiwa;
mod problem;
mod refusals;
mod respond;
mod routes;
mod salinan;
mod share;
mod stack;
mod status;
mod stream;
mod target;
mod token;
mod unduh;

pub use language::Language;
pub use limits::HttpLimits;
pub use masuk::Peer;
pub use problem::{CODES, Problem, code_titles};
pub use routes::Routes;
pub use share::Shares;
pub use stack::{Edge, answer};

/// What a caller hears.
pub type Answer = ::http::Response<crate::payload::Payload>;
