//! `multipart/form-data`, read from a whole body.
//!
//! Strict about the frame (boundary, part heads, closing delimiter) because a client that builds it by hand gets
//! exactly that wrong, and the real systems answer such a body with a bare 400.

use bytes::Bytes;

/// One part of a form.
#[derive(Debug, Clone)]
pub struct Part {
    /// Field name, brackets included.
    pub name: String,
    /// File name, for files.
    pub file_name: Option<String>,
    /// Declared media type.
    pub media_type: Option<String>,
    /// Content.
    pub body: Bytes,
}

impl Part {
    /// The content as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The parts of a body with this `Content-Type`, or what is wrong with it.
pub fn parse(content_type: Option<&str>, body: &Bytes) -> Result<Vec<Part>, String> {
    let content_type = content_type.ok_or("no Content-Type")?;
    if !content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        return Err(format!("Content-Type is {content_type}, not multipart/form-data"));
    }
    let boundary = boundary(content_type).ok_or("Content-Type names no boundary")?;
    let delimiter = format!("--{boundary}");
    let mut at = match find(body, delimiter.as_bytes(), 0) {
        Some(0) => delimiter.len(),
        _ => return Err("body does not start with the boundary".to_owned()),
    };
    let mut parts = Vec::new();
    loop {
        if body[at..].starts_with(b"--") {
            return Ok(parts);
        }
        if !body[at..].starts_with(b"\r\n") {
            return Err("boundary not followed by a line end".to_owned());
        }
        let head_end = find(body, b"\r\n\r\n", at).ok_or("part without an end of head")?;
        let head = body.get(at + 2..head_end).unwrap_or_default();
        let content = head_end + 4;
        let next = find(body, format!("\r\n{delimiter}").as_bytes(), content).ok_or("part without an end")?;
        parts.push(part(&String::from_utf8_lossy(head), body.slice(content..next))?);
        at = next + 2 + delimiter.len();
    }
}

fn part(head: &str, body: Bytes) -> Result<Part, String> {
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition").ok_or("part without Content-Disposition")?;
    let name = attribute(&disposition, "name").ok_or("part without a name")?;
    let file_name = attribute(&disposition, "filename");
    Ok(Part {
        name,
        file_name,
        media_type: header("content-type"),
        body,
    })
}

fn boundary(content_type: &str) -> Option<String> {
    let value = content_type
        .split(';')
        .skip(1)
        .find_map(|piece| piece.trim().strip_prefix("boundary="))?;
    let value = value.trim_matches('"');
    (!value.is_empty()).then(|| value.to_owned())
}

fn attribute(disposition: &str, wanted: &str) -> Option<String> {
    disposition.split(';').skip(1).find_map(|piece| {
        let (name, value) = piece.trim().split_once('=')?;
        name.eq_ignore_ascii_case(wanted)
            .then(|| value.trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let tail = haystack.get(from..)?;
    tail.windows(needle.len())
        .position(|window| window == needle)
        .map(|position| from + position)
}
