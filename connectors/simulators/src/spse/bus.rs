//! The old service bus: the key inside the path, the order of parameters of each data set, whole years.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{EmptyForm, Spse};
use crate::frame::{Answer, Fault, Request};

/// Every data set that has rows, by its exact name.
pub(super) const NAMES: [&str; 44] = [
    "RUP-MasterSatker",
    "RUP-ProgramMaster",
    "RUP-KegiatanMaster",
    "RUP-SubKegiatanMaster",
    "RUP-StrukturAnggaranPD",
    "RUP-PaketPenyedia-Terumumkan",
    "RUP-PaketSwakelola-Terumumkan",
    "RUP-PaketAnggaranPenyedia",
    "RUP-PaketAnggaranSwakelola",
    "RUP-PaketPenyediaLokasi",
    "RUP-PaketSwakelolaLokasi",
    "RUP-HistoryKajiUlang",
    "RUP-MasterKabKota",
    "RUP-MasterProvinsi",
    "SPSE-TenderPengumuman",
    "SPSE-TenderSelesai",
    "SPSE-TenderSelesaiNilai",
    "SPSE-PesertaTender",
    "SPSE-JadwalTahapanTender",
    "SPSE-JadwalTahapanNonTender",
    "SPSE-TenderEkontrak-SPPBJ",
    "SPSE-TenderEkontrak-Kontrak",
    "SPSE-TenderEkontrak-SPMKSPP",
    "SPSE-TenderEkontrak-BAPBAST",
    "SPSE-NonTenderPengumuman",
    "SPSE-NonTenderSelesai",
    "SPSE-NonTenderEkontrak-SPPBJ",
    "SPSE-NonTenderEkontrak-Kontrak",
    "SPSE-NonTenderEkontrak-SPMKSPP",
    "SPSE-NonTenderEkontrak-BAPBAST",
    "SPSE-PencatatanNonTender",
    "SPSE-PencatatanNonTenderRealisasi",
    "SPSE-PencatatanSwakelola",
    "SPSE-PencatatanSwakelolaRealisasi",
    "Ecat-PaketEPurchasingV6",
    "Ecat-PaketEPurchasing",
    "Ecat-PenyediaDetail",
    "Ecat-InstansiSatker",
    "Ecat-KomoditasDetail",
    "Ecat-PenyediaDistributorDetail",
    "Ecat-UserPegawai",
    "Ecat-MasterKabKota",
    "Ecat-MasterProvinsi",
    "Bela-TokoDaringRealisasi",
];

/// Types and parameters of a data set, in its order.
fn asked(name: &str) -> (&'static str, [&'static str; 2]) {
    match name {
        "RUP-MasterSatker" => ("12:12", ["klpd", "tahun"]),
        "Bela-TokoDaringRealisasi" | "Ecat-PaketEPurchasing-Lama" => ("12:4", ["klpd", "tahun"]),
        "Ecat-PenyediaDetail" | "Ecat-KomoditasDetail" => ("4", ["id", ""]),
        "Ecat-InstansiSatker" => ("12", ["klpd", ""]),
        "Ecat-PenyediaDistributorDetail" | "Ecat-UserPegawai" => ("12", ["id", ""]),
        _ if name.contains("Master") && !name.contains("ProgramMaster") && !name.contains("KegiatanMaster") => {
            ("12", ["kata", ""])
        }
        _ if name.starts_with("SPSE-") => ("4:4", ["tahun", "lpse"]),
        _ => ("4:12", ["tahun", "klpd"]),
    }
}

impl Spse {
    /// The key of a data set: another for each.
    pub fn bus_key(&self, name: &str) -> String {
        let at = NAMES.iter().position(|known| *known == name).unwrap_or(NAMES.len());
        format!("00000000-0000-4000-8000-{:012}", at + 1)
    }

    pub(super) fn bus(&mut self, request: &Request, twists: &[Fault]) -> Answer {
        let path = percent_encoding::percent_decode_str(&request.path)
            .decode_utf8_lossy()
            .into_owned();
        let parts: Vec<&str> = path.trim_start_matches("/isb-2/api/").split('/').collect();
        let [key, form, _service, name, "tipe", types, "parameter", values] = parts.as_slice() else {
            return Answer::text(404, "text/plain", "URL-NOT-DEFINED");
        };
        if *key != self.bus_key(name) {
            return Answer::text(200, "text/plain", "Kunci tidak sah");
        }
        let (expected, names) = asked(name);
        let values: Vec<&str> = values.split(':').collect();
        let fits = *types == expected && values.len() == names.iter().filter(|name| !name.is_empty()).count();
        let year = self.city.options.year.to_string();
        let right = |name: &&str, value: &&str| match *name {
            "tahun" => **value == year,
            "klpd" => **value == self.options.klpd,
            "lpse" => **value == self.options.lpse,
            _ => true,
        };
        let known = fits && names.iter().zip(&values).all(|(name, value)| right(name, value));
        let emptied = self.options.quirks.emptied.as_deref() == Some(*name) || twists.contains(&Fault::EmptyList);
        let rows = if known && !emptied { self.set(name) } else { None };
        let id = (names[0] == "id").then(|| values[0].to_owned());
        let rows: Vec<Value> = rows
            .iter()
            .flat_map(|rows| rows.iter())
            .map(|(_, row)| row)
            .filter(|row| {
                id.as_ref()
                    .is_none_or(|id| row.as_object().is_some_and(|row| row.values().any(|v| is(v, id))))
            })
            .cloned()
            .collect();
        if rows.is_empty() {
            return match self.options.quirks.empty {
                EmptyForm::InvalidResponse => Answer::text(
                    200,
                    "application/json",
                    "<invalid_response>Data Kosong, silakan ulangi</invalid_response>",
                ),
                EmptyForm::ZeroBytes => Answer::text(200, "application/json", ""),
                EmptyForm::Array => Answer::json(200, &json!([])),
            };
        }
        match *form {
            "csv" => Answer::text(200, "text/csv", csv(&rows)),
            _ if self.options.quirks.bus_wrapped => Answer::json(200, &json!({"data": rows})),
            _ => Answer::json(200, &Value::Array(rows)),
        }
    }
}

fn is(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value == text,
        Value::Number(value) => value.to_string() == text,
        _ => false,
    }
}

/// Backslash escapes, null as nothing, `""` for an empty text (2.3).
fn csv(rows: &[Value]) -> String {
    let names: Vec<&String> = rows
        .first()
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|row| row.keys())
        .collect();
    let mut out = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",");
    out.push('\n');
    for row in rows {
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            match &row[name.as_str()] {
                Value::Null => {}
                Value::String(text) => {
                    out.push('"');
                    for c in text.chars() {
                        match c {
                            '"' => out.push_str("\\\""),
                            '\\' => out.push_str("\\\\"),
                            '\r' => out.push_str("\\r"),
                            '\n' => out.push_str("\\n"),
                            '\t' => out.push_str("\\t"),
                            c => out.push(c),
                        }
                    }
                    out.push('"');
                }
                other => {
                    let _ = write!(out, "{other}");
                }
            }
        }
        out.push('\n');
    }
    out
}
