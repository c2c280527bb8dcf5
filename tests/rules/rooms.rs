//! The numbered rooms of a request are the same list in the pipeline, in the server stack and in the docs.
//!
//! Rust files mark a room by a comment `// room 7: authorize`; the docs by a table. Each file names its rooms in
//! rising order, the two Rust files together name all of them, and every name is the one of the table.

use crate::{assert_none, markdown};
use e2e::repo;

const PIPELINE: &str = "gateway/core/src/pipeline.rs";
const STACK: &str = "gateway/src/http/stack.rs";
const DOCS: &str = "docs/life-of-a-request.md";
const NAMES: [&str; 15] = [
    "listener",
    "tls",
    "open-record",
    "shed-and-cap",
    "match",
    "identify",
    "authorize",
    "limit",
    "validate",
    "idempotency",
    "accept",
    "route",
    "deliver",
    "record",
    "respond",
];

type Room = (usize, String);

fn rooms_in_rust(source: &str) -> Vec<Room> {
    source
        .lines()
        .filter_map(|line| {
            let comment = line
                .trim()
                .strip_prefix("//")?
                .trim_start_matches(['/', '!'])
                .trim_start();
            let (number, rest) = comment.strip_prefix("room ")?.split_once(':')?;
            let name: String = rest
                .trim_start()
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                .collect();
            Some((number.trim().parse().ok()?, name.trim_end_matches('-').to_owned()))
        })
        .collect()
}

fn rooms_in_docs(page: &str) -> Result<Vec<Room>, String> {
    let rows = markdown::table(page, "#").ok_or_else(|| format!("{DOCS} has no table whose first column is `#`"))?;
    rows.iter()
        .map(|row| match row.as_slice() {
            [number, name, ..] => {
                let number = number
                    .parse()
                    .map_err(|_| format!("{DOCS}: `{number}` is no room number"))?;
                Ok((number, name.trim_matches('`').to_owned()))
            }
            _ => Err(format!("{DOCS}: the row {row:?} is too short")),
        })
        .collect()
}

fn judge(docs: &[Room], rust: &[(&str, Vec<Room>)]) -> Vec<String> {
    let expected: Vec<Room> = NAMES
        .iter()
        .enumerate()
        .map(|(index, name)| (index + 1, (*name).to_owned()))
        .collect();
    let mut findings = Vec::new();
    if docs != expected {
        findings.push(format!("{DOCS} lists {docs:?}, not the fifteen rooms"));
    }
    for (file, rooms) in rust {
        if rooms.is_empty() {
            findings.push(format!(
                "{file} marks no room; write `// room 7: authorize` where the room is entered"
            ));
        }
        for pair in rooms.windows(2) {
            if let [(before, _), (after, _)] = pair
                && before >= after
            {
                findings.push(format!("{file} marks room {after} after room {before}"));
            }
        }
        for (number, name) in rooms {
            match expected.iter().find(|(known, _)| known == number) {
                Some((_, right)) if right == name => {}
                Some((_, right)) => findings.push(format!(
                    "{file} calls room {number} `{name}`, the docs call it `{right}`"
                )),
                None => findings.push(format!("{file} marks a room {number} that the docs do not know")),
            }
        }
    }
    for (number, name) in &expected {
        if !rust
            .iter()
            .any(|(_, rooms)| rooms.iter().any(|(marked, _)| marked == number))
        {
            findings.push(format!("neither file marks room {number}: {name}"));
        }
    }
    findings
}

#[test]
fn the_rooms_are_one_list() {
    let read = |file| repo::read(file).map(|text| rooms_in_rust(&text));
    let docs = rooms_in_docs(&repo::read(DOCS).unwrap()).unwrap();
    assert_none(
        "rooms",
        &judge(
            &docs,
            &[(PIPELINE, read(PIPELINE).unwrap()), (STACK, read(STACK).unwrap())],
        ),
    );
}

#[cfg(test)]
mod self_tests {
    use super::*;

    fn marks(numbers: &[usize]) -> Vec<Room> {
        let source: String = numbers
            .iter()
            .map(|n| format!("    // room {n}: {} — because\n", NAMES[n - 1]))
            .collect();
        rooms_in_rust(&source)
    }

    fn docs() -> Vec<Room> {
        let rows: String = NAMES
            .iter()
            .enumerate()
            .map(|(i, name)| format!("| {} | {name} | x |\n", i + 1))
            .collect();
        rooms_in_docs(&format!("| # | room | place |\n|---|---|---|\n{rows}")).unwrap()
    }

    #[test]
    fn the_list_split_over_two_files_passes() {
        let rust = [
            (STACK, marks(&[1, 2, 3, 4, 5, 6, 15])),
            (PIPELINE, marks(&[7, 8, 9, 10, 11, 12, 13, 14])),
        ];
        assert_none("self", &judge(&docs(), &rust));
    }

    #[test]
    fn doc_comments_count() {
        assert_eq!(
            rooms_in_rust("/// room 7: authorize\n//! room 8: limit.\n// a room 9: x"),
            [(7, "authorize".into()), (8, "limit".into())]
        );
    }

    #[test]
    fn a_missing_a_swapped_and_a_renamed_room_are_found() {
        let stack = marks(&[1, 2, 3, 4, 5, 6, 15]);
        let missing = judge(
            &docs(),
            &[(STACK, stack.clone()), (PIPELINE, marks(&[7, 8, 9, 10, 11, 12, 13]))],
        );
        assert_eq!(missing, ["neither file marks room 14: record"]);
        let swapped = judge(
            &docs(),
            &[
                (STACK, stack.clone()),
                (PIPELINE, marks(&[8, 7, 9, 10, 11, 12, 13, 14])),
            ],
        );
        assert_eq!(swapped.len(), 1);
        let mut renamed = marks(&[7, 8, 9, 10, 11, 12, 13, 14]);
        renamed[0].1 = "allow".to_owned();
        assert_eq!(judge(&docs(), &[(STACK, stack), (PIPELINE, renamed)]).len(), 1);
    }

    #[test]
    fn an_empty_file_and_a_short_table_are_found() {
        let findings = judge(&docs()[..14], &[(STACK, Vec::new()), (PIPELINE, Vec::new())]);
        assert_eq!(findings.len(), 1 + 2 + 15);
    }
}
