//! The connector as the gateway holds it: mirrors from the data-set files, a few operations, screen and probe.

use crate::dataset::{Dataset, Generation};
use crate::mirror::Copied;
use crate::settings::Setup;
use crate::{descriptor, ops, screen};
use connector_sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, HealthProbe, Mirror, NativeReply, NativeRequest, Operation,
    RelativePath, Settings,
};
use std::sync::Arc;

/// Builds the connector: `connector = "sipd"`.
pub const FACTORY: Factory = Factory { kind: "sipd", build };

struct Sipd {
    descriptor: Descriptor,
    operations: Vec<Box<dyn Operation>>,
    mirrors: Vec<Copied>,
    probe: Option<Probe>,
}

fn build(settings: &Settings) -> Built {
    let setup = Arc::new(Setup::read(settings)?);
    let operations = ops::all(&setup);
    let mirrors: Vec<Copied> = setup.datasets().map(|set| Copied::new(set, &setup)).collect();
    let specs = operations.iter().map(|operation| operation.spec().clone()).collect();
    let descriptor = descriptor::of(specs, mirrors.iter().map(|mirror| mirror.spec().clone()).collect());
    let c2 = setup.serves(Generation::C2);
    let probe = c2.then(|| Probe {
        setup: Arc::clone(&setup),
    });
    Ok(Arc::new(Sipd {
        descriptor,
        operations,
        mirrors,
        probe,
    }))
}

impl Connector for Sipd {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        let mut all = self.operations.iter();
        all.find(|operation| operation.spec().id == id).map(AsRef::as_ref)
    }

    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        let found = self.mirrors.iter().find(|mirror| mirror.spec().id == id);
        found.map(|mirror| mirror as &dyn Mirror)
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        self.probe.as_ref().map(|probe| probe as &dyn HealthProbe)
    }

    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        screen::screen(request, reply)
    }
}

/// Asks whose token this is: the smallest call of the treasury half.
struct Probe {
    setup: Arc<Setup>,
}

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        let path = self.setup.path(Generation::C2, "auth/strict/user/profile");
        NativeRequest::get("sehat", RelativePath::of(&path))
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        crate::exact::parse(&reply.body)
            .filter(serde_json::Value::is_object)
            .map(|_| ())
            .ok_or_else(|| Fault::drift("the profile is not an object"))
    }
}

impl Setup {
    /// The data sets of the generations behind this endpoint.
    fn datasets(&self) -> impl Iterator<Item = &Dataset> {
        self.sets.iter().filter(|set| self.serves(set.generasi))
    }
}
