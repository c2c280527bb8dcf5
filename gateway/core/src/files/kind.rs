//! What a file is, by its content, judged while it passes; and the name it is kept under.

/// Longest kept name, ending included.
const LONGEST_NAME: usize = 150;
/// Bytes from which a kind can be told impossible.
const HEAD: usize = 8;
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A known kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) media_type: &'static str,
    pub(super) ending: &'static str,
}

/// What the first bytes promise.
#[derive(Clone, Copy)]
enum Promise {
    Sure(Kind),
    /// All of these must come somewhere.
    If(Kind, &'static [&'static [u8]]),
}

/// Looks at a file as its pieces pass.
#[derive(Default)]
pub(super) struct Sniffer {
    head: Vec<u8>,
    /// The end of what passed, as long as the longest mark.
    tail: Vec<u8>,
    /// Which marks of the promise were seen.
    seen: [bool; 2],
}

impl Sniffer {
    /// The next piece.
    pub(super) fn look(&mut self, piece: &[u8]) {
        let wanted = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..wanted]);
        let Some(Promise::If(_, marks)) = promise(&self.head) else {
            // Until the head is whole, what passed is kept for the marks.
            if self.head.len() < HEAD {
                self.tail.extend_from_slice(piece);
            }
            return;
        };
        self.tail.extend_from_slice(piece);
        for (seen, mark) in self.seen.iter_mut().zip(marks) {
            *seen |= self.tail.windows(mark.len()).any(|window| window == *mark);
        }
        let longest = marks.iter().map(|mark| mark.len()).max().unwrap_or(1);
        let old = self.tail.len().saturating_sub(longest - 1);
        self.tail.drain(..old);
    }

    /// Whether nothing that follows can make it a known kind.
    pub(super) fn is_hopeless(&self) -> bool {
        self.head.len() >= HEAD && promise(&self.head).is_none()
    }

    /// What it is, once all has passed.
    pub(super) fn kind(&self) -> Option<Kind> {
        match promise(&self.head)? {
            Promise::Sure(kind) => Some(kind),
            Promise::If(kind, marks) => self.seen[..marks.len()].iter().all(|seen| *seen).then_some(kind),
        }
    }
}

fn promise(head: &[u8]) -> Option<Promise> {
    let kind = |media_type, ending| Kind { media_type, ending };
    Some(match head {
        [0xff, 0xd8, 0xff, ..] => Promise::Sure(kind("image/jpeg", "jpg")),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Promise::Sure(kind("image/png", "png")),
        [b'%', b'P', b'D', b'F', b'-', ..] => Promise::Sure(kind("application/pdf", "pdf")),
        // The old office form holds many kinds; a text document names its stream, in UTF-16.
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Promise::If(
            kind("application/msword", "doc"),
            &[b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"],
        ),
        [b'P', b'K', 3, 4, ..] => Promise::If(kind(DOCX, "docx"), &[b"[Content_Types].xml", b"word/document.xml"]),
        _ => return None,
    })
}

/// The last part of a path without what could hurt, ending by content.
pub(super) fn clean_name(name: &str, ending: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = match last.rsplit_once('.') {
        Some((stem, old)) if old.len() <= 5 => stem,
        _ => last,
    };
    let plain = |c: char| {
        if c.is_control() || "\"<>:|?*;\u{202e}\u{202d}\u{200f}\u{200e}".contains(c) {
            '_'
        } else {
            c
        }
    };
    let stem: String = stem
        .trim_matches([' ', '.'])
        .chars()
        .map(plain)
        .take(LONGEST_NAME - 6)
        .collect();
    let stem = if stem.is_empty() { "berkas" } else { &stem };
    format!("{stem}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_pieces(content: &[u8], size: usize) -> Option<&'static str> {
        let mut sniffer = Sniffer::default();
        content.chunks(size).for_each(|piece| sniffer.look(piece));
        assert!(!sniffer.is_hopeless() || sniffer.kind().is_none());
        sniffer.kind().map(|kind| kind.media_type)
    }

    #[test]
    fn the_content_says_the_kind_however_it_is_cut() {
        for size in 1..40 {
            let media = |content: &[u8]| in_pieces(content, size);
            assert_eq!(media(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
            assert_eq!(media(b"%PDF-1.7"), Some("application/pdf"));
            assert_eq!(
                media(b"PK\x03\x04...[Content_Types].xml...word/document.xml"),
                Some(DOCX)
            );
            assert_eq!(
                media(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0.."),
                Some("application/msword")
            );
            for other in [
                &b"PK\x03\x04 arsip biasa"[..],
                b"PK\x03\x04 word/document.xml saja",
                b"MZ\x90",
                b"<html>",
                b"GIF89a",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xls",
            ] {
                assert_eq!(media(other), None);
            }
        }
    }

    #[test]
    fn what_cannot_become_a_known_kind_is_known_early() {
        let mut sniffer = Sniffer::default();
        sniffer.look(b"<html><b");
        assert!(sniffer.is_hopeless());
    }
    #[test]
    fn names_cannot_hurt() {
        for (given, kept) in [
            ("../../etc/foto.PNG", "foto.jpg"),
            ("C:\\Users\\x\\lampu mati.jpeg", "lampu mati.jpg"),
            ("a\r\nb\".exe", "a__b_.jpg"),
            ("...", "berkas.jpg"),
            ("", "berkas.jpg"),
            ("foto.jpg.exe", "foto.jpg.jpg"),
        ] {
            assert_eq!(clean_name(given, "jpg"), kept, "{given}");
        }
        assert!(clean_name(&"é".repeat(500), "docx").chars().count() <= LONGEST_NAME);
    }
}
