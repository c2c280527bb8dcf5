//! Files stay small enough to read at one sitting: none over 600 lines (tests apart), and half of the product's under 150.

use crate::assert_none;
use e2e::repo;

const MOST: usize = 600;
const MEDIAN_BELOW: usize = 150;

fn too_long(files: &[(String, usize)]) -> Vec<String> {
    let long = files
        .iter()
        .filter(|(file, lines)| *lines > MOST && !repo::is_test_path(file));
    long.map(|(file, lines)| format!("{file} has {lines} lines, more than {MOST}"))
        .collect()
}

fn median(files: &[(String, usize)]) -> usize {
    let mut lengths: Vec<usize> = files
        .iter()
        .filter(|(file, _)| !repo::is_test_path(file))
        .map(|(_, lines)| *lines)
        .collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().unwrap_or_default()
}

fn lengths() -> Vec<(String, usize)> {
    let files = repo::files_with("rs").unwrap();
    files
        .into_iter()
        .map(|file| (file.clone(), repo::read(&file).unwrap().lines().count()))
        .collect()
}

#[test]
fn no_source_file_is_longer_than_600_lines() {
    assert_none("file size", &too_long(&lengths()));
}

#[test]
fn half_of_the_product_files_are_under_150_lines() {
    let median = median(&lengths());
    assert!(
        median < MEDIAN_BELOW,
        "the median product file has {median} lines; it must stay under {MEDIAN_BELOW}"
    );
}

#[test]
fn the_architecture_page_can_be_read_at_one_sitting() {
    let lines = repo::read("ARCHITECTURE.md").unwrap().lines().count();
    assert!(lines <= 250, "ARCHITECTURE.md has {lines} lines, more than 250");
}

#[test]
fn the_guard_finds_a_long_file_and_a_high_median() {
    let files = |sizes: &[usize]| {
        sizes
            .iter()
            .enumerate()
            .map(|(i, n)| (format!("src/{i}.rs"), *n))
            .collect::<Vec<_>>()
    };
    assert_eq!(too_long(&files(&[600, 601])).len(), 1);
    assert!(too_long(&[("x/fixtures/big.rs".to_owned(), 9000)]).is_empty());
    assert_eq!(median(&files(&[1, 200, 300])), 200);
}
