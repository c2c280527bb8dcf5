//! How SIPD is set up, and the switches of its oddities (numbers as in the reference's list).

use serde::{Deserialize, Serialize};

use crate::city::CityOptions;
use crate::frame::Common;

/// How SIPD is set up.
#[derive(Debug, Clone)]
pub struct SipdOptions {
    /// Address and clock.
    pub common: Common,
    /// The invented city.
    pub city: CityOptions,
    /// Internal number of the region.
    pub id_daerah: u32,
    /// Dotted region code in document numbers.
    pub region: String,
    /// `X-Api-Key` of the budget half.
    pub api_key: String,
    /// Key of the plan push, 32 hex digits; the treasury token passes, too.
    pub push_key: String,
    /// `api_key` of the local copy.
    pub copy_key: String,
    /// When the token was issued, seconds; the start when absent.
    pub token_from: Option<i64>,
    /// Life of the token in seconds.
    pub token_life: i64,
    /// Oddities.
    pub quirks: Quirks,
}

impl Default for SipdOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            city: CityOptions {
                packages: 300,
                budget_lines: 1_600,
                payments: 500,
                ..CityOptions::default()
            },
            id_daerah: 999,
            region: "36.71".to_owned(),
            api_key: "kunci-simulasi-sipd".to_owned(),
            push_key: "0123456789abcdef0123456789abcdef".to_owned(),
            copy_key: "kuncisalinansimulasi".to_owned(),
            token_from: None,
            token_life: 216_000,
            quirks: Quirks::default(),
        }
    }
}

/// Form of the rate limit (14).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// 429.
    #[default]
    Status,
    /// 200 and plain text.
    Text,
    /// 200 and JSON.
    Json,
    /// 200 and nothing.
    Empty,
}

/// Switches; the defaults are what was seen most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// 1: what was pushed is extracted only on command.
    pub late_extraction: bool,
    /// 2: the push service knows the header names of its page alone: `authentication` and `content_type`.
    pub page_headers: bool,
    /// 5: lists of the budget half as doubly encoded text.
    pub obfuscated: bool,
    /// 6: the envelope says `status_kode`.
    pub status_kode: bool,
    /// 7: ids, flags and amounts of the budget half as text.
    pub texts: bool,
    /// 8: `null` for an empty list.
    pub null_lists: bool,
    /// 9: paging headers are sent.
    pub paging_headers: bool,
    /// 11: every so many statistics rows have `NaN` as their plan; 0 for none.
    pub nan_every: u32,
    /// 13: budget documents have before and after when `NEW` is asked.
    pub before_after: bool,
    /// 14: form of the rate limit.
    pub limit: Limit,
    /// 14: every so many requests meets the limit; 0 for none.
    pub limit_every: u64,
    /// 15: every so many requests meets `token_key_1`; 0 for none.
    pub token_key_every: u64,
    /// 15: every so many requests ends in a database error; 0 for none.
    pub database_error_every: u64,
    /// 16: every so many numbers have a zero-filled month; 0 for none.
    pub zero_month_every: u32,
    /// 18: entities and mis-decoded characters in names.
    pub noise: bool,
    /// 19: sub-activities and accounts in their old lengths.
    pub old_codes: bool,
    /// Purposes of payment orders leave the contract's number out.
    pub unnamed_contracts: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            late_extraction: false,
            page_headers: false,
            obfuscated: true,
            status_kode: false,
            texts: false,
            null_lists: true,
            paging_headers: true,
            nan_every: 0,
            before_after: true,
            limit: Limit::Status,
            limit_every: 0,
            token_key_every: 0,
            database_error_every: 0,
            zero_month_every: 7,
            noise: true,
            old_codes: false,
            unnamed_contracts: false,
        }
    }
}
