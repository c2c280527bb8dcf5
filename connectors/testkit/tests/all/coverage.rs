//! Every trial can fail: for each there is a flaw that it finds, and the sound connector passes all.

use crate::toy::{fixtures, kit};
use connector_testkit::Verdict;
use std::collections::BTreeSet;
use std::fs;

/// Flaw and the trial that must find it.
const FLAWS: &[(&str, &str)] = &[
    ("summary_missing", "connector/descriptor"),
    ("schema_missing", "connector/schemas_exist"),
    ("settings_unchecked", "connector/settings"),
    ("error_misdeclared", "connector/native_errors"),
    ("throttle_missed", "connector/throttled"),
    ("message_quoted", "connector/no_secret_shown"),
    ("value_complained", "connector/no_secret_shown"),
    ("probe_writes", "connector/health_no_effect"),
    ("page_stale", "connector/page"),
    ("reply_off_schema", "operation/uji.titip.kirim/schemas"),
    ("request_changed", "operation/uji.titip.kirim/golden_request"),
    ("reference_unused", "operation/uji.titip.kirim/golden_request"),
    ("reply_changed", "operation/uji.titip.kirim/golden_reply"),
    ("fields_counted", "operation/uji.titip.kirim/unknown_fields"),
    ("state_guessed", "operation/uji.titip.kirim/unknown_codes"),
    ("code_passed_on", "operation/uji.barang.lihat/unknown_codes"),
    ("optional_demanded", "operation/uji.titip.kirim/missing_fields"),
    ("silence_believed", "operation/uji.titip.kirim/error_under_success"),
    ("never_unknown", "operation/uji.titip.kirim/error_under_success"),
    ("host_named", "operation/uji.titip.kirim/no_host"),
    ("always_unknown", "operation/uji.titip.kirim/not_sent"),
    ("never_unknown", "operation/uji.titip.kirim/lost"),
    ("write_hidden", "operation/uji.titip.kirim/lost"),
    ("read_writes", "operation/uji.barang.lihat/simulator"),
    ("request_changed", "operation/uji.titip.kirim/simulator"),
    ("throttle_missed", "operation/uji.titip.kirim/simulator_throttled"),
    (
        "faults_swallowed",
        "operation/uji.titip.kirim/simulator_error_under_success",
    ),
    ("never_unknown", "operation/uji.titip.kirim/simulator_hangs_up"),
    ("expiry_missed", "operation/uji.titip.kirim/credential_expired"),
    ("write_hidden", "operation/uji.titip.kirim/lost_after_storing"),
    ("second_step_denied", "operation/uji.berkas.kirim/lost"),
    ("second_step_denied", "operation/uji.berkas.kirim/lost_after_storing"),
    ("reference_unused", "operation/uji.titip.kirim/one_effect"),
    ("reference_unused", "operation/uji.surat.kirim/one_effect"),
    ("lookup_writes", "operation/uji.surat.kirim/lookup_only_reads"),
    ("hook_refuses_all", "hook/uji.kabar/accepted"),
    ("hook_accepts_all", "hook/uji.kabar/forged"),
    ("hook_any_age", "hook/uji.kabar/stale"),
    ("hook_body_unproven", "hook/uji.kabar/altered"),
    ("hook_id_by_time", "hook/uji.kabar/replayed"),
    ("mirror_request_changed", "mirror/uji.daftar/golden"),
    ("mirror_keyless", "mirror/uji.daftar/records"),
    ("mirror_emptied", "mirror/uji.daftar/never_emptied"),
];

#[test]
fn each_flaw_is_found_by_its_trial_and_the_sound_connector_passes() {
    let folder = tempfile::tempdir().expect("folder");
    fixtures::prepare(folder.path());
    let sound = connector_testkit::report(kit(folder.path(), ""));
    assert!(!sound.failed(), "{sound}");
    let mut missed = Vec::new();
    for flaw in FLAWS.iter().map(|(flaw, _)| *flaw).collect::<BTreeSet<_>>() {
        let report = connector_testkit::report(kit(folder.path(), flaw));
        for (_, trial) in FLAWS.iter().filter(|(f, _)| *f == flaw) {
            if !matches!(report.verdict(trial), Some(Verdict::Failed(_))) {
                missed.push(format!("{flaw}: {trial} says {:?}", report.verdict(trial)));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn no_trial_is_without_a_flaw() {
    let folder = tempfile::tempdir().expect("folder");
    fixtures::prepare(folder.path());
    let sound = connector_testkit::report(kit(folder.path(), ""));
    let kind = |name: &str| {
        let (group, rest) = name.split_once('/').unwrap_or((name, ""));
        format!("{group}/{}", rest.rsplit('/').next().unwrap_or_default())
    };
    let found: BTreeSet<String> = FLAWS.iter().map(|(_, trial)| kind(trial)).collect();
    // Shown to fail below: they are about folders, not about the connector.
    let by_folder = BTreeSet::from(["connector/fixtures_known".to_owned(), "operation/fixtures".to_owned()]);
    let kinds: BTreeSet<String> = sound.trials.iter().map(|(name, _)| kind(name)).collect();
    let without: Vec<&String> = kinds
        .iter()
        .filter(|k| !found.contains(*k) && !by_folder.contains(*k))
        .collect();
    assert!(without.is_empty(), "trials without a flaw that they find: {without:?}");
}

#[test]
fn missing_and_stray_fixtures_are_found() {
    let folder = tempfile::tempdir().expect("folder");
    fixtures::prepare(folder.path());
    let fixtures = folder.path().join("fixtures");
    fs::rename(
        fixtures.join("uji.titip.kirim/kurang"),
        fixtures.join("uji.titip.kirim/lain"),
    )
    .expect("renamed");
    fs::create_dir_all(fixtures.join("uji.tiada/ok")).expect("folder");
    let report = connector_testkit::report(kit(folder.path(), ""));
    for trial in ["operation/uji.titip.kirim/fixtures", "connector/fixtures_known"] {
        assert!(
            matches!(report.verdict(trial), Some(Verdict::Failed(_))),
            "{trial}: {report}"
        );
    }
}

#[test]
fn an_earlier_operation_feeds_the_next() {
    let folder = tempfile::tempdir().expect("folder");
    fixtures::prepare(folder.path());
    let chained = |from: &str, to: &str| {
        let kit = kit(folder.path(), "").after("uji.surat.kirim", "uji.titip.kirim", from, to);
        connector_testkit::report(kit)
            .verdict("operation/uji.surat.kirim/one_effect")
            .cloned()
    };
    assert_eq!(chained("/id", "/rujukan"), Some(Verdict::Ok));
    let failed = |why: &str| Some(Verdict::Failed(vec![why.into()]));
    assert_eq!(chained("/tiada", "/rujukan"), failed("its reply has no `/tiada`"));
    assert_eq!(
        chained("/id", "/tiada"),
        failed("canonical.json has no `/tiada` to put it into")
    );
}
