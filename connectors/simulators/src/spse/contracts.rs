//! e-Kontrak: award letters, contracts, start-of-work letters, payment minutes, of tenders and of direct procurement.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::tenders::more;
use super::{Maker, number};
use crate::city::{Contract, Method};

impl Maker<'_> {
    pub(super) fn contracts(&self, name: &str) -> Vec<Value> {
        let tender = name.starts_with("SPSE-Tender");
        let rows: fn(&Self, &Contract, bool) -> Vec<Value> = match name.rsplit('-').next() {
            Some("SPPBJ") => Self::awarded,
            Some("Kontrak") => Self::signed,
            Some("SPMKSPP") => Self::started,
            _ => Self::billed,
        };
        let chosen = self.city.contracts.iter().filter(|contract| {
            let method = self.city.packages[contract.package].method;
            matches!(method, Method::Tender | Method::Selection) == tender
        });
        chosen.flat_map(|contract| rows(self, contract, tender)).collect()
    }

    fn letter(&self, contract: &Contract, tender: bool) -> Value {
        let package = &self.city.packages[contract.package];
        let officer = &self.city.officers[package.officer];
        let supplier = &self.city.suppliers[contract.supplier];
        let mut head = self.head(package.unit, true);
        head.remove("nama_lpse");
        head.remove("url_lpse");
        let nip = match (self.options.quirks.odd_employee_numbers, contract.package % 50) {
            (true, 3) => format!(
                "NIP {} {} {}",
                &officer.nip[..8],
                &officer.nip[8..14],
                &officer.nip[14..]
            ),
            (true, 4) => officer.nip[..8].to_owned(),
            _ => officer.nip.clone(),
        };
        let mut row = more(
            Value::Object(head),
            json!({"alamat_satker": "Jl. Contoh Raya No. 1", "nama_paket": package.name, "no_sppbj": letter(contract, "SPPBJ"),
                "nip_ppk": nip, "nama_ppk": officer.name, "jabatan_ppk": officer.position, "nama_penyedia": supplier.name,
                "npwp_penyedia": supplier.npwp, "status_kontrak": "Kontrak Sedang Berjalan",
                "tgl_penetapan_status_kontrak": null, "alasan_penetapan_status_kontrak": null, "apakah_addendum": "Tidak",
                "versi_addendum": 0, "alasan_addendum": null}),
        );
        let (id, extra) = match tender {
            true => ("kd_tender", json!({})),
            false => ("kd_nontender", json!({"mtd_pengadaan": "Pengadaan Langsung"})),
        };
        row[id] = json!(contract.process);
        more(row, extra)
    }

    fn awarded(&self, contract: &Contract, tender: bool) -> Vec<Value> {
        let supplier = &self.city.suppliers[contract.supplier];
        vec![more(
            self.letter(contract, tender),
            json!({"lampiran_sppbj": "-", "tgl_sppbj": midnight(contract.signed), "kota_sppbj": "Contoh",
                "npwp_penyedia_16": supplier.npwp16, "harga_final": number(contract.value),
                "nilai_jaminan_pelaksanaan": 0, "masa_berlaku_jaminan": 0}),
        )]
    }

    /// One row per addendum; of one contract in forty the row comes twice (6.9).
    fn signed(&self, contract: &Contract, tender: bool) -> Vec<Value> {
        let supplier = &self.city.suppliers[contract.supplier];
        let odd = self.options.quirks.odd_rows;
        let scope = if self.options.quirks.untidy_texts {
            json!("<p>Lingkup&nbsp;contoh</p>\r\n")
        } else {
            Value::Null
        };
        let account = match odd && contract.package.is_multiple_of(9) {
            true => format!("'{}", supplier.account),
            false => supplier.account.clone(),
        };
        let term = |day: Date| if tender { json!(midnight(day)) } else { Value::Null };
        let sixteen = if tender { "npwp_16_penyedia" } else { "npwp16_penyedia" };
        let row = more(
            self.letter(contract, tender),
            json!({"lingkup_pekerjaan": if tender { scope } else { Value::Null }, "no_kontrak": contract.number,
                "tgl_kontrak": midnight(contract.signed), "tgl_kontrak_awal": term(contract.signed),
                "tgl_kontrak_akhir": term(contract.ends), "kota_kontrak": "Contoh", "no_sk_ppk": "800/Kep.12/2026",
                sixteen: supplier.npwp16, "bentuk_usaha_penyedia": supplier.form,
                "tipe_penyedia": "Penyedia Badan Usaha Non KSO", "anggota_kso": null,
                "wakil_sah_penyedia": supplier.representative, "jabatan_wakil_penyedia": "Direktur",
                "nama_rek_bank": "Bank Contoh", "no_rek_bank": account, "nama_pemilik_rek_bank": supplier.name,
                "nilai_kontrak": number(contract.value), "alasan_ubah_nilai_kontrak": "",
                "alasan_nilai_kontrak_10_persen": null, "nilai_pdn_kontrak": number(contract.value),
                "nilai_umk_kontrak": 0, "jenis_kontrak": "Lumsum", "informasi_lainnya": "-"}),
        );
        let mut rows = vec![row.clone()];
        if contract.addendum > 0 {
            rows.push(more(
                row.clone(),
                json!({"apakah_addendum": "Ya", "versi_addendum": contract.addendum, "alasan_addendum": "Penambahan waktu"}),
            ));
        }
        if odd && contract.package.is_multiple_of(40) {
            rows.push(row);
        }
        rows
    }

    fn started(&self, contract: &Contract, tender: bool) -> Vec<Value> {
        let supplier = &self.city.suppliers[contract.supplier];
        vec![more(
            self.letter(contract, tender),
            json!({"no_kontrak": contract.number, "tgl_kontrak": midnight(contract.signed),
                "no_spmk_spp": letter(contract, "SPMK"), "tgl_spmk_spp": midnight(contract.signed),
                "tgl_mulai_pekerjaan": english(contract.signed), "tgl_selesai_pekerjaan": english(contract.ends),
                "waktu_penyelesaian": "90 Hari Kalender", "kota_spmk_spp": "Contoh", "alamat_pengiriman": null,
                "alamat_penyedia": format!("{}\r\n\tKota Contoh", supplier.address), "npwp_16_penyedia": supplier.npwp16,
                "wakil_sah_penyedia": supplier.representative, "jabatan_wakil_penyedia": "Direktur"}),
        )]
    }

    /// One row per payment; the first of one contract in forty comes twice, word for word (6.9).
    fn billed(&self, contract: &Contract, tender: bool) -> Vec<Value> {
        let supplier = &self.city.suppliers[contract.supplier];
        let mut rows: Vec<Value> = Vec::new();
        for bill in &contract.bills {
            rows.push(more(
                self.letter(contract, tender),
                json!({"lingkup_pekerjaan": null, "no_kontrak": contract.number, "tgl_kontrak": midnight(contract.signed),
                    "nilai_kontrak": number(contract.value), "no_sk_ppk": "800/Kep.12/2026",
                    "jabatan_penandatangan_sk": "", "alamat_penyedia": supplier.address,
                    "npwp_16_penyedia": supplier.npwp16, "wakil_sah_penyedia": null, "jabatan_wakil_penyedia": "Direktur",
                    "no_bast": letter(contract, "BAST"), "tgl_bast": midnight(bill.day), "no_bap": bill.number,
                    "tgl_bap": midnight(bill.day), "besar_pembayaran": number(bill.amount), "progres_pekerjaan": 8.33,
                    "cara_pembayaran_kontrak": if contract.bills.len() > 1 { "Bulanan" } else { "Sekaligus" },
                    "_inserted_date": null}),
            ));
        }
        if self.options.quirks.odd_rows
            && contract.package % 40 == 1
            && let Some(first) = rows.first().cloned()
        {
            rows.push(first);
        }
        rows
    }
}

fn letter(contract: &Contract, kind: &str) -> String {
    contract.number.replace("SPK", kind).replace("KONTRAK", kind)
}

/// The false `Z`.
fn midnight(day: Date) -> String {
    format!("{day}T00:00:00.000000Z")
}

fn english(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = usize::try_from(day.month() - 1).unwrap_or_default();
    format!("{} {}, {}, 12:00:00AM", MONTHS[month], day.day(), day.year())
}
