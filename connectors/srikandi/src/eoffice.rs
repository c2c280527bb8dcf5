//! The second dialect: an agency's e-office that takes pushed dispositions. Pure JSON (form data is refused there), the
//! scan in base64, an API key in a header that the door puts in.

use crate::fields;
use crate::ops::{input_id, writes};
use crate::settings::{Repeat, Setup};
use connector_sdk::{
    Call, Fault, FaultKind, Fill, Landed, NativeBody, NativeReply, NativeRequest, Operation, OperationSpec, Text,
    screen as http,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The operations of an e-office.
pub(crate) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let spec = writes(
        setup,
        "eoffice.disposisi.dorong",
        Text::new(
            "Mendorong satu disposisi ke e-office OPD, sekali saja per rujukan.",
            "Pushes one disposition to an agency's e-office, exactly once per reference.",
        ),
        ("disposisi_dorong", "disposisi_rincian"),
        "/rujukan",
    );
    vec![Box::new(Push {
        spec: OperationSpec {
            deadline_ms: 10_000,
            ..spec
        },
        setup: Arc::clone(setup),
    })]
}

struct Push {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

const FIELDS: [(&str, &str); 5] = [
    ("rujukan", "external_id"),
    ("nomor_agenda", "nomor_agenda"),
    ("nomor_naskah", "nomor_surat"),
    ("hal", "perihal"),
    ("asal_naskah", "asal_surat"),
];

impl Operation for Push {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let setup = &self.setup;
        let file = input.get("berkas_naskah").cloned().unwrap_or_default();
        let id = input_id(&file, "id")?.to_owned();
        let mut body = Map::new();
        let name = |ours: &str, usual: &'static str| setup.field("eoffice", ours, usual).map(str::to_owned);
        if let Some(name) = name("aplikasi", "source_app") {
            fields::put(&mut body, &name, json!(setup.raw.kode_instansi));
        }
        for (ours, usual) in FIELDS {
            if let (Some(name), Some(value)) = (name(ours, usual), input.get(ours)) {
                fields::put(&mut body, &name, value.clone());
            }
        }
        let date = input.get("tanggal_naskah").and_then(Value::as_str).unwrap_or_default();
        if let (Some(name), Some(date)) = (name("tanggal_naskah", "tanggal_surat"), setup.clock.native_date(date)) {
            fields::put(&mut body, &name, json!(date));
        }
        let scan = name("scan", "scan_surat").unwrap_or_else(|| "scan_surat".to_owned());
        fields::put(&mut body, &scan, Value::Null);
        let body = NativeBody::JsonFilled {
            value: Value::Object(body),
            fills: vec![(format!("/{}", scan.replace('.', "/")), Fill::FileBase64 { id })],
        };
        Ok(NativeRequest::post("dorong", setup.path("eoffice_dorong", None), body))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = reply.json().map_err(|fault| fault.landed(Landed::Unknown))?;
        let id = ["/data/id", "/id", "/data/external_id", "/external_id"];
        let id = id.iter().find_map(|place| body.pointer(place).and_then(fields::plain));
        let id = match (id, self.setup.repeat()) {
            (Some(id), _) => id,
            // Without an id it is known again by ours, which the e-office keeps.
            (None, Repeat::Kunci) => input_id(input, "rujukan")?.to_owned(),
            (None, Repeat::Jangan) => return Err(Fault::drift("an answer without an id").landed(Landed::Unknown)),
        };
        Ok(json!({"id": id, "keadaan": "belum_dibaca"}))
    }
}

/// Statuses, and success bodies that say they are none.
pub(crate) fn screen(request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    http::http(request.writes, reply)?;
    let unsure = if request.writes { Landed::Unknown } else { Landed::No };
    let body: Value =
        serde_json::from_slice(&reply.body).map_err(|_| Fault::drift("a body that is not JSON").landed(unsure))?;
    let said = ["success", "status"].iter().find_map(|name| body.get(*name));
    match said {
        Some(Value::Bool(true)) => Ok(()),
        Some(Value::String(word)) if ["success", "ok", "sukses", "healthy"].contains(&word.to_lowercase().as_str()) => {
            Ok(())
        }
        Some(Value::Bool(false)) => Err(Fault::new(
            FaultKind::Rejected,
            Text::new(
                "E-office menolak disposisi ini.",
                "The e-office refused this disposition.",
            ),
        )),
        _ => Err(Fault::drift("a success status without a word of success").landed(unsure)),
    }
}
