//! The contract re-mapped by configuration alone: a second, fictional dialect with other paths, headers, fields, codes,
//! parts and another rule of acknowledgement, played by a system that understands nothing else.

use connector_sdk::{
    BoxFuture, Call, Connector, Fault, FaultKind, Landed, NativeBody, NativeReply, NativeRequest, NoLists, Outbound,
    Settings,
};
use serde_json::{Value, json};
use simulators::srikandi::{self, Dialect, SrikandiOptions};
use std::sync::Arc;

fn other() -> Dialect {
    Dialect {
        prefix: "/arsip/v7".into(),
        segments: vec![("naskah-masuk", "surat_in")],
        fields: vec![
            ("data", "isi"),
            ("id", "nomor_registrasi"),
            ("metadata", "surat_json"),
            ("file_naskah", "dokumen"),
            ("lampiran[]", "tambahan"),
            ("external_id", "ref_luar"),
            ("sifat_naskah", "tingkat"),
            ("hal", "perihal"),
            ("nomor_naskah", "no_surat"),
        ],
        words: vec![
            ("sifat_naskah", "BIASA", "1"),
            ("sifat_naskah", "TERBATAS", "2"),
            ("sifat_naskah", "RAHASIA", "3"),
            ("sifat_naskah", "SANGAT_RAHASIA", "4"),
        ],
        headers: vec![("idempotency-key", "x-kunci-ulang"), ("x-instansi-kode", "x-pd")],
        success: ("hasil", json!("Y"), json!("N")),
        ..Dialect::default()
    }
}

fn remapped() -> Value {
    json!({
        "kode_instansi": "3671",
        "kepala": {"instansi": "X-PD", "kunci": "X-Kunci-Ulang", "permintaan": ""},
        "jalur": {"naskah_masuk": "arsip/v7/surat_in", "naskah_masuk_lihat": "arsip/v7/surat_in/{id}"},
        "bagian": {"metadata": "surat_json", "naskah": "dokumen", "lampiran": "tambahan"},
        "bidang": {"rujukan": "ref_luar", "sifat": "tingkat", "hal": "perihal", "nomor_naskah": "no_surat"},
        "kode": {"sifat": {"biasa": "1", "terbatas": "2", "rahasia": "3", "sangat_rahasia": "4"}},
        "amplop": {"sukses": "/hasil", "nilai": "Y", "data": "/isi", "id": "/nomor_registrasi"},
        "tetap": {"naskah_masuk": {"versi": "7"}},
    })
}

fn built(settings: &Value) -> Arc<dyn Connector> {
    let table = settings.as_object().cloned().unwrap_or_default();
    let settings = Settings::new(table).with_secret("kunci_panggil_balik", connector_sdk::Secret::new("kunci-uji-01"));
    (connector_srikandi::FACTORY.build)(&settings).expect("settings")
}

fn letter() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/naskah.masuk.kirim/ok/canonical.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A door to the played system over a plain socket.
struct Door<'a> {
    connector: &'a dyn Connector,
    host: String,
    token: String,
}

impl Outbound for Door<'_> {
    fn send(&self, request: NativeRequest) -> BoxFuture<'_, Result<NativeReply, Fault>> {
        Box::pin(async move {
            let reply = self.wire(&request).await;
            self.connector.screen(&request, &reply)?;
            Ok(reply)
        })
    }

    fn recall(&self, _name: &str) -> Option<Value> {
        None
    }

    fn checkpoint<'b>(&'b self, _name: &'b str, _value: Value) -> BoxFuture<'b, Result<(), Fault>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Door<'_> {
    async fn wire(&self, request: &NativeRequest) -> NativeReply {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut body = Vec::new();
        if let NativeBody::Multipart(parts) = &request.body {
            for part in parts {
                let file = part
                    .file_name
                    .as_ref()
                    .map(|name| format!("; filename=\"{name}\""))
                    .unwrap_or_default();
                body.extend(
                    format!(
                        "--b\r\nContent-Disposition: form-data; name=\"{}\"{file}\r\n\r\n",
                        part.name
                    )
                    .bytes(),
                );
                match &part.content {
                    connector_sdk::Content::Bytes(bytes) => body.extend_from_slice(bytes),
                    _ => body.extend_from_slice(b"%PDF-1.7 contoh"),
                }
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(b"--b--\r\n");
        }
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            request.method,
            request.path,
            self.host,
            self.token,
            body.len()
        );
        if !body.is_empty() {
            head.push_str("content-type: multipart/form-data; boundary=b\r\n");
        }
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        let mut stream = tokio::net::TcpStream::connect(&self.host).await.unwrap();
        stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let text = String::from_utf8(answer).unwrap();
        let (head, rest) = text.split_once("\r\n\r\n").unwrap();
        NativeReply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: http::HeaderMap::new(),
            body: rest.to_owned().into(),
        }
    }
}

