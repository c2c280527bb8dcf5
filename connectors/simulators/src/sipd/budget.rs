//! Generation C1: planning and budgeting. Every answer in an envelope, lists as grids, some of them obfuscated.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::row::{Row, list, noisy};
use super::year::{account_id, sub_id, unit_id};
use super::{C1_AKUN, C1_RINCI, C1_SKPD, C1_SUB, Sipd};
use crate::frame::{Answer, Endpoint, Fault, Request, multipart};

impl Sipd {
    /// A list of the budget half.
    pub(super) fn planning(&self, endpoint: Endpoint, request: &Request, twists: &[Fault]) -> Answer {
        let parts = multipart::parse(request.header("content-type"), &request.body);
        let Ok(parts) = parts else {
            return self.envelope(400, "null");
        };
        let field = |name: &str| parts.iter().find(|part| part.name == name).map(multipart::Part::text);
        let number = |name: &str| field(name).and_then(|text| text.parse::<usize>().ok());
        let year = self.year.city.options.year.to_string();
        if field("tahun").as_deref() != Some(&year) || field("id_daerah") != Some(self.options.id_daerah.to_string()) {
            return self.envelope(400, "null");
        }
        match endpoint {
            C1_SKPD => self.grid(
                self.year.city.units.len(),
                number("start"),
                number("length"),
                twists,
                |at| self.unit(at),
            ),
            C1_AKUN => self.grid(
                self.year.city.accounts.len(),
                number("start"),
                number("length"),
                twists,
                |at| self.account(at),
            ),
            C1_RINCI => self.grid(
                self.year.city.lines.len(),
                number("start"),
                number("length"),
                twists,
                |at| self.line(at),
            ),
            C1_SUB => {
                let unit = number("id_unit").and_then(|id| id.checked_sub(unit_id(0)));
                let subs = unit
                    .and_then(|unit| self.year.subs_of.get(&unit))
                    .cloned()
                    .unwrap_or_default();
                let rows: Vec<String> = subs.iter().map(|sub| self.sub(*sub)).collect();
                self.obfuscated(twists, rows)
            }
            _ => {
                let rows = self.year.spenders().into_iter();
                let rows = rows.map(|unit| {
                    Row::new()
                        .number("id_skpd", unit_id(unit), self.options.quirks.texts)
                        .done()
                });
                self.obfuscated(twists, rows.collect())
            }
        }
    }

    fn envelope(&self, code: u16, data: &str) -> Answer {
        let name = if self.options.quirks.status_kode {
            "status_kode"
        } else {
            "status_code"
        };
        let good = code == 200;
        Answer::text(
            200,
            "application/json",
            format!("{{\"status\":{good},\"{name}\":{code},\"message\":\"\",\"data\":{data}}}"),
        )
    }

    fn grid(
        &self,
        total: usize,
        start: Option<usize>,
        length: Option<usize>,
        twists: &[Fault],
        row: impl Fn(usize) -> String,
    ) -> Answer {
        if twists.contains(&Fault::EmptyList) {
            return self.envelope(200, "{\"recordsTotal\":0,\"recordsFiltered\":0,\"data\":[]}");
        }
        let start = if twists.contains(&Fault::RepeatedPage) {
            0
        } else {
            start.unwrap_or(0)
        };
        let rows: Vec<String> = (start..total).take(length.unwrap_or(10)).map(row).collect();
        let data = format!(
            "{{\"recordsTotal\":{total},\"recordsFiltered\":{total},\"data\":{}}}",
            list(&rows)
        );
        self.envelope(200, &data)
    }

    fn obfuscated(&self, twists: &[Fault], rows: Vec<String>) -> Answer {
        let rows = if twists.contains(&Fault::EmptyList) {
            Vec::new()
        } else {
            rows
        };
        let plain = list(&rows);
        if !self.options.quirks.obfuscated {
            return self.envelope(200, &plain);
        }
        let mut bytes = plain.into_bytes();
        for _ in 0..2 {
            bytes.reverse();
            bytes = STANDARD.encode(&bytes).into_bytes();
        }
        self.envelope(200, &format!("\"{}\"", String::from_utf8_lossy(&bytes)))
    }

    fn unit(&self, at: usize) -> String {
        let (texts, city) = (self.options.quirks.texts, &self.year.city);
        let unit = &city.units[at];
        let parent = unit.parent.unwrap_or(at);
        let officer = city.officers.iter().find(|officer| officer.unit == at);
        let row = Row::new()
            .number("id_skpd", unit_id(at), texts)
            .number("id_unit", unit_id(parent), texts)
            .number("id_daerah", self.options.id_daerah, texts)
            .raw("tahun", city.options.year)
            .text("kode_skpd", &unit.code)
            .text("kode_unit", &city.units[parent].code)
            .text("nama_skpd", &unit.name)
            .number("is_skpd", u8::from(unit.parent.is_none()), texts)
            .raw("is_ppkd", 0)
            .raw("is_locked", "\"0\"")
            .raw("set_input", 1)
            .text("status_kepala", "PA")
            .text("id_unik", &format!("00000000-0000-4000-8000-{:012}", unit_id(at)))
            .raw("kode_skpd_lama", "null")
            .raw("created_at", "null");
        match officer {
            Some(officer) => row
                .text("nama_kepala", &officer.name)
                .text("nip_kepala", &officer.nip)
                .done(),
            None => row.done(),
        }
    }

