//! `--filter kunci=nilai,…`: which exchanges, the same words for listing and replaying.

use super::client::Trouble;
use super::say::Voice;
use crate::config::duration;
use crate::wiring::SystemClock;
use gateway_core::time::Clock;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// Conditions of a list.
pub(super) const KEYS: [&str; 7] = ["keadaan", "sistem", "operasi", "konsumen", "rujukan", "sejak", "sampai"];
/// Conditions that only a job takes.
const OF_JOBS: [&str; 2] = ["sebab", "pihak"];

/// Conditions by name, in the order they were given.
#[derive(Debug, Default)]
pub(super) struct Filter(Vec<(&'static str, String)>);

impl Filter {
    /// Reads the options; `allowed` are the keys that count here.
    pub(super) fn read(written: &[String], allowed: &[&str], voice: &Voice) -> Result<Self, Trouble> {
        let mut filter = Self::default();
        for pair in written.iter().flat_map(|option| option.split(',')) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let known = KEYS
                .iter()
                .chain(&OF_JOBS)
                .find(|known| **known == key.trim() && allowed.contains(known));
            let (Some(key), false) = (known, value.trim().is_empty()) else {
                let allowed = allowed.join("=…, ");
                let id = format!("saringan `{pair}`; yang berlaku: {allowed}=…");
                let en = format!("filter `{pair}`; allowed: {allowed}=…");
                return Err(Trouble::Usage(voice.pick(&id, &en).to_owned()));
            };
            let value = match *key {
                "sejak" | "sampai" => moment(value.trim(), voice)?,
                _ => value.trim().to_owned(),
            };
            filter.add(key, value);
        }
        Ok(filter)
    }

    /// Several states are allowed and joined; for the rest the last one counts.
    fn add(&mut self, key: &'static str, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, states)) if key == "keadaan" => *states = format!("{states},{value}"),
            Some((_, known)) => *known = value,
            None => self.0.push((key, value)),
        }
    }

    /// Puts in a value where none was given.
    pub(super) fn or(mut self, key: &'static str, value: impl FnOnce() -> String) -> Self {
        if !self.0.iter().any(|(known, _)| *known == key) {
            self.0.push((key, value()));
        }
        self
    }

    /// As a query, without the question mark.
    pub(super) fn query(&self) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(key, value)| format!("{key}={}", encoded(value)))
            .collect();
        pairs.join("&")
    }

    /// As the selection of a job.
    pub(super) fn selection(&self) -> Value {
        let fields = self
            .0
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Value::from(value.clone())));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join(", ")
    }
}

/// A value for a query or a path.
pub(super) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// A moment as written, or a time span back from now.
fn moment(text: &str, voice: &Voice) -> Result<String, Trouble> {
    if let Some(back) = duration(text) {
        return Ok(ago(back));
    }
    text.parse::<Timestamp>().map(|at| at.to_string()).map_err(|_| {
        let id = format!("`{text}` bukan waktu; tulis misalnya 2h, 7d, atau 2026-11-24T08:00:00+07:00");
        let en = format!("`{text}` is not a time; write for example 2h, 7d, or 2026-11-24T08:00:00+07:00");
        Trouble::Usage(voice.pick(&id, &en).to_owned())
    })
}

/// So long before now.
pub(super) fn ago(back: std::time::Duration) -> String {
    let back = SignedDuration::try_from(back).unwrap_or(SignedDuration::MAX);
    SystemClock
        .now()
        .checked_sub(back)
        .unwrap_or(Timestamp::MIN)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Tongue;

    fn read(options: &[&str], allowed: &[&str]) -> Result<Filter, Trouble> {
        let options: Vec<String> = options.iter().map(|o| (*o).to_owned()).collect();
        Filter::read(&options, allowed, &Voice::new(Some(Tongue::En), false))
    }

    #[test]
    fn states_are_joined_and_values_encoded() {
        let filter = read(
            &["keadaan=gagal,sistem=lapor", "keadaan=ditolak", "rujukan=A&B 1"],
            &KEYS,
        )
        .unwrap();
        assert_eq!(filter.query(), "keadaan=gagal%2Cditolak&sistem=lapor&rujukan=A%26B%201");
    }

    #[test]
    fn what_is_not_understood_is_wrong_usage() {
        for wrong in ["status=gagal", "keadaan", "keadaan=", "sejak=kemarin"] {
            assert!(matches!(read(&[wrong], &KEYS), Err(Trouble::Usage(_))), "{wrong}");
        }
        assert!(read(&["rujukan=A"], &["sistem"]).is_err(), "not for this command");
        assert!(read(&["sejak=2h", "sampai=2026-11-24T08:00:00+07:00"], &KEYS).is_ok());
    }
}
