//! Catalogue orders, suppliers of the catalogue, and its small lists.

use serde_json::{Value, json};

use super::masters::accounts;
use super::{Maker, number, with, without};
use crate::city::Process;

impl Maker<'_> {
    pub(super) fn orders(&self, name: &str) -> Vec<Value> {
        match name {
            "Ecat-PaketEPurchasingV6" => self.orders_v6(),
            "Ecat-PaketEPurchasing" => self.orders_v5(),
            "Ecat-PenyediaDetail" => self.suppliers(),
            "Ecat-InstansiSatker" => (0..self.city.units.len())
                .map(|unit| {
                    without(
                        Value::Object(self.head(unit, false)),
                        &["tahun_anggaran", "_event_date"],
                    )
                })
                .collect(),
            "Ecat-KomoditasDetail" => vec![json!({"kd_komoditas": 88_325, "nama_komoditas": "Alat Tulis Kantor",
                "jenis_katalog": "Sektoral", "nama_instansi_katalog": "Kementerian Contoh", "kd_instansi_katalog": "K999"})],
            "Ecat-PenyediaDistributorDetail" => vec![json!({"kd_penyedia_distributor": 536_001,
                "nama_distributor": "PT. CONTOH SALUR", "alamat_distributor": "Jl. Contoh No. 3",
                "email_distributor": "salur@contoh.invalid", "no_telp_distributor": "0811000000000",
                "npwp_distributor": "01.234.567.8-415.000"})],
            "Ecat-UserPegawai" => vec![json!({"kd_user_pegawai": 470_000_002, "kd_klpd": self.options.klpd,
                "kd_satker": self.city.units[0].sirup_id, "nama_lengkap": "Budi Contoh, S.T.",
                "nip_pegawai": "198001012005010000", "jabatan_pegawai": "-"})],
            "Ecat-MasterKabKota" => {
                vec![json!({"kd_kabupaten": 177, "kd_provinsi": 11, "nama_kabupaten": "Kota Tangerang"})]
            }
            "Ecat-MasterProvinsi" => vec![json!({"kd_provinsi": 11, "nama_provinsi": "Banten"})],
            "Bela-TokoDaringRealisasi" => self.shops(),
            _ => Vec::new(),
        }
    }

    fn orders_v6(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for package in &self.city.packages {
            let Process::Orders(orders) = &package.process else {
                continue;
            };
            let unit = &self.city.units[package.unit];
            for order in orders {
                let supplier = &self.city.suppliers[order.supplier];
                rows.push(
                    json!({"tahun_anggaran": self.city.options.year, "jenis_instansi": "KOTA",
                    "nama_instansi": "Kota Contoh", "nama_satker": unit.name, "kd_klpd": self.options.klpd,
                    "kd_satker_str": unit.code, "kd_paket": order.id, "kd_rup": package.rup.to_string(),
                    "rup_nama_pkt": package.name, "product_ids": "0a11c374-0000-4000-8000-000000000001",
                    "sumber_dana": "APBD,APBDP", "mak": accounts(package).replace(';', ", "),
                    "kd_penyedia_v6": format!("01K0{:022}", supplier.id), "kd_penyedia_sikap": 0, "jml_jenis_produk": 1,
                    "jml_produk": 12, "ongkir": order.day.map(|_| 0), "total_harga": number(order.total),
                    "tgl_order": order.day.map(|day| day.to_string()),
                    "status_pkt": if order.day.is_some() { "COMPLETED" } else { "ON_NEGOTIATION" },
                    "status_pengiriman": "DRAFT"}),
                );
            }
        }
        rows
    }

    /// One row per product line: the order's id repeats.
    fn orders_v5(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        let chosen = self
            .city
            .packages
            .iter()
            .filter(|package| matches!(package.process, Process::Orders(_)));
        for package in chosen.step_by(5) {
            for product in [76_400_001, 76_400_002] {
                let head = self.head(package.unit, false);
                let row = with(
                    head,
                    json!({"satker_id": self.city.units[package.unit].sirup_id, "nama_satker": null,
                        "alamat_satker": "Jl. Contoh Raya No. 1", "npwp_satker": "001234567415000",
                        "kd_paket": 10_012_000_000_i64 + package.rup, "no_paket": format!("SRM-{}", package.rup),
                        "nama_paket": package.name, "kd_rup": package.rup, "nama_sumber_dana": "APBD",
                        "kode_anggaran": accounts(package), "kd_komoditas": 88_325, "kd_produk": product,
                        "kd_penyedia": 312_345_678_009_i64, "kd_penyedia_distributor": 536_001, "jml_jenis_produk": 2,
                        "kuantitas": 12.0, "harga_satuan": 5_670_000.0, "ongkos_kirim": 0.0, "total_harga": 68_040_000.0,
                        "kd_user_pokja": 470_000_001, "no_telp_user_pokja": "0811000000000",
                        "email_user_pokja": "ani@contoh.invalid", "kd_user_ppk": 470_000_002,
                        "ppk_nip": self.city.officers[package.officer].nip, "jabatan_ppk": "-",
                        "tanggal_buat_paket": package.announced.to_string(),
                        "tanggal_edit_paket": package.announced.to_string(), "deskripsi": null,
                        "status_paket": "melakukan_pengiriman_dan_penerimaan", "paket_status_str": "Paket Proses",
                        "catatan_produk": "", "kd_provinsi_wilayah_harga": 12, "kd_kabupaten_wilayah_harga": 197}),
                );
                rows.push(without(
                    row,
                    &["kd_satker", "kd_satker_str", "nama_klpd", "jenis_klpd", "_event_date"],
                ));
            }
        }
        rows
    }

    fn suppliers(&self) -> Vec<Value> {
        let rows = self.city.suppliers.iter().map(|supplier| {
            json!({"kd_penyedia": supplier.id, "nama_penyedia": supplier.name, "kode_penyedia_sikap": 0,
                "penyedia_ukm": "Ya", "alamat_penyedia": supplier.address, "email_penyedia": "usaha@contoh.invalid",
                "no_telp_penyedia": "0811000000000", "npwp_penyedia": supplier.npwp.replace(['.', '-'], ""),
                "npwp_16": supplier.npwp16, "kbli2020_penyedia": null})
        });
        rows.collect()
    }

    fn shops(&self) -> Vec<Value> {
        let unit = &self.city.units[0];
        vec![
            json!({"tahun": self.city.options.year, "kd_klpd": self.options.klpd, "nama_klpd": "Kota Contoh",
            "kd_satker": unit.spse_id, "nama_satker": unit.name, "order_id": "4300001", "order_desc": null,
            "valuasi": 75_000_000, "kategori": null, "metode_bayar": "transfer",
            "tanggal_transaksi": "2026-06-14 14:07:35", "marketplace": "pasar contoh", "merchant_name": null,
            "jenis_transaksi": "bela", "kota_kab": "Tangerang (Kota)", "provinsi": "Banten", "nama_pemesan": "Ani Contoh",
            "status_verif": "verified", "sumber_data": "api_v3", "status_konfirmasi_ppmse": "gagal",
            "keterangan_ppmse": "Payment Kadaluarsa"}),
        ]
    }
}
