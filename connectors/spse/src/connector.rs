//! The connector as the gateway holds it: the mirrors of the configured interface, the supplier look-up, the probe.

use crate::mirror::Set;
use crate::settings::Setup;
use crate::supplier::Supplier;
use crate::{descriptor, mirror, ocds, request, screen};
use connector_sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, HealthProbe, Mirror, NativeReply, NativeRequest, Operation,
    Settings,
};
use serde_json::Value;
use std::sync::Arc;

/// Builds the connector: `connector = "spse"`.
pub const FACTORY: Factory = Factory { kind: "spse", build };

struct Spse {
    descriptor: Descriptor,
    sets: Vec<Set>,
    supplier: Option<Supplier>,
    probe: Probe,
    setup: Arc<Setup>,
}

fn build(settings: &Settings) -> Built {
    let setup = Arc::new(Setup::read(settings)?);
    let sets = mirror::all(&setup);
    let supplier = Supplier::of(&setup);
    let descriptor = descriptor::of(
        sets.iter().map(|set| set.spec().clone()).collect(),
        supplier.iter().map(|supplier| supplier.spec().clone()).collect(),
    );
    Ok(Arc::new(Spse {
        descriptor,
        sets,
        supplier,
        probe: Probe {
            setup: Arc::clone(&setup),
        },
        setup,
    }))
}

impl Connector for Spse {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        let supplier = self.supplier.as_ref().filter(|supplier| supplier.spec().id == id);
        supplier.map(|supplier| supplier as &dyn Operation)
    }

    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        let set = self.sets.iter().find(|set| set.spec().id == id);
        set.map(|set| set as &dyn Mirror)
    }

    fn publish(&self, form: &str, at: &str, records: &[Value]) -> Option<Value> {
        let publisher = self.setup.raw.ocds.as_ref().filter(|_| form == "ocds")?;
        ocds::of_records(publisher, at, records)
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        Some(&self.probe)
    }

    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        screen::screen(&self.setup, request, reply)
    }
}

/// Asks for one unit of the smallest master list.
struct Probe {
    setup: Arc<Setup>,
}

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        request::probe(&self.setup)
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        mirror::any_rows(&self.setup, reply)
    }
}
