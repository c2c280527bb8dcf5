//! The catalogue of trials and the loop that runs them. Which trials a connector gets follows from its descriptor alone.

use crate::context::Context;
use crate::kit::Kit;
use crate::report::{Report, Verdict};
use crate::trials;
use connector_sdk::{Effect, FaultKind, OperationSpec, Replay};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

/// What a trial found: empty is good; `Err` is a trial that could not be run, which is a failure too.
pub(crate) type Findings = Result<Vec<String>, String>;
type Run = for<'a> fn(&'a Context, &'a str) -> Pin<Box<dyn Future<Output = Findings> + 'a>>;

/// Whether an operation gets a trial.
type Applies = fn(&Context, &OperationSpec) -> bool;

/// Makes a trial out of a plain function.
macro_rules! plain {
    ($f:path) => {
        |cx, id| Box::pin(std::future::ready($f(cx, id)))
    };
}

/// Makes a trial out of an async function.
macro_rules! wired {
    ($f:path) => {
        |cx, id| Box::pin($f(cx, id))
    };
}

/// Trials of the connector as a whole.
const CONNECTOR: &[(&str, Run)] = &[
    ("descriptor", plain!(trials::descriptor::sane)),
    ("schemas_exist", plain!(trials::descriptor::schemas_exist)),
    ("settings", plain!(trials::settings::checked)),
    ("fixtures_known", plain!(trials::fixtures::known)),
    ("native_errors", plain!(trials::errors::mapped)),
    ("throttled", plain!(trials::errors::throttled)),
    ("no_secret_shown", plain!(trials::secrets::shown)),
    ("health_no_effect", wired!(trials::health::no_effect)),
    ("page", plain!(trials::page::in_step)),
];

/// Trials of one operation, and when it gets them.
const OPERATION: &[(&str, Applies, Run)] = &[
    ("fixtures", always, plain!(trials::fixtures::exist)),
    ("schemas", always, plain!(trials::golden::schemas)),
    ("golden_request", always, plain!(trials::golden::request)),
    ("golden_reply", always, plain!(trials::golden::reply)),
    ("unknown_fields", always, plain!(trials::tolerance::unknown_fields)),
    ("unknown_codes", always, plain!(trials::tolerance::unknown_codes)),
    ("missing_fields", always, plain!(trials::tolerance::missing_fields)),
    ("error_under_success", always, plain!(trials::errors::under_success)),
    ("no_host", always, plain!(trials::secrets::no_host)),
    ("not_sent", always, plain!(trials::timing::not_sent)),
    ("lost", always, plain!(trials::timing::lost)),
    ("simulator", always, wired!(trials::effect::simulator)),
    ("simulator_throttled", always, wired!(trials::effect::throttled)),
    (
        "simulator_error_under_success",
        always,
        wired!(trials::effect::error_under_success),
    ),
    ("simulator_hangs_up", always, wired!(trials::effect::hangs_up)),
    (
        "credential_expired",
        expires,
        wired!(trials::effect::credential_expired),
    ),
    ("lost_after_storing", writes, wired!(trials::effect::lost_after_storing)),
    ("one_effect", repeatable, wired!(trials::effect::one_effect)),
    (
        "lookup_only_reads",
        by_reference,
        wired!(trials::effect::lookup_only_reads),
    ),
];

/// Trials of one hook.
const HOOK: &[(&str, Run)] = &[
    ("accepted", plain!(trials::hook::accepted)),
    ("forged", plain!(trials::hook::forged)),
    ("stale", plain!(trials::hook::stale)),
    ("altered", plain!(trials::hook::altered)),
    ("replayed", plain!(trials::hook::replayed)),
];

/// Trials of one mirror.
const MIRROR: &[(&str, Run)] = &[
    ("golden", plain!(trials::mirror::golden)),
    ("records", plain!(trials::mirror::records)),
    ("never_emptied", plain!(trials::mirror::never_emptied)),
];

fn always(_: &Context, _: &OperationSpec) -> bool {
    true
}

