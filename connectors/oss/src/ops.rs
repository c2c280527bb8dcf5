//! The operations, one file each, and what they share: a translation made of two functions, requests that ask and
//! requests that tell, and the fields every write carries.

mod berkas_lihat;
mod izin_lihat;
mod kkpr_kirim;
mod lookup;
mod nib_ambil;
mod nib_lihat;
mod nib_periksa;
mod nib_publik;
mod nib_stpw_lihat;
mod perbarui;
mod proyek_lihat;
mod referensi_lihat;
mod sertifikat_kirim;
mod sertifikat_lihat;
mod status_kirim;
mod status_periksa;
mod terbitkan;

pub(crate) use referensi_lihat::{ask_list, probe, reference_rows};
pub(crate) use terbitkan::same_number;

use crate::settings::Setup;
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, Landed, Lookup, NativeBody, NativeReply, NativeRequest, Operation,
    OperationSpec, Paging, Replay, Text,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Methods whose path may be configured.
pub(crate) const METHODS: [&str; 15] = [
    "receiveLicense",
    "updateLicense",
    "receiveLicenseStatus",
    "receiveLicenseKKPR",
    "checkLicenseStatus",
    "inqueryLicense",
    "inqueryNIB",
    "checkNIB",
    "inqueryNIBSTPW",
    "fetchNIB",
    "inqueryProyek",
    "getDataReferensi",
    "inqueryFileDS",
    "receiveCertificate",
    "inqueryCertificate",
];

/// Every operation of one endpoint.
pub(crate) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let mut all: Vec<Box<dyn Operation>> = vec![
        status_kirim::operation(setup),
        terbitkan::operation(setup),
        perbarui::operation(setup),
        kkpr_kirim::operation(setup),
        status_periksa::operation(setup),
        izin_lihat::operation(setup),
        nib_lihat::operation(setup),
        nib_periksa::operation(setup),
        nib_stpw_lihat::operation(setup),
        nib_ambil::operation(setup),
        proyek_lihat::operation(setup),
        referensi_lihat::operation(setup),
        berkas_lihat::operation(setup),
        sertifikat_kirim::operation(setup),
        sertifikat_lihat::operation(setup),
    ];
    if setup.raw.cek_publik.is_some() {
        all.push(nib_publik::operation(setup));
    }
    all
}

type Request = fn(&Setup, &Value) -> Result<NativeRequest, Fault>;
type Reply = fn(&Setup, &Value, &Value) -> Result<Value, Fault>;

/// An operation of one step.
struct Plain {
    spec: OperationSpec,
    setup: Arc<Setup>,
    request: Request,
    /// Input and opened envelope to the canonical reply.
    reply: Reply,
    lookup: Option<Box<dyn Lookup>>,
}

impl Operation for Plain {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        (self.request)(&self.setup, input)
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let unsure = if self.spec.effect.writes() {
            Landed::Unknown
        } else {
            Landed::No
        };
        let opened = crate::envelope::open(reply);
        opened
            .and_then(|envelope| (self.reply)(&self.setup, input, &envelope))
            .map_err(|fault| {
                if fault.landed == Landed::No {
                    fault.landed(unsure)
                } else {
                    fault
                }
            })
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        self.lookup.as_deref()
    }
}

fn schema(name: &str) -> String {
    format!("urn:simpul:skema:{name}:1")
}

/// The declaration of a reading operation.
fn reads(id: &'static str, summary: Text, input: &str, reply: &str) -> OperationSpec {
    OperationSpec {
        id: id.into(),
        summary,
        request_schema: schema(input).into(),
        reply_schema: schema(reply).into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 30_000,
        paging: Paging::None,
        follow: None,
    }
}

/// The declaration of a write in the lane of one application: never repeated before a look-up.
fn writes(id: &'static str, summary: Text, input: &str, reply: &str, reference: &[&'static str]) -> OperationSpec {
    OperationSpec {
        effect: Effect::Write {
            replay: Replay::ByReference,
        },
        reference: reference.iter().map(|pointer| (*pointer).into()).collect(),
        ordering: vec!["/id_izin".into()],
        deadline_ms: 60_000,
        ..reads(id, summary, input, reply)
    }
}

/// A request that posts but changes nothing.
fn ask(setup: &Setup, step: &'static str, method: &str, body: Value) -> NativeRequest {
    NativeRequest::post(step, setup.path(method), NativeBody::Json(body)).reads_only()
}

/// A request that changes something.
fn tell(setup: &Setup, step: &'static str, method: &str, body: Value) -> NativeRequest {
    NativeRequest::post(step, setup.path(method), NativeBody::Json(body))
}

/// Text of an input field; empty when it is not there, which the schema rules out for required ones.
fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Copies fields of the input under their native names; those that are not there become empty text.
fn copied(input: &Value, names: &[(&str, &str)]) -> Map<String, Value> {
    let pairs = names
        .iter()
        .map(|(native, canonical)| ((*native).to_owned(), json!(text(input, canonical))));
    pairs.collect()
}

/// A complaint about one field.
fn complaint(pointer: &str, id: &'static str, en: &'static str) -> Fault {
    Fault::invalid(vec![Complaint {
        pointer: pointer.to_owned(),
        text: Text::new(id, en),
    }])
}

/// The region of the input as OSS writes it.
fn native_region(input: &Value) -> Result<String, Fault> {
    crate::scalar::native_region(text(input, "kode_wilayah")).ok_or_else(|| {
        complaint(
            "/kode_wilayah",
            "Kode wilayah tidak terbaca.",
            "The region code cannot be read.",
        )
    })
}

/// The moment of the input as OSS writes it.
fn native_time(setup: &Setup, input: &Value) -> Result<String, Fault> {
    setup
        .zone
        .native(text(input, "terjadi_pada"))
        .ok_or_else(|| complaint("/terjadi_pada", "Waktu tidak terbaca.", "The time cannot be read."))
}

fn not_found() -> Fault {
    Fault::new(
        connector_sdk::FaultKind::NotFound,
        Text::new("OSS tidak memiliki data ini.", "OSS has no such record."),
    )
}
