//! Evidence as strangers bring it. Of an archive that was signed and noted, every change is found; a statement that reads is written
//! back as the same bytes.

use super::{Target, nothing};
use bytes::Bytes;
use gateway::core::evidence::archive;
use gateway::core::evidence::batch::{Part, SigningKey, Statement};
use gateway::core::evidence::check::Verifier;
use gateway::core::evidence::proof::{self, Proof};
use gateway::core::evidence::{link, merkle};
use gateway::core::journal::EvidenceLink;

const SEED: [u8; 32] = [9; 32];

pub(super) const ARCHIVE: Target = Target {
    name: "archive",
    words: &[
        "c 1 ",
        "ikatan ",
        "hex:",
        "simpul-arsip/1 1 1\n",
        "\n",
        "rantai ",
        "akar ",
    ],
    seeds: || Ok(vec![genuine().0, proven()]),
    run: run_archive,
};

pub(super) const STATEMENT: Target = Target {
    name: "statement",
    words: &["simpul-bukti/1\n", "nomor 1\n", "rantai 1 1 ", "+1", "01", " "],
    seeds: nothing,
    run: run_statement,
};

/// An archive of one batch, its key, and its noted head.
fn genuine() -> (Vec<u8>, [u8; 32], [u8; 32]) {
    let key = SigningKey::from_seed(&SEED).expect("a key");
    let (mut previous, mut links) = ([0; 32], Vec::new());
    for seq in 1..=3 {
        let record = Bytes::from(format!("{{\"exchange\":\"{seq}\"}}"));
        let hash = link(&previous, &record);
        links.push(EvidenceLink {
            seq,
            previous,
            record,
            hash,
        });
        previous = hash;
    }
    let leaves: Vec<_> = links.iter().map(|link| merkle::leaf(&link.hash)).collect();
    let batch = key.sign(&Statement {
        number: 1,
        at: "2026-01-02T03:04:05Z".parse().expect("a time"),
        previous: [0; 32],
        root: merkle::root(&leaves),
        key: key.public(),
        parts: vec![Part {
            chain: "main".into(),
            first: 1,
            last: 3,
            before: [0; 32],
            head: previous,
        }],
    });
    let mut file = Vec::new();
    archive::begin(&mut file, (1, 1)).expect("written");
    archive::batch(&mut file, &batch).expect("written");
    for link in &links {
        archive::record(&mut file, link).expect("written");
    }
    (file, key.public(), batch.hash())
}

/// A proof, so that its form is among what is changed.
fn proven() -> Vec<u8> {
    br#"{"pernyataan":"x","tanda_tangan":"00","rantai":"main","seq":1,"sebelum":"00","catatan":"{}","jalur":[]}"#
        .to_vec()
}

fn run_archive(input: &[u8]) -> String {
    let (file, key, head) = genuine();
    let mut verifier = Verifier::new(vec![key], Some((1, head)));
    let read = archive::verify(input, &mut verifier, &mut |_| {});
    let fine = read.is_ok() && verifier.end().is_ok();
    assert_eq!(fine, input == file, "a change that nobody notices");
    if let Ok(proof) = serde_json::from_slice::<Proof>(input) {
        let judged = proof::verify(&proof, &[key]);
        assert!(judged.is_err(), "a proof that nobody signed");
    }
    match read {
        Ok(()) => "whole".to_owned(),
        Err(archive::Ended::Finding(finding)) => finding.flaw.word().to_owned(),
        Err(archive::Ended::Unreadable(error)) => error.kind().to_string(),
    }
}

fn run_statement(input: &[u8]) -> String {
    match Statement::parse(input) {
        Some(statement) => {
            assert_eq!(&statement.to_bytes()[..], input, "read and written differently");
            let counted = statement.count();
            format!("read {} {}", statement.parts.len(), counted.min(99))
        }
        None => format!("refused {}", input.len().min(600) / 100),
    }
}
