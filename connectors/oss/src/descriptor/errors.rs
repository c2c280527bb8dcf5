//! Native errors that OSS and the national connector in front of it are known to answer with. Samples are invented.

use crate::settings::Setup;
use connector_sdk::{FaultKind, Landed, NativeError};

type Row = (u16, &'static str, FaultKind, Landed);

const KNOWN: [Row; 19] = [
    (
        200,
        r#"{"responreceiveLicenseStatus":{"kode":400,"keterangan":"Parameter salah","dataNIB":{}}}"#,
        FaultKind::Rejected,
        Landed::No,
    ),
    (
        200,
        r#"{"responreceiveLicenseStatus":{"kode":"400","keterangan":"Data izin tidak ditemukan","dataNIB":{}}}"#,
        FaultKind::NotFound,
        Landed::No,
    ),
    (
        400,
        r#"{"responupdateLicense":{"kode":400,"keterangan":"OSS ID not found","nomor_izin":""}}"#,
        FaultKind::NotFound,
        Landed::No,
    ),
    (
        400,
        r#"{"responinqueryNIB":{"kode":400,"keterangan":"Parameter salah","dataNIB":[]}}"#,
        FaultKind::Rejected,
        Landed::No,
    ),
    (
        200,
        r#"{"responInqueryFileDS":{"status":"400","keterangan":"Berkas belum digabung","url_file_ds":""}}"#,
        FaultKind::NotFound,
        Landed::No,
    ),
    (
        200,
        r#"{"dataLicense":{"success":false,"code":400,"message":"Permohonan salah","data":null,"meta":[]}}"#,
        FaultKind::Rejected,
        Landed::No,
    ),
    (
        403,
        r#"{"responcheckNIB":{"kode":403,"keterangan":"Illegal inquiry"}}"#,
        FaultKind::Misconfigured,
        Landed::No,
    ),
    (
        404,
        r#"{"responInqueryCertificate":{"kode":404,"keterangan":"Data tidak ada","dataCertificate":{}}}"#,
        FaultKind::NotFound,
        Landed::No,
    ),
    (
        405,
        r#"{"responfetchNIB":{"kode":405,"keterangan":"Akses ditolak"}}"#,
        FaultKind::Misconfigured,
        Landed::No,
    ),
    (
        404,
        "<html><body>Not Found</body></html>",
        FaultKind::Misconfigured,
        Landed::No,
    ),
    (
        200,
        r#"{"responreceiveLicense":{"kode":500,"keterangan":"Gagal memproses"}}"#,
        FaultKind::Unavailable,
        Landed::Unknown,
    ),
    (
        504,
        r#"{"responreceiveLicense":{"kode":"504","keterangan":"Timeout"}}"#,
        FaultKind::Timeout,
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
    (
        200,
        "<!DOCTYPE html><html><body>Masuk</body></html>",
        FaultKind::Drift,
        Landed::Unknown,
    ),
    (
        401,
        r#"{"fault":{"code":900901,"message":"Invalid Credentials"}}"#,
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
        429,
        r#"{"fault":{"code":900803,"message":"Message throttled out"}}"#,
        FaultKind::Throttled,
        Landed::No,
    ),
    (
        504,
        r#"{"fault":{"code":101504,"message":"Backend timed out"}}"#,
        FaultKind::Timeout,
        Landed::Unknown,
    ),
];

/// As declared. What 401 means depends on whether the key is one that runs out.
pub(super) fn known(setup: &Setup) -> Vec<NativeError> {
    let refused = if setup.raw.kunci_bertukar {
        FaultKind::CredentialExpired
    } else {
        FaultKind::Misconfigured
    };
    let key = (
        401,
        r#"{"responinqueryNIB":{"kode":401,"keterangan":"Akses tidak sah"}}"#,
        refused,
        Landed::No,
    );
    let rows = KNOWN.into_iter().chain([key]);
    rows.map(|(status, sample, kind, landed)| NativeError {
        status,
        sample: sample.into(),
        kind,
        landed,
    })
    .collect()
}
