//! Open Contracting (OCDS 1.1) releases of tenders, direct procurement and contracts, from canonical records. Pure: the
//! caller brings the records of one process and what names the publisher; nothing is looked up.
//!
//! It stands in the connector because the words it maps (`status_tender`, `metode_pemilihan`, …) are LKPP's, not the
//! canonical model's: another procurement system would map others. Persons are left out: officers, representatives,
//! bank accounts and the tax numbers of private persons have no place in a public release.

use crate::settings::Ocds;
use serde_json::{Map, Value, json};

/// A package with the one release that canonical records of a process make, whatever other records stand among them.
pub(crate) fn of_records(publisher: &Ocds, at: &str, records: &[Value]) -> Option<Value> {
    let of = |document: bool| {
        let process = move |row: &&Value| {
            let named = text(row, "id_tender").or_else(|| text(row, "id_non_tender")).is_some();
            named && text(row, "dokumen").is_some() == document
        };
        records.iter().filter(process)
    };
    let contracts: Vec<Value> = of(true).cloned().collect();
    let newest = |row: &&Value| row.get("versi").and_then(Value::as_i64).unwrap_or_default();
    let announced = of(false).max_by_key(newest);
    let process = Process {
        announced,
        result: of(false).find(|row| text(row, "nama_penyedia").is_some()),
        bids: &[],
        contracts: &contracts,
    };
    let named = Publisher {
        prefix: &publisher.awalan,
        date: at,
        language: "id",
    };
    let release = release(named, process)?;
    let uri = format!("{}/{}", publisher.alamat, release["ocid"].as_str().unwrap_or_default());
    Some(package(named, &publisher.penerbit, &uri, &[release]))
}

/// What names a release.
#[derive(Debug, Clone, Copy)]
pub struct Publisher<'a> {
    /// Registered prefix of the publisher, `ocds-xxxxxx`.
    pub prefix: &'a str,
    /// When the release is made, RFC 3339.
    pub date: &'a str,
    /// Language of the texts.
    pub language: &'a str,
}

/// The canonical records of one procurement process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Process<'a> {
    /// A record of schema `tender` or `non_tender` from an announcement.
    pub announced: Option<&'a Value>,
    /// A record of schema `tender` or `non_tender` with the result.
    pub result: Option<&'a Value>,
    /// Records of schema `peserta`.
    pub bids: &'a [Value],
    /// Records of schema `kontrak`, all documents and versions.
    pub contracts: &'a [Value],
}

/// One release; nothing when no record names the process.
pub fn release(publisher: Publisher<'_>, process: Process<'_>) -> Option<Value> {
    let first = process.announced.or(process.result).or(process.contracts.first())?;
    let id = text(first, "id_tender").or_else(|| text(first, "id_non_tender"))?;
    let mut tags = Vec::new();
    if process.announced.is_some() {
        tags.push("tender");
    }
    let mut release = Map::new();
    let mut put = |name: &str, value: Value| {
        release.insert(name.to_owned(), value);
    };
    put("ocid", json!(format!("{}-{id}", publisher.prefix)));
    put("id", json!(format!("{id}-{}", publisher.date)));
    put("date", json!(publisher.date));
    put("language", json!(publisher.language));
    put("initiationType", json!("tender"));
    let buyer = buyer(first);
    let mut parties: Vec<Value> = buyer.iter().map(|buyer| party(buyer, "buyer")).collect();
    if let Some(buyer) = &buyer {
        put("buyer", buyer.clone());
    }
    put("tender", tender(id, process));
    // A contract refers to its award; where no record has the result, the contract's own row says who won.
    let signed = process
        .contracts
        .iter()
        .find(|row| text(row, "dokumen") == Some("kontrak"));
    let award = process
        .result
        .or(signed)
        .and_then(|result| award(id, result, signed.is_some()));
    if let Some((award, supplier)) = award {
        tags.push("award");
        parties.extend(supplier.iter().map(|supplier| party(supplier, "supplier")));
        put("awards", json!([award]));
    }
    let contracts = contracts(id, process.contracts);
    if !contracts.is_empty() {
        tags.push("contract");
        put("contracts", Value::Array(contracts));
    }
    if process.contracts.iter().any(|row| text(row, "dokumen") == Some("bap")) {
        tags.push("implementation");
    }
    put("tag", json!(tags));
    put("parties", Value::Array(parties));
    Some(Value::Object(release))
}

/// A release package around releases.
pub fn package(publisher: Publisher<'_>, name: &str, uri: &str, releases: &[Value]) -> Value {
    json!({
        "version": "1.1", "uri": uri, "publishedDate": publisher.date, "publisher": {"name": name}, "releases": releases,
    })
}

fn tender(id: &str, process: Process<'_>) -> Value {
    let mut tender = Map::from_iter([("id".to_owned(), json!(id))]);
    let Some(row) = process.announced.or(process.result) else {
        return Value::Object(tender);
    };
    let status = text(row, "status_tender").or_else(|| text(row, "status_non_tender"));
    let status = match status {
        Some("Berlangsung") => Some("active"),
        Some("Selesai") => Some("complete"),
        Some("Gagal/Batal") => Some("unsuccessful"),
        _ => None,
    };
    let method = match text(row, "metode_pemilihan") {
        Some("Tender" | "Tender Cepat" | "Seleksi") => Some("open"),
        Some("Penunjukan Langsung" | "Pengadaan Langsung" | "Dikecualikan") => Some("direct"),
        _ => None,
    };
    let category = match text(row, "jenis_pengadaan") {
        Some("Pengadaan Barang") => Some("goods"),
        Some("Pekerjaan Konstruksi") => Some("works"),
        Some(other) if other.starts_with("Jasa") => Some("services"),
        _ => None,
    };
    let mut set = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            tender.insert(name.to_owned(), json!(value));
        }
    };
    set("title", text(row, "nama_paket"));
    set("status", status);
    set("procurementMethod", method);
    set("procurementMethodDetails", text(row, "metode_pemilihan"));
    set("mainProcurementCategory", category);
    set("awardCriteriaDetails", text(row, "metode_evaluasi"));
    if let Some(value) = amount(row, "hps") {
        tender.insert("value".into(), value);
    }
    if !process.bids.is_empty() {
        tender.insert("numberOfTenderers".into(), json!(process.bids.len()));
    }
    Value::Object(tender)
}

