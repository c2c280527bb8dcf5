//! `tte.tandatangani`: one signature on one document. The passphrase is put in by the door. The document's id is kept
//! before the document is fetched, and the document before anything is answered; whoever resumes fetches, and never signs.

use crate::screen::{FETCH, is_pdf, is_whole};
use crate::settings::{Factor, Setup, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_sdk::{
    Answer, BoxFuture, Call, Complaint, Content, Effect, Fault, FaultKind, Fill, Found, Landed, Lookup, NativeBody,
    NativeReply, NativeRequest, Operation, OperationSpec, Outbound, Paging, Part, Replay, Text,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Checkpoint: id of the signed document.
const ID: &str = "id_dokumen";
/// Checkpoint: the signed document as kept.
const KEPT: &str = "berkas";

pub(crate) struct Sign {
    spec: OperationSpec,
    setup: Arc<Setup>,
    resume: Resume,
}

pub(crate) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Sign {
        spec: OperationSpec {
            id: "tte.tandatangani".into(),
            summary: Text::new(
                "Menandatangani satu dokumen lewat BSrE, paling banyak sekali per rujukan; kata sandi di kepala X-Kata-Sandi.",
                "Signs one document through BSrE, at most once per reference; the passphrase in the header X-Kata-Sandi.",
            ),
            request_schema: "urn:simpul:skema:tanda_tangan:1".into(),
            reply_schema: "urn:simpul:skema:tanda_tangan_hasil:1".into(),
            effect: Effect::Write {
                replay: Replay::ByReference,
            },
            answer: Answer::Immediate,
            reference: vec!["/rujukan".into()],
            ordering: Vec::new(),
            deadline_ms: 120_000,
            paging: Paging::None,
            follow: None,
        },
        setup: Arc::clone(setup),
        resume: Resume {
            setup: Arc::clone(setup),
        },
    })
}

impl Operation for Sign {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn takes_secret(&self) -> bool {
        true
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let path = self.setup.path("tandatangani");
        let body = match self.setup.versi {
            Version::V1 => form(&self.setup, input)?,
            Version::V2 => document(&self.setup, input)?,
        };
        Ok(NativeRequest::post("tandatangani", path, body))
    }

    /// What a signing answer holds; `call` keeps the document.
    fn reply(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        signed(self.setup.versi, reply).map(|signed| match signed {
            Signed::Here { id, .. } => json!({ "id_dokumen": id }),
            Signed::There { id } => json!({ "id_dokumen": id }),
        })
    }

    fn call<'a>(
        &'a self,
        call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let request = self.request(call, input)?;
            let reply = out.send(request).await?;
            // From here on the document is signed: whatever fails now, signing again would be a second signature.
            let after = |fault: Fault| fault.landed(Landed::Unknown);
            match signed(self.setup.versi, &reply)? {
                Signed::Here { document, id } => {
                    if let Some(id) = &id {
                        out.checkpoint(ID, json!(id)).await.map_err(after)?;
                    }
                    kept(out, input, document, id).await.map_err(after)
                }
                Signed::There { id } => {
                    out.checkpoint(ID, json!(id)).await.map_err(after)?;
                    fetch(&self.setup, out, input, &id).await.map_err(after)
                }
            }
        })
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&self.resume)
    }
}

/// Fetches what was signed. It cannot tell that nothing was: the service cannot be asked.
struct Resume {
    setup: Arc<Setup>,
}

impl Lookup for Resume {
    /// Without the id kept by the try there is nothing to ask for.
    fn request(&self, _call: &Call<'_>, _input: &Value) -> Option<NativeRequest> {
        None
    }

    fn found(&self, _call: &Call<'_>, _input: &Value, _reply: &NativeReply) -> Result<Found, Fault> {
        Ok(Found::Unclear(CANNOT_TELL.into()))
    }

    fn run<'a>(
        &'a self,
        _call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Found, Fault>> {
        Box::pin(async move {
            let id = out.recall(ID).and_then(|id| id.as_str().map(str::to_owned));
            if let Some(file) = out.recall(KEPT) {
                return Ok(Found::Landed(receipt(input, &file, id.as_deref())));
            }
            let Some(id) = id else {
                return Ok(Found::Unclear(CANNOT_TELL.into()));
            };
            match fetch(&self.setup, out, input, &id).await {
                Ok(reply) => Ok(Found::Landed(reply)),
                Err(fault) if fault.kind == FaultKind::NotFound => Ok(Found::Unclear(GONE.into())),
                Err(fault) => Err(fault),
            }
        })
    }
}

const CANNOT_TELL: &str = "BSrE tidak dapat ditanya apakah dokumen sudah ditandatangani; tanyakan penanda tangan";
const GONE: &str =
    "dokumen sudah ditandatangani, tetapi BSrE tidak memberikannya untuk kedua kali; ambil dari penanda tangan";

enum Signed {
    Here { document: Bytes, id: Option<String> },
    There { id: String },
}

