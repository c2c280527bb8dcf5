//! Pushes of a declared system: HMAC over the exact bytes, named by fields of the body, translated by rules.

use crate::connector::wrong_reply;
use crate::manifest::{HookText, SignatureForm};
use crate::rule::Compiled;
use crate::run::{Facts, run};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_sdk::{Acknowledgement, Fault, Hook, HookSpec, Inbound, Refused, Secret, Str, Translated, Verified};
use serde_json::{Value, json};

/// Largest push.
const LARGEST: u64 = 1024 * 1024;

pub(crate) struct Pushed {
    spec: HookSpec,
    text: HookText,
    rules: Vec<Compiled>,
    secret: Option<Secret>,
}

impl Pushed {
    pub(crate) fn new(text: HookText, rules: Vec<Compiled>, secret: Option<Secret>) -> Self {
        let spec = HookSpec {
            id: text.id.clone().into(),
            summary: text.ringkasan.clone(),
            event: text.peristiwa.clone().into(),
            schema: text.skema.clone().into(),
            subject: text.pokok.iter().cloned().map(Str::Owned).collect(),
            max_body: LARGEST,
        };
        Self {
            spec,
            text,
            rules,
            secret,
        }
    }

    fn presented(&self, inbound: &Inbound<'_>) -> Result<Vec<u8>, Refused> {
        let rule = &self.text.tanda_tangan;
        let written = inbound
            .headers
            .get(rule.kepala.as_str())
            .and_then(|value| value.to_str().ok());
        let bare = written.and_then(|text| text.strip_prefix(rule.awalan.as_str()));
        let bytes = bare.and_then(|text| match rule.bentuk {
            SignatureForm::Hex => hex::decode(text).ok(),
            SignatureForm::Base64 => STANDARD.decode(text).ok(),
        });
        bytes.ok_or_else(|| refused("no signature, or one that cannot be read"))
    }

    /// The time the sender says, when it must say one.
    fn sent(&self, inbound: &Inbound<'_>) -> Result<Option<String>, Refused> {
        let rule = &self.text.tanda_tangan;
        let Some(name) = &rule.kepala_waktu else {
            return Ok(None);
        };
        let text = inbound
            .headers
            .get(name.as_str())
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let sent = text.parse::<i64>().map_err(|_| refused("no time of sending"))?;
        let off = inbound.now.as_second().saturating_sub(sent).saturating_abs();
        match off <= rule.toleransi_detik {
            true => Ok(Some(text.to_owned())),
            false => Err(refused("sent too long ago, or in the future")),
        }
    }

    fn data(&self, body: &Bytes) -> Result<Value, Fault> {
        let native: Value = serde_json::from_slice(body).map_err(|_| Fault::drift("the push is not JSON"))?;
        run(&self.rules, &native, Facts::default()).map_err(|wrong| wrong_reply(&wrong))
    }
}

impl Hook for Pushed {
    fn spec(&self) -> &HookSpec {
        &self.spec
    }

    fn admit(&self, inbound: &Inbound<'_>) -> Result<(), Refused> {
        self.presented(inbound)?;
        self.sent(inbound).map(drop)
    }

    fn verify(&self, inbound: &Inbound<'_>) -> Result<Verified, Refused> {
        let presented = self.presented(inbound)?;
        let sent = self.sent(inbound)?;
        let Some(secret) = &self.secret else {
            return Err(refused("the secret of this push is not kept"));
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let mut context = hmac::Context::with_key(&key);
        if let Some(sent) = sent {
            context.update(sent.as_bytes());
            context.update(b".");
        }
        context.update(inbound.body);
        let same: bool = subtle::ConstantTimeEq::ct_eq(context.sign().as_ref(), presented.as_slice()).into();
        match same {
            true => Ok(Verified {
                by: "hmac-sha256".into(),
            }),
            false => Err(refused("the signature does not fit the body")),
        }
    }

    fn event_id(&self, inbound: &Inbound<'_>, _verified: &Verified) -> Result<String, Refused> {
        let native: Value = serde_json::from_slice(inbound.body).map_err(|_| refused("the push is not JSON"))?;
        let mut named = digest::Context::new(&digest::SHA256);
        for pointer in &self.text.id_peristiwa {
            let value = native.pointer(pointer).filter(|value| !value.is_null());
            let value = value
                .ok_or_else(|| refused("the push lacks what names it"))?
                .to_string();
            named.update(&value.len().to_be_bytes());
            named.update(value.as_bytes());
        }
        // The content too: a changed push is another push.
        named.update(inbound.body);
        Ok(hex::encode(named.finish()))
    }

    fn acknowledge(&self, _inbound: &Inbound<'_>, _repeated: bool) -> Acknowledgement {
        let usual = json!({"diterima": true});
        Acknowledgement::json(200, self.text.jawaban.as_ref().unwrap_or(&usual))
    }

    fn translate(&self, body: &Bytes, _query: &str) -> Result<Translated, Fault> {
        let data = self.data(body)?;
        let parts = self.spec.subject.iter().filter_map(|pointer| data.pointer(pointer));
        let ordering = parts
            .filter_map(|value| crate::ops::plain(value).ok())
            .collect::<Vec<_>>()
            .join(":");
        Ok(Translated { ordering, data })
    }
}

fn refused(reason: &'static str) -> Refused {
    Refused {
        reason: reason.into(),
        answer: Acknowledgement::json(401, &json!({"diterima": false})),
    }
}
