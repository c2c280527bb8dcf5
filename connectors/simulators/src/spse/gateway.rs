//! The API gateway: `/api/v1` in pages, `/api/legacy` whole. Rows are the bus's rows, masked and respelled (3.6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Envelope, Spse};
use crate::frame::{Answer, Fault, Request};

/// Path below `/v1` or `/legacy`, and the data set's name on the bus.
const PATHS: [(&str, &str); 41] = [
    ("rup/master-satker", "RUP-MasterSatker"),
    ("rup/program-master", "RUP-ProgramMaster"),
    ("rup/struktur-anggaran-pd", "RUP-StrukturAnggaranPD"),
    ("rup/paket-anggaran-penyedia", "RUP-PaketAnggaranPenyedia"),
    ("rup/paket-anggaran-swakelola", "RUP-PaketAnggaranSwakelola"),
    ("rup/paket-penyedia-terumumkan", "RUP-PaketPenyedia-Terumumkan"),
    ("rup/paket-swakelola-terumumkan", "RUP-PaketSwakelola-Terumumkan"),
    ("rup/paket-penyedia", "RUP-PaketPenyedia-Terumumkan"),
    ("rup/paket-swakelola", "RUP-PaketSwakelola-Terumumkan"),
    ("rup/history-kaji-ulang", "RUP-HistoryKajiUlang"),
    ("tender/pengumuman", "SPSE-TenderPengumuman"),
    ("tender/tender-selesai", "SPSE-TenderSelesai"),
    ("tender/tender-selesai-nilai", "SPSE-TenderSelesaiNilai"),
    ("tender/peserta-tender", "SPSE-PesertaTender"),
    ("tender/jadwal-tahapan-tender", "SPSE-JadwalTahapanTender"),
    ("tender/jadwal-tahapan-non-tender", "SPSE-JadwalTahapanNonTender"),
    ("tender/tender-ekontrak-sppbj", "SPSE-TenderEkontrak-SPPBJ"),
    ("tender/tender-ekontrak-kontrak", "SPSE-TenderEkontrak-Kontrak"),
    ("tender/tender-ekontrak-spmkspp", "SPSE-TenderEkontrak-SPMKSPP"),
    ("tender/tender-ekontrak-bapbast", "SPSE-TenderEkontrak-BAPBAST"),
    ("tender/non-tender-pengumuman", "SPSE-NonTenderPengumuman"),
    ("tender/non-tender-selesai", "SPSE-NonTenderSelesai"),
    ("tender/non-tender-ekontrak-sppbj", "SPSE-NonTenderEkontrak-SPPBJ"),
    ("tender/non-tender-ekontrak-kontrak", "SPSE-NonTenderEkontrak-Kontrak"),
    ("tender/non-tender-ekontrak-spmkspp", "SPSE-NonTenderEkontrak-SPMKSPP"),
    ("tender/non-tender-ekontrak-bapbast", "SPSE-NonTenderEkontrak-BAPBAST"),
    ("tender/pencatatan-non-tender", "SPSE-PencatatanNonTender"),
    (
        "tender/pencatatan-non-tender-realisasi",
        "SPSE-PencatatanNonTenderRealisasi",
    ),
    ("tender/pencatatan-swakelola", "SPSE-PencatatanSwakelola"),
    (
        "tender/pencatatan-swakelola-realisasi",
        "SPSE-PencatatanSwakelolaRealisasi",
    ),
    ("ekatalog/paket-e-purchasing", "Ecat-PaketEPurchasingV6"),
    ("ekatalog/penyedia-detail", "Ecat-PenyediaDetail"),
    ("ekatalog-archive/penyedia-detail", "Ecat-PenyediaDetail"),
    ("ekatalog-archive/paket-e-purchasing", "Ecat-PaketEPurchasing"),
    ("ekatalog-archive/instansi-satker", "Ecat-InstansiSatker"),
    ("ekatalog-archive/komoditas-detail", "Ecat-KomoditasDetail"),
    (
        "ekatalog-archive/penyedia-distributor-detail",
        "Ecat-PenyediaDistributorDetail",
    ),
    ("bela/toko-daring-realisasi", "Bela-TokoDaringRealisasi"),
    ("rup/kegiatan-master", "RUP-KegiatanMaster"),
    ("rup/subkegiatan-master", "RUP-SubKegiatanMaster"),
    ("rup/paket-penyedia-lokasi", "RUP-PaketPenyediaLokasi"),
];

