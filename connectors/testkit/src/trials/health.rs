//! The health probe reads, works against a healthy simulator, and leaves no trace.

use crate::context::Context;
use crate::door::Door;
use crate::evaluate;
use crate::trial::Findings;
use connector_sdk::Outbound;

pub(crate) async fn no_effect(cx: &Context, _: &str) -> Findings {
    let probe = cx
        .connector
        .health()
        .ok_or("there is no health probe; skip with a reason if there cannot be one")?;
    let running = cx.start().await?;
    let effects = running
        .effects
        .as_ref()
        .ok_or("the simulator's effects are not counted: `.effects(…)`")?;
    let before = effects();
    let request = probe.request(&evaluate::call(cx, "pemeriksaan"));
    let mut found = Vec::new();
    if request.writes {
        found.push(format!("step `{}` says that it writes", request.step));
    }
    let reply = Door::new(cx.connector.as_ref(), &running).send(request).await;
    match reply.map(|r| probe.judge(&r)) {
        Ok(Ok(())) => {}
        Ok(Err(fault)) | Err(fault) => found.push(format!("a healthy system is judged {fault}")),
    }
    if effects() != before {
        found.push("the probe has effects".into());
    }
    Ok(found)
}
