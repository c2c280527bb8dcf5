//! Letters of SIKD, SRIKANDI's predecessor, brought by a person: declared only where configuration says so. One body is one letter with
//! its recipients, and how its times are to be read. Nobody pushes it: what arrives from outside is refused.

use crate::settings::Setup;
use crate::sikd::{Times, letter};
use bytes::Bytes;
use connector_sdk::{Acknowledgement, Fault, Hook, HookSpec, Inbound, Refused, Text, Translated, Verified};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn all(setup: &Setup) -> Vec<Box<dyn Hook>> {
    if !setup.raw.sikd {
        return Vec::new();
    }
    vec![Box::new(Former {
        spec: HookSpec {
            id: "sikd".into(),
            summary: Text::new(
                "Naskah SIKD yang diimpor petugas; tidak dapat dikirim dari luar.",
                "A letter of SIKD imported by a person; it cannot be pushed from outside.",
            ),
            event: "naskah.diimpor".into(),
            schema: "urn:simpul:skema:naskah_rincian:1".into(),
            subject: vec!["/id".into()],
            max_body: 256 * 1024,
        },
    })]
}

struct Former {
    spec: HookSpec,
}

#[derive(Deserialize)]
struct Brought {
    waktu: Shift,
    baris: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shift {
    Tersimpan,
    Tampil,
}

impl Hook for Former {
    fn spec(&self) -> &HookSpec {
        &self.spec
    }

    fn verify(&self, _inbound: &Inbound<'_>) -> Result<Verified, Refused> {
        Err(Refused {
            reason: "letters of SIKD are imported, not pushed".into(),
            answer: Acknowledgement::json(403, &json!({"success": false, "message": "Hanya lewat impor"})),
        })
    }

    fn event_id(&self, inbound: &Inbound<'_>, _verified: &Verified) -> Result<String, Refused> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, inbound.body);
        Ok(hex::encode(digest))
    }

    fn acknowledge(&self, _inbound: &Inbound<'_>, _repeated: bool) -> Acknowledgement {
        Acknowledgement::json(200, &json!({"success": true}))
    }

    fn translate(&self, body: &Bytes, _query: &str) -> Result<Translated, Fault> {
        let Brought { waktu, baris } =
            serde_json::from_slice(body).map_err(|_| Fault::drift("an imported letter in another form"))?;
        let times = match waktu {
            Shift::Tersimpan => Times::Stored,
            Shift::Tampil => Times::Shown,
        };
        let data = letter(&baris, times).map_err(|column| Fault::drift(format!("column {column} cannot be read")))?;
        let id = data.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Translated { ordering: id, data })
    }
}
