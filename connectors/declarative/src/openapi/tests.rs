//! A document becomes a sound draft; what cannot be said is listed by place; what is meant to explode or to reach outside is
//! refused, and takes nothing else with it.

use super::*;
use crate::check::check;
use serde_json::json;

const VENDOR: &str = r##"
openapi: 3.0.3
info: {title: Parkir, version: 2.1, contact: {name: Dinas Contoh, email: parkir@contoh.invalid}}
servers: [{url: "https://parkir.contoh.invalid/v2/"}]
security: [{kunci: []}]
paths:
  /api/v1/lokasi/{idLokasi}/karcis:
    parameters: [{name: idLokasi, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: daftarKarcis
      summary: Karcis satu lokasi
      parameters:
        - {name: halaman, in: query, schema: {type: integer}}
        - {name: "filter[status]", in: query, schema: {type: string, enum: [A, T]}}
        - {name: label, in: query, schema: {type: array, items: {type: string}}}
        - {name: X-Wilayah, in: header, schema: {type: string}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [data, total]
                properties:
                  total: {type: integer, format: int32}
                  data: {type: array, items: {$ref: "#/components/schemas/Karcis"}}
    post:
      operationId: buatKarcis
      requestBody:
        required: true
        content: {application/json: {schema: {allOf: [{$ref: "#/components/schemas/Karcis"}, {type: object, required: [plat], properties: {plat: {type: string, pattern: "^(?=B)[A-Z]+$"}}}]}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Karcis"}}}}}
  /berkas:
    post:
      requestBody: {content: {multipart/form-data: {schema: {type: object}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}
  /pohon:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pohon"}}}}}}
  /luar:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "https://169.254.169.254/skema.json#/A"}}}}}}
  /bom:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/B0"}}}}}}
  /daftar:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: string}}}}}}}
components:
  securitySchemes:
    kunci: {type: apiKey, in: header, name: X-Kunci}
    kueri: {type: apiKey, in: query, name: token}
  schemas:
    Karcis:
      type: object
      required: [nomor, masuk]
      properties:
        nomor: {type: string, maxLength: 20}
        masuk: {type: string, format: date-time}
        keluar: {type: string, nullable: true}
        nama: {type: string}
        tarif: {type: number, minimum: 0, exclusiveMinimum: true}
        petugas: {type: object, required: [kode], properties: {kode: {type: string}}}
    Pohon: {type: object, properties: {anak: {type: array, items: {$ref: "#/components/schemas/Pohon"}}}}
    B0: {type: object, properties: {a: {$ref: "#/components/schemas/B1"}, b: {$ref: "#/components/schemas/B1"}, c: {$ref: "#/components/schemas/B1"}}}
    B1: {type: object, properties: {a: {$ref: "#/components/schemas/B2"}, b: {$ref: "#/components/schemas/B2"}, c: {$ref: "#/components/schemas/B2"}}}
    B2: {type: object, properties: {a: {$ref: "#/components/schemas/B3"}, b: {$ref: "#/components/schemas/B3"}, c: {$ref: "#/components/schemas/B3"}}}
    B3: {type: object, properties: {a: {$ref: "#/components/schemas/B4"}, b: {$ref: "#/components/schemas/B4"}, c: {$ref: "#/components/schemas/B4"}}}
    B4: {type: object, properties: {a: {$ref: "#/components/schemas/B5"}, b: {$ref: "#/components/schemas/B5"}, c: {$ref: "#/components/schemas/B5"}}}
    B5: {type: object, properties: {a: {$ref: "#/components/schemas/B6"}, b: {$ref: "#/components/schemas/B6"}, c: {$ref: "#/components/schemas/B6"}}}
    B6: {type: object, properties: {a: {$ref: "#/components/schemas/B7"}, b: {$ref: "#/components/schemas/B7"}, c: {$ref: "#/components/schemas/B7"}}}
    B7: {type: object, properties: {a: {type: string}, b: {type: string}, c: {type: string}}}
"##;

fn told<'f>(flaws: &'f [Flaw], key: &str) -> &'f Flaw {
    flaws
        .iter()
        .find(|flaw| flaw.key.starts_with(key))
        .unwrap_or_else(|| panic!("nothing told about {key}: {flaws:?}"))
}

