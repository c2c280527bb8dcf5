//! The envelope and the rule of acknowledgement: a success status, a body that parses, the configured field with the
//! configured value, and for what is created a remote id. Anything less leaves a write unknown.

use crate::fields;
use crate::settings::{Meaning, Setup};
use connector_sdk::{Complaint, Fault, FaultKind, Landed, NativeReply, NativeRequest, Text, profile, screen};
use serde_json::Value;

/// The step whose 304 is an answer.
pub(crate) const LIST_STEP: &str = "acuan";

/// Judges a reply before any operation sees it.
pub(crate) fn screen(setup: &Setup, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    if reply.status == 304 && request.step == LIST_STEP {
        return Ok(());
    }
    if let Some(fault) = profile::splp_fault(request.writes, reply) {
        return Err(fault);
    }
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let code = body.as_ref().and_then(|body| body.pointer(&setup.raw.amplop.kode));
    let code = code.and_then(fields::plain);
    let meaning = code.as_deref().and_then(|code| setup.errors.get(code).copied());
    if !reply.is_success() {
        let by_status = screen::http(request.writes, reply).err();
        let fault = match (reply.status, meaning) {
            (401, _) => Some(fault(Meaning::Token)),
            // A status of trouble says more than any code beside it.
            (408 | 429 | 500..=599, _) => by_status,
            (_, Some(meaning)) => Some(fault(meaning)),
            // Without a word of the system a 403 is about our credentials.
            (_, None) => by_status,
        };
        let fault = fault.unwrap_or_else(|| Fault::drift("an unexpected status"));
        return Err(named(fault, code.as_deref(), setup, body.as_ref()));
    }
    if reply.status == 204 {
        return Ok(());
    }
    let unsure = if request.writes { Landed::Unknown } else { Landed::No };
    let Some(body) = body else {
        let what = if reply.looks_like_html() {
            "a success status with an HTML page"
        } else {
            "a success status with a body that is not JSON"
        };
        return Err(Fault::drift(what).landed(unsure));
    };
    if body.pointer(&setup.raw.amplop.sukses) == Some(&setup.raw.amplop.nilai) {
        return Ok(());
    }
    match meaning {
        Some(meaning) => Err(named(fault(meaning), code.as_deref(), setup, Some(&body))),
        None => Err(Fault::drift("a success status without the configured acknowledgement").landed(unsure)),
    }
}

fn fault(meaning: Meaning) -> Fault {
    let text = match meaning {
        Meaning::Ditolak => Text::new("SRIKANDI menolak isi kiriman.", "SRIKANDI refused the content."),
        Meaning::TidakAda => Text::new("SRIKANDI tidak memiliki data ini.", "SRIKANDI has no such record."),
        Meaning::Bentrok => Text::new(
            "Bentrok dengan keadaan di SRIKANDI: nomor sudah dipakai, langkah tidak sesuai, atau disposisi sudah dibaca.",
            "Conflict with the state in SRIKANDI: the number is taken, the step does not fit, or the disposition was read.",
        ),
        Meaning::Token => Text::new(
            "Token gateway di SRIKANDI sudah habis masa.",
            "The gateway's token at SRIKANDI has run out.",
        ),
        Meaning::Akses => Text::new(
            "SRIKANDI menolak: kelas naskah di atas hak instansi atau jabatan ini.",
            "SRIKANDI refused: the class of the letter is above the right of this institution or position.",
        ),
        Meaning::Jeda => Text::new("SRIKANDI meminta jeda.", "SRIKANDI asks us to slow down."),
        Meaning::Terganggu => Text::new(
            "SRIKANDI sedang tidak dapat melayani.",
            "SRIKANDI cannot serve at the moment.",
        ),
    };
    Fault::new(meaning.kind(), text)
}

/// With the code when it is one of the table's, and the fields complained about by their canonical names.
fn named(mut fault: Fault, code: Option<&str>, setup: &Setup, body: Option<&Value>) -> Fault {
    if let Some(code) = code.filter(|code| setup.errors.contains_key(*code)) {
        fault = fault.native_code(code);
    }
    if fault.kind == FaultKind::Rejected {
        let errors = body
            .and_then(|body| body.pointer(&setup.raw.amplop.galat))
            .and_then(Value::as_object);
        let pointers = errors
            .into_iter()
            .flatten()
            .filter_map(|(name, _)| fields::canonical_pointer(setup, name));
        fault.complaints = pointers
            .map(|pointer| Complaint {
                pointer,
                text: Text::new("Ditolak oleh SRIKANDI.", "Refused by SRIKANDI."),
            })
            .collect();
    }
    fault
}

/// The whole body of a reply that has passed the screen.
pub(crate) fn body(reply: &NativeReply, unsure: Landed) -> Result<Value, Fault> {
    reply.json().map_err(|fault| fault.landed(unsure))
}

/// The data of an acknowledged reply.
pub(crate) fn data(setup: &Setup, reply: &NativeReply, unsure: Landed) -> Result<Value, Fault> {
    let body = body(reply, unsure)?;
    let data = body.pointer(&setup.raw.amplop.data).filter(|data| !data.is_null());
    data.cloned()
        .ok_or_else(|| Fault::drift("an answer without data").landed(unsure))
}

/// The remote id; without one nothing was acknowledged.
pub(crate) fn id(setup: &Setup, data: &Value, unsure: Landed) -> Result<String, Fault> {
    let id = data.pointer(&setup.raw.amplop.id).and_then(fields::plain);
    id.ok_or_else(|| Fault::drift("an answer without the remote id").landed(unsure))
}

/// The rows of a page, the number of the page after it, the number of all rows.
pub(crate) type Rows = (Vec<Value>, Option<u64>, Option<u64>);

/// One page of a list.
pub(crate) fn page(setup: &Setup, reply: &NativeReply, asked: u64) -> Result<Rows, Fault> {
    let body = body(reply, Landed::No)?;
    let rows = body.pointer(&setup.raw.amplop.data).and_then(Value::as_array);
    let rows = rows.ok_or_else(|| Fault::drift("a list without its rows"))?.clone();
    let number = |pointer: &str| body.pointer(pointer).and_then(Value::as_u64);
    let total = number(&setup.raw.amplop.jumlah);
    let page = number(&setup.raw.amplop.halaman).unwrap_or(asked);
    if page != asked {
        // A system that answers one page for all would be asked for ever.
        return Err(Fault::drift("another page than the one asked for"));
    }
    let size = number(&setup.raw.amplop.per_halaman)
        .unwrap_or(u64::from(setup.raw.per_halaman))
        .max(1);
    let seen = asked.saturating_mul(size);
    let more = match total {
        Some(total) => seen < total && !rows.is_empty(),
        None => u64::try_from(rows.len()).unwrap_or(u64::MAX) >= size,
    };
    Ok((rows, more.then_some(asked.saturating_add(1)), total))
}
