//! A whole manifest, one full of flaws, rules made to explode, and properties that hold for any input.

use crate::path::Path;
use crate::rule::{Rule, compile};
use crate::run::{Facts, Wrong, run};
use crate::{FACTORY, Flaw, check, lineage, read, trials};
use bytes::Bytes;
use connector_sdk::{
    Connector, FaultKind, Inbound, Landed, NativeReply, NativeRequest, RelativePath, Secret, Settings,
};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

const ANGKUT: &str = include_str!("../../../docs/contoh/angkut.yaml");

fn nothing(_: &str) -> Option<Value> {
    None
}

fn rules(yaml: &str) -> Vec<Rule> {
    serde_saphyr::from_str(yaml).unwrap()
}

fn flaws_of(rules: &[Rule]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    compile(rules, "uji", 0, &mut 0, &mut flaws);
    flaws
}

fn ran(rules: &[Rule], input: &Value) -> Result<Value, Wrong> {
    let mut flaws = Vec::new();
    let compiled = compile(rules, "uji", 0, &mut 0, &mut flaws);
    assert_eq!(flaws, Vec::new());
    run(&compiled, input, Facts::default())
}

fn angkut() -> Arc<dyn Connector> {
    let manifest = read(ANGKUT).unwrap();
    let Value::Object(table) = serde_json::to_value(manifest).unwrap() else {
        panic!("an object");
    };
    let settings = Settings::new(table).with_secret("kunci_kiriman", Secret::new("rahasia-uji"));
    (FACTORY.build)(&settings).unwrap()
}

#[test]
fn the_shipped_manifest_is_sound_and_its_trials_pass() {
    let manifest = check(ANGKUT, &nothing).unwrap();
    let all = trials(&manifest, &|_, _| Ok(()));
    let failed: Vec<_> = all.iter().filter(|trial| trial.failed.is_some()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(all.len() > 15, "{}", all.len());
    let rows = lineage(&manifest);
    let row = rows.iter().find(|row| row.to == "/butir/*/petugas/*/nama").unwrap();
    assert_eq!(
        (row.from.as_str(), row.ops.as_slice()),
        ("/dt/baris/*/petugas/*/nm", ["trim".to_owned()].as_slice())
    );
    assert!(rows.iter().any(|row| row.reversible) && rows.iter().any(|row| !row.reversible));
}

#[test]
fn trials_find_what_was_broken() {
    let broken = ANGKUT.replace("{A: aktif, T: ditunda}", "{A: aktif, T: ditunda, Z: aktif}");
    let manifest = check(&broken, &nothing).unwrap();
    let failed: Vec<_> = trials(&manifest, &|_, _| Ok(()))
        .into_iter()
        .filter(|trial| trial.failed.is_some())
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].name.ends_with("kode-tak-dikenal/golden_reply"), "{failed:?}");
}

#[test]
fn every_flaw_is_told_at_once_with_its_line() {
    let broken = ANGKUT
        .replace("{to: /armada, from: /armada}", "{to: /kendaraan, from: /armada}")
        .replace("- {to: /no_ref, from: /nomor}", "- {to: /no_ref, from: /nomer}")
        .replace("{to: /halaman, from: /dt/hal}", "{to: /halaman, const: satu}")
        .replace("{T: ditunda}", "{T: tertunda}")
        .replace("table: {A: aktif, T: ditunda}", "table: {A: aktif, T: tertunda}")
        .replace("masukan: urn:angkut:jadwal_kunci:1", "masukan: urn:angkut:tidak_ada:1")
        .replace("operasi: [angkut.jadwal.daftar,", "operasi: [pengaduan.kirim,");
    let flaws = check(&broken, &nothing).unwrap_err();
    let told: Vec<_> = flaws
        .iter()
        .map(|flaw| format!("{} {}", flaw.key, flaw.what.en))
        .collect();
    for wanted in [
        "operasi.0.jawab.2.each.rules.3.to the target schema has no `kendaraan`",
        "operasi.0.jawab.2.each.rules the required field `/armada` is not mapped",
        "operasi.0.jawab.0 type string does not fit integer",
        "operasi.0.jawab.2.each.rules.5 a fixed value outside the choices",
        "operasi.0.masukan there is no schema",
        "operasi.1.asli.kirim.0.from a dead rule: the source schema has no `nomer`",
        "hak.0",
    ] {
        assert!(
            told.iter().any(|one| one.starts_with(wanted)),
            "{wanted} not in {told:#?}"
        );
    }
    let line = |text: &str| broken.lines().position(|line| line.contains(text)).unwrap() as u64 + 1;
    let flaw = flaws.iter().find(|flaw| flaw.what.en.contains("kendaraan")).unwrap();
    assert_eq!(flaw.line, Some(line("/kendaraan")));
    assert!(flaws.iter().all(|flaw| flaw.line.is_some()), "{flaws:#?}");
}

