//! Mirrors of the code lists that others need at hand: units, positions, classification. Persons are not mirrored: their
//! list holds identity numbers.

use crate::codes::UNKNOWN;
use crate::settings::Setup;
use crate::{envelope, fields, ops};
use connector_sdk::{Call, Fault, Mirror, MirrorSpec, NativeReply, NativeRequest, Page, Pull, Str, Text};
use serde_json::{Value, json};
use std::sync::Arc;

type Record = fn(&Setup, &Value) -> Option<Value>;

struct List {
    spec: MirrorSpec,
    setup: Arc<Setup>,
    path: &'static str,
    record: Record,
}

/// The mirrors of one endpoint.
pub(crate) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Mirror>> {
    let list = |id, summary, schema: &str, key: &'static str, path, record| -> Box<dyn Mirror> {
        Box::new(List {
            spec: MirrorSpec {
                id,
                summary,
                schema: format!("urn:simpul:skema:{schema}:1").into(),
                key: vec![Str::from(key)],
                every_s: 24 * 3600,
                max_shrink_percent: 10,
                max_pages: 200,
            },
            setup: Arc::clone(setup),
            path,
            record,
        })
    };
    vec![
        list(
            "srikandi.unit".into(),
            Text::new("Unit kerja di SRIKANDI.", "Units in SRIKANDI."),
            "unit",
            "/id",
            "acuan_unit_kerja",
            unit,
        ),
        list(
            "srikandi.jabatan".into(),
            Text::new("Jabatan di SRIKANDI.", "Positions in SRIKANDI."),
            "jabatan",
            "/id",
            "acuan_jabatan",
            position,
        ),
        list(
            "srikandi.klasifikasi".into(),
            Text::new(
                "Klasifikasi arsip dengan retensi dan kelas keamanan.",
                "Archive classification with retention and security class.",
            ),
            "klasifikasi",
            "/kode",
            "acuan_klasifikasi",
            classification,
        ),
    ]
}

fn unit(setup: &Setup, row: &Value) -> Option<Value> {
    let text = |ours: &str, usual: &str| fields::text(setup, "unit", row, ours, usual);
    Some(json!({
        "id": text("id", "id")?, "nama": text("nama", "nama")?, "induk_id": text("induk_id", "induk_id"),
        "kelompok": text("kelompok", "kelompok"),
    }))
}

fn position(setup: &Setup, row: &Value) -> Option<Value> {
    let text = |ours: &str, usual: &str| fields::text(setup, "jabatan", row, ours, usual);
    // A position that does not say that it is in use is not sent letters.
    let active = fields::get(setup, "jabatan", row, "aktif", "aktif").and_then(Value::as_bool);
    Some(json!({
        "id": text("id", "id")?, "nama": text("nama", "nama")?, "unit_id": text("unit_id", "unit_id"),
        "aktif": active.unwrap_or(false),
    }))
}

fn classification(setup: &Setup, row: &Value) -> Option<Value> {
    let text = |ours: &str, usual: &str| fields::text(setup, "klasifikasi", row, ours, usual);
    let years = |ours: &str| fields::get(setup, "klasifikasi", row, ours, ours).and_then(Value::as_u64);
    let coded =
        |list: &str, native: Option<String>| native.map(|native| setup.codes(list).canonical(&native).to_owned());
    Some(json!({
        "kode": text("kode", "kode")?, "nama": text("nama", "nama")?, "uraian": text("uraian", "uraian"),
        "retensi_aktif_tahun": years("retensi_aktif_tahun"), "retensi_inaktif_tahun": years("retensi_inaktif_tahun"),
        "nasib_akhir": coded("nasib_akhir", text("nasib_akhir", "nasib_akhir")),
        "sifat": coded("sifat", text("sifat", "klasifikasi_keamanan")).unwrap_or_else(|| UNKNOWN.to_owned()),
    }))
}

impl Mirror for List {
    fn spec(&self) -> &MirrorSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        let request = ops::listing(&self.setup, "salin", self.path, asked(pull)?);
        Ok(ops::headed(&self.setup, call, request))
    }

    fn page(&self, _call: &Call<'_>, pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let (rows, next, total) = envelope::page(&self.setup, reply, asked(pull)?)?;
        let records = rows.iter().map(|row| {
            (self.record)(&self.setup, row).ok_or_else(|| Fault::drift("a listed row without its id or name"))
        });
        Ok(Page {
            records: records.collect::<Result<_, _>>()?,
            next: next.map(|page| page.to_string()),
            total,
        })
    }
}

fn asked(pull: &Pull) -> Result<u64, Fault> {
    let page = pull.cursor.as_deref().map_or(Some(1), |mark| mark.parse().ok());
    page.ok_or_else(|| Fault::drift("the cursor of the pull is not a page number"))
}
