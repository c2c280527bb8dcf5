//! The methods a city calls, from the socket to the answer: path, access, root key, the method itself, the envelope.

mod access;
pub(crate) mod certificate;
pub(crate) mod envelope;
mod files;
mod licence;
mod lookup;
mod nib;
mod proyek;
pub(crate) mod read;
mod status;

use serde_json::{Map, Value};

use super::Oss;
use super::days;
use crate::frame::{Answer, Endpoint, Fault, Request, Role, splp};
use envelope::{bad, good};
use read::Refusal;

/// What a method comes to: fields of the answer, or a refusal.
pub(crate) type Done = Result<Value, Refusal>;

pub(super) const ENDPOINTS: [Endpoint; 17] = [
    Endpoint::new("receiveLicense", Role::Create),
    Endpoint::new("updateLicense", Role::Write),
    Endpoint::new("receiveLicenseStatus", Role::Write),
    Endpoint::new("receiveLicenseKKPR", Role::Write),
    Endpoint::new("checkLicenseStatus", Role::Read),
    Endpoint::new("inqueryLicense", Role::Read),
    Endpoint::new("inqueryNIB", Role::Read),
    Endpoint::new("checkNIB", Role::Read),
    Endpoint::new("inqueryNIBSTPW", Role::Read),
    Endpoint::new("fetchNIB", Role::Read),
    Endpoint::new("inqueryProyek", Role::Read),
    Endpoint::new("getDataReferensi", Role::List),
    Endpoint::new("inqueryFileDS", Role::Read),
    Endpoint::new("receiveCertificate", Role::Create),
    Endpoint::new("inqueryCertificate", Role::Read),
    Endpoint::new("sendSecurityKey", Role::Read),
    Endpoint::new("file", Role::Read),
];

/// Where methods are found besides the configured prefix; both forms of the sandbox, and the root of OSS 1.x.
const PREFIXES: [&str; 4] = ["/stg/v1/kl/rba", "/oss-sandbox/kl/rba", "/oss-sandbox", ""];

/// The endpoint of a path, and what follows its name.
pub(super) fn find<'p>(oss: &Oss, path: &'p str) -> Option<(Endpoint, &'p str)> {
    let prefixes = std::iter::once(oss.options.prefix.as_str()).chain(PREFIXES);
    for prefix in prefixes {
        let Some(rest) = path.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')) else {
            continue;
        };
        if let Some(id) = rest.strip_prefix("file/download/") {
            return Some((ENDPOINTS[16], id));
        }
        let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let found = ENDPOINTS[..16].iter().find(|endpoint| endpoint.name == name);
        if let Some(endpoint) = found.filter(|endpoint| rest.is_empty() || endpoint.name == "inqueryCertificate") {
            return Some((*endpoint, rest));
        }
    }
    None
}

pub(super) fn answer(oss: &mut Oss, request: &Request, twists: &[Fault]) -> Answer {
    let Some((endpoint, rest)) = find(oss, &request.path) else {
        oss.counts.refused += 1;
        return bad(oss, "", &Refusal::new(404, "Layanan tidak ditemukan"));
    };
    let method = endpoint.name;
    if let Err(answer) = access::check(oss, method, request) {
        oss.counts.refused += 1;
        return answer;
    }
    if method == "file" {
        return files::download(oss, rest);
    }
    let done = run(oss, method, rest, request, twists);
    match done {
        Ok(fields) => good(oss, method, fields),
        Err(refusal) => {
            oss.counts.refused += 1;
            bad(oss, method, &refusal)
        }
    }
}

fn run(oss: &mut Oss, method: &str, rest: &str, request: &Request, twists: &[Fault]) -> Done {
    let wanted = if method == "inqueryCertificate" { "GET" } else { "POST" };
    if request.method != wanted {
        return Err(Refusal::new(405, "Akses ke layanan ditolak"));
    }
    if method == "inqueryCertificate" {
        return certificate::inquire(oss, rest);
    }
    if request.media_type() != "application/json" {
        return Err(Refusal::new(400, "Content-Type harus application/json"));
    }
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|_| Refusal::new(400, "Parameter tidak sesuai: JSON tidak valid"))?;
    let map = root(oss, method, &body)?;
    match method {
        "receiveLicense" => licence::receive(oss, map, twists),
        "updateLicense" => licence::update(oss, map),
        "receiveLicenseStatus" => status::receive(oss, map),
        "receiveLicenseKKPR" => status::receive_kkpr(oss, map),
        "checkLicenseStatus" => lookup::check_status(oss, map),
        "inqueryLicense" => lookup::licence(oss, map),
        "inqueryNIB" => nib::inquire(oss, map),
        "checkNIB" => nib::check(oss, map),
        "inqueryNIBSTPW" => nib::stpw(oss, map),
        "fetchNIB" => nib::fetch(oss, map),
        "inqueryProyek" => proyek::inquire(oss, map),
        "getDataReferensi" => lookup::reference(oss, map, twists),
        "inqueryFileDS" => files::inquire(oss, map),
        "receiveCertificate" => certificate::receive(oss, map, twists),
        _ => access::security_key(oss, map),
    }
}

