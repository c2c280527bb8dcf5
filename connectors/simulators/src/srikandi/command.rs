//! What a test or a person does behind the scenes: officials read, sign, send.

use serde_json::{Value, json};

use super::Srikandi;

const STATES: [&str; 12] = [
    "KONSEP",
    "VERIFIKASI",
    "REVISI",
    "DITOLAK",
    "MENUNGGU_TTD",
    "DITANDATANGANI",
    "TERKIRIM",
    "DITERIMA",
    "DIBACA",
    "DITINDAKLANJUTI",
    "SELESAI",
    "DIBERKASKAN",
];

impl Srikandi {
    pub(super) fn run_command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        match (method, path) {
            ("POST", ["letters", id, "state"]) => Some(self.command_state(id, body)),
            ("POST", ["letters", id, "metadata"]) => Some(match self.letters.get_mut(*id) {
                Some(letter) => {
                    for (name, value) in body.as_object().into_iter().flatten() {
                        letter.metadata[name] = value.clone();
                    }
                    Ok(json!({"id": id}))
                }
                None => Err("no such letter".to_owned()),
            }),
            ("POST", ["dispositions", id, "read"]) => Some(self.read_disposition(id)),
            ("POST", ["master", "changed"]) => {
                self.master_version += 1;
                Some(Ok(json!({"version": self.master_version})))
            }
            _ => None,
        }
    }

    /// A few records in the middle of their lives, for trials of single steps.
    pub fn seed(&mut self) {
        let metadata = json!({
            "external_id": "awal-1", "verifikator": ["jab-1", "jab-2"], "klasifikasi": "800.1.11.13",
            "jenis_naskah": "SURAT_TUGAS", "sifat_naskah": "BIASA", "tingkat_urgensi": "BIASA", "ringkasan": "Contoh",
        });
        for (id, state) in [
            ("nk-periksa", "VERIFIKASI"),
            ("nk-tanda", "MENUNGGU_TTD"),
            ("nm-awal", "BELUM_DIBACA"),
        ] {
            let letter = super::letters::Letter {
                id: id.to_owned(),
                reference: format!("awal-{id}"),
                incoming: id.starts_with("nm"),
                metadata: metadata.clone(),
                state,
                checked: 0,
                number: 900,
                final_number: None,
                history: Vec::new(),
                recipients: std::collections::BTreeMap::new(),
                files: Vec::new(),
                class: 0,
            };
            self.letters.insert(id.to_owned(), letter);
        }
        for id in ["ds-awal", "ds-kedua"] {
            let given = json!({"external_id": format!("awal-{id}"), "naskah_id": "nm-awal", "penerima": ["jab-1"],
                "instruksi": ["MOHON_TINDAKLANJUTI"], "dari": "jab-2"});
            let one = super::letters::Disposition {
                id: id.to_owned(),
                letter: "nm-awal".to_owned(),
                given,
                state: "BELUM_DIBACA",
            };
            self.dispositions.insert(id.to_owned(), one);
        }
        self.files.insert("bk-awal".to_owned(), ("TERBUKA".to_owned(), 0));
    }

    fn command_state(&mut self, id: &str, body: &Value) -> Result<Value, String> {
        let wanted = body["status"].as_str().unwrap_or_default();
        let state = STATES
            .iter()
            .find(|state| **state == wanted)
            .ok_or("status: not a known state")?;
        let checked = self.letters.get(id).ok_or("no such letter")?.checked;
        self.set(id, state, checked);
        Ok(json!({"id": id, "status": state}))
    }

    /// Somebody moves a letter on; signing gives it its number.
    pub fn advance(&mut self, id: &str, state: &str) -> Result<Value, String> {
        self.command_state(id, &json!({"status": state}))
    }

    /// The reference lists get another version.
    pub fn change_lists(&mut self) {
        self.master_version += 1;
    }

    /// Changes one field of a letter's metadata.
    pub fn amend(&mut self, id: &str, field: &str, value: &str) {
        if let Some(letter) = self.letters.get_mut(id) {
            letter.metadata[field] = json!(value);
        }
    }

    /// Gives a letter another word for its class, as reorganised lists do.
    pub fn relabel(&mut self, id: &str, word: &str) {
        if let Some(letter) = self.letters.get_mut(id) {
            letter.metadata["sifat_naskah"] = json!(word);
        }
    }

    /// The recipient opens a disposition; from here on it cannot be withdrawn.
    pub fn read_disposition(&mut self, id: &str) -> Result<Value, String> {
        let one = self.dispositions.get_mut(id).ok_or("no such disposition")?;
        if one.state == "BELUM_DIBACA" {
            one.state = "DIBACA";
            self.told("DISPOSISI", id, "DIBACA");
        }
        Ok(json!({"id": id}))
    }
}

/// The day of a written moment.
pub(super) fn day(moment: &str) -> &str {
    moment.split('T').next().unwrap_or_default()
}
