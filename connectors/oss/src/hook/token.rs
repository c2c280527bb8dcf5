//! The push token: `SHA1(user + password + NIB + YYYYMMDD)` in hexadecimal. The zone of the day is not documented, so the
//! zones that count are a setting; near midnight the neighbouring day counts too, for clocks differ. Candidates are
//! few, all are computed, and each is compared in constant time.

use crate::scalar::is_digits;
use crate::settings::{TokenForm, TokenSource};
use crate::zone::Zone;
use aws_lc_rs::digest;
use connector_sdk::Inbound;
use jiff::Timestamp;
use jiff::civil::Date;
use subtle::{Choice, ConstantTimeEq};

/// SHA-1.
pub(super) type Digest = [u8; 20];

/// The token of a push: the first configured header that is there decides, else the query parameter.
pub(super) fn presented(push: &TokenSource, inbound: &Inbound<'_>) -> Option<Digest> {
    let header = push.raw.kepala_token.iter().find_map(|name| inbound.headers.get(name));
    let text = match header {
        Some(value) => value.to_str().ok()?.trim(),
        None => parameter(inbound.query, push.raw.parameter_token.as_deref()?)?,
    };
    let text = text.strip_prefix("Bearer ").unwrap_or(text).trim();
    let mut digest = Digest::default();
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// What was proven, or nothing. `subject` reads one member of the body.
pub(super) fn holds<'a>(
    push: &TokenSource,
    token: &Digest,
    subject: impl Fn(&str) -> Option<&'a [u8]>,
    now: Timestamp,
) -> Option<&'static str> {
    let number = |name: &str, sizes: &[usize]| {
        let text = std::str::from_utf8(subject(name)?).ok()?.trim();
        sizes.iter().any(|size| is_digits(text, *size)).then(|| text.to_owned())
    };
    // Whatever the form, a push names the NIB it is about.
    let nib = number("nib", &[13])?;
    let days: Vec<String> = days(push, now)
        .iter()
        .map(|day| day.strftime("%Y%m%d").to_string())
        .collect();
    let mut proven = None;
    for form in &push.raw.rumus {
        let (subject, by) = match form {
            TokenForm::Nib => (Some(nib.clone()), "token_nib"),
            TokenForm::Npwp => (number("npwp_perseroan", &[15, 16]), "token_npwp"),
        };
        let Some(subject) = subject else { continue };
        let mut fits = Choice::from(0);
        for password in &push.passwords {
            for day in &days {
                let mut sum = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
                for part in [push.raw.pengguna.as_str(), password.expose(), &subject, day] {
                    sum.update(part.as_bytes());
                }
                fits |= sum.finish().as_ref().ct_eq(token);
            }
        }
        if bool::from(fits) {
            proven = Some(by);
        }
    }
    proven
}

/// Dates that count at this moment.
fn days(push: &TokenSource, now: Timestamp) -> Vec<Date> {
    let mut days = Vec::new();
    let margin = i32::from(push.raw.menit_tengah_malam);
    for zone in &push.zones {
        for day in around(*zone, now, margin) {
            if !days.contains(&day) {
                days.push(day);
            }
        }
    }
    days
}

fn around(zone: Zone, now: Timestamp, margin: i32) -> impl Iterator<Item = Date> {
    let local = zone.local(now);
    let today = local.date();
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let before = (minute < margin).then(|| today.yesterday().ok()).flatten();
    let after = (minute >= 24 * 60 - margin).then(|| today.tomorrow().ok()).flatten();
    std::iter::once(today).chain(before).chain(after)
}
