use super::*;

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
