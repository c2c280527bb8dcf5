//! Generation C2: treasury and accounting. No envelope, `null` for nothing, paging in headers.

use serde_json::{Value, json};

use super::row::{Row, list};
use super::year::{account_id, activity_id, months, programme_id, state, sub_id, unit_id};
use super::{CASH_PLAN, DPA, JOURNAL, LRA, SKPD, SP2D, SP2D_PRINT, SPD, SPD_REPORT, SPM, SPP, STATISTICS, Sipd};
use crate::city::{Money, Payment};
use crate::frame::{Answer, Endpoint, Fault, Request, form};

fn json_text(text: String) -> Answer {
    Answer::text(200, "application/json", text)
}

impl Sipd {
    /// A call of the treasury half.
    pub(super) fn treasury(&self, endpoint: Endpoint, request: &Request, twists: &[Fault]) -> Answer {
        let path: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
        let last = path.last().and_then(|id| id.parse::<usize>().ok());
        match endpoint {
            SKPD => {
                let units = self.year.city.units.iter().enumerate();
                let rows = units.map(|(at, unit)| {
                    let row = Row::new().raw("id_skpd", unit_id(at)).text("kode_skpd", &unit.code);
                    row.text("nama_skpd", &unit.name).done()
                });
                self.whole(&rows.collect::<Vec<_>>(), twists)
            }
            CASH_PLAN => self.paged(self.year.cells.len(), request, twists, |at| self.cash_plan(at)),
            DPA => self.document(request),
            SPD => self.whole(
                &last.and_then(|id| self.provision(id)).into_iter().collect::<Vec<_>>(),
                twists,
            ),
            SPD_REPORT => self.provision_report(last),
            SPP | SPM | SP2D => {
                let wanted = request.param("status").unwrap_or_default();
                let kind = request.param("jenis");
                let number = request.param("nomor_sp2d");
                let states: &[&str] = if endpoint == SP2D {
                    &[]
                } else {
                    &["ditransfer", "proses_transfer", "gagal_transfer"]
                };
                let found: Vec<usize> = self
                    .year
                    .by_state
                    .iter()
                    .filter(|(state, _)| **state == wanted || (wanted == "diterima" && states.contains(*state)))
                    .flat_map(|(_, all)| all.iter().copied())
                    .filter(|at| {
                        kind.as_deref()
                            .is_none_or(|kind| self.year.city.payments[*at].kind.code() == kind)
                    })
                    .filter(|at| {
                        number
                            .as_deref()
                            .is_none_or(|piece| self.number(&self.year.city.payments[*at], "04.0").contains(piece))
                    })
                    .collect();
                self.paged(found.len(), request, twists, |at| self.payment(endpoint, found[at]))
            }
            SP2D_PRINT => self.print(last),
            STATISTICS => self.statistics(&path, twists),
            JOURNAL => self.journals(request, twists),
            LRA => self.report(request),
            _ => Answer::json(404, &json!({"message": "not found"})),
        }
    }

    fn none(&self) -> String {
        if self.options.quirks.null_lists {
            "null".to_owned()
        } else {
            "[]".to_owned()
        }
    }

    fn whole(&self, rows: &[String], twists: &[Fault]) -> Answer {
        json_text(if rows.is_empty() || twists.contains(&Fault::EmptyList) {
            self.none()
        } else {
            list(rows)
        })
    }

    fn paged(&self, total: usize, request: &Request, twists: &[Fault], row: impl Fn(usize) -> String) -> Answer {
        let total = if twists.contains(&Fault::EmptyList) { 0 } else { total };
        let size = request
            .param("limit")
            .and_then(|limit| limit.parse::<usize>().ok())
            .unwrap_or(10)
            .clamp(1, 1000);
        let page = if twists.contains(&Fault::RepeatedPage) {
            1
        } else {
            request.page("page")
        };
        let rows: Vec<String> = (0..total).skip((page - 1) * size).take(size).map(row).collect();
        let answer = json_text(if rows.is_empty() { self.none() } else { list(&rows) });
        if !self.options.quirks.paging_headers {
            return answer;
        }
        answer
            .with("x-pagination-current-page", page.to_string())
            .with("x-pagination-page-count", total.div_ceil(size).max(1).to_string())
            .with("x-pagination-per-page", size.to_string())
            .with("x-pagination-total-count", total.to_string())
    }

