//! `sp2d.lihat` and `spd.lihat`: one document as SIPD prints it. The print of an SP2D hangs under a key that is its kind
//! in lower case; a direct payment has header, accounts and deductions apart, the imprest kinds are flat.

use super::{body, text};
use crate::dataset::{Field, Generation};
use crate::fields::{Context, Making, Reader};
use crate::settings::Setup;
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, NativeReply, NativeRequest, Operation, OperationSpec, Paging, RelativePath,
    Text,
};
use serde_json::Value;
use std::sync::Arc;

/// A printed document.
pub(super) struct Print {
    spec: OperationSpec,
    setup: Arc<Setup>,
    path: &'static str,
    ids: &'static [&'static str],
    read: fn(&Print, &Value, &Value) -> Result<Value, Fault>,
}

impl Print {
    pub(super) fn sp2d(setup: &Arc<Setup>) -> Self {
        Self {
            spec: OperationSpec {
                id: "sp2d.lihat".into(),
                summary: Text::new(
                    "Melihat satu SP2D dengan penerima, rincian dan potongannya.",
                    "Looks at one disbursement order with its payee, accounts and deductions.",
                ),
                request_schema: "urn:simpul:skema:sp2d_kunci:1".into(),
                reply_schema: "urn:simpul:skema:sp2d_rincian:1".into(),
                ..reads()
            },
            setup: Arc::clone(setup),
            path: "pengeluaran/strict/sp2d/pembuatan/cetak/{id_sp2d}",
            ids: &["id_sp2d"],
            read: Self::order,
        }
    }

    pub(super) fn spd(setup: &Arc<Setup>) -> Self {
        Self {
            spec: OperationSpec {
                id: "spd.lihat".into(),
                summary: Text::new(
                    "Melihat satu SPD dengan penyediaan per akun.",
                    "Looks at one provision of funds by account.",
                ),
                request_schema: "urn:simpul:skema:spd_kunci:1".into(),
                reply_schema: "urn:simpul:skema:spd_rincian:1".into(),
                ..reads()
            },
            setup: Arc::clone(setup),
            path: "pengeluaran/strict/spd/pembuatan/laporan-spd/{id_skpd}/{id_spd}",
            ids: &["id_skpd", "id_spd"],
            read: Self::provision,
        }
    }

    fn reader<'a>(&'a self, context: &'a Context) -> Reader<'a> {
        Reader {
            ways: self.setup.ways(),
            context,
        }
    }

    fn begun(&self, input: &Value) -> Making {
        let mut making = Making::default();
        for id in self.ids {
            making.put(id, id, Ok(Some(text(input, id).into())));
        }
        making
    }

    fn order(&self, input: &Value, body: &Value) -> Result<Value, Fault> {
        let kind = body.get("jenis").and_then(Value::as_str);
        let kind = kind.ok_or_else(|| Fault::drift("the print names no kind"))?;
        let print = body.get(kind.to_lowercase()).filter(|print| print.is_object());
        let print = print.ok_or_else(|| Fault::drift("the print has nothing under its kind"))?;
        let context = Context::new();
        let reader = self.reader(&context);
        let mut making = self.begun(input);
        reader.table(&table(KIND), body, &mut making);
        let head = print.get("header").unwrap_or(print);
        reader.table(&table(ORDER), head, &mut making);
        let mut payee = Making::default();
        reader.table(&table(PAYEE), head, &mut payee);
        if !payee.record.is_empty() {
            making.record.insert("pihak_ketiga".into(), payee.done());
        }
        let rows = print.get("detail_belanja").or_else(|| print.get("detail"));
        let rows = reader.list(&table(ACCOUNTS), rows, &mut making);
        making.record.insert("rincian".into(), rows);
        let rows = reader.list(&table(DEDUCTIONS), print.get("pajak_potongan"), &mut making);
        making.record.insert("potongan".into(), rows);
        if !making.record.contains_key("nomor_sp2d") {
            return Err(Fault::drift("the print has no number"));
        }
        Ok(making.done())
    }

    fn provision(&self, input: &Value, body: &Value) -> Result<Value, Fault> {
        let rows = body.get("item_laporan");
        if !rows.is_some_and(|rows| rows.is_array() || rows.is_null()) {
            return Err(Fault::drift("the report has no rows"));
        }
        let context = Context::new();
        let reader = self.reader(&context);
        let mut making = self.begun(input);
        reader.table(&table(PROVISION), body, &mut making);
        let rows = reader.list(&table(PROVIDED), rows, &mut making);
        making.record.insert("rincian".into(), rows);
        Ok(making.done())
    }
}

fn reads() -> OperationSpec {
    OperationSpec {
        id: "".into(),
        summary: Text::new("", ""),
        request_schema: "".into(),
        reply_schema: "".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 40_000,
        paging: Paging::None,
        follow: None,
    }
}

