//! Takes owner, place and device out of photos: only what is needed to show the picture stays. JPEG keeps the turn of
//! the camera and the colour profile; PNG keeps the chunks that change how it looks. What follows the end of the
//! picture goes too. Pure; a file that does not parse is refused, never let through.

use bytes::Bytes;

/// The file without metadata; `None` when its kind is not one this can clean, or when it is damaged.
pub fn strip(media_type: &str, file: &[u8]) -> Option<Bytes> {
    match media_type {
        "image/jpeg" => jpeg(file).map(Bytes::from),
        "image/png" => png(file).map(Bytes::from),
        _ => None,
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Chunks that change how the picture looks. `eXIf`, `tEXt`, `zTXt`, `iTXt`, `tIME` and unknown ones go.
const SHOWN: [&[u8; 4]; 13] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"cICP", b"iCCP",
];

fn png(file: &[u8]) -> Option<Vec<u8>> {
    let mut rest = file.strip_prefix(PNG)?;
    let mut out = PNG.to_vec();
    loop {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let whole = rest.get(..length.checked_add(12)?)?;
        let name = whole.get(4..8)?;
        if SHOWN.iter().any(|shown| shown.as_slice() == name) {
            out.extend_from_slice(whole);
        }
        if name == b"IEND" {
            return Some(out);
        }
        rest = rest.get(whole.len()..)?;
    }
}

const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;

fn jpeg(file: &[u8]) -> Option<Vec<u8>> {
    let mut rest = file.strip_prefix(&[0xff, 0xd8])?;
    let mut out = vec![0xff, 0xd8];
    let mut turned = false;
    loop {
        let start = rest.iter().position(|byte| *byte != 0xff)?;
        if start == 0 {
            return None;
        }
        let marker = *rest.get(start)?;
        rest = rest.get(start + 1..)?;
        if marker == EOI {
            out.extend_from_slice(&[0xff, EOI]);
            return Some(out);
        }
        let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
        let segment = rest.get(..length.max(2))?;
        let body = segment.get(2..)?;
        rest = rest.get(segment.len()..)?;
        let stays = match marker {
            APP0 => body.starts_with(b"JFIF\0"),
            APP2 => body.starts_with(b"ICC_PROFILE\0"),
            APP14 => body.starts_with(b"Adobe"),
            APP1..=APP15 | COM => false,
            _ => true,
        };
        if marker == APP1
            && !turned
            && let Some(turn) = body.strip_prefix(b"Exif\0\0").and_then(turn)
        {
            out.extend_from_slice(&turn_segment(turn));
            turned = true;
        }
        if stays {
            out.extend_from_slice(&[0xff, marker]);
            out.extend_from_slice(segment);
        }
        if marker == SOS {
            let picture = picture_length(rest)?;
            out.extend_from_slice(rest.get(..picture)?);
            rest = rest.get(picture..)?;
        }
    }
}

/// Bytes up to the next marker that is neither a stuffed byte nor a restart.
fn picture_length(data: &[u8]) -> Option<usize> {
    data.windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))
}

/// The turn of the camera, 2 to 8, from the first directory.
fn turn(tiff: &[u8]) -> Option<u8> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let directory = if little {
        u32::from_le_bytes(four)
    } else {
        u32::from_be_bytes(four)
    } as usize;
    let entries = usize::from(short(directory)?);
    (0..entries)
        .map(|entry| directory + 2 + entry * 12)
        .find(|at| short(*at) == Some(0x0112))
        .and_then(|at| short(at + 8))
        .and_then(|turn| u8::try_from(turn).ok())
        .filter(|turn| (2..=8).contains(turn))
}

/// A segment that says the turn and nothing else.
fn turn_segment(turn: u8) -> Vec<u8> {
    let mut segment = vec![0xff, APP1, 0, 34];
    segment.extend_from_slice(b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    segment.extend_from_slice(&[turn, 0, 0, 0, 0, 0, 0]);
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, body].concat()
    }

    fn exif() -> Vec<u8> {
        let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        tiff.extend_from_slice(b"GPS -6.19 milik Suparman");
        tiff
    }

    fn photo() -> Vec<u8> {
        [
            &[0xff, 0xd8][..],
            &segment(APP0, b"JFIF\0\x01\x01"),
            &segment(APP1, &exif()),
            &segment(APP1, b"http://ns.adobe.com/xap/1.0/\0Suparman"),
            &segment(0xed, b"Photoshop 3.0\0Suparman"),
            &segment(COM, b"kamera Suparman"),
            &segment(APP2, b"ICC_PROFILE\0warna"),
            &segment(0xdb, b"tabel"),
            &segment(SOS, b"kepala"),
            b"gambar\xff\x00\xff\xd0gambar",
            &segment(0xc4, b"tabel"),
            &segment(SOS, b"kepala"),
            b"lagi\xff\xd9Suparman",
        ]
        .concat()
    }

    fn has(file: &[u8], what: &[u8]) -> bool {
        file.windows(what.len()).any(|window| window == what)
    }

    #[test]
    fn a_jpeg_keeps_its_picture_and_its_turn_only() {
        let clean = strip("image/jpeg", &photo()).unwrap();
        assert!(!has(&clean, b"Suparman") && !has(&clean, b"GPS"));
        for kept in [
            &b"JFIF"[..],
            b"warna",
            b"gambar\xff\x00\xff\xd0gambar",
            b"lagi\xff\xd9",
            b"tabel",
        ] {
            assert!(has(&clean, kept));
        }
        assert!(clean.ends_with(&[0xff, EOI]));
        let at = clean.windows(6).position(|w| w == b"Exif\0\0").unwrap();
        assert_eq!(turn(&clean[at + 6..]), Some(6));
        let length = usize::from(u16::from_be_bytes([clean[at - 2], clean[at - 1]]));
        assert_eq!(clean[at - 2 + length], 0xff, "the next segment follows");
        assert_eq!(
            strip("image/jpeg", &clean).unwrap(),
            clean,
            "cleaning again changes nothing"
        );
    }

    #[test]
    fn a_png_keeps_what_is_shown() {
        let chunk = |name: &[u8; 4], body: &[u8]| {
            let length = u32::try_from(body.len()).unwrap().to_be_bytes();
            [&length[..], name, body, b"CRC_"].concat()
        };
        let file = [
            PNG,
            &chunk(b"IHDR", b"ukuran"),
            &chunk(b"eXIf", b"GPS Suparman"),
            &chunk(b"tEXt", b"Author\0Suparman"),
            &chunk(b"IDAT", b"gambar"),
            &chunk(b"abCd", b"Suparman"),
            &chunk(b"IEND", b""),
            b"Suparman",
        ]
        .concat();
        let clean = strip("image/png", &file).unwrap();
        assert!(!has(&clean, b"Suparman") && has(&clean, b"ukuran") && has(&clean, b"gambar"));
    }

    #[test]
    fn what_cannot_be_cleaned_is_refused() {
        let photo = photo();
        for cut in 0..photo.len() - 8 {
            let clean = strip("image/jpeg", &photo[..cut]);
            assert!(clean.is_none(), "cut at {cut}");
        }
        assert!(strip("application/pdf", b"%PDF-1.7").is_none());
        assert!(strip("image/png", b"bukan png").is_none());
    }
}
