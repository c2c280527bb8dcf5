//! The web tables of SiRUP: rows by position, pages by their first row. Not meant as an interface, so off unless an
//! endpoint is configured as `sirup_web`, and what a table shows is a copy of its own beside the exact ones.
//!
//! Which column is what stands with the data set, and may be written anew in configuration when SiRUP changes its page.
//! Must not: take a table whose columns have moved for a good one.

use crate::dataset::Table;
use crate::rows::Rows;
use connector_sdk::{Fault, Pull};
use serde_json::{Map, Value};

/// What DataTables sends for "I have not counted".
const NOT_COUNTED: u64 = 2_147_483_647;
/// Where the table says how many rows there are.
const COUNT: &str = "iTotalDisplayRecords";

/// Where the page begins.
pub(crate) fn start(pull: &Pull) -> Result<u64, Fault> {
    match &pull.cursor {
        None => Ok(0),
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Fault::drift("the checkpoint is no row of a table")),
    }
}

/// How many rows the table says it has, if it has counted them.
pub(crate) fn total(rows: &Rows<'_>) -> Option<u64> {
    let said = rows.mark(COUNT)?.as_str()?.parse().ok()?;
    (said != NOT_COUNTED).then_some(said)
}

/// Where the next page begins. A table may send more rows than it was asked for; they all count. An empty page before
/// the last row is a fault; where nothing was counted, a page that is not full is the last.
pub(crate) fn next(rows: usize, total: Option<u64>, length: u16, pull: &Pull) -> Result<Option<String>, Fault> {
    let came = u64::try_from(rows).unwrap_or(u64::MAX);
    let end = start(pull)?.saturating_add(came);
    let more = match total {
        Some(total) => end < total,
        None => came >= u64::from(length),
    };
    if more && came == 0 {
        return Err(Fault::drift("an empty page before the last row of the table"));
    }
    Ok(more.then(|| end.to_string()))
}

/// A row with its columns named; null, which no data set takes for a row, when the columns are not where they were: too
/// few, or a column that repeats another and differs from it.
pub(crate) fn named(table: &Table, columns: &[String], row: Value) -> Value {
    let Value::Array(cells) = row else { return Value::Null };
    if cells.len() < columns.len() {
        return Value::Null;
    }
    let named: Map<String, Value> = columns.iter().cloned().zip(cells).collect();
    let repeats = |(one, other): &(String, String)| named.get(one) == named.get(other);
    match table.sama.iter().all(repeats) {
        true => Value::Object(named),
        false => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pull(cursor: Option<&str>) -> Pull {
        Pull {
            scope: Vec::new(),
            cursor: cursor.map(str::to_owned),
        }
    }

    #[test]
    fn pages_go_on_until_the_last_row() {
        let at = |rows, total, cursor| next(rows, total, 100, &pull(cursor)).map_err(|fault| fault.internal);
        assert_eq!(at(100, Some(250), None), Ok(Some("100".into())));
        assert_eq!(at(50, Some(250), Some("200")), Ok(None));
        // More than asked for, and fewer.
        assert_eq!(at(120, Some(250), None), Ok(Some("120".into())));
        assert_eq!(at(30, Some(250), None), Ok(Some("30".into())));
        assert_eq!(at(0, Some(0), None), Ok(None));
        assert!(at(0, Some(250), Some("100")).is_err());
        // Nothing was counted.
        assert_eq!(at(100, None, None), Ok(Some("100".into())));
        assert_eq!(at(99, None, Some("100")), Ok(None));
        assert_eq!(at(0, None, Some("200")), Ok(None));
        assert!(at(1, None, Some("eyJpZCI6MX0=")).is_err());
    }

    #[test]
    fn a_count_that_is_none_is_not_taken_for_one() {
        let said = |text: &str| total(&Rows::of(text.as_bytes()).unwrap());
        assert_eq!(
            said(r#"{"aaData":[],"iTotalRecords":9,"iTotalDisplayRecords":7}"#),
            Some(7)
        );
        assert_eq!(said(r#"{"iTotalDisplayRecords":"7","aaData":[]}"#), Some(7));
        assert_eq!(said(r#"{"aaData":[],"iTotalDisplayRecords":2147483647}"#), None);
        assert_eq!(said(r#"{"aaData":[]}"#), None);
    }

    #[test]
    fn columns_that_moved_are_no_row() {
        let table: Table = serde_json::from_value(json!({
            "daftar": "x", "menurut": "idKldi", "susunan": ["id", "nama", "ulang"], "sama": [["id", "ulang"]],
        }))
        .unwrap();
        let row = |cells| named(&table, &table.susunan, cells);
        let good = json!({"id": "1", "nama": "A", "ulang": "1"});
        assert_eq!(row(json!(["1", "A", "1"])), good);
        assert_eq!(row(json!(["1", "A", "1", "kolom baru"])), good);
        assert_eq!(row(json!(["1", "A"])), Value::Null);
        assert_eq!(row(json!(["A", "1", "1"])), Value::Null);
        assert_eq!(row(json!({"id": "1"})), Value::Null);
    }
}