#[test]
fn an_unknown_key_is_told_with_its_line() {
    let flaws = check(&ANGKUT.replace("sehat: api/jadwal", "sehatt: api/jadwal"), &nothing).unwrap_err();
    let line = ANGKUT.lines().position(|line| line.starts_with("sehat:")).unwrap() as u64 + 1;
    assert_eq!((flaws.len(), flaws[0].line), (1, Some(line)), "{flaws:?}");
}

#[test]
fn what_grows_is_refused_or_cut() {
    let small = rules("[{to: /a, from: /a}]");
    let many: Vec<Rule> = (0..10_000).flat_map(|_| small.clone()).collect();
    assert!(
        flaws_of(&many)
            .iter()
            .any(|flaw| flaw.what.en == "there are too many rules")
    );
    let mut deep = rules("[{to: /a, from: /a}]");
    for _ in 0..6 {
        let mut outer = rules("[{to: /a, each: {from: /a, rules: []}}]");
        if let Some(each) = &mut outer[0].each {
            each.rules = deep;
        }
        deep = outer;
    }
    assert!(flaws_of(&deep).iter().any(|flaw| flaw.what.en.contains("too deeply")));
    let back = rules("[{to: /a, each: {from: /a, rules: [{to: /b, each: {from: $/a, rules: []}}]}}]");
    assert!(
        flaws_of(&back)
            .iter()
            .any(|flaw| flaw.what.en.contains("back to the root"))
    );
    let wide = rules("[{to: /a, each: {from: /a, rules: [{to: /b, from: $/a/*/x}]}}]");
    assert!(
        flaws_of(&wide)
            .iter()
            .any(|flaw| flaw.what.en.contains("from the root to many"))
    );
    let longer = rules("[{to: /a, from: /a, ops: [{replace: {this: a, by: aaaaaaaa}}]}]");
    assert_eq!(flaws_of(&longer).len(), 1);
}

#[test]
fn a_large_value_copied_to_every_item_ends_by_its_budget() {
    let big = "x".repeat(64 * 1024);
    let items: Vec<Value> = (0..20_000).map(|n| json!({"n": n})).collect();
    let input = json!({"besar": big, "butir": items});
    for yaml in [
        "[{to: /b, each: {from: /butir, rules: [{to: /x, from: $/besar}]}}]",
        "[{to: /b, each: {from: /butir, rules: [{to: /x, concat: [$/besar, $/besar, $/besar, $/besar]}]}}]",
        "[{to: /b, each: {from: /butir, rules: [{to: /x, from: $/besar, ops: [upper, lower, upper, lower]}]}}]",
    ] {
        let began = Instant::now();
        assert_eq!(ran(&rules(yaml), &input), Err(Wrong::TooMuch), "{yaml}");
        assert!(began.elapsed().as_secs() < 5, "{yaml}: {:?}", began.elapsed());
    }
}

#[test]
fn two_thousand_rules_over_a_large_list_are_linear() {
    let rule = rules("[{to: /b, each: {from: /butir, rules: [{to: /n, from: /n}]}}]");
    let time = |count: u32| {
        let items: Vec<Value> = (0..count).map(|n| json!({"n": n})).collect();
        let input = json!({"butir": items});
        let began = Instant::now();
        ran(&rule, &input).unwrap();
        began.elapsed()
    };
    time(1_000);
    let (one, ten) = (time(20_000), time(200_000));
    assert!(
        ten < one * 40 + std::time::Duration::from_millis(200),
        "{one:?} {ten:?}"
    );
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let before = n - 1;
        bomb.push_str(&format!("a{n}: &a{n} [*a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}]\n"));
    }
    let began = Instant::now();
    assert!(read(&bomb).is_err());
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}

