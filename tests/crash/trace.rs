//! What a disk holds after the power went: the file writes of a process as `strace` saw them, replayed so that only
//! what was synced stays for certain. What was not synced is lost, kept, or kept in part, as the dice fall.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The system calls that change files, for `strace -e trace=`.
pub(crate) const CALLS: &str = "pwrite64,write,ftruncate,fdatasync,fsync,unlink,unlinkat,rename,renameat2";

/// One change of a file.
#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

/// How many loose changes of its file a sync covers.
#[derive(Debug, Clone, Copy)]
struct Covers(usize);

/// One file: what is on the disk for certain, and what was changed since.
#[derive(Debug, Clone, Default)]
struct File {
    synced: Vec<u8>,
    loose: Vec<Change>,
}

/// All files a process wrote to, by path.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    files: BTreeMap<String, File>,
    /// Syncs that were seen to succeed.
    pub(crate) syncs: usize,
}

impl Disk {
    /// Reads a trace (`strace -f -y -xx`) of a process that found these files on the disk.
    pub(crate) fn read(trace: &str, found: Vec<(PathBuf, Vec<u8>)>) -> Self {
        let mut disk = Self::default();
        for (path, synced) in found {
            let file = File {
                synced,
                loose: Vec::new(),
            };
            disk.files.insert(path.display().to_string(), file);
        }
        let mut begun: BTreeMap<&str, (String, Option<Covers>)> = BTreeMap::new();
        for line in trace.lines() {
            let Some((thread, call)) = line.split_once(' ') else {
                continue;
            };
            let call = call.trim_start();
            if let Some(first) = call.strip_suffix("<unfinished ...>") {
                let first = first.trim_end().to_owned();
                // Only what was written before a sync began is covered by it.
                let covers = disk.covered(&first);
                begun.insert(thread, (first, covers));
            } else if let Some(rest) = call.strip_prefix("<... ") {
                let Some((_, rest)) = rest.split_once("resumed>") else {
                    continue;
                };
                if let Some((first, covers)) = begun.remove(thread) {
                    disk.apply(&format!("{first}{rest}"), covers);
                }
            } else {
                let covers = disk.covered(call);
                disk.apply(call, covers);
            }
        }
        // A write that never came back may have happened all the same; it is loose, like every other.
        for (first, _) in begun.into_values() {
            if first.starts_with("pwrite64(") {
                disk.apply(&format!("{first}) = 1"), None);
            }
        }
        disk
    }

    /// What a sync that begins now covers; nothing when the call is none.
    fn covered(&self, call: &str) -> Option<Covers> {
        call.contains("sync(").then_some(())?;
        let path = path(call)?;
        Some(Covers(self.files.get(&path).map_or(0, |file| file.loose.len())))
    }

    fn apply(&mut self, call: &str, covers: Option<Covers>) {
        let failed = call
            .rsplit_once(" = ")
            .is_none_or(|(_, result)| result.starts_with('-') || result.starts_with('?'));
        if failed {
            return;
        }
        if call.starts_with("unlink") {
            // Gone at once: the harder case for whoever counted on the file.
            let name = quoted(call).and_then(|(name, _)| String::from_utf8(name).ok());
            name.and_then(|name| self.files.remove(&name));
            return;
        }
        let Some(path) = path(call) else { return };
        let file = self.files.entry(path).or_default();
        if let Some(Covers(count)) = covers {
            for change in file.loose.drain(..count.min(file.loose.len())) {
                change.make(&mut file.synced);
            }
            self.syncs += 1;
        } else if call.starts_with("pwrite64(") {
            if let Some((bytes, rest)) = quoted(call) {
                let at = rest
                    .split(", ")
                    .nth(2)
                    .and_then(|at| at.split(')').next()?.trim().parse().ok());
                file.loose.extend(at.map(|at| Change::Write { at, bytes }));
            }
        } else if call.starts_with("ftruncate(") {
            let size = call
                .split(", ")
                .nth(1)
                .and_then(|size| size.split(')').next()?.trim().parse().ok());
            file.loose.extend(size.map(Change::Cut));
        }
    }

    /// How many changes were not synced.
    pub(crate) fn loose(&self) -> usize {
        self.files.values().map(|file| file.loose.len()).sum()
    }

    /// What the disk may hold of a file: everything synced; of the rest each change by the dice, the last one torn.
    pub(crate) fn after_power_loss(&self, path: &Path, dice: &mut fastrand::Rng, keep: f64) -> Option<Vec<u8>> {
        let file = self.files.get(&path.display().to_string())?;
        let mut content = file.synced.clone();
        for change in &file.loose {
            if dice.f64() < keep {
                let mut change = change.clone();
                if let Change::Write { bytes, .. } = &mut change
                    && dice.u8(..4) == 0
                {
                    bytes.truncate(dice.usize(0..=bytes.len()));
                }
                change.make(&mut content);
            }
        }
        Some(content)
    }
}

impl Change {
    fn make(self, content: &mut Vec<u8>) {
        match self {
            Self::Cut(size) => content.resize(size, 0),
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[at..end].copy_from_slice(&bytes);
            }
        }
    }
}

/// The path behind the first descriptor: `pwrite64(7</a/b>, …`. With `-xx` it is written in hex.
fn path(call: &str) -> Option<String> {
    let (_, after) = call.split_once('<')?;
    let (path, _) = after.split_once('>')?;
    match path.starts_with("\\x") {
        true => String::from_utf8(bytes(path)).ok(),
        false => Some(path.to_owned()),
    }
}

/// The quoted argument in bytes, and what comes after it.
fn quoted(call: &str) -> Option<(Vec<u8>, &str)> {
    let (_, after) = call.split_once('"')?;
    let (text, rest) = after.split_once('"')?;
    // A shortened argument would be a wrong disk.
    assert!(!rest.starts_with("..."), "the trace is cut");
    Some((bytes(text), rest))
}

fn bytes(text: &str) -> Vec<u8> {
    let pairs = text.split("\\x").skip(1);
    pairs
        .filter_map(|pair| u8::from_str_radix(pair.get(..2)?, 16).ok())
        .collect()
}

#[test]
fn only_what_was_synced_before_is_certain() {
    let trace = r#"
11 pwrite64(7</d/j>, "\x61\x62", 2, 0) = 2
11 fdatasync(7</d/j> <unfinished ...>
12 pwrite64(7</d/j>, "\x63", 1, 1) = 1
11 <... fdatasync resumed>) = 0
12 pwrite64(7</d/j>, "\x64", 1, 4) = 1
13 fdatasync(7</d/j>) = -1 EIO (Input/output error)
13 ftruncate(8</d/k>, 3) = 0
13 fsync(8</d/k>) = 0"#;
    let disk = Disk::read(trace, Vec::new());
    let mut dice = fastrand::Rng::with_seed(1);
    let path = Path::new("/d/j");
    assert_eq!((disk.syncs, disk.loose()), (2, 2));
    assert_eq!(disk.after_power_loss(path, &mut dice, 0.0).unwrap(), b"ab");
    assert_eq!(
        disk.after_power_loss(Path::new("/d/k"), &mut dice, 0.0).unwrap(),
        [0; 3]
    );
    let whole = (0..99).any(|_| disk.after_power_loss(path, &mut dice, 1.0).unwrap() == b"ac\0\0d");
    assert!(whole);
}
