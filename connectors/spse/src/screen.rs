//! Faults common to every data set: HTTP statuses, the gateway's error envelope, the edge's HTML page, and the texts with
//! which the old bus answers under status 200.

use crate::settings::{Interface, Setup};
use bytes::Bytes;
use connector_sdk::{Fault, FaultKind, NativeReply, NativeRequest, Text, screen};
use http::HeaderMap;
use serde_json::Value;

const REFUSED: Text = Text::new(
    "LKPP menolak kredensial gateway. Pengelola gateway sudah diberi tahu.",
    "LKPP refuses the gateway's credentials. The operator has been told.",
);
const EDGE: Text = Text::new(
    "Alamat gateway ditolak di depan layanan LKPP. Pengelola gateway sudah diberi tahu.",
    "The gateway's address is refused in front of LKPP's service. The operator has been told.",
);
const CODES: Text = Text::new(
    "Kode instansi atau LPSE di konfigurasi tidak dikenal LKPP.",
    "LKPP does not know the configured institution or LPSE code.",
);

const WEB: Text = Text::new(
    "Halaman LKPP sedang bermasalah. Coba lagi nanti.",
    "The page of LKPP is out of order. Try again later.",
);
/// What an error page says, and what it is called here.
const WEB_ERRORS: [(&str, &str); 3] = [
    ("terjadi error pada aplikasi", "halaman-error"),
    ("Terjadi Kesalahan", "halaman-kesalahan"),
    ("Halaman yang dituju tidak ditemukan", "halaman-tidak-ada"),
];

/// Judges a reply.
pub(crate) fn screen(setup: &Setup, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    if reply.status == 403 && reply.looks_like_html() {
        return Err(Fault::new(FaultKind::Misconfigured, EDGE)
            .native_code("edge-403")
            .internal("403 with an HTML page: the address was refused before any token was looked at"));
    }
    screen::http(request.writes, reply).map_err(|fault| match reply.status {
        401 => Fault::new(FaultKind::Misconfigured, REFUSED).native_code("http-401"),
        // Paths and codes are ours: a path that is not there is our configuration, not a missing record.
        404 => Fault::new(FaultKind::Misconfigured, CODES).native_code("http-404"),
        _ => fault,
    })?;
    let text = reply.body.trim_ascii();
    if text.starts_with(b"URL-NOT-DEFINED") {
        return Err(Fault::new(FaultKind::Misconfigured, CODES).native_code("URL-NOT-DEFINED"));
    }
    if reply.looks_like_html() {
        let page = String::from_utf8_lossy(text);
        // The web pages of LKPP say under 200 what went wrong with them.
        let told = WEB_ERRORS.iter().find(|(words, _)| page.contains(words));
        return Err(match told {
            Some((_, code)) => Fault::new(FaultKind::Unavailable, WEB)
                .native_code(*code)
                .internal("a success status with an error page"),
            None => Fault::drift("a success status with an HTML page"),
        });
    }
    if setup.raw.antarmuka == Interface::Gerbang {
        return error_under_success(text);
    }
    Ok(())
}

/// `{"success":false,…}` and `{"error":"…"}`, whatever the status says. Bodies with rows are not looked through: the
/// error envelope is small.
fn error_under_success(text: &[u8]) -> Result<(), Fault> {
    if text.len() > 4096 || !text.starts_with(b"{") {
        return Ok(());
    }
    let Ok(body) = serde_json::from_slice::<Value>(text) else {
        return Ok(());
    };
    let missing = body.get("error").and_then(Value::as_str).is_some();
    if missing {
        return Err(Fault::new(FaultKind::Misconfigured, REFUSED)
            .native_code("error-text")
            .internal("an error text in place of the documented envelope: no token was sent or read"));
    }
    if body.get("success") != Some(&Value::Bool(false)) {
        return Ok(());
    }
    let code = body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
    let status = match code {
        "Bad Request" => 400,
        "Unauthorized" => 401,
        "Forbidden" => 403,
        "Not Found" => 404,
        "Too Many Requests" => 429,
        "Internal Server Error" => 500,
        "Bad Gateway" => 502,
        "Service Unavailable" => 503,
        "Gateway Timeout" => 504,
        _ => return Err(Fault::drift("success is false with an unknown error code")),
    };
    let as_status = NativeReply {
        status,
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    screen::http(false, &as_status)
}
