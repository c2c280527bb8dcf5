//! The little XML that generation 1 needs: text escaped on the way out, one element found on the way in.

/// Text for an element or attribute. Characters that XML 1.0 forbids are left out; an opening brace is written as a
/// reference, so that no citizen's text reads like the place of the credential.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '{' => out.push_str("&#123;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

/// The text of the first element of this name, if it is not empty.
pub(super) fn element(document: &str, name: &str) -> Option<String> {
    let (_, after) = document.split_once(&format!("<{name}>"))?;
    let (text, _) = after.split_once(&format!("</{name}>"))?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The name of the document's root element.
pub(super) fn root(document: &str) -> Option<&str> {
    let mut rest = document.trim_start_matches('\u{feff}').trim_start();
    while let Some(prolog) = rest.strip_prefix("<?").or_else(|| rest.strip_prefix("<!")) {
        rest = prolog.split_once('>')?.1.trim_start();
    }
    rest.strip_prefix('<')?
        .split(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_roots_are_found() {
        let document = "<?xml version=\"1.0\"?>\n<lapor><trackingid> 77 </trackingid><transaksiid/></lapor>";
        assert_eq!(
            (root(document), element(document, "trackingid").as_deref()),
            (Some("lapor"), Some("77"))
        );
        assert_eq!(element("<lapor><trackingid></trackingid></lapor>", "trackingid"), None);
        assert_eq!(escape("a\u{1}<{{x\u{b}"), "a&lt;&#123;&#123;x");
    }
}
