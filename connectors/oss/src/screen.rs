//! Faults common to all methods, found before any operation sees a reply: faults of the national connector (SPLP), HTTP
//! statuses, and the response codes of list 9, which come under HTTP 200 as well as under an error status.

use crate::envelope::{holder, text};
use crate::exact;
use crate::settings::Setup;
use connector_sdk::{Fault, FaultKind, Landed, NativeReply, NativeRequest, Text, profile, screen};
use serde_json::Value;

/// The step whose code 400 also means "not merged or signed yet".
pub(crate) const FILE_STEP: &str = "berkas";

/// Judges a reply.
pub(crate) fn screen(setup: &Setup, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    if let Some(fault) = profile::splp_fault(request.writes, reply) {
        return Err(fault);
    }
    let unsure = if request.writes { Landed::Unknown } else { Landed::No };
    let body = exact::parse(&reply.body);
    let found = body.as_ref().and_then(holder);
    let Some((envelope, code)) = found else {
        by_status(setup, request, reply)?;
        let what = if reply.looks_like_html() {
            "a success status with an HTML page"
        } else {
            "a success status without a response code"
        };
        return Err(Fault::drift(what).landed(unsure));
    };
    match (reply.is_success(), code) {
        (true, "200") if envelope.get("success") == Some(&Value::Bool(false)) => {
            Err(refused(setup, request, envelope).native_code("success-false"))
        }
        (true, "200") => Ok(()),
        (false, "200") => match by_status(setup, request, reply) {
            Err(fault) => Err(fault),
            Ok(()) => Err(Fault::drift("an unexpected status").landed(unsure)),
        },
        (success, code) => Err(known(setup, request, envelope, code, unsure).unwrap_or_else(|| {
            let status = by_status(setup, request, reply).err().filter(|_| !success);
            status.unwrap_or_else(|| Fault::drift("an unknown response code").landed(unsure))
        }))
        .map_err(|fault: Fault| {
            let after = screen::retry_after(reply).or(fault.retry_after);
            fault.native_code(shown(code)).retry_after(after)
        }),
    }
}

/// What the status alone says.
fn by_status(setup: &Setup, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    screen::http(request.writes, reply).map_err(|fault| match (reply.status, fault.kind) {
        (401, _) if setup.raw.kunci_bertukar => expired(),
        // Paths are fixed, so a page that is not there is our configuration; a certificate is named by its path.
        (404, FaultKind::NotFound) if request.step != "sertifikat" => Fault::new(
            FaultKind::Misconfigured,
            Text::new(
                "Alamat layanan OSS di konfigurasi tidak dikenal.",
                "The configured OSS path is not known to the system.",
            ),
        )
        .native_code("http-404"),
        _ => fault,
    })
}

/// The codes of list 9.
fn known(setup: &Setup, request: &NativeRequest, envelope: &Value, code: &str, unsure: Landed) -> Option<Fault> {
    let (kind, landed, words) = match code {
        "400" if request.step == FILE_STEP => (
            FaultKind::NotFound,
            Landed::No,
            Text::new(
                "Berkas belum ada: belum digabung atau ditandatangani, atau id tidak dikenal OSS. Tanyakan lagi nanti.",
                "There is no file yet: not merged or signed, or OSS does not know the id. Ask again later.",
            ),
        ),
        "400" => return Some(refused(setup, request, envelope)),
        "401" if setup.raw.kunci_bertukar => return Some(expired()),
        "401" | "403" | "405" => (
            FaultKind::Misconfigured,
            Landed::No,
            Text::new(
                "OSS menolak kredensial atau hak akses gateway. Pengelola gateway sudah diberi tahu.",
                "OSS refuses the gateway's credentials or access. The operator has been told.",
            ),
        ),
        "404" => (
            FaultKind::NotFound,
            Landed::No,
            Text::new("OSS tidak memiliki data ini.", "OSS has no such record."),
        ),
        "429" => (
            FaultKind::Throttled,
            Landed::No,
            Text::new("OSS meminta jeda.", "OSS asks us to slow down."),
        ),
        "500" | "502" => (
            FaultKind::Unavailable,
            unsure,
            Text::new("OSS gagal memproses permintaan.", "OSS failed to process the request."),
        ),
        "503" => (
            FaultKind::Unavailable,
            Landed::No,
            Text::new("OSS sedang tidak dapat melayani.", "OSS cannot serve at the moment."),
        ),
        "504" => (
            FaultKind::Timeout,
            unsure,
            Text::new(
                "OSS melewati batas waktunya sendiri; hasilnya belum pasti.",
                "OSS ran out of its own time; the outcome is unknown.",
            ),
        ),
        _ => return None,
    };
    Some(Fault::new(kind, words).landed(landed))
}

/// Code 400: wrong content, or nothing found. Only the configured words tell which; they are matched, never shown.
fn refused(setup: &Setup, request: &NativeRequest, envelope: &Value) -> Fault {
    let said = ["keterangan", "message"].iter().find_map(|name| text(envelope, name));
    let said = said.unwrap_or_default().to_lowercase();
    let absent = setup
        .raw
        .kata_tidak_ditemukan
        .iter()
        .any(|word| said.contains(&word.to_lowercase()));
    if absent {
        let words = Text::new("OSS tidak memiliki data ini.", "OSS has no such record.");
        return Fault::new(FaultKind::NotFound, words);
    }
    let words = if request.writes {
        Text::new("OSS menolak isi kiriman.", "OSS refused the content.")
    } else {
        Text::new(
            "OSS menolak permintaan atau tidak memiliki data ini.",
            "OSS refused the request or has no such record.",
        )
    };
    Fault::new(FaultKind::Rejected, words)
}

fn expired() -> Fault {
    Fault::new(
        FaultKind::CredentialExpired,
        Text::new(
            "Kunci gateway di OSS sudah habis masa.",
            "The gateway's key at OSS has run out.",
        ),
    )
}

/// Codes are quoted for the operator; anything that does not look like one is not, for it could be personal data.
fn shown(code: &str) -> &str {
    let plain = code.len() <= 4 && code.bytes().all(|b| b.is_ascii_digit());
    if plain { code } else { "lain" }
}
