//! Every numbered oddity of OSS has a fixture whose note names it (`Kutipan 4, 6: …`): a new one without a fixture, or a
//! note that names none that exists, is found here. The fixtures themselves are held by the conformance kit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The oddities are numbered from 1 without gaps.
const LAST: u8 = 20;

/// Numbers that a note names in its first sentence.
fn named(note: &str) -> Option<BTreeSet<u8>> {
    let (numbers, _) = note.strip_prefix("Kutipan ")?.split_once([':', 'd'])?;
    let leading = numbers.split(',').map_while(|part| part.trim().parse().ok());
    Some(leading.collect())
}

#[test]
fn every_oddity_has_a_fixture() {
    let mut found: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for operation in fs::read_dir(root).unwrap() {
        for fixture in fs::read_dir(operation.unwrap().path()).unwrap() {
            let folder = fixture.unwrap().path();
            let note = fs::read_to_string(folder.join("note.md")).unwrap_or_default();
            for number in named(&note).unwrap_or_default() {
                found.entry(number).or_default().push(folder.display().to_string());
            }
        }
    }
    let missing: Vec<u8> = (1..=LAST).filter(|number| !found.contains_key(number)).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
    let unknown: Vec<_> = found.range(LAST + 1..).collect();
    assert!(unknown.is_empty(), "no such oddity: {unknown:?}");
}

#[test]
fn numbers_are_read_from_the_first_sentence_only() {
    assert_eq!(named("Kutipan 4, 6: kode"), Some(BTreeSet::from([4, 6])));
    assert_eq!(named("Kutipan 10 dan uang 19 angka: x"), Some(BTreeSet::from([10])));
    assert_eq!(named("Kode 504: hasil"), None);
}
