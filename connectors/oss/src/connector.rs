//! The connector as the gateway holds it: its operations, pushes, screen and probe.

use crate::clock::Kept;
use crate::mirrors::{self, CodeList};
use crate::settings::Setup;
use crate::{descriptor, envelope, hook, ops, screen};
use connector_sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, HealthProbe, Hook, Mirror, NativeReply, NativeRequest,
    Operation, ServiceClock, Settings,
};
use std::sync::Arc;

/// Builds the connector: `connector = "oss"`.
pub const FACTORY: Factory = Factory { kind: "oss", build };

struct Oss {
    descriptor: Descriptor,
    operations: Vec<Box<dyn Operation>>,
    hooks: Vec<Box<dyn Hook>>,
    lists: Vec<CodeList>,
    probe: Probe,
    clock: Kept,
    setup: Arc<Setup>,
}

fn build(settings: &Settings) -> Built {
    let setup = Arc::new(Setup::read(settings)?);
    let (operations, hooks, lists) = (ops::all(&setup), hook::all(&setup), mirrors::all(&setup));
    let descriptor = descriptor::of(
        operations.iter().map(|operation| operation.spec().clone()).collect(),
        hooks.iter().map(|hook| hook.spec().clone()).collect(),
        lists.iter().map(|list| list.spec().clone()).collect(),
        &setup,
    );
    Ok(Arc::new(Oss {
        descriptor,
        operations,
        hooks,
        lists,
        probe: Probe {
            setup: Arc::clone(&setup),
        },
        clock: Kept::new(&setup),
        setup,
    }))
}

impl Connector for Oss {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        let mut all = self.operations.iter();
        all.find(|operation| operation.spec().id == id).map(AsRef::as_ref)
    }

    fn hook(&self, id: &str) -> Option<&dyn Hook> {
        let mut all = self.hooks.iter();
        all.find(|hook| hook.spec().id == id).map(AsRef::as_ref)
    }

    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        let found = self.lists.iter().find(|list| list.spec().id == id)?;
        Some(found)
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        Some(&self.probe)
    }

    fn clock(&self) -> Option<&dyn ServiceClock> {
        Some(&self.clock)
    }

    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        screen::screen(&self.setup, request, reply)
    }
}

/// Asks for the smallest code list.
struct Probe {
    setup: Arc<Setup>,
}

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        ops::probe(&self.setup)
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        envelope::open(reply).map(|_| ())
    }
}
