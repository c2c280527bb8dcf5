//! An archive of the system before (camelCase mixed with snake_case, amounts as text), and a local copy (everything as
//! text, errors under 200).

use serde_json::json;

use super::Sipd;
use super::row::{Row, list};
use super::year::{sub_id, unit_id};
use crate::frame::{Answer, Request, form};

impl Sipd {
    pub(super) fn archive(&self) -> Answer {
        let city = &self.year.city;
        let rows: Vec<String> = city
            .payments
            .iter()
            .take(200)
            .map(|payment| {
                let number = payment
                    .number(city, &self.options.region, "04.0")
                    .replace("/M/", "/P.05/");
                Row::new()
                    .raw("idSp2d", 170_000 + payment.serial)
                    .raw("idSpm", 160_000 + payment.serial)
                    .text("nomorSp2d", &number.replace(&city.options.year.to_string(), "2023"))
                    .text("tanggalSp2d", "2023-08-29")
                    .text("nilaiSp2d", &payment.amount.to_string())
                    .text("created_at", "2023-08-28 10:30:56")
                    .text("kode_tahap", "P.05")
                    .text("status_tahap", "pergeseran")
                    .raw("tahunSpm", 2023)
                    .raw("isOtorisasi", 1)
                    .raw("is_nilai_sp2d_valid", true)
                    .raw("nomor_rekening_pembayar", "null")
                    .done()
            })
            .collect();
        Answer::text(200, "application/json", list(&rows))
    }

    pub(super) fn local_copy(&self, request: &Request) -> Answer {
        let pairs = form::decode(&request.body);
        let action = pairs
            .iter()
            .find(|(name, _)| name == "action")
            .map_or("", |(_, value)| value.as_str());
        let city = &self.year.city;
        let rows: Vec<String> = match action {
            "get_spd_sipd" => self
                .year
                .spenders()
                .into_iter()
                .map(|unit| {
                    let row = Row::new()
                        .text("id_spd", &(5001 + unit).to_string())
                        .text("id_skpd", &unit_id(unit).to_string());
                    row.text("nomor_spd", "36.71/01.0/000001")
                        .text("nilai", "1000000")
                        .text("created_at", "0001-01-01 00:00:00")
                        .done()
                })
                .collect(),
            "get_sub_keg_rka_sipd" => self
                .year
                .subs_of
                .values()
                .flatten()
                .map(|sub| {
                    let row = Row::new().text("id_sub_bl", &sub_id(*sub).to_string());
                    row.text("kode_sub_giat", &city.subs[*sub].code)
                        .text("set_pagu_at", "0001-01-01 00:00:00")
                        .done()
                })
                .collect(),
            _ => {
                return Answer::json(
                    200,
                    &json!({"action": action, "status": "error", "message": "Action tidak ditemukan!"}),
                );
            }
        };
        let body = Row::new()
            .text("action", action)
            .text("status", "success")
            .text("message", "Berhasil")
            .raw("data", list(&rows));
        Answer::text(200, "application/json", body.done())
    }
}