fn writes(_: &Context, spec: &OperationSpec) -> bool {
    spec.effect.writes()
}

fn repeatable(_: &Context, spec: &OperationSpec) -> bool {
    matches!(
        spec.effect,
        Effect::Write {
            replay: Replay::Native | Replay::ByReference
        }
    )
}

fn by_reference(_: &Context, spec: &OperationSpec) -> bool {
    matches!(
        spec.effect,
        Effect::Write {
            replay: Replay::ByReference
        }
    )
}

/// Systems that say so, or whose credentials are fetched tokens.
fn expires(cx: &Context, _: &OperationSpec) -> bool {
    cx.descriptor.auth.iter().any(|kind| kind == "client_credentials")
        || cx
            .descriptor
            .errors
            .iter()
            .any(|error| error.kind == FaultKind::CredentialExpired)
}

struct Trial {
    name: String,
    subject: String,
    run: Run,
}

fn catalogue(cx: &Context) -> Vec<Trial> {
    let trial = |group: &str, subject: &str, name: &str, run: Run| Trial {
        name: if subject.is_empty() {
            format!("{group}/{name}")
        } else {
            format!("{group}/{subject}/{name}")
        },
        subject: subject.into(),
        run,
    };
    let mut list: Vec<Trial> = CONNECTOR
        .iter()
        .map(|(name, run)| trial("connector", "", name, *run))
        .collect();
    for spec in &cx.descriptor.operations {
        let chosen = OPERATION.iter().filter(|(_, applies, _)| applies(cx, spec));
        list.extend(chosen.map(|(name, _, run)| trial("operation", &spec.id, name, *run)));
    }
    for spec in &cx.descriptor.hooks {
        list.extend(HOOK.iter().map(|(name, run)| trial("hook", &spec.id, name, *run)));
    }
    for spec in &cx.descriptor.mirrors {
        list.extend(MIRROR.iter().map(|(name, run)| trial("mirror", &spec.id, name, *run)));
    }
    list
}

/// Runs the whole catalogue of a connector.
pub(crate) fn run_all(kit: Kit) -> Report {
    let connector = kit.factory.kind.to_owned();
    let cx = match Context::new(kit) {
        Ok(cx) => cx,
        Err(why) => {
            return Report {
                connector,
                trials: vec![("connector/built".into(), Verdict::Failed(vec![why]))],
            };
        }
    };
    let list = catalogue(&cx);
    let mut trials = Vec::new();
    for (name, reason) in &cx.kit.skips {
        if !list.iter().any(|t| t.name == *name) {
            trials.push((
                format!("skip/{name}"),
                Verdict::Failed(vec!["no trial has this name".into()]),
            ));
        } else if reason.trim().len() < 10 {
            trials.push((
                format!("skip/{name}"),
                Verdict::Failed(vec!["the reason must be a sentence".into()]),
            ));
        }
    }
    for trial in list {
        let skipped = cx.kit.skips.iter().find(|(name, _)| *name == trial.name);
        let verdict = match skipped {
            Some((_, reason)) => Verdict::Skipped(reason.clone()),
            None => run_one(&cx, &trial),
        };
        trials.push((trial.name, verdict));
    }
    Report { connector, trials }
}

/// Each trial has a runtime of its own, so that a simulator left behind ends with it.
fn run_one(cx: &Context, trial: &Trial) -> Verdict {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Verdict::Failed(vec![format!("no runtime: {error}")]),
    };
    let run = AssertUnwindSafe(async { (trial.run)(cx, &trial.subject).await }).catch_unwind();
    match runtime.block_on(run) {
        Ok(Ok(findings)) if findings.is_empty() => Verdict::Ok,
        Ok(Ok(findings)) => Verdict::Failed(findings),
        Ok(Err(why)) => Verdict::Failed(vec![why]),
        Err(panic) => Verdict::Failed(vec![format!("panicked: {}", panic_text(panic.as_ref()))]),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}
