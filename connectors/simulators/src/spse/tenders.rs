//! Tenders, direct procurement, bidders, schedules and bookkeeping (SPSE without contracts).

use serde_json::{Value, json};

use super::masters::{accounts, plan_method, spse_category, state};
use super::{Maker, lpse, number, with, without};
use crate::city::{Method, Package, Process, Record, State};

impl Maker<'_> {
    pub(super) fn tenders(&self, name: &str) -> Vec<Value> {
        let each = |rows: fn(&Self, usize, &Package) -> Vec<Value>| -> Vec<Value> {
            let all = self.city.packages.iter().enumerate();
            all.flat_map(|(at, package)| rows(self, at, package)).collect()
        };
        match name {
            "SPSE-TenderPengumuman" => each(Self::announced),
            "SPSE-TenderSelesai" => each(Self::finished),
            "SPSE-TenderSelesaiNilai" => each(Self::valued),
            "SPSE-PesertaTender" => self.with_placeholder(each(Self::bidders)),
            "SPSE-JadwalTahapanTender" => each(Self::stages),
            "SPSE-JadwalTahapanNonTender" => each(Self::direct_stages),
            "SPSE-NonTenderPengumuman" => each(Self::direct_announced),
            "SPSE-NonTenderSelesai" => each(Self::direct_finished),
            "SPSE-PencatatanNonTender" => each(Self::recorded),
            "SPSE-PencatatanNonTenderRealisasi" => each(Self::spent),
            "SPSE-PencatatanSwakelola" => each(Self::recorded_own),
            "SPSE-PencatatanSwakelolaRealisasi" => each(Self::spent_own),
            _ => Vec::new(),
        }
    }

    fn base(&self, package: &Package) -> Value {
        let (_, method) = plan_method(package.method);
        with(
            self.head(package.unit, true),
            json!({"kd_rup": package.rup.to_string(), "nama_paket": package.name, "pagu": number(package.pagu),
                "sumber_dana": "APBD", "kualifikasi_paket": if package.rup % 20 == 0 { Value::Null } else { json!("Kecil") },
                "jenis_pengadaan": spse_category(package.category), "mtd_pemilihan": method, "kontrak_pembayaran": "Lumsum",
                "kd_pkt_dce": 10_800_000_000_i64 + package.rup}),
        )
    }

    fn announced(&self, _at: usize, package: &Package) -> Vec<Value> {
        let Process::Tender {
            id,
            hps,
            state: now,
            version,
            ..
        } = &package.process
        else {
            return Vec::new();
        };
        let officer = &self.city.officers[package.officer];
        let day = package.announced;
        vec![more(
            self.base(package),
            json!({"list_tahun_anggaran": self.city.options.year.to_string(), "kd_tender": id, "hps": number(*hps),
                "mtd_evaluasi": "Harga Terendah Sistem Gugur", "mtd_kualifikasi": "Pasca Satu File",
                "status_tender": state(*now), "tanggal_status": day.to_string(), "versi_tender": version,
                "ket_ditutup": null, "ket_diulang": null, "tgl_buat_paket": format!("{day} 09:12:44"),
                "tgl_kolektif_kolegial": format!("{day} 10:01:02"), "tgl_pengumuman_tender": format!("{day} 16:00:00"),
                "nip_ppk": officer.nip, "nama_ppk": officer.name,
                "nip_pokja": "198202022006040000;198303032007010000", "nama_pokja": "Ani Contoh, S.E.;Dedi Contoh",
                "lokasi_pekerjaan": "Kec. Contoh - Contoh (Kota) - Banten"}),
        )]
    }

    fn finished(&self, _at: usize, package: &Package) -> Vec<Value> {
        let Process::Tender {
            id,
            hps,
            state: State::Done,
            ..
        } = &package.process
        else {
            return Vec::new();
        };
        let row = more(
            self.base(package),
            json!({"kd_tender": id, "hps": number(*hps), "mak": accounts(package),
                "mtd_evaluasi": "Harga Terendah Sistem Gugur", "mtd_kualifikasi": "Pasca Satu File",
                "status_tender": "Selesai", "tgl_pengumuman_tender": format!("{} 16:00:00", package.announced),
                "tgl_penetapan_pemenang": format!("{} 10:00:00", package.announced)}),
        );
        vec![without(row, &["_event_date"])]
    }

    /// Running tenders are among them, without supplier and values (6.9).
    fn valued(&self, _at: usize, package: &Package) -> Vec<Value> {
        let Process::Tender {
            id,
            hps,
            state: now,
            bids,
            contract,
            ..
        } = &package.process
        else {
            return Vec::new();
        };
        let winner = bids.iter().find(|bid| bid.won);
        if winner.is_none() && (*now != State::Running || !self.options.quirks.odd_rows) {
            return Vec::new();
        }
        let supplier = winner.map(|bid| &self.city.suppliers[bid.supplier]);
        let price = winner.and_then(|bid| bid.price).map(number);
        let value = contract.map(|at| number(self.city.contracts[at].value));
        let row = more(
            self.base(package),
            json!({"kd_satker": self.city.units[package.unit].code, "kd_tender": id,
                "kd_paket": 10_800_000_000_i64 + package.rup, "kd_rup_paket": package.rup.to_string(), "hps": number(*hps),
                "nilai_penawaran": price, "nilai_terkoreksi": price, "nilai_negosiasi": price,
                "nilai_kontrak": value.clone().or_else(|| price.clone()),
                "tgl_pengumuman_tender": package.announced.to_string(),
                "tgl_penetapan_pemenang": package.announced.to_string(), "kd_penyedia": supplier.map(|s| s.id),
                "nama_penyedia": supplier.map(|s| s.name.as_str()), "npwp_penyedia": supplier.map(|s| s.npwp.as_str()),
                "npwp_16_penyedia": supplier.map(|s| s.npwp16.as_str()), "nilai_pdn_kontrak": value,
                "nilai_umk_kontrak": null}),
        );
        vec![without(
            row,
            &[
                "kd_satker_str",
                "nama_lpse",
                "url_lpse",
                "kd_rup",
                "nama_paket",
                "sumber_dana",
                "kualifikasi_paket",
                "jenis_pengadaan",
                "mtd_pemilihan",
                "kontrak_pembayaran",
                "kd_pkt_dce",
            ],
        )]
    }

    fn bidders(&self, _at: usize, package: &Package) -> Vec<Value> {
        let Process::Tender { id, bids, .. } = &package.process else {
            return Vec::new();
        };
        let rows = bids.iter().map(|bid| {
            let supplier = &self.city.suppliers[bid.supplier];
            json!({"tahun_anggaran": self.city.options.year, "kd_klpd": self.options.klpd,
                "kd_satker": self.city.units[package.unit].spse_id, "kd_satker_str": self.city.units[package.unit].code,
                "kd_lpse": lpse(&self.options.lpse), "kd_tender": id, "kd_pkt_dce": 10_800_000_000_i64 + package.rup,
                "kd_peserta": bid.id, "kd_penyedia": supplier.id, "nama_penyedia": supplier.name,
                "npwp_penyedia": supplier.npwp, "npwp_penyedia_16": supplier.npwp16,
                "nilai_penawaran": bid.price.map(number), "nilai_terkoreksi": bid.price.map(number),
                "pemenang": i32::from(bid.won), "pemenang_terverifikasi": 0, "alasan": null})
        });
        rows.collect()
    }

    fn with_placeholder(&self, mut rows: Vec<Value>) -> Vec<Value> {
        if let Some(first) = rows.first().filter(|_| self.options.quirks.odd_rows) {
            rows.push(more(
                first.clone(),
                json!({"kd_peserta": null, "kd_penyedia": null, "nama_penyedia": null, "npwp_penyedia": null,
                    "npwp_penyedia_16": null, "nilai_penawaran": null, "nilai_terkoreksi": null, "pemenang": null,
                    "pemenang_terverifikasi": null}),
            ));
        }
        rows
    }

    fn stage(&self, package: &Package, own: Value) -> Value {
        more(
            json!({"tahun_anggaran": self.city.options.year, "kd_klpd": self.options.klpd,
                "kd_satker": self.city.units[package.unit].spse_id, "kd_satker_str": self.city.units[package.unit].code,
                "kd_lpse": lpse(&self.options.lpse), "_event_date": self.city.options.today.to_string()}),
            own,
        )
    }

    fn stages(&self, _at: usize, package: &Package) -> Vec<Value> {
        let Process::Tender { id, .. } = &package.process else {
            return Vec::new();
        };
        let names = [
            "Pengumuman Pascakualifikasi",
            "Pembukaan  Dokumen",
            "Penandatanganan  Kontrak",
        ];
        let rows = names.iter().zip(0_i64..).map(|(name, at)| {
            let own = json!({"kd_tender": id, "kd_tahapan": 18_776 + at, "nama_tahapan": name, "kd_akt": 291 + at,
                "nama_akt": null, "tgl_awal": format!("{} 08:00:00", package.announced),
                "tgl_akhir": format!("{} 16:00:00", package.announced)});
            self.stage(package, own)
        });
        rows.collect()
    }

    fn direct_stages(&self, _at: usize, package: &Package) -> Vec<Value> {
        let Process::Direct { id, .. } = &package.process else {
            return Vec::new();
        };
        let names = [
            "PEMASUKAN_PENAWARAN",
            "PEMBUKAAN_PENAWARAN",
            "EVALUASI_PENAWARAN",
            "KLARIFIKASI_NEGOSIASI",
            "TANDATANGAN_SPK",
        ];
        let rows = names.iter().zip(1_i64..).map(|(name, at)| {
            let shown = if at < 4 {
                json!(format!("Tahap {at}"))
            } else {
                Value::Null
            };
            let own = json!({"kd_nontender": id, "kd_tahapan": 18_800 + at, "nama_tahapan": shown, "kd_akt": at,
                "nama_akt": name, "tgl_awal": format!("{}T11:00:00.000000Z", package.announced),
                "tgl_akhir": format!("{}T16:00:00.000000Z", package.announced)});
            self.stage(package, own)
        });
        rows.collect()
    }

    fn direct_announced(&self, _at: usize, package: &Package) -> Vec<Value> {
        let Process::Direct {
            id, hps, state: now, ..
        } = &package.process
        else {
            return Vec::new();
        };
        let officer = &self.city.officers[package.officer];
        let day = package.announced;
        let dash = self.options.quirks.odd_rows && package.rup % 100 == 7;
        let row = more(
            self.base(package),
            json!({"lls_id": id, "kd_nontender": id, "hps": number(*hps), "mak": accounts(package),
                "status_nontender": if dash { "-" } else { state(*now) }, "versi_nontender": 1, "ket_diulang": null,
                "ket_ditutup": "", "tgl_buat_paket": format!("{day} 09:12:44"),
                "tgl_kolektif_kolegial": format!("{day} 09:15:00"),
                "tgl_pengumuman_nontender": if dash { Value::Null } else { json!(format!("{day} 16:00:00.000000Z")) },
                "nip_nama_ppk": format!("{} - {}", officer.nip, officer.name), "nip_nama_pokja": null,
                "nip_nama_pp": "0 - Ani Contoh, S.E.\t ", "repeat_order": "Tidak"}),
        );
        vec![without(row, &["_event_date"])]
    }

    fn direct_finished(&self, at: usize, package: &Package) -> Vec<Value> {
        let Process::Direct {
            id,
            hps,
            supplier: Some(supplier),
            contract,
            ..
        } = &package.process
        else {
            return Vec::new();
        };
        let supplier = &self.city.suppliers[*supplier];
        let mut value = contract.map(|contract| number(self.city.contracts[contract].value));
        // A typing error upstream: ten times the ceiling.
        if self.options.quirks.typing_error && at % 997 == 5 && value.is_some() {
            value = Some(json!(package.pagu.whole() * 10));
        }
        let row = more(
            self.base(package),
            json!({"lpse_id": lpse(&self.options.lpse), "kd_nontender": id, "hps": number(*hps), "nilai_penawaran": number(*hps),
                "nilai_terkoreksi": number(*hps), "nilai_negosiasi": number(*hps), "nilai_kontrak": value,
                "nilai_pdn_kontrak": value, "nilai_umk_kontrak": value, "mak": accounts(package),
                "status_nontender": "Selesai", "tgl_pengumuman_nontender": format!("{} 16:00:00", package.announced),
                "tgl_selesai_nontender": format!("{} 16:00:00", package.announced), "kd_penyedia": supplier.id,
                "nama_penyedia": supplier.name, "npwp_penyedia": supplier.npwp, "npwp16_penyedia": supplier.npwp16,
                "tgl_penarikan": self.city.options.today.to_string()}),
        );
        vec![without(row, &["_event_date"])]
    }

    fn record<'a>(&self, package: &'a Package, own: bool) -> Option<&'a Record> {
        match &package.process {
            Process::Recorded(record) if matches!(package.method, Method::OwnWork(_)) == own => Some(record),
            _ => None,
        }
    }

    fn recorded(&self, _at: usize, package: &Package) -> Vec<Value> {
        let rows = self.record(package, false).map(|record| {
            let head = self.book(package, record);
            more(
                head,
                json!({"kd_nontender_pct": record.id, "kategori_pengadaan": spse_category(package.category),
                    "mtd_pemilihan": "Dikecualikan", "bukti_pembayaran": "NonSPK", "status_nontender_pct": "Aktif",
                    "status_nontender_pct_ket": "Paket Selesai",
                    "tgl_buat_paket": format!("{}T14:30:20.446000Z", package.announced)}),
            )
        });
        rows.into_iter().collect()
    }

    fn recorded_own(&self, _at: usize, package: &Package) -> Vec<Value> {
        let rows = self.record(package, true).map(|record| {
            let kind = match package.method {
                Method::OwnWork(kind) => kind,
                _ => 1,
            };
            more(
                self.book(package, record),
                json!({"kd_satker": self.city.units[package.unit].sirup_id.to_string(), "kd_swakelola_pct": record.id,
                    "tipe_swakelola": kind, "tipe_swakelola_nama": format!("Tipe {kind}"),
                    "status_swakelola_pct": "Aktif", "status_swakelola_pct_ket": "Paket Selesai",
                    "tgl_buat_paket": format!("{} 14:30:20", package.announced)}),
            )
        });
        rows.into_iter().collect()
    }

    fn book(&self, package: &Package, record: &Record) -> Value {
        let officer = &self.city.officers[package.officer];
        let total = record.spent.iter().map(|(_, _, amount)| *amount).sum();
        let text = if self.options.quirks.untidy_texts {
            "<p>Uraian&nbsp;contoh</p>\r\n"
        } else {
            "Uraian contoh"
        };
        let row = more(
            self.base(package),
            json!({"total_realisasi": number(total), "nilai_pdn_pct": 0, "nilai_umk_pct": 0, "uraian_pekerjaan": text,
                "informasi_lainnya": null, "alasan_pembatalan": "-", "nip_ppk": officer.nip, "nama_ppk": officer.name,
                "tgl_mulai_paket": format!("{} 08:00:00", package.announced),
                "tgl_selesai_paket": format!("{} 16:00:00", package.announced)}),
        );
        without(
            row,
            &[
                "nama_lpse",
                "url_lpse",
                "kualifikasi_paket",
                "jenis_pengadaan",
                "mtd_pemilihan",
                "kontrak_pembayaran",
            ],
        )
    }

    fn spent(&self, _at: usize, package: &Package) -> Vec<Value> {
        let officer = &self.city.officers[package.officer];
        let rows = self.record(package, false).into_iter().flat_map(|record| {
            record.spent.iter().map(|(day, number_, amount)| {
                more(
                    without(self.base(package), &["kd_rup", "kd_pkt_dce"]),
                    json!({"kd_nontender_pct": record.id, "kd_paket_dce": 10_800_000_000_i64 + package.rup,
                        "kd_rup_paket": package.rup.to_string(), "jenis_realisasi": "Kwitansi", "no_realisasi": number_,
                        "tgl_realisasi": format!("{day}T00:00:00.000000Z"), "nilai_realisasi": number(*amount),
                        "dok_realisasi": null, "ket_realisasi": "", "nama_penyedia": null, "npwp_penyedia": "",
                        "nip_ppk": officer.nip, "nama_ppk": officer.name}),
                )
            })
        });
        rows.collect()
    }

    /// The employee number is a JSON integer here (6.5).
    fn spent_own(&self, _at: usize, package: &Package) -> Vec<Value> {
        let officer = &self.city.officers[package.officer];
        let nip = match self.options.quirks.odd_employee_numbers {
            true => json!(officer.nip.parse::<u64>().unwrap_or_default()),
            false => json!(officer.nip),
        };
        let rows = self.record(package, true).into_iter().flat_map(|record| {
            let nip = nip.clone();
            record.spent.iter().map(move |(day, number_, amount)| {
                json!({"tahun_anggaran": self.city.options.year, "kd_klpd": self.options.klpd,
                    "kd_satker": self.city.units[package.unit].sirup_id.to_string(), "kd_lpse": lpse(&self.options.lpse),
                    "kd_swakelola_pct": record.id, "jenis_realisasi": "Kwitansi", "no_realisasi": number_,
                    "tgl_realisasi": format!("{day} 00:00:00"), "nilai_realisasi": number(*amount), "dok_realisasi": null,
                    "ket_realisasi": "", "nama_pelaksana": "Kelompok Masyarakat Contoh", "npwp_pelaksana": "",
                    "nip_ppk": nip, "nama_ppk": officer.name, "_event_date": self.city.options.today.to_string()})
            })
        });
        rows.collect()
    }
}

pub(super) fn more(row: Value, add: Value) -> Value {
    match row {
        Value::Object(row) => with(row, add),
        other => other,
    }
}
