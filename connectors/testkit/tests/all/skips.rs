//! Skips: named, reasoned, and never left over.

use crate::toy::{fixtures, kit};
use connector_testkit::Verdict;

const TRIAL: &str = "operation/uji.titip.kirim/unknown_codes";

#[test]
fn a_skip_needs_a_trial_and_a_reason() {
    let folder = tempfile::tempdir().expect("folder");
    fixtures::prepare(folder.path());
    let reason = "the toy system has no coded field";
    let good = connector_testkit::report(kit(folder.path(), "state_guessed").skip(TRIAL, reason));
    assert_eq!(good.verdict(TRIAL), Some(&Verdict::Skipped(reason.into())));
    assert!(
        good.to_string().contains(&format!("skipped  {TRIAL}: {reason}")),
        "{good}"
    );

    let unknown = connector_testkit::report(kit(folder.path(), "").skip("operation/tiada/lost", reason));
    assert!(
        matches!(unknown.verdict("skip/operation/tiada/lost"), Some(Verdict::Failed(_))),
        "{unknown}"
    );

    let unreasoned = connector_testkit::report(kit(folder.path(), "").skip(TRIAL, " "));
    assert!(unreasoned.failed(), "{unreasoned}");
}

#[test]
#[should_panic(expected = "FAIL     operation/uji.titip.kirim/unknown_codes")]
fn a_failure_panics_with_the_list() {
    let folder = tempfile::tempdir().expect("folder");
    fixtures::prepare(folder.path());
    connector_testkit::report(kit(folder.path(), "state_guessed")).demand();
}
