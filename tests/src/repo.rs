//! The repository as the rules see it: its root, its tracked files and their text.
//!
//! Every repository rule starts here. Nothing here judges; a missing file is an error that says so in one sentence.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that are never part of the product when the tree is walked without git.
const NOT_OURS: [&str; 3] = [".git", "target", "data"];

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The text of a file named relative to the root.
///
/// # Errors
/// One sentence naming the file when it does not exist or is not UTF-8.
pub fn read(relative: &str) -> Result<String, String> {
    std::fs::read_to_string(root().join(relative)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("{relative} does not exist, and this rule needs it"),
        _ => format!("{relative} cannot be read: {error}"),
    })
}

/// Every file of the product, relative to the root with `/`, sorted: what git tracks or would track.
/// Where git cannot answer (a source archive), the tree is walked instead.
///
/// # Errors
/// When the tree cannot be walked.
pub fn files() -> Result<Vec<String>, String> {
    let mut found = match git_files() {
        Some(files) => files,
        None => walk(&root())?,
    };
    found.retain(|file| root().join(file).is_file());
    found.sort();
    found.dedup();
    Ok(found)
}

/// The tracked files with this extension.
///
/// # Errors
/// As [`files`].
pub fn files_with(extension: &str) -> Result<Vec<String>, String> {
    let wanted = format!(".{extension}");
    Ok(files()?.into_iter().filter(|file| file.ends_with(&wanted)).collect())
}

/// The text of a file, or nothing when it is not text (an image, an archive).
#[must_use]
pub fn text(relative: &str) -> Option<String> {
    std::fs::read(root().join(relative))
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
}

/// Whether a path holds tests or their material rather than product code.
#[must_use]
pub fn is_test_path(relative: &str) -> bool {
    relative.starts_with("tests/")
        || relative.ends_with("/tests.rs")
        || relative
            .split('/')
            .any(|part| matches!(part, "tests" | "fixtures" | "benches" | "fuzz"))
}

fn git_files() -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let listing = String::from_utf8(output.stdout).ok()?;
    let files: Vec<String> = listing
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    (!files.is_empty()).then_some(files)
}

fn walk(folder: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let entry = entry.map_err(|error| format!("{}: {error}", folder.display()))?;
        let path = entry.path();
        if NOT_OURS.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if path.is_dir() {
            found.extend(walk(&path)?);
        } else if let Ok(relative) = path.strip_prefix(root()) {
            found.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walking_and_git_agree_on_this_file() {
        let here = "tests/src/repo.rs".to_owned();
        assert!(files().unwrap().contains(&here));
        assert!(walk(&root()).unwrap().contains(&here));
    }

    #[test]
    fn a_missing_file_is_named() {
        assert_eq!(
            read("no/such.rs").unwrap_err(),
            "no/such.rs does not exist, and this rule needs it"
        );
    }

    #[test]
    fn test_paths_are_told_from_product_paths() {
        assert!(is_test_path("connectors/lapor/tests/all.rs"));
        assert!(is_test_path("connectors/lapor/fixtures/x/native.json"));
        assert!(is_test_path("gateway/core/src/route/tests.rs"));
        assert!(!is_test_path("gateway/core/src/route.rs"));
    }
}
