//! What became of a state whose answer was lost: `checkLicenseStatus` tells where the application stands now. Equal to
//! ours means landed, unless it stood there before; what OSS may have moved by itself is left to a person.

use super::status_kirim;
use super::{ask, text};
use crate::envelope;
use crate::settings::Setup;
use crate::status::Status;
use connector_sdk::{Call, Fault, Found, Lookup, NativeReply, NativeRequest};
use serde_json::{Value, json};
use std::sync::Arc;

/// Asks for the state of one application.
pub(super) fn ask_status(setup: &Setup, id: &str) -> NativeRequest {
    let body = json!({"CHECKLICENSESTATUS": {"id_izin": id}});
    ask(setup, "periksa", "checkLicenseStatus", body)
}

/// The look-up of `izin.status.kirim` and `izin.kkpr.kirim`.
pub(super) struct StatusLookup {
    setup: Arc<Setup>,
}

impl StatusLookup {
    pub(super) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            setup: Arc::clone(setup),
        }
    }
}

impl Lookup for StatusLookup {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        Some(ask_status(&self.setup, text(input, "id_izin")))
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let ours = status_kirim::status(input)?;
        let before = input
            .get("status_sebelum")
            .and_then(Value::as_str)
            .and_then(Status::from_word);
        let shown = standing(&self.setup, text(input, "id_izin"), reply)?.status;
        let Some(shown) = shown else {
            return Ok(Found::Unclear("OSS shows a state that is in no list".into()));
        };
        if before == Some(ours) {
            return Ok(Found::Unclear(
                "the state before and the state sent are the same".into(),
            ));
        }
        if shown == ours {
            let receipt = status_kirim::receipt(&self.setup, input, ours);
            return Ok(Found::Landed(Value::Object(receipt)));
        }
        if before == Some(shown) {
            return Ok(Found::NotLanded);
        }
        let moved_by_oss = shown.is_for_oss_only() || matches!(shown, Status::Approved | Status::Rejected);
        if moved_by_oss || before.is_some() || !self.setup.raw.status_hanya_dari_kami {
            return Ok(Found::Unclear("the application was moved by somebody else".into()));
        }
        Ok(Found::NotLanded)
    }
}

/// Where an application stands according to OSS.
pub(super) struct Standing {
    /// The state, if its code is known.
    pub(super) status: Option<Status>,
    /// The file attached to it.
    pub(super) file: Option<String>,
}

/// Reads an answer of `checkLicenseStatus`; an answer about another application must not pass as the right one.
pub(super) fn standing(setup: &Setup, id: &str, reply: &NativeReply) -> Result<Standing, Fault> {
    let opened = envelope::open(reply)?;
    let data = envelope::filled(&opened, &["dataIZIN", "dataIzin"]).ok_or_else(super::not_found)?;
    if envelope::text(data, "id_izin").is_some_and(|shown| shown != id) {
        return Err(Fault::drift("`dataIZIN.id_izin` is another application"));
    }
    let code = envelope::text(data, "kd_status").ok_or_else(|| Fault::drift("no `dataIZIN.kd_status`"))?;
    Ok(Standing {
        status: setup.statuses.status(code),
        file: envelope::text(data, "file_lampiran").map(str::to_owned),
    })
}
