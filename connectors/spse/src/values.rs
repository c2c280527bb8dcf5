//! One native value to one canonical value, by its kind. `None` is "there is none"; `Err` is "there is something that
//! cannot be read", which the row marks and never hides.

use crate::dataset::Kind;
use crate::dates::{self, Moment};
use serde_json::{Value, json};

/// A value that is there but cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Reads a value. Numbers have been turned into texts before.
pub(crate) fn read(kind: Kind, value: &Value, offset: &str) -> Result<Option<Value>, Unreadable> {
    let flag;
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.as_str(),
        Value::Bool(yes) => {
            flag = yes.to_string();
            flag.as_str()
        }
        Value::Number(_) | Value::Array(_) | Value::Object(_) => return Err(Unreadable),
    };
    let trimmed = text.trim();
    if matches!(trimmed, "" | "-") {
        return Ok(None);
    }
    match kind {
        Kind::Tahun | Kind::Bilangan => trimmed.parse::<i32>().map(|n| Some(json!(n))).map_err(|_| Unreadable),
        Kind::Kode => Ok(Some(json!(code(trimmed)))),
        Kind::Teks | Kind::Nama => Ok(Some(json!(tidy(trimmed)))),
        Kind::Html => Ok(Some(plain(trimmed)).filter(|text| !text.is_empty()).map(Value::String)),
        Kind::Nip | Kind::Npwp => Ok(Some(json!(trimmed))),
        Kind::Rekening => Ok(account(trimmed)),
        Kind::Uang | Kind::Angka => decimal(trimmed).map(|text| Some(json!(text))).ok_or(Unreadable),
        Kind::UangTampil => shown(trimmed).map(|text| Some(json!(text))).ok_or(Unreadable),
        Kind::Bulan => dates::month(trimmed).map(|month| Some(json!(month))).ok_or(Unreadable),
        Kind::Tanggal => Moment::read(trimmed).map(|at| Some(json!(at.day))).ok_or(Unreadable),
        Kind::Waktu => Moment::read(trimmed)
            .map(|at| Some(json!(at.shown(offset))))
            .ok_or(Unreadable),
        Kind::Ya => yes(trimmed).map(|yes| Some(json!(yes))).ok_or(Unreadable),
        Kind::Daftar => Ok(list(trimmed.split(';').map(tidy))),
        Kind::DaftarKoma => Ok(list(trimmed.trim_matches(['{', '}']).split(',').map(tidy))),
        Kind::DaftarDana => Ok(list(trimmed.split([';', ',']).map(tidy))),
        Kind::DaftarMak => Ok(list(trimmed.split([';', ',']).map(code))),
        Kind::Orang => Ok(people(trimmed)),
    }
}

/// A code keeps its zeros; blanks inside and a dot at its end go.
fn code(text: &str) -> String {
    let joined: String = text.split_whitespace().collect();
    joined.strip_suffix('.').unwrap_or(&joined).to_owned()
}

/// White space of any kind and number becomes one blank.
pub(crate) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list(parts: impl Iterator<Item = String>) -> Option<Value> {
    let all: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    (!all.is_empty()).then(|| json!(all))
}

/// `NIP - NAME;NIP - NAME`; names contain commas and may contain ` - ` themselves. `0` is no number.
fn people(text: &str) -> Option<Value> {
    let all: Vec<Value> = text
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once(" - ") {
            Some((nip, name)) if !matches!(nip.trim(), "0" | "") => json!({"nip": nip.trim(), "nama": tidy(name)}),
            Some((_, name)) => json!({"nama": tidy(name)}),
            None => json!({"nama": tidy(part)}),
        })
        .collect();
    (!all.is_empty()).then(|| json!(all))
}

fn account(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\'').trim();
    let none = text.is_empty() || text.bytes().all(|b| b == b'0');
    (!none).then(|| json!(text))
}

fn yes(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "ya" => Some(true),
        "false" | "0" | "tidak" => Some(false),
        _ => None,
    }
}

/// A plain decimal: no exponent, no grouping; zeros after the point that say nothing are dropped.
fn decimal(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let sound = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !sound(whole) || !sound(rest) || digits.ends_with('.') {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let rest = rest.trim_end_matches('0');
    let dot = if rest.is_empty() { "" } else { "." };
    let sign = if whole == "0" && rest.is_empty() { "" } else { sign };
    Some(format!("{sign}{whole}{dot}{rest}"))
}

/// An exact amount as people read it: dots group by three, a comma parts the decimals.
fn shown(text: &str) -> Option<String> {
    let bare = text.strip_prefix("Rp");
    let text = bare.map_or(text, |rest| rest.strip_prefix('.').unwrap_or(rest).trim());
    let (whole, rest) = text.split_once(',').unwrap_or((text, ""));
    let mut groups = whole.split('.');
    let first = groups.next()?;
    let grouped = whole.contains('.');
    let sound = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !sound(first) || (grouped && first.len() > 3) || !groups.all(|group| group.len() == 3 && sound(group)) {
        return None;
    }
    let whole = whole.replace('.', "");
    match rest {
        "" => decimal(&whole),
        rest => decimal(&format!("{whole}.{rest}")),
    }
}

/// `67,4 Jt`, `1,2 M`: a number and a unit behind it. Rounded, so it is text to show and nothing to reckon with.
pub(crate) fn rounded(text: &str) -> Option<String> {
    let text = tidy(text);
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '));
    let number = text.starts_with(|c: char| c.is_ascii_digit());
    let word = (1..=10).contains(&unit.len()) && unit.bytes().all(|b| b.is_ascii_alphabetic());
    (number && word).then_some(text)
}

/// The text of an HTML fragment.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let tag = tail[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        match (tag, tail.find('>')) {
            (true, Some(end)) => {
                out.push(' ');
                rest = &tail[end + 1..];
            }
            _ => {
                out.push('<');
                rest = &tail[1..];
            }
        }
    }
    out.push_str(rest);
    for (entity, c) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        out = out.replace(entity, c);
    }
    tidy(&out)
}

