//! Holds batches and their records against signatures, roots and hashes, and names the first that does not hold. Pure:
//! whoever verifies brings batches and records in order, from an archive or from a journal, and the public keys that are
//! trusted.

use super::batch::{Statement, is_signed};
use super::merkle::{self, Hash};
use super::{link, sha256};
use crate::journal::EvidenceLink;
use std::collections::BTreeMap;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The head of an archive is not one, or does not fit what follows.
    Head,
    /// The statement of a batch cannot be read.
    Statement,
    /// The batch is signed by nobody who is trusted.
    ForeignKey,
    /// The signature is not over this statement.
    Signature,
    /// A batch is missing, doubled or moved.
    Sequence,
    /// The batch does not continue the one before it.
    Broken,
    /// A record is missing here.
    Missing,
    /// A record stands out of order.
    Order,
    /// A record, or the hash beside it, was altered.
    Altered,
    /// The records of the batch are not those that were signed.
    Root,
    /// The archive ends here, too early.
    Cut,
    /// Something stands after the end.
    Trailing,
}

impl Flaw {
    /// Stable word for machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Head => "kepala",
            Self::Statement => "pernyataan",
            Self::ForeignKey => "kunci_asing",
            Self::Signature => "tanda_tangan",
            Self::Sequence => "urutan_ikatan",
            Self::Broken => "putus",
            Self::Missing => "hilang",
            Self::Order => "urutan",
            Self::Altered => "diubah",
            Self::Root => "akar",
            Self::Cut => "terpotong",
            Self::Trailing => "berlebih",
        }
    }

    /// A sentence in Indonesian and in English.
    pub fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Head => ("kepala arsip tidak sah", "the head of the archive is not valid"),
            Self::Statement => (
                "pernyataan ikatan tidak terbaca",
                "the statement of the batch cannot be read",
            ),
            Self::ForeignKey => (
                "ditandatangani kunci yang tidak dipercaya",
                "signed by a key that is not trusted",
            ),
            Self::Signature => ("tanda tangan tidak cocok", "the signature does not fit"),
            Self::Sequence => (
                "ikatan hilang, ganda atau berpindah",
                "a batch is missing, doubled or moved",
            ),
            Self::Broken => (
                "tidak menyambung dengan ikatan sebelumnya",
                "does not continue the batch before it",
            ),
            Self::Missing => ("catatan ini hilang", "this record is missing"),
            Self::Order => ("urutannya salah di sini", "out of order here"),
            Self::Altered => ("catatan ini diubah", "this record was altered"),
            Self::Root => (
                "catatan dalam ikatan ini bukan yang ditandatangani",
                "the records of this batch are not those that were signed",
            ),
            Self::Cut => ("arsip terpotong di sini", "the archive is cut off here"),
            Self::Trailing => (
                "ada isi setelah akhir arsip",
                "something follows the end of the archive",
            ),
        }
    }
}

/// The first thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub flaw: Flaw,
    /// Batch that it was found in.
    pub batch: i64,
    /// Chain and position of the first record that is not shown to be genuine, where that is known.
    pub record: Option<(String, i64)>,
}

/// What was verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Batches.
    pub batches: u64,
    /// Signed records.
    pub records: u64,
    /// Records behind the last batch, chained but signed by nobody yet.
    pub unsigned: u64,
    /// Number and hash of the last statement: note these; a later verification shows that nothing was taken back.
    pub last: (i64, Hash),
    /// Head of each chain.
    pub heads: BTreeMap<String, (i64, Hash)>,
}

/// The batch whose records are being read.
struct Open {
    statement: Statement,
    hash: Hash,
    part: usize,
    next: i64,
    link: Hash,
    leaves: Vec<Hash>,
}

/// See the module.
pub struct Verifier {
    keys: Vec<Hash>,
    begun: bool,
    open: Option<Open>,
    done: Summary,
    noted: Option<(i64, Hash)>,
}

