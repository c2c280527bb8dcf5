//! A problem's page for people, from the Markdown that stands in `docs/problems`: headings, paragraphs, lists, code and
//! links, which is all those pages use.

use super::html::{frame, safe};
use crate::http::Language;

/// The page in HTML; both languages stand on it, the wanted one in the frame.
pub fn problem_page(code: &str, markdown: &str, language: Language) -> String {
    let mut body = String::new();
    let (mut list, mut paragraph) = (false, String::new());
    for line in markdown.lines().skip(1).chain([""]) {
        let line = line.trim();
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        if (line.is_empty() || line.starts_with('#') || item.is_some()) && !paragraph.is_empty() {
            body.push_str(&format!("<p>{}</p>\n", inline(&paragraph)));
            paragraph.clear();
        }
        if list && item.is_none() {
            body.push_str("</ul>\n");
            list = false;
        }
        match (line, item) {
            ("", _) => {}
            (_, Some(item)) => {
                if !list {
                    body.push_str("<ul>");
                    list = true;
                }
                body.push_str(&format!("<li>{}</li>", inline(item)));
            }
            (heading, None) if heading.starts_with('#') => {
                let level = heading.bytes().take_while(|b| *b == b'#').count().clamp(2, 6);
                let text = inline(heading.trim_start_matches('#').trim());
                body.push_str(&format!("<h{level}>{text}</h{level}>\n"));
            }
            (text, None) => {
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                paragraph.push_str(text);
            }
        }
    }
    frame(code, language, &body)
}

/// Bold and code; links keep their text only, since they lead into the repository.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for (number, part) in text.split('`').enumerate() {
        if number % 2 == 1 {
            out.push_str(&format!("<code>{}</code>", safe(part)));
            continue;
        }
        for (number, part) in safe(&unlinked(part)).split("**").enumerate() {
            match number % 2 {
                1 => out.push_str(&format!("<strong>{part}</strong>")),
                _ => out.push_str(part),
            }
        }
    }
    out
}

fn unlinked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((words, tail)) = after
            .split_once("](")
            .and_then(|(w, t)| Some((w, t.split_once(')')?.1)))
        else {
            break;
        };
        out.push_str(before);
        out.push_str(words);
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_paragraphs_lists_and_code() {
        let page = problem_page(
            "x",
            "# `x` — 400\n\n## Satu\n\n**Tebal** `a<b`\nlanjut [sini](../y.md).\n\n- a\n- b\n",
            Language::Id,
        );
        assert!(page.contains("<h2>Satu</h2>"), "{page}");
        assert!(
            page.contains("<p><strong>Tebal</strong> <code>a&lt;b</code> lanjut sini.</p>"),
            "{page}"
        );
        assert!(page.contains("<ul><li>a</li><li>b</li></ul>"), "{page}");
    }
}
