//! HTML as text: the frame of every page, and the one way by which a value comes into it.

use crate::http::Language;
use std::fmt::Write;

/// A value made harmless for element content and quoted attributes.
pub(super) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A whole page; `body` is HTML already.
pub(super) fn frame(title: &str, language: Language, body: &str) -> String {
    let tag = language.tag();
    let (catalogue, docs, skip) = match language {
        Language::Id => ("Katalog", "Rujukan API", "Langsung ke isi"),
        Language::En => ("Catalogue", "API reference", "Skip to content"),
    };
    let title = safe(title);
    format!(
        "<!doctype html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} — Simpul</title><link rel=\"stylesheet\" href=\"/docs/gaya.css\"></head><body>\
         <a class=\"lewati\" href=\"#isi\">{skip}</a>\
         <header><nav><strong>Simpul</strong> <a href=\"/katalog\">{catalogue}</a> <a href=\"/docs\">{docs}</a> \
         <a href=\"/openapi.json\">OpenAPI</a> <a href=\"/asyncapi.json\">AsyncAPI</a> \
         <a href=\"?bahasa=id\" lang=\"id\">Indonesia</a> <a href=\"?bahasa=en\" lang=\"en\">English</a></nav></header>\
         <main id=\"isi\"><h1>{title}</h1>\n{body}</main></body></html>\n"
    )
}

/// A table with a caption and header cells; cells are HTML already.
pub(super) fn table(caption: &str, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = format!("<table><caption>{}</caption><thead><tr>", safe(caption));
    for cell in head {
        // Writing to a string cannot fail.
        let _ = write!(out, "<th scope=\"col\">{}</th>", safe(cell));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (number, cell) in row.iter().enumerate() {
            let _ = match number {
                0 => write!(out, "<th scope=\"row\">{cell}</th>"),
                _ => write!(out, "<td>{cell}</td>"),
            };
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>\n");
    out
}

/// A block of text as it is.
pub(super) fn block(text: &str) -> String {
    format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", safe(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        let page = table(
            "<b>",
            &["\"><script>"],
            [vec![safe("</td><script>alert('x')</script>&")]],
        );
        assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    }
}
