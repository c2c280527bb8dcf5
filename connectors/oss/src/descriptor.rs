//! The declaration of the connector: limits, known native errors with a sample each, settings.

mod errors;
mod settings;

use crate::settings::Setup;
use connector_sdk::{Descriptor, HookSpec, MirrorSpec, NativeLimits, OperationSpec, Text};

/// The descriptor with these operations, pushes and lists.
pub(crate) fn of(
    operations: Vec<OperationSpec>,
    hooks: Vec<HookSpec>,
    mirrors: Vec<MirrorSpec>,
    setup: &Setup,
) -> Descriptor {
    Descriptor {
        id: "oss".into(),
        title: Text::new(
            "OSS RBA (perizinan berusaha berbasis risiko)",
            "OSS RBA (risk-based business licensing)",
        ),
        owner: "Kementerian Investasi/BKPM".into(),
        native_version: "PIA 4.3.22".into(),
        documentation: "Pedoman Integrasi Aplikasi OSS RBA 4.3.22".into(),
        auth: vec!["headers".into(), "client_credentials".into(), "key_exchange".into()],
        limits: NativeLimits {
            // OSS publishes no limit; these keep our bad day from becoming theirs.
            per_minute: Some(300),
            concurrent: Some(8),
            max_request: Some(2 * 1024 * 1024),
            max_reply: Some(32 * 1024 * 1024),
            hours: None,
        },
        operations,
        hooks,
        mirrors,
        errors: errors::known(setup),
        settings: settings::specs(),
    }
}
