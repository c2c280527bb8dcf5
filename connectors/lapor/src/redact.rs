//! Takes the reporter's identity out of text that leaves for the national system when a report is anonymous: the name
//! (whole, or a part of it outside a street name), every e-mail address, every 16-digit number and every number that
//! looks like a telephone. Rather too much than too little.

mod names;
mod numbers;

use names::Names;
use serde_json::Value;

/// Redacts for one report.
#[derive(Debug, Clone)]
pub(crate) struct Redactor {
    names: Names,
    own_numbers: Vec<String>,
    mask: String,
}

impl Redactor {
    /// From the report's reporter, who may be unknown: patterns are taken out all the same.
    pub(crate) fn of(input: &Value, mask: &str) -> Self {
        let field = |name: &str| {
            input
                .pointer(&format!("/pelapor/{name}"))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let own_numbers = ["nik", "telepon"]
            .into_iter()
            .map(|name| numbers::national(&numbers::digits(field(name))))
            .filter(|digits| digits.len() >= 5)
            .collect();
        Self {
            names: Names::of(field("nama")),
            own_numbers,
            mask: mask.to_owned(),
        }
    }

    /// The text without identity.
    pub(crate) fn clean(&self, text: &str) -> String {
        let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        let text = self.emails(&text);
        let text = numbers::mask(&text, &self.own_numbers, &self.mask);
        self.names.mask(&text, &self.mask)
    }

    fn emails(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        for piece in text.split_inclusive(|c: char| c.is_whitespace() || "<>()[],;:\"".contains(c)) {
            let end = piece.trim_end_matches(|c: char| c.is_whitespace() || "<>()[],;:\"".contains(c));
            match end.rsplit_once('@') {
                Some((user, host)) if !user.is_empty() && !host.is_empty() => {
                    clean.push_str(&self.mask);
                    clean.push_str(&piece[end.len()..]);
                }
                _ => clean.push_str(piece),
            }
        }
        clean
    }
}

/// Zero-width characters and marks that would hide an identity from a comparison.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{202a}'..='\u{202e}')
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
