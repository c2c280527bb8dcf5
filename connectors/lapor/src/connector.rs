//! The connector as the gateway holds it: its operations, its screen, its probe.

use crate::kirim::Send;
use crate::lihat::Look;
use crate::settings::Setup;
use crate::{descriptor, screen};
use connector_sdk::{
    Call, Connector, Descriptor, Factory, Fault, HealthProbe, NativeReply, NativeRequest, Operation, RelativePath,
    SettingComplaint, Settings,
};
use std::sync::Arc;

/// Builds the connector: `connector = "lapor"`.
pub const FACTORY: Factory = Factory { kind: "lapor", build };

struct Lapor {
    descriptor: Descriptor,
    operations: Vec<Box<dyn Operation>>,
    probe: Probe,
}

fn build(settings: &Settings) -> Result<Arc<dyn Connector>, Vec<SettingComplaint>> {
    let setup = Arc::new(Setup::read(settings)?);
    let operations: Vec<Box<dyn Operation>> = vec![Box::new(Send::new(&setup)), Box::new(Look::new(&setup))];
    let descriptor = descriptor::of(operations.iter().map(|operation| operation.spec().clone()).collect());
    Ok(Arc::new(Lapor {
        descriptor,
        operations,
        probe: Probe { setup },
    }))
}

impl Connector for Lapor {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        self.operations
            .iter()
            .find(|operation| operation.spec().id == id)
            .map(AsRef::as_ref)
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        Some(&self.probe)
    }

    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        screen::screen(request, reply)
    }
}

/// Asks for one row of the institution list.
struct Probe {
    setup: Arc<Setup>,
}

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        NativeRequest::get("periksa", RelativePath::of(&self.setup.raw.jalur.instansi)).query("page_size", "1")
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        crate::envelope::rows(reply).map(|_| ())
    }
}
