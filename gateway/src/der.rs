//! The end of a certificate's validity, read from its DER without a parser for the rest: outer sequence, to-be-signed part,
//! the fifth (or sixth, with a version) element, second time. Anything odd is `None`.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED: u8 = 0x18;

/// `notAfter`.
pub(crate) fn not_after(certificate: &[u8]) -> Option<Timestamp> {
    let (tag, whole, _) = element(certificate)?;
    let (inner, signed, _) = element(whole)?;
    if (tag, inner) != (SEQUENCE, SEQUENCE) {
        return None;
    }
    let mut rest = signed;
    if element(rest)?.0 == VERSION {
        rest = element(rest)?.2;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (tag, validity, _) = element(rest)?;
    if tag != SEQUENCE {
        return None;
    }
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// Tag, content, and what follows.
fn element(from: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = from.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let bytes = usize::from(first & 0x7f);
        if !(1..=3).contains(&bytes) {
            return None;
        }
        let (long, rest) = rest.split_at_checked(bytes)?;
        (long.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((*tag, content, after))
}

fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let year: i16 = digits.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, digits.get(2..)?)
        }
        GENERALIZED => (digits.get(..4)?.parse().ok()?, digits.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let (month, day) = (part(0)?, part(2)?);
    let day = Date::new(year, month, day).ok()?;
    let at = day.to_datetime(Time::new(part(4)?, part(6)?, part(8)?, 0).ok()?);
    TimeZone::UTC.to_timestamp(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_read_from_a_certificate() {
        let mut params = rcgen::CertificateParams::new(vec!["simpul.invalid".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2031, 5, 7);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        assert_eq!(not_after(certificate.der()), "2031-05-07T00:00:00Z".parse().ok());
        for cut in 0..certificate.der().len().min(120) {
            let _no_panic = not_after(&certificate.der()[..cut]);
        }
        assert_eq!(not_after(b""), None);
    }
}