/// Not seen under `/v1` (3.3).
const LEGACY_ONLY: [&str; 9] = [
    "rup/struktur-anggaran-pd",
    "tender/tender-selesai",
    "tender/tender-ekontrak-sppbj",
    "tender/tender-ekontrak-spmkspp",
    "tender/tender-ekontrak-bapbast",
    "tender/non-tender-ekontrak-sppbj",
    "tender/non-tender-ekontrak-spmkspp",
    "tender/non-tender-ekontrak-bapbast",
    "bela/toko-daring-realisasi",
];

/// The documented error envelope.
pub(super) fn error(status: u16, code: &str) -> Answer {
    Answer::json(
        status,
        &json!({"success": false, "error": {"code": code, "message": "-", "details": null},
            "meta": {"request_id": "req-simulasi"}}),
    )
}

/// The edge's or a proxy's page.
pub(super) fn html(status: u16) -> Answer {
    Answer::html(
        status,
        format!("<!DOCTYPE html><html><body><h1>{status}</h1></body></html>\n"),
    )
}

impl Spse {
    pub(super) fn gateway(&mut self, request: &Request, twists: &[Fault]) -> Answer {
        if self.options.blocked {
            return html(403);
        }
        match request.header("authorization") {
            None => return Answer::json(401, &json!({"error": "Authorization field missing"})),
            Some(value) if value != format!("Bearer {}", self.options.token) => return error(401, "Unauthorized"),
            Some(_) => {}
        }
        let path = request.path.trim_start_matches("/api/");
        let Some((family, path)) = path.split_once('/') else {
            return error(404, "Not Found");
        };
        let legacy = family == "legacy";
        let name = PATHS.iter().find(|(known, _)| *known == path).map(|(_, name)| *name);
        let Some(name) = name.filter(|_| legacy || !LEGACY_ONLY.contains(&path)) else {
            return error(404, "Not Found");
        };
        let (Some(institution), Some(year)) = (request.param("kode_klpd"), request.param("tahun")) else {
            return error(400, "Bad Request");
        };
        // Master data ignore the year.
        let other = !path.contains("master") && year != self.city.options.year.to_string();
        if institution != self.options.klpd || other || self.emptied(name) {
            return if legacy {
                Answer::json(200, &json!([]))
            } else {
                self.wrap(Vec::new(), None, 0, 1)
            };
        }
        let Some(rows) = self.set(name) else {
            return error(404, "Not Found");
        };
        let wanted = |row: &Value| wanted(request, row);
        if legacy {
            let rows: Vec<Value> = rows
                .iter()
                .filter(|(_, row)| wanted(row))
                .map(|(_, row)| bare(row))
                .collect();
            return Answer::json(200, &Value::Array(rows));
        }
        let limit = request
            .param("limit")
            .and_then(|limit| limit.parse().ok())
            .unwrap_or(1)
            .clamp(1, 1000);
        let after = match request.param("cursor").map(|cursor| position(&cursor)) {
            Some(None) => return error(400, "Bad Request"),
            Some(Some(after)) => Some(after),
            None => None,
        };
        let listed = rows.iter().filter(|(_, row)| wanted(row));
        let mut rest = listed.filter(|(hash, _)| after.is_none_or(|after| *hash > after));
        let page: Vec<&(u64, Value)> = rest.by_ref().take(limit).collect();
        let more = rest.next().is_some();
        if twists.contains(&Fault::EmptyList) {
            return self.wrap(Vec::new(), None, 0, limit);
        }
        if self.options.quirks.empty_page_goes_on && after.is_some() {
            return self.wrap(
                Vec::new(),
                Some((true, after.unwrap_or_default() + 1)),
                rows.len(),
                limit,
            );
        }
        let mut last = page.last().map(|(hash, _)| *hash).unwrap_or_default();
        if self.options.quirks.cursor_repeats || twists.contains(&Fault::RepeatedPage) {
            last = rows.first().map(|(hash, _)| *hash).unwrap_or_default();
        }
        let mut shown: Vec<Value> = page
            .iter()
            .map(|(hash, row)| self.respelled(name, *hash, row))
            .collect();
        if twists.contains(&Fault::Duplicates) {
            shown = shown.into_iter().flat_map(|row| [row.clone(), row]).collect();
        }
        if twists.contains(&Fault::OutOfOrder) {
            shown.reverse();
        }
        let silent = self.options.quirks.silent_first_page && after.is_none();
        let mark = (!silent).then_some((more, last));
        self.wrap(shown, mark, rows.len(), limit)
    }

