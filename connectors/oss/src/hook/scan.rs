//! Finds one member of the root object in raw JSON without building anything: linear in the bytes, constant memory, no
//! recursion. It is all that is read of a push before its sender is proven.

use crate::exact::{number_end, string_end};

/// Deepest nesting that is followed; a deeper body has no business here.
const DEEPEST: usize = 64;

/// The bytes of the first scalar called `name` directly inside the object called `root` at the top. Names are compared
/// without white space; the root's case does not matter.
pub(super) fn member<'a>(body: &'a [u8], root: &str, name: &str) -> Option<&'a [u8]> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut kinds = [0_u8; DEEPEST];
    let (mut depth, mut at) = (0_usize, 0_usize);
    let (mut key_next, mut inside) = (false, false);
    let mut key: &[u8] = &[];
    while let Some(&byte) = body.get(at) {
        let wanted = depth == 2 && inside && !key_next && bare(key, name.as_bytes(), false);
        at += 1;
        match byte {
            b'"' => {
                let end = string_end(body, at)?;
                let text = &body[at..end];
                at = end + 1;
                if key_next {
                    key = text;
                    key_next = false;
                } else if wanted {
                    return Some(text);
                }
            }
            b'{' | b'[' => {
                if depth == 1 {
                    inside = byte == b'{' && bare(key, root.as_bytes(), true);
                }
                *kinds.get_mut(depth)? = byte;
                depth += 1;
                key_next = byte == b'{';
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                key_next = false;
            }
            b',' => {
                key_next = depth > 0 && kinds.get(depth - 1) == Some(&b'{');
                key = &[];
            }
            b'-' | b'0'..=b'9' => {
                let end = number_end(body, at - 1);
                if wanted {
                    return body.get(at - 1..end);
                }
                at = end;
            }
            _ => {}
        }
    }
    None
}

fn bare(key: &[u8], name: &[u8], any_case: bool) -> bool {
    let letters = key.iter().filter(|b| !b.is_ascii_whitespace());
    if any_case {
        letters
            .map(u8::to_ascii_lowercase)
            .eq(name.iter().map(u8::to_ascii_lowercase))
    } else {
        letters.eq(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nib(text: &str) -> Option<String> {
        member(text.as_bytes(), "dataNIB", "nib").map(|found| String::from_utf8_lossy(found).into_owned())
    }

    #[test]
    fn the_number_is_found_wherever_it_stands() {
        for text in [
            r#"{"dataNIB":{"nib":"0999000000017"}}"#,
            r#"{ "dataNIB" : { "a" : [ {"nib":"1"}, 2 ], "b":{"nib":"3"}, "nib" : "0999000000017" } }"#,
            r#"{"x":{"nib":"1"},"datanib ":{"y":"nib","nib ":"0999000000017","nib":"2"}}"#,
            r#"{"dataNIB":{"nama":"\"nib\":\"1\"","nib":"0999000000017"}}"#,
            r#"{"dataNIB":{"nib":0999000000017,"z":{"#,
        ] {
            assert_eq!(nib(text).as_deref(), Some("0999000000017"), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_it() {
        let deep = format!("{}{}", r#"{"dataNIB":"#, "[".repeat(100));
        for text in [
            "",
            "nib",
            r#"{"nib":"1"}"#,
            r#"{"dataNIB":["nib","1"]}"#,
            r#"{"dataNIB":{"NIB":"1"}}"#,
            r#"{"dataNIB":{"x":{"nib":"1"}}}"#,
            r#"{"dataNIB":{"nib":{"nib":"1"}}}"#,
            r#"{"dataNIB":{"nib":["1"]}}"#,
            r#"{"dataNIB":{"nib":null}}"#,
            r#"{"dataNIB":{"nib":"1"#,
            r#"}}{"dataNIB":{"nib":"1"}}"#,
            deep.as_str(),
        ] {
            assert_eq!(nib(text), None, "{text}");
        }
    }
}
