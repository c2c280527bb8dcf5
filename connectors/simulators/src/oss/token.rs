//! The token of a push: SHA-1 over user, password, NIB and date, with every variant seen or feared.

use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::sha1;

/// What the token is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenForm {
    /// User, password, NIB, date: the current guide.
    Nib,
    /// User, password, NPWP, date: the older guide.
    Npwp,
    /// The concatenation itself, not hashed: the guide's sample.
    Unhashed,
    /// Forty hexadecimal digits that belong to nothing.
    Forged,
    /// No token at all.
    Absent,
}

/// Where the token travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// `Token: …`
    Token,
    /// `OSS-API-KEY: …`, as in the STPW sample.
    OssApiKey,
    /// `Authorization: Bearer …`
    Bearer,
    /// `?token=…`
    Query,
}

/// How pushes are signed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenRule {
    /// User agreed with the city.
    pub user: String,
    /// Password agreed with the city.
    pub password: String,
    /// What it is computed from.
    pub form: TokenForm,
    /// Where it travels.
    pub place: TokenPlace,
    /// Hours east of UTC of the date in it; 7 is WIB, 0 is UTC.
    pub zone_hours: i8,
    /// Days added to that date: −1 is stale, 1 is early.
    pub day_shift: i8,
    /// Upper-case hexadecimal.
    pub upper: bool,
    /// Also sends `user_key` and `Authorization: Basic …`, as the `receiveNIB` sample does.
    pub sample_headers: bool,
}

impl Default for TokenRule {
    fn default() -> Self {
        Self {
            user: "OSS671".to_owned(),
            password: "kunci-uji-01".to_owned(),
            form: TokenForm::Nib,
            place: TokenPlace::Token,
            zone_hours: 7,
            day_shift: 0,
            upper: false,
            sample_headers: false,
        }
    }
}

/// Keeps the password out of debug output.
impl std::fmt::Debug for TokenRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRule")
            .field("user", &self.user)
            .field("form", &self.form)
            .field("place", &self.place)
            .field("zone_hours", &self.zone_hours)
            .field("day_shift", &self.day_shift)
            .finish_non_exhaustive()
    }
}

impl TokenRule {
    /// The token of a push about `nib` (or `npwp`) sent at `at`; `None` when none is sent.
    pub fn token(&self, nib: &str, npwp: &str, at: Timestamp) -> Option<String> {
        let plain = |id: &str| format!("{}{}{id}{}", self.user, self.password, self.date(at));
        let token = match self.form {
            TokenForm::Nib => sha1::hex(plain(nib).as_bytes()),
            TokenForm::Npwp => sha1::hex(plain(npwp).as_bytes()),
            TokenForm::Unhashed => return Some(plain(npwp)),
            TokenForm::Forged => sha1::hex(format!("palsu{nib}").as_bytes()),
            TokenForm::Absent => return None,
        };
        Some(if self.upper { token.to_ascii_uppercase() } else { token })
    }

    /// The date in the token, `yyyymmdd`.
    pub fn date(&self, at: Timestamp) -> String {
        let shifted = at + SignedDuration::from_hours(24 * i64::from(self.day_shift));
        let zone = TimeZone::fixed(offset(self.zone_hours));
        shifted.to_zoned_datetime(zone).strftime("%Y%m%d").to_string()
    }
}
