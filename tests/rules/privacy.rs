//! No number in the repository may be a real NIK. A NIK has sixteen digits; the invented ones end in the serial 0000,
//! which no office ever issues. Any other number that could be one needs a line here that says what it is; a test that
//! needs a full serial puts the number together when it runs.

use crate::assert_none;
use e2e::repo;

const DIGITS: usize = 16;
/// Numbers that look like a NIK and are none: the number, and what it is.
const ALLOWED: [(&str, &str); 0] = [];

/// The sixteen-digit numbers of a line that stand alone: not inside a word, a digest, or a decimal fraction.
fn candidates(line: &str) -> Vec<&str> {
    let bytes = line.as_bytes();
    let word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let end = at + length;
        let before = at.checked_sub(1).and_then(|index| bytes.get(index));
        let fraction = before == Some(&b'.') && at.checked_sub(2).is_some_and(|index| digit(bytes.get(index)));
        let escape = before == Some(&b'n') && at.checked_sub(2).is_some_and(|index| bytes.get(index) == Some(&b'\\'));
        let alone = (!word(before) || escape) && !word(bytes.get(end)) && !fraction;
        if length == DIGITS && alone {
            found.push(&line[at..end]);
        }
        at = end;
    }
    found
}

/// Whether the digits could be a NIK: a province, then a day (plus 40 for women) and a month in their places.
fn could_be_nik(number: &str) -> bool {
    let part = |at: usize| {
        number
            .get(at..at + 2)
            .and_then(|digits| digits.parse::<u8>().ok())
            .unwrap_or_default()
    };
    (11..=97).contains(&part(0)) && matches!(part(6), 1..=31 | 41..=71) && matches!(part(8), 1..=12)
}

fn judge(file: &str, text: &str) -> Vec<String> {
    let suspicious = |number: &&str| {
        could_be_nik(number) && !number.ends_with("0000") && !ALLOWED.iter().any(|(allowed, _)| allowed == number)
    };
    let lines = text.lines().enumerate();
    // The number itself is not printed: a real one must not travel on into a build log.
    lines
        .flat_map(|(index, line)| candidates(line).into_iter().filter(suspicious).map(move |_| index + 1))
        .map(|line| format!("{file}:{line}: this could be a real NIK; an invented one ends in 0000"))
        .collect()
}

#[test]
fn no_number_could_be_a_real_nik() {
    let files = repo::files().unwrap();
    let findings: Vec<String> = files
        .iter()
        .filter_map(|file| Some(judge(file, &repo::text(file)?)))
        .flatten()
        .collect();
    assert_none("privacy", &findings);
}

#[test]
fn every_exception_says_what_it_is() {
    assert!(
        ALLOWED
            .iter()
            .all(|(number, what)| number.len() == DIGITS && what.len() >= 10)
    );
}

#[cfg(test)]
mod self_tests {
    use super::*;

    /// Sixteen digits that do not end in 0000, put together here so that this file keeps the rule itself.
    fn number() -> String {
        format!("36710101019{}", "00001")
    }

    #[test]
    fn a_lone_number_is_found_wherever_it_stands() {
        for line in [
            format!("nik {}.", number()),
            format!("\"{}\"", number()),
            format!("({})", number()),
            format!("\\n{}", number()),
        ] {
            assert_eq!(judge("x", &line).len(), 1, "{line}");
        }
    }

    #[test]
    fn a_number_that_can_be_nobodys_passes() {
        for number in [
            "3671017201900001",
            "3671010013900001",
            "9971010101900001",
            "0012345678901000",
        ] {
            assert!(judge("x", number).is_empty(), "{number}");
        }
        assert_eq!(judge("x", &format!("36710141019{}", "00001")).len(), 1);
    }

    #[test]
    fn the_number_itself_is_not_repeated() {
        assert!(!judge("x", &number())[0].contains(&number()));
    }

    #[test]
    fn invented_numbers_digests_and_fractions_pass() {
        for line in [
            "3671010101900000".to_owned(),
            format!("a{}", number()),
            format!("{}ff", number()),
            format!("0.{}", number()),
            format!("{}1", number()),
        ] {
            assert!(judge("x", &line).is_empty(), "{line}");
        }
    }
}