/// Tells a document from an id by its bytes.
fn signed(version: Version, reply: &NativeReply) -> Result<Signed, Fault> {
    let unsure = |what: &'static str| Fault::drift(what).landed(Landed::Unknown);
    let id = reply.header("id_dokumen").and_then(plain_id);
    if is_whole(&reply.body) {
        return Ok(Signed::Here {
            document: reply.body.clone(),
            id,
        });
    }
    if is_pdf(&reply.body) {
        // Half of it: perhaps the whole can still be fetched.
        return match id {
            Some(id) => Ok(Signed::There { id }),
            None => Err(unsure("half of a signed document")),
        };
    }
    let body = reply.json().map_err(|fault| fault.landed(Landed::Unknown))?;
    match version {
        Version::V1 => {
            let id = body.get("id_dokumen").and_then(Value::as_str).and_then(plain_id);
            let id = id.or_else(|| reply.header("id_dokumen").and_then(plain_id));
            match id {
                Some(id) => Ok(Signed::There { id }),
                None => Err(unsure("a signing answer without a document and without its id")),
            }
        }
        Version::V2 => {
            let files = body
                .get("file")
                .and_then(Value::as_array)
                .filter(|files| files.len() == 1);
            let first = files.and_then(|files| files.first()).and_then(Value::as_str);
            let document = first
                .and_then(|text| STANDARD.decode(text).ok())
                .filter(|bytes| is_whole(bytes));
            let document = document.ok_or_else(|| unsure("a signing answer without exactly one document"))?;
            Ok(Signed::Here {
                document: document.into(),
                id: None,
            })
        }
    }
}

fn plain_id(text: &str) -> Option<String> {
    let sound = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
    let text = text.trim();
    (!text.is_empty() && text.len() <= 64 && text.chars().all(sound)).then(|| text.to_owned())
}

async fn fetch(setup: &Setup, out: &dyn Outbound, input: &Value, id: &str) -> Result<Value, Fault> {
    let request = NativeRequest::get(FETCH, setup.path("unduh").segment(id));
    let reply = out.send(request).await?;
    if !is_whole(&reply.body) {
        return Err(Fault::drift("a fetched document that is no whole PDF"));
    }
    kept(out, input, reply.body, Some(id.to_owned())).await
}

/// Keeps the bytes first: they may never be had again.
async fn kept(out: &dyn Outbound, input: &Value, document: Bytes, id: Option<String>) -> Result<Value, Fault> {
    let name = input
        .pointer("/berkas/nama_berkas")
        .and_then(Value::as_str)
        .unwrap_or("dokumen.pdf");
    let file = out.keep(name, document).await?.canonical();
    out.checkpoint(KEPT, file.clone()).await?;
    Ok(receipt(input, &file, id.as_deref()))
}

fn receipt(input: &Value, file: &Value, id: Option<&str>) -> Value {
    json!({"rujukan": input.get("rujukan"), "id_dokumen": id, "berkas": file})
}

/// The document to sign, if it may be signed.
pub(crate) fn pdf(setup: &Setup, input: &Value, at: &str) -> Result<String, Fault> {
    let text = |name: &str| input.pointer(&format!("{at}/{name}")).and_then(Value::as_str);
    let complain = |name: &str, text: Text| {
        Err(Fault::invalid(vec![Complaint {
            pointer: format!("{at}/{name}"),
            text,
        }]))
    };
    if text("tipe_media").is_none_or(|kind| kind != "application/pdf") {
        return complain(
            "tipe_media",
            Text::new("Hanya PDF yang dapat ditandatangani.", "Only a PDF can be signed."),
        );
    }
    let size = input.pointer(&format!("{at}/ukuran")).and_then(Value::as_u64);
    if size.is_some_and(|size| size > setup.batas_berkas) {
        return complain(
            "ukuran",
            Text::new("Dokumen terlalu besar.", "The document is too large."),
        );
    }
    match text("id") {
        Some(id) => Ok(id.to_owned()),
        None => complain("id", Text::new("Sebutkan id berkas.", "Name the file's id.")),
    }
}

fn identity(input: &Value) -> Result<&str, Fault> {
    let nik = input.get("nik").and_then(Value::as_str);
    let sound = |nik: &&str| nik.len() == 16 && nik.bytes().all(|b| b.is_ascii_digit());
    nik.filter(sound).ok_or_else(|| {
        Fault::invalid(vec![Complaint {
            pointer: "/nik".to_owned(),
            text: Text::new(
                "NIK harus 16 angka, sebagai teks.",
                "An identity number has 16 digits, as text.",
            ),
        }])
    })
}