#[test]
fn a_document_becomes_a_sound_draft_and_the_rest_is_listed() {
    let draft = import(VENDOR, "parkir", "").unwrap();
    let ids: Vec<&str> = draft.manifest.operasi.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["parkir.daftar_karcis", "parkir.buat_karcis", "parkir.get_daftar"]);
    let text = draft.text().unwrap();
    let read = check(&text, &|_| None).unwrap_or_else(|flaws| panic!("{flaws:#?}\n{text}"));
    assert_eq!(read, draft.manifest, "what is written is what is read");

    let list = &read.operasi[0];
    assert_eq!(list.terbit.jalur, "/v1/parkir/lokasi/{id_lokasi}/karcis");
    assert_eq!(list.asli.jalur, "api/v1/lokasi/{idLokasi}/karcis");
    assert_eq!(list.asli.jalur_isi[0].from.as_deref(), Some("/id_lokasi"));
    assert_eq!(list.asli.kueri[1].to, "/filter[status]");
    let schema = |id: &str| {
        let found = read.skema.iter().find(|schema| schema["$id"] == id);
        found.unwrap_or_else(|| panic!("no {id}"))
    };
    let input = schema("urn:parkir:daftar_karcis_masukan:1");
    assert_eq!(input["required"], json!(["id_lokasi"]));
    assert_eq!(input["properties"]["filter_status"]["enum"], json!(["A", "T"]));
    let written = schema("urn:parkir:buat_karcis_masukan:1");
    assert_eq!(written["properties"]["tarif"]["exclusiveMinimum"], json!(0));
    assert_eq!(written["properties"]["nama"]["x-data-pribadi"], "umum");
    assert_eq!(written["required"], json!(["id_lokasi", "masuk", "nomor", "plat"]));
    assert_eq!(read.versi_asli, "2.1");
    assert_eq!(read.alamat, "https://parkir.contoh.invalid/v2");
    assert!(matches!(&read.auth, crate::manifest::Auth::Headers { kepala } if kepala[0].nama == "X-Kunci"));

    for place in [
        "components.securitySchemes.kueri",
        "paths./api/v1/lokasi/{idLokasi}/karcis.get.parameters.label",
        "paths./api/v1/lokasi/{idLokasi}/karcis.get.parameters.X-Wilayah",
        "paths./api/v1/lokasi/{idLokasi}/karcis.post.requestBody",
        "paths./berkas.post",
    ] {
        assert!(told(&draft.left, place).line.is_some(), "{place}");
    }
    assert!(told(&draft.look, "operasi").what.id.contains("HTTP 200"));
}

#[test]
fn cyclic_remote_and_exploding_references_are_refused_alone() {
    let draft = import(VENDOR, "parkir", "").unwrap();
    for (place, why) in [
        ("paths./pohon.get", "cyclic"),
        ("paths./luar.get", "nothing is fetched"),
        ("paths./bom.get", "expands"),
    ] {
        let flaw = told(&draft.left, place);
        assert!(flaw.what.en.contains(why), "{flaw:?}");
    }
}

#[test]
fn a_part_can_be_imported_and_nothing_at_all_is_an_error() {
    let draft = import(VENDOR, "parkir", "/daftar").unwrap();
    assert_eq!(draft.manifest.operasi.len(), 1);
    let none = import(VENDOR, "parkir", "/pohon").unwrap_err();
    assert!(none[0].what.en.contains("not a single operation") || none[1].what.en.contains("not a single operation"));
    for other in ["{}", "swagger: '2.0'", "openapi: 4.0.0", "[", "a: &a [*a]"] {
        assert!(import(other, "parkir", "").is_err(), "{other}");
    }
}

#[test]
fn the_newest_form_and_json_are_read_alike() {
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "Air", "version": "1"}, "servers": [{"url": "https://air.contoh.invalid"}],
        "paths": {"/meter": {"get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema":
            {"type": "object", "required": ["angka"], "properties": {"angka": {"type": ["integer", "null"], "exclusiveMinimum": 0}}}}}}}}}},
        "webhooks": {"habis": {"post": {}}},
    });
    let draft = import(&document.to_string(), "air", "").unwrap();
    assert!(check(&draft.text().unwrap(), &|_| None).is_ok());
    assert!(draft.manifest.masuk.is_empty());
    let reply = &draft.manifest.skema[1];
    assert_eq!(reply["properties"]["angka"]["exclusiveMinimum"], json!(0));
    assert!(reply.get("required").is_none(), "what may be null is not promised");
    told(&draft.left, "webhooks");
}

