//! Shapes inside a record that the field table cannot say: factors and former values of a budget line, the rows of a
//! budget document in both of its shapes, the rows of a journal.

use crate::dataset::{Extra, Field};
use crate::fields::{Making, NAMED, Reader};
use crate::value::{self, Kind};
use serde_json::{Map, Value};

impl Reader<'_> {
    /// Adds what the data set has beside its table.
    pub(crate) fn extra(&self, extra: Extra, row: &Value, making: &mut Making) {
        match extra {
            Extra::RincianBelanja => self.budget_line(row, making),
            Extra::Dpa => self.document(row, making),
            Extra::Jurnal => {
                let rows = row.get("details").and_then(Value::as_array);
                let rows = rows.into_iter().flatten();
                let rows = rows.map(|row| Value::Object(self.plain(JOURNAL, row, making, "")));
                let rows: Vec<Value> = rows.collect();
                making.record.insert("rincian".to_owned(), rows.into());
            }
        }
    }

    fn budget_line(&self, row: &Value, making: &mut Making) {
        let mut factors = Vec::new();
        for number in 1..=4 {
            let native = format!("vol_{number}");
            let pair: [(&str, Kind, String); 2] = [
                ("volume", Kind::Amount, native),
                ("satuan", Kind::Text, format!("sat_{number}")),
            ];
            let mut factor = Map::new();
            for (name, kind, native) in pair {
                self.into(&mut factor, name, kind, &native, row, making);
            }
            let counts = factor.get("volume").is_some_and(|volume| volume != "0") || factor.contains_key("satuan");
            if counts {
                factors.push(Value::Object(factor));
            }
        }
        if !factors.is_empty() {
            making.record.insert("faktor".to_owned(), factors.into());
        }
        let former = self.plain(FORMER, row, making, "_murni");
        if !former.is_empty() {
            making.record.insert("murni".to_owned(), Value::Object(former));
        }
    }

    /// `item[]`, `rincian_pergeseran[]` with before and after, or `ringkasan_…[]`, by what `tipe_q` brought.
    fn document(&self, row: &Value, making: &mut Making) {
        let mut rows = Vec::new();
        for (name, value) in row.as_object().into_iter().flatten() {
            let summary = name.starts_with("ringkasan_");
            if !(summary || name == "item" || name == "rincian_pergeseran") {
                continue;
            }
            for item in value.as_array().into_iter().flatten() {
                rows.push(self.item(item, summary, making));
            }
        }
        making.record.insert("rincian".to_owned(), rows.into());
        if let Some(plan) = row.get("rak").filter(|plan| plan.is_object()) {
            let months = self.months(plan, &NAMED);
            making.put("nilai_bulanan", "rak", months);
        }
    }

    fn item(&self, item: &Value, summary: bool, making: &mut Making) -> Value {
        let mut row = self.plain(ITEM, item, making, "");
        for (name, prefix) in [("sebelum", "sebelum_"), ("setelah", "setelah_")] {
            let mut part = Map::new();
            for (canonical, kind, native) in AMOUNTS {
                self.into(&mut part, canonical, *kind, &format!("{prefix}{native}"), item, making);
            }
            if !part.is_empty() {
                row.insert(name.to_owned(), Value::Object(part));
            }
        }
        let leaf = ["koefisien", "sebelum_koefisien", "setelah_koefisien"];
        let leaf = leaf.iter().any(|name| {
            let text = item.get(*name).and_then(Value::as_str);
            text.is_some_and(|text| !text.trim().is_empty())
        });
        row.insert("subtotal".to_owned(), (summary || !leaf).into());
        Value::Object(row)
    }

    /// A small table of one native name each, with something behind the native names.
    fn plain(
        &self,
        table: &[(&str, Kind, &str)],
        row: &Value,
        making: &mut Making,
        behind: &str,
    ) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, kind, native) in table {
            self.into(&mut out, name, *kind, &format!("{native}{behind}"), row, making);
        }
        out
    }

    fn into(
        &self,
        out: &mut Map<String, Value>,
        name: &str,
        kind: Kind,
        native: &str,
        row: &Value,
        making: &mut Making,
    ) {
        let read = row
            .get(native)
            .map_or(Ok(None), |value| value::read(kind, value, self.ways));
        match read {
            Ok(Some(value)) => {
                out.insert(name.to_owned(), value);
            }
            Ok(None) => {}
            Err(unreadable) => making.put(name, native, Err(unreadable)),
        }
    }

    /// A list inside a document, by its table.
    pub(crate) fn list(&self, fields: &[Field], rows: Option<&Value>, making: &mut Making) -> Value {
        let mut out = Vec::new();
        for row in rows.and_then(Value::as_array).into_iter().flatten() {
            let mut inner = Making::default();
            self.table(fields, row, &mut inner);
            match inner.done() {
                Value::Object(mut record) => {
                    if let Some(Value::Array(names)) = record.remove("tidak_terbaca") {
                        for name in names.iter().filter_map(Value::as_str) {
                            making.put(name, name, Err(value::Unreadable));
                        }
                    }
                    out.push(Value::Object(record));
                }
                other => out.push(other),
            }
        }
        out.into()
    }
}

const JOURNAL: &[(&str, Kind, &str)] = &[
    ("id_rincian", Kind::Id, "id"),
    ("id_akun", Kind::Id, "account_id"),
    ("kode_akun", Kind::Code, "kode_rekening"),
    ("nama_akun", Kind::Text, "nama_rekening"),
    ("nilai_uang", Kind::Amount, "amount"),
    ("posisi", Kind::Code, "position"),
];
const FORMER: &[(&str, Kind, &str)] = &[
    ("volume", Kind::Amount, "volume"),
    ("koefisien", Kind::Text, "koefisien"),
    ("satuan", Kind::Text, "satuan"),
    ("harga_satuan", Kind::Amount, "harga_satuan"),
    ("pajak", Kind::Amount, "pajak"),
    ("total_harga", Kind::Amount, "total_harga"),
];
const AMOUNTS: &[(&str, Kind, &str)] = &[
    ("koefisien", Kind::Text, "koefisien"),
    ("satuan", Kind::Text, "satuan"),
    ("harga_satuan", Kind::Amount, "harga_satuan"),
    ("pajak", Kind::Amount, "pajak"),
    ("nilai_uang", Kind::Amount, "nilai"),
];
const ITEM: &[(&str, Kind, &str)] = &[
    ("kode_akun", Kind::Code, "kode_akun"),
    ("uraian", Kind::Text, "uraian"),
    ("koefisien", Kind::Text, "koefisien"),
    ("satuan", Kind::Text, "satuan"),
    ("harga_satuan", Kind::Amount, "harga_satuan"),
    ("pajak", Kind::Amount, "pajak"),
    ("nilai_uang", Kind::Amount, "nilai"),
    ("bertambah_berkurang", Kind::Amount, "bertambah_berkurang"),
];
