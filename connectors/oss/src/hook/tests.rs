//! The token's vectors and days, and what a push must not get away with.

use super::*;
use crate::tests::{setup, setup_with};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

/// Vectors of the reference: user OSS671, password kunci-uji-01, NIB 0999000000017.
const ON_THE_10TH: &str = "cc0d1f5431137b722c1b80337c79280be24e7ebe";
const ON_THE_11TH: &str = "82635b58b7bc10d82746bce4a71c83366997cd8e";
const NPWP_ON_THE_10TH: &str = "e2a9defad38d6f61f0a846115554cadba8755c6e";
const BODY: &str = r#"{"dataNIB":{"nib":"0999000000017","npwp_perseroan":"010000000402000","tipe_dokumen ":"9"}}"#;

struct Case<'a> {
    header: &'a str,
    token: &'a str,
    now: &'a str,
    body: &'a str,
    query: &'a str,
    peer: Option<&'a str>,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            header: "Token",
            token: ON_THE_10TH,
            now: "2024-06-10T12:00:00+07:00",
            body: BODY,
            query: "",
            peer: None,
        }
    }
}

fn hook(setup: &Arc<Setup>) -> Box<dyn Hook> {
    all(setup).remove(0)
}

fn with<T>(case: &Case<'_>, run: impl FnOnce(&Inbound<'_>) -> T) -> T {
    let mut headers = HeaderMap::new();
    let name = HeaderName::try_from(case.header).expect("a header");
    headers.insert(name, HeaderValue::from_str(case.token).expect("a value"));
    let body = Bytes::copy_from_slice(case.body.as_bytes());
    run(&Inbound {
        query: case.query,
        headers: &headers,
        body: &body,
        peer: case.peer.and_then(|peer| peer.parse().ok()),
        now: case.now.parse::<Timestamp>().expect("a time"),
    })
}

fn accepted(setup: &Arc<Setup>, case: &Case<'_>) -> bool {
    with(case, |inbound| hook(setup).verify(inbound).is_ok())
}

#[test]
fn the_vectors_of_the_guide_hold() {
    assert!(accepted(&setup(), &Case::default()));
    let tomorrow = Case {
        token: ON_THE_11TH,
        now: "2024-06-11T09:00:00+07:00",
        ..Case::default()
    };
    assert!(accepted(&setup(), &tomorrow));
    let upper = ON_THE_10TH.to_uppercase();
    assert!(accepted(
        &setup(),
        &Case {
            token: &upper,
            ..Case::default()
        }
    ));
    let npwp = Case {
        token: NPWP_ON_THE_10TH,
        ..Case::default()
    };
    assert!(!accepted(&setup(), &npwp), "the older form must be configured");
    let both = setup_with(|table| table["masuk"]["rumus"] = json!(["nib", "npwp"]));
    assert!(accepted(&both, &npwp) && accepted(&both, &Case::default()));
}

#[test]
fn the_day_is_the_local_one_with_a_margin_around_midnight() {
    let setup = setup();
    let at = |token: &'static str, now: &'static str| {
        accepted(
            &setup,
            &Case {
                token,
                now,
                ..Case::default()
            },
        )
    };
    assert!(at(ON_THE_10TH, "2024-06-10T23:59:00+07:00"));
    assert!(at(ON_THE_11TH, "2024-06-11T00:01:00+07:00"));
    assert!(at(ON_THE_11TH, "2024-06-10T23:59:00+07:00"), "their clock may be ahead");
    assert!(
        at(ON_THE_10TH, "2024-06-11T00:01:00+07:00"),
        "their clock may be behind"
    );
    assert!(!at(ON_THE_11TH, "2024-06-10T23:00:00+07:00"));
    assert!(!at(ON_THE_10TH, "2024-06-11T00:30:00+07:00"));
}

#[test]
fn a_utc_date_counts_only_when_configured() {
    let morning = Case {
        now: "2024-06-11T05:00:00+07:00",
        ..Case::default()
    };
    assert!(!accepted(&setup(), &morning));
    let utc = setup_with(|table| table["masuk"]["zona"] = json!(["Asia/Jakarta", "UTC"]));
    assert!(accepted(&utc, &morning));
}

