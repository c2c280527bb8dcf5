//! A small strict XML reader: elements, attributes, text, the five named entities, numeric references.
//!
//! It refuses what a client that glues strings together produces: a bare `&` or `<`, an unclosed or crossed tag, a
//! double attribute, text after the root. No comments, CDATA or doctypes: the played systems never get them.

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Tag name.
    pub name: String,
    /// Attributes, in order.
    pub attributes: Vec<(String, String)>,
    /// Child elements, in order.
    pub children: Vec<Element>,
    /// All direct text, unescaped.
    pub text: String,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The root element of a document, or what is wrong with it.
pub fn parse(document: &str) -> Result<Element, String> {
    let mut reader = Reader {
        rest: document.trim_start_matches('\u{feff}').trim_start(),
    };
    if let Some(declaration) = reader.rest.strip_prefix("<?xml") {
        let (_, rest) = declaration.split_once("?>").ok_or("declaration without an end")?;
        reader.rest = rest.trim_start();
    }
    let root = reader.element(0)?;
    match reader.rest.trim().is_empty() {
        true => Ok(root),
        false => Err("text after the root element".to_owned()),
    }
}

/// Text, escaped for an element or an attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn element(&mut self, depth: usize) -> Result<Element, String> {
        if depth > 32 {
            return Err("nested too deeply".to_owned());
        }
        self.need("<")?;
        let name = self.name()?;
        let mut element = Element {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
            text: String::new(),
        };
        loop {
            self.rest = self.rest.trim_start();
            if self.eat("/>") {
                return Ok(element);
            }
            if self.eat(">") {
                break;
            }
            let (key, value) = self.attribute()?;
            if element.attribute(&key).is_some() {
                return Err(format!("attribute {key} twice"));
            }
            element.attributes.push((key, value));
        }
        loop {
            let text_end = self
                .rest
                .find('<')
                .ok_or_else(|| format!("<{}> is never closed", element.name))?;
            let (text, rest) = self.rest.split_at(text_end);
            element.text.push_str(&unescape(text)?);
            self.rest = rest;
            if self.eat("</") {
                let closing = self.name()?;
                self.rest = self.rest.trim_start();
                self.need(">")?;
                if closing != element.name {
                    return Err(format!("<{}> closed by </{closing}>", element.name));
                }
                return Ok(element);
            }
            element.children.push(self.element(depth + 1)?);
        }
    }

    fn attribute(&mut self) -> Result<(String, String), String> {
        let key = self.name()?;
        self.rest = self.rest.trim_start();
        self.need("=")?;
        self.rest = self.rest.trim_start();
        let quote = if self.eat("\"") {
            '"'
        } else {
            self.need("'").map(|()| '\'')?
        };
        let (value, rest) = self.rest.split_once(quote).ok_or("attribute without an end")?;
        self.rest = rest;
        if value.contains('<') {
            return Err("< inside an attribute".to_owned());
        }
        Ok((key, unescape(value)?))
    }

    fn name(&mut self) -> Result<String, String> {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let near: String = self.rest.chars().take(12).collect();
            return Err(format!("a name was expected at {near:?}"));
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn eat(&mut self, token: &str) -> bool {
        self.rest.strip_prefix(token).map(|rest| self.rest = rest).is_some()
    }

    fn need(&mut self, token: &str) -> Result<(), String> {
        match self.eat(token) {
            true => Ok(()),
            false => Err(format!("{token} was expected")),
        }
    }
}

fn unescape(text: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (entity, tail) = after.split_once(';').ok_or("a bare &")?;
        plain.push(entity_char(entity).ok_or_else(|| "a bare & or an unknown entity".to_owned())?);
        rest = tail;
    }
    plain.push_str(rest);
    match plain.chars().all(allowed) {
        true => Ok(plain),
        false => Err("a control character".to_owned()),
    }
}

fn entity_char(entity: &str) -> Option<char> {
    let numeric = entity.strip_prefix('#');
    let number = match numeric {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => {
            return match entity {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => None,
            };
        }
    };
    char::from_u32(number)
}

fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
}
