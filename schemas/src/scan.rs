//! Where a JSON string stops being plain: the first quote, backslash or control character, found eight bytes at a time.
//! The gate reads with it and the canonical writer asks it whether anything must be escaped. It knows nothing else of JSON.

const WORD: usize = 8;
const LOW: u64 = u64::MAX / 255;
const HIGH: u64 = LOW << 7;

/// A mark in the highest bit of bytes that are special. The lowest mark is exact, those above it may be echoes of a borrow.
fn marks(word: [u8; WORD]) -> u64 {
    let word = u64::from_le_bytes(word);
    let zero = |bytes: u64| bytes.wrapping_sub(LOW) & !bytes;
    let control = word.wrapping_sub(LOW * 0x20) & !word;
    (control | zero(word ^ (LOW * u64::from(b'"'))) | zero(word ^ (LOW * u64::from(b'\\')))) & HIGH
}

fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// How many bytes stand before the first special one; `None` when none comes.
pub(crate) fn plain(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<WORD>();
    for (at, word) in words.iter().enumerate() {
        let marks = marks(*word);
        if marks != 0 {
            return Some(at * WORD + (marks.trailing_zeros() / 8) as usize);
        }
    }
    let at = rest.iter().position(|byte| is_special(*byte))?;
    Some(words.len() * WORD + at)
}

/// Whether nothing in it is special.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let (words, _) = bytes.as_chunks::<WORD>();
    if let Some(end) = bytes.last_chunk::<WORD>() {
        // The end as a whole word again, since that is cheaper than its bytes one by one.
        return words.iter().fold(marks(*end), |found, word| found | marks(*word)) == 0;
    }
    // Two halves of a word that may overlap.
    if let (Some([a, b, c, d]), Some([e, f, g, h])) = (bytes.first_chunk(), bytes.last_chunk()) {
        return marks([*a, *b, *c, *d, *e, *f, *g, *h]) == 0;
    }
    !bytes.iter().any(|byte| is_special(*byte))
}

#[cfg(test)]
mod tests {
    use super::{is_plain, is_special, plain};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_see_what_single_bytes_see(bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0x1e_u8..0x24, Just(b'\\'), Just(b'a')], 0..40)) {
            let first = bytes.iter().position(|byte| is_special(*byte));
            prop_assert_eq!(plain(&bytes), first);
            prop_assert_eq!(is_plain(&bytes), first.is_none());
        }
    }

    #[test]
    fn every_byte_is_judged_in_every_place() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                let mut bytes = [b'a'; 20];
                bytes[at] = byte;
                assert_eq!(plain(&bytes), is_special(byte).then_some(at), "byte {byte:#x} at {at}");
                assert_eq!(is_plain(&bytes), !is_special(byte), "byte {byte:#x} at {at}");
            }
        }
    }
}
