//! Archives and proofs as a whole: every bit of a small archive, and everything somebody could do to its parts.

use super::archive::{self, Ended};
use super::batch::{Batch, Part, SigningKey, Statement};
use super::check::{Finding, Flaw, Summary, Verifier};
use super::merkle::{self, Hash};
use super::proof::{self, Unproven};
use super::{About, Record};
use crate::exchange::State;
use crate::ids::ExchangeId;
use crate::journal::EvidenceLink;
use bytes::Bytes;
use connector_sdk::{Landed, Origin};

/// Three batches over the chains of two nodes; the second node joins with the second batch.
struct World {
    key: SigningKey,
    batches: Vec<(Batch, Vec<EvidenceLink>)>,
}

fn world(seed: u8) -> World {
    let key = SigningKey::from_seed(&[seed; 32]).expect("key");
    let mut heads: Vec<(&str, i64, Hash)> = vec![("satu", 0, [0; 32])];
    let (mut batches, mut previous) = (Vec::new(), [0; 32]);
    for (number, gains) in [(1, vec![3]), (2, vec![2, 2]), (3, vec![0, 4])] {
        if number == 2 {
            heads.push(("tiga dua", 0, [0; 32]));
        }
        let (mut parts, mut links) = (Vec::new(), Vec::new());
        for ((chain, seq, hash), gain) in heads.iter_mut().zip(gains) {
            let (first, before) = (*seq + 1, *hash);
            for _ in 0..gain {
                *seq += 1;
                // One that does not stand in a line as it is.
                let record = match (number, *seq) {
                    (2, 4) => "dua\nbaris".to_owned(),
                    _ => format!("{{\"exchange\":\"{chain}-{seq}\"}}"),
                };
                let record = Bytes::from(record);
                let previous = *hash;
                *hash = super::link(&previous, &record);
                links.push(EvidenceLink {
                    seq: *seq,
                    previous,
                    record,
                    hash: *hash,
                });
            }
            parts.push(Part {
                chain: (*chain).to_owned(),
                first,
                last: *seq,
                before,
                head: *hash,
            });
        }
        let leaves: Vec<Hash> = links.iter().map(|link| merkle::leaf(&link.hash)).collect();
        let batch = key.sign(&Statement {
            number,
            at: "2026-01-02T03:04:05Z".parse().expect("time"),
            previous,
            root: merkle::root(&leaves),
            key: key.public(),
            parts,
        });
        previous = batch.hash();
        batches.push((batch, links));
    }
    World { key, batches }
}

impl World {
    fn archive(&self, first: usize, last: usize) -> Vec<u8> {
        let mut to = Vec::new();
        archive::begin(&mut to, (first as i64, last as i64)).expect("written");
        for (batch, links) in &self.batches[first - 1..last] {
            archive::batch(&mut to, batch).expect("written");
            for link in links {
                archive::record(&mut to, link).expect("written");
            }
        }
        to
    }

    fn verified(&self, files: &[&[u8]]) -> Result<Summary, Finding> {
        let mut verifier = Verifier::new(vec![self.key.public()], None);
        for file in files {
            match archive::verify(*file, &mut verifier, &mut |_| {}) {
                Ok(()) => {}
                Err(Ended::Finding(finding)) => return Err(finding),
                Err(Ended::Unreadable(error)) => panic!("{error}"),
            }
        }
        verifier.end()
    }
}

fn record(chain: &str, seq: i64) -> Option<(String, i64)> {
    Some((chain.to_owned(), seq))
}

#[test]
fn archives_of_one_evidence_verify_alone_and_one_after_the_other() {
    let world = world(1);
    let whole = world.verified(&[&world.archive(1, 3)]).expect("genuine");
    assert_eq!((whole.batches, whole.records), (3, 11));
    assert_eq!(whole.heads["tiga dua"].0, 6);
    assert_eq!(
        world.verified(&[&world.archive(1, 1), &world.archive(2, 3)]),
        Ok(whole.clone())
    );
    assert_eq!(world.verified(&[&world.archive(2, 3)]).expect("genuine").records, 8);
    // A file of the middle is gone, or the order of files is wrong.
    let (first, second, third) = (world.archive(1, 1), world.archive(2, 2), world.archive(3, 3));
    let gone = world.verified(&[&first, &third]).expect_err("a file is gone");
    assert_eq!((gone.flaw, gone.record), (Flaw::Sequence, record("tiga dua", 3)));
    assert_eq!(
        world.verified(&[&second, &first]).expect_err("moved").flaw,
        Flaw::Sequence
    );
    // What was noted must be passed: an evidence cut short or begun anew does not.
    let noted = |number, hash| Verifier::new(vec![world.key.public()], Some((number, hash)));
    for (mut verifier, fine) in [
        (noted(3, whole.last.1), true),
        (noted(3, [7; 32]), false),
        (noted(4, [7; 32]), false),
    ] {
        let read = archive::verify(&world.archive(1, 3)[..], &mut verifier, &mut |_| {});
        assert_eq!(read.is_ok() && verifier.end().is_ok(), fine);
    }
}

