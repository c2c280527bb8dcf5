//! The operations. Each is data and two pure functions; what they share stands here: how a write carries its key, how a
//! reply is opened, what a receipt holds.

mod disposition;
mod file;
mod filing;
mod incoming;
mod lists;
mod outgoing;

use crate::envelope;
use crate::fields;
use crate::settings::{Repeat, Setup};
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, Landed, NativeBody, NativeReply, NativeRequest, Operation, OperationSpec,
    Paging, Part, Replay, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Paths that settings may replace.
pub(crate) const PATHS: &[(&str, &str)] = &[
    ("naskah_masuk", "naskah-masuk"),
    ("naskah_masuk_lihat", "naskah-masuk/{id}"),
    ("naskah_keluar", "naskah-keluar"),
    ("naskah_keluar_lihat", "naskah-keluar/{id}"),
    ("naskah_keluar_ajukan", "naskah-keluar/{id}/ajukan"),
    ("naskah_keluar_verifikasi", "naskah-keluar/{id}/verifikasi"),
    ("naskah_keluar_tandatangan", "naskah-keluar/{id}/tandatangan"),
    ("naskah_file", "naskah/{id}/file"),
    ("disposisi", "disposisi"),
    ("disposisi_satu", "disposisi/{id}"),
    ("disposisi_selesai", "disposisi/{id}/selesai"),
    ("berkas", "berkas"),
    ("berkas_isi", "berkas/{id}/item"),
    ("berkas_tutup", "berkas/{id}/tutup"),
    ("perubahan", "perubahan"),
    ("acuan_unit_kerja", "master/unit-kerja"),
    ("acuan_jabatan", "master/jabatan"),
    ("acuan_klasifikasi", "master/klasifikasi"),
    ("acuan_jenis_naskah", "master/jenis-naskah"),
    ("acuan_sifat_naskah", "master/sifat-naskah"),
    ("acuan_tingkat_urgensi", "master/tingkat-urgensi"),
    ("acuan_instansi", "master/instansi"),
    ("eoffice_dorong", "api/v1/disposisi/push"),
    ("eoffice_sehat", "api/v1/health"),
];

/// Every operation of SRIKANDI.
pub(crate) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let mut all = incoming::all(setup);
    all.extend(outgoing::all(setup));
    all.extend(disposition::all(setup));
    all.extend(filing::all(setup));
    all.extend(lists::all(setup));
    all.push(file::operation(setup));
    all
}

pub(crate) use lists::{change, probe};

type Request = fn(&Setup, &Call<'_>, &Value) -> Result<NativeRequest, Fault>;
type Reply = fn(&Setup, &Value, &NativeReply) -> Result<Value, Fault>;

/// An operation of one step.
pub(crate) struct Plain {
    pub(crate) spec: OperationSpec,
    pub(crate) setup: Arc<Setup>,
    pub(crate) request: Request,
    pub(crate) reply: Reply,
}

impl Operation for Plain {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let request = (self.request)(&self.setup, call, input)?;
        Ok(headed(&self.setup, call, request))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        (self.reply)(&self.setup, input, reply)
    }
}

/// With the headers that every request carries, and the key that every write carries.
pub(crate) fn headed(setup: &Setup, call: &Call<'_>, request: NativeRequest) -> NativeRequest {
    let names = &setup.raw.kepala;
    let mut request = request;
    if !names.instansi.is_empty() {
        request = request.header(&names.instansi, &setup.raw.kode_instansi);
    }
    if !names.permintaan.is_empty() {
        request = request.header(&names.permintaan, &format!("{}-{}", call.exchange, call.attempt));
    }
    if request.writes && !names.kunci.is_empty() {
        request = request.header(&names.kunci, call.exchange);
    }
    request
}

fn schema(name: &str) -> String {
    format!("urn:simpul:skema:{name}:1")
}

/// The declaration of a reading operation.
pub(crate) fn reads(id: &'static str, summary: Text, input: &str, reply: &str) -> OperationSpec {
    OperationSpec {
        id: id.into(),
        summary,
        request_schema: schema(input).into(),
        reply_schema: schema(reply).into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 45_000,
        paging: Paging::None,
        follow: None,
    }
}

/// The declaration of a look at one record. Looks that the gateway itself takes at the same record follow each other, so
/// that what they tell does not go backwards.
pub(crate) fn look(id: &'static str, summary: Text, input: &str, reply: &str) -> OperationSpec {
    OperationSpec {
        ordering: vec!["/id".into()],
        ..reads(id, summary, input, reply)
    }
}

/// The declaration of a write in the lane at `lane`, one effect per caller's reference.
pub(crate) fn writes(
    setup: &Setup,
    id: &'static str,
    summary: Text,
    (input, reply): (&str, &str),
    lane: &'static str,
) -> OperationSpec {
    OperationSpec {
        effect: Effect::Write {
            replay: match setup.repeat() {
                Repeat::Kunci => Replay::Native,
                Repeat::Jangan => Replay::Unsafe,
            },
        },
        reference: if lane == "/rujukan" {
            vec!["/rujukan".into()]
        } else {
            vec![lane.into(), "/rujukan".into()]
        },
        ordering: vec![lane.into()],
        deadline_ms: 120_000,
        ..reads(id, summary, input, reply)
    }
}

