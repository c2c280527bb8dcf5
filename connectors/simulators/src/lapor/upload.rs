//! Evidence: uploaded before the report (`attachments[]`), fetched back by its path.

use serde_json::{Value, json};

use super::report::StoredFile;
use super::{Lapor, envelope, success};
use crate::frame::{Answer, Fault, Request, multipart};

const MOST_FILES: usize = 5;
const LARGEST_FILE: usize = 5 * 1024 * 1024;
const EXTENSIONS: [&str; 6] = ["jpg", "jpeg", "png", "pdf", "doc", "docx"];

impl Lapor {
    pub(super) fn upload(&mut self, request: &Request, twists: &[Fault]) -> Answer {
        let parts = match multipart::parse(request.header("content-type"), &request.body) {
            Ok(parts) => parts,
            Err(complaint) => return envelope(400, &complaint),
        };
        if let Some(stray) = parts.iter().find(|part| part.name != "attachments[]") {
            return envelope(
                422,
                &format!("Field {} tidak dikenal, gunakan attachments[]", stray.name),
            );
        }
        let ids = match self.store_files(parts) {
            Ok(ids) => ids,
            Err(complaint) => return envelope(422, &complaint),
        };
        self.counts.uploads += ids.len() as u64;
        let docs: Vec<Value> = ids
            .iter()
            .filter_map(|id| self.files.get(id))
            .map(|file| match twists.contains(&Fault::CreatedWithoutId) {
                true => json!({"file_name": file.name}),
                false => json!({"id": file.id, "file_name": file.name, "path": self.file_url(file.id)}),
            })
            .collect();
        success(&json!({ "docs": docs }))
    }

    /// Stores the files of a form, all or none.
    pub(super) fn store_files(&mut self, parts: Vec<multipart::Part>) -> Result<Vec<u64>, String> {
        if parts.is_empty() || parts.len() > MOST_FILES {
            return Err(format!("Jumlah berkas harus 1 sampai {MOST_FILES}"));
        }
        let mut files = Vec::new();
        for part in parts {
            let name = part.file_name.ok_or_else(|| format!("{} bukan berkas", part.name))?;
            let media_type = part.media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            let file = StoredFile {
                id: 0,
                name,
                media_type,
                body: part.body,
            };
            if !EXTENSIONS.contains(&file.extension().as_str()) {
                return Err(format!("Jenis berkas {} tidak diizinkan", file.name));
            }
            if file.body.is_empty() || file.body.len() > LARGEST_FILE {
                return Err(format!("Ukuran berkas {} tidak sesuai", file.name));
            }
            files.push(file);
        }
        let mut ids = Vec::new();
        for file in files {
            self.counts.next_file += 1;
            let id = 900_100 + self.counts.next_file;
            self.files.insert(id, StoredFile { id, ..file });
            ids.push(id);
        }
        Ok(ids)
    }

    pub(super) fn file(&self, request: &Request) -> Answer {
        let id = request
            .path
            .rsplit('/')
            .next()
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        match self.files.get(&id) {
            Some(file) => Answer::bytes(200, &file.media_type, file.body.clone()),
            None => self.not_found(),
        }
    }

    pub(super) fn file_url(&self, id: u64) -> String {
        format!("{}/files/{id}", self.base)
    }
}