/// The award and its supplier. A running process has none, even in the data set of finished ones. Who may not see suppliers
/// gets the award of a signed contract without one.
fn award(id: &str, row: &Value, signed: bool) -> Option<(Value, Option<Value>)> {
    let supplier = supplier(row);
    if supplier.is_none() && !signed {
        return None;
    }
    let status = text(row, "status_tender").or_else(|| text(row, "status_non_tender"));
    if matches!(status, Some("Berlangsung" | "Gagal/Batal")) {
        return None;
    }
    let value = [
        "nilai_kontrak",
        "nilai_negosiasi",
        "nilai_terkoreksi",
        "nilai_penawaran",
    ];
    let mut award = Map::from_iter([("id".to_owned(), json!(id)), ("status".to_owned(), json!("active"))]);
    if let Some(supplier) = &supplier {
        award.insert("suppliers".into(), json!([supplier]));
    }
    if let Some(value) = value.iter().find_map(|name| amount(row, name)) {
        award.insert("value".into(), value);
    }
    if let Some(date) = text(row, "waktu_penetapan").or_else(|| text(row, "waktu_selesai")) {
        award.insert("date".into(), json!(full(date)));
    }
    Some((Value::Object(award), supplier))
}

/// One entry per contract number: the newest version of its contract row, with the payments as transactions.
fn contracts(id: &str, rows: &[Value]) -> Vec<Value> {
    let mut numbers: Vec<&str> = Vec::new();
    for row in rows {
        if let (Some("kontrak"), Some(number)) = (text(row, "dokumen"), text(row, "nomor_kontrak"))
            && !numbers.contains(&number)
        {
            numbers.push(number);
        }
    }
    let of = |number: &&str, document: &'static str| -> Vec<&Value> {
        let same = |row: &&Value| text(row, "dokumen") == Some(document) && text(row, "nomor_kontrak") == Some(*number);
        rows.iter().filter(same).collect()
    };
    let version = |row: &&Value| row.get("versi_addendum").and_then(Value::as_i64).unwrap_or_default();
    let one = |number: &&str| {
        let row = of(number, "kontrak").into_iter().max_by_key(version)?;
        let mut contract = Map::from_iter([("id".to_owned(), json!(number)), ("awardID".to_owned(), json!(id))]);
        let status = match text(row, "status_kontrak") {
            Some("Kontrak Sedang Berjalan") => Some("active"),
            Some("Kontrak Selesai" | "Pemutusan Kontrak") => Some("terminated"),
            _ => None,
        };
        if let Some(status) = status {
            contract.insert("status".into(), json!(status));
        }
        if let Some(value) = amount(row, "nilai_kontrak") {
            contract.insert("value".into(), value);
        }
        if let Some(date) = text(row, "tanggal_kontrak") {
            contract.insert("dateSigned".into(), json!(full(date)));
        }
        let paid: Vec<Value> = of(number, "bap").into_iter().filter_map(transaction).collect();
        if !paid.is_empty() {
            contract.insert("implementation".into(), json!({"transactions": paid}));
        }
        Some(Value::Object(contract))
    };
    numbers.iter().filter_map(one).collect()
}

fn transaction(row: &Value) -> Option<Value> {
    let mut made = Map::from_iter([
        ("id".to_owned(), json!(text(row, "kunci")?)),
        ("value".to_owned(), amount(row, "pembayaran")?),
    ]);
    if let Some(date) = text(row, "tanggal_bap") {
        made.insert("date".into(), json!(full(date)));
    }
    Some(Value::Object(made))
}

fn buyer(row: &Value) -> Option<Value> {
    let code = text(row, "kode_satker")?;
    Some(json!({"id": format!("ID-KODE-SATKER-{code}"), "name": text(row, "nama_satker").unwrap_or(code)}))
}

/// A company. A private person's number may be an identity number, so persons carry a name only.
fn supplier(row: &Value) -> Option<Value> {
    let name = text(row, "nama_penyedia")?;
    let number = text(row, "npwp_16").filter(|number| number.starts_with('0'));
    let id = match number {
        Some(number) => format!("ID-NPWP-{number}"),
        None => format!("ID-PENYEDIA-{}", text(row, "kode_penyedia").unwrap_or("-")),
    };
    Some(json!({"id": id, "name": name}))
}

fn party(organisation: &Value, role: &str) -> Value {
    let mut party = organisation.clone();
    if let Some(party) = party.as_object_mut() {
        party.insert("roles".into(), json!([role]));
    }
    party
}

/// OCDS wants a number; the exact text becomes one without passing through a float where that would change it.
fn amount(row: &Value, name: &str) -> Option<Value> {
    let text = text(row, name)?;
    let number: Value = serde_json::from_str(text).ok()?;
    let same = number.to_string().trim_end_matches(".0") == text;
    let value = if same { number } else { json!(text) };
    Some(json!({"amount": value, "currency": "IDR"}))
}

/// OCDS dates have a time; a day alone is its midnight in the zone of the source.
fn full(date: &str) -> String {
    match date.len() {
        10 => format!("{date}T00:00:00+07:00"),
        _ => date.to_owned(),
    }
}

fn text<'a>(row: &'a Value, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
