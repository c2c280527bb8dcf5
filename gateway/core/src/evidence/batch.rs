//! A batch: a range of every chain, under one Merkle root, in a statement that is signed and that names the statement
//! before it. The statement is text, so that it can be read, and its very bytes are what is signed; see docs/evidence.md.

use super::merkle::Hash;
use super::sha256;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use bytes::Bytes;
use jiff::Timestamp;
use std::fmt::{self, Write};

/// First line of a statement.
const HEAD: &str = "simpul-bukti/1";

/// A batch as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Number, from 1, without gaps, over all chains.
    pub number: i64,
    /// The signed bytes.
    pub statement: Bytes,
    /// Ed25519 over them.
    pub signature: [u8; 64],
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Number of the batch.
    pub number: i64,
    /// When it was signed.
    pub at: Timestamp,
    /// SHA-256 of the statement before; zeros before the first.
    pub previous: Hash,
    /// Merkle root over the links of all parts, in their order.
    pub root: Hash,
    /// Public key of the signer.
    pub key: Hash,
    /// All chains known by then, by name.
    pub parts: Vec<Part>,
}

/// A range of one chain; without records, `last` is before `first`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Chain.
    pub chain: String,
    /// First record.
    pub first: i64,
    /// Last record.
    pub last: i64,
    /// Hash of the link before the first.
    pub before: Hash,
    /// Hash of the last link.
    pub head: Hash,
}

impl Part {
    /// How many records.
    pub fn count(&self) -> usize {
        usize::try_from(self.last - self.first + 1).unwrap_or_default()
    }
}

impl Statement {
    /// The bytes to sign.
    pub fn to_bytes(&self) -> Bytes {
        let mut text = format!(
            "{HEAD}\nnomor {}\nwaktu {}\nsebelum {}\nakar {}\nkunci {}\n",
            self.number,
            self.at,
            hex::encode(self.previous),
            hex::encode(self.root),
            hex::encode(self.key)
        );
        for part in &self.parts {
            let (before, head) = (hex::encode(part.before), hex::encode(part.head));
            let _ = writeln!(
                text,
                "rantai {} {} {before} {head} {}",
                part.first, part.last, part.chain
            );
        }
        text.into()
    }

    /// Reads a statement; anything but exactly what [`Statement::to_bytes`] writes is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.lines();
        if lines.next()? != HEAD {
            return None;
        }
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let statement = Self {
            number: field("nomor")?.parse().ok()?,
            at: field("waktu")?.parse().ok()?,
            previous: digest(field("sebelum")?)?,
            root: digest(field("akar")?)?,
            key: digest(field("kunci")?)?,
            parts: lines.map(part).collect::<Option<_>>()?,
        };
        (statement.to_bytes() == bytes).then_some(statement)
    }

    /// How many records all parts have.
    pub fn count(&self) -> usize {
        self.parts.iter().map(Part::count).sum()
    }

    /// The part of a chain.
    pub fn part(&self, chain: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.chain == chain)
    }
}

fn part(line: &str) -> Option<Part> {
    let mut words = line.strip_prefix("rantai ")?.splitn(5, ' ');
    Some(Part {
        first: words.next()?.parse().ok()?,
        last: words.next()?.parse().ok()?,
        before: digest(words.next()?)?,
        head: digest(words.next()?)?,
        chain: words.next()?.to_owned(),
    })
}

/// 64 lower-case hex digits.
pub(crate) fn digest(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok()?;
    (hex::encode(hash) == text).then_some(hash)
}

impl Batch {
    /// What it says.
    pub fn read(&self) -> Option<Statement> {
        Statement::parse(&self.statement).filter(|statement| statement.number == self.number)
    }

    /// Hash by which the next one names it.
    pub fn hash(&self) -> Hash {
        sha256(&self.statement)
    }
}

/// Signs statements. `Debug` shows the public half.
pub struct SigningKey {
    pair: Ed25519KeyPair,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", hex::encode(self.public()))
    }
}

impl SigningKey {
    /// From the 32 secret bytes. `None` when the library refuses them.
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        Some(Self { pair })
    }

    /// The public key.
    pub fn public(&self) -> Hash {
        let mut key = [0; 32];
        key.copy_from_slice(self.pair.public_key().as_ref());
        key
    }

    /// Signs a statement.
    pub fn sign(&self, statement: &Statement) -> Batch {
        let bytes = statement.to_bytes();
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(&bytes).as_ref());
        Batch {
            number: statement.number,
            statement: bytes,
            signature,
        }
    }
}

/// Whether the signature is that key's over these bytes.
pub fn is_signed(key: &Hash, bytes: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key).verify(bytes, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        let part = |chain: &str, first, last| Part {
            chain: chain.into(),
            first,
            last,
            before: [1; 32],
            head: [2; 32],
        };
        Statement {
            number: 7,
            at: "2026-03-04T05:06:07Z".parse().unwrap(),
            previous: [3; 32],
            root: [4; 32],
            key: [5; 32],
            parts: vec![part("main", 1, 9), part("simpul dua", 4, 3)],
        }
    }

    #[test]
    fn a_statement_reads_back_and_only_as_it_was_written() {
        let written = statement().to_bytes();
        assert_eq!(Statement::parse(&written), Some(statement()));
        assert_eq!(statement().count(), 9);
        let text = String::from_utf8(written.to_vec()).unwrap();
        for (from, to) in [
            ("nomor 7", "nomor 07"),
            ("nomor 7", "nomor +7"),
            ("akar 04", "akar 0x"),
            ("\n", "\r\n"),
        ] {
            assert_eq!(Statement::parse(text.replacen(from, to, 1).as_bytes()), None, "{to}");
        }
        assert_eq!(Statement::parse(text.trim_end().as_bytes()), None);
        assert_eq!(Statement::parse(text.replace("akar 04", "akar 0A").as_bytes()), None);
    }

    #[test]
    fn a_signature_holds_for_its_key_and_bytes_alone() {
        let key = SigningKey::from_seed(&[9; 32]).unwrap();
        let batch = key.sign(&statement());
        assert!(is_signed(&key.public(), &batch.statement, &batch.signature));
        assert!(!is_signed(&key.public(), b"lain", &batch.signature));
        let other = SigningKey::from_seed(&[8; 32]).unwrap();
        assert!(!is_signed(&other.public(), &batch.statement, &batch.signature));
        assert!(!format!("{key:?}").contains("0909"));
    }
}
