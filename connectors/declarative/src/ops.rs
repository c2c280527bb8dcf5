//! What can be done to one value. Each takes one value and gives one, never larger than a bound that is known when the
//! manifest is loaded; none looks anywhere else.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Entries of one look-up table.
const MOST_ENTRIES: usize = 5_000;

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Without white space around.
    Trim,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// A number or truth value as text.
    Text,
    /// Text or number as a whole number.
    Integer,
    /// An exact decimal as text with so many places.
    Decimal(DecimalOp),
    /// A truth value from a word.
    Boolean(BooleanOp),
    /// A date or time in another form.
    Date(DateOp),
    /// A value from a table.
    Lookup(LookupOp),
    /// One part of a text.
    Split(SplitOp),
    /// A list from a text.
    List(ByOp),
    /// A text from a list of texts.
    Join(ByOp),
    /// A literal text replaced.
    Replace(ReplaceOp),
    /// A text put before.
    Prefix(String),
    /// A text taken from the front.
    Strip(String),
    /// The first of a list.
    First,
}

/// `decimal`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecimalOp {
    /// Places after the point.
    pub scale: u8,
    /// Decimal mark of the source.
    #[serde(default = "point")]
    pub point: String,
    /// Mark between groups of the source.
    #[serde(default)]
    pub group: String,
}

fn point() -> String {
    ".".into()
}

/// `boolean`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BooleanOp {
    /// Values that mean yes.
    pub yes: Vec<Value>,
    /// Values that mean no.
    pub no: Vec<Value>,
}

/// `date`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateOp {
    /// Form of the source: `date`, `date-time`, `unix`, or a pattern such as `%d/%m/%Y %H:%M`.
    pub from: String,
    /// Form wanted; the same words.
    pub to: String,
    /// Zone of times without one; an IANA name.
    #[serde(default = "zone")]
    pub zone: String,
}

fn zone() -> String {
    "Asia/Jakarta".into()
}

/// `lookup`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupOp {
    /// Value by source text. A code that is not here is an error, never a guess.
    pub table: BTreeMap<String, Value>,
}

/// `split`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitOp {
    /// Mark between parts.
    pub by: String,
    /// Number of the part, from 0.
    pub part: usize,
}

/// `list`, `join`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByOp {
    /// Mark between parts.
    pub by: String,
}

/// `replace`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplaceOp {
    /// What is replaced, literally.
    pub this: String,
    /// By what; not longer than `this`, so that nothing grows.
    pub by: String,
}

type Words = (&'static str, &'static str);
/// What could not be done, for both languages; never holds the value.
pub(crate) type OpError = Words;

const NOT_TEXT: OpError = ("bukan teks", "not text");

impl Op {
    /// Whether it can work at all.
    pub(crate) fn sound(&self) -> Result<(), (Words, Words)> {
        let fine = match self {
            Self::Split(SplitOp { by, .. }) | Self::List(ByOp { by }) => !by.is_empty(),
            Self::Replace(ReplaceOp { this, by }) => !this.is_empty() && by.len() <= this.len(),
            Self::Decimal(op) => op.scale <= 18 && op.point.len() == 1 && op.group.len() <= 1 && op.point != op.group,
            Self::Lookup(op) => !op.table.is_empty() && op.table.len() <= MOST_ENTRIES,
            Self::Date(op) => {
                let known = |form: &str| matches!(form, "date" | "date-time" | "unix") || form.contains('%');
                known(&op.from) && known(&op.to) && TimeZone::get(&op.zone).is_ok()
            }
            Self::Boolean(op) => {
                !op.yes.is_empty() && !op.no.is_empty() && op.yes.iter().all(|yes| !op.no.contains(yes))
            }
            Self::Prefix(text) => text.len() <= 1024,
            Self::Trim
            | Self::Lower
            | Self::Upper
            | Self::Text
            | Self::Integer
            | Self::Join(_)
            | Self::Strip(_)
            | Self::First => true,
        };
        if fine {
            return Ok(());
        }
        Err((
            ("langkah ini tidak dapat bekerja", "this operation cannot work"),
            (
                "lihat docs/tutorial-integrator.md: `by` tidak kosong, `scale` sampai 18, zona IANA, tabel 1 sampai 5.000 entri, `replace` tidak memanjangkan",
                "see docs/tutorial-integrator.md: `by` not empty, `scale` up to 18, an IANA zone, tables of 1 to 5,000 entries, `replace` makes nothing longer",
            ),
        ))
    }