    /// A document number; some have a zero-filled month.
    fn number(&self, payment: &Payment, kind: &str) -> String {
        let number = payment.number(&self.year.city, &self.options.region, kind);
        let every = self.options.quirks.zero_month_every;
        if every == 0 || !payment.serial.is_multiple_of(every) || payment.day.month() > 9 {
            return number;
        }
        let plain = format!("/{}/{}", payment.day.month(), payment.day.year());
        number.replace(&plain, &format!("/{:02}/{}", payment.day.month(), payment.day.year()))
    }

    fn places(&self, row: Row, sub: usize) -> Row {
        let city = &self.year.city;
        let place = &city.subs[sub];
        row.raw("id_unit", unit_id(place.unit))
            .raw("id_skpd", unit_id(place.unit))
            .raw("id_sub_skpd", unit_id(place.unit))
            .raw("id_urusan", 1)
            .raw("id_bidang_urusan", 11)
            .raw("id_program", programme_id(place.programme))
            .raw("id_giat", activity_id(place.activity))
            .raw("id_sub_giat", sub_id(sub))
            .text("kode_skpd", &city.units[place.unit].code)
            .text("kode_sub_skpd", &city.units[place.unit].code)
            .text("nama_skpd", &city.units[place.unit].name)
            .text("kode_program", &city.programmes[place.programme].code)
            .text("kode_giat", &city.activities[place.activity].code)
            .text("kode_sub_giat", &self.sub_code(&place.code))
            .text("nama_sub_giat", place.name.trim())
    }

    fn cash_plan(&self, at: usize) -> String {
        let cell = self.year.cells[at];
        let account = &self.year.city.accounts[cell.account];
        let mut row = self
            .places(Row::new().raw("id_rak_belanja", 50_001 + at), cell.sub)
            .raw("id_akun", account_id(cell.account))
            .text("kode_akun", &self.account_code(&account.code))
            .text("nama_akun", &account.name);
        for (month, amount) in months(cell.budget).into_iter().enumerate() {
            row = row.raw(&(month + 1).to_string(), amount);
        }
        let row = row.raw("nilai", cell.budget).raw("nilai_rak", cell.budget);
        row.raw("is_valid_skpd", 1)
            .raw("is_valid_sekda", 1)
            .raw("is_valid_bud", 1)
            .done()
    }

