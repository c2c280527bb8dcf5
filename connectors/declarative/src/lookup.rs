//! How a declared write of unknown outcome is found again: a reading request, which of its records is ours, and what shows
//! that there is certainly none. Whatever is not certain is `Unclear` and waits for a person.

#[cfg(test)]
mod tests;

use crate::asking::{Asking, facts};
use crate::connector::wrong_reply;
use crate::manifest::{AbsentText, LookupText};
use crate::ops::plain;
use crate::path::{Path, find};
use crate::rule::{Compiled, Rule};
use crate::run::run;
use connector_sdk::{BoxFuture, Call, Fault, FaultKind, Found, Lookup, NativeReply, NativeRequest, Outbound};
use serde_json::Value;

/// Name of the step.
const STEP: &str = "cari";
/// Stands for the exchange's reference.
pub(crate) const REFERENCE: &str = "@rujukan";

pub(crate) struct Sought {
    asking: Asking,
    place: String,
    /// Pointer in a record, and where the input says the same; none: the exchange's reference.
    same: Vec<(String, Option<Path>)>,
    reply: Vec<Compiled>,
    absent: AbsentText,
    /// Whether answers carry codes; a bare 404 may come from anything on the way then.
    coded: bool,
}

impl Sought {
    pub(crate) fn new(
        text: &LookupText,
        coded: bool,
        key: &str,
        compiled: &mut dyn FnMut(&[Rule], &str) -> Vec<Compiled>,
    ) -> Self {
        let same = text
            .cocok
            .iter()
            .map(|one| (one.asli.clone(), Path::parse(&one.masukan)));
        Self {
            asking: Asking::new(&text.asli, &format!("{key}.asli"), compiled),
            place: text.butir.clone(),
            same: same.collect(),
            reply: compiled(&text.jawab, &format!("{key}.jawab")),
            absent: text.tidak_ada.clone(),
            coded,
        }
    }

    /// Whether a record is ours. A value that is not there fits nothing.
    fn fits(&self, call: &Call<'_>, input: &Value, record: &Value) -> bool {
        self.same.iter().all(|(pointer, path)| {
            let theirs = record.pointer(pointer).and_then(|value| plain(value).ok());
            let ours = match path {
                None => Some(call.reference.to_owned()),
                Some(path) => {
                    let mut found = Vec::new();
                    let all = find(input, &path.steps, &mut || Ok::<_, ()>(()), &mut found);
                    all.ok().and_then(|()| plain(found.first()?).ok())
                }
            };
            ours.is_some() && ours == theirs
        })
    }

    /// Whether the system itself says that there is none.
    fn says_absent(&self, fault: &Fault) -> bool {
        let its_own = fault.native_code.is_some() || !self.coded;
        self.absent.galat && fault.kind == FaultKind::NotFound && its_own
    }

    /// Whether an answer without our record shows that there is none.
    fn is_whole(&self, body: &Value) -> bool {
        let told = self.absent.letak.as_ref().and_then(|pointer| body.pointer(pointer));
        told.is_some_and(|told| self.absent.nilai.contains(told))
    }
}

impl Lookup for Sought {
    fn request(&self, call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        self.asking.request(call, input, STEP, false).ok()
    }

    fn found(&self, call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let body = reply.json()?;
        let records: Vec<&Value> = match body.pointer(&self.place) {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(record @ Value::Object(_)) => vec![record],
            Some(Value::Null) => Vec::new(),
            _ => return Err(Fault::drift(format!("neither a record nor a list at `{}`", self.place))),
        };
        let mut ours = records.into_iter().filter(|record| self.fits(call, input, record));
        Ok(match (ours.next(), ours.next()) {
            (Some(record), None) => {
                Found::Landed(run(&self.reply, record, facts(call)).map_err(|wrong| wrong_reply(&wrong))?)
            }
            (Some(_), Some(_)) => Found::Unclear("several records fit".into()),
            (None, _) if self.is_whole(&body) => Found::NotLanded,
            (None, _) => Found::Unclear("no record fits, and nothing says that there is none".into()),
        })
    }

    fn run<'a>(
        &'a self,
        call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Found, Fault>> {
        Box::pin(async move {
            let Some(request) = self.request(call, input) else {
                return Ok(Found::Unclear("the look-up cannot be written from the input".into()));
            };
            match out.send(request).await {
                Ok(reply) => self.found(call, input, &reply),
                Err(fault) if self.says_absent(&fault) => Ok(Found::NotLanded),
                Err(fault) => Err(fault),
            }
        })
    }
}
