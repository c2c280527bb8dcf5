//! The document of the policy path: an invented application of 2 KB, its schema, and the connector that removes, renames
//! and adds a member, as the peers' configuration does. The upstream answers everything with 1 KB of JSON.

use gateway::sdk::{
    Answer, Built, Call, Connector, Descriptor, Effect, Factory, Fault, NativeBody, NativeLimits, NativeReply,
    NativeRequest, Operation, OperationSpec, Paging, RelativePath, Replay, SettingSpec, Settings, Text,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Asks: nothing is journalled but the evidence, in batches.
pub(crate) const ASK: &str = "uji.tanya";
/// Writes: durable before it is sent.
pub(crate) const WRITE: &str = "uji.kirim";
/// More operations like [`ASK`], as many as the setting `lain` says; nobody calls them.
pub(crate) fn other(n: usize) -> String {
    format!("uji.lain.n{n}")
}
/// For `config::check`.
pub(crate) const FACTORY: Factory = Factory { kind: "uji", build };

const REQUEST: &str = "urn:simpul:skema:uji_permohonan:1";
const REPLY: &str = "urn:simpul:skema:uji_jawaban:1";

/// The document, with a number that is its own.
pub(crate) fn document(number: u64) -> Value {
    let family = |i: u32| json!({"nama": format!("Anggota Rekaan {i}"), "hubungan": if i == 0 { "pasangan" } else { "anak" }, "tanggal_lahir": format!("20{:02}-01-10", 10 + i)});
    let income = |i: u32| json!({"bulan": format!("2026-{:02}", i + 1), "jumlah": format!("{}500000.2500", 4 + i), "mata_uang": "IDR"});
    let file = |i: u32| json!({"jenis": "surat_keterangan", "nomor": format!("SK-{i:04}/2026"), "terbit": "2026-02-03", "sha256": format!("{i:064x}")});
    json!({
        "nomor": format!("9f0b5f3a-7d6e-4a55-8d3f-{number:012x}"),
        "layanan": "bantuan.perumahan.v2",
        "diajukan_pada": "2026-03-14T09:26:53Z",
        "kanal": "portal",
        "prioritas": 3,
        "nama": "Warga Rekaan Satu",
        "tanggal_lahir": "1984-03-17",
        "npwp": "0000000000000000",
        "surel": "warga@contoh.invalid",
        "telepon": "+620000000000",
        "setuju": true,
        "jejak": {"asal": "7a1c", "versi": "2026.03.1"},
        "alamat": {"kecamatan": "Karang Rekaan", "jalan": "Jalan Contoh", "nomor": "14", "rt_rw": "001/002", "kode_pos": "00000"},
        "keluarga": (0..4).map(family).collect::<Vec<_>>(),
        "penghasilan": (0..8).map(income).collect::<Vec<_>>(),
        "berkas": (0..4).map(file).collect::<Vec<_>>(),
        "catatan": "Mohon ditinjau kembali; rumah contoh ini rusak karena hujan yang direka untuk pengukuran.",
    })
}

/// What the upstream answers, about 1 KB.
pub(crate) fn answer() -> Value {
    let event = |n: u32| json!({"n": n, "pada": format!("2026-01-{:02}T09:30:00Z", n % 27 + 1)});
    json!({
        "id": "7b0c1f1e-52d5-4f5c-9b1f-1d0a6f3e9a11", "layanan": "registri.contoh", "versi": "1.4.2", "status": "aktif",
        "pemohon": {"full_name": "Warga Rekaan Satu", "tanggal_lahir": "1984-03-17", "kecamatan": "Karang Rekaan"},
        "peristiwa": (0..18).map(event).collect::<Vec<_>>(),
    })
}

fn text(lo: u32, hi: u32) -> Value {
    json!({"type": "string", "minLength": lo, "maxLength": hi})
}

fn like(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

fn object(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "unevaluatedProperties": false})
}

