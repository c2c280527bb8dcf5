//! Invented evidence files: a real little JPEG that carries its owner's name and position in EXIF, and a bare PDF.
//!
//! They exist so that a privacy test can look for the owner's name in what arrived elsewhere.

use bytes::Bytes;

const ARTIST: u16 = 0x013b;
const GPS: u16 = 0x8825;

/// An 8×8 grey picture with the owner and the position in EXIF.
pub(super) fn jpeg(owner: &str, lat: f64, lon: f64) -> Bytes {
    let mut file = vec![0xff, 0xd8];
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend(tiff(owner, lat, lon));
    segment(&mut file, 0xe1, &exif);
    let mut quantisation = vec![0];
    quantisation.extend([16u8; 64]);
    segment(&mut file, 0xdb, &quantisation);
    // Baseline, 8 bits, 8×8, one component.
    segment(&mut file, 0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    // One code of one bit each: "no difference" for DC, "end of block" for AC.
    for class in [0x00, 0x10] {
        let mut table = vec![class, 1];
        table.extend([0u8; 15]);
        table.push(0);
        segment(&mut file, 0xc4, &table);
    }
    segment(&mut file, 0xda, &[1, 1, 0, 0, 63, 0]);
    file.extend([0x3f, 0xff, 0xd9]);
    Bytes::from(file)
}

/// A small PDF-like document.
pub(super) fn pdf(author: &str) -> Bytes {
    Bytes::from(format!(
        "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Author ({author}) >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
    ))
}

fn segment(file: &mut Vec<u8>, marker: u8, content: &[u8]) {
    file.extend([0xff, marker]);
    file.extend((content.len() as u16 + 2).to_be_bytes());
    file.extend(content);
}

/// Two directories: the owner and a pointer in the first, the position in the second.
fn tiff(owner: &str, lat: f64, lon: f64) -> Vec<u8> {
    let mut owner = owner.as_bytes().to_vec();
    owner.push(0);
    let first_end = 8 + 2 + 2 * 12 + 4;
    let gps_at = first_end + owner.len() as u32 + owner.len() as u32 % 2;
    let gps_end = gps_at + 2 + 4 * 12 + 4;

    let mut out = b"II*\0".to_vec();
    out.extend(8u32.to_le_bytes());
    out.extend(2u16.to_le_bytes());
    entry(&mut out, ARTIST, 2, owner.len() as u32, first_end.to_le_bytes());
    entry(&mut out, GPS, 4, 1, gps_at.to_le_bytes());
    out.extend(0u32.to_le_bytes());
    out.extend(&owner);
    out.resize(gps_at as usize, 0);

    out.extend(4u16.to_le_bytes());
    entry(&mut out, 1, 2, 2, [if lat < 0.0 { b'S' } else { b'N' }, 0, 0, 0]);
    entry(&mut out, 2, 5, 3, gps_end.to_le_bytes());
    entry(&mut out, 3, 2, 2, [if lon < 0.0 { b'W' } else { b'E' }, 0, 0, 0]);
    entry(&mut out, 4, 5, 3, (gps_end + 24).to_le_bytes());
    out.extend(0u32.to_le_bytes());
    for degrees in [lat.abs(), lon.abs()] {
        let minutes = degrees.fract() * 60.0;
        let hundredths = (minutes.fract() * 6000.0) as u32;
        for (top, bottom) in [(degrees as u32, 1u32), (minutes as u32, 1), (hundredths, 100)] {
            out.extend(top.to_le_bytes());
            out.extend(bottom.to_le_bytes());
        }
    }
    out
}

fn entry(out: &mut Vec<u8>, tag: u16, kind: u16, count: u32, value: [u8; 4]) {
    out.extend(tag.to_le_bytes());
    out.extend(kind.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(value);
}
