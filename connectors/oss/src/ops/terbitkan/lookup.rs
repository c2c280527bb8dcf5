//! What became of a licence whose answer was lost. Two reads: `inqueryLicense` shows the number, `checkLicenseStatus` the
//! state and the attachment. A number without the rest means that only the first step landed: it is stored, so that
//! the next attempt issues under it instead of taking another.

use super::super::izin_lihat::ask_licence;
use super::super::lookup::{Shown, Standing, ask_status, standing};
use super::super::text;
use super::{NUMBER, Plan, Row, plan, receipt, same_number, shown};
use crate::settings::Setup;
use crate::status::Status;
use connector_sdk::{BoxFuture, Call, Fault, FaultKind, Found, Lookup, NativeReply, NativeRequest, Outbound};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) struct ByNumber {
    setup: Arc<Setup>,
}

impl ByNumber {
    pub(super) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            setup: Arc::clone(setup),
        }
    }

    fn landed(&self, input: &Value, number: Option<&str>) -> Found {
        Found::Landed(receipt(&self.setup, input, number, true))
    }

    /// The verdict when our number is stored, whatever OSS shows of it: sending the second message again takes no number.
    fn with_stored(&self, input: &Value, number: Option<&str>, standing: &Standing) -> Option<Found> {
        let by_others = match standing.state {
            Shown::Known(status) => status.is_for_oss_only() || status == Status::Rejected,
            Shown::Unlisted => true,
            Shown::NoneYet => false,
        };
        match plan(input) {
            Plan::NumberOnly => Some(self.landed(input, number)),
            Plan::NumberThenIssue if !by_others => Some(Found::NotLanded),
            Plan::NumberThenIssue | Plan::Once => None,
        }
    }

    /// The verdict. `standing` is nothing when only the licence itself was asked for.
    fn judge(&self, input: &Value, row: Option<&Row>, standing: Option<&Standing>) -> Found {
        if text(input, "status") == Status::Rejected.word() {
            return match standing.map(|standing| standing.state) {
                Some(Shown::Known(Status::Rejected)) => self.landed(input, None),
                Some(Shown::NoneYet) => Found::NotLanded,
                Some(Shown::Known(status)) if !decided(status) => Found::NotLanded,
                Some(Shown::Known(_) | Shown::Unlisted) | None => {
                    Found::Unclear("the state shown does not tell whether the refusal landed".into())
                }
            };
        }
        let number = row.and_then(|row| row.number.as_deref());
        if row.is_some_and(|row| row.renewal) && number.is_some() {
            return Found::Unclear("the number shown may be that of the licence being renewed".into());
        }
        let Some(number) = number else {
            // A number that was taken may not be shown before it is used, whatever the state: only a system that is
            // known to show it can say that none was taken.
            let none_taken = standing.is_some() && row.is_some() && self.setup.raw.nomor_tampak;
            return if none_taken {
                Found::NotLanded
            } else {
                Found::Unclear("no number is shown, yet one may have been taken".into())
            };
        };
        if let Some(ours) = input.get(NUMBER).and_then(Value::as_str)
            && !same_number(ours, number)
        {
            return Found::Unclear("OSS shows another number than the one sent".into());
        }
        let wants_files = input.get("url_izin").is_some() || input.get("url_lampiran").is_some();
        let has_files = row.is_some_and(|row| row.file) || standing.is_some_and(|standing| standing.file.is_some());
        match plan(input) {
            Plan::NumberOnly => self.landed(input, Some(number)),
            Plan::NumberThenIssue | Plan::Once if has_files => self.landed(input, Some(number)),
            // Without files both messages look alike; sending the second again changes nothing and takes no number.
            Plan::NumberThenIssue | Plan::Once if wants_files && standing.is_some() => Found::NotLanded,
            Plan::NumberThenIssue | Plan::Once if wants_files => {
                Found::Unclear("the attachment is not shown here; ask the state too".into())
            }
            Plan::NumberThenIssue => Found::NotLanded,
            Plan::Once => self.landed(input, Some(number)),
        }
    }
}

/// States that OSS may have set, or that a licence brings about.
fn decided(status: Status) -> bool {
    status.is_for_oss_only() || matches!(status, Status::Approved | Status::Rejected | Status::ProvisionalIssue)
}

impl Lookup for ByNumber {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        Some(ask_licence(&self.setup, text(input, "id_izin")))
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let row = shown(reply, text(input, "id_izin"))?;
        Ok(self.judge(input, row.as_ref(), None))
    }

    fn run<'a>(
        &'a self,
        _call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Found, Fault>> {
        Box::pin(async move {
            let id = text(input, "id_izin");
            let row = match out.send(ask_licence(&self.setup, id)).await {
                Ok(reply) => shown(&reply, id)?,
                Err(fault) if fault.kind == FaultKind::NotFound => None,
                Err(fault) => return Err(fault),
            };
            let standing = standing(&self.setup, id, &out.send(ask_status(&self.setup, id)).await?)?;
            let found = self.judge(input, row.as_ref(), Some(&standing));
            if let (Found::Unclear(_), Some(number)) = (&found, out.recall(NUMBER))
                && let Some(found) = self.with_stored(input, number.as_str(), &standing)
            {
                return Ok(found);
            }
            let number = row.filter(|row| !row.renewal).and_then(|row| row.number);
            if let (Found::NotLanded, Some(number)) = (&found, number)
                && input.get(NUMBER).is_none()
            {
                out.checkpoint(NUMBER, json!(number)).await?;
            }
            Ok(found)
        })
    }
}