/// What a byte of the archive belongs to: the head, a batch, or a record.
fn places(world: &World, archive: &[u8]) -> Vec<(i64, Option<(String, i64)>)> {
    let records = world.batches.iter().flat_map(|(batch, links)| {
        let statement = batch.read().expect("statement");
        let parts = statement.parts.into_iter();
        let chains = parts.flat_map(|part| vec![part.chain.clone(); part.count()]);
        chains.zip(links.iter().map(|link| link.seq)).collect::<Vec<_>>()
    });
    let (mut records, mut batch, mut places) = (records, 0, Vec::new());
    for line in archive.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"ikatan ") {
            batch += 1;
        }
        let record = line.starts_with(b"c ").then(|| records.next().expect("record"));
        places.extend(line.iter().map(|_| (batch, record.clone())));
    }
    places
}

#[test]
fn every_flipped_bit_is_found_where_it_is() {
    let world = world(1);
    let archive = world.archive(1, 3);
    for (at, (batch, record)) in places(&world, &archive).into_iter().enumerate() {
        // Two bits of each byte; a whole run over all eight takes ten seconds.
        for bit in [at % 8, (at + 3) % 8] {
            let mut flipped = archive.clone();
            flipped[at] ^= 1 << bit;
            let found = world.verified(&[&flipped]).expect_err("a flipped bit is found");
            if let Some(record) = record.clone() {
                assert_eq!(found.record, Some(record), "byte {at} bit {bit}: {found:?}");
            } else if batch > 0 {
                assert_eq!(found.batch, batch, "byte {at} bit {bit}: {found:?}");
            }
        }
    }
}

#[test]
fn an_archive_cut_anywhere_is_cut_there() {
    let world = world(1);
    let archive = world.archive(1, 3);
    let places = places(&world, &archive);
    for at in 0..archive.len() {
        let found = world.verified(&[&archive[..at]]).expect_err("a cut is found");
        if let (_, Some(record)) = &places[at] {
            assert_eq!(found.record.as_ref(), Some(record), "cut at {at}: {found:?}");
        }
    }
    let mut longer = archive;
    longer.extend_from_slice(b"c 1 ");
    assert!(world.verified(&[&longer]).is_err());
}

#[test]
fn whatever_is_done_to_lines_is_named() {
    let world = world(1);
    let archive = world.archive(1, 3);
    let lines: Vec<&[u8]> = archive.split_inclusive(|byte| *byte == b'\n').collect();
    let records: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].starts_with(b"c ")).collect();
    let names = places(&world, &archive);
    let name = |n: usize| {
        let at: usize = lines[..records[n]].iter().map(|line| line.len()).sum();
        names[at].1.clone()
    };
    for n in 0..records.len() {
        let mut removed = lines.clone();
        removed.remove(records[n]);
        let found = world.verified(&[&removed.concat()]).expect_err("removed");
        assert_eq!(found.record, name(n), "{n} removed: {found:?}");
        let mut doubled = lines.clone();
        doubled.insert(records[n], lines[records[n]]);
        let found = world.verified(&[&doubled.concat()]).expect_err("doubled");
        // Behind the last record of a batch stands what is no batch.
        let last = found.record.is_none();
        assert!(last || found.record == name(n + 1), "{n} doubled: {found:?}");
        if n + 1 < records.len() {
            let mut swapped = lines.clone();
            swapped.swap(records[n], records[n + 1]);
            let found = world.verified(&[&swapped.concat()]).expect_err("swapped");
            assert_eq!(found.record, name(n), "{n} swapped: {found:?}");
        }
    }
}