/// Schemas of input and reply, with their file names.
pub(crate) fn schemas() -> [(&'static str, Value); 2] {
    let date = || like("^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
    let list =
        |lo: u32, hi: u32, items: Value| json!({"type": "array", "minItems": lo, "maxItems": hi, "items": items});
    let line = || text(0, 120);
    let address = object(
        &["kecamatan", "jalan", "nomor"],
        &json!({"kecamatan": line(), "jalan": line(), "nomor": line(), "rt_rw": line(), "kode_pos": line()}),
    );
    let person = object(
        &["nama", "hubungan"],
        &json!({"nama": text(1, 200), "hubungan": {"enum": ["pasangan", "anak", "orang_tua", "lain"]}, "tanggal_lahir": date()}),
    );
    let income = object(
        &["bulan", "jumlah", "mata_uang"],
        &json!({"bulan": like("^[0-9]{4}-[0-9]{2}$"), "jumlah": like("^[0-9]{1,16}(\\.[0-9]{1,4})?$"), "mata_uang": {"enum": ["IDR", "USD", "EUR"]}}),
    );
    let file = object(
        &["jenis", "nomor"],
        &json!({"jenis": text(0, 40), "nomor": text(0, 40), "terbit": date(), "sha256": like("^[0-9a-f]{64}$")}),
    );
    let request = object(
        &[
            "nomor",
            "layanan",
            "diajukan_pada",
            "kanal",
            "nama",
            "tanggal_lahir",
            "setuju",
            "alamat",
            "penghasilan",
        ],
        &json!({
            "nomor": like("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"), "layanan": text(3, 64),
            "diajukan_pada": like("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"),
            "kanal": {"enum": ["portal", "kantor", "aplikasi", "mitra"]},
            "prioritas": {"type": "integer", "minimum": 0, "maximum": 9},
            "nama": text(1, 200), "tanggal_lahir": date(), "npwp": like("^[0-9]{15,16}$"), "surel": text(0, 254),
            "telepon": like("^\\+[0-9]{10,15}$"), "setuju": {"const": true}, "jejak": {"type": "object"},
            "alamat": address, "keluarga": list(0, 30, person), "penghasilan": list(1, 60, income),
            "berkas": list(0, 50, file), "catatan": text(0, 4000),
        }),
    );
    let reply = object(
        &["id", "layanan", "status", "pemohon"],
        &json!({
            "id": like("^[0-9a-f-]{36}$"), "layanan": text(3, 64), "versi": text(1, 20),
            "status": {"enum": ["aktif", "tunda", "tutup"]},
            "pemohon": object(&["nama"], &json!({"nama": text(1, 200), "tanggal_lahir": date(), "kecamatan": line()})),
            "peristiwa": list(0, 100, object(&["n", "pada"], &json!({"n": {"type": "integer"}, "pada": text(20, 20)}))),
        }),
    );
    [
        ("permohonan.json", named(REQUEST, request)),
        ("jawaban.json", named(REPLY, reply)),
    ]
}

fn named(id: &str, mut schema: Value) -> Value {
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["$id"] = id.into();
    schema["title"] = "Uji".into();
    schema["description"] = "Dokumen pengukuran.".into();
    schema["x-en"] = json!({"title": "Test", "description": "A document for measuring."});
    schema
}

fn build(settings: &Settings) -> Built {
    let others = settings.table().get("lain").and_then(Value::as_u64).unwrap_or(0);
    let ids = [ASK.to_owned(), WRITE.to_owned()].into_iter();
    let ids = ids.chain((0..usize::try_from(others).unwrap_or(0)).map(other));
    let operations: HashMap<String, One> = ids.map(|id| (id.clone(), One { spec: spec(id) })).collect();
    let mut descriptor = descriptor();
    descriptor.operations = operations.values().map(|one| one.spec.clone()).collect();
    Ok(Arc::new(Uji { descriptor, operations }))
}

struct Uji {
    descriptor: Descriptor,
    operations: HashMap<String, One>,
}

struct One {
    spec: OperationSpec,
}

fn spec(id: String) -> OperationSpec {
    let writes = id == WRITE;
    OperationSpec {
        id: id.into(),
        summary: Text::new("Mengukur.", "Measures."),
        request_schema: REQUEST.into(),
        reply_schema: REPLY.into(),
        effect: if writes {
            Effect::Write { replay: Replay::Native }
        } else {
            Effect::Read
        },
        answer: Answer::Immediate,
        reference: if writes { vec!["/nomor".into()] } else { vec![] },
        ordering: vec![],
        deadline_ms: 5_000,
        paging: Paging::None,
        follow: None,
    }
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: "uji".into(),
        title: Text::new("Uji", "Test"),
        owner: "Simpul".into(),
        native_version: "1".into(),
        documentation: "https://uji.invalid".into(),
        auth: vec!["none".into()],
        limits: NativeLimits::default(),
        operations: vec![],
        hooks: vec![],
        mirrors: vec![],
        errors: vec![],
        settings: vec![SettingSpec {
            key: "lain".into(),
            text: Text::new("Banyaknya operasi lain.", "How many other operations."),
            required: false,
        }],
    }
}

impl Connector for Uji {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        Some(self.operations.get(id)?)
    }
}

impl Operation for One {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }
    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let mut native = input.clone();
        if let Some(fields) = native.as_object_mut() {
            fields.remove("jejak");
            if let Some(name) = fields.remove("nama") {
                fields.insert("full_name".to_owned(), name);
            }
            fields.insert("pengirim".to_owned(), call.reference.into());
        }
        Ok(NativeRequest::post(
            "kirim",
            RelativePath::of("permohonan"),
            NativeBody::Json(native),
        ))
    }
    fn reply(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let mut value = reply.json()?;
        if let Some(person) = value["pemohon"].as_object_mut()
            && let Some(name) = person.remove("full_name")
        {
            person.insert("nama".to_owned(), name);
        }
        Ok(value)
    }
}
