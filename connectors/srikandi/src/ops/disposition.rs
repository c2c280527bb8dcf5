//! Dispositions: give, list, withdraw while unread, close.

use super::{Plain, input_id, listing, page_asked, reads, tell, writes};
use crate::codes::UNKNOWN;
use crate::settings::Setup;
use crate::{envelope, fields, letter};
use connector_sdk::{Fault, Landed, NativeBody, NativeReply, NativeRequest, Operation, Paging, Text};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const M: &str = "disposisi";

pub(super) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let plain = |spec, request, reply| -> Box<dyn Operation> {
        Box::new(Plain {
            spec,
            setup: Arc::clone(setup),
            request,
            reply,
        })
    };
    let list = connector_sdk::OperationSpec {
        paging: Paging::Number,
        ..reads(
            "disposisi.daftar",
            Text::new(
                "Mendaftar disposisi satu naskah.",
                "Lists the dispositions of a letter.",
            ),
            "disposisi_daftar_kunci",
            "disposisi_daftar",
        )
    };
    vec![
        plain(
            writes(
                setup,
                "disposisi.kirim",
                Text::new(
                    "Mendisposisikan satu naskah, sekali saja per rujukan.",
                    "Gives one disposition of a letter, exactly once per reference.",
                ),
                ("disposisi", "disposisi_rincian"),
                "/naskah_id",
            ),
            |setup, _, input| tell(setup, "buat", ("disposisi", None), M, input),
            |setup, _, reply| one(setup, &envelope::data(setup, reply, Landed::Unknown)?, Landed::Unknown),
        ),
        plain(
            list,
            |setup, _, input| {
                let request = listing(setup, "cari", "disposisi", page_asked(input)?);
                Ok(request.query(setup.parameter("naskah_id"), input_id(input, "naskah_id")?))
            },
            |setup, input, reply| {
                let (rows, next, _) = envelope::page(setup, reply, page_asked(input)?)?;
                let items = rows
                    .iter()
                    .map(|row| one(setup, row, Landed::No))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(json!({"butir": items, "halaman_berikut": next.map(|page| page.to_string())}))
            },
        ),
        plain(
            writes(
                setup,
                "disposisi.tarik",
                Text::new(
                    "Menarik disposisi; hanya selama belum dibaca penerimanya.",
                    "Withdraws a disposition; only while its recipient has not read it.",
                ),
                ("disposisi_kunci", "disposisi_rincian"),
                "/id",
            ),
            |setup, _, input| {
                let path = setup.path("disposisi_satu", Some(input_id(input, "id")?));
                let request = NativeRequest::post("tarik", path, NativeBody::Empty);
                let delete = setup.raw.metode_tarik.as_deref() != Some("POST");
                Ok(NativeRequest {
                    method: if delete { Method::DELETE } else { Method::POST },
                    ..request
                })
            },
            withdrawn,
        ),
        plain(
            writes(
                setup,
                "disposisi.selesai",
                Text::new(
                    "Menutup disposisi dengan laporan.",
                    "Closes a disposition with a report.",
                ),
                ("disposisi_selesai", "disposisi_rincian"),
                "/id",
            ),
            |setup, _, input| {
                let id = input_id(input, "id")?;
                tell(
                    setup,
                    "selesai",
                    ("disposisi_selesai", Some(id)),
                    "disposisi_selesai",
                    input,
                )
            },
            |setup, _, reply| one(setup, &envelope::data(setup, reply, Landed::Unknown)?, Landed::Unknown),
        ),
    ]
}

/// An empty 204 is the answer; a body, where the system gives one, has passed the rule of acknowledgement.
fn withdrawn(_setup: &Setup, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
    if reply.status != 204 && reply.body.is_empty() {
        return Err(Fault::drift("a success status that says nothing").landed(Landed::Unknown));
    }
    Ok(json!({"id": input_id(input, "id")?, "keadaan": "ditarik"}))
}

/// A native disposition.
fn one(setup: &Setup, data: &Value, unsure: Landed) -> Result<Value, Fault> {
    let id = envelope::id(setup, data, unsure)?;
    let text = |ours: &str, usual: &str| fields::text(setup, M, data, ours, usual);
    let state = text("keadaan", "status");
    let state = state.ok_or_else(|| Fault::drift("a disposition without its state").landed(unsure))?;
    let codes = fields::get(setup, M, data, "instruksi", "instruksi").and_then(Value::as_array);
    let codes = codes.into_iter().flatten().filter_map(fields::plain);
    let known = codes.map(|code| setup.codes("instruksi").known(&code).unwrap_or(UNKNOWN).to_owned());
    let mut out = json!({
        "id": id,
        "dari": text("dari", "dari"),
        "keadaan": setup.codes("keadaan_penerima").canonical(&state),
        "keadaan_asli": letter::short(&state, 64),
        "penerima": letter::recipients(setup, data),
        "instruksi": known.collect::<Vec<_>>(),
        "pesan": text("pesan", "pesan"),
    });
    if let (Some(fields), Some(letter)) = (out.as_object_mut(), text("naskah_id", "naskah_id")) {
        fields.insert("naskah_id".to_owned(), json!(letter));
    }
    Ok(out)
}
