//! Rows of a spreadsheet (XLSX) or of a CSV file, below the first row that names the key column: exports carry titles above their
//! header. Reads the file; knows nothing of what the columns mean.

use super::columns::Cell;
use calamine::{Data, Reader, Xlsx, open_workbook};
use std::path::Path;

/// Rows in front of a header at most.
const TITLES: usize = 20;

/// How a header is known.
pub(super) struct Titles<C> {
    /// What a title means, if it is known.
    pub(super) column: fn(&str) -> Option<C>,
    /// The column without which it is no header.
    pub(super) is_key: fn(&C) -> bool,
    /// What is said when there is none.
    pub(super) missing: &'static str,
}

/// A table with its header.
#[derive(Debug)]
pub(super) struct Sheet<C> {
    /// Titles, and what they mean where they are known.
    pub(super) header: Vec<(String, Option<C>)>,
    /// Rows with their number in the file, from 1.
    pub(super) rows: Vec<(usize, Vec<Cell>)>,
}

/// Reads a file by its ending.
///
/// # Errors
/// In Indonesian and English.
pub(super) fn read<C>(path: &Path, wanted: Option<&str>, titles: &Titles<C>) -> Result<Sheet<C>, String> {
    let no_header = || titles.missing.to_owned();
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "xlsx" => {
            let sheets = workbook(path, wanted)?;
            let found = sheets.into_iter().find_map(|rows| headed(rows, titles));
            found.ok_or_else(no_header)
        }
        "csv" => headed(delimited(path)?, titles).ok_or_else(no_header),
        _ => Err("berkas harus .xlsx atau .csv / the file must be .xlsx or .csv".to_owned()),
    }
}

type Rows = Vec<(usize, Vec<Cell>)>;

fn workbook(path: &Path, wanted: Option<&str>) -> Result<Vec<Rows>, String> {
    let mut book: Xlsx<_> = open_workbook(path).map_err(|error: calamine::XlsxError| error.to_string())?;
    let names: Vec<String> = match wanted {
        Some(name) => vec![name.to_owned()],
        None => book.sheet_names(),
    };
    let mut sheets = Vec::new();
    for name in names {
        let range = book.worksheet_range(&name).map_err(|error| error.to_string())?;
        let first = range.start().map_or(0, |(row, _)| row as usize);
        let rows = range.rows().enumerate();
        sheets.push(
            rows.map(|(number, row)| (first + number + 1, row.iter().map(cell).collect()))
                .collect(),
        );
    }
    Ok(sheets)
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty | Data::Error(_) => Cell::Empty,
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::DateTime(at) => Cell::Number(at.as_f64()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::Text(text.clone()),
        other => Cell::Text(other.to_string()),
    }
}

/// Commas or semicolons, whichever the first line has more of.
fn delimited(path: &Path) -> Result<Rows, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    let delimiter = if count(b';') > count(b',') { b';' } else { b',' };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record
            .position()
            .map_or(rows.len() + 1, |at| usize::try_from(at.line()).unwrap_or(usize::MAX));
        rows.push((line, record.iter().map(|text| Cell::Text(text.to_owned())).collect()));
    }
    Ok(rows)
}

fn headed<C>(rows: Rows, known: &Titles<C>) -> Option<Sheet<C>> {
    let titles = |row: &[Cell]| -> Vec<(String, Option<C>)> {
        let title = |cell: &Cell| cell.text().unwrap_or_default();
        row.iter()
            .map(title)
            .map(|title| (title.clone(), (known.column)(&title)))
            .collect()
    };
    let is_header = |row: &[Cell]| {
        let columns: Vec<C> = titles(row).into_iter().filter_map(|(_, column)| column).collect();
        columns.len() >= 2 && columns.iter().any(known.is_key)
    };
    let at = rows.iter().take(TITLES).position(|(_, row)| is_header(row))?;
    let mut rows = rows.into_iter().skip(at);
    let (_, header) = rows.next()?;
    let filled = |(_, row): &(usize, Vec<Cell>)| row.iter().any(|cell| cell.text().is_some());
    Some(Sheet {
        header: titles(&header),
        rows: rows.filter(filled).collect(),
    })
}
