//! Trials against the running simulator, which counts effects: what a connector says about landing is held against what
//! happened.

use crate::context::Context;
use crate::door::Door;
use crate::evaluate;
use crate::mutate;
use crate::running::{Misbehave, Running};
use crate::trial::Findings;
use crate::trials::golden::hold_schema;
use connector_sdk::{Connector, Effect, Fault, FaultKind, Found, Landed, OperationSpec, Replay};
use serde_json::Value;
use std::sync::Arc;

/// A started simulator, the connector as the main case wants it, and an input that fits the simulator's state.
struct Stage {
    running: Running,
    connector: Arc<dyn Connector>,
    input: Value,
    effects_before: u64,
}

impl Stage {
    async fn set(cx: &Context, spec: &OperationSpec) -> Result<Self, String> {
        let running = cx.start().await?;
        let case = cx.main_case(&spec.id)?;
        let connector = cx.connector_of(case)?;
        let mut input = case.file("canonical").cloned().ok_or("canonical.json is missing")?;
        if let Some(chain) = cx.kit.chains.get(spec.id.as_ref()) {
            let first = cx.spec(&chain.first)?;
            let first_case = cx.main_case(&chain.first)?;
            let first_input = first_case.file("canonical").cloned().unwrap_or_default();
            let door = Door::new(connector.as_ref(), &running);
            let reply = call(cx, connector.as_ref(), first, &first_input, &door).await?;
            let reply = reply.map_err(|f| format!("`{}` before it fails: {f} {:?}", chain.first, f.internal))?;
            let value = reply
                .pointer(&chain.from)
                .ok_or(format!("its reply has no `{}`", chain.from))?;
            if input.pointer(&chain.to).is_none() {
                return Err(format!("canonical.json has no `{}` to put it into", chain.to));
            }
            input = mutate::replaced(&input, &chain.to, value.clone());
        }
        let effects_before = count(&running)?;
        Ok(Self {
            running,
            connector,
            input,
            effects_before,
        })
    }

    fn door(&self) -> Door<'_> {
        Door::new(self.connector.as_ref(), &self.running)
    }

    async fn call(&self, cx: &Context, spec: &OperationSpec, door: &Door<'_>) -> Result<Result<Value, Fault>, String> {
        call(cx, self.connector.as_ref(), spec, &self.input, door).await
    }

    fn effects(&self) -> Result<u64, String> {
        Ok(count(&self.running)?.saturating_sub(self.effects_before))
    }

    fn misbehave(&self, how: Misbehave) -> Result<(), String> {
        let played = (self.running.misbehave)(how);
        played.then_some(()).ok_or(format!(
            "the simulator cannot play {how:?}; let it, or skip with a reason"
        ))
    }
}

fn count(running: &Running) -> Result<u64, String> {
    let effects = running
        .effects
        .as_ref()
        .ok_or("the simulator's effects are not counted: `.effects(…)`")?;
    Ok(effects())
}

async fn call(
    cx: &Context,
    connector: &dyn Connector,
    spec: &OperationSpec,
    input: &Value,
    door: &Door<'_>,
) -> Result<Result<Value, Fault>, String> {
    let operation = connector.operation(&spec.id).ok_or("the operation is not there")?;
    let reference = evaluate::reference(spec, input);
    let call = evaluate::call(cx, &reference);
    Ok(operation.call(&call, input, door).await)
}

/// The main case works against the simulator; a read changes nothing, a write changes something.
pub(crate) async fn simulator(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let stage = Stage::set(cx, spec).await?;
    let mut found = Vec::new();
    match stage.call(cx, spec, &stage.door()).await? {
        Ok(reply) => hold_schema(cx, &spec.reply_schema, &reply, "canonical reply", &mut found),
        Err(fault) => found.push(format!("{fault}: {:?}", fault.internal)),
    }
    match (spec.effect.writes(), stage.effects()?) {
        (false, n) if n > 0 => found.push(format!("a reading operation had {n} effects")),
        (true, 0) if found.is_empty() => found.push("a writing operation had no effect".into()),
        _ => {}
    }
    Ok(found)
}

/// The system's own word for expired credentials is understood: the door refreshes once and the call succeeds.
pub(crate) async fn credential_expired(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let steps = steps(cx, spec).await?;
    let stage = Stage::set(cx, spec).await?;
    stage.misbehave(Misbehave::CredentialExpired)?;
    let door = stage.door();
    let outcome = stage.call(cx, spec, &door).await?;
    let mut found = Vec::new();
    if let Err(fault) = outcome {
        found.push(format!("after expired credentials: {fault}"));
    }
    if door.refreshes() != 1 {
        found.push(format!("{} refreshes instead of one", door.refreshes()));
    }
    if door.sent() != steps {
        found.push(format!(
            "{} steps instead of {steps}: the connector repeats by itself",
            door.sent()
        ));
    }
    Ok(found)
}

/// "Slow down" is understood, in the system's own form.
pub(crate) async fn throttled(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let stage = Stage::set(cx, spec).await?;
    stage.misbehave(Misbehave::Throttled)?;
    Ok(match stage.call(cx, spec, &stage.door()).await? {
        Ok(_) => vec!["throttled, yet success".into()],
        Err(fault) if fault.kind != FaultKind::Throttled || fault.landed != Landed::No => {
            vec![format!("gives {fault}")]
        }
        Err(fault) if fault.retry_after.is_none() => vec!["does not say when to come back".into()],
        Err(_) => Vec::new(),
    })
}

