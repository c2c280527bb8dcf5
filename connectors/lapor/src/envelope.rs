//! The native envelope, in the spellings seen: `results`, `data`, both nested, or nothing around (reference §2.6).

use crate::native_id::id_text;
use connector_sdk::{Fault, Landed, NativeReply};
use serde_json::Value;

/// Where different client versions found the id of a created report.
const CREATED: [&str; 4] = [
    "/complaint_id",
    "/data/complaint_id",
    "/results/complaint/id",
    "/data/results/complaint/id",
];

/// The id of a created report, from any of the four places, number or text.
pub(crate) fn created_id(body: &Value) -> Option<String> {
    CREATED.iter().find_map(|place| body.pointer(place).and_then(id_text))
}

/// One page of a list.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    /// Items as they came.
    pub(crate) items: Vec<Value>,
    /// Whether the system says that another page follows.
    pub(crate) more: bool,
}

/// The rows of a paged or plain list; drift when there is no list.
pub(crate) fn rows(reply: &NativeReply) -> Result<Rows, Fault> {
    let body = reply.json()?;
    let holders = ["/results", "/data/results", "/data", ""];
    for holder in holders.iter().filter_map(|place| body.pointer(place)) {
        let items = holder
            .get("data")
            .and_then(Value::as_array)
            .or_else(|| holder.as_array().filter(|_| body.is_object()));
        if let Some(items) = items {
            let more = holder
                .get("next_page_url")
                .is_some_and(|next| next.as_str().is_some_and(|url| !url.is_empty()));
            return Ok(Rows {
                items: items.clone(),
                more,
            });
        }
    }
    Err(Fault::drift("a list has no `results.data[]`"))
}

/// Holds a success answer to a write that returns nothing to the envelope: without `status` or `results` nobody can
/// tell what it confirms.
pub(crate) fn confirmed(reply: &NativeReply) -> Result<Value, Fault> {
    let body = reply.json().map_err(|fault| fault.landed(Landed::Unknown))?;
    let said = body.get("status").and_then(Value::as_bool) == Some(true);
    let held = ["results", "data"]
        .iter()
        .any(|field| body.get(*field).is_some_and(|value| !value.is_null()));
    if said || held {
        Ok(body)
    } else {
        Err(unclear("a success answer that confirms nothing"))
    }
}

/// The detail object, `results.data`, and the object around it.
pub(crate) fn detail(body: &Value) -> Option<(&Value, &Value)> {
    ["/results", "/data/results", ""]
        .iter()
        .filter_map(|place| body.pointer(place))
        .find_map(|holder| {
            holder
                .get("data")
                .filter(|data| data.is_object())
                .map(|data| (data, holder))
        })
}

/// Text of a field that is text or a number; nothing when null, empty or of another type.
pub(crate) fn text(value: &Value, field: &str) -> Option<String> {
    id_text(value.get(field)?)
}

/// A fault about a reply to a write that says neither yes nor no.
pub(crate) fn unclear(what: &'static str) -> Fault {
    Fault::drift(what).landed(Landed::Unknown)
}
