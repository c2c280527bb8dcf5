//! Records as lines of CSV or NDJSON. A cell that a spreadsheet would take for a formula is disarmed by an apostrophe;
//! numbers stay exactly as the record has them.

use serde_json::Value;

/// The first line of a CSV export.
pub fn csv_head(members: &[String]) -> String {
    csv_line(members.iter().map(|m| Some(m.clone())))
}

/// One record as a line of CSV; members that are objects or lists stand there as JSON.
pub fn csv_row(members: &[String], record: &Value) -> String {
    csv_line(members.iter().map(|member| match record.get(member) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(disarmed(text)),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(yes)) => Some(yes.to_string()),
        Some(other) => Some(other.to_string()),
    }))
}

/// One record as a line of NDJSON.
pub fn ndjson_row(record: &Value) -> Vec<u8> {
    let mut line = schemas::canon::to_bytes(record);
    line.push(b'\n');
    line
}

fn csv_line(cells: impl Iterator<Item = Option<String>>) -> String {
    let mut line = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            line.push(',');
        }
        // Nothing between the commas is null; an empty text has its quotes.
        if let Some(cell) = cell {
            let plain = !cell.is_empty() && !cell.contains(['"', ',', '\n', '\r', ';']) && cell.trim() == cell;
            if plain {
                line.push_str(&cell);
            } else {
                line.push('"');
                line.push_str(&cell.replace('"', "\"\""));
                line.push('"');
            }
        }
    }
    line.push_str("\r\n");
    line
}

/// A plain number keeps its sign; any other text that begins like a formula gets an apostrophe before it.
fn disarmed(text: &str) -> String {
    let risky = text
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let number = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().filter(|b| *b == b'.').count() <= 1;
    if risky && !number {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn formulas_are_disarmed_and_numbers_kept() {
        for (cell, kept) in [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+62", "'+62"),
            ("@SUM", "'@SUM"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("  =1", "'  =1"),
            ("-187450000.5", "-187450000.5"),
            ("687174554632.7098", "687174554632.7098"),
            ("Belanja - Modal", "Belanja - Modal"),
        ] {
            assert_eq!(disarmed(cell), kept);
        }
    }

    #[test]
    fn a_line_tells_null_from_empty() {
        let members: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let record = json!({"a": "x,\"y\"\nz", "b": null, "c": "", "d": {"k": [1]}});
        assert_eq!(
            csv_row(&members, &record),
            "\"x,\"\"y\"\"\nz\",,\"\",\"{\"\"k\"\":[1]}\",\r\n"
        );
        assert_eq!(csv_head(&members), "a,b,c,d,e\r\n");
    }
}