    fn document(&self, request: &Request) -> Answer {
        let sub = request
            .param("id_sub_giat")
            .and_then(|id| id.parse::<usize>().ok()?.checked_sub(sub_id(0)));
        let Some(sub) = sub.filter(|sub| *sub < self.year.city.subs.len()) else {
            return json_text("null".to_owned());
        };
        let new = request.param("tipe_q").as_deref() == Some("NEW") && self.options.quirks.before_after;
        let cells = self.year.cells_of(sub);
        let total: Money = cells.iter().map(|cell| cell.budget).sum();
        let items: Vec<String> = cells
            .iter()
            .map(|cell| {
                let account = &self.year.city.accounts[cell.account];
                let row = Row::new()
                    .text("kode_akun", &self.account_code(&account.code))
                    .text("uraian", &account.name);
                if new {
                    let row = row
                        .text("sebelum_koefisien", "1 Paket")
                        .raw("sebelum_nilai", cell.budget);
                    return row
                        .text("setelah_koefisien", "1 Paket")
                        .raw("setelah_nilai", cell.budget)
                        .raw("bertambah_berkurang", 0)
                        .done();
                }
                row.text("koefisien", "1 Paket")
                    .text("satuan", "Paket")
                    .raw("harga_satuan", cell.budget)
                    .raw("pajak", 0)
                    .raw("nilai", cell.budget)
                    .done()
            })
            .collect();
        let head = Row::new()
            .text("kode_akun", "5")
            .text("uraian", "BELANJA")
            .text("koefisien", "")
            .raw("nilai", total)
            .done();
        let row = self
            .places(Row::new(), sub)
            .raw("tanun", self.year.city.options.year)
            .raw("id_jadwal_sipd", 77)
            .text(
                "nomor_dpa",
                &format!(
                    "DPA/A.1/{}/001/{}",
                    self.year.city.units[self.year.city.subs[sub].unit].code, self.year.city.options.year
                ),
            )
            .text("tanggal_dpa", "2026-01-05T00:00:00Z")
            .raw("pagu", total)
            .raw("total", total);
        let row = match new {
            true => row.raw("rincian_pergeseran", list(&items)),
            false => row.raw("item", list(&[vec![head], items].concat())),
        };
        json_text(row.done())
    }

    fn provision(&self, id: usize) -> Option<String> {
        let unit = id.checked_sub(unit_id(0))?;
        let total = self.unit_budget(unit)?;
        let code = &self.year.city.units[unit].code;
        let number = format!(
            "{}/01.0/{:06}/{code}/M/1/{}",
            self.options.region,
            unit + 1,
            self.year.city.options.year
        );
        let row = Row::new()
            .raw("id_spd", 5001 + unit)
            .text("nomor_spd", &number)
            .raw("nilai", total);
        Some(
            row.text("periode_spd", "Januari - Desember")
                .raw("is_otorisasi_spd", 1)
                .text("kode_tahap", "M")
                .done(),
        )
    }

    fn unit_budget(&self, unit: usize) -> Option<Money> {
        let subs = self.year.subs_of.get(&unit)?;
        Some(
            subs.iter()
                .flat_map(|sub| self.year.cells_of(*sub))
                .map(|cell| cell.budget)
                .sum(),
        )
    }

    fn provision_report(&self, id: Option<usize>) -> Answer {
        let unit = id.and_then(|id| id.checked_sub(5001));
        let Some((unit, total)) = unit.and_then(|unit| Some((unit, self.unit_budget(unit)?))) else {
            return Answer::json(404, &json!({"message": "not found"}));
        };
        let mut by_account: std::collections::BTreeMap<usize, Money> = std::collections::BTreeMap::new();
        for cell in self.year.subs_of[&unit].iter().flat_map(|sub| self.year.cells_of(*sub)) {
            *by_account.entry(cell.account).or_default() += cell.budget;
        }
        let rows: Vec<String> = by_account
            .into_iter()
            .map(|(account, amount)| {
                let account = &self.year.city.accounts[account];
                let row = Row::new()
                    .text("kode_rekening", &account.code)
                    .text("uraian", &account.name);
                row.raw("alokasi_anggaran", amount)
                    .raw("alokasi_spd_lalu", 0)
                    .raw("alokasi_spd_saat_ini", amount)
                    .raw("sisa_anggaran", 0)
                    .done()
            })
            .collect();
        let row = Row::new()
            .text("nomor_dpa", "DPA/A.1/001/2026")
            .text("nomor_perda", "9 Tahun 2025")
            .text("tanggal_perda", "2025-12-20T00:00:00Z");
        let row = row
            .raw("akumulasi_spd_sebelumnya", 0)
            .raw("jumlah_dana_dpa_skpd", total)
            .raw("jumlah_dana_spd_saat_ini", total);
        json_text(
            row.raw("jumlah_penyediaan_dana", total)
                .raw("sisa_jumlah_dana", 0)
                .raw("item_laporan", list(&rows))
                .done(),
        )
    }

