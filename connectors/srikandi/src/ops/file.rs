//! Files: parts of an upload, and fetching a letter's file by its short-lived link at once, before the link expires.

use super::{headed, input_id, reads};
use crate::settings::Setup;
use crate::{envelope, fields, letter};
use connector_sdk::{
    BoxFuture, Call, Complaint, Content, Fault, Landed, NativeReply, NativeRequest, Operation, OperationSpec, Outbound,
    Part, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The part of one file, or what is wrong with it.
pub(super) fn part(name: &str, kinds: &[String], most: u64, file: &Value, at: &str) -> Result<Part, Complaint> {
    let wrong = |field: &str, text: Text| Complaint {
        pointer: format!("{at}/{field}"),
        text,
    };
    let text = |name: &str| file.get(name).and_then(Value::as_str);
    let Some(id) = text("id") else {
        return Err(wrong("id", Text::new("Sebutkan id berkas.", "Name the file's id.")));
    };
    let kind = text("tipe_media").unwrap_or_default();
    if !kinds.iter().any(|known| known == kind) {
        let text = Text::new(
            "Jenis berkas ini tidak diterima SRIKANDI.",
            "SRIKANDI does not take this kind of file.",
        );
        return Err(wrong("tipe_media", text));
    }
    if file
        .get("ukuran")
        .and_then(Value::as_u64)
        .is_some_and(|size| size > most)
    {
        let text = Text::owned(
            format!("Berkas melebihi batas {most} bita."),
            format!("The file is above the limit of {most} bytes."),
        );
        return Err(wrong("ukuran", text));
    }
    Ok(Part {
        name: name.to_owned(),
        file_name: Some(clean(text("nama_berkas").unwrap_or_default())),
        media_type: Some(kind.to_owned()),
        content: Content::File {
            id: id.to_owned(),
            strip_metadata: false,
        },
    })
}

/// A name that every system takes: no path, no control characters, none of the reserved ones, not too long.
pub(crate) fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last
        .chars()
        .map(|c| {
            if c.is_control() || "\"<>:|?*;%#".contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    let safe = safe.trim_matches(['.', ' ']);
    if safe.is_empty() {
        return "berkas".to_owned();
    }
    match safe.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 5 => format!("{}.{ending}", letter::short(stem, 120)),
        _ => letter::short(safe, 120),
    }
}

/// The name at the end of an object store's link: fourteen digits of a timestamp glued before it, blanks as `%20`.
fn name_of(link: &str) -> String {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(last.len());
    let mut rest = last.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let pair = tail
            .get(..2)
            .and_then(|pair| hex::decode(pair).ok())
            .and_then(|b| b.first().copied());
        match (first, pair) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            (other, _) => {
                bytes.push(other);
                rest = tail;
            }
        }
    }
    let name = String::from_utf8_lossy(&bytes).into_owned();
    let stamp = name.bytes().take_while(u8::is_ascii_digit).count();
    let name = if stamp >= 14 {
        name.get(14..).unwrap_or_default()
    } else {
        &name
    };
    clean(name)
}

/// `naskah.file.ambil`.
struct Fetch {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Fetch {
        spec: OperationSpec {
            deadline_ms: 120_000,
            ..reads(
                "naskah.file.ambil",
                Text::new(
                    "Mengambil file satu naskah dan menyimpannya sebagai lampiran pemanggil.",
                    "Fetches a file of a letter and keeps it as an attachment of the caller.",
                ),
                "naskah_file_kunci",
                "naskah_file",
            )
        },
        setup: Arc::clone(setup),
    })
}

impl Operation for Fetch {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    /// The request for the link.
    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let setup = &self.setup;
        let part = input.get("bagian").and_then(Value::as_str).unwrap_or_default();
        let native = setup.codes("bagian").native(part).ok_or_else(|| {
            Fault::invalid(vec![Complaint {
                pointer: "/bagian".to_owned(),
                text: Text::new("Bagian ini tidak ada.", "There is no such part."),
            }])
        })?;
        let request = NativeRequest::get("tautan", setup.path("naskah_file", Some(input_id(input, "id")?)));
        let request = request.query(setup.parameter("bagian"), native);
        let request = match input.get("indeks").and_then(Value::as_str) {
            Some(index) => request.query(setup.parameter("indeks"), index),
            None => request,
        };
        Ok(headed(setup, call, request))
    }

    /// What the link says of the letter's class; the file itself is kept by `call`.
    fn reply(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let data = envelope::data(&self.setup, reply, Landed::No)?;
        link(&self.setup, &data)?;
        Err(Fault::drift("a link whose file was not fetched"))
    }

    fn call<'a>(
        &'a self,
        call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let reply = out.send(self.request(call, input)?).await?;
            let data = envelope::data(&self.setup, &reply, Landed::No)?;
            let link = link(&self.setup, &data)?;
            // A letter whose class nobody names is treated as secret.
            let class = fields::text(&self.setup, "naskah", &data, "sifat", "sifat_naskah").unwrap_or_default();
            let class = self.setup.codes("sifat").canonical(&class);
            let kept = out.fetch(&name_of(&link), &link).await?;
            Ok(json!({"berkas": kept.canonical(), "sifat": class}))
        })
    }
}

fn link(setup: &Setup, data: &Value) -> Result<String, Fault> {
    let link = fields::text(setup, "tautan", data, "url", "url");
    link.filter(|link| link.contains("://"))
        .ok_or_else(|| Fault::drift("an answer without the file's link"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_stamp_and_what_other_systems_refuse() {
        let link = "https://s3.contoh.invalid/prod/naskah-dinas-keluar/20260210210206Surat%20Undangan%3A%20Rapat.docx?X-Amz-Signature=0";
        assert_eq!(name_of(link), "Surat Undangan_ Rapat.docx");
        assert_eq!(name_of("https://s3.contoh.invalid/x/2026.pdf"), "2026.pdf");
        assert_eq!(name_of("https://s3.contoh.invalid/"), "berkas");
        assert_eq!(clean("../..\\a\r\nb.pdf"), "a__b.pdf");
        assert!(clean(&format!("{}.pdf", "judul panjang ".repeat(40))).ends_with(".pdf"));
        assert!(clean(&"é".repeat(400)).chars().count() <= 126);
    }
}
