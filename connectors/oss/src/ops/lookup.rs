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
        let shown = match standing(&self.setup, text(input, "id_izin"), reply)?.state {
            Shown::Known(shown) => shown,
            Shown::NoneYet if before.is_none() => return Ok(Found::NotLanded),
            Shown::NoneYet => return Ok(Found::Unclear("OSS shows no state although one was sent".into())),
            Shown::Unlisted => return Ok(Found::Unclear("OSS shows a state that is in no list".into())),
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

/// The state that OSS shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// No state has been reported.
    NoneYet,
    /// A code that is in no list.
    Unlisted,
    /// A known one.
    Known(Status),
}

/// Where an application stands according to OSS.
pub(super) struct Standing {
    /// The state.
    pub(super) state: Shown,
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
    if data.get("kd_status").is_none() {
        return Err(Fault::drift("no `dataIZIN.kd_status`"));
    }
    let state = match envelope::text(data, "kd_status") {
        None => Shown::NoneYet,
        Some(code) => setup.statuses.status(code).map_or(Shown::Unlisted, Shown::Known),
    };
    Ok(Standing {
        state,
        file: envelope::text(data, "file_lampiran").map(str::to_owned),
    })
}