/// Whether the signature is seen, and what it needs then: a place, or a mark in the document.
fn appearance(input: &Value) -> Result<(bool, &Value), Fault> {
    let look = input.get("tampilan").unwrap_or(&Value::Null);
    let visible = match look.get("jenis").and_then(Value::as_str) {
        Some("terlihat") => true,
        Some("tidak_terlihat") => false,
        _ => {
            return Err(wrong(
                "/tampilan/jenis",
                "Tampilan ini tidak dikenal.",
                "This appearance is not known.",
            ));
        }
    };
    let placed = ["halaman_ke", "x", "y", "lebar", "tinggi"]
        .iter()
        .all(|name| look.get(*name).is_some());
    if visible && !placed && look.get("penanda").is_none() {
        return Err(wrong(
            "/tampilan",
            "Sebutkan halaman, letak, dan ukuran, atau penanda di dalam dokumen.",
            "Name page, place and size, or a mark in the document.",
        ));
    }
    if visible && look.get("gambar").is_none() && look.get("tautan_qr").is_none() {
        let text = Text::new(
            "Tanda tangan yang terlihat memerlukan gambar atau tautan QR.",
            "A visible signature needs a picture or a QR link.",
        );
        let complaint = |pointer: &str| Complaint {
            pointer: pointer.to_owned(),
            text: text.clone(),
        };
        return Err(Fault::invalid(
            ["/tampilan/gambar", "/tampilan/tautan_qr"].map(complaint).to_vec(),
        ));
    }
    Ok((visible, look))
}

fn wrong(pointer: &str, id: &'static str, en: &'static str) -> Fault {
    Fault::invalid(vec![Complaint {
        pointer: pointer.to_owned(),
        text: Text::new(id, en),
    }])
}

fn file(name: &str, id: String, file_name: &str, media_type: &str) -> Part {
    Part {
        name: name.to_owned(),
        file_name: Some(file_name.to_owned()),
        media_type: Some(media_type.to_owned()),
        content: Content::File {
            id,
            strip_metadata: false,
        },
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Version 1: a form. The document is called neutrally: file names hold names.
fn form(setup: &Setup, input: &Value) -> Result<NativeBody, Fault> {
    let id = pdf(setup, input, "/berkas")?;
    let (visible, look) = appearance(input)?;
    let mut parts = vec![
        file("file", id, "dokumen.pdf", "application/pdf"),
        Part::text("nik", identity(input)?),
        Part {
            content: Content::CallerSecret,
            ..Part::text("passphrase", "")
        },
        Part::text("tampilan", if visible { "visible" } else { "invisible" }),
    ];
    if visible {
        match look.pointer("/gambar/id").and_then(Value::as_str) {
            Some(picture) => {
                parts.push(Part::text("image", "true"));
                parts.push(file("imageTTD", picture.to_owned(), "ttd.png", "image/png"));
            }
            None => {
                parts.push(Part::text("image", "false"));
                let link = look.get("tautan_qr").and_then(Value::as_str).unwrap_or_default();
                parts.push(Part::text("linkQR", link));
            }
        }
        let page = setup.bidang_halaman.as_str();
        for (ours, native) in [
            ("penanda", "tag_koordinat"),
            ("halaman_ke", page),
            ("x", "xAxis"),
            ("y", "yAxis"),
            ("lebar", "width"),
            ("tinggi", "height"),
        ] {
            parts.extend(look.get(ours).and_then(scalar).map(|text| Part::text(native, text)));
        }
    }
    for (ours, native) in [("alasan", "reason"), ("tempat", "location")] {
        parts.extend(input.get(ours).and_then(scalar).map(|text| Part::text(native, text)));
    }
    Ok(NativeBody::Multipart(parts))
}

/// Version 2: JSON with the document in base64.
fn document(setup: &Setup, input: &Value) -> Result<NativeBody, Fault> {
    let id = pdf(setup, input, "/berkas")?;
    let (visible, look) = appearance(input)?;
    let mut properties = Map::new();
    let kind = if visible { "VISIBLE" } else { "INVISIBLE" };
    properties.insert("tampilan".into(), json!(kind));
    let factor = match setup.faktor {
        Factor::KataSandi => "passphrase",
        Factor::Totp => "totp",
    };
    let mut fills = vec![
        (format!("/{factor}"), Fill::CallerSecret),
        ("/file/0".to_owned(), Fill::FileBase64 { id }),
    ];
    if visible {
        for (ours, native) in [
            ("penanda", "tag"),
            ("halaman_ke", "page"),
            ("x", "originX"),
            ("y", "originY"),
            ("lebar", "width"),
            ("tinggi", "height"),
        ] {
            if let Some(value) = look.get(ours) {
                properties.insert(native.into(), value.clone());
            }
        }
        let picture = look.pointer("/gambar/id").and_then(Value::as_str);
        let picture = picture.ok_or_else(|| {
            wrong(
                "/tampilan/gambar",
                "Versi ini memerlukan gambar untuk tanda tangan yang terlihat.",
                "This version needs a picture for a visible signature.",
            )
        })?;
        properties.insert("imageBase64".into(), Value::Null);
        let fill = Fill::FileBase64 { id: picture.to_owned() };
        fills.push(("/signatureProperties/0/imageBase64".to_owned(), fill));
    }
    for (ours, native) in [("alasan", "reason"), ("tempat", "location")] {
        if let Some(value) = input.get(ours) {
            properties.insert(native.into(), value.clone());
        }
    }
    Ok(NativeBody::JsonFilled {
        value: json!({
            "nik": identity(input)?, factor: null, "signatureProperties": [properties], "file": [null],
        }),
        fills,
    })
}
