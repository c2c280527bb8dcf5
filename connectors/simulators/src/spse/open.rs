//! Open data: code lists and tenders without a key, keys with blanks and capitals (4).

use serde_json::{Map, Value, json};

use super::{Spse, number};
use crate::city::{Process, State};
use crate::frame::{Answer, Request};

impl Spse {
    pub(super) fn open(&self, request: &Request) -> Answer {
        let parts: Vec<&str> = request
            .path
            .trim_start_matches("/isb-2/api/satudata/")
            .split('/')
            .collect();
        let rows = match parts.as_slice() {
            ["MasterKLPD"] => vec![
                json!({"kd_klpd": self.options.klpd, "nama_klpd": "Kota Contoh", "jenis_klpd": "KOTA", "kd_provinsi": 16,
                    "kd_kabupaten": 15046}),
                json!({"kd_klpd": "D998", "nama_klpd": "Kota Contoh Selatan", "jenis_klpd": "KOTA", "kd_provinsi": 16,
                    "kd_kabupaten": 15047}),
            ],
            ["MasterLPSE"] => {
                vec![json!({"kd_lpse": 999, "nama_lpse": "LPSE Kota Contoh", "_event_date": "2026-02-03"})]
            }
            ["TenderUmumPublik", year, lpse]
                if *lpse == self.options.lpse && *year == self.city.options.year.to_string() =>
            {
                self.tenders_open()
            }
            ["TenderUmumPublik", _, _] => return Answer::text(200, "text/plain", "URL-NOT-DEFINED"),
            _ => return Answer::text(200, "text/plain", "URL-NOT-DEFINED"),
        };
        let rows: Vec<Value> = rows.into_iter().map(|row| self.drifted(row)).collect();
        Answer::json(200, &Value::Array(rows))
    }

    fn tenders_open(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for package in &self.city.packages {
            let Process::Tender { id, hps, state, .. } = &package.process else {
                continue;
            };
            let status = match state {
                State::Running => "Tender Sedang Berjalan",
                State::Done => "Aktif",
                State::Failed => "Tender Ditutup",
            };
            rows.push(json!({
                "Kode Tender": id, "Repo id LPSE": 999, "LPSE": "LPSE Kota Contoh", "Status_Tender": status,
                "Nama Paket": package.name, "Pagu": number(package.pagu), "HPS": number(*hps),
                "tanggal paket dibuat": format!("{} 09:12:44", package.announced), "tanggal paket tayang": "",
                "Kategori Pekerjaan": "Pekerjaan Konstruksi", "Metode Pemilihan": "Tender",
                "Instansi dan Satker": [{"rup_id": package.rup, "nama_instansi": "Kota Contoh"}],
                "Apakah paket konsolidasi": "TIDAK", "daftar paket konsolidasi": null, "anggaran": null,
                "lokasi_paket": [{"lokasi": {"kbp_nama": "Contoh (Kota)", "prp_nama": "Banten"}}],
                "jadwal_penawaran": null,
            }));
        }
        rows
    }

    fn drifted(&self, row: Value) -> Value {
        if !self.options.quirks.open_underscores {
            return row;
        }
        let mut out = Map::new();
        for (key, value) in row.as_object().cloned().unwrap_or_default() {
            out.insert(key.replace(' ', "_"), value);
        }
        Value::Object(out)
    }
}
