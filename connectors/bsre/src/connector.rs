//! The connector as the gateway holds it.

use crate::settings::Setup;
use crate::{descriptor, screen, sign, status, verify};
use connector_sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, HealthProbe, NativeReply, NativeRequest, Operation, Settings,
};
use std::sync::Arc;

/// Builds the connector: `connector = "bsre"`.
pub const FACTORY: Factory = Factory { kind: "bsre", build };

struct Bsre {
    descriptor: Descriptor,
    operations: Vec<Box<dyn Operation>>,
    probe: Probe,
}

/// Asks for the status of nobody.
struct Probe {
    setup: Arc<Setup>,
}

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        status::probe(&self.setup)
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        let body = reply.json()?;
        let said = body.get("status_code").or_else(|| body.get("status"));
        said.map(|_| ())
            .ok_or_else(|| Fault::drift("a signer's status without code and word"))
    }
}

fn build(settings: &Settings) -> Built {
    let setup = Arc::new(Setup::read(settings)?);
    let operations = vec![
        sign::operation(&setup),
        verify::operation(&setup),
        status::operation(&setup),
    ];
    Ok(Arc::new(Bsre {
        descriptor: descriptor::of(operations.iter().map(|one| one.spec().clone()).collect()),
        operations,
        probe: Probe { setup },
    }))
}

impl Connector for Bsre {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        let mut all = self.operations.iter();
        all.find(|one| one.spec().id == id).map(AsRef::as_ref)
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        Some(&self.probe)
    }

    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        screen::screen(request, reply)
    }
}
