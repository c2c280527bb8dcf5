//! Hashes of the sandbox's keys, in its data folder: the newest few, so that yesterday's curl line still works.

use crate::cli::key::Fresh;
use std::io;
use std::path::Path;

/// Keys that stay valid.
const KEPT: usize = 5;
const FILE: &str = "kunci-sandbox.txt";

/// Adds a key and returns prefix and hash of all that are valid, the newest last.
pub(super) fn remember(folder: &Path, key: &Fresh) -> io::Result<Vec<(String, String)>> {
    let path = folder.join(FILE);
    let known = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let pair = |line: &str| {
        line.split_once(' ')
            .map(|(prefix, hash)| (prefix.to_owned(), hash.to_owned()))
    };
    let mut pairs: Vec<_> = known.lines().filter_map(pair).collect();
    pairs.push((key.prefix.clone(), key.hash.clone()));
    let old = pairs.len().saturating_sub(KEPT);
    pairs.drain(..old);
    let text: String = pairs
        .iter()
        .map(|(prefix, hash)| format!("{prefix} {hash}\n"))
        .collect();
    std::fs::write(path, text)?;
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::key::api_key;

    #[test]
    fn the_newest_few_are_kept_and_only_as_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<_> = (0..7).map(|_| api_key("sandbox").unwrap()).collect();
        let mut last = Vec::new();
        for key in &keys {
            last = remember(folder.path(), key).unwrap();
        }
        let newest: Vec<_> = keys[2..]
            .iter()
            .map(|key| (key.prefix.clone(), key.hash.clone()))
            .collect();
        assert_eq!(last, newest);
        let stored = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(keys.iter().all(|key| !stored.contains(&key.key)));
    }
}
