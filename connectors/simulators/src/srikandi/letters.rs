//! Letters, dispositions and files, and what may be done with them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Done, Srikandi, refuse, refuse_with};
use crate::frame::{Answer, Fault, Request, multipart};

/// A stored letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Id.
    pub id: String,
    /// Caller's reference.
    pub reference: String,
    /// Whether it came from outside.
    pub incoming: bool,
    /// Metadata as registered.
    pub metadata: Value,
    /// State.
    pub state: &'static str,
    /// Checkers that agreed so far.
    pub checked: usize,
    /// Number drawn at registration, or of the register.
    pub number: u64,
    /// Final number.
    pub final_number: Option<String>,
    /// Changes, oldest first.
    pub history: Vec<Value>,
    /// Recipients' states, by position.
    pub recipients: BTreeMap<String, &'static str>,
    /// Names in the object store: the letter, then its enclosures.
    pub files: Vec<String>,
    /// Class: 0 is the most open.
    pub class: usize,
}

impl Letter {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "reference": self.reference, "incoming": self.incoming, "state": self.state,
            "final_number": self.final_number, "files": self.files, "class": self.class,
        })
    }
}

/// A stored disposition.
#[derive(Debug, Clone)]
pub struct Disposition {
    /// Id.
    pub id: String,
    /// Letter.
    pub letter: String,
    /// As given.
    pub given: Value,
    /// State.
    pub state: &'static str,
}

impl Disposition {
    pub(super) fn to_json(&self) -> Value {
        json!({"id": self.id, "letter": self.letter, "state": self.state, "reference": self.given["external_id"]})
    }
}

/// Classes, the most open first.
pub(super) const CLASSES: [&str; 4] = ["BIASA", "TERBATAS", "RAHASIA", "SANGAT_RAHASIA"];

const INCOMING: [&str; 10] = [
    "asal_naskah",
    "tanggal_naskah",
    "tanggal_diterima",
    "jenis_naskah",
    "tingkat_urgensi",
    "klasifikasi",
    "tujuan",
    "metadata_arsip",
    "lampiran_jumlah",
    "external_id",
];
const OUTGOING: [&str; 8] = [
    "is_final",
    "dikirimkan_melalui",
    "jenis_naskah",
    "klasifikasi",
    "ringkasan",
    "tujuan_utama",
    "penandatangan",
    "jenis_ttd",
];

impl Srikandi {
    /// Letters whose reference was registered more than once.
    pub fn doubles(&self) -> usize {
        let mut seen = BTreeMap::new();
        for letter in self.letters.values() {
            *seen.entry(&letter.reference).or_insert(0_u32) += 1;
        }
        seen.values().filter(|count| **count > 1).count()
    }

