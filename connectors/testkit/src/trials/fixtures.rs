//! Fixtures are there, and none is left over.

use crate::context::Context;
use crate::fixture;
use crate::trial::Findings;

/// Every operation shows the happy way, a refusal and a missing field.
pub(crate) fn exist(cx: &Context, id: &str) -> Findings {
    let missing = ["ok", "ditolak", "kurang"]
        .into_iter()
        .filter(|p| cx.cases_named(id, p).next().is_none());
    Ok(missing
        .map(|prefix| format!("fixtures/{id}/{prefix}…/ is missing"))
        .collect())
}

/// A folder that belongs to nothing declared tests nothing.
pub(crate) fn known(cx: &Context, _: &str) -> Findings {
    let subjects = fixture::subjects(&cx.kit.root)?;
    let strays = subjects.into_iter().filter(|s| !cx.cases.contains_key(s));
    Ok(strays
        .map(|s| format!("fixtures/{s}/ belongs to no declared operation, hook or mirror"))
        .collect())
}