    /// Does it.
    pub(crate) fn run(&self, value: Value) -> Result<Value, OpError> {
        Ok(match self {
            Self::Trim => json!(text(&value)?.trim()),
            Self::Lower => json!(text(&value)?.to_lowercase()),
            Self::Upper => json!(text(&value)?.to_uppercase()),
            Self::Text => json!(plain(&value)?),
            Self::Integer => {
                let number = plain(&value)?.trim().parse::<i64>();
                json!(number.map_err(|_| ("bukan bilangan bulat", "not a whole number"))?)
            }
            Self::Decimal(op) => json!(decimal(&plain(&value)?, op)?),
            Self::Boolean(op) => match (op.yes.contains(&value), op.no.contains(&value)) {
                (true, _) => json!(true),
                (_, true) => json!(false),
                _ => return Err(("bukan ya atau tidak", "neither yes nor no")),
            },
            Self::Date(op) => date(&value, op)?,
            Self::Lookup(op) => {
                let found = op.table.get(&plain(&value)?).cloned();
                found.ok_or(("kode tidak ada di tabel", "a code that the table lacks"))?
            }
            Self::Split(op) => {
                let part = text(&value)?.split(op.by.as_str()).nth(op.part);
                json!(part.ok_or(("bagian tidak ada", "there is no such part"))?)
            }
            Self::List(op) => text(&value)?.split(op.by.as_str()).map(Value::from).collect(),
            Self::Join(op) => {
                let items = value.as_array().ok_or(("bukan daftar", "not a list"))?;
                let texts: Result<Vec<_>, _> = items.iter().map(plain).collect();
                json!(texts?.join(&op.by))
            }
            Self::Replace(op) => json!(text(&value)?.replace(&op.this, &op.by)),
            Self::Prefix(front) => json!(format!("{front}{}", plain(&value)?)),
            Self::Strip(front) => {
                let rest = text(&value)?.strip_prefix(front.as_str());
                json!(rest.ok_or(("awalan tidak ada", "the prefix is not there"))?)
            }
            Self::First => match value {
                Value::Array(items) => items.into_iter().next().ok_or(("daftar kosong", "an empty list"))?,
                _ => return Err(("bukan daftar", "not a list")),
            },
        })
    }

    /// The operation that undoes it.
    pub(crate) fn reversed(&self) -> Option<Self> {
        match self {
            Self::Date(op) => Some(Self::Date(DateOp {
                from: op.to.clone(),
                to: op.from.clone(),
                zone: op.zone.clone(),
            })),
            Self::Lookup(op) => {
                let pairs = op
                    .table
                    .iter()
                    .map(|(from, to)| Some((to.as_str()?.to_owned(), Value::from(from.as_str()))));
                let table: BTreeMap<_, _> = pairs.collect::<Option<_>>()?;
                (table.len() == op.table.len()).then_some(Self::Lookup(LookupOp { table }))
            }
            Self::Prefix(front) => Some(Self::Strip(front.clone())),
            Self::Strip(front) => Some(Self::Prefix(front.clone())),
            Self::List(op) => Some(Self::Join(op.clone())),
            Self::Join(op) => Some(Self::List(op.clone())),
            Self::Boolean(op) => match (op.yes.as_slice(), op.no.as_slice()) {
                ([yes], [no]) => {
                    let table = BTreeMap::from([("true".to_owned(), yes.clone()), ("false".to_owned(), no.clone())]);
                    Some(Self::Lookup(LookupOp { table }))
                }
                _ => None,
            },
            Self::Trim
            | Self::Lower
            | Self::Upper
            | Self::Text
            | Self::Integer
            | Self::Decimal(_)
            | Self::Split(_)
            | Self::Replace(_)
            | Self::First => None,
        }
    }
}

fn text(value: &Value) -> Result<&str, OpError> {
    value.as_str().ok_or(NOT_TEXT)
}

