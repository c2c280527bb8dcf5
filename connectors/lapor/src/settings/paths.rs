//! Paths of the native endpoints, relative to the configured endpoint. Defaults: reference §2.2. `{id}` stands for the
//! report's id and is encoded as one segment.

use connector_sdk::RelativePath;
use serde::Deserialize;

/// One path template per endpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Paths {
    /// Create a report.
    pub(crate) buat: String,
    /// Upload evidence first.
    pub(crate) unggah: String,
    /// Detail of a report.
    pub(crate) lihat: String,
    /// Follow-ups of a report.
    pub(crate) tindak_lanjut: String,
    /// Add a follow-up.
    pub(crate) tindak_lanjut_tambah: String,
    /// Hand on to another institution.
    pub(crate) limpahkan: String,
    /// Institution list.
    pub(crate) instansi: String,
    /// Reply templates.
    pub(crate) templat: String,
    /// Category list; its path is not published, so there is no default.
    pub(crate) kategori: Option<String>,
    /// XML push of generation 1.
    pub(crate) g1: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            buat: "complaints/complaint".to_owned(),
            unggah: "complaints/complaint/file".to_owned(),
            lihat: "complaints/{id}/complaint".to_owned(),
            tindak_lanjut: "complaints/{id}/followups".to_owned(),
            tindak_lanjut_tambah: "complaints/followup/add".to_owned(),
            limpahkan: "complaints/process/{id}/reject".to_owned(),
            instansi: "masters/institutions/external".to_owned(),
            templat: "masters/templates".to_owned(),
            kategori: None,
            g1: "api/stream/addstream".to_owned(),
        }
    }
}

/// The path of a template with the report's id put in as one segment.
pub(crate) fn with_id(template: &str, id: &str) -> RelativePath {
    template
        .split('/')
        .filter(|segment| !segment.is_empty())
        .fold(RelativePath::root(), |path, segment| {
            path.segment(&segment.replace("{id}", id))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_never_leaves_its_segment() {
        let path = with_id("complaints/{id}/complaint", "../x?y");
        assert_eq!(path.as_str(), "/complaints/..%2Fx%3Fy/complaint");
    }
}