#[test]
fn the_old_password_holds_while_it_is_replaced() {
    // SHA1("OSS671" + "kunci-uji-00" + NIB + "20240610").
    let mut sum = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    sum.update(b"OSS671kunci-uji-00099900000001720240610");
    let old = hex::encode(sum.finish());
    let case = Case {
        token: &old,
        ..Case::default()
    };
    assert!(!accepted(&setup(), &case));
    let rotating = setup_with(|table| table["masuk"]["rahasia"] = json!(["kata_sandi_push", "kata_sandi_lama"]));
    assert!(accepted(&rotating, &case) && accepted(&rotating, &Case::default()));
}

#[test]
fn other_places_for_the_token_must_be_configured() {
    let bearer = format!("Bearer {ON_THE_10TH}");
    let query = format!("a=1&token={ON_THE_10TH}");
    let elsewhere = [
        Case {
            header: "OSS-API-KEY",
            ..Case::default()
        },
        Case {
            header: "Authorization",
            token: &bearer,
            ..Case::default()
        },
        Case {
            header: "X-Lain",
            query: &query,
            ..Case::default()
        },
    ];
    let open = setup_with(|table| {
        table["masuk"]["kepala_token"] = json!(["Token", "OSS-API-KEY", "Authorization"]);
        table["masuk"]["parameter_token"] = json!("token");
    });
    for case in &elsewhere {
        assert!(!accepted(&setup(), case) && accepted(&open, case), "{}", case.header);
    }
}

#[test]
fn forged_and_foreign_pushes_are_refused_in_the_form_of_oss() {
    let listed = setup_with(|table| table["masuk"]["sumber"] = json!(["203.0.113.0/24"]));
    assert!(accepted(
        &listed,
        &Case {
            peer: Some("203.0.113.9"),
            ..Case::default()
        }
    ));
    for (setup, case) in [
        (
            &listed,
            Case {
                peer: Some("198.51.100.9"),
                ..Case::default()
            },
        ),
        (&listed, Case::default()),
        (
            &setup(),
            Case {
                token: ON_THE_11TH,
                ..Case::default()
            },
        ),
        (
            &setup(),
            Case {
                token: "abc",
                ..Case::default()
            },
        ),
        (
            &setup(),
            Case {
                token: "",
                ..Case::default()
            },
        ),
        (
            &setup(),
            Case {
                body: "{}",
                ..Case::default()
            },
        ),
        (
            &setup(),
            Case {
                body: r#"{"dataNIB":{"nib":"0999000000018"}}"#,
                ..Case::default()
            },
        ),
        (
            &setup(),
            Case {
                body: r#"{"dataNIB":{"nib":""}}"#,
                ..Case::default()
            },
        ),
    ] {
        let refused = with(&case, |inbound| hook(setup).verify(inbound)).expect_err("refused");
        let body: Value = serde_json::from_slice(&refused.answer.body).expect("JSON");
        assert_eq!(body["responreceiveNIB"]["status"], "2");
        assert!(refused.answer.status == 401 || refused.answer.status == 403);
    }
}

#[test]
fn the_number_must_stand_within_reach() {
    let near = setup_with(|table| table["masuk"]["jangkauan_nib"] = json!(20));
    assert!(!accepted(&near, &Case::default()));
}

#[test]
fn a_second_number_in_the_body_is_a_trick() {
    let setup = setup();
    for body in [
        r#"{"dataNIB":{"nib":"0999000000017","nib":"0999000000018"}}"#,
        r#"{"dataNIB":{"nib":"0999000000017"},"datanib":{"nib":"0999000000018"},"DATANIB":{"nib":"0999000000018"}}"#,
        r#"{"dataNIB":{"nib":"0999000000017","n\u0069b":"0999000000018"}}"#,
    ] {
        assert!(
            accepted(
                &setup,
                &Case {
                    body,
                    ..Case::default()
                }
            ),
            "the first one is proven"
        );
        let fault = hook(&setup).translate(&Bytes::from_static(body.as_bytes()), "");
        assert!(fault.is_err(), "{body}");
    }
}

