//! Files that are generated and checked in: they must equal what the generator says now.
//!
//! Called by the rule for `docs/reference` and by stories with golden answers. A file changes only when the run asks
//! for it by `UPDATE_GOLDEN=1`, and then the diff is reviewed like code.

use crate::repo;
use std::path::Path;

/// Holds a checked-in file, named relative to the root, against what its generator produced.
///
/// # Errors
/// One sentence with the first differing line, or why the file could not be written.
pub fn assert_in_step(relative: &str, generated: &str) -> Result<(), String> {
    in_step(&repo::root().join(relative), generated, update_asked()).map_err(|why| format!("{relative} {why}"))
}

fn in_step(path: &Path, generated: &str, update: bool) -> Result<(), String> {
    if update {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| format!("has no folder: {error}"))?;
        }
        return std::fs::write(path, generated).map_err(|error| format!("cannot be written: {error}"));
    }
    let stored = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot be read ({error}); UPDATE_GOLDEN=1 generates it"))?;
    match first_difference(&stored, generated) {
        None => Ok(()),
        Some(line) => Err(format!(
            "is out of step from line {line} on; run with UPDATE_GOLDEN=1 and review the difference"
        )),
    }
}

fn first_difference(stored: &str, generated: &str) -> Option<usize> {
    if stored == generated {
        return None;
    }
    let same = stored
        .lines()
        .zip(generated.lines())
        .take_while(|(left, right)| left == right)
        .count();
    Some(same + 1)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the switch of the golden files is a habit of the command line, not of the product"
)]
fn update_asked() -> bool {
    std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_file_is_found_and_an_update_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reference/page.md");
        assert!(in_step(&path, "a\nb\n", false).unwrap_err().contains("UPDATE_GOLDEN=1"));
        in_step(&path, "a\nb\n", true).unwrap();
        in_step(&path, "a\nb\n", false).unwrap();
        assert!(in_step(&path, "a\nc\n", false).unwrap_err().contains("line 2"));
    }
}
