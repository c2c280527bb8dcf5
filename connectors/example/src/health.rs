//! The probe: the first page of books. It reads, needs no particular book, and passes the same screen as everything.

use crate::envelope;
use connector_sdk::{Call, Fault, HealthProbe, NativeReply, NativeRequest, RelativePath};

pub(crate) struct Probe;

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        NativeRequest::get("periksa", RelativePath::of("buku"))
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        envelope::content(reply).map(|_| ())
    }
}
