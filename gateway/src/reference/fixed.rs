//! The gateway's own addresses in OpenAPI: exchanges, access, subscriptions, events, files.

use super::openapi::in_path;
use super::schema::Names;
use serde_json::{Map, Value, json};

/// Path, method, id, Indonesian and English summary, schema of the body, success status, schema of the answer.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    (&'static str, &'static str),
    &'static str,
    u16,
    &'static str,
);

const ROWS: [Row; 20] = [
    (
        "/v1/pertukaran/{id}",
        "get",
        "pertukaran.lihat",
        (
            "Melihat di mana satu pertukaran berada.",
            "Shows where an exchange stands.",
        ),
        "",
        200,
        "pertukaran",
    ),
    (
        "/v1/pertukaran",
        "get",
        "pertukaran.daftar",
        (
            "Mendaftar pertukaran sendiri, yang terbaru dahulu.",
            "Lists one's own exchanges, the newest first.",
        ),
        "",
        200,
        "pertukaran_daftar",
    ),
    (
        "/v1/pemakaian",
        "get",
        "pemakaian.lihat",
        (
            "Melihat hak, kunci dan pemakaian sendiri.",
            "Shows one's own rights, keys and use.",
        ),
        "",
        200,
        "pemakaian",
    ),
    (
        "/v1/akses",
        "get",
        "akses.daftar",
        (
            "Mendaftar permintaan akses sendiri.",
            "Lists one's own requests for access.",
        ),
        "",
        200,
        "akses_daftar",
    ),
    (
        "/v1/akses",
        "post",
        "akses.ajukan",
        (
            "Meminta akses; yang belum punya kunci pun boleh bila dibuka. 201: berlaku seketika (sandbox).",
            "Asks for access; also without a key where that is open. 201: in force at once (sandbox).",
        ),
        "akses_masukan",
        202,
        "akses",
    ),
    (
        "/v1/akses/{id}",
        "get",
        "akses.lihat",
        ("Melihat satu permintaan akses.", "Shows a request for access."),
        "",
        200,
        "akses",
    ),
    (
        "/v1/akses/{id}/ambil",
        "post",
        "akses.ambil",
        (
            "Mengambil kunci yang disetujui, sekali saja, dengan X-Rahasia-Akses.",
            "Fetches the approved key, once, with X-Rahasia-Akses.",
        ),
        "",
        200,
        "akses",
    ),
    (
        "/v1/langganan/{id}/periksa-tanda-tangan",
        "post",
        "langganan.periksa_tanda_tangan",
        (
            "Memeriksa tanda tangan kiriman yang diterima.",
            "Judges the signature of a push as received.",
        ),
        "tanda_tangan_masukan",
        200,
        "tanda_tangan_putusan",
    ),
    (
        "/v1/langganan",
        "get",
        "langganan.daftar",
        ("Mendaftar langganan sendiri.", "Lists one's own subscriptions."),
        "",
        200,
        "langganan_daftar",
    ),
    (
        "/v1/langganan",
        "post",
        "langganan.buat",
        (
            "Berlangganan peristiwa; rahasia hanya ditampilkan sekali.",
            "Subscribes to events; the secret is shown once.",
        ),
        "langganan_masukan",
        201,
        "langganan",
    ),
    (
        "/v1/langganan/{id}",
        "get",
        "langganan.lihat",
        (
            "Melihat satu langganan dengan keadaan pengirimannya.",
            "Shows a subscription and how its deliveries go.",
        ),
        "",
        200,
        "langganan",
    ),
    (
        "/v1/langganan/{id}",
        "patch",
        "langganan.ubah",
        ("Mengubah langganan.", "Changes a subscription."),
        "langganan_perubahan",
        200,
        "langganan",
    ),
    (
        "/v1/langganan/{id}",
        "delete",
        "langganan.hapus",
        ("Menghapus langganan.", "Deletes a subscription."),
        "",
        204,
        "",
    ),
    (
        "/v1/langganan/{id}/putar-rahasia",
        "post",
        "langganan.putar_rahasia",
        (
            "Mengganti rahasia; yang lama masih berlaku sebentar.",
            "Replaces the secret; the old one still holds for a while.",
        ),
        "",
        200,
        "langganan",
    ),
    (
        "/v1/langganan/{id}/uji",
        "post",
        "langganan.uji",
        ("Mengirim satu peristiwa uji.", "Sends a test event."),
        "",
        202,
        "langganan_tindakan",
    ),
    (
        "/v1/langganan/{id}/ulang",
        "post",
        "langganan.ulang",
        ("Mengirim ulang dari satu posisi.", "Tells again from a position."),
        "langganan_ulang",
        202,
        "langganan_tindakan",
    ),
    (
        "/v1/langganan/{id}/lanjutkan",
        "post",
        "langganan.lanjutkan",
        ("Melanjutkan langganan yang dijeda.", "Resumes a paused subscription."),
        "",
        200,
        "langganan",
    ),
    (
        "/v1/peristiwa",
        "get",
        "peristiwa.daftar",
        ("Membaca peristiwa satu langganan.", "Reads events of a subscription."),
        "",
        200,
        "peristiwa_daftar",
    ),
    (
        "/v1/peristiwa/{posisi}",
        "get",
        "peristiwa.lihat",
        ("Membaca satu peristiwa.", "Reads one event."),
        "",
        200,
        "peristiwa",
    ),
    (
        "/v1/peristiwa/akui",
        "post",
        "peristiwa.akui",
        (
            "Mengakui peristiwa sampai satu posisi.",
            "Acknowledges events up to a position.",
        ),
        "peristiwa_akui",
        200,
        "langganan_tindakan",
    ),
];

