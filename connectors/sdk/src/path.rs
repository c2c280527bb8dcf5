//! A path below a system's configured endpoint. It can never name a host, climb out or carry a query.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::fmt;

/// Everything outside `unreserved` and a few harmless sub-delimiters is percent-encoded in a segment.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b';')
    .add(b'@')
    .add(b':');

/// Segments joined by `/`, always relative to the endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelativePath(String);

impl RelativePath {
    /// The endpoint itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path from configuration or code, such as `complaints/complaint`. Leading and trailing slashes are dropped,
    /// each segment is encoded, `.` and `..` segments are encoded away so that nothing climbs out.
    pub fn of(template: &str) -> Self {
        template
            .split('/')
            .filter(|s| !s.is_empty())
            .fold(Self::root(), |path, s| path.segment(s))
    }

    /// Adds one segment; slashes and anything special in it are encoded.
    #[must_use]
    pub fn segment(mut self, segment: &str) -> Self {
        self.0.push('/');
        match segment {
            "." => self.0.push_str("%2E"),
            ".." => self.0.push_str("%2E%2E"),
            other => self.0.extend(utf8_percent_encode(other, SEGMENT)),
        }
        self
    }

    /// The same path with every segment that is `segment` replaced by another; both are encoded.
    #[must_use]
    pub fn replaced(&self, segment: &str, by: &str) -> Self {
        let (old, new) = (Self::root().segment(segment), Self::root().segment(by));
        let parts = self.0.split('/').skip(1).map(|part| match old.0.strip_prefix('/') {
            Some(old) if old == part => new.0.clone(),
            _ => format!("/{part}"),
        });
        Self(parts.collect())
    }

    /// Starts with `/`, or is empty for the endpoint itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_segment_is_replaced_and_stays_one() {
        let path = RelativePath::of("api")
            .segment("{{kredensial.a}}")
            .segment("{{kredensial.ab}}");
        let filled = path.replaced("{{kredensial.a}}", "x/../y?z");
        assert_eq!(filled.as_str(), "/api/x%2F..%2Fy%3Fz/%7B%7Bkredensial.ab%7D%7D");
        assert_eq!(RelativePath::root().replaced("a", "b"), RelativePath::root());
    }

    #[test]
    fn nothing_climbs_out_or_names_a_host() {
        let path = RelativePath::of("//contoh.invalid/../x")
            .segment("a/b?c#d")
            .segment("..");
        assert_eq!(path.as_str(), "/contoh.invalid/%2E%2E/x/a%2Fb%3Fc%23d/%2E%2E");
    }
}
