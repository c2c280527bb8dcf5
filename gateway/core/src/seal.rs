//! Bodies at rest: AES-256-GCM with a data key per exchange; data keys are wrapped by the master key, which never
//! reaches the journal. Erasing a wrapped key erases every body sealed with it, in backups too.
//!
//! Sealed bytes: version (1 byte) · nonce (12) · ciphertext and tag. The exchange id is authenticated with them, so a
//! body cannot be moved to another exchange.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use bytes::Bytes;
use std::fmt;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE: usize = 12;
/// Bytes of a master or data key.
pub const KEY_BYTES: usize = 32;

/// What could not be opened. Says nothing about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The bytes are cut, altered, of another exchange, or sealed under another key.
    #[error("sealed bytes do not open under this key")]
    Broken,
    /// The key was erased.
    #[error("the key was erased")]
    Erased,
    /// The random source or the cipher failed.
    #[error("sealing failed")]
    Failed,
}

/// Holds the master key.
pub struct Sealer {
    master: RandomizedNonceKey,
    names: hmac::Key,
}

/// The key of one exchange. `Debug` shows nothing.
pub struct DataKey {
    key: RandomizedNonceKey,
    wrapped: Bytes,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// From the master key.
    ///
    /// # Errors
    /// When the cipher refuses the key.
    pub fn new(master: &[u8; KEY_BYTES]) -> Result<Self, SealError> {
        Ok(Self {
            master: RandomizedNonceKey::new(&AES_256_GCM, master).map_err(|_| SealError::Failed)?,
            // Its own key, so that nothing computed with it helps against the cipher.
            names: hmac::Key::new(
                hmac::HMAC_SHA256,
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, master), b"names").as_ref(),
            ),
        })
    }

    /// A name under which something about `text` is found again, and which tells nobody without the master key what
    /// it is about.
    pub fn keyed(&self, text: &str) -> [u8; 32] {
        let mut name = [0; 32];
        name.copy_from_slice(&hmac::sign(&self.names, text.as_bytes()).as_ref()[..32]);
        name
    }

    /// A fresh data key, wrapped for the journal.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn fresh(&self) -> Result<DataKey, SealError> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        aws_lc_rs::rand::fill(key.as_mut()).map_err(|_| SealError::Failed)?;
        let wrapped = seal(&self.master, key.as_ref(), b"data-key")?;
        Ok(DataKey {
            key: RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).map_err(|_| SealError::Failed)?,
            wrapped,
        })
    }

    /// The data key of a stored exchange.
    ///
    /// # Errors
    /// [`SealError::Erased`] when it is gone, [`SealError::Broken`] when it is not ours.
    pub fn unwrap(&self, wrapped: Option<&Bytes>) -> Result<DataKey, SealError> {
        let wrapped = wrapped.ok_or(SealError::Erased)?;
        let key = Zeroizing::new(open(&self.master, wrapped, b"data-key")?);
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| SealError::Broken)?;
        Ok(DataKey {
            key,
            wrapped: wrapped.clone(),
        })
    }

    /// Seals small documents (subscription secrets, event data) under the master key itself; `context` is
    /// authenticated.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal(&self, plain: &[u8], context: &str) -> Result<Bytes, SealError> {
        seal(&self.master, plain, context.as_bytes())
    }

    /// Opens what [`Sealer::seal`] made under the same context.
    ///
    /// # Errors
    /// [`SealError::Broken`].
    pub fn open(&self, sealed: &[u8], context: &str) -> Result<Bytes, SealError> {
        open(&self.master, sealed, context.as_bytes()).map(Bytes::from)
    }
}

impl DataKey {
    /// The wrapped form, for the journal.
    pub fn wrapped(&self) -> Bytes {
        self.wrapped.clone()
    }

