//! A reader of Rust source, just clever enough for the repository rules.
//!
//! It blanks comments, the insides of literals and, on request, whole `#[cfg(test)]` items, and keeps every line in
//! its place so that findings name the right line. It is no parser: macros that build code from text escape it.

/// The source with comments and the insides of string and character literals turned into spaces.
#[must_use]
pub fn code(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while let Some(&here) = chars.get(at) {
        let end = if starts(&chars, at, "//") {
            until(&chars, at, |index| chars.get(index) == Some(&'\n'))
        } else if starts(&chars, at, "/*") {
            block_comment_end(&chars, at)
        } else if let Some(end) = raw_string_end(&chars, at) {
            end
        } else if here == '"' {
            quoted_end(&chars, at, '"')
        } else if here == '\'' {
            char_end(&chars, at)
        } else {
            out.push(here);
            at += 1;
            continue;
        };
        let keep_quotes = here == '"' && end > at + 1;
        for index in at..end {
            let edge = keep_quotes && (index == at || index + 1 == end);
            match chars.get(index) {
                Some('\n') => out.push('\n'),
                Some('"') if edge => out.push('"'),
                Some(_) => out.push(' '),
                None => {}
            }
        }
        at = end;
    }
    out
}

/// Like [`code`], and every item under `#[cfg(test)]` or `#[test]` turned into spaces as well.
#[must_use]
pub fn product_code(source: &str) -> String {
    let mut text = code(source);
    for marker in ["#[cfg(test)]", "#[test]", "#[tokio::test"] {
        while let Some(start) = text.find(marker) {
            let end = item_end(&text, start + marker.len());
            let blank: String = text[start..end]
                .chars()
                .map(|c| if c == '\n' { '\n' } else { ' ' })
                .collect();
            text.replace_range(start..end, &blank);
        }
    }
    text
}

/// The one-based numbers of the lines that contain `needle`.
#[must_use]
pub fn lines_with(text: &str, needle: &str) -> Vec<usize> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| line.contains(needle))
        .map(|(index, _)| index + 1)
        .collect()
}

/// Where the item after an attribute ends: its matching brace, or the semicolon before any brace.
fn item_end(text: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, c) in text[from..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return from + offset + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return from + offset + 1,
            _ => {}
        }
    }
    text.len()
}

fn starts(chars: &[char], at: usize, word: &str) -> bool {
    word.chars()
        .enumerate()
        .all(|(offset, c)| chars.get(at + offset) == Some(&c))
}

fn until(chars: &[char], from: usize, stop: impl Fn(usize) -> bool) -> usize {
    (from..chars.len()).find(|&index| stop(index)).unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while at < chars.len() {
        if starts(chars, at, "/*") {
            depth += 1;
            at += 2;
        } else if starts(chars, at, "*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    chars.len()
}

fn quoted_end(chars: &[char], from: usize, quote: char) -> usize {
    let mut at = from + 1;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// The end of `r"…"` or `r#"…"#` starting here; nothing when no raw string starts here.
fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let before_is_name = at > 0 && chars.get(at - 1).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    if chars.get(at) != Some(&'r') || (before_is_name && chars.get(at - 1) != Some(&'b')) {
        return None;
    }
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let end = until(chars, open + 1, |index| starts(chars, index, &close));
    Some((end + close.len()).min(chars.len()))
}

/// The end of a character literal, or one past the quote when it is a lifetime.
fn char_end(chars: &[char], from: usize) -> usize {
    let escaped = chars.get(from + 1) == Some(&'\\');
    if escaped || chars.get(from + 2) == Some(&'\'') {
        quoted_end(chars, from, '\'')
    } else {
        from + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_lines_kept() {
        let source = "let a = \"x.unwrap()\"; // .unwrap()\n/* .unwrap()\n */ let c = '\"'; let r = r#\".unwrap()\"#;\nb.unwrap();";
        let text = code(source);
        assert_eq!(text.lines().count(), source.lines().count());
        assert_eq!(lines_with(&text, ".unwrap()"), [4]);
    }

    #[test]
    fn a_lifetime_is_not_a_character() {
        let text = code("fn f<'a>(x: &'a str) { x.unwrap() }");
        assert_eq!(lines_with(&text, ".unwrap()"), [1]);
    }

    #[test]
    fn test_items_are_blanked_and_what_follows_is_kept() {
        let source = "#[cfg(test)]\nmod tests { fn x() { a.unwrap(); } }\nfn y() { b.unwrap() }\n#[cfg(test)]\nmod other;\nfn z() { c.unwrap() }";
        assert_eq!(lines_with(&product_code(source), ".unwrap()"), [3, 6]);
    }
}