    fn emptied(&self, name: &str) -> bool {
        self.options.quirks.emptied.as_deref() == Some(name)
    }

    /// `mark` is whether there is more, and the hash of the last row.
    fn wrap(&self, rows: Vec<Value>, mark: Option<(bool, u64)>, total: usize, limit: usize) -> Answer {
        let count = rows.len();
        let mut beside = Map::new();
        if let Some((more, last)) = mark {
            beside.insert("has_more".into(), json!(more));
            let shown = more || self.options.quirks.cursor_at_the_end;
            let text = STANDARD.encode(format!("{{\"id\":{last}}}"));
            beside.insert("cursor".into(), if shown { json!(text) } else { Value::Null });
        }
        let mut body = Map::from_iter([("success".to_owned(), json!(true))]);
        let name = if self.options.quirks.envelope == Envelope::Rs {
            "rs"
        } else {
            "data"
        };
        body.insert(name.into(), Value::Array(rows));
        match self.options.quirks.envelope {
            Envelope::TopLevel => body.extend(beside),
            Envelope::Documented | Envelope::Rs | Envelope::Counted => {
                beside.insert("limit".into(), json!(limit));
                if self.options.quirks.envelope == Envelope::Counted {
                    beside.insert("count".into(), json!(count));
                    beside.insert("total".into(), json!(total));
                }
                body.insert("meta".into(), Value::Object(beside));
            }
        }
        Answer::json(200, &Value::Object(body))
    }

    /// A row as `/v1` writes it.
    fn respelled(&self, name: &str, hash: u64, row: &Value) -> Value {
        let mut out = Map::new();
        for (key, value) in row.as_object().into_iter().flatten() {
            if matches!(key.as_str(), "_event_date" | "tgl_penarikan" | "_inserted_date") {
                continue;
            }
            let mut value = value.clone();
            if self.options.quirks.masked && personal(key) {
                value = masked(&value);
            }
            if key.starts_with("tgl_") && key != "tgl_pengumuman_nontender" {
                value = zulu(&value, hash);
            }
            let key = if name == "Ecat-PaketEPurchasingV6" {
                english(key)
            } else {
                key
            };
            out.insert(key.to_owned(), value);
        }
        let extra = match name {
            "RUP-MasterSatker" => json!({"tahun_aktif": "{2025,2026}"}),
            "RUP-PaketAnggaranPenyedia" => json!({"id_paket_anggaran_penyedia": hash >> 11, "jenis_dana_apbn": null}),
            "RUP-PaketAnggaranSwakelola" => json!({"id_paket_anggaran_swakelola": hash >> 11, "jenis_dana_apbn": null}),
            "SPSE-TenderPengumuman" => json!({"provinsi": "Banten", "kabkota": "Tangerang (Kota)", "kgr_id": 2}),
            "SPSE-TenderSelesaiNilai" => json!({"psr_id": hash >> 20, "lokasi_pekerjaan": "Kota Contoh"}),
            "SPSE-JadwalTahapanTender" | "SPSE-JadwalTahapanNonTender" => json!({"dtj_id": hash >> 20}),
            "Ecat-PaketEPurchasingV6" => json!({"rup_desc": "Uraian paket", "flag_minikom": false}),
            _ => json!({}),
        };
        if let Value::Object(extra) = extra {
            out.extend(extra);
        }
        out.insert(
            "last_update_ref".into(),
            json!("00000000-0000-5000-8000-000000000000.AbCdEf0123456"),
        );
        Value::Object(out)
    }
}