    /// Seals a body of the exchange `id`.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal(&self, plain: &[u8], id: crate::ids::ExchangeId) -> Result<Bytes, SealError> {
        seal(&self.key, plain, id.0.as_bytes())
    }

    /// Opens a body of the exchange `id`.
    ///
    /// # Errors
    /// [`SealError::Broken`].
    pub fn open(&self, sealed: &[u8], id: crate::ids::ExchangeId) -> Result<Bytes, SealError> {
        open(&self.key, sealed, id.0.as_bytes()).map(Bytes::from)
    }

    /// Seals one piece of the file `id`.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal_piece(
        &self,
        plain: &[u8],
        id: crate::ids::ExchangeId,
        number: u32,
        last: bool,
    ) -> Result<Bytes, SealError> {
        seal(&self.key, plain, &place(id, number, last))
    }

    /// Opens that piece.
    ///
    /// # Errors
    /// [`SealError::Broken`].
    pub fn open_piece(
        &self,
        sealed: &[u8],
        id: crate::ids::ExchangeId,
        number: u32,
        last: bool,
    ) -> Result<Bytes, SealError> {
        open(&self.key, sealed, &place(id, number, last)).map(Bytes::from)
    }
}

/// A piece opens only in its place, and only the last as the last: pieces can be neither moved, dropped nor cut off.
fn place(id: crate::ids::ExchangeId, number: u32, last: bool) -> [u8; 27] {
    let mut place = [0; 27];
    place[..6].copy_from_slice(b"bagian");
    place[6..22].copy_from_slice(id.0.as_bytes());
    place[22..26].copy_from_slice(&number.to_be_bytes());
    place[26] = u8::from(last);
    place
}

fn seal(key: &RandomizedNonceKey, plain: &[u8], context: &[u8]) -> Result<Bytes, SealError> {
    let mut text = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(context), &mut text)
        .map_err(|_| SealError::Failed)?;
    let mut out = Vec::with_capacity(1 + NONCE + text.len());
    out.push(VERSION);
    out.extend_from_slice(nonce.as_ref());
    out.append(&mut text);
    Ok(out.into())
}

fn open(key: &RandomizedNonceKey, sealed: &[u8], context: &[u8]) -> Result<Vec<u8>, SealError> {
    let (&VERSION, rest) = sealed.split_first().ok_or(SealError::Broken)? else {
        return Err(SealError::Broken);
    };
    let (nonce, text) = rest.split_at_checked(NONCE).ok_or(SealError::Broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
    let mut text = text.to_vec();
    let plain = key
        .open_in_place(nonce, Aad::from(context), &mut text)
        .map_err(|_| SealError::Broken)?
        .len();
    text.truncate(plain);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ExchangeId;

    #[test]
    fn a_piece_opens_only_in_its_place() {
        let sealer = Sealer::new(&[7; KEY_BYTES]).expect("sealer");
        let (one, two) = (
            ExchangeId(uuid::Uuid::from_u128(1)),
            ExchangeId(uuid::Uuid::from_u128(2)),
        );
        let key = sealer.fresh().expect("key");
        let sealed = key.seal_piece(b"isi", one, 3, false).expect("sealed");
        assert_eq!(key.open_piece(&sealed, one, 3, false).expect("opens").as_ref(), b"isi");
        for (id, number, last) in [(two, 3, false), (one, 2, false), (one, 3, true)] {
            assert_eq!(key.open_piece(&sealed, id, number, last), Err(SealError::Broken));
        }
        assert_eq!(key.open(&sealed, one), Err(SealError::Broken));
    }

    #[test]
    fn a_body_opens_only_whole_with_its_key_and_for_its_exchange() {
        let sealer = Sealer::new(&[7; KEY_BYTES]).expect("sealer");
        let (one, two) = (
            ExchangeId(uuid::Uuid::from_u128(1)),
            ExchangeId(uuid::Uuid::from_u128(2)),
        );
        let key = sealer.fresh().expect("key");
        let sealed = key.seal(b"isi rahasia", one).expect("sealed");
        let again = sealer.unwrap(Some(&key.wrapped())).expect("unwrapped");
        assert_eq!(again.open(&sealed, one).expect("opens").as_ref(), b"isi rahasia");
        assert_eq!(again.open(&sealed, two), Err(SealError::Broken));
        assert_eq!(sealer.fresh().expect("key").open(&sealed, one), Err(SealError::Broken));
        for at in 0..sealed.len() {
            let mut flipped = sealed.to_vec();
            flipped[at] ^= 1;
            assert_eq!(again.open(&flipped, one), Err(SealError::Broken), "byte {at}");
        }
        assert_eq!(sealer.unwrap(None).expect_err("gone"), SealError::Erased);
    }
}