impl Operation for Print {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let digits = |id: &&&str| {
            let value = text(input, id);
            value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit())
        };
        let wrong: Vec<Complaint> = self.ids.iter().filter(digits).map(|id| not_an_id(id)).collect();
        if !wrong.is_empty() {
            return Err(Fault::invalid(wrong));
        }
        let path = self.setup.path(Generation::C2, self.path);
        let path = path.split('/').filter(|segment| !segment.is_empty());
        let path = path.fold(RelativePath::root(), |path, segment| {
            let id = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            path.segment(id.map_or(segment, |name| text(input, name)))
        });
        Ok(NativeRequest::get(Generation::C2.step(), path))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        (self.read)(self, input, &body(reply)?)
    }
}

fn not_an_id(name: &str) -> Complaint {
    Complaint {
        pointer: format!("/{name}"),
        text: Text::new("Isi dengan nomor id SIPD (angka).", "Give the id of SIPD (digits)."),
    }
}

fn table(rows: &[[&str; 3]]) -> Vec<Field> {
    let field = |[ke, kind, native]: &[&str; 3]| {
        let natives = native.split('|').map(str::to_owned);
        Field::from(
            [(*ke).to_owned(), (*kind).to_owned()]
                .into_iter()
                .chain(natives)
                .collect::<Vec<_>>(),
        )
    };
    rows.iter().map(field).collect()
}

const KIND: &[[&str; 3]] = &[["jenis_dokumen", "jenis", "jenis"]];
const ORDER: &[[&str; 3]] = &[
    ["tahun", "tahun", "tahun"],
    ["nomor_sp2d", "kode", "nomor_sp_2_d|nomor_sp2d"],
    ["tanggal_sp2d", "tanggal", "tanggal_sp_2_d|tanggal_sp2d"],
    ["nilai_uang", "uang", "nilai_sp2d|nilai_sp_2_d"],
    ["nama_daerah", "teks", "nama_daerah"],
    ["nama_skpd", "teks", "nama_skpd"],
    ["nama_sub_skpd", "teks", "nama_sub_skpd"],
    ["keterangan_dokumen", "teks", "keterangan_sp2d|keterangan_sp_2_d"],
    ["nomor_spm", "kode", "nomor_spm"],
    ["tanggal_spm", "tanggal", "tanggal_spm"],
    ["rekening_pembayar", "teks", "nomor_rekening"],
    ["nama_bank", "teks", "nama_bank"],
    ["cabang_bank", "teks", "cabang_bank"],
    ["nama_ibukota", "teks", "nama_ibu_kota|nama_ibukota"],
    ["nama_bud", "teks", "nama_bud_kbud"],
    ["nip_bud", "teks", "nip_bud_kbud"],
    ["jabatan_bud", "teks", "jabatan_bud_kbud"],
];
const PAYEE: &[[&str; 3]] = &[
    ["nama", "teks", "nama_pihak_ketiga"],
    ["nomor_rekening", "teks", "no_rek_pihak_ketiga"],
    ["nama_rekening", "teks", "nama_rek_pihak_ketiga"],
    ["bank", "teks", "bank_pihak_ketiga"],
    ["npwp", "teks", "npwp_pihak_ketiga"],
];
const ACCOUNTS: &[[&str; 3]] = &[
    ["kode_akun", "kode", "kode_rekening"],
    ["uraian", "teks", "uraian"],
    ["anggaran", "uang", "total_anggaran"],
    ["nilai_uang", "uang", "jumlah|nilai"],
];
const DEDUCTIONS: &[[&str; 3]] = &[
    ["id_potongan", "id", "id_pajak_potongan"],
    ["nama", "teks", "nama_pajak_potongan"],
    ["kode_sinergi", "kode", "kode_sinergi"],
    ["nama_sinergi", "teks", "nama_sinergi"],
    ["id_billing", "kode", "id_billing"],
    ["nilai_uang", "uang", "nilai_sp2d_pajak_potongan"],
];
const PROVISION: &[[&str; 3]] = &[
    ["nomor_dpa", "kode", "nomor_dpa"],
    ["nomor_perda", "kode", "nomor_perda"],
    ["tanggal_perda", "tanggal", "tanggal_perda"],
    ["nomor_perkada", "kode", "no_perkada"],
    ["akumulasi_sebelumnya", "uang", "akumulasi_spd_sebelumnya"],
    ["dana_dpa", "uang", "jumlah_dana_dpa_skpd"],
    ["dana_saat_ini", "uang", "jumlah_dana_spd_saat_ini"],
    ["penyediaan_dana", "uang", "jumlah_penyediaan_dana"],
    ["sisa_dana", "uang", "sisa_jumlah_dana"],
];
const PROVIDED: &[[&str; 3]] = &[
    ["kode_akun", "kode", "kode_rekening"],
    ["uraian", "teks", "uraian"],
    ["anggaran", "uang", "alokasi_anggaran"],
    ["spd_lalu", "uang", "alokasi_spd_lalu"],
    ["spd_saat_ini", "uang", "alokasi_spd_saat_ini"],
    ["sisa_anggaran", "uang", "sisa_anggaran"],
];
