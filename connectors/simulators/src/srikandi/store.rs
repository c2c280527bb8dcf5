//! Sign-in, the object store with its expiring links, the reference lists and the change feed.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Done, Srikandi, refuse};
use crate::frame::{Answer, Fault, Request, clock, form, sha256};

/// A stored file.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// Empty where only digests are kept.
    body: Bytes,
    size: usize,
    sha256: String,
}

/// The store's refusal, in XML.
pub(super) fn denied() -> Answer {
    Answer::text(
        403,
        "application/xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
    )
}

/// PDF, DOC, DOCX, JPEG, PNG by content.
pub(super) fn is_taken(body: &[u8]) -> bool {
    let heads: [&[u8]; 5] = [
        b"%PDF-",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        b"\xff\xd8\xff",
        b"\x89PNG",
    ];
    heads.iter().any(|head| body.starts_with(head))
}

impl Srikandi {
    /// Keeps a file under a timestamp glued to its name, and returns that name.
    pub(super) fn keep(&mut self, name: &str, body: Bytes) -> String {
        let stamp = clock::jakarta(self.clock.now(), "%Y%m%d%H%M%S");
        let number = self.stored.len();
        let name = format!("{stamp}{number}-{name}");
        let (size, sha256) = (body.len(), sha256::hex(&body));
        let body = if self.options.keeps_files { body } else { Bytes::new() };
        self.stored.insert(name.clone(), Stored { body, size, sha256 });
        name
    }

    /// Digest of every stored file, by name.
    pub fn digests(&self) -> Vec<(String, String)> {
        self.stored
            .iter()
            .map(|(name, stored)| (name.clone(), stored.sha256.clone()))
            .collect()
    }

    /// Bytes stored in all.
    pub fn stored_bytes(&self) -> usize {
        self.stored.values().map(|stored| stored.size).sum()
    }

    pub(super) fn sign_in(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let (id, secret) = &self.options.client;
        if body["client_id"] != id.as_str() || body["client_secret"] != secret.as_str() {
            return refuse(401, "TOKEN_TIDAK_SAH", "Klien tidak dikenal");
        }
        self.tokens += 1;
        let token = format!("token-terbit-{}", self.tokens);
        Self::yes(
            200,
            &json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}),
        )
    }

    pub(super) fn link(&self, id: &str, request: &Request) -> Done {
        let letter = self
            .letters
            .get(id)
            .ok_or_else(|| refuse(404, "TIDAK_DITEMUKAN", "Naskah tidak ditemukan"))?;
        if letter.class > self.options.highest_class {
            return Err(refuse(403, "AKSES_DITOLAK", "Sifat naskah di atas kewenangan"));
        }
        let at = match request.param("bagian").as_deref() {
            Some("lampiran") => {
                1 + request
                    .param("indeks")
                    .and_then(|n| n.parse::<usize>().ok())
                    .unwrap_or(0)
            }
            _ => 0,
        };
        let name = letter
            .files
            .get(at)
            .ok_or_else(|| refuse(404, "TIDAK_DITEMUKAN", "Berkas tidak ditemukan"))?;
        let until = self.clock.now().as_second() + self.options.link_seconds;
        let escaped = form::escape(name);
        let url = format!(
            "{}/toko/naskah/{escaped}?X-Amz-Date={until}&X-Amz-Signature=0a0b",
            self.base
        );
        let expiry = Timestamp::from_second(until).map(|at| clock::jakarta(at, "%Y-%m-%dT%H:%M:%S+07:00"));
        let class = super::letters::CLASSES[letter.class];
        let data = json!({"url": url, "kedaluwarsa": expiry.unwrap_or_default(), "sifat_naskah": class});
        Ok(Self::yes(200, &data))
    }

    pub(super) fn answer_of_store(&mut self, request: &Request) -> Answer {
        let until = request
            .param("X-Amz-Date")
            .and_then(|n| n.parse::<i64>().ok())
            .unwrap_or(0);
        if until < self.clock.now().as_second() || request.header("authorization").is_some() {
            return denied();
        }
        let name = request.path.trim_start_matches("/toko/naskah/");
        let name = percent_encoding::percent_decode_str(name)
            .decode_utf8_lossy()
            .into_owned();
        match self.stored.get(&name) {
            Some(stored) => Answer::bytes(200, "binary/octet-stream", stored.body.clone()),
            None => Answer::text(404, "application/xml", "<Error><Code>NoSuchKey</Code></Error>"),
        }
    }

    pub(super) fn master(&self, list: &str, request: &Request, twists: &[Fault]) -> Answer {
        let mark = format!("\"{list}-{}\"", self.master_version);
        if request.header("if-none-match") == Some(&mark) {
            return Answer::text(304, "application/json", "").with("etag", mark);
        }
        let rows = match list {
            "unit-kerja" => vec![
                json!({"id": "uk-3671-01", "nama": "Sekretariat Daerah", "induk_id": null}),
                json!({"id": "uk-3671-02", "nama": "Dinas Komunikasi dan Informatika", "induk_id": "uk-3671-01"}),
            ],
            "jabatan" => vec![
                json!({"id": "jab-3671-0012", "nama": "Kepala Dinas", "unit_id": "uk-3671-02", "aktif": true}),
                json!({"id": "jab-3671-0031", "nama": "Sekretaris", "unit_id": "uk-3671-02", "aktif": true}),
            ],
            "klasifikasi" => vec![json!({
                "kode": "000.5.6.2", "nama": "Penyelenggaraan kearsipan", "uraian": null, "retensi_aktif_tahun": 2,
                "retensi_inaktif_tahun": 3, "nasib_akhir": "MUSNAH", "klasifikasi_keamanan": "BIASA",
            })],
            "tingkat-urgensi" => vec![
                json!({"kode": "BIASA", "nama": "Biasa"}),
                json!({"kode": "SEGERA", "nama": "Segera"}),
                json!({"kode": "AMAT_SEGERA", "nama": "Amat Segera"}),
            ],
            "sifat-naskah" => vec![json!({"kode": "BIASA", "nama": "Biasa/Terbuka"})],
            "jenis-naskah" => vec![json!({"kode": "SURAT_TUGAS", "nama": "Surat Tugas"})],
            "instansi" => vec![json!({"kode": "3671", "nama": "Pemerintah Kota Contoh"})],
            _ => return refuse(404, "TIDAK_DITEMUKAN", "Daftar tidak ada"),
        };
        self.page_of(rows, request, twists).with("etag", mark)
    }

    pub(super) fn list_changes(&self, request: &Request) -> Answer {
        let since = request
            .param("sejak")
            .and_then(|n| n.parse::<usize>().ok())
            .unwrap_or(0);
        let rows: Vec<&Value> = self.changes.iter().skip(since).take(50).collect();
        let mark = since + rows.len();
        let meta = json!({"cursor": mark.to_string()});
        Answer::json(200, &json!({"success": true, "data": rows, "meta": meta}))
    }
}
