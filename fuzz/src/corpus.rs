//! Inputs to begin from: `fuzz/corpus/<target>/`, kept in the repository, and what a target draws from fixtures of connectors
//! and from configuration. An input that broke something is added there, so that it is tried forever.

use crate::Target;
use std::path::{Path, PathBuf};

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Everything a target begins from, in a fixed order.
///
/// # Errors
/// When a file cannot be read.
pub fn of(target: &Target) -> std::io::Result<Vec<Vec<u8>>> {
    let mut inputs = Vec::new();
    for file in files(&root().join("fuzz/corpus").join(target.name), "")? {
        inputs.push(std::fs::read(file)?);
    }
    inputs.extend((target.seeds)()?);
    Ok(inputs)
}

/// Files below a folder whose names end so, sorted. A folder that is not there holds none.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path, ending: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
