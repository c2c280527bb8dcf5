//! Reads the tables that rules find in pages. Called by the rules on dependencies, rooms and problems.

/// The rows of the first table whose header's first cell is `first`, without header and separator; cells trimmed.
pub(crate) fn table(page: &str, first: &str) -> Option<Vec<Vec<String>>> {
    let mut lines = page.lines().map(str::trim);
    lines
        .by_ref()
        .find(|line| cells(line).first().is_some_and(|cell| cell == first))?;
    Some(
        lines
            .take_while(|line| line.starts_with('|'))
            .map(cells)
            .filter(|row| !is_separator(row))
            .collect(),
    )
}

/// The words between backticks in a cell.
pub(crate) fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn cells(line: &str) -> Vec<String> {
    if !line.starts_with('|') {
        return Vec::new();
    }
    line.trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

fn is_separator(row: &[String]) -> bool {
    row.iter()
        .all(|cell| !cell.is_empty() && cell.chars().all(|c| c == '-' || c == ':'))
}

#[test]
fn a_table_is_found_by_its_first_header_cell() {
    let page = "| x | y |\n|---|---|\n| 1 | 2 |\n\n| crate | may |\n|:--|---|\n| `a` | `b`, `c` |\nafter";
    let rows = table(page, "crate").unwrap();
    assert_eq!(rows, [["`a`", "`b`, `c`"]]);
    assert_eq!(quoted(&rows[0][1]), ["b", "c"]);
    assert!(table(page, "none").is_none());
}
