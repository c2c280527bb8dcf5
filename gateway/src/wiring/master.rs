//! The master key of bodies at rest and the key that signs evidence: from configuration, or from a file beside the journal
//! that is made at the first start with rights for its owner alone. Nodes that share a journal are given their master key;
//! without an evidence key of their own they sign with one derived from it.

use super::StartError;
use crate::config::{Built, Journal};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use gateway_core::evidence::batch::SigningKey;
use gateway_core::seal::{KEY_BYTES, Sealer};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names of the files.
const FILE: &str = "kunci-induk";
const EVIDENCE: &str = "kunci-bukti";

/// The sealer of this gateway.
pub(super) fn sealer(built: &Built) -> Result<Arc<Sealer>, StartError> {
    let key = digits(&master(built)?, FILE)?;
    Sealer::new(&key).map(Arc::new).map_err(|_| wrong(FILE))
}

fn master(built: &Built) -> Result<String, StartError> {
    match (&built.master_key, &built.node.journal) {
        (Some(secret), _) => Ok(secret.expose().trim().to_owned()),
        (None, Journal::Sqlite { file }) => beside(file, FILE, true),
        (None, Journal::Postgres { .. }) => Err(StartError::MasterKey {
            file: PathBuf::from("kunci_induk"),
            why: "nodes that share a journal must be given one".into(),
        }),
    }
}

/// The key that signs evidence.
pub(super) fn signer(built: &Built) -> Result<Arc<SigningKey>, StartError> {
    let seed = match (&built.evidence_key, &built.master_key, &built.node.journal) {
        (Some(secret), _, _) => digits(secret.expose().trim(), EVIDENCE)?,
        (None, _, Journal::Sqlite { file }) => digits(&beside(file, EVIDENCE, false)?, EVIDENCE)?,
        (None, master, Journal::Postgres { .. }) => {
            let master = master.as_ref().map(|secret| secret.expose().trim().to_owned());
            derived(&digits(&master.unwrap_or_default(), FILE)?, b"bukti")?
        }
    };
    SigningKey::from_seed(&seed)
        .map(Arc::new)
        .ok_or_else(|| wrong(EVIDENCE))
}

/// The seed that signs sessions of the console: the same on nodes that share a master key.
pub(crate) fn sessions(built: &Built) -> Result<[u8; KEY_BYTES], StartError> {
    derived(&digits(&master(built)?, FILE)?, b"konsol")
}

fn derived(master: &[u8; KEY_BYTES], purpose: &[u8]) -> Result<[u8; KEY_BYTES], StartError> {
    let mut seed = [0; KEY_BYTES];
    let pseudorandom = Salt::new(HKDF_SHA256, b"simpul").extract(master);
    pseudorandom
        .expand(&[purpose], HKDF_SHA256)
        .and_then(|key| key.fill(&mut seed))
        .map_err(|_| wrong(EVIDENCE))?;
    Ok(seed)
}

fn wrong(name: &str) -> StartError {
    StartError::MasterKey {
        file: PathBuf::from(name),
        why: "not 64 hex digits".into(),
    }
}

fn digits(text: &str, name: &str) -> Result<[u8; KEY_BYTES], StartError> {
    let mut key = [0_u8; KEY_BYTES];
    hex::decode_to_slice(text, &mut key).map_err(|_| wrong(name))?;
    Ok(key)
}

/// `indispensable`: what is stored already cannot be used without it, so that it is never made anew.
fn beside(journal: &Path, name: &str, indispensable: bool) -> Result<String, StartError> {
    let path = journal.with_file_name(name);
    let wrong = |error: &dyn std::fmt::Display| StartError::MasterKey {
        file: path.clone(),
        why: error.to_string(),
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(wrong(&error)),
        Err(_) if indispensable && journal.exists() => {
            return Err(wrong(
                &"the journal exists but its key file does not; put it back, its bodies need it",
            ));
        }
        Err(_) => {}
    }
    let mut key = [0_u8; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| wrong(&"no randomness"))?;
    let text = hex::encode(key);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(|e| wrong(&e))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|e| wrong(&e))?;
    tracing::warn!(
        file = name,
        "a key was made beside the journal; in production keep it elsewhere"
    );
    Ok(text)
}