impl Verifier {
    /// Trusting these public keys; `noted` is a number and hash of a statement seen earlier, to be passed through.
    pub fn new(keys: Vec<Hash>, noted: Option<(i64, Hash)>) -> Self {
        Self {
            keys,
            begun: false,
            open: None,
            done: Summary::default(),
            noted,
        }
    }

    /// Number of the batch that is open, or that comes next.
    pub fn batch_number(&self) -> i64 {
        match &self.open {
            Some(open) => open.statement.number,
            None => self.done.last.0 + 1,
        }
    }

    /// Position that a chain was verified up to.
    pub fn head(&self, chain: &str) -> i64 {
        self.done.heads.get(chain).map_or(0, |(seq, _)| *seq)
    }

    /// The record that is expected next, while the batch still misses some.
    pub fn expected(&self) -> Option<(String, i64)> {
        let open = self.open.as_ref()?;
        let part = open.statement.parts.get(open.part)?;
        Some((part.chain.clone(), open.next))
    }

    /// A finding at what is expected next.
    pub fn finding(&self, flaw: Flaw) -> Finding {
        Finding {
            flaw,
            batch: self.batch_number(),
            record: self.expected(),
        }
    }

    /// Takes the next batch; the one before it must be complete.
    ///
    /// # Errors
    /// The first thing that does not hold. Do not go on after one.
    pub fn batch(&mut self, bytes: &[u8], signature: &[u8]) -> Result<usize, Finding> {
        self.complete()?;
        let statement = Statement::parse(bytes).ok_or_else(|| self.finding(Flaw::Statement))?;
        let found = |flaw| Finding {
            flaw,
            batch: if self.begun {
                self.done.last.0 + 1
            } else {
                statement.number
            },
            record: first(&statement),
        };
        if !self.keys.contains(&statement.key) {
            return Err(found(Flaw::ForeignKey));
        }
        if !is_signed(&statement.key, bytes, signature) {
            return Err(found(Flaw::Signature));
        }
        if self.begun && statement.number != self.done.last.0 + 1 {
            return Err(found(Flaw::Sequence));
        }
        let origin = statement.number == 1;
        if (self.begun && statement.previous != self.done.last.1) || (origin && statement.previous != [0; 32]) {
            return Err(found(Flaw::Broken));
        }
        for part in &statement.parts {
            let goes_on = match self.done.heads.get(&part.chain) {
                Some((seq, head)) => part.first == seq + 1 && part.before == *head,
                None if self.begun || origin => part.first == 1 && part.before == [0; 32],
                None => true,
            };
            if !goes_on || part.last < part.first - 1 {
                return Err(Finding {
                    flaw: Flaw::Broken,
                    batch: statement.number,
                    record: Some((part.chain.clone(), part.first)),
                });
            }
        }
        let gone = |chain: &String| statement.part(chain).is_none();
        if self.begun && self.done.heads.keys().any(gone) {
            return Err(found(Flaw::Broken));
        }
        let hash = sha256(bytes);
        if self
            .noted
            .is_some_and(|(number, noted)| number == statement.number && noted != hash)
        {
            return Err(found(Flaw::Broken));
        }
        let count = statement.count();
        self.begun = true;
        self.open = Some(Open {
            hash,
            part: 0,
            next: 0,
            link: [0; 32],
            leaves: Vec::with_capacity(count.min(1 << 16)),
            statement,
        });
        self.turn(true)?;
        if count == 0 {
            self.close()?;
        }
        Ok(count)
    }

