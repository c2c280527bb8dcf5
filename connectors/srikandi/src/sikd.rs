//! Letters of SIKD, SRIKANDI's predecessor, as canonical letters: rows of its `inbox` table with their recipients. Its
//! application stored times and added seven hours when showing them; its subjects end at 250 characters; its classes have
//! a word of their own.

use crate::codes::{Codes, LISTS, UNKNOWN};
use crate::elements::has_variable;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde_json::{Value, json};

/// Longest subject its column holds.
const SUBJECT: usize = 250;
/// What its application adds when it shows a time.
const SHIFT: SignedDuration = SignedDuration::from_hours(7);

/// How times of the dump are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// As stored, seven hours early.
    Stored,
    /// As the application showed them.
    Shown,
}

/// One letter in the form of schema `naskah_rincian`, or the name of the column that cannot be read.
///
/// # Errors
/// The column at fault, never its value.
pub fn letter(row: &Value, times: Times) -> Result<Value, &'static str> {
    let text = |name: &str| {
        let value = row.get(name).and_then(crate::fields::plain);
        value.filter(|text| !text.is_empty() && text != "-" && text != "NULL")
    };
    let mut warnings = Vec::new();
    let id = text("NId").ok_or("NId")?;
    let subject = text("Hal");
    if subject
        .as_deref()
        .is_some_and(|subject| subject.chars().count() >= SUBJECT)
    {
        warnings.push("hal_terpotong");
    }
    if subject.as_deref().is_some_and(has_variable) {
        warnings.push("variabel_belum_terisi");
    }
    let received = text("NTglReg")
        .map(|at| moment(&at, times).ok_or("NTglReg"))
        .transpose()?;
    if received.is_some() && times == Times::Stored {
        warnings.push("waktu_digeser");
    }
    let date = text("Tgl")
        .map(|date| crate::times::in_words(&date).ok_or("Tgl"))
        .transpose()?;
    let class = text("SifatId").map_or_else(
        || UNKNOWN.to_owned(),
        |class| list("sifat").canonical(&class).to_owned(),
    );
    let urgency = text("UrgensiId").map_or_else(
        || UNKNOWN.to_owned(),
        |word| list("urgensi").canonical(&word).to_owned(),
    );
    let kind = text("JenisId").map_or_else(
        || UNKNOWN.to_owned(),
        |kind| list("jenis_naskah").canonical(&kind).to_owned(),
    );
    let rows = row
        .get("inbox_receiver")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let recipients: Vec<Value> = rows.iter().map(|row| recipient(row, times)).collect::<Result<_, _>>()?;
    let read = recipients
        .iter()
        .any(|one| one.get("keadaan").and_then(Value::as_str) == Some("dibaca"));
    Ok(json!({
        "id": id,
        "keadaan": if read { "dibaca" } else { "diterima" },
        "keadaan_asli": null,
        "nomor_naskah": text("Nomor"),
        "nomor_sementara": null,
        "nomor_agenda": text("NAgenda"),
        "tanggal_naskah": date.map(|date| date.to_string()),
        "tanggal_diterima": received,
        "asal_naskah": text("InstansiPengirim").or_else(|| text("NamaPengirim")),
        "jenis_naskah": kind, "sifat": class, "urgensi": urgency,
        "klasifikasi": text("Klasifikasi"),
        "hal": subject.filter(|subject| !has_variable(subject)),
        "ringkasan": null,
        "penerima": recipients,
        "penandatangan": [],
        "riwayat": [],
        "peringatan": warnings,
    }))
}

fn recipient(row: &Value, times: Times) -> Result<Value, &'static str> {
    let text = |name: &str| row.get(name).and_then(crate::fields::plain);
    let state = text("StatusReceive").unwrap_or_default();
    let at = text("ReceiveDate")
        .map(|at| moment(&at, times).ok_or("ReceiveDate"))
        .transpose()?;
    Ok(json!({"jabatan_id": text("To_Id"), "keadaan": list("keadaan_penerima").canonical(&state), "pada": at}))
}

/// `YYYY-MM-DD HH:MM:SS` of the dump as the moment it means, Jakarta time.
fn moment(text: &str, times: Times) -> Option<String> {
    let plain: DateTime = text.replacen(' ', "T", 1).parse().ok()?;
    let local = match times {
        Times::Stored => plain.checked_add(SHIFT).ok()?,
        Times::Shown => plain,
    };
    let zone = jiff::tz::offset(7);
    Some(crate::times::written(zone.to_timestamp(local).ok()?, zone))
}

fn list(name: &str) -> Codes {
    let found = LISTS.iter().find(|(list, ..)| *list == name);
    found.map_or_else(Codes::default, |(_, pairs, synonyms)| {
        Codes::new(pairs.iter().copied(), synonyms.iter().copied())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Value {
        json!({
            "NId": "1001", "NTglReg": "2023-12-31 18:30:00", "Tgl": "2023-12-29", "Nomor": "005 / 12 - UM", "NAgenda": "77",
            "Hal": "Undangan rapat", "SifatId": "Rahasia Terbatas", "UrgensiId": "Sangat Segera", "JenisId": "Surat Dinas",
            "InstansiPengirim": "Dinas Contoh", "inbox_receiver": [
                {"To_Id": "uk.1.1.1", "StatusReceive": "read", "ReceiveDate": "2024-01-01 01:00:00"},
                {"To_Id": "uk.1.1.2", "StatusReceive": "unread"},
            ],
        })
    }

    #[test]
    fn stored_times_are_moved_over_the_turn_of_the_year_and_said_to_be() {
        let letter = letter(&row(), Times::Stored).expect("read");
        assert_eq!(letter["tanggal_diterima"], "2024-01-01T01:30:00+07:00");
        assert_eq!(letter["penerima"][0]["pada"], "2024-01-01T08:00:00+07:00");
        assert_eq!(letter["peringatan"], json!(["waktu_digeser"]));
        let shown = super::letter(&row(), Times::Shown).expect("read");
        assert_eq!(shown["tanggal_diterima"], "2023-12-31T18:30:00+07:00");
        assert_eq!(shown["peringatan"], json!([]));
    }

    #[test]
    fn its_own_class_is_the_stricter_one_and_an_unknown_one_stays_unknown() {
        let mut row = row();
        assert_eq!(letter(&row, Times::Shown).expect("read")["sifat"], "rahasia");
        row["SifatId"] = json!("Penting");
        assert_eq!(letter(&row, Times::Shown).expect("read")["sifat"], "tidak_dikenal");
        row["SifatId"] = Value::Null;
        assert_eq!(letter(&row, Times::Shown).expect("read")["sifat"], "tidak_dikenal");
    }

    #[test]
    fn a_subject_at_the_end_of_its_column_is_said_to_be_cut() {
        let mut row = row();
        row["Hal"] = json!("é".repeat(250));
        assert_eq!(
            letter(&row, Times::Shown).expect("read")["peringatan"],
            json!(["hal_terpotong"])
        );
        row["Hal"] = json!("${hal}");
        let letter = letter(&row, Times::Shown).expect("read");
        assert_eq!(
            (&letter["hal"], &letter["peringatan"]),
            (&Value::Null, &json!(["variabel_belum_terisi"]))
        );
    }

    #[test]
    fn an_unreadable_column_is_named_without_its_value() {
        let mut row = row();
        row["NTglReg"] = json!("31/12/23 tengah malam");
        assert_eq!(super::letter(&row, Times::Shown), Err("NTglReg"));
    }
}
