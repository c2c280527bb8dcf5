//! The optional call-back: a change pushed by SRIKANDI, signed by HMAC-SHA256 over the exact body. Declared only where
//! configuration names its secret.

use crate::ops::change;
use crate::settings::{Push, Setup};
use aws_lc_rs::hmac;
use bytes::Bytes;
use connector_sdk::{Acknowledgement, Hook, HookSpec, Inbound, Refused, Text, Translated, Verified};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Hook>> {
    let Some(push) = setup.raw.panggil_balik.clone() else {
        return Vec::new();
    };
    vec![Box::new(Changed {
        spec: HookSpec {
            id: "perubahan".into(),
            summary: Text::new(
                "Perubahan keadaan naskah, disposisi, atau berkas yang diberitakan SRIKANDI.",
                "A change of state of a letter, disposition or file told by SRIKANDI.",
            ),
            event: "naskah.berubah".into(),
            schema: "urn:simpul:skema:naskah_perubahan:1".into(),
            subject: vec!["/id".into()],
            max_body: 64 * 1024,
        },
        setup: Arc::clone(setup),
        push,
    })]
}

struct Changed {
    spec: HookSpec,
    setup: Arc<Setup>,
    push: Push,
}

impl Changed {
    fn genuine(&self, inbound: &Inbound<'_>) -> bool {
        let mut given = inbound.headers.get_all(&self.push.kepala).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return false;
        };
        let text = value.to_str().unwrap_or_default().trim();
        let Some(tag) = text
            .strip_prefix(&self.push.awalan)
            .and_then(|tag| hex::decode(tag).ok())
        else {
            return false;
        };
        let moment = match self.moment(inbound) {
            Ok(moment) => moment,
            Err(()) => return false,
        };
        // `verify` compares in constant time.
        self.setup.push_secrets.iter().any(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
            let mut signed = moment.clone().unwrap_or_default().into_bytes();
            signed.extend_from_slice(inbound.body);
            hmac::verify(&key, &signed, &tag).is_ok()
        })
    }

    /// The moment of sending, signed before the body, where configuration names its header.
    fn moment(&self, inbound: &Inbound<'_>) -> Result<Option<String>, ()> {
        if self.push.kepala_waktu.is_empty() {
            return Ok(None);
        }
        let mut given = inbound.headers.get_all(&self.push.kepala_waktu).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(());
        };
        let text = value.to_str().map_err(|_| ())?;
        let sent: i64 = text.parse().map_err(|_| ())?;
        let apart = inbound.now.as_second().abs_diff(sent);
        if apart > self.push.selisih_detik.unsigned_abs() {
            return Err(());
        }
        Ok(Some(format!("{text}.")))
    }
}

impl Hook for Changed {
    fn spec(&self) -> &HookSpec {
        &self.spec
    }

    fn verify(&self, inbound: &Inbound<'_>) -> Result<Verified, Refused> {
        if self.genuine(inbound) {
            return Ok(Verified {
                by: "hmac-sha256".into(),
            });
        }
        Err(refused(
            "signature missing, wrong or old",
            401,
            "TANDA_TANGAN_TIDAK_SAH",
        ))
    }

    fn event_id(&self, inbound: &Inbound<'_>, _verified: &Verified) -> Result<String, Refused> {
        let body: Value =
            serde_json::from_slice(inbound.body).map_err(|_| refused("body is not JSON", 400, "VALIDASI_GAGAL"))?;
        // From the content: a retransmission may carry another time of sending, a changed push other content.
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.to_string().as_bytes());
        Ok(hex::encode(digest))
    }

    fn acknowledge(&self, _inbound: &Inbound<'_>, repeated: bool) -> Acknowledgement {
        let message = if repeated { "Sudah diterima" } else { "Diterima" };
        Acknowledgement::json(200, &json!({"success": true, "message": message}))
    }

    fn translate(&self, body: &Bytes, _query: &str) -> Result<Translated, connector_sdk::Fault> {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| connector_sdk::Fault::drift("a push that is not JSON"))?;
        let row = body
            .pointer(&self.setup.raw.amplop.data)
            .filter(|data| data.is_object())
            .unwrap_or(&body);
        let data = change(&self.setup, row)?;
        let id = data.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Translated { ordering: id, data })
    }
}

fn refused(reason: &'static str, status: u16, code: &str) -> Refused {
    Refused {
        reason: reason.into(),
        answer: Acknowledgement::json(status, &json!({"success": false, "code": code, "message": "Ditolak"})),
    }
}
