use super::*;
use crate::tests::{call, complaint, setup_with};
use serde_json::json;

fn push(input: &Value) -> String {
    let setup = setup_with(|settings| {
        settings["dialek"] = json!("g1");
        settings["pelapor_baru"] = json!(true);
        settings["g1"] = json!({"email": "kota@contoh.invalid", "telepon": "021", "nama_depan": "Kota"});
    });
    let desk = setup.raw.g1.clone().expect("a desk");
    let request = Push::new(&setup, &desk).request(&call(), input).expect("a request");
    let NativeBody::Text { text, .. } = request.body else {
        panic!("text")
    };
    text
}

fn known(anonymous: bool) -> Value {
    let mut input = complaint();
    input["anonim"] = json!(anonymous);
    input["isi"] = json!("Berlubang & licin <b>, {{kredensial}} Suparman");
    input["pelapor"] = json!({"nama": "Suparman", "email": "warga@contoh.invalid", "telepon": "081100001234"});
    input
}

#[test]
fn everything_is_escaped_and_one_name_gets_an_underscore() {
    let text = push(&known(false));
    assert!(
        text.contains("<namadepan>Suparman</namadepan><namabelakang>_</namabelakang>"),
        "{text}"
    );
    assert!(
        text.contains("[Ref LAKSA-2026-000123] Lampu jalan padam. Berlubang &amp; licin &lt;b&gt;"),
        "{text}"
    );
    assert_eq!(text.matches(BODY_CREDENTIAL).count(), 1, "{text}");
    assert!(text.contains("<laporan rahasia=\"0\" anonim=\"0\">"), "{text}");
}

#[test]
fn an_anonymous_reporter_is_never_named() {
    let text = push(&known(true));
    assert!(
        !text.contains("Suparman") && !text.contains("warga@") && !text.contains("0811"),
        "{text}"
    );
    assert!(text.contains("<email>kota@contoh.invalid</email>"), "{text}");
}
