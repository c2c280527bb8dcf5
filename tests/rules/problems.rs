//! Every problem code the gateway can answer has a page a caller can read, in Indonesian and in English, and the
//! list in `docs/problems/README.md` is the list of the code: same codes, same statuses.

use crate::{assert_none, markdown};
use e2e::repo;
use std::collections::BTreeMap;

const SOURCE: &str = "gateway/src/http/problem.rs";
const INDEX: &str = "docs/problems/README.md";
/// The heads that every page has, in this order: Indonesian first, English complete.
const HEADS: [&str; 10] = [
    "## Bahasa Indonesia",
    "### Apa yang terjadi",
    "### Di pihak siapa",
    "### Apakah sudah masuk",
    "### Apa yang harus dilakukan",
    "## English",
    "### What happened",
    "### Whose side",
    "### Did it land",
    "### What to do",
];

type Codes = BTreeMap<String, u16>;

/// The pairs of `const CODES: &[(&str, u16)] = &[("kode", 400), …]`.
fn codes_in_rust(source: &str) -> Result<Codes, String> {
    let missing = || format!("{SOURCE} has no table `CODES: &[(&str, u16)]`");
    let table = source.split_once("CODES: &[(&str, u16)]").ok_or_else(missing)?.1;
    let table = table.split_once("];").ok_or_else(missing)?.0;
    let mut codes = Codes::new();
    for entry in table.split("(\"").skip(1) {
        let (code, rest) = entry.split_once('"').ok_or_else(missing)?;
        let digits: String = rest
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        let status = digits.parse().map_err(|_| format!("{SOURCE}: {code} has no status"))?;
        if codes.insert(code.to_owned(), status).is_some() {
            return Err(format!("{SOURCE} names {code} twice"));
        }
    }
    if codes.is_empty() { Err(missing()) } else { Ok(codes) }
}

/// The codes and statuses of the index: a row is ``| [`kode`](kode.md) | 400 | … |``.
fn codes_in_index(page: &str) -> Result<Codes, String> {
    let rows =
        markdown::table(page, "kode").ok_or_else(|| format!("{INDEX} has no table whose first column is `kode`"))?;
    rows.iter()
        .map(|row| {
            let code = row.first().and_then(|cell| markdown::quoted(cell).into_iter().next());
            let status = row.get(1).and_then(|cell| cell.parse().ok());
            code.zip(status)
                .ok_or_else(|| format!("{INDEX}: the row {row:?} names no code and status"))
        })
        .collect()
}

fn judge_lists(index: &Codes, rust: &Codes) -> Vec<String> {
    let unknown = rust
        .iter()
        .filter(|(code, _)| !index.contains_key(*code))
        .map(|(code, _)| format!("{code} is answered and not in {INDEX}"));
    let unused = index
        .iter()
        .filter(|(code, _)| !rust.contains_key(*code))
        .map(|(code, _)| format!("{code} is in {INDEX} and never answered"));
    let differ = rust
        .iter()
        .filter(|(code, status)| index.get(*code).is_some_and(|other| other != *status));
    unknown
        .chain(unused)
        .chain(differ.map(|(code, status)| format!("{code} is answered with {status}, {INDEX} says otherwise")))
        .collect()
}

fn judge_page(code: &str, status: u16, page: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let first = page.lines().next().unwrap_or_default();
    if !(first.starts_with("# ") && first.contains(&format!("`{code}`")) && first.contains(&status.to_string())) {
        findings.push(format!("{code}: the title does not name the code and {status}"));
    }
    let mut rest = page;
    for head in HEADS {
        let Some((_, after)) = rest.split_once(&format!("\n{head}\n")) else {
            findings.push(format!("{code}: `{head}` is missing or out of order"));
            continue;
        };
        let body = after.split("\n#").next().unwrap_or_default();
        if head.starts_with("###") && body.trim().len() < 20 {
            findings.push(format!("{code}: nothing stands under `{head}`"));
        }
        rest = after;
    }
    findings
}

#[test]
fn the_index_lists_what_the_gateway_answers() {
    let index = codes_in_index(&repo::read(INDEX).unwrap()).unwrap();
    let rust = codes_in_rust(&repo::read(SOURCE).unwrap()).unwrap();
    assert_none("problem codes", &judge_lists(&index, &rust));
}

#[test]
fn every_listed_problem_has_a_page_in_both_languages() {
    let index = codes_in_index(&repo::read(INDEX).unwrap()).unwrap();
    let page = |code: &str| repo::read(&format!("docs/problems/{code}.md"));
    let findings = index
        .iter()
        .flat_map(|(code, status)| page(code).map_or_else(|why| vec![why], |text| judge_page(code, *status, &text)));
    assert_none("problem pages", &findings.collect::<Vec<_>>());
}

#[test]
fn no_page_is_an_orphan() {
    let index = codes_in_index(&repo::read(INDEX).unwrap()).unwrap();
    let pages = repo::files()
        .unwrap()
        .into_iter()
        .filter_map(|file| Some(file.strip_prefix("docs/problems/")?.strip_suffix(".md")?.to_owned()));
    let orphans = pages.filter(|page| page != "README" && !index.contains_key(page));
    assert_none(
        "problem pages",
        &orphans
            .map(|page| format!("docs/problems/{page}.md is not in the index"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_problem_has_its_room() {
    let index = codes_in_index(&repo::read(INDEX).unwrap()).unwrap();
    let rooms = markdown::quoted(&repo::read("docs/life-of-a-request.md").unwrap());
    let homeless = index.keys().filter(|code| !rooms.contains(code));
    let findings = homeless.map(|code| format!("docs/life-of-a-request.md names no room that answers {code}"));
    assert_none("problem codes", &findings.collect::<Vec<_>>());
}

#[cfg(test)]
mod self_tests {
    use super::*;

    fn codes(pairs: &[(&str, u16)]) -> Codes {
        pairs
            .iter()
            .map(|(code, status)| ((*code).to_owned(), *status))
            .collect()
    }

    #[test]
    fn both_lists_are_read() {
        let rust = "pub const CODES: &[(&str, u16)] = &[\n    (\"a-b\", 400), // why\n    (\"c\", 503),\n];\nconst X: u16 = 7;";
        assert_eq!(codes_in_rust(rust).unwrap(), codes(&[("a-b", 400), ("c", 503)]));
        assert!(codes_in_rust("const OTHER: u16 = 1;").unwrap_err().contains("no table"));
        let index = "| kode | status |\n|---|---|\n| [`a-b`](a-b.md) | 400 |\n";
        assert_eq!(codes_in_index(index).unwrap(), codes(&[("a-b", 400)]));
    }

    #[test]
    fn every_way_to_differ_is_found() {
        let findings = judge_lists(&codes(&[("a", 400), ("b", 401)]), &codes(&[("a", 422), ("c", 500)]));
        assert_eq!(findings.len(), 3);
    }

    #[test]
    fn a_page_without_english_is_found() {
        let body = "A sentence that is long enough to say something.";
        let full = |heads: &[&str]| {
            let text: String = heads
                .iter()
                .map(|head| format!("\n{head}\n{}", if head.starts_with("###") { body } else { "" }))
                .collect();
            format!("# `a` — 400\n{text}\n")
        };
        assert_none("self", &judge_page("a", 400, &full(&HEADS)));
        assert_eq!(judge_page("a", 400, &full(&HEADS[..5])).len(), 5);
        assert_eq!(judge_page("a", 401, &full(&HEADS)).len(), 1);
        assert_eq!(judge_page("a", 400, &full(&HEADS).replace(body, "")).len(), 8);
    }
}