/// Statuses of refusals here.
const REFUSALS: [u16; 14] = [400, 401, 403, 404, 408, 409, 410, 413, 415, 422, 429, 500, 503, 504];

/// All of them: path, method, operation.
pub(super) fn operations(names: &Names<'_>) -> Vec<(&'static str, &'static str, Value)> {
    let mut all: Vec<_> = ROWS.iter().map(|row| (row.0, row.1, operation(row, names))).collect();
    all.push(("/v1/lampiran", "post", upload(names)));
    all
}

fn operation((path, _, id, summary, body, status, reply): &Row, names: &Names<'_>) -> Value {
    let mut operation = json!({
        "operationId": id, "tags": ["simpul"], "summary": summary.0, "x-en": {"summary": summary.1},
        "responses": responses(*status, reply, names),
    });
    let mut parameters: Vec<Value> = in_path(path)
        .map(
            |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "maxLength": 64}}),
        )
        .collect();
    if *id == "peristiwa.daftar" {
        let query = |name: &str, required: bool, kind: &str| json!({"name": name, "in": "query", "required": required, "schema": {"type": kind}});
        parameters.extend([
            query("langganan", true, "string"),
            query("setelah", false, "integer"),
            query("batas", false, "integer"),
        ]);
    }
    if *id == "pertukaran.daftar" {
        let query = |name: &str| json!({"name": name, "in": "query", "required": false, "schema": {"type": "string", "maxLength": 200}});
        let names = ["keadaan", "operasi", "rujukan", "sejak", "sampai", "kursor", "jumlah"];
        parameters.extend(names.map(query));
    }
    if path.starts_with("/v1/akses") {
        // Newcomers show the secret of their request instead of a key.
        operation["security"] = json!([{}, {"kunci": []}]);
        if *id == "akses.ajukan" {
            operation["responses"]["201"] = operation["responses"]["202"].clone();
        }
    }
    if *id == "akses.ambil" || *id == "akses.lihat" {
        parameters.push(json!({"name": "X-Rahasia-Akses", "in": "header", "required": false, "schema": {"type": "string", "maxLength": 200}}));
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if !body.is_empty() {
        let schema = names.reference(&of(body));
        operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    operation
}

fn upload(names: &Names<'_>) -> Value {
    json!({
        "operationId": "lampiran.unggah", "tags": ["simpul"], "summary": "Mengunggah satu berkas, apa adanya di badan permintaan.",
        "x-en": {"summary": "Uploads a file, raw in the body."},
        "parameters": [{"name": "nama_berkas", "in": "query", "required": false, "schema": {"type": "string", "maxLength": 200}}],
        "requestBody": {"required": true, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        "responses": responses(201, "lampiran", names),
    })
}

fn responses(status: u16, reply: &str, names: &Names<'_>) -> Value {
    let mut all = Map::new();
    let mut done = json!({"description": "Selesai / done"});
    if !reply.is_empty() {
        done["content"] = json!({"application/json": {"schema": names.reference(&of(reply))}});
    }
    all.insert(status.to_string(), done);
    for status in REFUSALS {
        all.insert(
            status.to_string(),
            json!({"$ref": format!("#/components/responses/masalah_{status}")}),
        );
    }
    Value::Object(all)
}

fn of(short: &str) -> String {
    format!("urn:simpul:skema:{short}:1")
}
