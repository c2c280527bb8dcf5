//! What the writer does for each call of the journal. Every function checks before it writes.

mod accept;
mod erase;
mod evidence;
mod lease;
mod settle;
mod shared;

pub(super) use accept::{accept, dispatch};
pub(super) use erase::erase;
pub(super) use evidence::{put_batch, witness};
pub(super) use lease::{checkpoint, lease, recover, renew};
pub(super) use settle::{intervene, publish, settle};
pub(super) use shared::{claim, drop_timer, lease_timers, probe, put_document, put_timer};
