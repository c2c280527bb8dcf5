//! A proof that one record is part of the evidence: the record, the way from it to a signed root, and the statement. It
//! verifies alone, with the public key.

use super::batch::{Batch, Statement, digest, is_signed};
use super::link;
use super::merkle::{self, Hash};
use crate::journal::EvidenceLink;
use serde::{Deserialize, Serialize};

/// As exchanged; hashes are hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The signed statement.
    pub pernyataan: String,
    /// Ed25519 over it.
    pub tanda_tangan: String,
    /// Chain of the record.
    pub rantai: String,
    /// Its position there.
    pub seq: i64,
    /// Hash of the link before it.
    pub sebelum: String,
    /// The record, byte for byte.
    pub catatan: String,
    /// From the record's leaf to the root, nearest first.
    pub jalur: Vec<String>,
}

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The proof is no such document.
    #[error("the proof cannot be read")]
    Unreadable,
    /// Signed by nobody who is trusted.
    #[error("the statement is signed by a key that is not trusted")]
    ForeignKey,
    /// The signature does not fit.
    #[error("the signature does not fit the statement")]
    Signature,
    /// The record does not lead to the root.
    #[error("the record does not lead to the signed root")]
    Root,
}

/// Makes the proof of one record of a batch. `links` are all of the batch, in its order; `None` when the batch has no
/// such record.
pub fn prove(batch: &Batch, links: &[EvidenceLink], chain: &str, seq: i64) -> Option<Proof> {
    let statement = batch.read()?;
    let index = index(&statement, chain, seq)?;
    let found = links.get(index).filter(|link| link.seq == seq)?;
    let leaves: Vec<Hash> = links.iter().map(|link| merkle::leaf(&link.hash)).collect();
    Some(Proof {
        pernyataan: String::from_utf8(batch.statement.to_vec()).ok()?,
        tanda_tangan: hex::encode(batch.signature),
        rantai: chain.to_owned(),
        seq,
        sebelum: hex::encode(found.previous),
        catatan: String::from_utf8(found.record.to_vec()).ok()?,
        jalur: merkle::path(&leaves, index).iter().map(hex::encode).collect(),
    })
}

/// Where a record's leaf stands.
fn index(statement: &Statement, chain: &str, seq: i64) -> Option<usize> {
    let mut before = 0;
    for part in &statement.parts {
        if part.chain == chain {
            let within = (part.first..=part.last).contains(&seq);
            return within.then(|| before + usize::try_from(seq - part.first).unwrap_or_default());
        }
        before += part.count();
    }
    None
}

/// Verifies a proof, and says when the batch was signed.
///
/// # Errors
/// Why it does not hold.
pub fn verify(proof: &Proof, keys: &[Hash]) -> Result<Statement, Unproven> {
    let bytes = proof.pernyataan.as_bytes();
    let statement = Statement::parse(bytes).ok_or(Unproven::Unreadable)?;
    if !keys.contains(&statement.key) {
        return Err(Unproven::ForeignKey);
    }
    let signature = hex::decode(&proof.tanda_tangan).map_err(|_| Unproven::Unreadable)?;
    if !is_signed(&statement.key, bytes, &signature) {
        return Err(Unproven::Signature);
    }
    let before = digest(&proof.sebelum).ok_or(Unproven::Unreadable)?;
    let path: Option<Vec<Hash>> = proof.jalur.iter().map(|hash| digest(hash)).collect();
    let path = path.ok_or(Unproven::Unreadable)?;
    let leaf = merkle::leaf(&link(&before, proof.catatan.as_bytes()));
    let index = index(&statement, &proof.rantai, proof.seq).ok_or(Unproven::Root)?;
    match merkle::root_of(&leaf, index, statement.count(), &path) {
        Some(root) if root == statement.root => Ok(statement),
        _ => Err(Unproven::Root),
    }
}