    fn payment(&self, endpoint: Endpoint, at: usize) -> String {
        let city = &self.year.city;
        let payment = &city.payments[at];
        let (serial, unit) = (payment.serial as usize, &city.units[payment.unit]);
        let day = format!("{}T00:00:00Z", payment.day);
        let zero = "0001-01-01T00:00:00Z";
        let row = Row::new()
            .raw("id_daerah", self.options.id_daerah)
            .raw("tahun", city.options.year)
            .raw("id_unit", unit_id(payment.unit))
            .raw("id_skpd", unit_id(payment.unit))
            .raw("id_sub_skpd", unit_id(payment.unit))
            .text("kode_tahap", "M")
            .raw("is_gaji", u8::from(payment.salary))
            .raw("bulan_gaji", if payment.salary { payment.day.month() } else { 0 })
            .text("created_at", &format!("{}T02:03:04.123456Z", payment.day))
            .raw("created_by", 501)
            .text(
                "deleted_at",
                if state(payment.serial) == "dihapus" {
                    day.as_str()
                } else {
                    zero
                },
            )
            .raw("deleted_by", 0);
        let contract = payment.contract.filter(|_| payment.names_contract);
        match endpoint {
            SPP => row
                .raw("id_spp", 650_000 + serial)
                .text("nomor_spp", &self.number(payment, "02.0"))
                .raw("nilai_spp", payment.amount)
                .text("tanggal_spp", &day)
                .text("jenis_spp", payment.kind.code())
                .raw("id_kontrak", contract.map_or(0, |contract| 40_001 + contract))
                .text("keterangan_spp", &self.purpose(payment))
                .raw("is_spm", 1)
                .text("verifikasi_spp_at", zero)
                .raw("details", "null"),
            SPM => row
                .raw("id_spm", 660_000 + serial)
                .text("nomor_spm", &self.number(payment, "03.0"))
                .raw("id_spp", 650_000 + serial)
                .text("nomor_spp", &self.number(payment, "02.0"))
                .raw("nilai_spm", payment.amount)
                .text("tanggal_spm", &day)
                .text("jenis_spm", payment.kind.code()),
            _ => row
                .raw("id_sp_2_d", 770_000 + serial)
                .text("nomor_sp_2_d", &self.number(payment, "04.0"))
                .raw("nilai_sp_2_d", payment.amount)
                .text("tanggal_sp_2_d", &day)
                .text("jenis_sp_2_d", payment.kind.code())
                .text("keterangan_sp_2_d", &self.purpose(payment))
                .raw("id_spm", 660_000 + serial)
                .text("nomor_spm", &self.number(payment, "03.0"))
                .text("tanggal_spm", &day)
                .text("kode_skpd", &unit.code)
                .text("nama_skpd", &unit.name)
                .raw("is_transfer_sp_2_d", u8::from(state(payment.serial) == "ditransfer"))
                .text("transfer_sp_2_d_at", zero)
                .text("nama_bank", "BANK CONTOH")
                .text("nomor_jurnal", "")
                .raw("jurnal_id", 0),
        }
        .done()
    }

    fn purpose(&self, payment: &Payment) -> String {
        let named = payment.names_contract && !self.options.quirks.unnamed_contracts;
        match payment.contract.filter(|_| named) {
            Some(contract) => format!("Pembayaran kontrak {}", self.year.city.contracts[contract].number),
            None if payment.salary => "Pembayaran gaji".to_owned(),
            None => "Pembayaran belanja".to_owned(),
        }
    }

