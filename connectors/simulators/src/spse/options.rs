//! How LKPP is set up, and every oddity by its switch. Numbers in comments are sections of the interface description.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::city::CityOptions;
use crate::frame::Common;

/// What the bus sends when there are no rows (2.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyForm {
    /// `<invalid_response>…`, status 200.
    #[default]
    InvalidResponse,
    /// Zero bytes, status 200.
    ZeroBytes,
    /// `[]`.
    Array,
}

/// How a page is wrapped (3.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// `data` and `meta`.
    #[default]
    Documented,
    /// `cursor` and `has_more` beside `data`.
    TopLevel,
    /// `rs` in place of `data`.
    Rs,
    /// `meta.count` and `meta.total` as well.
    Counted,
}

/// The oddities of rows and pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// How pages are wrapped.
    pub envelope: Envelope,
    /// The last page has a cursor too (3.5).
    pub cursor_at_the_end: bool,
    /// The first page, full, says nothing of a next one (3.5).
    pub silent_first_page: bool,
    /// Every page has the first page's cursor (3.5).
    pub cursor_repeats: bool,
    /// The second page is empty and goes on (3.5).
    pub empty_page_goes_on: bool,
    /// What the bus sends for no rows.
    pub empty: EmptyForm,
    /// `{"data":[…]}` around the bus's array (2.2).
    pub bus_wrapped: bool,
    /// This data set, by its bus name, has lost all its rows (9).
    pub emptied: Option<String>,
    /// Keys of the open data with underscores in place of blanks (4).
    pub open_underscores: bool,
    /// Personal data is masked on the gateway (3.6).
    pub masked: bool,
    /// Texts with HTML, line breaks, blanks (6.8).
    pub untidy_texts: bool,
    /// Employee numbers as integers, with words, too short (6.5).
    pub odd_employee_numbers: bool,
    /// Copies of rows, addenda, placeholders, running tenders among finished ones (6.9).
    pub odd_rows: bool,
    /// A contract value far above its ceiling (6.1).
    pub typing_error: bool,
    /// Ids of the web tables as numbers, not texts (5.1).
    pub web_numbers: bool,
    /// Amounts of the web tables rounded, with a unit (5.1).
    pub web_rounded: bool,
    /// Web tables say that they did not count (5.1).
    pub web_not_counted: bool,
    /// Web tables send more rows than they were asked for (5.1).
    pub web_longer_pages: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            envelope: Envelope::Documented,
            cursor_at_the_end: true,
            silent_first_page: false,
            cursor_repeats: false,
            empty_page_goes_on: false,
            empty: EmptyForm::InvalidResponse,
            bus_wrapped: false,
            emptied: None,
            open_underscores: false,
            masked: true,
            untidy_texts: true,
            odd_employee_numbers: true,
            odd_rows: true,
            typing_error: true,
            web_numbers: false,
            web_rounded: false,
            web_not_counted: false,
            web_longer_pages: false,
        }
    }
}

/// How LKPP is set up.
#[derive(Debug, Clone)]
pub struct SpseOptions {
    /// Address and clock.
    pub common: Common,
    /// The city that is shown.
    pub city: CityOptions,
    /// Institution code.
    pub klpd: String,
    /// LPSE number.
    pub lpse: String,
    /// Bearer token of the gateway.
    pub token: String,
    /// The edge refuses the caller's address before any token is looked at.
    pub blocked: bool,
    /// Oddities.
    pub quirks: Quirks,
}

impl Default for SpseOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            city: CityOptions::default(),
            klpd: "D999".to_owned(),
            lpse: "999".to_owned(),
            token: "token-simulasi-inaproc".to_owned(),
            blocked: false,
            quirks: Quirks::default(),
        }
    }
}

impl SpseOptions {
    /// From `POST /__sim/options`: any part of `quirks`, and `blocked`.
    pub(super) fn change(&mut self, body: &Value) -> Result<(), String> {
        let mut quirks = serde_json::to_value(&self.quirks).map_err(|error| error.to_string())?;
        if let (Some(all), Some(new)) = (quirks.as_object_mut(), body["quirks"].as_object()) {
            all.extend(new.clone());
        }
        self.quirks = serde_json::from_value(quirks).map_err(|error| error.to_string())?;
        if let Some(blocked) = body["blocked"].as_bool() {
            self.blocked = blocked;
        }
        Ok(())
    }
}
