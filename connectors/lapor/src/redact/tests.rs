use super::*;
use proptest::prelude::*;
use serde_json::json;

fn clean(text: &str) -> String {
    let input = json!({"pelapor": {
        "nama": "Suparman Contoh", "nik": "3671010101900000",
        "telepon": "+62 811-0000-1234", "email": "warga@contoh.invalid",
    }});
    Redactor::of(&input, "###").clean(text)
}

#[test]
fn the_name_goes_in_every_spelling() {
    for text in [
        "SUPARMAN CONTOH",
        "suparman  contoh",
        "Suparman.Contoh",
        "Contoh, Suparman",
        "Su\u{200b}parman Contoh",
        "#SuparmanContoh",
        "Suparmannya",
    ] {
        let clean = clean(&format!("Saya {text} melapor")).to_lowercase();
        assert!(
            !clean.contains("suparman") && !clean.contains("contoh"),
            "{text}: {clean}"
        );
    }
    assert_eq!(clean("Hubungi Suparman saja"), "Hubungi ### saja");
}

#[test]
fn a_street_that_shares_a_word_with_the_name_stays() {
    assert_eq!(
        clean("Lampu di Jalan Contoh Raya padam"),
        "Lampu di Jalan Contoh Raya padam"
    );
    assert_eq!(clean("di jl. Contoh nomor 1"), "di jl. Contoh nomor 1");
}

#[test]
fn numbers_and_addresses_go_in_every_form() {
    for text in [
        "3671010101900000",
        "3671 0101 0190 0000",
        "3671.01.010190.0000",
        "3671 - 0101 - 0190 - 0000",
        "36710101019000003671010101900000",
        "081100001234",
        "0811-0000-1234",
        "+62 811 0000 1234",
        "62811.0000.1234",
        "(021) 55501234",
        "021-55501234",
        "0817 1112 223",
        "warga@contoh.invalid",
        "orang.lain+x@contoh.invalid",
    ] {
        assert_eq!(clean(&format!("hub {text} ya")), "hub ### ya", "{text}");
    }
    assert_eq!(clean("KTP:3671010101900000."), "KTP:###.");
}

#[test]
fn dates_sums_and_house_numbers_stay() {
    let text = "Sejak 08-02-2026 08:15, kerugian 1500000, rumah nomor 12 RT 003/004, tiket 2026-000123";
    assert_eq!(clean(text), text);
}

#[test]
fn without_a_known_reporter_patterns_go_all_the_same() {
    let clean = Redactor::of(&json!({}), "###").clean("NIK 3671010101900000 telp 081100001234");
    assert_eq!(clean, "NIK ### telp ###");
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

proptest! {
    #[test]
    fn a_number_never_survives_its_separators(
        number in prop_oneof![Just("3671010101900000"), Just("081100001234"), Just("6281100001234")],
        marks in proptest::collection::vec(prop_oneof![Just(""), Just(" "), Just("."), Just("-"), Just(" - ")], 16),
        before in "[a-z ,:]{0,12}",
        after in "[a-z ,:]{0,12}",
    ) {
        let written: String = number.chars().zip(&marks).map(|(digit, mark)| format!("{mark}{digit}")).collect();
        let clean = clean(&format!("{before}{written}{after}"));
        prop_assert!(digits_of(&clean).len() < 5, "{written} → {clean}");
    }

    #[test]
    fn a_name_never_survives_its_spelling(
        caps in proptest::collection::vec(any::<bool>(), 14),
        mark in prop_oneof![Just(" "), Just("  "), Just("."), Just("_"), Just(", "), Just("")],
        swapped in any::<bool>(),
        before in prop_oneof![Just("Saya "), Just("oleh "), Just("("), Just("Pelapor: ")],
    ) {
        let (first, last) = if swapped { ("contoh", "suparman") } else { ("suparman", "contoh") };
        prop_assume!(!(swapped && mark.is_empty()));
        let flip = |(c, up): (char, &bool)| if *up { c.to_ascii_uppercase() } else { c };
        let name: String = first.chars().zip(&caps).map(flip).collect::<String>()
            + mark
            + &last.chars().zip(caps.iter().rev()).map(flip).collect::<String>();
        let clean = clean(&format!("{before}{name} melapor")).to_lowercase();
        prop_assert!(!clean.contains("suparman") && !clean.contains("contoh"), "{name} → {clean}");
    }

    #[test]
    fn any_text_is_cleaned_without_falling_over(text in "\\PC{0,80}") {
        clean(&text);
    }
}