/// Detail look-ups name their id, each in its own way; a revision names its kind of package.
fn wanted(request: &Request, row: &Value) -> bool {
    let same = |parameter: &str, field: &str| match request.param(parameter) {
        Some(value) => match &row[field] {
            Value::String(text) => *text == value.trim(),
            Value::Number(number) => number.to_string() == value.trim(),
            _ => true,
        },
        None => true,
    };
    same("kodePenyedia", "kd_penyedia")
        && same("kd_komoditas", "kd_komoditas")
        && same("kd_distributor", "kd_penyedia_distributor")
        && same("jenis_paket", "jenis_paket")
}

/// The hash in a cursor.
fn position(cursor: &str) -> Option<u64> {
    let bytes = STANDARD.decode(cursor).ok()?;
    let body: Value = serde_json::from_slice(&bytes).ok()?;
    body["id"].as_u64()
}

fn bare(row: &Value) -> Value {
    super::without(row.clone(), &["_event_date"])
}

fn personal(key: &str) -> bool {
    matches!(
        key,
        "nip_ppk"
            | "nama_ppk"
            | "username_ppk"
            | "no_rek_bank"
            | "nip_pokja"
            | "nama_pokja"
            | "nip_nama_ppk"
            | "nip_nama_pp"
            | "ppk_nip"
    )
}

/// Digits keep their last three, words their first letter.
fn masked(value: &Value) -> Value {
    let Value::String(text) = value else {
        return value.clone();
    };
    let word = |word: &str| -> String {
        let digits = word.len() > 5 && word.bytes().all(|b| b.is_ascii_digit());
        let count = word.chars().count();
        match digits {
            true => "*".repeat(count - 3) + &word[word.len() - 3..],
            false if word.contains('.') || count < 2 => word.to_owned(),
            false => {
                let first: String = word.chars().take(1).collect();
                first + &"*".repeat(count - 1)
            }
        }
    };
    json!(text.split(' ').map(word).collect::<Vec<_>>().join(" "))
}

/// `2026-02-01 14:00:00` as `2026-02-01T14:00:00Z`, with 0, 2, 3 or 6 fraction digits. The `Z` is false.
fn zulu(value: &Value, hash: u64) -> Value {
    let Some(text) = value.as_str().filter(|text| text.len() >= 19 && text.starts_with("20")) else {
        return value.clone();
    };
    let zeros = ["", ".00", ".000", ".000000"][(hash % 4) as usize];
    json!(format!("{}T{}{zeros}Z", &text[..10], &text[11..19]))
}

fn english(key: &str) -> &str {
    match key {
        "kd_paket" => "order_id",
        "kd_rup" => "rup_code",
        "rup_nama_pkt" => "rup_name",
        "kd_klpd" => "kode_klpd",
        "kd_satker_str" => "kode_satker",
        "tahun_anggaran" => "fiscal_year",
        "sumber_dana" => "funding_source",
        "tgl_order" => "order_date",
        "status_pkt" => "status",
        "status_pengiriman" => "shipment_status",
        "ongkir" => "shipping_fee",
        "total_harga" => "total",
        "jml_produk" => "total_qty",
        "jml_jenis_produk" => "count_product",
        "product_ids" => "product_id",
        "kd_penyedia_v6" => "kode_penyedia",
        "kd_penyedia_sikap" => "rekan_id",
        other => other,
    }
}
