//! How OSS is set up: everything the guide leaves unknown, and how strict it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::quirks::Quirks;
use super::service::ServiceRule;
use super::token::TokenRule;
use crate::frame::Common;

/// How the city proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// `user_key: …`
    UserKey,
    /// `OSS-API-KEY: …` fetched with `sendSecurityKey`.
    SecurityKey,
    /// Behind the national connector: `AuthorizationSPLP: Bearer …` and `user_key`.
    SplpBearer,
    /// Behind the national connector: `APIkey: …` and `user_key`.
    SplpApiKey,
}

/// The invented city.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CityRule {
    /// Same seed, same city.
    pub seed: u64,
    /// Companies that register in its year.
    pub companies: u32,
    /// First second of the year since 1970; by default a year before the simulator's start.
    pub start: Option<i64>,
    /// Days over which they register.
    pub days: u32,
    /// Region code of the city, four digits and six zeros.
    pub region: String,
}

impl Default for CityRule {
    fn default() -> Self {
        Self {
            seed: 671,
            companies: 200,
            start: None,
            days: 365,
            region: "3671000000".to_owned(),
        }
    }
}

/// What the city must get right.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Strictness {
    /// Codes given as numbers where the guide wants text (`kd_status: 40`) are refused.
    pub text_codes: bool,
    /// `nib`, `oss_id`, `id_proyek`, `kd_izin`, `kd_daerah` must be those of the application.
    pub matching_keys: bool,
    /// Keys the guide does not know are refused (else only counted).
    pub unknown_keys: bool,
    /// `checkLicenseStatus` with the root key of before 4.3.16 is refused.
    pub current_roots: bool,
    /// Seconds a `tgl_status` may lie ahead of the simulator's clock; a text in UTC+8 or later shows here.
    pub ahead_seconds: Option<i64>,
    /// Seconds a `tgl_status` may lie behind; a text in UTC lies seven hours behind.
    pub behind_seconds: Option<i64>,
}

impl Default for Strictness {
    fn default() -> Self {
        Self {
            text_codes: true,
            matching_keys: true,
            unknown_keys: false,
            current_roots: true,
            ahead_seconds: None,
            behind_seconds: None,
        }
    }
}

/// How pushes travel.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushRule {
    /// Base URL of the receiver; nothing is pushed without one.
    pub target: Option<String>,
    /// Path of a method under the base, where it is not `/{method}`.
    pub paths: BTreeMap<String, String>,
    /// How pushes are signed.
    pub token: TokenRule,
    /// Tries after the first, when the answer was not "stored".
    pub retries: u32,
    /// Milliseconds between tries.
    pub retry_pause_ms: u64,
    /// Also tries again after an answer that says "not stored" (else only when there was no readable answer).
    pub retry_refused: bool,
    /// Milliseconds before an answer is given up.
    pub timeout_ms: u64,
}

impl Default for PushRule {
    fn default() -> Self {
        Self {
            target: None,
            paths: BTreeMap::new(),
            token: TokenRule::default(),
            retries: 0,
            retry_pause_ms: 3000,
            retry_refused: false,
            timeout_ms: 30_000,
        }
    }
}

/// How OSS is set up.
#[derive(Debug, Clone)]
pub struct OssOptions {
    /// Address and clock.
    pub common: Common,
    /// Path under which the methods are published.
    pub prefix: String,
    /// How the city proves who it is.
    pub access: Access,
    /// Value of `user_key`.
    pub user_key: String,
    /// Token of the national connector.
    pub splp_token: String,
    /// User and password of the old key exchange.
    pub legacy: (String, String),
    /// Seconds a key of the old exchange is valid.
    pub security_key_seconds: i64,
    /// The invented city.
    pub city: CityRule,
    /// The oddities.
    pub quirks: Quirks,
    /// What the city must get right.
    pub strict: Strictness,
    /// Days and clock rules.
    pub service: ServiceRule,
    /// Seconds between a final licence and its signed file.
    pub sign_after_seconds: i64,
    /// A repeated first step returns the number it gave before (the real one may burn a second).
    pub first_step_repeatable: bool,
    /// `inqueryLicense` shows a number from the moment it is given (else only once a second step has used it).
    pub shows_open_numbers: bool,
    /// How pushes travel.
    pub push: PushRule,
}

impl Default for OssOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            prefix: "/v1/kl/rba".to_owned(),
            access: Access::UserKey,
            user_key: "0123456789abcdef0123456789abcdef".to_owned(),
            splp_token: "token-simulasi-splp".to_owned(),
            legacy: ("OSS671".to_owned(), "fedcba9876543210fedcba9876543210".to_owned()),
            security_key_seconds: 3600,
            city: CityRule::default(),
            quirks: Quirks::default(),
            strict: Strictness::default(),
            service: ServiceRule::default(),
            sign_after_seconds: 0,
            first_step_repeatable: false,
            shows_open_numbers: false,
            push: PushRule::default(),
        }
    }
}

impl OssOptions {
    /// As the national connector publishes it.
    pub fn behind_splp(self) -> Self {
        Self {
            prefix: "/oss/1.0".to_owned(),
            access: Access::SplpBearer,
            ..self
        }
    }
}