    pub(super) fn register(&mut self, request: &Request, incoming: bool) -> Done {
        let parts = multipart::parse(request.header("content-type"), &request.body);
        let parts = parts.map_err(|_| refuse(400, "VALIDASI_GAGAL", "Bukan multipart"))?;
        let parts = self.options.dialect.parts(parts);
        let metadata = parts
            .iter()
            .find(|part| part.name == "metadata")
            .and_then(|part| serde_json::from_slice(&part.body).ok());
        let Some(metadata): Option<Value> = metadata else {
            return Err(refuse(400, "VALIDASI_GAGAL", "Bagian metadata tidak terbaca"));
        };
        let needed: &[&str] = if incoming { &INCOMING } else { &OUTGOING };
        let missing: serde_json::Map<String, Value> = needed
            .iter()
            .filter(|name| metadata.get(**name).is_none_or(Value::is_null))
            .map(|name| ((*name).to_owned(), json!(["wajib diisi"])))
            .collect();
        if !missing.is_empty() {
            return Err(refuse_with(
                422,
                "VALIDASI_GAGAL",
                "Isian kurang",
                &Value::Object(missing),
            ));
        }
        let class = CLASSES.iter().position(|word| metadata["sifat_naskah"] == **word);
        let Some(class) = class else {
            return Err(refuse_with(
                422,
                "VALIDASI_GAGAL",
                "Sifat tidak dikenal",
                &json!({"sifat_naskah": ["tidak dikenal"]}),
            ));
        };
        if class > self.options.highest_class {
            return Err(refuse(403, "AKSES_DITOLAK", "Sifat naskah di atas kewenangan"));
        }
        let files: Vec<_> = parts
            .iter()
            .filter(|part| part.name == "file_naskah" || part.name == "lampiran[]")
            .collect();
        if !files.iter().any(|part| part.name == "file_naskah") {
            return Err(refuse_with(
                422,
                "VALIDASI_GAGAL",
                "File wajib",
                &json!({"file_naskah": ["wajib"]}),
            ));
        }
        if files.iter().any(|part| part.body.len() > self.options.largest) {
            return Err(refuse(413, "BERKAS_TERLALU_BESAR", "Berkas terlalu besar"));
        }
        if files.iter().any(|part| !super::store::is_taken(&part.body)) {
            return Err(refuse(415, "JENIS_BERKAS_DITOLAK", "Jenis berkas ditolak"));
        }
        let reference = metadata["external_id"].as_str().unwrap_or_default().to_owned();
        if self.by_reference.contains_key(&reference) {
            return Err(refuse(409, "NOMOR_GANDA", "Rujukan sudah dipakai"));
        }
        let number = u64::try_from(self.letters.len()).unwrap_or_default() + 1;
        let id = format!("{}-{number:06}", if incoming { "nm" } else { "nk" });
        let names = files
            .iter()
            .map(|part| self.keep(part.file_name.as_deref().unwrap_or("berkas"), part.body.clone()));
        let names: Vec<String> = names.collect();
        let state = if incoming { "BELUM_DIBACA" } else { "KONSEP" };
        let recipients = metadata["tujuan"].as_array().into_iter().flatten();
        let recipients = recipients.filter_map(|one| Some((one.as_str()?.to_owned(), "BELUM_DIBACA")));
        let letter = Letter {
            id: id.clone(),
            reference: reference.clone(),
            incoming,
            recipients: recipients.collect(),
            metadata,
            state,
            checked: 0,
            number,
            final_number: None,
            history: vec![json!({"status": state, "waktu": self.now()})],
            files: names,
            class,
        };
        let mut answer = json!({"id": id, "status": state});
        if incoming {
            answer["nomor_agenda"] = json!(format!("{number:04}/NM/2026"));
        } else {
            answer["nomor_sementara"] = json!(provisional(&letter));
        }
        self.by_reference.insert(reference, id.clone());
        self.letters.insert(id.clone(), letter);
        self.count(if incoming { "registered_in" } else { "registered_out" });
        self.told(if incoming { "NASKAH_MASUK" } else { "NASKAH_KELUAR" }, &id, state);
        Ok(Self::yes(201, &answer))
    }

    pub(super) fn look(&self, id: &str) -> Done {
        let letter = self
            .letters
            .get(id)
            .ok_or_else(|| refuse(404, "TIDAK_DITEMUKAN", "Naskah tidak ditemukan"))?;
        Ok(Self::yes(200, &self.native(letter)))
    }

    fn native(&self, letter: &Letter) -> Value {
        let mut out = letter.metadata.clone();
        out["id"] = json!(letter.id);
        out["status"] = json!(letter.state);
        out["riwayat"] = match self.options.untidy_history {
            true => untidy(&letter.history),
            false => json!(letter.history),
        };
        let recipients = letter
            .recipients
            .iter()
            .map(|(id, state)| json!({"jabatan_id": id, "status": state}));
        out["penerima"] = recipients.collect();
        if letter.incoming {
            out["nomor_agenda"] = json!(format!("{:04}/NM/2026", letter.number));
        } else {
            out["nomor_sementara"] = json!(provisional(letter));
            out["nomor_naskah"] = json!(letter.final_number);
            if letter.final_number.is_some() {
                out["tanggal_naskah"] = json!(super::command::day(&self.now()));
            }
        }
        out
    }

    pub(super) fn list_incoming(&self, request: &Request, twists: &[Fault]) -> Answer {
        let wanted = request.param("status");
        let rows = self.letters.values().filter(|letter| letter.incoming);
        let rows = rows.filter(|letter| wanted.as_deref().is_none_or(|state| letter.state == state));
        self.page_of(rows.map(|letter| self.native(letter)).collect(), request, twists)
    }

