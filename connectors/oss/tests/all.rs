//! The OSS connector against the conformance kit and the played OSS behind the national connector; its service clock
//! against the one the played OSS keeps.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

#[path = "all/clock.rs"]
mod clock;
#[path = "all/oddities.rs"]
mod oddities;
#[path = "all/quirks.rs"]
mod quirks;

use connector_testkit::{Kit, Misbehave, Push, Running};
use http::HeaderValue;
use serde_json::{Value, json};
use simulators::frame::Fault;
use simulators::oss::{self, OssOptions};
use std::sync::Arc;

const COVERS_THE_NIB_ONLY: &str =
    "the token of OSS covers the NIB and the day, not the body; source list, TLS and the event id stand beside it";

#[test]
fn conformance() {
    let mut kit = Kit::new(connector_oss::FACTORY, settings(), env!("CARGO_MANIFEST_DIR"))
        .secret("kata_sandi_push", "kunci-uji-01")
        .simulator(played)
        .codes([
            "kode",
            "code",
            "kode_status",
            "kd_status",
            "status_checklist",
            "/responInqueryFileDS/status",
        ])
        .codes(["/status", "/langkah"])
        .after("izin.perbarui", "izin.terbitkan", "/nomor_izin", "/nomor_izin")
        .after("berkas.lihat", "izin.terbitkan", "/id_izin", "/id_izin")
        .after("sertifikat.lihat", "sertifikat.kirim", "/id_izin", "/id_izin");
    for hook in [
        "receiveNIB",
        "receiveNIBSTPW",
        "receiveFileDS",
        "receiveNIBKKPR",
        "receiveNIBPSE",
    ] {
        kit = kit
            .hook(hook, sign)
            .skip(&format!("hook/{hook}/altered"), COVERS_THE_NIB_ONLY);
    }
    connector_testkit::run(kit);
}

fn settings() -> Value {
    json!({
        "kode_instansi": "367",
        "masuk": {"pengguna": "OSS671", "sumber": ["semua_alamat"]},
    })
}

/// As OSS signs: written out here once more, from the guide, so that a misreading would show.
fn sign(mut push: Push, at: jiff::Timestamp) -> Push {
    let body: Value = serde_json::from_slice(&push.body).unwrap_or_default();
    let root = body.as_object().and_then(|map| map.values().next());
    let nib = root.and_then(|root| root["nib"].as_str()).unwrap_or_default();
    let day = jiff::tz::offset(7).to_datetime(at).strftime("%Y%m%d").to_string();
    let text = format!("OSS671kunci-uji-01{nib}{day}");
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    if let Ok(token) = HeaderValue::from_str(&hex::encode(sum)) {
        push.headers.insert("Token", token);
    }
    push
}

async fn played() -> Result<Running, String> {
    let mut options = OssOptions::default().behind_splp();
    // The fixtures name a company of this year.
    options.city.start = Some(1_767_225_600);
    let headers = vec![
        ("AuthorizationSPLP".to_owned(), format!("Bearer {}", options.splp_token)),
        ("user_key".to_owned(), options.user_key.clone()),
    ];
    let oss = Arc::new(oss::start(options).await.map_err(|error| error.to_string())?);
    let (faults, state) = (Arc::clone(&oss), Arc::clone(&oss));
    Ok(Running::new(oss.base_url(), oss)
        .credentials(move || headers.clone())
        .misbehave(move |how| {
            faults.faults().once("*", play(how));
            true
        })
        .effects(move || state.with(|oss| effects(oss))))
}

fn effects(oss: &oss::Oss) -> u64 {
    use simulators::frame::System;
    let counts = oss.effects();
    let count = |name: &str| counts[name].as_u64().unwrap_or_default();
    let updates = oss
        .applications()
        .values()
        .map(|application| u64::from(application.updates))
        .sum::<u64>();
    updates
        + [
            "statuses",
            "numbers_issued",
            "numbers_completed",
            "completions_repeated",
            "certificates",
        ]
        .map(count)
        .iter()
        .sum::<u64>()
}

fn play(how: Misbehave) -> Fault {
    match how {
        Misbehave::CredentialExpired => Fault::TokenExpired { code: 900_901 },
        Misbehave::Throttled => Fault::Throttled {
            code: 900_803,
            retry_after: Some(3),
            next_access: None,
        },
        Misbehave::ErrorUnderSuccess => Fault::OkWithErrorBody,
        Misbehave::HangUpAfterStoring => Fault::HangUpAfterStoring,
        Misbehave::HangUpBeforeStoring => Fault::HangUpBeforeStoring,
    }
}