    /// Takes the next record of the open batch.
    ///
    /// # Errors
    /// The first thing that does not hold. Do not go on after one.
    pub fn record(&mut self, seq: i64, hash: &Hash, record: &[u8]) -> Result<(), Finding> {
        let expected = self.expected();
        let Some(open) = self.open.as_mut() else {
            return Err(self.finding(Flaw::Trailing));
        };
        let found = |flaw| Finding {
            flaw,
            batch: open.statement.number,
            record: expected.clone(),
        };
        if seq > open.next {
            return Err(found(Flaw::Missing));
        }
        if seq < open.next {
            return Err(found(Flaw::Order));
        }
        if link(&open.link, record) != *hash {
            return Err(found(Flaw::Altered));
        }
        open.link = *hash;
        open.leaves.push(merkle::leaf(hash));
        open.next += 1;
        self.turn(false)?;
        self.close()
    }

    /// Goes to the part that the next record belongs to.
    fn turn(&mut self, mut begin: bool) -> Result<(), Finding> {
        let Some(open) = self.open.as_mut() else { return Ok(()) };
        while let Some(part) = open.statement.parts.get(open.part) {
            if begin {
                (open.next, open.link) = (part.first, part.before);
            }
            if open.next <= part.last {
                return Ok(());
            }
            if open.link != part.head {
                return Err(Finding {
                    flaw: Flaw::Root,
                    batch: open.statement.number,
                    record: Some((part.chain.clone(), part.first)),
                });
            }
            open.part += 1;
            begin = true;
        }
        Ok(())
    }

    /// Closes the open batch when it has all its records.
    fn close(&mut self) -> Result<(), Finding> {
        let Some(open) = self.open.take_if(|open| open.part == open.statement.parts.len()) else {
            return Ok(());
        };
        if merkle::root(&open.leaves) != open.statement.root {
            return Err(Finding {
                flaw: Flaw::Root,
                batch: open.statement.number,
                record: first(&open.statement),
            });
        }
        self.done.batches += 1;
        self.done.records += open.leaves.len() as u64;
        self.done.last = (open.statement.number, open.hash);
        for part in open.statement.parts {
            self.done.heads.insert(part.chain, (part.last, part.head));
        }
        Ok(())
    }

    /// Takes a record behind the last batch: chained already, signed by nobody yet. All batches must have been taken.
    ///
    /// # Errors
    /// When it does not continue its chain.
    pub fn unsigned(&mut self, chain: &str, next: &EvidenceLink) -> Result<(), Finding> {
        let batch = self.batch_number();
        let (seq, head) = self.done.heads.entry(chain.to_owned()).or_default();
        let flaw = match next.seq.cmp(&(*seq + 1)) {
            std::cmp::Ordering::Greater => Some(Flaw::Missing),
            std::cmp::Ordering::Less => Some(Flaw::Order),
            std::cmp::Ordering::Equal if link(head, &next.record) != next.hash => Some(Flaw::Altered),
            std::cmp::Ordering::Equal => None,
        };
        if let Some(flaw) = flaw {
            return Err(Finding {
                flaw,
                batch,
                record: Some((chain.to_owned(), *seq + 1)),
            });
        }
        (*seq, *head) = (next.seq, next.hash);
        self.done.unsigned += 1;
        Ok(())
    }

    fn complete(&self) -> Result<(), Finding> {
        match self.open {
            Some(_) => Err(self.finding(Flaw::Missing)),
            None => Ok(()),
        }
    }

    /// Ends, and says what was verified.
    ///
    /// # Errors
    /// When records of the last batch are missing, or what was noted was not passed.
    pub fn end(self) -> Result<Summary, Finding> {
        if self.open.is_some() {
            return Err(self.finding(Flaw::Cut));
        }
        if let Some((number, _)) = self.noted.filter(|(number, _)| *number > self.done.last.0) {
            let batch = number.min(self.done.last.0 + 1);
            return Err(Finding {
                flaw: Flaw::Cut,
                batch,
                record: None,
            });
        }
        Ok(self.done)
    }
}

fn first(statement: &Statement) -> Option<(String, i64)> {
    let part = statement.parts.iter().find(|part| part.count() > 0)?;
    Some((part.chain.clone(), part.first))
}
