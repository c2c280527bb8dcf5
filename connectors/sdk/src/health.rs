//! A read-only probe that tells whether a system answers. Runs on a schedule; never part of our own liveness.

use crate::{Call, Fault, NativeReply, NativeRequest};

/// A probe without effect.
pub trait HealthProbe: Send + Sync {
    /// The reading request.
    fn request(&self, call: &Call<'_>) -> NativeRequest;
    /// `Ok` when the answer shows a working system. The reply has passed the screen.
    fn judge(&self, reply: &NativeReply) -> Result<(), Fault>;
}
