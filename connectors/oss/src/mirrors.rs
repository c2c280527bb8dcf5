//! Code lists of OSS that are kept in step (`[[daftar]]`): `getDataReferensi`, one mirror per list. Which ones is a
//! setting: by default those the guide does not print (8 licence codes, 15 conditions, 30 KBLI, 32 zones). That an
//! empty or implausible answer never replaces a list is the engine's rule.

use crate::envelope;
use crate::ops::{ask_list, reference_rows};
use crate::settings::Setup;
use connector_sdk::{Call, Fault, Mirror, MirrorSpec, NativeReply, NativeRequest, Page, Pull, Str, Text};
use std::sync::Arc;

/// One list.
pub(crate) struct CodeList {
    spec: MirrorSpec,
    setup: Arc<Setup>,
    number: String,
}

/// The lists of the settings.
pub(crate) fn all(setup: &Arc<Setup>) -> Vec<CodeList> {
    let list = |number: &String| CodeList {
        spec: spec(number),
        setup: Arc::clone(setup),
        number: number.clone(),
    };
    setup.raw.daftar_referensi.iter().map(list).collect()
}

fn spec(number: &str) -> MirrorSpec {
    MirrorSpec {
        id: format!("oss.l{number}").into(),
        summary: Text {
            id: format!("Daftar kode OSS nomor {number}.").into(),
            en: format!("Code list {number} of OSS.").into(),
        },
        schema: "urn:simpul:skema:referensi_butir:1".into(),
        key: vec![Str::from("/kode")],
        every_s: 24 * 3600,
        max_shrink_percent: 10,
        max_pages: 1,
    }
}

impl Mirror for CodeList {
    fn spec(&self) -> &MirrorSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, _pull: &Pull) -> Result<NativeRequest, Fault> {
        Ok(ask_list(&self.setup, "daftar", &self.number))
    }

    /// A list comes whole, in one answer.
    fn page(&self, _call: &Call<'_>, _pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        Ok(Page {
            records: reference_rows(&self.setup, &envelope::open(reply)?)?,
            next: None,
            total: None,
        })
    }
}