/// A text, number or truth value as text. A number that a double does not carry exactly is refused.
pub(crate) fn plain(value: &Value) -> Result<String, OpError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => {
            let text = number.to_string();
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            if number.is_f64() && (digits > 15 || text.contains('e')) {
                return Err((
                    "bilangan tidak terbaca dengan tepat",
                    "a number that cannot be read exactly",
                ));
            }
            Ok(text)
        }
        Value::Null | Value::Array(_) | Value::Object(_) => Err(("bukan nilai tunggal", "not a single value")),
    }
}

/// Without a float: digits are moved, never computed with.
fn decimal(written: &str, op: &DecimalOp) -> Result<String, OpError> {
    const WRONG: OpError = ("bukan desimal", "not a decimal");
    let mut clean = written.trim().to_owned();
    if !op.group.is_empty() {
        clean = clean.replace(&op.group, "");
    }
    let clean = clean.replace(&op.point, ".");
    let (sign, digits) = clean.strip_prefix('-').map_or(("", clean.as_str()), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all(whole) || !all(part) || whole.len() > 30 {
        return Err(WRONG);
    }
    let scale = usize::from(op.scale);
    let kept = part.trim_end_matches('0');
    if kept.len() > scale {
        return Err(("desimal terlalu rinci", "more places than may be kept"));
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Ok(match scale {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{kept:0<scale$}"),
    })
}

fn date(value: &Value, op: &DateOp) -> Result<Value, OpError> {
    const WRONG: OpError = ("bukan tanggal dengan bentuk itu", "not a date of that form");
    let wrong = |_| WRONG;
    let zone = TimeZone::get(&op.zone).map_err(wrong)?;
    let written = plain(value)?;
    let moment = |at: DateTime| zone.to_timestamp(at).map_err(wrong);
    let at = match op.from.as_str() {
        "date" => moment(
            written
                .parse::<Date>()
                .map_err(wrong)?
                .to_datetime(jiff::civil::Time::midnight()),
        )?,
        "date-time" => written.parse::<Timestamp>().map_err(wrong)?,
        "unix" => {
            let seconds = written.parse::<i64>().map_err(|_| WRONG)?;
            Timestamp::from_second(seconds).map_err(wrong)?
        }
        pattern => {
            let parsed = strtime::parse(pattern, &written).map_err(wrong)?;
            match parsed.to_timestamp() {
                Ok(at) if parsed.offset().is_some() => at,
                _ => {
                    let day = parsed.to_date().map_err(wrong)?;
                    let time = parsed.to_time().unwrap_or(jiff::civil::Time::midnight());
                    moment(day.to_datetime(time))?
                }
            }
        }
    };
    let at = jiff::ZonedDateTime::new(at, zone);
    Ok(match op.to.as_str() {
        "date" => json!(at.date().to_string()),
        "date-time" => json!(at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
        "unix" => json!(at.timestamp().as_second()),
        pattern => json!(strtime::format(pattern, &at).map_err(wrong)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(op: &str, value: Value) -> Result<Value, OpError> {
        let op: Op = serde_saphyr::from_str(op).unwrap();
        op.sound().unwrap();
        op.run(value)
    }

    #[test]
    fn dates_have_zones() {
        let op = "date: {from: '%d/%m/%Y %H:%M', to: date-time, zone: Asia/Makassar}";
        assert_eq!(
            run(op, json!("24/11/2026 07:05")),
            Ok(json!("2026-11-24T07:05:00+08:00"))
        );
        assert!(run(op, json!("31/02/2026 07:05")).is_err());
        assert_eq!(
            run("date: {from: unix, to: date}", json!(1_790_000_000)),
            Ok(json!("2026-09-21"))
        );
    }

    #[test]
    fn decimals_are_exact() {
        let op = "decimal: {scale: 2, point: ',', group: '.'}";
        assert_eq!(
            run(op, json!("1.234.567.890.123.456,5")),
            Ok(json!("1234567890123456.50"))
        );
        assert_eq!(run("decimal: {scale: 2}", json!(10.25)), Ok(json!("10.25")));
        assert!(
            run("decimal: {scale: 2}", json!("1.005")).is_err(),
            "nothing is rounded"
        );
        assert!(run("decimal: {scale: 2}", json!("1e5")).is_err());
    }

    #[test]
    fn unknown_codes_are_never_guessed() {
        let op = "lookup: {table: {A: aktif, T: tutup}}";
        assert_eq!(run(op, json!("A")), Ok(json!("aktif")));
        assert!(run(op, json!("X")).is_err());
    }
}
