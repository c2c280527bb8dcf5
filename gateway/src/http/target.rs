//! The request target, judged once: a path is either in normal form or refused; nothing is repaired.

use http::Uri;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Whether a path is in normal form: no empty, `.` or `..` segments, encoded or not; no encoded slash, backslash or
/// control; valid percent-encoding of valid UTF-8.
pub(super) fn is_normal(path: &str) -> bool {
    path.starts_with('/')
        && path.split('/').skip(1).enumerate().all(|(i, segment)| {
            let Some(decoded) = decode(segment) else { return false };
            let last = i + 2 == path.split('/').count();
            (!segment.is_empty() || (last && i == 0))
                && decoded != "."
                && decoded != ".."
                && !decoded.chars().any(|c| c.is_control() || c == '/' || c == '\\')
        })
}

/// One decoded path segment or query part.
pub(super) fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let well_formed = bytes.iter().enumerate().filter(|(_, b)| **b == b'%').all(|(i, _)| {
        bytes.get(i + 1).is_some_and(u8::is_ascii_hexdigit) && bytes.get(i + 2).is_some_and(u8::is_ascii_hexdigit)
    });
    (well_formed && text.is_ascii()).then(|| percent_decode_str(text).decode_utf8().ok().map(Into::into))?
}

/// Query parameters as text fields; `None` when malformed or a name comes twice.
pub(super) fn query(uri: &Uri) -> Option<Map<String, Value>> {
    form(uri.query().unwrap_or_default())
}

/// The same of a form's body.
pub(super) fn form(text: &str) -> Option<Map<String, Value>> {
    let mut fields = Map::new();
    for pair in text.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(&name.replace('+', " "))?, decode(&value.replace('+', " "))?);
        if fields.insert(name, Value::String(value)).is_some() {
            return None;
        }
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_normal_paths_pass() {
        for good in ["/", "/v1/pengaduan", "/v1/pengaduan/77%20a", "/v1/p/%C3%A9"] {
            assert!(is_normal(good), "{good}");
        }
        for bad in [
            "",
            "v1",
            "//v1",
            "/v1//x",
            "/v1/",
            "/v1/../x",
            "/v1/%2e%2E/x",
            "/v1/a%2Fb",
            "/v1/a%5cb",
            "/v1/%00",
            "/v1/%zz",
            "/v1/%ff",
            "/v1/a%",
        ] {
            assert!(!is_normal(bad), "{bad}");
        }
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        let of = |text: &str| query(&text.parse::<Uri>().expect("uri"));
        assert!(of("/v1?a=1&a=2").is_none());
        assert_eq!(
            of("/v1?a=1+2&b").map(|m| Value::Object(m).to_string()).as_deref(),
            Some(r#"{"a":"1 2","b":""}"#)
        );
    }
}