    pub(super) fn step(&mut self, id: &str, action: &str, request: &Request) -> Done {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let letter = self
            .letters
            .get(id)
            .ok_or_else(|| refuse(404, "TIDAK_DITEMUKAN", "Naskah tidak ditemukan"))?;
        let checkers = letter.metadata["verifikator"].as_array().map_or(0, Vec::len);
        let wrong = || refuse(409, "STATUS_TIDAK_SESUAI", "Langkah tidak sesuai");
        let (state, checked) = match (action, letter.state) {
            ("ajukan", "KONSEP" | "REVISI") if checkers == 0 => ("MENUNGGU_TTD", 0),
            ("ajukan", "KONSEP" | "REVISI") => ("VERIFIKASI", 0),
            ("verifikasi", "VERIFIKASI") => match body["keputusan"].as_str() {
                Some("SETUJU") if letter.checked + 1 >= checkers => ("MENUNGGU_TTD", letter.checked + 1),
                Some("SETUJU") => ("VERIFIKASI", letter.checked + 1),
                Some("REVISI") => ("REVISI", 0),
                Some("TOLAK") => ("DITOLAK", letter.checked),
                _ => {
                    let errors = json!({"keputusan": ["tidak dikenal"]});
                    return Err(refuse_with(422, "VALIDASI_GAGAL", "Keputusan tidak dikenal", &errors));
                }
            },
            ("tandatangan", "MENUNGGU_TTD") => ("MENUNGGU_TTD", letter.checked),
            _ => return Err(wrong()),
        };
        self.set(id, state, checked);
        self.count("steps");
        let mut answer = json!({"status": state});
        if state == "VERIFIKASI" {
            answer["langkah"] = json!(checked + 1);
        }
        Ok(Self::yes(if action == "tandatangan" { 202 } else { 200 }, &answer))
    }

    /// Moves a letter; signing gives it its number.
    pub(super) fn set(&mut self, id: &str, state: &'static str, checked: usize) {
        let now = self.now();
        let renumbers = self.options.renumbers;
        if let Some(letter) = self.letters.get_mut(id) {
            letter.state = state;
            letter.checked = checked;
            let mut row = json!({"status": state, "waktu": now});
            if state == "VERIFIKASI" {
                row["langkah"] = json!(checked + 1);
            }
            letter.history.push(row);
            if state == "DITANDATANGANI" {
                let shift = if renumbers { 2 } else { 0 };
                letter.final_number = Some(numbered(letter, letter.number + shift));
            }
        }
        self.told("NASKAH_KELUAR", id, state);
    }

    pub(super) fn dispose(&mut self, request: &Request) -> Done {
        let given: Value =
            serde_json::from_slice(&request.body).map_err(|_| refuse(400, "VALIDASI_GAGAL", "Bukan JSON"))?;
        let letter = given["naskah_id"].as_str().unwrap_or_default().to_owned();
        if !self.letters.contains_key(&letter) {
            return Err(refuse(404, "TIDAK_DITEMUKAN", "Naskah tidak ditemukan"));
        }
        let reference = given["external_id"].as_str().unwrap_or_default();
        if self
            .dispositions
            .values()
            .any(|one| one.given["external_id"] == reference)
        {
            return Err(refuse(409, "NOMOR_GANDA", "Rujukan sudah dipakai"));
        }
        let id = format!("ds-{:06}", self.dispositions.len() + 1);
        let one = Disposition {
            id: id.clone(),
            letter,
            given,
            state: "BELUM_DIBACA",
        };
        let answer = Self::disposed(&one);
        self.dispositions.insert(id.clone(), one);
        self.count("disposed");
        self.told("DISPOSISI", &id, "BELUM_DIBACA");
        Ok(Self::yes(201, &answer))
    }

    fn disposed(one: &Disposition) -> Value {
        let mut out = one.given.clone();
        out["id"] = json!(one.id);
        out["status"] = json!(one.state);
        let recipients = one.given["penerima"].as_array().into_iter().flatten();
        out["penerima"] = recipients
            .map(|id| json!({"jabatan_id": id, "status": one.state}))
            .collect();
        out
    }