fn root<'v>(oss: &Oss, method: &str, body: &'v Value) -> Result<&'v Map<String, Value>, Refusal> {
    let names: &[&str] = match method {
        "receiveLicense" | "updateLicense" => &["IZINFINAL"],
        "receiveLicenseStatus" => &["IZINSTATUS"],
        "receiveLicenseKKPR" => &["IZINFINALKKPR"],
        "checkLicenseStatus" if oss.options.strict.current_roots => &["CHECKLICENSESTATUS"],
        "checkLicenseStatus" => &["CHECKLICENSESTATUS", "IZINSTATUS"],
        "inqueryLicense" => &["INQUERYLICENSE"],
        "inqueryNIB" => &["INQUERYNIB"],
        "checkNIB" => &["CHECKNIB"],
        "inqueryNIBSTPW" => &["INQUERYNIBSTPW"],
        "fetchNIB" => &["FETCHNIB"],
        "getDataReferensi" => &["GETDATAREFERENSI"],
        "inqueryFileDS" => &["INQUERYFILEDS"],
        // The guide's sample has one, its table the other.
        "receiveCertificate" => &["DATACERTIFICATE", "receiveCertificate"],
        "sendSecurityKey" => &["securityKey"],
        _ => &[],
    };
    let inner = match names {
        [] => Some(body),
        names => names.iter().find_map(|name| body.get(name)),
    };
    let found = inner.and_then(Value::as_object);
    found.ok_or_else(|| {
        Refusal::new(
            400,
            format!("Parameter {} tidak ditemukan", names.first().unwrap_or(&"body")),
        )
    })
}

/// What a fault looks like in OSS's own words.
pub(super) fn fault(oss: &Oss, fault: &Fault, request: &Request) -> Answer {
    let method = find(oss, &request.path).map_or("", |(endpoint, _)| endpoint.name);
    let native = |status: u16, code: u16, text: &str| {
        let mut fields = serde_json::json!({"kode": code, "keterangan": text});
        if method == "inqueryFileDS" {
            fields = serde_json::json!({"status": code.to_string(), "keterangan": text});
        }
        let body = match envelope::envelope(oss, method, false) {
            Some(name) => serde_json::json!({ name: fields }),
            None => fields,
        };
        Answer::json(status, &body)
    };
    let late = |answer: Answer, seconds: Option<u64>| match seconds {
        Some(seconds) => answer.with("retry-after", seconds.to_string()),
        None => answer,
    };
    match fault {
        Fault::OkWithErrorBody => native(200, 500, "OSS gagal memproses payload"),
        Fault::TokenExpired { code } if oss.behind_splp() => splp::json_fault(*code),
        Fault::TokenExpired { .. } => native(401, 401, "Akses user tidak valid"),
        Fault::Throttled {
            code,
            retry_after,
            next_access,
        } if oss.behind_splp() => {
            let next = next_access.map(|seconds| days::instant(oss.now() + seconds as i64));
            splp::throttled(*code, next, *retry_after)
        }
        Fault::Throttled { retry_after, .. } => late(native(429, 429, "Terlalu banyak permintaan"), *retry_after),
        Fault::Unavailable { retry_after } => late(native(503, 503, "Layanan dalam pemeliharaan"), *retry_after),
        Fault::BackendTimeout { .. } => timeout(oss, request),
        Fault::EndpointSuspended => splp::json_fault(303_001),
        Fault::GatewayFault { code } => splp::json_fault(*code),
        Fault::XmlFault { code } => splp::xml_fault(*code),
        Fault::HtmlErrorPage { status } => Answer::html(
            *status,
            "<html><head><title>Error</title></head><body><h1>OSS</h1></body></html>\n",
        ),
        Fault::OutOfHours => native(503, 405, "Akses ke layanan ditolak"),
        _ => native(500, 500, "OSS gagal memproses payload"),
    }
}

/// Code 504: whether the payload was processed is not known.
pub(super) fn timeout(oss: &Oss, request: &Request) -> Answer {
    if oss.behind_splp() {
        return splp::json_fault(101_504);
    }
    let method = find(oss, &request.path).map_or("", |(endpoint, _)| endpoint.name);
    let key = if method == "inqueryFileDS" { "status" } else { "kode" };
    let fields = serde_json::json!({key: 504, "keterangan": "OSS timeout memproses payload"});
    let body = match envelope::envelope(oss, method, false) {
        Some(name) => serde_json::json!({ name: fields }),
        None => fields,
    };
    Answer::json(504, &body)
}