    fn print(&self, id: Option<usize>) -> Answer {
        let at = id.and_then(|id| id.checked_sub(770_001));
        let Some(payment) = at.and_then(|at| self.year.city.payments.get(at)) else {
            return Answer::json(404, &json!({"message": "not found"}));
        };
        let city = &self.year.city;
        let kind = payment.kind.code();
        let direct = kind == "LS";
        let amount_name = if direct { "jumlah" } else { "nilai" };
        let rows: Vec<String> = payment
            .items
            .iter()
            .map(|(line, amount)| {
                let account = &city.accounts[city.lines[*line].account];
                Row::new()
                    .text("kode_rekening", &account.code)
                    .text("uraian", &account.name)
                    .raw(amount_name, *amount)
                    .done()
            })
            .collect();
        let head = Row::new()
            .text("nomor_sp_2_d", &self.number(payment, "04.0"))
            .text("tanggal_sp_2_d", &format!("{}T00:00:00Z", payment.day))
            .raw("tahun", city.options.year)
            .text("nama_skpd", &city.units[payment.unit].name)
            .raw(if direct { "nilai_sp2d" } else { "nilai_sp_2_d" }, payment.amount);
        let inner = if direct {
            let supplier = payment
                .contract
                .map(|contract| &city.suppliers[city.contracts[contract].supplier]);
            let head = match supplier {
                Some(supplier) => head
                    .text("nama_pihak_ketiga", &supplier.name)
                    .text("npwp_pihak_ketiga", &supplier.npwp16),
                None => head,
            };
            Row::new()
                .raw("header", head.done())
                .raw("detail_belanja", list(&rows))
                .raw("pajak_potongan", "null")
                .done()
        } else {
            head.raw("detail", list(&rows)).done()
        };
        json_text(Row::new().text("jenis", kind).raw(&kind.to_lowercase(), inner).done())
    }

    fn statistics(&self, path: &[&str], twists: &[Fault]) -> Answer {
        let city = &self.year.city;
        let nan = |at: usize| {
            let every = self.options.quirks.nan_every as usize;
            every > 0 && at % every == every - 1
        };
        let figures = |row: Row, at: usize, budget: Money, paid: Money| {
            let row = row.raw("anggaran", budget);
            let row = if nan(at) {
                row.raw("realisasi_rencana", "NaN")
            } else {
                row.raw("realisasi_rencana", budget)
            };
            row.raw("realisasi_rill", paid).done()
        };
        let base = || {
            Row::new()
                .raw("id_daerah", self.options.id_daerah)
                .raw("tahun", city.options.year)
        };
        let deep = path.len() > 4;
        if !deep {
            let rows = self.year.spenders().into_iter().enumerate().map(|(at, unit)| {
                let cells = self.year.subs_of[&unit].iter().flat_map(|sub| self.year.cells_of(*sub));
                let (budget, paid) = cells.fold((Money::ZERO, Money::ZERO), |sum, cell| {
                    (sum.0 + cell.budget, sum.1 + cell.paid)
                });
                let row = base()
                    .raw("id_skpd", unit_id(unit))
                    .text("kode_skpd", &city.units[unit].code);
                figures(row.text("nama_skpd", &city.units[unit].name), at, budget, paid)
            });
            return self.whole(&rows.collect::<Vec<_>>(), twists);
        }
        let sub = path
            .last()
            .and_then(|id| id.parse::<usize>().ok()?.checked_sub(sub_id(0)));
        let cells = sub
            .filter(|sub| *sub < city.subs.len())
            .map(|sub| self.year.cells_of(sub))
            .unwrap_or_default();
        let rows = cells.iter().enumerate().map(|(at, cell)| {
            let account = &city.accounts[cell.account];
            let row = self
                .places(base(), cell.sub)
                .text("kode_akun", &self.account_code(&account.code));
            figures(row.text("nama_akun", &account.name), at, cell.budget, cell.paid)
        });
        self.whole(&rows.collect::<Vec<_>>(), twists)
    }

