use super::*;
use proptest::prelude::*;

#[test]
fn placeholders_expand_once_with_or_without_spaces() {
    let values = [
        ("institution_to", Some("Kota {{status_new}}")),
        ("status_new", Some("Selesai")),
        ("institution", None),
    ];
    assert_eq!(
        expand(
            "ke {{institution_to}}, {{ status_new }}{{institution}} {{baru}} {{",
            &values
        ),
        "ke Kota {{status_new}}, Selesai {{baru}} {{"
    );
}

#[test]
fn html_becomes_text_and_scripts_vanish() {
    assert_eq!(
        plain("<p>Sudah <b>dicek</b></p><SCRIPT>alert(1)</SCRIPT><p>A &amp; B &#39;x&#x27;</p>"),
        "Sudah dicek\nA & B 'x'"
    );
    assert_eq!(plain("&lt;script&gt;1 < 2"), "<script>1 < 2");
    assert_eq!(plain("putus <b"), "putus");
}

proptest! {
    #[test]
    fn no_tag_survives_however_it_is_nested(html in "[<>/!a-cps \"=]{0,60}") {
        let text = plain(&html);
        let opens = |pair: &[u8]| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || pair[1] == b'/');
        prop_assert!(!text.as_bytes().windows(2).any(opens), "{html} → {text}");
    }

    #[test]
    fn any_text_is_read_without_falling_over(html in "\\PC{0,80}") {
        let values = [("status_new", Some("Selesai"))];
        plain(&expand(&html, &values));
    }
}
