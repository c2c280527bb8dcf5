//! Native text to plain text: placeholders expanded once, then every tag removed and entities read. Native HTML is
//! never trusted and never passed on.

/// Values of placeholders, without braces: `institution_to` → `Pemerintah Kota Contoh`.
pub(crate) type Placeholders<'a> = [(&'static str, Option<&'a str>)];

/// Expands `{{name}}` and `{{ name }}` once; what a value brings in is not expanded again. A placeholder without a
/// value disappears; an unknown one stays, so that a change of the system is seen.
pub(crate) fn expand(text: &str, values: &Placeholders<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = tail.split_once("}}") else {
            out.push_str("{{");
            rest = tail;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name.trim()) {
            Some((_, value)) => out.push_str(value.unwrap_or_default()),
            None => {
                out.push_str("{{");
                out.push_str(name);
                out.push_str("}}");
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Most passes over one text; each takes at least one tag out.
const PASSES: usize = 8;

/// HTML to text: blocks become line breaks, scripts and styles vanish with their content, entities are read once.
pub(crate) fn plain(html: &str) -> String {
    let mut text = without_tags(html);
    for _ in 0..PASSES {
        let again = without_tags(&text);
        if again == text {
            return tidy(&entities(&text));
        }
        // Taking a tag out can join the halves of another, `<<b>b>`.
        text = again;
    }
    tidy(&entities(&text.replace('<', "")))
}

fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let tail = &rest[start + 1..];
        if !tail.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') {
            out.push('<');
            rest = tail;
            continue;
        }
        let (tag, after) = tail.split_once('>').unwrap_or((tail, ""));
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        rest = match name.to_lowercase().as_str() {
            name @ ("script" | "style") if !tag.starts_with('/') => skip_element(after, name),
            "br" | "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3" | "h4" | "ul" | "ol" | "table" => {
                out.push('\n');
                after
            }
            _ => after,
        };
    }
    out.push_str(rest);
    out
}

fn skip_element<'a>(after: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    let ends = |window: &[u8]| window.eq_ignore_ascii_case(end.as_bytes());
    match after.as_bytes().windows(end.len()).position(ends) {
        Some(at) => after[at..].split_once('>').map_or("", |(_, rest)| rest),
        None => "",
    }
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        let tail = &rest[start + 1..];
        let end = tail.find(';').filter(|end| *end <= 8);
        match end.and_then(|end| Some((entity(&tail[..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
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
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let code = name.strip_prefix('#')?;
            let code = match code.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || *c == '\n')
        }
    }
}

fn tidy(text: &str) -> String {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests;
