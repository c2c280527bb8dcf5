//! What OSS pushes: NIB, franchise registration, signed file, and the pushes meant for ministries, which are tolerated,
//! recorded and answered all the same.
//!
//! The order matters: source, form of the token, the NIB alone out of the body, the token; only then is the body read. The
//! token covers the NIB and the day, not the rest of the body, so it is no signature: the source list, TLS and the
//! event id stand beside it. A repeat is answered as a success; a changed push has another id and is an update.

mod scan;
mod source;
mod token;

pub(crate) use source::Sources;

use crate::settings::{Setup, TokenSource};
use crate::{canon, exact, scalar};
use aws_lc_rs::digest;
use bytes::Bytes;
use connector_sdk::{Acknowledgement, Fault, Hook, HookSpec, Inbound, Refused, Text, Translated, Verified};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Shape of what a push holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Nib,
    Stpw,
    File,
}

impl Shape {
    /// What pushes of this shape are about.
    fn subject(self) -> &'static str {
        match self {
            Self::Nib | Self::Stpw => "/nib",
            Self::File => "/id_izin",
        }
    }
}

struct Declared {
    id: &'static str,
    root: &'static str,
    answer: &'static str,
    event: &'static str,
    schema: &'static str,
    shape: Shape,
    summary: Text,
}

static DECLARED: [Declared; 5] = [
    Declared {
        id: "receiveNIB",
        root: "dataNIB",
        answer: "responreceiveNIB",
        event: "nib.diterima",
        schema: "nib",
        shape: Shape::Nib,
        summary: Text::new(
            "OSS mengirim NIB baru, perubahan, pencabutan atau pembatalannya beserta permohonan izin.",
            "OSS sends a new NIB, its update, revocation or cancellation, with the licence applications.",
        ),
    },
    Declared {
        id: "receiveNIBSTPW",
        root: "dataNIBSTPW",
        answer: "responreceiveNIBSTPW",
        event: "nib.stpw.diterima",
        schema: "nib_stpw",
        shape: Shape::Stpw,
        summary: Text::new(
            "OSS mengirim pendaftaran waralaba.",
            "OSS sends a franchise registration.",
        ),
    },
    Declared {
        id: "receiveFileDS",
        root: "receiveFileDS",
        answer: "responreceiveFileDS",
        event: "berkas.tersedia",
        schema: "berkas_izin",
        shape: Shape::File,
        summary: Text::new(
            "OSS memberitahukan berkas izin yang sudah ditandatangani.",
            "OSS tells where the signed licence file is.",
        ),
    },
    Declared {
        id: "receiveNIBKKPR",
        root: "dataNIB",
        answer: "responreceiveNIBKKPR",
        event: "nib.kkpr.diterima",
        schema: "nib",
        shape: Shape::Nib,
        summary: Text::new(
            "Kiriman KKPR, seharusnya untuk kementerian; diterima dan dicatat.",
            "A spatial conformity push, meant for ministries; taken and recorded.",
        ),
    },
    Declared {
        id: "receiveNIBPSE",
        root: "dataNIBPSE",
        answer: "responreceiveNIBPSE",
        event: "nib.pse.diterima",
        schema: "nib",
        shape: Shape::Nib,
        summary: Text::new(
            "Kiriman PSE, seharusnya untuk kementerian; diterima dan dicatat.",
            "An electronic-system push, meant for ministries; taken and recorded.",
        ),
    },
];

/// Every push of one endpoint; none when pushes are not configured.
pub(crate) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Hook>> {
    let Some(max_body) = setup.push.as_ref().map(|push| push.raw.batas_isi) else {
        return Vec::new();
    };
    let hooks = DECLARED.iter().map(|declared| {
        let spec = HookSpec {
            id: declared.id.into(),
            summary: declared.summary.clone(),
            event: declared.event.into(),
            schema: format!("urn:simpul:skema:{}:1", declared.schema).into(),
            subject: vec![declared.shape.subject().into()],
            max_body,
        };
        Box::new(Pushed {
            spec,
            declared,
            setup: Arc::clone(setup),
        }) as Box<dyn Hook>
    });
    hooks.collect()
}

struct Pushed {
    spec: HookSpec,
    declared: &'static Declared,
    setup: Arc<Setup>,
}

impl Hook for Pushed {
    fn spec(&self) -> &HookSpec {
        &self.spec
    }

    fn admit(&self, inbound: &Inbound<'_>) -> Result<(), Refused> {
        self.presented(inbound).map(|_| ())
    }

    fn verify(&self, inbound: &Inbound<'_>) -> Result<Verified, Refused> {
        let (push, token) = self.presented(inbound)?;
        let head = push.head(inbound.body);
        let subject = |name: &str| scan::member(head, self.declared.root, name);
        match token::holds(push, &token, subject, inbound.now) {
            Some(by) => Ok(Verified { by: by.into() }),
            None => Err(self.refused(401, "the token does not fit this NIB and day")),
        }
    }

