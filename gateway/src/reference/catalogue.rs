//! The catalogue as data: for every entry name, description, address, attributes, output, who provides, uses and runs it.

use super::entry::{Behind, Entry};
use super::facts::Facts;
use super::schema::Names;
use connector_sdk::Text;
use schemas::Schema;
use serde_json::{Value, json};

/// `/katalog`
pub(super) fn list(entries: &[Entry<'_>], facts: &Facts) -> Value {
    json!({
        "penyelenggara": facts.organiser,
        "kode_instansi": facts.code,
        "kontak": facts.contact,
        "openapi": "/openapi.json",
        "asyncapi": "/asyncapi.json",
        "dcat": "/katalog/dcat.jsonld",
        "butir": entries.iter().map(|entry| brief(entry, facts)).collect::<Vec<_>>(),
    })
}

/// What anyone may know of an entry.
fn brief(entry: &Entry<'_>, facts: &Facts) -> Value {
    json!({
        "id": entry.id,
        "jenis": entry.kind(),
        "nama": both(&entry.summary),
        "uraian": both(&description(entry)),
        "alamat": entry.path,
        "metode": entry.method,
        "versi": entry.version(),
        "akses": access(entry),
        "sistem": entry.system,
        "nama_sistem": both(&entry.title()),
        "penyedia": entry.owner(),
        "penyelenggara": facts.organiser,
        "kontak": facts.contact,
        "masukan": entry.request().map(Schema::id),
        "keluaran": entry.reply().map(Schema::id),
        "atribut": attributes(entry),
        "daftar_kode": entry.codes(),
        "usang_sejak": entry.ageing.map(|age| age.deprecated.to_string()),
        "berakhir_pada": entry.ageing.and_then(|age| age.sunset).map(|at| at.to_string()),
        "pengganti": entry.ageing.and_then(|age| age.successor.clone()),
        "rincian": format!("/katalog/{}", entry.id),
    })
}

/// `/katalog/{id}`: the open part and what a registered consumer may know beside it.
pub(super) fn detail(entry: &Entry<'_>, facts: &Facts, names: &Names<'_>) -> Value {
    let mut all = brief(entry, facts);
    let descriptor = entry.descriptor;
    all["versi_asli"] = json!(descriptor.map(|d| &d.native_version));
    all["dokumentasi_asli"] = json!(descriptor.map(|d| &d.documentation));
    all["batas"] = json!(descriptor.map(|d| &d.limits));
    all["data_pribadi"] = json!(entry.reply().map(Schema::personal_fields));
    all["skema"] = json!({
        "masukan": entry.request().map(|schema| names.inline(schema)),
        "keluaran": entry.reply().map(|schema| names.inline(schema)),
    });
    if let Behind::Operation(published) = entry.behind {
        all["akibat"] = json!(published.spec.effect);
        all["jawaban"] = json!(published.spec.answer);
        all["kunci_idempoten_wajib"] = json!(published.key_required);
        all["ukuran_maks"] = json!(published.max_body);
    }
    if let Behind::Copy(plan) = entry.behind {
        all["saringan"] = json!(plan.fields.iter().map(|field| &field.name).collect::<Vec<_>>());
        all["segar_detik"] = json!(plan.fresh.as_secs());
    }
    all
}

/// Open or restricted.
pub(super) fn access(entry: &Entry<'_>) -> &'static str {
    if entry.open { "terbuka" } else { "terbatas" }
}

/// What it is for, in a sentence more than its name.
pub(super) fn description(entry: &Entry<'_>) -> Text {
    let of = |schema: &Schema| {
        let text = |pointer: &str| {
            schema
                .document()
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        (text("/description"), text("/x-en/description"))
    };
    let (id, en) = entry.reply().map(of).unwrap_or_default();
    match id.is_empty() {
        true => entry.summary.clone(),
        false => Text::owned(
            format!("{} Keluaran: {id}", entry.summary.id),
            format!("{} Output: {en}", entry.summary.en),
        ),
    }
}

/// The fields that are answered.
fn attributes(entry: &Entry<'_>) -> Vec<Value> {
    let properties = entry
        .reply()
        .and_then(|schema| schema.document().get("properties")?.as_object());
    let one = |(name, property): (&String, &Value)| {
        let text = |key: &str| property.get(key).and_then(Value::as_str);
        json!({
            "nama": name, "uraian": text("description"), "en": text("x-en"), "tipe": property.get("type"),
            "satuan": text("x-satuan"), "data_pribadi": text("x-data-pribadi"),
        })
    };
    properties.map(|all| all.iter().map(one).collect()).unwrap_or_default()
}

fn both(text: &Text) -> Value {
    json!({"id": text.id, "en": text.en})
}
