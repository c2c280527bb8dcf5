//! The plan (SiRUP): units, programmes, packages, budget lines, locations, revisions.

use serde_json::{Value, json};

use super::masters::{plan_category, plan_method};
use super::{Maker, number, with, without};
use crate::city::{AccountKind, Method, Money, Package};

impl Maker<'_> {
    pub(super) fn plan(&self, name: &str) -> Vec<Value> {
        match name {
            "RUP-MasterSatker" => (0..self.city.units.len()).map(|unit| self.unit(unit)).collect(),
            "RUP-ProgramMaster" => self.programmes(),
            "RUP-KegiatanMaster" => self.activities(),
            "RUP-SubKegiatanMaster" => self.subs(),
            "RUP-StrukturAnggaranPD" => self.structure(),
            "RUP-PaketPenyedia-Terumumkan" => self.packages(false, |maker, package| maker.supplied(package)),
            "RUP-PaketSwakelola-Terumumkan" => self.packages(true, |maker, package| maker.own(package)),
            "RUP-PaketAnggaranPenyedia" => self.packages(false, |maker, package| maker.budget(package)),
            "RUP-PaketAnggaranSwakelola" => self.packages(true, |maker, package| maker.budget(package)),
            "RUP-PaketPenyediaLokasi" => self.packages(false, |maker, package| maker.places(package)),
            "RUP-PaketSwakelolaLokasi" => self.packages(true, |maker, package| maker.places(package)),
            "RUP-HistoryKajiUlang" => self.revisions(),
            "RUP-MasterKabKota" => vec![
                json!({"kd_provinsi": 16, "kd_kabkota": 15046, "nama_kabkota": "Tangerang (Kota)"}),
                json!({"kd_provinsi": 16, "kd_kabkota": 15045, "nama_kabkota": "Tangerang (Kab.)"}),
            ],
            "RUP-MasterProvinsi" => vec![json!({"kd_provinsi": 16, "nama_provinsi": "Banten"})],
            _ => Vec::new(),
        }
    }

    fn unit(&self, at: usize) -> Value {
        let row = with(
            self.head(at, false),
            json!({"alamat": null, "telepon": null, "fax": null, "kodepos": null, "status_satker": "Aktif",
                "ket_satker": "Satker/OPD Non-BLU/BLUD", "jenis_satker": "SKPD", "kode_eselon": null}),
        );
        without(row, &["tahun_anggaran", "_event_date"])
    }

    fn programmes(&self) -> Vec<Value> {
        let rows = self.city.programmes.iter().map(|programme| {
            let row = with(
                self.head(programme.unit, false),
                json!({"kd_program": programme.sirup_id, "kd_program_str": programme.code, "nama_program": programme.name,
                    "pagu_program": 1_000_000_000, "kd_program_lokal": null, "is_deleted": false}),
            );
            without(row, &["kd_satker_str", "nama_satker"])
        });
        rows.collect()
    }

    fn activities(&self) -> Vec<Value> {
        let rows = self.city.activities.iter().map(|activity| {
            let programme = &self.city.programmes[activity.programme];
            let row = with(
                self.head(programme.unit, false),
                json!({"kd_program": programme.sirup_id, "kd_kegiatan": activity.sirup_id,
                    "kd_kegiatan_str": activity.code, "nama_kegiatan": activity.name, "pagu_kegiatan": 500_000_000,
                    "kd_kegiatan_lokal": null, "is_deleted": false}),
            );
            without(row, &["kd_satker_str", "nama_satker"])
        });
        rows.collect()
    }

    fn subs(&self) -> Vec<Value> {
        let mut sums = vec![Money::ZERO; self.city.subs.len()];
        for line in &self.city.lines {
            sums[line.sub] += line.amount;
        }
        let rows = self.city.subs.iter().zip(sums).map(|(sub, sum)| {
            let row = with(
                self.head(sub.unit, false),
                json!({"kd_program": self.city.programmes[sub.programme].sirup_id,
                    "kd_kegiatan": self.city.activities[sub.activity].sirup_id, "kd_subkegiatan": sub.sirup_id,
                    "kd_subkegiatan_str": sub.code, "nama_subkegiatan": sub.name, "pagu_subkegiatan": sum.whole(),
                    "kd_subkegiatan_lokal": null, "is_deleted": false}),
            );
            without(row, &["kd_satker_str", "nama_satker"])
        });
        rows.collect()
    }

    /// Units without a budget keep a row in which everything else is null (6.9).
    fn structure(&self) -> Vec<Value> {
        let mut sums = vec![[0_i64; 4]; self.city.units.len()];
        for line in &self.city.lines {
            let at = match self.city.accounts[line.account].kind {
                AccountKind::Goods => 0,
                AccountKind::Capital => 1,
                AccountKind::Unexpected => 2,
                AccountKind::Staff => 3,
            };
            sums[self.city.subs[line.sub].unit][at] += line.amount.whole();
        }
        let rows = self.city.units.iter().enumerate().map(|(at, unit)| {
            let [goods, capital, unexpected, staff] = sums[at];
            let bought = goods + capital + unexpected;
            let sum = |value: i64| if unit.has_budget { json!(value) } else { Value::Null };
            let row = with(
                self.head(at, false),
                json!({"tahun_anggaran": sum(i64::from(self.city.options.year)), "belanja_operasi": sum(goods),
                    "belanja_modal": sum(capital), "belanja_btt": sum(unexpected), "belanja_non_pengadaan": sum(staff),
                    "belanja_pengadaan": sum(bought), "total_belanja": sum(bought + staff)}),
            );
            without(row, &["jenis_klpd", "_event_date"])
        });
        rows.collect()
    }

    fn packages(&self, own: bool, rows: impl Fn(&Self, &Package) -> Vec<Value>) -> Vec<Value> {
        let chosen = self
            .city
            .packages
            .iter()
            .filter(|package| matches!(package.method, Method::OwnWork(_)) == own);
        chosen.flat_map(|package| rows(self, package)).collect()
    }

    fn common(&self, package: &Package) -> Value {
        let officer = &self.city.officers[package.officer];
        let name = if self.options.quirks.untidy_texts {
            package.name.clone()
        } else {
            package.name.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        json!({"kd_rup": package.rup, "nama_paket": name, "pagu": number(package.pagu), "volume_pekerjaan": "12 Bulan",
            "tgl_buat_paket": package.announced.to_string(),
            "tgl_pengumuman_paket": format!("{} 10:06:33", package.announced), "nip_ppk": officer.nip,
            "nama_ppk": officer.name, "username_ppk": "", "kd_rup_lokal": null, "status_aktif_rup": true,
            "status_delete_rup": false, "status_umumkan_rup": "Terumumkan"})
    }

    fn supplied(&self, package: &Package) -> Vec<Value> {
        let (method_id, method) = plan_method(package.method);
        let (category_id, category) = plan_category(package.category);
        let (from, end) = (package.from.to_string(), format!("{}-12-01", self.city.options.year));
        let row = with(
            self.head(package.unit, false),
            json!({"kd_metode_pengadaan": method_id, "metode_pengadaan": method, "kd_jenis_pengadaan": category_id,
                "jenis_pengadaan": category, "status_pradipa": "Non-PraDIPA", "status_pdn": "PDN", "status_ukm": "UKM",
                "alasan_non_ukm": null, "status_konsolidasi": "Non-Konsolidasi", "tipe_paket": "Penyedia",
                "kd_rup_swakelola": null, "urarian_pekerjaan": "Uraian pekerjaan contoh",
                "spesifikasi_pekerjaan": "Baris satu\r\nbaris dua", "tgl_awal_pemilihan": from,
                "tgl_akhir_pemilihan": from, "tgl_awal_kontrak": from, "tgl_akhir_kontrak": end,
                "tgl_awal_pemanfaatan": from, "tgl_akhir_pemanfaatan": end, "status_dikecualikan": false,
                "alasan_dikecualikan": null, "tahun_pertama": null, "kode_rup_tahun_pertama": null,
                "nomor_kontrak": null, "spp_aspek_ekonomi": false, "spp_aspek_sosial": false,
                "spp_aspek_lingkungan": false}),
        );
        vec![merged(row, self.common(package))]
    }

    fn own(&self, package: &Package) -> Vec<Value> {
        let kind = match package.method {
            Method::OwnWork(kind) => kind,
            _ => 1,
        };
        let row = with(
            self.head(package.unit, false),
            json!({"tipe_swakelola": kind, "uraian_pekerjaan": "Uraian swakelola contoh", "kd_klpd_penyelenggara": null,
                "nama_klpd_penyelenggara": null, "nama_satker_penyelenggara": null,
                "tgl_awal_pelaksanaan_kontrak": package.from.to_string(),
                "tgl_akhir_pelaksanaan_kontrak": format!("{}-12-01", self.city.options.year)}),
        );
        vec![merged(row, self.common(package))]
    }

    fn budget(&self, package: &Package) -> Vec<Value> {
        let unit = &self.city.units[package.unit];
        let rows = package.parts.iter().map(|part| {
            let line = &self.city.lines[part.line];
            let sub = &self.city.subs[line.sub];
            with(
                self.head(package.unit, false),
                json!({"kd_rup": package.rup, "kd_rup_lokal": null,
                    "kd_kegiatan": self.city.activities[sub.activity].sirup_id, "kd_komponen": null,
                    "kd_subkegiatan": sub.sirup_id, "pagu": number(part.amount), "mak": part.mak, "sumber_dana": line.fund,
                    "asal_dana": self.options.klpd, "tahun_anggaran_dana": self.city.options.year,
                    "asal_dana_klpd": "Kota Contoh", "asal_dana_satker": unit.name, "status_aktif_rup": true,
                    "status_delete_rup": false, "status_umumkan_rup": "Terumumkan"}),
            )
        });
        rows.collect()
    }

    fn places(&self, package: &Package) -> Vec<Value> {
        let row = with(
            self.head(package.unit, false),
            json!({"kd_rup": package.rup, "detail_lokasi": "Kantor Contoh ", "kd_kab_kota": 15046,
                "kab_kota": "Tangerang (Kota)", "kd_provinsi": 16, "provinsi": "Banten"}),
        );
        vec![row]
    }

    fn revisions(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for package in self.city.packages.iter().step_by(97) {
            let own = matches!(package.method, Method::OwnWork(_));
            for new in [package.rup, package.rup + 1] {
                rows.push(with(
                    self.head(package.unit, false),
                    json!({"kd_rup_lama": package.rup, "kd_rup_baru": new,
                        "jenis_paket": if own { "SWAKELOLA" } else { "PENYEDIA" }, "jenis_revisi": "SATUKEBANYAK",
                        "alasan_kajiulang": "Pemecahan paket", "tgl_kaji_ulang": format!("{} 14:00:00", package.announced)}),
                ));
            }
        }
        rows
    }
}

fn merged(row: Value, more: Value) -> Value {
    match row {
        Value::Object(row) => with(row, more),
        other => other,
    }
}