    fn journals(&self, request: &Request, twists: &[Fault]) -> Answer {
        let city = &self.year.city;
        let size = request
            .param("per_page")
            .and_then(|size| size.parse::<usize>().ok())
            .unwrap_or(10)
            .clamp(1, 1000);
        let paid = self
            .year
            .by_state
            .get("ditransfer")
            .map(Vec::as_slice)
            .unwrap_or_default();
        let paid = if twists.contains(&Fault::EmptyList) { &[] } else { paid };
        let page = if twists.contains(&Fault::RepeatedPage) {
            1
        } else {
            request.page("page")
        };
        let rows: Vec<String> = paid
            .iter()
            .skip((page - 1) * size)
            .take(size)
            .map(|at| {
                let payment = &city.payments[*at];
                let unit = &city.units[payment.unit];
                let details: Vec<String> = payment
                    .items
                    .iter()
                    .enumerate()
                    .map(|(number, (line, amount))| {
                        let account = &city.accounts[city.lines[*line].account];
                        let row = Row::new()
                            .raw("id", number + 1)
                            .raw("account_id", account_id(city.lines[*line].account));
                        row.text("kode_rekening", &account.code)
                            .text("nama_rekening", &account.name)
                            .raw("amount", *amount)
                            .text("position", "D")
                            .done()
                    })
                    .collect();
                Row::new()
                    .raw("id", 8000 + payment.serial)
                    .text("tanggal_jurnal", &format!("{}T00:00:00Z", payment.day))
                    .raw("skpd_id", unit_id(payment.unit))
                    .text("nama_skpd", &unit.name)
                    .text(
                        "nomor_jurnal",
                        &format!(
                            "{}/11.0/{:06}/JUR-BLJ/SP2D-{}/{}/{}/{}",
                            self.options.region,
                            payment.serial,
                            payment.kind.code(),
                            unit.code,
                            payment.day.month(),
                            payment.day.year()
                        ),
                    )
                    .text("dokumen_sumber", &self.number(payment, "04.0"))
                    .raw(
                        "details",
                        if details.is_empty() {
                            "null".to_owned()
                        } else {
                            list(&details)
                        },
                    )
                    .done()
            })
            .collect();
        let list = if rows.is_empty() { self.none() } else { list(&rows) };
        json_text(format!("{{\"data\":{{\"list\":{list},\"total\":{}}}}}", paid.len()))
    }

    fn report(&self, request: &Request) -> Answer {
        let params = form::decode(request.query.as_bytes())
            .into_iter()
            .find(|(name, _)| name == "searchparams");
        let params = params.and_then(|(_, text)| serde_json::from_str::<Value>(&text).ok());
        let unit = params
            .and_then(|params| params["skpd"].as_u64())
            .and_then(|id| usize::try_from(id).ok()?.checked_sub(unit_id(0)));
        let Some(unit) = unit else {
            return Answer::json(500, &json!({"message": "searchparams"}));
        };
        let mut sums: std::collections::BTreeMap<String, (Money, Money)> = std::collections::BTreeMap::new();
        for cell in self
            .year
            .subs_of
            .get(&unit)
            .into_iter()
            .flatten()
            .flat_map(|sub| self.year.cells_of(*sub))
        {
            let code = &self.year.city.accounts[cell.account].code;
            for piece in [code.as_str(), code.split('.').next().unwrap_or_default()] {
                let sum = sums.entry(piece.to_owned()).or_default();
                *sum = (sum.0 + cell.budget, sum.1 + cell.paid);
            }
        }
        let rows: Vec<String> = sums
            .into_iter()
            .map(|(code, (budget, paid))| {
                let level = code.matches('.').count() + 1;
                let row = Row::new()
                    .text("kode_rekening", &code)
                    .raw("level", level)
                    .text("nama_rekening", &format!("Akun {code}"));
                row.raw("nominal", budget)
                    .raw("realisasi", paid)
                    .raw("previous_realisasi", 0)
                    .raw("presentase", "NaN")
                    .done()
            })
            .collect();
        json_text(format!(
            "{{\"skpd\":{{\"id\":{}}},\"data\":{}}}",
            unit_id(unit),
            list(&rows)
        ))
    }
}
