//! Large replies without a large tree: the elements of a JSON array as slices of the body, one after another, each
//! parsed only when it is its turn. Used by mirrors whose system sends a whole year in one array.
//!
//! The scanner looks at brackets and strings only; whether an element is JSON is for whoever parses it (some systems
//! send `NaN`, which a connector must mend first). An array that breaks off ends in a fault, never in silence.

use crate::Fault;

/// Elements of one array.
pub struct Items<'a> {
    rest: &'a [u8],
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    First,
    Later,
    Ended,
}

/// The elements of the array that `body` is (blanks and a byte order mark before it are skipped).
///
/// # Errors
/// Drift, when the body is no array.
pub fn array(body: &[u8]) -> Result<Items<'_>, Fault> {
    let body = trimmed(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    match body.strip_prefix(b"[") {
        Some(rest) => Ok(Items {
            rest,
            state: State::First,
        }),
        None => Err(Fault::drift("the body is no list")),
    }
}

/// The elements of the array under `name` in the object that `body` is. What stands beside it can be read with
/// [`beside`].
///
/// # Errors
/// Drift, when there is no such array.
pub fn member<'a>(body: &'a [u8], name: &str) -> Result<Items<'a>, Fault> {
    for pair in Members::of(body)? {
        let (key, value) = pair?;
        if key == name.as_bytes() {
            return array(value);
        }
    }
    Err(Fault::drift(format!("the body has no list `{name}`")))
}

/// The object that `body` is, without the member `name`: the envelope around a large list.
///
/// # Errors
/// Drift, when the body is no object or a member is not JSON.
pub fn beside(body: &[u8], name: &str) -> Result<serde_json::Map<String, serde_json::Value>, Fault> {
    let mut envelope = serde_json::Map::new();
    for pair in Members::of(body)? {
        let (key, value) = pair?;
        if key == name.as_bytes() {
            continue;
        }
        let key = String::from_utf8(key.to_vec()).map_err(|_| Fault::drift("a member's name is not text"))?;
        let value = serde_json::from_slice(value)
            .map_err(|error| Fault::drift(format!("`{key}` is not JSON ({:?})", error.classify())))?;
        envelope.insert(key, value);
    }
    Ok(envelope)
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<&'a [u8], Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.step();
        if !matches!(next, Some(Ok(_))) {
            self.state = State::Ended;
        }
        next
    }
}

impl<'a> Items<'a> {
    fn step(&mut self) -> Option<Result<&'a [u8], Fault>> {
        if self.state == State::Ended {
            return None;
        }
        self.rest = trimmed(self.rest);
        match (self.rest.first(), self.state) {
            (None, _) => return Some(Err(broken())),
            (Some(b']'), _) => {
                let after = trimmed(&self.rest[1..]);
                return (!after.is_empty()).then(|| Err(Fault::drift("something follows the list")));
            }
            (Some(b','), State::Later) => self.rest = trimmed(&self.rest[1..]),
            (Some(_), State::Later) => return Some(Err(Fault::drift("no comma between elements of the list"))),
            (Some(_), State::First | State::Ended) => {}
        }
        self.state = State::Later;
        match value(self.rest) {
            Some(length) if length > 0 => {
                let (item, rest) = self.rest.split_at(length);
                self.rest = rest;
                Some(Ok(item.trim_ascii_end()))
            }
            Some(_) => Some(Err(Fault::drift("an element of the list is missing"))),
            None => Some(Err(broken())),
        }
    }
}

/// Members of an object as slices: the name without quotes (escapes as they stand) and the value.
struct Members<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Members<'a> {
    fn of(body: &'a [u8]) -> Result<Self, Fault> {
        let body = trimmed(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
        match body.strip_prefix(b"{") {
            Some(rest) => Ok(Self { rest, ended: false }),
            None => Err(Fault::drift("the body is no object")),
        }
    }

    fn step(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        self.rest = trimmed(self.rest.strip_prefix(b",").unwrap_or(self.rest));
        let length = value(self.rest).filter(|_| self.rest.first() == Some(&b'"'))?;
        // The name ends where its string does.
        let (name, rest) = self.rest.split_at(string(self.rest).filter(|end| *end <= length)?);
        let rest = trimmed(trimmed(rest).strip_prefix(b":")?);
        let length = value(rest).filter(|length| *length > 0)?;
        let (found, rest) = rest.split_at(length);
        self.rest = rest;
        Some((&name[1..name.len() - 1], found.trim_ascii_end()))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = trimmed(self.rest);
        if self.ended || self.rest.first() == Some(&b'}') {
            self.ended = true;
            return None;
        }
        let next = self.step();
        self.ended = next.is_none();
        Some(next.ok_or_else(broken))
    }
}

/// Length of the value at the beginning, up to the comma, colon or bracket that ends it; `None` when it breaks off.
fn value(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += string(&bytes[at..])?;
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 0 => return Some(at),
            b',' | b':' if depth == 0 => return Some(at),
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Length of the string at the beginning, quotes included.
fn string(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}

fn broken() -> Fault {
    Fault::drift("the list breaks off")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(body: &str) -> Vec<Result<String, ()>> {
        let Ok(items) = array(body.as_bytes()) else {
            return vec![Err(())];
        };
        items
            .map(|item| item.map(|i| String::from_utf8_lossy(i).into_owned()).map_err(|_| ()))
            .collect()
    }

    fn good(body: &str) -> Vec<String> {
        items(body).into_iter().map(|item| item.expect("good")).collect()
    }

    #[test]
    fn elements_come_one_by_one() {
        assert_eq!(good(" [ ] "), Vec::<String>::new());
        assert_eq!(
            good("\u{feff}[1 , \"a,]\\\"b\", [2,3], {\"x\":[{}]}]\n"),
            ["1", "\"a,]\\\"b\"", "[2,3]", "{\"x\":[{}]}"]
        );
        assert_eq!(good("[{\"nilai\":NaN}]"), ["{\"nilai\":NaN}"]);
    }

    #[test]
    fn every_cut_is_a_fault() {
        let body = r#"[{"a":"x,y"},{"b":[1,2]}]"#;
        for cut in 0..body.len() {
            assert!(items(&body[..cut]).iter().any(Result::is_err), "cut at {cut}");
        }
        for bad in ["null", "{}", "[1 2]x", "[1,]", "[,1]", "[1]]", "[1] x", "[1 \"b\"]"] {
            let bad_items = items(bad);
            // Two values without a comma are one slice here and no JSON for whoever parses it.
            let parses = bad_items
                .iter()
                .flatten()
                .all(|i| serde_json::from_str::<serde_json::Value>(i).is_ok());
            assert!(!parses || bad_items.iter().any(Result::is_err), "{bad}");
        }
    }

    #[test]
    fn a_list_inside_an_envelope() {
        let body = br#"{"success":true,"data":[{"a":1},{"a":2}],"meta":{"has_more":false,"cursor":"x\"y"}}"#;
        let rows: Vec<_> = member(body, "data").expect("there").flatten().collect();
        assert_eq!(rows, [br#"{"a":1}"#, br#"{"a":2}"#]);
        let envelope = beside(body, "data").expect("reads");
        assert_eq!(envelope["meta"]["has_more"], false);
        assert!(!envelope.contains_key("data"));
        assert!(member(body, "meta").is_err());
        assert!(member(body, "rs").is_err());
        for cut in 1..body.len() {
            let cut = &body[..cut];
            let whole = beside(cut, "data").is_ok();
            assert!(!whole, "cut at {}", cut.len());
        }
    }
}
