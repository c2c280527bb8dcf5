//! The gate: what it lets in comes out equal, what it refuses is named.

use proptest::prelude::*;
use schemas::gate::{GateError, Limits, parse};
use serde_json::{Value, json};

fn refused(text: &[u8]) -> GateError {
    match parse(text, &Limits::default()) {
        Err(error) => error,
        Ok(value) => panic!("let in: {value}"),
    }
}

#[test]
fn documents_are_read_as_serde_json_reads_them() {
    let texts = [
        "null",
        " true ",
        "false",
        "0",
        "-0",
        "-1",
        "123",
        "1.5",
        "-1.25e3",
        "1E5",
        "1e-7",
        "0.1",
        "100.0",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "123456789.012345",
        "0.000123",
        "\"\"",
        "\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\"",
        "\"\\u0041\\u00e9\\u20AC\"",
        "\"\\ud83d\\ude00 😀\"",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        "[1,[2,[3]],{}]",
        "{\"a\":{\"b\":[null,true]},\"\":1}",
        "\t\r\n{\"a\" : 1 }\n",
        "\"\\u0000\"",
        "\"\u{7f}\"",
        "1e300",
        "-0.0",
        "0e10",
    ];
    for text in texts {
        let ours = parse(text.as_bytes(), &Limits::default());
        let theirs: Value = serde_json::from_str(text).unwrap();
        assert_eq!(ours.as_ref(), Ok(&theirs), "{text}");
        assert_eq!(ours.unwrap().to_string(), theirs.to_string(), "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused_by_its_reason() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\xef\xbb\xbf{}", "bom"),
        (b"\xff", "invalid_utf8"),
        (b"\"\xed\xa0\x80\"", "invalid_utf8"),
        (b"\"\xc0\xaf\"", "invalid_utf8"),
        (b"{} {}", "trailing_data"),
        (b"1 2", "trailing_data"),
        (b"[]]", "trailing_data"),
        (b"01", "trailing_data"),
        (b"[1,]", "syntax"),
        (b"[,1]", "syntax"),
        (b"[1 2]", "syntax"),
        (b"{\"a\":1,}", "syntax"),
        (b"{a:1}", "syntax"),
        (b"{'a':1}", "syntax"),
        (b"{\"a\" 1}", "syntax"),
        (b"{1:1}", "syntax"),
        (b"+1", "syntax"),
        (b".5", "syntax"),
        (b"1.", "syntax"),
        (b"1.e3", "syntax"),
        (b"1e", "syntax"),
        (b"1e+", "syntax"),
        (b"-", "syntax"),
        (b"-a", "syntax"),
        (b"truth", "syntax"),
        (b"True", "syntax"),
        (b"nil", "syntax"),
        (b"// x\n1", "syntax"),
        (b"\"\t\"", "syntax"),
        (b"\"\x00\"", "syntax"),
        (b"\"\\x41\"", "syntax"),
        (b"\"\\u12G4\"", "syntax"),
        (b"[1\x0c]", "syntax"),
        (b"\x00", "syntax"),
        (b"{", "unexpected_end"),
        (b"[", "unexpected_end"),
        (b"[1", "unexpected_end"),
        (b"{\"a\"", "unexpected_end"),
        (b"{\"a\":", "unexpected_end"),
        (b"{\"a\":1,", "unexpected_end"),
        (b"\"abc", "unexpected_end"),
        (b"\"\\", "unexpected_end"),
        (b"\"\\u12", "unexpected_end"),
        (b"tru", "unexpected_end"),
        (b"NaN", "not_a_number"),
        (b"Infinity", "not_a_number"),
        (b"-Infinity", "not_a_number"),
        (b"[-NaN]", "not_a_number"),
        (b"\"\\ud800\"", "lone_surrogate"),
        (b"\"\\udc00\"", "lone_surrogate"),
        (b"\"\\ud800\\u0041\"", "lone_surrogate"),
        (b"\"\\ud800\\ud800\"", "lone_surrogate"),
        (b"\"\\ud83dx\"", "lone_surrogate"),
        (b"18446744073709551616", "number_not_exact"),
        (b"-9223372036854775809", "number_not_exact"),
        (b"12345678901234567890123", "number_not_exact"),
        (b"0.1234567890123456", "number_not_exact"),
        (b"1234567890.1234567", "number_not_exact"),
        (b"1e400", "number_not_exact"),
        (b"1e-400", "number_not_exact"),
        (b"1e-310", "number_not_exact"),
        (b"0.1000000000000000055", "number_not_exact"),
    ];
    for (text, code) in cases {
        assert_eq!(refused(text).code, *code, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn errors_point_at_the_place() {
    let error = refused(br#"{"a":{"b":[0,{"c":1,"c":2}]}}"#);
    assert_eq!(
        (error.code, error.pointer.as_str(), error.offset),
        ("duplicate_key", "/a/b/1/c", 20)
    );
    let error = refused(br#"{"a":1,"\u0061":2}"#);
    assert_eq!((error.code, error.pointer.as_str()), ("duplicate_key", "/a"));
    let error = refused(br#"{"nilai":[1,12345678901234567890123]}"#);
    assert_eq!(
        (error.code, error.pointer.as_str(), error.offset),
        ("number_not_exact", "/nilai/1", 12)
    );
    assert!(error.id.contains("kirim sebagai teks") && error.en.contains("send it as a string"));
}

#[test]
fn errors_never_repeat_data() {
    let error = refused(br#"{"3671010101900000":{"Suparman Contoh":1,"Suparman Contoh":2}}"#);
    assert_eq!(error.pointer, "/*/*");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("3671") && !text.contains("Suparman"), "{text}");
}

#[test]
fn limits_hold_to_the_last_one() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(64).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(nested(65).as_bytes()).code, "too_deep");
    let deep = "[".repeat(1_000_000);
    let limits = Limits {
        depth: usize::MAX,
        ..Limits::default()
    };
    assert_eq!(parse(deep.as_bytes(), &limits).unwrap_err().code, "too_deep");

    let limits = Limits {
        members: 2,
        values: 5,
        key_bytes: 3,
        string_bytes: 4,
        ..Limits::default()
    };
    let code = |text: &str| parse(text.as_bytes(), &limits).err().map(|error| error.code);
    assert_eq!(code(r#"{"a":1,"b":2}"#), None);
    assert_eq!(code(r#"{"a":1,"b":2,"c":3}"#), Some("too_many_members"));
    assert_eq!(code("[1,2,3,4]"), None);
    assert_eq!(code("[1,2,3,4,5]"), Some("too_many_values"));
    assert_eq!(code(r#"{"abcd":1}"#), Some("key_too_long"));
    assert_eq!(code(r#""abcd""#), None);
    assert_eq!(code(r#""abcde""#), Some("string_too_long"));
    assert_eq!(code(r#""ab\ncde""#), Some("string_too_long"));
}

fn decimal() -> impl Strategy<Value = Value> {
    (-999_999_999_999_999_i64..=999_999_999_999_999, 0_u32..12)
        .prop_map(|(digits, places)| json!(format!("{digits}e-{places}").parse::<f64>().unwrap()))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        decimal(),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,20}", inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn written_and_read_again_is_the_same(value in any_json()) {
        let compact = schemas::canon::to_bytes(&value);
        prop_assert_eq!(parse(&compact, &Limits::default()), Ok(value.clone()));
        let pretty = serde_json::to_vec_pretty(&value).unwrap();
        prop_assert_eq!(parse(&pretty, &Limits::default()), Ok(value));
    }

    #[test]
    fn nothing_is_let_in_that_serde_json_reads_otherwise(text in "[\\[\\]{}:,\"\\\\ 0-9.eE+a-u-]{0,24}") {
        if let Ok(value) = parse(text.as_bytes(), &Limits::default()) {
            let theirs: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(value, theirs);
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = parse(&bytes, &Limits::default()) {
            prop_assert!(error.offset <= bytes.len());
        }
    }
}
