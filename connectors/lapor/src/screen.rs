//! Faults common to the whole system, found before any operation sees a reply: faults of the national connector,
//! HTTP statuses, an envelope that says `status: false` under HTTP 200, HTML pages of proxies.

use crate::envelope::created_id;
use connector_sdk::{Complaint, Fault, FaultKind, Landed, NativeReply, NativeRequest, Text, profile, screen};
use serde_json::Value;

/// Native create fields and the canonical fields they come from.
const FIELDS: [(&str, &str); 12] = [
    ("title", "/judul"),
    ("content", "/isi"),
    ("classification_id", "/klasifikasi"),
    ("category_id", "/kategori"),
    ("location_id", "/lokasi/kode_wilayah"),
    ("date_of_incident", "/tanggal_kejadian"),
    ("disposition_id", "/opd_tujuan"),
    ("attachments", "/lampiran"),
    ("is_anonymous", "/anonim"),
    ("is_secret", "/rahasia"),
    ("emailUser", "/pelapor/email"),
    ("phoneUser", "/pelapor/telepon"),
];

/// Judges a reply.
pub(crate) fn screen(request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    if let Some(fault) = profile::splp_fault(request.writes, reply) {
        return Err(fault);
    }
    screen::http(request.writes, reply).map_err(|fault| refine(request, reply, fault))?;
    if reply.looks_like_html() {
        let landed = if request.writes { Landed::Unknown } else { Landed::No };
        return Err(Fault::drift("a success status with an HTML page").landed(landed));
    }
    match serde_json::from_slice::<Value>(&reply.body) {
        Ok(body) if says_no(&body) => Err(refused(&body)),
        _ => Ok(()),
    }
}

/// What the status alone cannot say.
fn refine(request: &NativeRequest, reply: &NativeReply, mut fault: Fault) -> Fault {
    let fixed_path = matches!(request.step, "buat" | "unggah" | "dorong");
    if fault.kind == FaultKind::NotFound && fixed_path {
        return Fault::new(
            FaultKind::Misconfigured,
            Text::new(
                "Alamat layanan SP4N-LAPOR! di konfigurasi tidak dikenal.",
                "The configured SP4N-LAPOR! path is not known to the system.",
            ),
        )
        .native_code(format!("http-{}", reply.status));
    }
    if fault.kind == FaultKind::Rejected {
        let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        name_fields(&mut fault, &body);
    }
    fault
}

/// `status: false`, as a boolean, number or word.
fn says_no(body: &Value) -> bool {
    match body.get("status") {
        Some(Value::Bool(status)) => !status,
        Some(Value::Number(number)) => number.as_i64().is_some_and(|code| code == 0 || code >= 400),
        Some(Value::String(word)) => matches!(
            word.to_ascii_lowercase().as_str(),
            "false" | "error" | "failed" | "gagal"
        ),
        _ => false,
    }
}

/// A refusal under a success status. With an id in it the system contradicts itself: nobody can tell.
fn refused(body: &Value) -> Fault {
    let landed = if created_id(body).is_some() {
        Landed::Unknown
    } else {
        Landed::No
    };
    let mut fault = Fault::new(
        FaultKind::Rejected,
        Text::new(
            "SP4N-LAPOR! menolak permintaan ini.",
            "SP4N-LAPOR! refused this request.",
        ),
    )
    .landed(landed)
    .native_code("status-false");
    name_fields(&mut fault, body);
    fault
}

/// Names the fields a refusal speaks of, never their values or the system's words about them.
fn name_fields(fault: &mut Fault, body: &Value) {
    let Some(errors) = ["/errors", "/results/errors", "/data/errors", "/message"]
        .iter()
        .find_map(|place| body.pointer(place).and_then(Value::as_object))
    else {
        return;
    };
    for (native, pointer) in FIELDS.iter().filter(|(native, _)| errors.contains_key(*native)) {
        fault.complaints.push(Complaint {
            pointer: (*pointer).to_owned(),
            text: Text::owned(
                format!("SP4N-LAPOR! menolak isian ini (bidang {native})."),
                format!("SP4N-LAPOR! refuses this field ({native})."),
            ),
        });
    }
    let unnamed = errors
        .keys()
        .filter(|key| !FIELDS.iter().any(|(native, _)| native == key))
        .count();
    if unnamed > 0 {
        fault.internal = Some(format!("{unnamed} refused native fields have no canonical counterpart"));
    }
}