#[test]
fn a_chain_written_anew_or_signed_by_another_is_found() {
    let (ours, other) = (world(1), world(2));
    let foreign = ours.verified(&[&other.archive(1, 3)]).expect_err("signed by another");
    assert_eq!(
        (foreign.flaw, foreign.batch, foreign.record),
        (Flaw::ForeignKey, 1, record("satu", 1))
    );
    // Their signature over our statement, and our signature over a statement with another root.
    let mut mixed = world(1);
    mixed.batches[1].0.signature = other.batches[1].0.signature;
    let found = ours.verified(&[&mixed.archive(1, 3)]).expect_err("foreign signature");
    assert_eq!(
        (found.flaw, found.batch, found.record),
        (Flaw::Signature, 2, record("satu", 4))
    );
    let mut replaced = world(1);
    let mut statement = replaced.batches[1].0.read().expect("statement");
    statement.root = [9; 32];
    replaced.batches[1].0.statement = statement.to_bytes();
    let found = ours.verified(&[&replaced.archive(1, 3)]).expect_err("replaced root");
    assert_eq!((found.flaw, found.batch), (Flaw::Signature, 2));
    // Every hash computed again after an edit: only the signed root knows.
    let mut anew = world(1);
    let (_, links) = &mut anew.batches[0];
    links[1].record = Bytes::from_static(b"{}");
    links[1].hash = super::link(&links[1].previous, &links[1].record);
    links[2].previous = links[1].hash;
    links[2].hash = super::link(&links[2].previous, &links[2].record);
    let found = ours.verified(&[&anew.archive(1, 3)]).expect_err("written anew");
    assert_eq!((found.flaw, found.batch), (Flaw::Root, 1));
}

#[test]
fn a_proof_verifies_alone_and_nothing_in_it_can_change() {
    let world = world(1);
    let keys = [world.key.public()];
    for (batch, links) in &world.batches {
        let statement = batch.read().expect("statement");
        for part in &statement.parts {
            for seq in part.first..=part.last {
                let Some(proof) = proof::prove(batch, links, &part.chain, seq) else {
                    panic!("no proof of {} {seq}", part.chain);
                };
                assert_eq!(proof::verify(&proof, &keys), Ok(statement.clone()));
                let mut altered = proof.clone();
                altered.catatan.push(' ');
                assert_eq!(proof::verify(&altered, &keys), Err(Unproven::Root));
                let mut moved = proof.clone();
                moved.seq += 1;
                assert_eq!(proof::verify(&moved, &keys), Err(Unproven::Root));
                let mut longer = proof.clone();
                longer.jalur.push("00".repeat(32));
                assert_eq!(proof::verify(&longer, &keys), Err(Unproven::Root));
                let mut other = proof.clone();
                other.pernyataan = other.pernyataan.replacen("03:04:05", "03:04:06", 1);
                assert_eq!(proof::verify(&other, &keys), Err(Unproven::Signature));
                assert_eq!(proof::verify(&proof, &[[3; 32]]), Err(Unproven::ForeignKey));
            }
            assert!(proof::prove(batch, links, &part.chain, part.last + 1).is_none());
        }
    }
}

#[test]
fn a_record_is_written_member_by_member() {
    let mut record = Record {
        exchange: ExchangeId("0190b5c2-7e1f-7c3a-9d4e-5f6a7b8c9d0e".parse().expect("id")),
        consumer: "dinas-\"uji\"",
        operation: "pengaduan.kirim",
        system: "lapor",
        purpose: "Tindak lanjut\n",
        started: "2026-01-02T03:04:05.6789Z".parse().expect("time"),
        ended: "2026-01-02T03:04:06Z".parse().expect("time"),
        state: None,
        result: "ok",
        attempt: 1,
        input: None,
        reply: None,
        native: None,
        origin: None,
        landed: None,
        about: None,
    };
    let least = concat!(
        r#"{"exchange":"0190b5c2-7e1f-7c3a-9d4e-5f6a7b8c9d0e","consumer":"dinas-\"uji\"","operation":"pengaduan.kirim","#,
        r#""system":"lapor","purpose":"Tindak lanjut\n","started":"2026-01-02T03:04:05.6789Z","#,
        r#""ended":"2026-01-02T03:04:06Z","result":"ok","attempt":1}"#,
    );
    assert_eq!(String::from_utf8(record.to_bytes()).expect("text"), least);
    record.state = Some(State::Done);
    record.input = Some("aa".into());
    record.reply = Some("bb".into());
    record.native = Some(("cc".into(), "dd".into()));
    record.origin = Some(Origin::System);
    record.landed = Some(Landed::Unknown);
    record.about = Some(About {
        subjects: vec!["ee".into()],
        basis: Some("Perwal Contoh 1/2026".into()),
    });
    let whole = least.replace(r#","result""#, r#","state":"done","result""#).replace(
        r#""attempt":1}"#,
        r#""attempt":1,"input":"aa","reply":"bb","native":["cc","dd"],"origin":"system","landed":"unknown","subjects":["ee"],"basis":"Perwal Contoh 1/2026"}"#,
    );
    assert_eq!(String::from_utf8(record.to_bytes()).expect("text"), whole);
}
