//! Native switches of the create, each a setting.

use serde::Deserialize;

/// Native switches whose meaning the operator has not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Switches {
    /// `is_inbox`.
    pub(crate) is_inbox: bool,
    /// `is_approval`.
    pub(crate) is_approval: bool,
    /// `is_disposisi_slider`.
    pub(crate) is_disposisi_slider: bool,
    /// `is_priority`.
    pub(crate) is_priority: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            is_inbox: true,
            is_approval: false,
            is_disposisi_slider: true,
            is_priority: false,
        }
    }
}
