//! The toy system's push: a number, proven by a keyed checksum over time and body. A toy: the checksum is no HMAC.

use connector_sdk::{Acknowledgement, Fault, Hook, HookSpec, Inbound, Refused, Text, Translated, Verified};
use connector_testkit::Push;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) fn spec() -> HookSpec {
    HookSpec {
        id: "uji.kabar".into(),
        summary: Text::new("Kabar uji.", "Toy news."),
        event: "uji.kabar_diterima".into(),
        schema: "uji:kabar".into(),
        subject: vec!["/nomor".into()],
        max_body: 1024,
    }
}

/// What the toy system does before it pushes.
pub(crate) fn sign(mut push: Push, at: Timestamp) -> Push {
    let time = at.as_second().to_string();
    let proof = checksum(&time, &push.body);
    push.headers.insert("x-waktu", time.parse().expect("digits"));
    push.headers.insert("x-bukti", proof.parse().expect("hex"));
    push
}

fn checksum(time: &str, body: &[u8]) -> String {
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let sum = b"kunci-uji"
        .iter()
        .chain(time.as_bytes())
        .chain(body)
        .fold(0xcbf2_9ce4_8422_2325, mix);
    format!("{sum:016x}")
}

pub(crate) struct News {
    pub(crate) spec: HookSpec,
    pub(crate) flaw: String,
}

impl News {
    fn header<'a>(inbound: &'a Inbound<'_>, name: &str) -> &'a str {
        inbound
            .headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }
}

impl Hook for News {
    fn spec(&self) -> &HookSpec {
        &self.spec
    }

    fn verify(&self, inbound: &Inbound<'_>) -> Result<Verified, Refused> {
        let (time, proof) = (Self::header(inbound, "x-waktu"), Self::header(inbound, "x-bukti"));
        let body = if self.flaw == "hook_body_unproven" {
            &b"{}"[..]
        } else {
            inbound.body.as_ref()
        };
        let proven = match self.flaw.as_str() {
            "hook_accepts_all" => true,
            "hook_refuses_all" => false,
            "hook_body_unproven" => !proof.is_empty(),
            _ => proof == checksum(time, body),
        };
        let age = time
            .parse::<i64>()
            .map_or(i64::MAX, |t| (inbound.now.as_second() - t).abs());
        if proven && (age < 300 || self.flaw == "hook_any_age" || self.flaw == "hook_accepts_all") {
            return Ok(Verified { by: "bukti".into() });
        }
        Err(Refused {
            reason: "no valid proof".into(),
            answer: Acknowledgement::json(401, &json!({"ok": false})),
        })
    }

    fn event_id(&self, inbound: &Inbound<'_>, _verified: &Verified) -> Result<String, Refused> {
        if self.flaw == "hook_id_by_time" {
            return Ok(Self::header(inbound, "x-waktu").to_owned());
        }
        Ok(String::from_utf8_lossy(inbound.body).into_owned())
    }

    fn acknowledge(&self, _inbound: &Inbound<'_>, _repeated: bool) -> Acknowledgement {
        Acknowledgement::json(200, &json!({"ok": true}))
    }

    fn translate(&self, body: &bytes::Bytes, _query: &str) -> Result<Translated, Fault> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Fault::drift("not JSON"))?;
        Ok(Translated {
            ordering: "kabar".into(),
            data: json!({"nomor": body["nomor"]}),
        })
    }
}
