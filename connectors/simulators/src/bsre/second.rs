//! Version 2: JSON bodies, documents in base64, arrays in the same order.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::Bsre;
use crate::frame::{Answer, Request};

impl Bsre {
    pub(super) fn sign_document(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let look = body["signatureProperties"][0]["tampilan"].as_str();
        if !matches!(look, Some("VISIBLE" | "INVISIBLE")) {
            return Answer::json(400, &json!({"error": "tampilan tidak dikenal"}));
        }
        let factor = if self.options.one_time { "totp" } else { "passphrase" };
        let files: Vec<Option<Bytes>> = body["file"].as_array().into_iter().flatten().map(decoded).collect();
        let mut signed = Vec::new();
        for file in files {
            match self.sign(text("nik"), text(factor), &file.unwrap_or_default()) {
                Ok(document) => signed.push(STANDARD.encode(document)),
                Err(refusal) => return refusal,
            }
        }
        Answer::json(200, &json!({"time": 1200, "file": signed}))
    }

    pub(super) fn check_document(&self, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match decoded(&body["file"]) {
            Some(document) => Answer::json(200, &self.check(&document)),
            None => Answer::json(400, &json!({"error": "file wajib"})),
        }
    }
}

fn decoded(value: &Value) -> Option<Bytes> {
    STANDARD.decode(value.as_str()?).ok().map(Bytes::from)
}
