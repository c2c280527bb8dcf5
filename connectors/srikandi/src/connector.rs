//! The connector as the gateway holds it: its operations, call-back, mirrors, screen and probe.

use crate::settings::{Dialect, Setup};
use crate::{descriptor, envelope, eoffice, former, hook, mirrors, ops};
use connector_sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, HealthProbe, Hook, Landed, Mirror, NativeReply, NativeRequest,
    Operation, Settings,
};
use std::sync::Arc;

/// Builds the connector: `connector = "srikandi"`.
pub const FACTORY: Factory = Factory {
    kind: "srikandi",
    build,
};

struct Srikandi {
    descriptor: Descriptor,
    operations: Vec<Box<dyn Operation>>,
    hooks: Vec<Box<dyn Hook>>,
    mirrors: Vec<Box<dyn Mirror>>,
    probe: Probe,
    setup: Arc<Setup>,
}

fn build(settings: &Settings) -> Built {
    let setup = Arc::new(Setup::read(settings)?);
    let (operations, hooks, mirrors) = match setup.raw.dialek {
        Dialect::Srikandi => (
            ops::all(&setup),
            [hook::all(&setup), former::all(&setup)].into_iter().flatten().collect(),
            mirrors::all(&setup),
        ),
        Dialect::Eoffice => (eoffice::all(&setup), Vec::new(), Vec::new()),
    };
    let descriptor = descriptor::of(
        setup.raw.dialek,
        operations.iter().map(|one| one.spec().clone()).collect(),
        hooks.iter().map(|one| one.spec().clone()).collect(),
        mirrors.iter().map(|one| one.spec().clone()).collect(),
    );
    Ok(Arc::new(Srikandi {
        descriptor,
        operations,
        hooks,
        mirrors,
        probe: Probe {
            setup: Arc::clone(&setup),
        },
        setup,
    }))
}

impl Connector for Srikandi {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        let mut all = self.operations.iter();
        all.find(|one| one.spec().id == id).map(AsRef::as_ref)
    }

    fn hook(&self, id: &str) -> Option<&dyn Hook> {
        let mut all = self.hooks.iter();
        all.find(|one| one.spec().id == id).map(AsRef::as_ref)
    }

    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        let mut all = self.mirrors.iter();
        all.find(|one| one.spec().id == id).map(AsRef::as_ref)
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        Some(&self.probe)
    }

    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        match self.setup.raw.dialek {
            Dialect::Srikandi => envelope::screen(&self.setup, request, reply),
            Dialect::Eoffice => eoffice::screen(request, reply),
        }
    }
}

/// Asks for the shortest list; an e-office for its own health.
struct Probe {
    setup: Arc<Setup>,
}

impl HealthProbe for Probe {
    fn request(&self, call: &Call<'_>) -> NativeRequest {
        match self.setup.raw.dialek {
            Dialect::Srikandi => ops::headed(&self.setup, call, ops::probe(&self.setup)),
            Dialect::Eoffice => NativeRequest::get("periksa", self.setup.path("eoffice_sehat", None)),
        }
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        match self.setup.raw.dialek {
            Dialect::Srikandi => envelope::page(&self.setup, reply, 1).map(|_| ()),
            Dialect::Eoffice => envelope::body(reply, Landed::No).map(|_| ()),
        }
    }
}