/// The 18 digits of an employee number, when they can be told: words, blanks and dots around them go. Two numbers joined,
/// or too few digits, are none.
pub(crate) fn employee(text: &str) -> Option<String> {
    let bare = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let sound = bare
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace() || c == '.');
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    (sound && digits.len() == 18).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(kind: Kind, text: &str) -> Result<Option<Value>, Unreadable> {
        read(kind, &json!(text), "+07:00")
    }

    #[test]
    fn money_keeps_every_digit_and_loses_empty_ones() {
        for (text, expected) in [
            ("4478512300.75", "4478512300.75"),
            ("5670000.0", "5670000"),
            ("916494560975", "916494560975"),
            ("0", "0"),
            ("-0.50", "-0.5"),
            ("99999999999999999999.0001", "99999999999999999999.0001"),
        ] {
            assert_eq!(one(Kind::Uang, text), Ok(Some(json!(expected))), "{text}");
        }
        for text in ["1.000.000", "1e6", "Rp 5", "1,5", "."] {
            assert_eq!(one(Kind::Uang, text), Err(Unreadable), "{text}");
        }
    }

    #[test]
    fn several_values_in_one_text_are_told_apart_and_names_never_split_at_commas() {
        let dana = json!(["APBD", "APBDP"]);
        assert_eq!(one(Kind::DaftarDana, "APBD;APBDP"), Ok(Some(dana.clone())));
        assert_eq!(one(Kind::DaftarDana, "APBD,APBDP"), Ok(Some(dana)));
        let mak = json!(["2.16.02.2.01.0004.5.1.02.02.01.0030", "2.16.02.2.01.0004.5.1.02"]);
        assert_eq!(
            one(
                Kind::DaftarMak,
                "2.16.02.2.01.0004.5.1.02.02.01.0030., 2.16.02.2.01.0004.5.1.02"
            ),
            Ok(Some(mak))
        );
        assert_eq!(
            one(
                Kind::Orang,
                "198001012005010000 - Budi Contoh, S.T., M.Si;0 - Ani Contoh\t "
            ),
            Ok(Some(json!([
                {"nip": "198001012005010000", "nama": "Budi Contoh, S.T., M.Si"},
                {"nama": "Ani Contoh"},
            ])))
        );
    }

    #[test]
    fn an_employee_number_is_formed_only_when_it_is_one() {
        assert_eq!(employee("NIP 19800101 2005011 000"), Some("198001012005011000".into()));
        for text in [
            "***************003",
            "12345678",
            "198001012005011000198202022006042000",
            "198001012005011000 X",
        ] {
            assert_eq!(employee(text), None, "{text}");
        }
    }

    #[test]
    fn an_amount_of_a_web_table_is_exact_or_no_amount() {
        for (text, expected) in [
            ("480000000", "480000000"),
            ("480.000.000", "480000000"),
            ("750.000", "750000"),
            ("Rp. 1.250.000,50", "1250000.5"),
            ("0", "0"),
        ] {
            assert_eq!(one(Kind::UangTampil, text), Ok(Some(json!(expected))), "{text}");
            assert_eq!(rounded(text), None, "{text}");
        }
        for text in ["4.5", "1.0000", "1234.567", "1,2,3", ".5", "banyak", "12.34.567"] {
            assert_eq!(one(Kind::UangTampil, text), Err(Unreadable), "{text}");
        }
        for text in ["67,4 Jt", "500 Jt", "1,2 M", "176,3Jt"] {
            assert_eq!(rounded(text).as_deref(), Some(text));
            assert_eq!(one(Kind::UangTampil, text), Err(Unreadable), "{text}");
        }
    }

    #[test]
    fn a_month_is_read_by_its_name() {
        for text in ["January 2026", "Jan 2026", " january  2026 "] {
            assert_eq!(one(Kind::Bulan, text), Ok(Some(json!("2026-01"))), "{text}");
        }
        for text in ["Januari", "2026", "Januarius 26", "Foo 2026", "January 20261"] {
            assert_eq!(one(Kind::Bulan, text), Err(Unreadable), "{text}");
        }
    }

    #[test]
    fn none_is_none_and_html_is_text() {
        for text in ["", " ", "-"] {
            assert_eq!(one(Kind::Teks, text), Ok(None));
        }
        assert_eq!(one(Kind::Rekening, "000"), Ok(None));
        assert_eq!(one(Kind::Rekening, "'0123456789012"), Ok(Some(json!("0123456789012"))));
        assert_eq!(
            one(Kind::Html, "<p>Sewa&nbsp;jaringan</p>\r\n3 < 4"),
            Ok(Some(json!("Sewa jaringan 3 < 4")))
        );
        assert_eq!(one(Kind::Kode, "9. 99. 99"), Ok(Some(json!("9.99.99"))));
        assert_eq!(one(Kind::Kode, "021212"), Ok(Some(json!("021212"))));
    }
}
