//! One native value to its canonical form, by kind. SIPD writes nothing as null, as an empty text, as 0 (ids, months,
//! years) or as the zero time of Go; flags as number, text or boolean; local dates dressed as UTC midnight.

use crate::exact;
use crate::wording;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use serde_json::Value;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An id; 0 is none.
    Id,
    /// A code or number of a document, kept as written.
    Code,
    /// Text for people.
    Text,
    /// Text with a mark such as `[#] ` before it.
    Marked,
    /// Account name that may repeat the code.
    AccountName,
    /// A flag.
    Flag,
    /// An exact decimal.
    Amount,
    /// A calendar date.
    Date,
    /// A moment.
    Time,
    /// 1 to 12; 0 is none.
    Month,
    /// A year; 0 is none.
    Year,
    /// A small number from 1.
    Level,
    /// UP, GU, TU, LS.
    Document,
    /// The state of the list that a document came from.
    State,
    /// Twelve amounts.
    Months,
    /// The flags of an account that say yes.
    Categories,
}

impl Kind {
    /// By its word in a data-set file; a word that is none is text, which the field test of this crate would show.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "id" => Self::Id,
            "kode" => Self::Code,
            "tanpa_tanda" => Self::Marked,
            "nama_akun" => Self::AccountName,
            "ya" => Self::Flag,
            "uang" => Self::Amount,
            "tanggal" => Self::Date,
            "waktu" => Self::Time,
            "bulan" => Self::Month,
            "tahun" => Self::Year,
            "tingkat" => Self::Level,
            "jenis" => Self::Document,
            "status" => Self::State,
            "bulanan" => Self::Months,
            "kategori" => Self::Categories,
            _ => Self::Text,
        }
    }
}

/// A value that is there but cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// What is read; nothing when the native value says that there is none.
pub(crate) type Read = Result<Option<Value>, Unreadable>;

/// What reading depends on beside the value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ways<'a> {
    /// Minutes east of Greenwich of times without a zone.
    pub(crate) offset_minutes: i32,
    /// Native kinds of document beyond the usual, to canonical ones.
    pub(crate) documents: &'a std::collections::BTreeMap<String, String>,
}

/// Reads one scalar.
pub(crate) fn read(kind: Kind, native: &Value, ways: Ways<'_>) -> Read {
    let text = match native {
        Value::Null => return Ok(None),
        Value::Bool(flag) if kind == Kind::Flag => return Ok(Some((*flag).into())),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) | Value::Number(_) => return Err(Unreadable),
        Value::String(text) => text.trim(),
    };
    if text.is_empty() {
        return Ok(None);
    }
    match kind {
        Kind::Id => Ok((text != "0").then(|| text.into())),
        Kind::Code => Ok(Some(text.into())),
        Kind::Text | Kind::AccountName => Ok(some(wording::clean(text))),
        Kind::Marked => Ok(some(without_mark(&wording::clean(text)))),
        Kind::Flag => flag(text).map(|flag| Some(flag.into())),
        Kind::Amount => exact::decimal(text).map(|amount| Some(amount.into())).ok_or(Unreadable),
        Kind::Date => date(text),
        Kind::Time => time(text, ways.offset_minutes),
        Kind::Month => number(text, 1, 12),
        Kind::Year => number(text, 1900, 2200),
        Kind::Level => number(text, 1, 12),
        Kind::Document => Ok(Some(document(text, ways).into())),
        Kind::State => Ok(Some(text.into())),
        Kind::Months | Kind::Categories => Err(Unreadable),
    }
}

fn some(text: String) -> Option<Value> {
    (!text.is_empty()).then(|| text.into())
}

fn without_mark(text: &str) -> String {
    let rest = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match rest {
        Some((mark, rest)) if mark.chars().count() <= 2 => rest.trim().to_owned(),
        _ => text.to_owned(),
    }
}

fn flag(text: &str) -> Result<bool, Unreadable> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "ya" => Ok(true),
        "0" | "false" | "tidak" => Ok(false),
        _ => Err(Unreadable),
    }
}

fn number(text: &str, least: u32, most: u32) -> Read {
    let number: u32 = text.parse().map_err(|_| Unreadable)?;
    if number == 0 {
        return Ok(None);
    }
    (least..=most)
        .contains(&number)
        .then(|| Some(number.into()))
        .ok_or(Unreadable)
}

/// The kind of document; what no list has is said to be unknown.
fn document(text: &str, ways: Ways<'_>) -> String {
    let known = ["up", "gu", "tu", "ls"];
    let lower = text.to_lowercase();
    let mapped = ways.documents.get(text).cloned().unwrap_or(lower);
    if known.contains(&mapped.as_str()) {
        mapped
    } else {
        "tidak_dikenal".to_owned()
    }
}

/// The first ten characters are a local calendar date, whatever time of day and zone stand behind.
fn date(text: &str) -> Read {
    if is_zero(text) {
        return Ok(None);
    }
    let date: Date = text.get(..10).unwrap_or(text).parse().map_err(|_| Unreadable)?;
    Ok(Some(date.to_string().into()))
}

fn time(text: &str, offset_minutes: i32) -> Read {
    if is_zero(text) {
        return Ok(None);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(Some(moment.to_string().into()));
    }
    let local: DateTime = text.replacen(' ', "T", 1).parse().map_err(|_| Unreadable)?;
    let offset = Offset::from_seconds(offset_minutes * 60).map_err(|_| Unreadable)?;
    let moment = local
        .to_zoned_datetime(TimeZone::fixed(offset))
        .map_err(|_| Unreadable)?;
    Ok(Some(moment.timestamp().to_string().into()))
}

/// Go's zero time, and the zero date of older databases.
fn is_zero(text: &str) -> bool {
    text.starts_with("0001-01-01") || text.starts_with("0000-00-00")
}
