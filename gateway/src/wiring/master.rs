//! The master key of bodies at rest: from configuration, or from a file beside the journal that is made at the first
//! start with rights for its owner alone.

use super::StartError;
use crate::config::{Built, Journal};
use gateway_core::seal::{KEY_BYTES, Sealer};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the file.
const FILE: &str = "kunci-induk";

/// The sealer of this gateway.
pub(super) fn sealer(built: &Built) -> Result<Arc<Sealer>, StartError> {
    let text = match (&built.master_key, &built.node.journal) {
        (Some(secret), _) => secret.expose().trim().to_owned(),
        (None, Journal::Sqlite { file }) => beside(file)?,
    };
    let wrong = || StartError::MasterKey {
        file: PathBuf::from(FILE),
        why: "not 64 hex digits".into(),
    };
    let mut key = [0_u8; KEY_BYTES];
    hex::decode_to_slice(&text, &mut key).map_err(|_| wrong())?;
    Sealer::new(&key).map(Arc::new).map_err(|_| wrong())
}

fn beside(journal: &Path) -> Result<String, StartError> {
    let path = journal.with_file_name(FILE);
    let wrong = |error: &dyn std::fmt::Display| StartError::MasterKey {
        file: path.clone(),
        why: error.to_string(),
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(wrong(&error)),
        Err(_) if journal.exists() => {
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
    tracing::warn!("a master key was made beside the journal; in production keep it elsewhere (kunci_induk)");
    Ok(text)
}
