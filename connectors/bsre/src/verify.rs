//! `tte.periksa`: whether a document's signatures hold. Valid, changed and unsigned documents all come with HTTP 200; the
//! words and flags of the answer decide, and only all of them together say "valid".

use crate::settings::{Setup, Version};
use crate::sign::pdf;
use connector_sdk::{
    Answer, Call, Content, Effect, Fault, Fill, NativeBody, NativeReply, NativeRequest, Operation, OperationSpec,
    Paging, Part, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

struct Verify {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

pub(crate) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Verify {
        spec: OperationSpec {
            id: "tte.periksa".into(),
            summary: Text::new(
                "Memeriksa tanda tangan elektronik satu dokumen.",
                "Checks the electronic signatures of a document.",
            ),
            request_schema: "urn:simpul:skema:tanda_tangan_periksa:1".into(),
            reply_schema: "urn:simpul:skema:tanda_tangan_keabsahan:1".into(),
            effect: Effect::Read,
            answer: Answer::Immediate,
            reference: Vec::new(),
            ordering: Vec::new(),
            deadline_ms: 60_000,
            paging: Paging::None,
            follow: None,
        },
        setup: Arc::clone(setup),
    })
}

impl Operation for Verify {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let id = pdf(&self.setup, input, "/berkas")?;
        let body = match self.setup.versi {
            Version::V1 => NativeBody::Multipart(vec![Part {
                name: "signed_file".into(),
                file_name: Some("dokumen.pdf".into()),
                media_type: Some("application/pdf".into()),
                content: Content::File {
                    id,
                    strip_metadata: false,
                },
            }]),
            Version::V2 => NativeBody::JsonFilled {
                value: json!({ "file": null }),
                fills: vec![("/file".into(), Fill::FileBase64 { id })],
            },
        };
        Ok(NativeRequest::post("periksa", self.setup.path("periksa"), body).reads_only())
    }

    fn reply(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = reply.json()?;
        let count = body.get("jumlah_signature").and_then(Value::as_u64);
        let count = count.ok_or_else(|| Fault::drift("a check without the number of signatures"))?;
        let details = body.get("details").and_then(Value::as_array);
        let details = details.ok_or_else(|| Fault::drift("a check without its details"))?;
        let flag = |one: &Value, pointer: &str| one.pointer(pointer).and_then(Value::as_bool);
        let whole = |one: &Value| flag(one, "/signature_document/document_integrity");
        let known = |one: &Value| flag(one, "/info_signer/cert_user_certified");
        let all = u64::try_from(details.len()).unwrap_or(u64::MAX) == count;
        let result = match body.get("summary").and_then(Value::as_str) {
            None if count == 0 && details.is_empty() => "tanpa_tanda_tangan",
            _ if details
                .iter()
                .any(|one| whole(one) == Some(false) || known(one) == Some(false)) =>
            {
                "tidak_sah"
            }
            Some(summary) if summary.to_uppercase().contains("NOT VALID") => "tidak_sah",
            Some(summary)
                if summary
                    .trim()
                    .trim_end_matches('!')
                    .trim()
                    .eq_ignore_ascii_case("DOCUMENT VALID")
                    && count > 0
                    && all
                    && details
                        .iter()
                        .all(|one| whole(one) == Some(true) && known(one) == Some(true)) =>
            {
                "sah"
            }
            _ => "tidak_dikenal",
        };
        let one = |one: &Value| {
            let text = |pointer: &str, most: usize| {
                let text = one
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .filter(|text| !text.is_empty());
                text.map(|text| text.chars().take(most).collect::<String>())
            };
            json!({
                "nama": text("/info_signer/signer_name", 255), "utuh": whole(one), "sertifikat_dikenal": known(one),
                "bercap_waktu": flag(one, "/signature_document/signed_using_tsa"),
                "pada": text("/signature_document/signed_in", 40),
            })
        };
        let signatures: Vec<Value> = details.iter().take(100).map(one).collect();
        Ok(json!({"hasil": result, "jumlah_tanda_tangan": count, "tanda_tangan": signatures}))
    }
}
