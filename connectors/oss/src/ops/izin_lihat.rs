//! `izin.lihat`: one application with its projects and checklist. `inqueryLicense`.

use super::{Plain, ask, not_found, reads, text};
use crate::canon;
use crate::envelope;
use crate::fields::{Kind, Reader, put};
use crate::settings::{RequirementFlag, Setup};
use connector_sdk::{Fault, NativeRequest, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

const FIELDS: &[crate::fields::Field] = &[
    ("oss_id", "oss_id", Kind::Id),
    ("kd_izin", "kode_izin", Kind::Id),
    ("kd_daerah", "kode_wilayah", Kind::Region),
    ("kewenangan", "kewenangan", Kind::Code),
];

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "izin.lihat",
            Text::new(
                "Melihat satu permohonan izin dengan proyek dan persyaratannya.",
                "Shows one licence application with its projects and requirements.",
            ),
            "izin_kunci",
            "izin_rincian",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| Ok(ask_licence(setup, text(input, "id_izin"))),
        reply,
        lookup: None,
    })
}

/// Asks for one application.
pub(super) fn ask_licence(setup: &Setup, id: &str) -> NativeRequest {
    let mut fields = json!({ "id_izin": id });
    match setup.raw.data_persyaratan {
        RequirementFlag::Benar => fields["data_persyaratan"] = json!(true),
        RequirementFlag::Teks => fields["data_persyaratan"] = json!("TRUE"),
        RequirementFlag::Tanpa => {}
    }
    ask(setup, "izin", "inqueryLicense", json!({ "INQUERYLICENSE": fields }))
}

/// `data` of an answer about this application.
pub(super) fn data<'a>(envelope: &'a Value, id: &str) -> Result<&'a Value, Fault> {
    let data = envelope::filled(envelope, &["data"]).ok_or_else(not_found)?;
    match envelope::text(data, "id_izin") {
        Some(shown) if shown != id => Err(Fault::drift("`data.id_izin` is another application")),
        _ => Ok(data),
    }
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let id = text(input, "id_izin");
    let data = data(envelope, id)?;
    let mut reader = Reader::new(setup.zone);
    let mut out = reader.object(FIELDS, data);
    out.insert("id_izin".to_owned(), json!(id));
    put(
        &mut out,
        "proyek",
        canon::projects(&mut reader, data.get("data_proyek")),
    );
    put(&mut out, "permohonan", canon::applications(setup, &mut reader, data));
    reader.finish(&mut out);
    Ok(Value::Object(out))
}