    /// Pushes about one NIB stay in the order of their arrival.
    fn lane(&self, inbound: &Inbound<'_>) -> Option<String> {
        let push = self.setup.push.as_ref()?;
        let nib = scan::member(push.head(inbound.body), self.declared.root, "nib")?;
        std::str::from_utf8(nib).ok().map(str::to_owned)
    }

    /// A digest of the content, whatever the order of keys and the white space; times of sending left out. So a
    /// retransmission has the same id and any change another.
    fn event_id(&self, inbound: &Inbound<'_>, _verified: &Verified) -> Result<String, Refused> {
        let content = match exact::parse(inbound.body) {
            Some(body) => without(body, volatile(&self.setup)).to_string().into_bytes(),
            // Kept all the same: a push that cannot be read is for a person, not to be lost.
            None => inbound.body.to_vec(),
        };
        let sum = digest::digest(&digest::SHA256, &content);
        Ok(format!("{}:{}", self.declared.id, hex::encode(sum.as_ref())))
    }

    fn acknowledge(&self, _inbound: &Inbound<'_>, repeated: bool) -> Acknowledgement {
        let note = if repeated {
            "Data sudah diterima sebelumnya"
        } else {
            "Data diterima"
        };
        self.answer(200, "1", note)
    }

    fn not_taken(&self, status: u16) -> Acknowledgement {
        self.answer(status, "2", "Kiriman belum tersimpan, mohon kirim ulang")
    }

    fn translate(&self, body: &Bytes, _query: &str) -> Result<Translated, Fault> {
        let parsed = exact::parse(body).ok_or_else(|| Fault::drift("a push that is not JSON"))?;
        let native = root(&parsed, self.declared.root).ok_or_else(|| Fault::drift("a push without its root key"))?;
        let proven = scan::member(body, self.declared.root, "nib");
        let read = native.get("nib").and_then(scalar::text);
        if proven.is_none() || proven != read.map(str::as_bytes) {
            // The token was checked against the first `nib` in the bytes; two different ones are a trick.
            return Err(Fault::drift("the NIB that was proven is not the NIB of the content"));
        }
        let data = match self.declared.shape {
            Shape::Nib => canon::nib(&self.setup, native),
            Shape::Stpw => canon::stpw(&self.setup, native),
            Shape::File => file(&self.setup, native),
        };
        let data = data.ok_or_else(|| Fault::drift("a push without a readable NIB, id or address"))?;
        let subject = data.pointer(self.declared.shape.subject());
        let ordering = subject.and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Translated { ordering, data })
    }
}

impl Pushed {
    /// The token, from a source that may push.
    fn presented(&self, inbound: &Inbound<'_>) -> Result<(&TokenSource, token::Digest), Refused> {
        let push = self.setup.push.as_ref();
        let push = push.ok_or_else(|| self.refused(403, "pushes are not configured"))?;
        if !push.sources.allow(inbound.peer) {
            return Err(self.refused(403, "the source is not on the list"));
        }
        let token = token::presented(push, inbound);
        let token = token.ok_or_else(|| self.refused(401, "no token, or not 40 hex digits"))?;
        Ok((push, token))
    }

    fn answer(&self, http: u16, status: &str, note: &str) -> Acknowledgement {
        let name = self.declared.answer;
        Acknowledgement::json(http, &json!({ name: {"status": status, "keterangan": note} }))
    }

    fn refused(&self, http: u16, reason: &'static str) -> Refused {
        Refused {
            reason: reason.into(),
            answer: self.answer(http, "2", "Kiriman ditolak: pengirim tidak terbukti"),
        }
    }
}

/// The object under the root key; its case is not certain.
fn root<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let members = body.as_object()?;
    let found = members
        .iter()
        .find(|(key, value)| key.eq_ignore_ascii_case(name) && value.is_object());
    found.map(|(_, value)| value)
}

fn volatile(setup: &Setup) -> &[String] {
    setup
        .push
        .as_ref()
        .map_or(&[], |TokenSource { raw, .. }| &raw.abaikan_pengulangan)
}

fn without(value: Value, names: &[String]) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(key, _)| !names.contains(key));
            Value::Object(kept.map(|(key, child)| (key, without(child, names))).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| without(item, names)).collect(),
        other => other,
    }
}

fn file(setup: &Setup, native: &Value) -> Option<Value> {
    use crate::fields::Kind;
    const FIELDS: &[crate::fields::Field] = &[
        ("id_izin", "id_izin", Kind::Id),
        ("nib", "nib", Kind::Nib),
        ("file_izin", "url", Kind::Link),
    ];
    let out: Map<String, Value> = crate::fields::Reader::new(setup.zone).object(FIELDS, native);
    (out.contains_key("id_izin") && out.contains_key("url")).then_some(Value::Object(out))
}

#[cfg(test)]
mod tests;
