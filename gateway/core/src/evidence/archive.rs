//! Archives: batches with their records in one file. The same batches give the same bytes. Every byte counts: what is not
//! exactly as it would be written is refused, so that no bit of a file can change unnoticed. Format: docs/evidence.md.

use super::batch::{Batch, Statement, digest};
use super::check::{Finding, Flaw, Verifier};
use crate::journal::EvidenceLink;
use std::io::{self, BufRead, Read, Write};

/// First word of an archive.
const HEAD: &str = "simpul-arsip/1";
/// Longest line; a record is far shorter.
const LINE: u64 = 1 << 20;

/// Writes the head. `batches` are the numbers of the first and the last one.
///
/// # Errors
/// Of the writer.
pub fn begin(to: &mut impl Write, batches: (i64, i64)) -> io::Result<()> {
    writeln!(to, "{HEAD} {} {}", batches.0, batches.1)
}

/// Writes a batch; its records follow.
///
/// # Errors
/// Of the writer.
pub fn batch(to: &mut impl Write, batch: &Batch) -> io::Result<()> {
    writeln!(to, "ikatan {}", hex::encode(batch.signature))?;
    to.write_all(&batch.statement)
}

/// Writes a record.
///
/// # Errors
/// Of the writer.
pub fn record(to: &mut impl Write, link: &EvidenceLink) -> io::Result<()> {
    write!(to, "c {} {} ", link.seq, hex::encode(link.hash))?;
    if is_plain(&link.record) {
        to.write_all(&link.record)?;
    } else {
        write!(to, "hex:{}", hex::encode(&link.record))?;
    }
    to.write_all(b"\n")
}

/// Whether a record stands in a line as it is.
fn is_plain(record: &[u8]) -> bool {
    !record.contains(&b'\n') && !record.starts_with(b"hex:")
}

/// Why reading ended early.
#[derive(Debug)]
pub enum Ended {
    /// Something does not hold.
    Finding(Finding),
    /// The file cannot be read.
    Unreadable(io::Error),
}

impl From<Finding> for Ended {
    fn from(finding: Finding) -> Self {
        Self::Finding(finding)
    }
}

/// Verifies one archive; several are verified one after the other with the same verifier. `told` hears how many records
/// were read, and may be ignored.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify(from: impl BufRead, verifier: &mut Verifier, told: &mut dyn FnMut(u64)) -> Result<(), Ended> {
    let mut lines = Lines { from, line: Vec::new() };
    let (first, last) = head(lines.next(verifier)?).ok_or_else(|| verifier.finding(Flaw::Head))?;
    for number in first..=last {
        let line = lines.next(verifier)?;
        let Some(signature) = line.and_then(signature) else {
            let flaw = if line.is_none() { Flaw::Cut } else { Flaw::Statement };
            return Err(Finding {
                flaw,
                batch: number,
                record: None,
            }
            .into());
        };
        let statement = lines.statement(verifier)?;
        let mut left = verifier.batch(&statement, &signature).map_err(|finding| Finding {
            batch: number,
            ..finding
        })?;
        if Statement::parse(&statement).map(|statement| statement.number) != Some(number) {
            // The statement is genuine: what the head says is not.
            return Err(Finding {
                flaw: Flaw::Head,
                batch: number,
                record: None,
            }
            .into());
        }
        while left > 0 {
            let Some(line) = lines.next(verifier)? else {
                return Err(verifier.finding(Flaw::Cut).into());
            };
            if line.starts_with(b"ikatan ") {
                return Err(verifier.finding(Flaw::Missing).into());
            }
            let (seq, hash, record) = parsed(line).ok_or_else(|| verifier.finding(Flaw::Altered))?;
            verifier.record(seq, &hash, &record)?;
            left -= 1;
            told(1);
        }
    }
    match lines.next(verifier)? {
        None => Ok(()),
        Some(_) => Err(verifier.finding(Flaw::Trailing).into()),
    }
}

fn head(line: Option<&[u8]>) -> Option<(i64, i64)> {
    let text = std::str::from_utf8(line?).ok()?;
    let mut words = text.strip_prefix(HEAD)?.strip_prefix(' ')?.split(' ');
    let numbers: (i64, i64) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let again = format!("{HEAD} {} {}", numbers.0, numbers.1);
    (text == again && numbers.0 > 0 && numbers.1 >= numbers.0).then_some(numbers)
}

fn signature(line: &[u8]) -> Option<[u8; 64]> {
    let text = std::str::from_utf8(line).ok()?.strip_prefix("ikatan ")?;
    let mut signature = [0; 64];
    hex::decode_to_slice(text, &mut signature).ok()?;
    (hex::encode(signature) == text).then_some(signature)
}

fn parsed(line: &[u8]) -> Option<(i64, [u8; 32], Vec<u8>)> {
    let mut words = line.strip_prefix(b"c ")?.splitn(3, |byte| *byte == b' ');
    let mut text = || std::str::from_utf8(words.next()?).ok();
    let (number, hash) = (text()?, digest(text()?)?);
    let seq: i64 = number.parse().ok()?;
    let rest = words.next()?;
    let record = match rest.strip_prefix(b"hex:") {
        None => rest.to_vec(),
        Some(digits) => {
            let record = hex::decode(digits).ok()?;
            let same = hex::encode(&record).as_bytes() == digits && !is_plain(&record);
            same.then_some(record)?
        }
    };
    (seq.to_string() == number).then_some((seq, hash, record))
}

/// Lines that end with a line feed, each of them.
struct Lines<R> {
    from: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The next line without its end; `None` at the end of the file.
    fn next(&mut self, verifier: &Verifier) -> Result<Option<&[u8]>, Ended> {
        self.line.clear();
        let mut bounded = self.from.by_ref().take(LINE);
        let read = bounded.read_until(b'\n', &mut self.line).map_err(Ended::Unreadable)?;
        if read == 0 {
            return Ok(None);
        }
        match self.line.split_last() {
            Some((b'\n', line)) => Ok(Some(line)),
            _ => Err(verifier.finding(Flaw::Cut).into()),
        }
    }

    /// The lines of a statement: five fields and the chains, up to what begins otherwise.
    fn statement(&mut self, verifier: &Verifier) -> Result<Vec<u8>, Ended> {
        let mut statement = Vec::new();
        for _ in 0..6 {
            let line = self.next(verifier)?.ok_or_else(|| verifier.finding(Flaw::Cut))?;
            statement.extend_from_slice(line);
            statement.push(b'\n');
        }
        while self.from.fill_buf().map_err(Ended::Unreadable)?.first() == Some(&b'r') {
            let line = self.next(verifier)?.unwrap_or_default();
            statement.extend_from_slice(line);
            statement.push(b'\n');
        }
        Ok(statement)
    }
}