fn event_id(body: &str) -> String {
    let case = Case {
        body,
        ..Case::default()
    };
    with(&case, |inbound| {
        let hook = hook(&setup());
        let verified = hook.verify(inbound).expect("genuine");
        hook.event_id(inbound, &verified).expect("an id")
    })
}

#[test]
fn a_retransmission_keeps_its_id_and_a_change_gets_another() {
    let first = event_id(r#"{"dataNIB":{"nib":"0999000000017","total_modal_dasar":1000,"tipe_dokumen ":"9"}}"#);
    let again = event_id(r#"{"dataNIB": {"tipe_dokumen ":"9","nib":"0999000000017", "total_modal_dasar":1000}}"#);
    let resent = event_id(
        r#"{"dataNIB":{"nib":"0999000000017","total_modal_dasar":1000,"tipe_dokumen ":"9","tgl_terkirim_oss":"2024-06-10 10:00:00"}}"#,
    );
    let changed = event_id(r#"{"dataNIB":{"nib":"0999000000017","total_modal_dasar":1001,"tipe_dokumen ":"9"}}"#);
    let updated = event_id(r#"{"dataNIB":{"nib":"0999000000017","total_modal_dasar":1000,"tipe_dokumen ":"5"}}"#);
    let unreadable = event_id(r#"{"dataNIB":{"nib":"0999000000017",}}"#);
    assert!(first == again && first == resent);
    assert!(first != changed && first != updated && first != unreadable && changed != updated);
    assert!(!first.contains("0999000000017"));
}

#[test]
fn both_answers_are_successes() {
    with(&Case::default(), |inbound| {
        for repeated in [false, true] {
            let answer = hook(&setup()).acknowledge(inbound, repeated);
            let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
            assert_eq!((answer.status, &body["responreceiveNIB"]["status"]), (200, &json!("1")));
        }
    });
}

#[test]
fn without_settings_for_them_there_are_no_pushes() {
    let none = setup_with(|table| {
        table.as_object_mut().expect("a table").remove("masuk");
    });
    assert!(all(&none).is_empty());
    let wrong = crate::tests::try_setup(|table| {
        table["masuk"] = json!({"pengguna": "", "sumber": [], "rahasia": ["tiada"], "zona": ["Mars"]});
    });
    let keys: Vec<String> = wrong.expect_err("refused").into_iter().map(|c| c.key).collect();
    assert_eq!(keys, ["masuk.pengguna", "masuk.rahasia", "masuk.sumber", "masuk.zona"]);
}

#[test]
fn spoilt_bodies_are_judged_without_falling_over() {
    let hook = hook(&setup());
    let mut state = 671_u64;
    let mut below = |most: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % most
    };
    let rich = r#"{"dataNIB":{"nib":"0999000000017","a":[null,{"b":-1.5e3,"c":"\"\u00e9"}],"data_proyek":[{"id_proyek":"R","kbli":[1]}]}}"#;
    for _ in 0..20_000 {
        let mut body = rich.as_bytes().to_vec();
        for _ in 0..=below(3) {
            let at = below(body.len().max(2)).min(body.len().saturating_sub(1));
            if body.is_empty() {
                break;
            }
            match below(3) {
                0 => body[at] = b"{}[]\",:\\-0e \xff"[below(13)],
                1 => drop(body.remove(at)),
                _ => body.truncate(at.max(1)),
            }
        }
        let body = Bytes::from(body);
        let headers = HeaderMap::from_iter([(HeaderName::from_static("token"), HeaderValue::from_static(ON_THE_10TH))]);
        let inbound = Inbound {
            query: "",
            headers: &headers,
            body: &body,
            peer: None,
            now: "2024-06-10T12:00:00+07:00".parse().expect("a time"),
        };
        if let Ok(verified) = hook.verify(&inbound) {
            assert!(!hook.event_id(&inbound, &verified).expect("an id").is_empty());
            if let Ok(event) = hook.translate(&body, "") {
                assert_eq!(event.data["nib"], "0999000000017");
            }
        }
    }
}
