//! The connector as the gateway holds it: its operations, its screen, its probe.

use crate::cermin::{self, MasterList};
use crate::kirim::Send;
use crate::kirim_g1::Push;
use crate::lihat::Look;
use crate::limpahkan::HandOn;
use crate::masuk_daftar::ListIncoming;
use crate::settings::{Desk, Dialect, Setup};
use crate::tindak_lanjut_daftar::ListFollowUps;
use crate::tindak_lanjut_kirim::AddFollowUp;
use crate::{descriptor, screen};
use connector_sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, HealthProbe, Mirror, NativeReply, NativeRequest, Operation,
    RelativePath, Settings,
};
use std::sync::Arc;

/// Builds the connector: `connector = "lapor"`.
pub const FACTORY: Factory = Factory { kind: "lapor", build };

struct Lapor {
    descriptor: Descriptor,
    operations: Vec<Box<dyn Operation>>,
    mirrors: Vec<MasterList>,
    probe: Option<Probe>,
}

fn build(settings: &Settings) -> Built {
    let setup = Arc::new(Setup::read(settings)?);
    let (operations, mirrors) = match &setup.raw.g1 {
        Some(desk) if setup.raw.dialek == Dialect::G1 => (first_generation(&setup, desk), Vec::new()),
        _ => (third_generation(&setup), cermin::lists(&setup)),
    };
    let descriptor = descriptor::of(
        operations.iter().map(|operation| operation.spec().clone()).collect(),
        mirrors.iter().map(|mirror| mirror.spec().clone()).collect(),
    );
    let probe = (setup.raw.dialek == Dialect::G3).then_some(Probe { setup });
    Ok(Arc::new(Lapor {
        descriptor,
        operations,
        mirrors,
        probe,
    }))
}

/// The XML push knows one operation and cannot be asked anything.
fn first_generation(setup: &Arc<Setup>, desk: &Desk) -> Vec<Box<dyn Operation>> {
    vec![Box::new(Push::new(setup, desk))]
}

fn third_generation(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let mut operations: Vec<Box<dyn Operation>> = vec![
        Box::new(Send::new(setup)),
        Box::new(Look::new(setup)),
        Box::new(ListFollowUps::new(setup)),
        Box::new(AddFollowUp::new(setup)),
        Box::new(HandOn::new(setup)),
    ];
    if let Some(listing) = &setup.raw.masuk {
        operations.push(Box::new(ListIncoming::new(setup, listing)));
    }
    operations
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

    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        self.mirrors
            .iter()
            .find(|mirror| mirror.spec().id == id)
            .map(|mirror| mirror as &dyn Mirror)
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        self.probe.as_ref().map(|probe| probe as &dyn HealthProbe)
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
        crate::wire::get("periksa", RelativePath::of(&self.setup.raw.jalur.instansi)).query("page_size", "1")
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        crate::envelope::rows(reply).map(|_| ())
    }
}