    pub(super) fn list_dispositions(&self, request: &Request, twists: &[Fault]) -> Answer {
        let letter = request.param("naskah_id");
        let rows = self
            .dispositions
            .values()
            .filter(|one| letter.as_deref() == Some(&one.letter));
        self.page_of(rows.map(Self::disposed).collect(), request, twists)
    }

    pub(super) fn withdraw(&mut self, id: &str) -> Done {
        let found = self.dispositions.get_mut(id);
        let one = found.ok_or_else(|| refuse(404, "TIDAK_DITEMUKAN", "Disposisi tidak ditemukan"))?;
        if one.state != "BELUM_DIBACA" {
            return Err(refuse(
                409,
                "DISPOSISI_SUDAH_DIBACA",
                "Disposisi tidak dapat dibatalkan",
            ));
        }
        one.state = "DITARIK";
        self.count("withdrawn");
        self.told("DISPOSISI", id, "DITARIK");
        Ok(Answer::text(204, "application/json", ""))
    }

    pub(super) fn close(&mut self, id: &str) -> Done {
        let found = self.dispositions.get_mut(id);
        let one = found.ok_or_else(|| refuse(404, "TIDAK_DITEMUKAN", "Disposisi tidak ditemukan"))?;
        if one.state == "DITARIK" || one.state == "SELESAI" {
            return Err(refuse(409, "STATUS_TIDAK_SESUAI", "Disposisi sudah berakhir"));
        }
        one.state = "SELESAI";
        let one = one.clone();
        self.count("closed");
        self.told("DISPOSISI", id, "SELESAI");
        let answer = Self::disposed(&one);
        Ok(Self::yes(200, &answer))
    }

    pub(super) fn open_file(&mut self, request: &Request) -> Done {
        let given: Value =
            serde_json::from_slice(&request.body).map_err(|_| refuse(400, "VALIDASI_GAGAL", "Bukan JSON"))?;
        if given["judul_berkas"].as_str().is_none_or(str::is_empty) {
            let errors = json!({"judul_berkas": ["wajib diisi"]});
            return Err(refuse_with(422, "VALIDASI_GAGAL", "Isian kurang", &errors));
        }
        let id = format!("bk-{:04}", self.files.len() + 1);
        self.files.insert(id.clone(), ("TERBUKA".to_owned(), 0));
        self.count("opened");
        self.told("BERKAS", &id, "TERBUKA");
        Ok(Self::yes(
            201,
            &json!({"id": id, "status": "TERBUKA", "jumlah_item": 0}),
        ))
    }

    pub(super) fn file_away(&mut self, id: &str, action: &str, request: &Request) -> Done {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if action == "item"
            && !self
                .letters
                .contains_key(body["naskah_id"].as_str().unwrap_or_default())
        {
            return Err(refuse(404, "TIDAK_DITEMUKAN", "Naskah tidak ditemukan"));
        }
        let found = self.files.get_mut(id);
        let (state, items) = found.ok_or_else(|| refuse(404, "TIDAK_DITEMUKAN", "Berkas tidak ditemukan"))?;
        if state != "TERBUKA" {
            return Err(refuse(409, "STATUS_TIDAK_SESUAI", "Berkas sudah ditutup"));
        }
        match action {
            "item" => *items += 1,
            _ => "TERTUTUP".clone_into(state),
        }
        let answer = json!({"id": id, "status": state, "jumlah_item": items});
        self.count("filed");
        Ok(Self::yes(200, &answer))
    }
}

/// Newest first, each row twice, the wait for the signer without its time.
fn untidy(history: &[Value]) -> Value {
    let rows = history.iter().rev().map(|row| {
        let mut row = row.clone();
        if let Some(fields) = row.as_object_mut().filter(|row| row["status"] == "MENUNGGU_TTD") {
            fields.remove("waktu");
        }
        row
    });
    rows.flat_map(|row| [row.clone(), row]).collect()
}

fn provisional(letter: &Letter) -> String {
    numbered(letter, letter.number)
}

fn numbered(letter: &Letter, number: u64) -> String {
    let code = letter.metadata["klasifikasi"].as_str().unwrap_or("000");
    format!("{code}/{number:04}/2026")
}