/// The id of the input; the schema demands it.
pub(crate) fn input_id<'a>(input: &'a Value, name: &str) -> Result<&'a str, Fault> {
    input.get(name).and_then(Value::as_str).ok_or_else(|| {
        Fault::invalid(vec![Complaint {
            pointer: format!("/{name}"),
            text: Text::new("Sebutkan id.", "Name the id."),
        }])
    })
}

/// A POST of a canonical message in native words.
pub(crate) fn tell(
    setup: &Setup,
    step: &'static str,
    path: (&str, Option<&str>),
    message: &str,
    input: &Value,
) -> Result<NativeRequest, Fault> {
    let body = fields::write(setup, message, input).map_err(Fault::invalid)?;
    Ok(NativeRequest::post(
        step,
        setup.path(path.0, path.1),
        NativeBody::Json(body),
    ))
}

/// A receipt of a letter: the remote id is demanded for what was created, else the input's is kept.
pub(crate) fn receipt(setup: &Setup, input: &Value, reply: &NativeReply, created: bool) -> Result<Value, Fault> {
    let data = envelope::data(setup, reply, Landed::Unknown)?;
    let id = match created {
        true => envelope::id(setup, &data, Landed::Unknown)?,
        false => input_id(input, "id")?.to_owned(),
    };
    let text = |ours: &str, usual: &str| fields::text(setup, "naskah", &data, ours, usual);
    let state = text("keadaan", "status");
    let state = state.ok_or_else(|| Fault::drift("an answer without a state").landed(Landed::Unknown))?;
    let mut receipt = json!({
        "id": id,
        "keadaan": setup.codes("keadaan").canonical(&state),
        "keadaan_asli": crate::letter::short(&state, 64),
        "nomor_agenda": text("nomor_agenda", "nomor_agenda"),
        "nomor_sementara": text("nomor_sementara", "nomor_sementara"),
    });
    if let Some(fields) = receipt.as_object_mut() {
        if let Some(reference) = input.get("rujukan") {
            fields.insert("rujukan".to_owned(), reference.clone());
        }
        let step = fields::get(setup, "naskah", &data, "langkah", "langkah").and_then(Value::as_u64);
        if let Some(step) = step.filter(|step| (1..=100).contains(step)) {
            fields.insert("langkah".to_owned(), json!(step));
        }
    }
    Ok(receipt)
}

/// An upload: the metadata, the letter, its enclosures. Kinds and sizes are held against settings before anything leaves;
/// the content decides the kind once more where the bytes are.
pub(crate) fn upload(
    setup: &Setup,
    step: &'static str,
    path: &str,
    message: &str,
    input: &Value,
) -> Result<NativeRequest, Fault> {
    let mut complaints = crate::elements::complete(input, &setup.raw.tidak_wajib);
    complaints.extend(crate::elements::variables(
        input,
        &["hal", "ringkasan", "nomor_naskah", "nomor_referensi"],
    ));
    let written = match fields::write(setup, message, input) {
        Ok(written) => written,
        Err(found) => {
            complaints.extend(found);
            Value::Null
        }
    };
    let names = &setup.raw.bagian;
    let mut parts = vec![Part {
        media_type: Some("application/json".to_owned()),
        ..Part::text(
            names.metadata.as_str(),
            counted(setup, message, input, written).to_string(),
        )
    }];
    let letter = input.get("berkas_naskah").cloned().unwrap_or_default();
    let enclosures = input
        .get("lampiran")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let files = std::iter::once((
        "/berkas_naskah".to_owned(),
        &names.naskah,
        &setup.raw.file.naskah,
        &letter,
    ))
    .chain(
        enclosures
            .iter()
            .enumerate()
            .map(|(n, one)| (format!("/lampiran/{n}"), &names.lampiran, &setup.raw.file.lampiran, one)),
    );
    for (at, name, kinds, one) in files {
        match file::part(name, kinds, setup.raw.file.batas, one, &at) {
            Ok(part) => parts.push(part),
            Err(found) => complaints.push(found),
        }
    }
    crate::elements::refuse(complaints)?;
    Ok(NativeRequest::post(
        step,
        setup.path(path, None),
        NativeBody::Multipart(parts),
    ))
}

/// How many enclosures follow, so that a lost part is noticed.
fn counted(setup: &Setup, message: &str, input: &Value, mut written: Value) -> Value {
    let count = input.get("lampiran").and_then(Value::as_array).map_or(0, Vec::len);
    if let (Some(out), Some(name)) = (
        written.as_object_mut(),
        setup.field(message, "lampiran_jumlah", "lampiran_jumlah"),
    ) {
        fields::put(out, name, json!(count));
    }
    written
}

/// The number of the page asked for.
pub(crate) fn page_asked(input: &Value) -> Result<u64, Fault> {
    let Some(mark) = input.get("halaman").and_then(Value::as_str) else {
        return Ok(1);
    };
    mark.parse().ok().filter(|page| *page > 0).ok_or_else(|| {
        Fault::invalid(vec![Complaint {
            pointer: "/halaman".to_owned(),
            text: Text::new(
                "Pakai penanda halaman dari balasan sebelumnya.",
                "Use the page mark of the previous reply.",
            ),
        }])
    })
}

/// A listing request for one page.
pub(crate) fn listing(setup: &Setup, step: &'static str, path: &str, page: u64) -> NativeRequest {
    NativeRequest::get(step, setup.path(path, None))
        .query(setup.parameter("page"), page.to_string())
        .query(setup.parameter("per_page"), setup.raw.per_halaman.to_string())
}