/// A success status with the system's own error body is a fault.
pub(crate) async fn error_under_success(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let stage = Stage::set(cx, spec).await?;
    stage.misbehave(Misbehave::ErrorUnderSuccess)?;
    let outcome = stage.call(cx, spec, &stage.door()).await?;
    Ok(outcome.err().map_or(vec!["taken for success".into()], |_| Vec::new()))
}

/// Hung up before or after storing: a write is unknown either way, for nobody can tell.
pub(crate) async fn hangs_up(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let mut found = Vec::new();
    for how in [Misbehave::HangUpBeforeStoring, Misbehave::HangUpAfterStoring] {
        let stage = Stage::set(cx, spec).await?;
        stage.misbehave(how)?;
        match stage.call(cx, spec, &stage.door()).await? {
            Ok(_) => found.push(format!("{how:?}: success without an answer")),
            Err(fault) if fault.landed == Landed::No && stage.effects()? > 0 => {
                found.push(format!("{how:?}: said not to have landed, but it did: {fault}"));
            }
            Err(fault) if fault.landed == Landed::Yes => found.push(format!("{how:?}: nobody can know, yet {fault}")),
            Err(_) => {}
        }
    }
    Ok(found)
}

/// The reply of one step is lost, each in turn. After the last the outcome is unknown, for the system has the record;
/// after an earlier one it may be said not to have landed only if the system indeed has nothing.
pub(crate) async fn lost_after_storing(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let steps = steps(cx, spec).await?;
    let mut found = Vec::new();
    for step in 0..steps {
        let (stage, outcome) = lose(cx, spec, step).await?;
        let (last, effects) = (step + 1 == steps, stage.effects()?);
        if last && effects == 0 {
            found.push("the simulator counts no effect, so this shows nothing".into());
        }
        match outcome {
            Ok(_) => found.push(format!("step {step}: success without an answer")),
            Err(fault) if last && fault.landed != Landed::Unknown => {
                found.push(format!("step {step}: stored and not answered, yet {fault}"));
            }
            Err(fault) if effects > 0 && fault.landed == Landed::No => {
                found.push(format!("step {step}: said not to have landed, but it did: {fault}"));
            }
            Err(_) => {}
        }
    }
    Ok(found)
}

/// How many steps an undisturbed run takes.
async fn steps(cx: &Context, spec: &OperationSpec) -> Result<usize, String> {
    let stage = Stage::set(cx, spec).await?;
    let door = stage.door();
    let _ = stage.call(cx, spec, &door).await?;
    if door.sent() == 0 {
        return Err("nothing is sent".into());
    }
    Ok(door.sent())
}

async fn lose(cx: &Context, spec: &OperationSpec, step: usize) -> Result<(Stage, Result<Value, Fault>), String> {
    let stage = Stage::set(cx, spec).await?;
    let outcome = {
        let door = Door::losing(stage.connector.as_ref(), &stage.running, step);
        stage.call(cx, spec, &door).await?
    };
    Ok((stage, outcome))
}

/// One reference, one effect: repeated natively, or looked up first, after the answer was lost.
pub(crate) async fn one_effect(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let last = steps(cx, spec).await? - 1;
    let (stage, _) = lose(cx, spec, last).await?;
    let once = stage.effects()?;
    let mut found = Vec::new();
    match spec.effect {
        Effect::Write { replay: Replay::Native } => {
            let mut replies = Vec::new();
            for _ in 0..2 {
                match stage.call(cx, spec, &stage.door()).await? {
                    Ok(reply) => replies.push(reply),
                    Err(fault) => found.push(format!("repeating fails: {fault} {:?}", fault.internal)),
                }
            }
            if let [one, two] = replies.as_slice()
                && one != two
            {
                found.push("repeating gives another reply".into());
            }
        }
        Effect::Write {
            replay: Replay::ByReference,
        } => match look(cx, &stage, spec).await? {
            Found::Landed(reply) => hold_schema(cx, &spec.reply_schema, &reply, "looked-up reply", &mut found),
            other => found.push(format!("it landed, but the look-up finds {other:?}")),
        },
        Effect::Write { replay: Replay::Unsafe } | Effect::Read => {}
    }
    if once == 0 || stage.effects()? != once {
        found.push(format!(
            "{once} effects after the first call, {} at the end",
            stage.effects()?
        ));
    }
    Ok(found)
}

/// The look-up reads, and does not find what was never sent.
pub(crate) async fn lookup_only_reads(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let stage = Stage::set(cx, spec).await?;
    let mut found = Vec::new();
    match look(cx, &stage, spec).await? {
        Found::Landed(_) => found.push("the look-up finds what was never sent".into()),
        Found::NotLanded | Found::Unclear(_) => {}
    }
    if stage.effects()? > 0 {
        found.push("the look-up has effects".into());
    }
    Ok(found)
}

async fn look(cx: &Context, stage: &Stage, spec: &OperationSpec) -> Result<Found, String> {
    let operation = stage
        .connector
        .operation(&spec.id)
        .ok_or("the operation is not there")?;
    let lookup = operation.lookup().ok_or("there is no look-up")?;
    let reference = evaluate::reference(spec, &stage.input);
    let call = evaluate::call(cx, &reference);
    let request = lookup
        .request(&call, &stage.input)
        .ok_or("the test settings do not allow the look-up")?;
    if request.writes || !(request.method.is_safe() || request.method == http::Method::POST) {
        return Err(format!("the look-up's step `{}` does not only read", request.step));
    }
    match connector_sdk::Outbound::send(&stage.door(), request).await {
        Ok(reply) => lookup
            .found(&call, &stage.input, &reply)
            .map_err(|f| format!("the look-up fails: {f}")),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(Found::NotLanded),
        Err(fault) => Err(format!("the look-up fails: {fault} {:?}", fault.internal)),
    }
}