#[test]
fn an_error_inside_a_success_is_a_fault() {
    let connector = angkut();
    let screened = |writes: bool, body: &str| {
        let request = NativeRequest {
            writes,
            ..NativeRequest::get("panggil", RelativePath::root())
        };
        let reply = NativeReply {
            status: 200,
            headers: HeaderMap::new(),
            body: Bytes::from(body.to_owned()),
        };
        connector.screen(&request, &reply)
    };
    assert!(screened(true, r#"{"sts":"00"}"#).is_ok());
    let known = screened(true, r#"{"sts":"42"}"#).unwrap_err();
    assert_eq!(
        (known.kind, known.landed, known.native_code.as_deref()),
        (FaultKind::Conflict, Landed::No, Some("42"))
    );
    let other = screened(true, r#"{"sts":"3671010101900000"}"#).unwrap_err();
    assert_eq!((other.kind, other.landed), (FaultKind::Rejected, Landed::Unknown));
    assert!(!format!("{other:?}").contains("3671"), "a value is repeated");
    assert_eq!(screened(true, "<html>").unwrap_err().landed, Landed::Unknown);
    assert_eq!(screened(false, "{}").unwrap_err().kind, FaultKind::Drift);
}

#[test]
fn pushes_prove_themselves() {
    let connector = angkut();
    let hook = connector.hook("terangkut").unwrap();
    let body = Bytes::from(r#"{"id_kabar":1,"no_angkut":"AK00001","st":"S","tgl_jam":"24/11/2026 09:15"}"#);
    let now: jiff::Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
    let signed = |body: &[u8], at: i64| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"rahasia-uji");
        let text = [format!("{at}.").as_bytes(), body].concat();
        let mut headers = HeaderMap::new();
        let tag = hex::encode(aws_lc_rs::hmac::sign(&key, &text));
        headers.insert("x-tanda", format!("sha256={tag}").parse().unwrap());
        headers.insert("x-waktu", at.to_string().parse().unwrap());
        headers
    };
    let verified = |headers: &HeaderMap, body: &Bytes| {
        let inbound = Inbound {
            query: "",
            headers,
            body,
            peer: None,
            now,
        };
        hook.verify(&inbound)
            .and_then(|verified| hook.event_id(&inbound, &verified))
    };
    let good = signed(&body, now.as_second());
    let first = verified(&good, &body).unwrap();
    assert_eq!(
        verified(&signed(&body, now.as_second() + 9), &body),
        Ok(first.clone()),
        "sent again: the same id"
    );
    assert!(verified(&HeaderMap::new(), &body).is_err(), "forged");
    assert!(
        verified(&signed(&body, now.as_second() - 3600), &body).is_err(),
        "stale"
    );
    let other = Bytes::from(r#"{"id_kabar":2}"#);
    assert!(verified(&good, &other).is_err(), "altered");
    assert_ne!(
        verified(&signed(&other, now.as_second()), &other),
        Ok(first),
        "another push"
    );
    assert_eq!(hook.translate(&body, "").unwrap().ordering, "AK00001");
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..5).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

proptest! {
    /// Whatever comes, rules end in a document, complaints or a spent budget; they never panic.
    #[test]
    fn any_input_ends(input in any_json()) {
        let all = rules(
            "[{to: /a, from: /a/*/b}, {to: /b, each: {from: /a, rules: [{to: /x, from: /b, ops: [trim, {date: {from: '%d/%m/%Y', to: date}}], on_error: skip}]}}, \
              {to: /c/d, concat: [/a, '-', /b/c], default: kosong}, {to: /e, from: /d, ops: [{decimal: {scale: 2}}], on_error: default, default: '0.00'}, \
              {to: /f, from: /c, ops: [integer]}]",
        );
        let _ended = ran(&all, &input);
    }

    /// A rule set that can be turned round gives back what it was given.
    #[test]
    fn reversed_rules_give_back_their_input(
        day in 1_i8..=28, month in 1_i8..=12, year in 1990_i16..2090, code in prop::sample::select(vec!["A", "T"]),
        names in prop::collection::vec("[a-z]{1,8}", 0..5),
    ) {
        let there = rules(
            "[{to: /pada, from: /tgl, ops: [{date: {from: '%d/%m/%Y', to: date}}]}, {to: /keadaan, from: /st, ops: [{lookup: {table: {A: aktif, T: tutup}}}]}, \
              {to: /no, from: /id, ops: [{prefix: 'K-'}]}, {to: /orang, each: {from: /nm, rules: [{to: /nama, from: /n}]}}]",
        );
        let back: Vec<Rule> = there.iter().map(|rule| crate::reverse::turned(rule).unwrap()).collect();
        let people: Vec<Value> = names.iter().map(|name| json!({"n": name})).collect();
        let input = json!({"tgl": format!("{day:02}/{month:02}/{year:04}"), "st": code, "id": "7", "nm": people});
        let output = ran(&there, &input).unwrap();
        prop_assert_eq!(ran(&back, &output).unwrap(), input);
    }

    /// Paths that parse are stable.
    #[test]
    fn paths_parse_or_are_refused(text in "[$/*a-z~01]{0,16}") {
        if let Some(path) = Path::parse(&text) {
            prop_assert!(path.steps.len() <= text.len());
        }
    }
}
