//! What only the XML push of generation 1 needs: the reporter it names when it must not name the citizen.

use serde::Deserialize;

/// The city's own account, sent as the reporter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Desk {
    /// E-mail.
    pub(crate) email: String,
    /// Telephone.
    pub(crate) telepon: String,
    /// First name.
    pub(crate) nama_depan: String,
    /// Last name; the system demands one.
    #[serde(default = "no_last_name")]
    pub(crate) nama_belakang: String,
}

fn no_last_name() -> String {
    "_".to_owned()
}
