//! JS52: what the gate lets in and what not, by files: `y_` are JSON, `n_` are none or are refused on purpose (keys that come twice,
//! lone surrogates, depth, long keys), and of `i_`, where the standard leaves a choice, the choice is written here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

use fuzz::corpus::{files, root};
use schemas::gate::{Limits, parse};

/// Where RFC 8259 leaves it open: let in or not. A number that cannot be carried exactly is refused, never rounded.
const CHOSEN: [(&str, bool); 6] = [
    ("i_21_digit.json", false),
    ("i_angka_kecil.json", false),
    ("i_angka_raksasa.json", false),
    ("i_desimal_panjang.json", false),
    ("i_nol_negatif.json", true),
    ("i_teks_1mib.json", true),
];

#[test]
fn js52_the_gate_lets_in_json_and_nothing_else() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files(&root().join("fuzz/corpus/json"), ".json").unwrap() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let expected = match name.get(..2) {
            Some("y_") => true,
            Some("n_") => false,
            Some("i_") => CHOSEN.iter().find(|(known, _)| *known == name).unwrap().1,
            _ => continue,
        };
        let read = parse(&std::fs::read(&file).unwrap(), &Limits::default());
        if read.is_ok() != expected {
            wrong.push(format!("{name}: {:?}", read.err()));
        }
        seen += 1;
    }
    assert!(seen > 75, "only {seen} files");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
