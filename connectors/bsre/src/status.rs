//! `tte.penanda_tangan.lihat`: whether a person may sign. Every answer comes with HTTP 200; the code tells.

use crate::settings::{Setup, Version};
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, NativeBody, NativeReply, NativeRequest, Operation, OperationSpec, Paging,
    Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

struct Status {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

pub(crate) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Status {
        spec: OperationSpec {
            id: "tte.penanda_tangan.lihat".into(),
            summary: Text::new(
                "Menanyakan apakah seseorang boleh menandatangani.",
                "Asks whether a person may sign.",
            ),
            request_schema: "urn:simpul:skema:penanda_tangan_kunci:1".into(),
            reply_schema: "urn:simpul:skema:penanda_tangan_status:1".into(),
            effect: Effect::Read,
            answer: Answer::Immediate,
            reference: Vec::new(),
            ordering: Vec::new(),
            deadline_ms: 30_000,
            paging: Paging::None,
            follow: None,
        },
        setup: Arc::clone(setup),
    })
}

/// A number that nobody has; a service that says so is up.
pub(crate) fn probe(setup: &Setup) -> NativeRequest {
    asking(setup, "0000000000000000")
}

fn asking(setup: &Setup, nik: &str) -> NativeRequest {
    let path = setup.path("status");
    match setup.versi {
        Version::V1 => NativeRequest::get("status", path.segment(nik)),
        Version::V2 => NativeRequest::post("status", path, NativeBody::Json(json!({ "nik": nik }))).reads_only(),
    }
}

impl Operation for Status {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let nik = input.get("nik").and_then(Value::as_str).ok_or_else(|| {
            Fault::invalid(vec![Complaint {
                pointer: "/nik".to_owned(),
                text: Text::new("Sebutkan NIK.", "Name the identity number."),
            }])
        })?;
        Ok(asking(&self.setup, nik))
    }

    fn reply(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = reply.json()?;
        let code = body.get("status_code").and_then(|code| match code {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => Some(text.trim().to_owned()),
            _ => None,
        });
        let word = body.get("status").and_then(Value::as_str);
        if code.is_none() && word.is_none() {
            return Err(Fault::drift("a signer's status without code and word"));
        }
        let named = code
            .as_deref()
            .and_then(|code| self.setup.status.get(code))
            .map(String::as_str);
        let status = named.unwrap_or(match (code.as_deref(), word) {
            (Some("1111"), Some("ISSUE") | None) | (None, Some("ISSUE")) => "boleh",
            (Some("1110"), Some("NOT_REGISTERED") | None) | (None, Some("NOT_REGISTERED")) => "tidak_terdaftar",
            // Others are not documented; nobody is let through on a guess.
            _ => "tidak_dikenal",
        });
        let shown = code.filter(|code| code.len() <= 8 && code.bytes().all(|b| b.is_ascii_digit()));
        Ok(json!({"status": status, "kode_status": shown}))
    }
}
