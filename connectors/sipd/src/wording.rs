//! Texts of SIPD for people: HTML entities resolved, UTF-8 that was decoded as Windows-1252 put right, white space at
//! the ends gone. Codes and numbers never pass here.

/// Characters of Windows-1252 in 0x80…0x9f.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
const NAMED: [(&str, char); 9] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("sup2", '²'),
    ("sup3", '³'),
    ("deg", '°'),
];

/// The text as it was meant.
pub(crate) fn clean(text: &str) -> String {
    mended(&resolved(text)).replace('\u{a0}', " ").trim().to_owned()
}

fn resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let found = tail.char_indices().take(9).find(|(_, c)| *c == ';');
        let entity = found.and_then(|(end, _)| Some((entity(&tail[..end])?, end)));
        match entity {
            Some((character, end)) => {
                out.push(character);
                rest = &tail[end + 1..];
            }
            None => {
                out.push('&');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|c| !c.is_control())
}

/// Puts runs right that are UTF-8 when written as Windows-1252; leaves all others.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            flush(&mut run, &mut out);
            out.push(c);
        } else {
            run.push(c);
        }
    }
    flush(&mut run, &mut out);
    out
}

fn flush(run: &mut String, out: &mut String) {
    let bytes: Option<Vec<u8>> = run.chars().map(byte).collect();
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(meant) => out.push_str(&meant),
        None => out.push_str(run),
    }
    run.clear();
}

fn byte(c: char) -> Option<u8> {
    if let Some(place) = HIGH.iter().position(|high| *high == c) {
        return u8::try_from(0x80 + place).ok();
    }
    u8::try_from(u32::from(c)).ok().filter(|byte| *byte >= 0xa0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_broken_utf8_are_put_right_and_the_rest_stays() {
        for (seen, meant) in [
            ("Pengadaan &amp; Pemasangan &lt;A&gt;", "Pengadaan & Pemasangan <A>"),
            ("Luas 20 mÂ²", "Luas 20 m²"),
            ("Luas 20 m² dan Café", "Luas 20 m² dan Café"),
            ("Dinasâ€™ rapat", "Dinas’ rapat"),
            ("&#39;kutip&#x27;", "'kutip'"),
            ("A & B; C &takdikenal; &", "A & B; C &takdikenal; &"),
            ("  tepi\u{a0}", "tepi"),
        ] {
            assert_eq!(clean(seen), meant, "{seen}");
        }
    }
}
