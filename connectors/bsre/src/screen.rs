//! What the service answers, told by its bytes: a PDF is a PDF whatever status and content type say, an error is an error
//! also under 200. Its messages echo names and numbers and are never passed on; its codes are.

use connector_sdk::{Fault, FaultKind, Landed, NativeReply, NativeRequest, Text, screen as http};
use serde_json::Value;

/// Step that fetches a document, once.
pub(crate) const FETCH: &str = "unduh";

/// Whether the bytes are a PDF.
pub(crate) fn is_pdf(body: &[u8]) -> bool {
    body.starts_with(b"%PDF-")
}

/// Whether the bytes are a PDF with its end: a signature over half a document is none.
pub(crate) fn is_whole(body: &[u8]) -> bool {
    let tail = body.get(body.len().saturating_sub(2048)..).unwrap_or_default();
    is_pdf(body) && tail.windows(5).any(|window| window == b"%%EOF")
}

/// Judges a reply.
pub(crate) fn screen(request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    let unsure = if request.writes { Landed::Unknown } else { Landed::No };
    let success = reply.is_success();
    if success && is_pdf(&reply.body) {
        return Ok(());
    }
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    if let Some(fault) = body.as_ref().and_then(|body| known(body, success)) {
        return Err(fault);
    }
    let body_text = String::from_utf8_lossy(&reply.body);
    if !success && let Some(fault) = body_text.split(|c: char| !c.is_ascii_digit()).find_map(by_code) {
        return Err(fault);
    }
    match reply.status {
        401 => Err(http::http(request.writes, reply)
            .err()
            .unwrap_or_else(|| Fault::drift("an unexpected status"))),
        404 if request.step == FETCH => Err(Fault::new(FaultKind::NotFound, FETCHED).native_code("sudah-diunduh")),
        // Its framework's own error: the document was read and refused before anything was signed.
        500 if request.writes && body.as_ref().is_some_and(is_framework) => {
            Err(Fault::new(FaultKind::Rejected, BAD_DOCUMENT).native_code("http-500"))
        }
        200..=299 => match body {
            Some(_) => Ok(()),
            None => Err(Fault::drift("a success status with neither a PDF nor JSON").landed(unsure)),
        },
        _ => http::http(request.writes, reply),
    }
}

/// `{timestamp, status, error, path}`.
fn is_framework(body: &Value) -> bool {
    ["timestamp", "status", "error", "path"]
        .iter()
        .all(|name| body.get(*name).is_some())
}

/// An error document with a code; under a success status too. The status of a signer has a code as well and is no error.
fn known(body: &Value, success: bool) -> Option<Fault> {
    let code = body.get("status_code").and_then(|code| match code {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    });
    let error = body.get("error").and_then(Value::as_str);
    if let Some(fault) = code.as_deref().and_then(by_code) {
        return Some(fault);
    }
    // The sentence form carries the code at its end.
    if let Some(error) = error {
        if let Some(fault) = error.split(|c: char| !c.is_ascii_digit()).find_map(by_code) {
            return Some(fault);
        }
        if success {
            // An error that names no code we know says that it was refused.
            return Some(Fault::new(FaultKind::Rejected, REFUSED).native_code("galat-200"));
        }
    }
    None
}

/// Codes that must never be tried again as they are.
fn by_code(code: &str) -> Option<Fault> {
    let text = match code {
        "2031" => Text::new(
            "Kata sandi penanda tangan salah. Jangan dicoba berulang: sertifikat dapat terkunci.",
            "The signer's passphrase is wrong. Do not keep trying: the certificate may be locked.",
        ),
        "2011" => Text::new(
            "NIK tidak terdaftar di BSrE, atau sertifikatnya sudah kedaluwarsa.",
            "The identity number is not registered at BSrE, or its certificate has expired.",
        ),
        _ => return None,
    };
    Some(Fault::new(FaultKind::Rejected, text).native_code(code))
}

const FETCHED: Text = Text::new(
    "Dokumen sudah pernah diunduh dari BSrE, atau tidak dikenal di sana.",
    "The document was fetched from BSrE before, or is not known there.",
);
const BAD_DOCUMENT: Text = Text::new(
    "BSrE tidak dapat mengolah dokumen: PDF rusak atau terkunci, atau letak tanda tangan di luar halaman.",
    "BSrE cannot process the document: a damaged or locked PDF, or a signature placed outside the page.",
);
const REFUSED: Text = Text::new("BSrE menolak dokumen ini.", "BSrE refused this document.");
