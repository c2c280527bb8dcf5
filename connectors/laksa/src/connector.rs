//! The connector as the gateway holds it: its operations, its screen, its probe.

use crate::settings::Setup;
use crate::status_tulis::WriteStatus;
use crate::tanggapan_daftar::ListAnswers;
use crate::tiket_buat::MakeTicket;
use crate::tindak_lanjut_tulis::WriteFollowUp;
use crate::{descriptor, envelope};
use connector_sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, HealthProbe, NativeReply, NativeRequest, Operation,
    RelativePath, Settings,
};
use std::sync::Arc;

/// Builds the connector: `connector = "laksa"`.
pub const FACTORY: Factory = Factory { kind: "laksa", build };

struct Laksa {
    descriptor: Descriptor,
    operations: Vec<Box<dyn Operation>>,
    setup: Arc<Setup>,
    probe: Probe,
}

fn build(settings: &Settings) -> Built {
    let setup = Arc::new(Setup::read(settings)?);
    let operations: Vec<Box<dyn Operation>> = vec![
        Box::new(WriteStatus::new(&setup)),
        Box::new(MakeTicket::new(&setup)),
        Box::new(WriteFollowUp::new(&setup)),
        Box::new(ListAnswers::new(&setup)),
    ];
    let descriptor = descriptor::of(operations.iter().map(|operation| operation.spec().clone()).collect());
    let probe = Probe {
        setup: Arc::clone(&setup),
    };
    Ok(Arc::new(Laksa {
        descriptor,
        operations,
        setup,
        probe,
    }))
}

impl Connector for Laksa {
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
        envelope::judge(&self.setup, request, reply)
    }
}

/// Asks for the first page of the ticket list.
struct Probe {
    setup: Arc<Setup>,
}

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        NativeRequest::get("periksa", RelativePath::of(&self.setup.raw.jalur.daftar)).query("halaman", "1")
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        let body = reply.json()?;
        envelope::rows(&body)
            .map(|_| ())
            .ok_or_else(|| Fault::drift("a ticket list without rows"))
    }
}
