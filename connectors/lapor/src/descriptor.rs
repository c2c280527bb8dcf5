//! The declaration of the connector: limits, known native errors with a sample each, settings.

mod errors;
mod settings;

use connector_sdk::{Descriptor, MirrorSpec, NativeLimits, OperationSpec, Text};

/// The descriptor with these operations and mirrors.
pub(crate) fn of(operations: Vec<OperationSpec>, mirrors: Vec<MirrorSpec>) -> Descriptor {
    Descriptor {
        id: "lapor".into(),
        title: Text::new(
            "SP4N-LAPOR! (pengelolaan pengaduan nasional)",
            "SP4N-LAPOR! (national complaint handling)",
        ),
        owner: "Kementerian PANRB".into(),
        native_version: "3.0.0".into(),
        documentation: "docs/reference/lapor.md".into(),
        auth: vec!["headers".into(), "client_credentials".into()],
        limits: NativeLimits {
            per_minute: Some(60),
            concurrent: Some(4),
            max_request: Some(30 * 1024 * 1024),
            max_reply: Some(8 * 1024 * 1024),
            hours: None,
        },
        operations,
        hooks: Vec::new(),
        mirrors,
        errors: errors::known(),
        settings: settings::specs(),
    }
}
