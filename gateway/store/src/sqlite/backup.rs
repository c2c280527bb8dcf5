//! Copies a journal file as it stands at one moment, beside a running gateway: writers go on meanwhile. Also the way back. A
//! copy is whole or it is not there. Called by the command line.

use super::schema::{APPLICATION, VERSION};
use super::trouble::told;
use super::{connect, source};
use gateway_core::journal::JournalError;
use rusqlite::{Connection, OpenFlags};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Exchanges.
    pub exchanges: i64,
    /// Evidence records.
    pub records: i64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Copies the journal at `from` to a new file.
///
/// # Errors
/// When `from` is no sound journal of this build or older, or `to` exists or cannot be written.
pub fn backup(from: &Path, to: &Path) -> Result<Copied, JournalError> {
    let source = open(from)?;
    if to.exists() {
        return Err(JournalError::Broken(format!("{} exists", to.display())));
    }
    let unfinished = beside(to, ".sebagian");
    // Made by us first, so that nobody else may read it.
    let made = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished);
    let broken = |error: std::io::Error| JournalError::Broken(format!("{}: {error}", unfinished.display()));
    let file = made.map_err(broken)?;
    let name = unfinished.to_string_lossy().into_owned();
    let copied = source
        .execute("VACUUM INTO ?1", [&name])
        .map_err(|error| told(&error))
        .and_then(|_| sound(&unfinished));
    let copied = copied.and_then(|copied| {
        file.sync_all().map_err(broken)?;
        // Fails when somebody made the file meanwhile; never replaces it.
        std::fs::hard_link(&unfinished, to).map_err(broken)?;
        connect::sync_folder(to).map_err(JournalError::Broken)?;
        Ok(copied)
    });
    let _ = std::fs::remove_file(&unfinished);
    copied
}

/// Puts a backup in the place of a journal that is not there.
///
/// # Errors
/// As [`backup`]; also when a gateway holds the place.
pub fn restore(from: &Path, to: &Path) -> Result<Copied, JournalError> {
    let _held = connect::lock(to).map_err(JournalError::Broken)?;
    for rest in ["-wal", "-shm"] {
        let rest = beside(to, rest);
        if rest.exists() {
            let why = format!("{} exists; move it away with its journal", rest.display());
            return Err(JournalError::Broken(why));
        }
    }
    backup(from, to)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A journal that may be copied.
fn open(path: &Path) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| told(&error))?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = pragma("application_id").map_err(|error| told(&error))?;
    let version = pragma("user_version").map_err(|error| told(&error))?;
    if application != i64::from(APPLICATION) || usize::try_from(version).map_or(true, |version| version > VERSION) {
        let why = format!("{} is not a journal that this build knows", path.display());
        return Err(JournalError::Broken(why));
    }
    if source::is_moved(&connection).map_err(|error| told(&error))? {
        return Err(JournalError::Broken("this journal was moved to a database".into()));
    }
    Ok(connection)
}

/// The copy, looked through.
fn sound(path: &Path) -> Result<Copied, JournalError> {
    let connection = open(path)?;
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| told(&error))?;
    if found != "ok" {
        return Err(JournalError::Broken(format!("the copy is damaged: {found}")));
    }
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        connection
            .query_row(&sql, [], |row| row.get(0))
            .map_err(|error| told(&error))
    };
    Ok(Copied {
        exchanges: count("exchanges")?,
        records: count("evidence")?,
        bytes: std::fs::metadata(path).map_or(0, |file| file.len()),
    })
}