/// `webhooks` of 3.1, `callbacks` of 3.0 at an operation and among the components, and what of them cannot be said.
const PUSHING: &str = r##"
openapi: 3.0.3
info: {title: Air, version: "1"}
servers: [{url: "https://air.contoh.invalid"}]
paths:
  /langganan:
    post:
      operationId: langganan
      requestBody: {content: {application/json: {schema: {type: object, properties: {url: {type: string}}}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}}}
      callbacks:
        meterDibaca:
          "{$request.body#/url}":
            post:
              summary: Meter dibaca
              parameters: [{name: X-Tanda, in: header, schema: {type: string}}]
              requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Bacaan"}}}}
              responses: {"200": {description: ok}}
        lama: {$ref: "#/components/callbacks/lama"}
        kosong: {"{$request.body#/url}": {post: {responses: {"200": {description: ok}}}}}
        pohon: {"{$request.body#/url}": {post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pohon"}}}}}}}
components:
  callbacks:
    lama: {"{$request.query.url}": {put: {requestBody: {content: {application/json: {schema: {type: object}}}}}}}
  schemas:
    Bacaan:
      type: object
      required: [id_kabar, no_meter, angka]
      properties: {id_kabar: {type: integer}, no_meter: {type: string}, angka: {type: number}, baris: {type: array, items: {type: object, properties: {jam: {type: string}}}}}
    Pohon: {type: object, properties: {anak: {$ref: "#/components/schemas/Pohon"}}}
webhooks:
  meterHabis: {post: {requestBody: {content: {application/json: {schema: {type: array, items: {type: string}}}}}}}
"##;

#[test]
fn pushes_become_drafts_that_loading_refuses_until_they_say_how_they_are_proved() {
    let draft = import(PUSHING, "air", "").unwrap();
    let hooks: Vec<(&str, &str)> = draft
        .manifest
        .masuk
        .iter()
        .map(|hook| (hook.id.as_str(), hook.peristiwa.as_str()))
        .collect();
    assert_eq!(
        hooks,
        [("meter-dibaca", "air.meter_dibaca"), ("meter-habis", "air.meter_habis")]
    );
    let at = "paths./langganan.post.callbacks";
    for (place, why) in [
        ("lama.{$request.query.url}.put", "another method"),
        ("kosong", "without a body"),
        ("pohon", "cyclic"),
    ] {
        let flaw = told(&draft.left, &format!("{at}.{place}"));
        assert!(flaw.what.en.contains(why) && flaw.line.is_some(), "{flaw:?}");
    }
    let unsigned = told(&draft.left, &format!("{at}.meterDibaca"));
    assert!(unsigned.advice.en.contains("X-Tanda"), "{unsigned:?}");
    let hint = draft
        .look
        .iter()
        .find(|flaw| flaw.advice.en.contains("/id_kabar, /no_meter"));
    assert!(hint.is_some(), "{:?}", draft.look);

    // As it is, it is refused with what to write; written, it stands.
    let text = draft.text().unwrap();
    let refused = check(&text, &|_| None).unwrap_err();
    for key in [
        "masuk.0.tanda_tangan",
        "masuk.0.id_peristiwa",
        "masuk.1.tanda_tangan",
        "masuk.1.id_peristiwa",
    ] {
        let flaw = told(&refused, key);
        assert!(
            flaw.line.is_some() && flaw.advice.id.contains(key.rsplit('.').next().unwrap()),
            "{flaw:?}"
        );
    }
    assert_eq!(refused.len(), 4, "{refused:#?}");
    let mut whole = draft.manifest.clone();
    for hook in &mut whole.masuk {
        hook.tanda_tangan = serde_json::from_value(json!({"kepala": "X-Tanda", "rahasia": "kunci"})).unwrap();
        hook.id_peristiwa = vec!["/id_kabar".to_owned()];
    }
    whole.masuk[0].pokok = vec!["/no_meter".to_owned()];
    assert!(check(&serde_json::to_string(&whole).unwrap(), &|_| None).is_ok());
    whole.masuk[0].pokok = vec!["/tidak_ada".to_owned()];
    whole.masuk[1].tanda_tangan.kepala = "X Tanda".to_owned();
    let wrong = check(&serde_json::to_string(&whole).unwrap(), &|_| None).unwrap_err();
    told(&wrong, "masuk.0.pokok");
    assert!(told(&wrong, "masuk.1.tanda_tangan").what.en.contains("header"));
}