async fn run(settings: Value, dialect: Dialect, operation: &str, input: &Value) -> (Result<Value, Fault>, Value) {
    let options = SrikandiOptions {
        dialect,
        ..SrikandiOptions::default()
    };
    let played = srikandi::start(options.clone()).await.unwrap();
    let connector = built(&settings);
    let door = Door {
        connector: connector.as_ref(),
        host: played.addr().to_string(),
        token: options.token,
    };
    let call = Call {
        exchange: "019c0000-0000-7000-8000-000000000099",
        reference: "r",
        attempt: 1,
        now: "2026-02-13T02:15:00Z".parse().unwrap(),
        lists: &NoLists,
    };
    let found = connector.operation(operation).unwrap();
    let result = found.call(&call, input, &door).await;
    let result = match result {
        Ok(receipt) => {
            let look = connector.operation("naskah.masuk.lihat").unwrap();
            look.call(&call, &json!({"id": receipt["id"]}), &door).await
        }
        Err(fault) => Err(fault),
    };
    (result, played.effects())
}

#[tokio::test]
async fn the_contract_is_remapped_by_configuration_alone() {
    let (result, effects) = run(remapped(), other(), "naskah.masuk.kirim", &letter()).await;
    let seen = result.expect("read back in the other dialect");
    assert_eq!(seen["hal"], "Undangan rapat koordinasi kearsipan");
    assert_eq!(seen["nomor_naskah"], "000.5.6.2/X /2026");
    assert_eq!(seen["sifat"], "biasa");
    assert_eq!(seen["rujukan"], letter()["rujukan"]);
    assert_eq!(effects["registered_in"], 1);
}

#[tokio::test]
async fn without_the_mapping_the_other_dialect_is_not_understood() {
    let plain = json!({"kode_instansi": "3671"});
    let (result, effects) = run(plain, other(), "naskah.masuk.kirim", &letter()).await;
    assert_eq!(result.expect_err("another contract").kind, FaultKind::NotFound);
    assert!(effects["registered_in"].is_null());
}

#[tokio::test]
async fn another_rule_of_acknowledgement_leaves_a_stored_letter_unknown() {
    let mut settings = remapped();
    settings["amplop"]["nilai"] = json!("YA");
    let (result, effects) = run(settings, other(), "naskah.masuk.kirim", &letter()).await;
    assert_eq!(result.expect_err("not acknowledged").landed, Landed::Unknown);
    assert_eq!(effects["registered_in"], 1);
}

#[test]
fn an_e_office_takes_dispositions_as_pure_json_with_the_scan_inside() {
    let connector = built(&json!({"dialek": "eoffice", "kode_instansi": "simpul"}));
    let push = connector.operation("eoffice.disposisi.dorong").unwrap();
    let input = json!({
        "rujukan": "ds-1", "nomor_agenda": "0042/NM/2026", "nomor_naskah": "000.5/X /2026", "hal": "Undangan",
        "asal_naskah": "Dinas Contoh", "tanggal_naskah": "2026-02-12", "berkas_naskah": {"id": "f-1"},
    });
    let call = Call {
        exchange: "x",
        reference: "r",
        attempt: 1,
        now: "2026-02-13T02:15:00Z".parse().unwrap(),
        lists: &NoLists,
    };
    let request = push.request(&call, &input).unwrap();
    assert_eq!(request.path.as_str(), "/api/v1/disposisi/push");
    let NativeBody::JsonFilled { value, fills } = &request.body else {
        panic!("not JSON");
    };
    let wanted = json!({
        "source_app": "simpul", "external_id": "ds-1", "nomor_agenda": "0042/NM/2026", "nomor_surat": "000.5/X /2026",
        "perihal": "Undangan", "asal_surat": "Dinas Contoh", "tanggal_surat": "2026-02-12", "scan_surat": null,
    });
    assert_eq!(*value, wanted);
    assert_eq!(fills[0].0, "/scan_surat");
    let reply = |status: u16, body: Value| {
        let reply = NativeReply {
            status,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        };
        connector
            .screen(&request, &reply)
            .and_then(|()| push.reply(&call, &input, &reply))
    };
    assert_eq!(
        reply(201, json!({"success": true, "data": {"id": 7}})).unwrap()["id"],
        "7"
    );
    assert_eq!(
        reply(200, json!({"message": "ok"})).expect_err("says nothing").landed,
        Landed::Unknown
    );
    let refused = reply(200, json!({"success": false, "message": "required"})).expect_err("refused");
    assert_eq!((refused.kind, refused.landed), (FaultKind::Rejected, Landed::No));
}