    fn account(&self, at: usize) -> String {
        let account = &self.year.city.accounts[at];
        let capital = account.code.starts_with("5.2");
        Row::new()
            .number("id_akun", account_id(at), self.options.quirks.texts)
            .text("kode_akun", &self.account_code(&account.code))
            .text(
                "nama_akun",
                &format!("{} {}", self.account_code(&account.code), account.name),
            )
            .raw("level", 6)
            .raw("tahun", self.year.city.options.year)
            .raw("mulai_tahun", "null")
            .raw("kunci_tahun", "null")
            .raw("set_input", 1)
            .raw("set_prov", 1)
            .raw("set_kab_kota", 1)
            .raw("is_locked", 0)
            .raw("is_bl", 1)
            .raw("is_barjas", u8::from(!capital))
            .raw("is_modal_tanah", 0)
            .raw("is_tkdn", "null")
            .done()
    }

    /// The code in its present or, by switch, its former length.
    pub(super) fn account_code(&self, code: &str) -> String {
        shortened(code, self.options.quirks.old_codes, 4, 3)
    }

    /// The code in its present or, by switch, its former length.
    pub(super) fn sub_code(&self, code: &str) -> String {
        shortened(code, self.options.quirks.old_codes, 4, 2)
    }

    fn sub(&self, at: usize) -> String {
        let (texts, year) = (self.options.quirks.texts, &self.year);
        let sub = &year.city.subs[at];
        let budget: crate::city::Money = year.cells_of(at).iter().map(|cell| cell.budget).sum();
        Row::new()
            .number("id_sub_bl", sub_id(at), texts)
            .number("id_skpd", unit_id(sub.unit), texts)
            .number("id_sub_skpd", unit_id(sub.unit), texts)
            .text("kode_sub_skpd", &year.city.units[sub.unit].code)
            .text("kode_program", &year.city.programmes[sub.programme].code)
            .text("kode_giat", &year.city.activities[sub.activity].code)
            .text("kode_sub_giat", &self.sub_code(&sub.code))
            .text("nama_sub_giat", &noisy(sub.name.trim(), self.options.quirks.noise))
            .number("pagu", budget, texts)
            .number("rincian", budget, texts)
            .raw("waktu_awal", 1)
            .raw("waktu_akhir", 12)
            .raw("id_dana", "\"1\"")
            .text("kode_dana", "1.1.01")
            .text("nama_dana", "Pendapatan Asli Daerah")
            .raw("kunci_bl", 0)
            .text("kode_sbl", &format!("{}.{}.{at}", unit_id(sub.unit), sub.activity))
            .raw("set_pagu_at", "null")
            .text("created_date", "2026-01-02")
            .text("created_time", "10:11:12")
            .done()
    }

    fn line(&self, at: usize) -> String {
        let (texts, city) = (self.options.quirks.texts, &self.year.city);
        let line = &city.lines[at];
        let account = &city.accounts[line.account];
        Row::new()
            .number("id_rinci_sub_bl", 700_001 + at, texts)
            .number("id_sub_bl", sub_id(line.sub), texts)
            .number("id_skpd", unit_id(city.subs[line.sub].unit), texts)
            .text("kode_sub_giat", &self.sub_code(&city.subs[line.sub].code))
            .number("id_akun", account_id(line.account), texts)
            .text("kode_akun", &self.account_code(&account.code))
            .text(
                "nama_akun",
                &format!("{} {}", self.account_code(&account.code), account.name),
            )
            .text("satuan", "Paket")
            .raw("volume", 1)
            .text("koefisien", "1 Paket")
            .raw("vol_1", 1)
            .text("sat_1", "Paket")
            .number("harga_satuan", line.amount, texts)
            .raw("pajak", 0)
            .number("total_harga", line.amount, texts)
            .text("subs_bl_teks", "[#] Belanja")
            .text("ket_bl_teks", "[-] Sesuai RKA")
            .raw("id_dana", "\"1\"")
            .done()
    }
}

fn shortened(code: &str, old: bool, from: usize, to: usize) -> String {
    match code.rsplit_once('.') {
        Some((head, last)) if old && last.len() == from => format!("{head}.{}", &last[from - to..]),
        _ => code.to_owned(),
    }
}
