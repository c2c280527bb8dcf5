//! JSON Pointers that cannot leak: a key chosen by the caller is shown only when it looks like a name.

/// A pointer segment, escaped, or `*` when the key could be data (an id number, a sentence) rather than a name.
pub(crate) fn safe_segment(key: &str) -> String {
    if is_name(key) { key.to_owned() } else { "*".to_owned() }
}

/// Masks the unsafe segments of an already escaped pointer.
pub(crate) fn safe_pointer(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len());
    for segment in pointer.split('/').skip(1) {
        out.push('/');
        out.push_str(&safe_segment(segment));
    }
    out
}

/// Names and array indexes: short, ASCII word characters, and no run of more than five digits.
fn is_name(key: &str) -> bool {
    let bytes = key.as_bytes();
    if bytes.is_empty() || bytes.len() > 64 {
        return false;
    }
    let mut digits = 0;
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                if digits > 5 {
                    return false;
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'-' | b'$' => digits = 0,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{safe_pointer, safe_segment};

    #[test]
    fn names_are_shown_and_data_is_masked() {
        assert_eq!(safe_segment("kode_wilayah"), "kode_wilayah");
        assert_eq!(safe_segment("3671010101900000"), "*");
        assert_eq!(safe_segment("Suparman Contoh"), "*");
        assert_eq!(safe_segment("warga@contoh"), "*");
        assert_eq!(safe_pointer("/lampiran/0/ukuran"), "/lampiran/0/ukuran");
        assert_eq!(safe_pointer("/a~1b/x"), "/*/x");
        assert_eq!(safe_pointer(""), "");
    }
}
