//! Native errors the system and the national connector in front of it are known to answer with. Samples are invented.

use connector_sdk::{FaultKind, Landed, NativeError};

type Row = (u16, &'static str, FaultKind, Landed);

const KNOWN: [Row; 15] = [
    (
        401,
        r#"{"fault":{"code":900901,"message":"Invalid Credentials","description":"-"}}"#,
        FaultKind::CredentialExpired,
        Landed::No,
    ),
    (
        401,
        r#"{"fault":{"code":"900902","message":"Missing Credentials"}}"#,
        FaultKind::Misconfigured,
        Landed::No,
    ),
    (
        403,
        r#"{"fault":{"code":900908,"message":"Resource forbidden"}}"#,
        FaultKind::Misconfigured,
        Landed::No,
    ),
    (
        404,
        r#"{"fault":{"code":900906,"message":"No matching resource"}}"#,
        FaultKind::Drift,
        Landed::No,
    ),
    (
        429,
        r#"{"fault":{"code":900803,"message":"Message throttled out"}}"#,
        FaultKind::Throttled,
        Landed::No,
    ),
    (
        503,
        r#"<ams:fault xmlns:ams="x"><ams:code>303001</ams:code></ams:fault>"#,
        FaultKind::Unavailable,
        Landed::No,
    ),
    (
        504,
        r#"{"fault":{"code":101504,"message":"Backend timed out"}}"#,
        FaultKind::Timeout,
        Landed::Unknown,
    ),
    (
        200,
        r#"{"status":false,"message":"Gagal menyimpan","results":null}"#,
        FaultKind::Rejected,
        Landed::No,
    ),
    (
        200,
        "<!DOCTYPE html><html><body>Masuk</body></html>",
        FaultKind::Drift,
        Landed::Unknown,
    ),
    (
        422,
        r#"{"status":false,"message":"Isian tidak sah","errors":{"title":["wajib"]}}"#,
        FaultKind::Rejected,
        Landed::No,
    ),
    (
        401,
        r#"{"message":"Unauthenticated."}"#,
        FaultKind::Misconfigured,
        Landed::No,
    ),
    (
        429,
        r#"{"message":"Too Many Attempts."}"#,
        FaultKind::Throttled,
        Landed::No,
    ),
    (
        500,
        r#"{"message":"Server Error"}"#,
        FaultKind::Unavailable,
        Landed::Unknown,
    ),
    (
        502,
        "<html><body>Bad Gateway</body></html>",
        FaultKind::Unavailable,
        Landed::Unknown,
    ),
    (
        503,
        "<html><body>Service Unavailable</body></html>",
        FaultKind::Unavailable,
        Landed::No,
    ),
];

/// As declared.
pub(super) fn known() -> Vec<NativeError> {
    KNOWN
        .into_iter()
        .map(|(status, sample, kind, landed)| NativeError {
            status,
            sample: sample.into(),
            kind,
            landed,
        })
        .collect()
}
