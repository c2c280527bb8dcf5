//! The smallest connector that writes: one operation, one request, any reply. What is measured is the gateway.

use gateway::sdk::{
    Answer, Built, Call, Connector, Descriptor, Effect, Factory, Fault, NativeBody, NativeLimits, NativeReply,
    NativeRequest, Operation, OperationSpec, Paging, RelativePath, Replay, Settings, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) const OPERATION: &str = "beban.kirim";
/// Schema of input and reply, put into the set-up's `skema/`.
pub(crate) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:simpul:skema:beban:1",
        "title": "Beban", "description": "Isi uji beban.", "x-en": {"title": "Load", "description": "Load body."},
        "type": "object",
        "properties": {
            "nomor": {"type": "string", "maxLength": 64},
            "isi": {"type": "string", "maxLength": 200_000},
        },
        "required": ["nomor"],
        "unevaluatedProperties": false,
    })
}

/// For `config::check`.
pub(crate) const FACTORY: Factory = Factory { kind: "beban", build };

fn build(_settings: &Settings) -> Built {
    Ok(Arc::new(Load {
        descriptor: descriptor(),
    }))
}

struct Load {
    descriptor: Descriptor,
}

fn descriptor() -> Descriptor {
    let id = || "urn:simpul:skema:beban:1".into();
    Descriptor {
        id: "beban".into(),
        title: Text::new("Beban", "Load"),
        owner: "Simpul".into(),
        native_version: "1".into(),
        documentation: "https://beban.invalid".into(),
        auth: vec!["none".into()],
        limits: NativeLimits::default(),
        operations: vec![OperationSpec {
            id: OPERATION.into(),
            summary: Text::new("Mengirim beban.", "Sends a load."),
            request_schema: id(),
            reply_schema: id(),
            effect: Effect::Write { replay: Replay::Native },
            answer: Answer::Immediate,
            reference: vec!["/nomor".into()],
            ordering: vec![],
            deadline_ms: 5_000,
            paging: Paging::None,
            follow: None,
        }],
        hooks: vec![],
        mirrors: vec![],
        errors: vec![],
        settings: vec![],
    }
}

impl Connector for Load {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        (id == OPERATION).then_some(self as &dyn Operation)
    }
}

impl Operation for Load {
    fn spec(&self) -> &OperationSpec {
        &self.descriptor.operations[0]
    }
    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        Ok(NativeRequest::post(
            "kirim",
            RelativePath::of("beban"),
            NativeBody::Json(input.clone()),
        ))
    }
    fn reply(&self, _call: &Call<'_>, input: &Value, _reply: &NativeReply) -> Result<Value, Fault> {
        Ok(json!({"nomor": input["nomor"]}))
    }
}
