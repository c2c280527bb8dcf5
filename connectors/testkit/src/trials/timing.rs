//! No answer: whether the request was sent decides what may be said. Played by a scripted door, step by step.

use super::golden::happy;
use crate::context::Context;
use crate::evaluate;
use crate::script::{self, Play};
use crate::trial::Findings;
use connector_sdk::Landed;

/// A request that never left has not landed, and the connector says so.
pub(crate) fn not_sent(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let (case, _) = happy(cx, spec)?.swap_remove(0);
    Ok(
        match evaluate::with_plays(cx, spec, case, vec![Play::NotSent])?.outcome {
            Ok(_) => vec!["success although nothing was sent".into()],
            Err(fault) if fault.landed != Landed::No => vec![format!("nothing was sent, yet {fault}")],
            Err(fault) if !fault.is_transient() => vec![format!("trying again would help, yet {fault}")],
            Err(_) => Vec::new(),
        },
    )
}

/// A reply lost after sending leaves a write unknown; and the steps say truthfully whether they write.
pub(crate) fn lost(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let (case, _) = happy(cx, spec)?.swap_remove(0);
    let plays = script::plays(case.file("native_reply"))?;
    let mut found = Vec::new();
    let mut any_writes = false;
    let last = plays.len().saturating_sub(1);
    for step in 0..plays.len() {
        let mut changed = plays[..step].to_vec();
        changed.push(Play::Lost);
        let evaluation = evaluate::with_plays(cx, spec, case, changed)?;
        let Some(request) = evaluation.sent.last() else {
            return Err("nothing is sent".into());
        };
        any_writes |= request.writes;
        match evaluation.outcome {
            Ok(_) => found.push(format!("step `{}`: success although the answer was lost", request.step)),
            // What losing an earlier step's answer means is held against the simulator's effects (`lost_after_storing`).
            Err(fault) if step == last && request.writes && fault.landed != Landed::Unknown => {
                found.push(format!(
                    "step `{}` writes and its answer was lost, yet {fault}",
                    request.step
                ));
            }
            Err(_) => {}
        }
    }
    match (spec.effect.writes(), any_writes) {
        (true, false) => found.push("the operation writes, but none of its steps says so".into()),
        (false, true) => found.push("the operation reads, but a step says that it writes".into()),
        _ => {}
    }
    Ok(found)
}
