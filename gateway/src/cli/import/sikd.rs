//! `simpul impor sikd`: letters of SIKD, SRIKANDI's predecessor, from a spreadsheet or CSV of its `inbox` table, one row per letter
//! and recipient. Rows of one letter become one push that a person brings and take the way of every push: stored once, translated,
//! sealed, told. The same file again changes nothing; rows that cannot be read are written to a file with their reasons.
//!
//! Must not: guess whether the times of the file were shifted, what a class means, or what a row that contradicts another says.

use super::columns::Cell;
use super::sheet::{self, Sheet, Titles};
use super::{Rejected, Sent, fits, ignored, send, set_aside};
use crate::cli::client::{self, Remote};
use crate::cli::exit::Exit;
use crate::cli::say::Voice;
use clap::{Args, ValueEnum};
use connector_srikandi::sikd::{self, Times};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, ToSpan};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct Sikd {
    /// Isi tabel inbox (.xlsx atau .csv) / rows of the inbox table.
    berkas: PathBuf,
    /// Waktu di berkas: sebagaimana tersimpan, atau sebagaimana tampil di layar SIKD (+7 jam) / times as stored, or as shown.
    #[arg(long, value_enum)]
    waktu: Shift,
    /// Lembar XLSX; bawaan: yang pertama berkolom NId / sheet; default: the first with an NId column.
    #[arg(long, value_name = "NAMA")]
    lembar: Option<String>,
    /// Sistem penerima / the system that receives them.
    #[arg(long, default_value = "srikandi", value_name = "ID")]
    sistem: String,
    /// Hanya memeriksa, tidak mengirim / only check, send nothing.
    #[arg(long)]
    uji: bool,
    /// Berkas baris yang ditolak; bawaan: <berkas>.ditolak.csv / file of rejected rows.
    #[arg(long, value_name = "BERKAS")]
    tolakan: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shift {
    /// Isi basis data; tujuh jam ditambahkan / the database's; seven hours are added.
    Tersimpan,
    /// Dari layar atau ekspor SIKD / from SIKD's screen or export.
    Tampil,
}

impl Shift {
    fn word(self) -> &'static str {
        match self {
            Self::Tersimpan => "tersimpan",
            Self::Tampil => "tampil",
        }
    }
}

/// How a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Date,
    Moment,
}

/// A known column: its name in SIKD, how it is read, whether it belongs to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Column {
    name: &'static str,
    form: Form,
    recipient: bool,
}

/// Spellings without punctuation and in lower case.
const COLUMNS: &[(&[&str], &str, Form, bool)] = &[
    (&["nid"], "NId", Form::Text, false),
    (
        &["ntglreg", "tglregistrasi", "tanggalregistrasi"],
        "NTglReg",
        Form::Moment,
        false,
    ),
    (
        &["tgl", "tglsurat", "tanggalsurat", "tanggalnaskah"],
        "Tgl",
        Form::Date,
        false,
    ),
    (&["nomor", "nomorsurat", "nomornaskah"], "Nomor", Form::Text, false),
    (&["hal", "perihal"], "Hal", Form::Text, false),
    (&["nagenda", "nomoragenda"], "NAgenda", Form::Text, false),
    (
        &["jenisid", "jenisname", "jenis", "jenisnaskah"],
        "JenisId",
        Form::Text,
        false,
    ),
    (
        &["sifatid", "sifatname", "sifat", "sifatnaskah"],
        "SifatId",
        Form::Text,
        false,
    ),
    (
        &["urgensiid", "urgensiname", "urgensi", "tingkaturgensi"],
        "UrgensiId",
        Form::Text,
        false,
    ),
    (&["instansipengirim"], "InstansiPengirim", Form::Text, false),
    (&["namapengirim"], "NamaPengirim", Form::Text, false),
    (&["klasifikasi", "kodeklasifikasi"], "Klasifikasi", Form::Text, false),
    (&["toid"], "To_Id", Form::Text, true),
    (&["statusreceive"], "StatusReceive", Form::Text, true),
    (&["receivedate"], "ReceiveDate", Form::Moment, true),
];

fn column(header: &str) -> Option<Column> {
    let plain: String = header.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let row = COLUMNS.iter().find(|(names, ..)| names.contains(&plain.as_str()));
    row.map(|(_, name, form, recipient)| Column {
        name,
        form: *form,
        recipient: *recipient,
    })
}

const TITLES: Titles<Column> = Titles {
    column,
    is_key: |column| column.name == "NId",
    missing: "tidak ada baris judul dengan kolom NId / no header row with an NId column",
};

/// Runs it.
pub(super) fn run(voice: &Voice, asked: &Sikd) -> Exit {
    let sheet = match sheet::read(&asked.berkas, asked.lembar.as_deref(), &TITLES) {
        Ok(sheet) => sheet,
        Err(why) => {
            voice.failed("berkas tidak terbaca", "the file cannot be read", &why);
            return Exit::Usage;
        }
    };
    let (letters, rejected) = gathered(&sheet, asked.waktu);
    if asked.uji {
        return report(voice, asked, &sheet, &letters, Sent::default(), &rejected);
    }
    client::with(voice, &asked.remote, |client| async move {
        let path = format!("/impor/{}/sikd", utf8_percent_encode(&asked.sistem, NON_ALPHANUMERIC));
        let each = letters.iter().map(|letter| {
            let push = json!({"waktu": asked.waktu.word(), "baris": letter.row});
            (push, &letter.rows[..])
        });
        let (sent, refused) = send(voice, &client, &path, each).await?;
        let rejected = [rejected, refused].concat();
        Ok(report(voice, asked, &sheet, &letters, sent, &rejected))
    })
}

/// A letter, its rows in the file, and what its translation warns of.
struct Letter {
    row: Value,
    rows: Vec<usize>,
    warnings: Vec<String>,
    /// No list knows its class: it is treated as secret.
    classless: bool,
}

/// The letter's fields, its recipients, its rows in the file.
type Gathered = (Fields, Vec<Value>, Vec<usize>);

/// One letter per `NId`, in the order of the file, and the rows that cannot be read.
fn gathered(sheet: &Sheet<Column>, shift: Shift) -> (Vec<Letter>, Rejected) {
    let times = match shift {
        Shift::Tersimpan => Times::Stored,
        Shift::Tampil => Times::Shown,
    };
    let mut order: Vec<String> = Vec::new();
    let mut found: BTreeMap<String, Gathered> = BTreeMap::new();
    let mut rejected = Rejected::new();
    for (number, cells) in &sheet.rows {
        let taken = read(&sheet.header, cells).and_then(|(letter, recipient)| {
            let id = letter.get("NId").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some((known, ..)) = found.get(&id) {
                fits("NId", known, &letter)?;
            } else {
                order.push(id.clone());
            }
            let (fields, recipients, rows) = found.entry(id).or_default();
            fields.extend(letter);
            recipients.extend(recipient.map(Value::Object));
            rows.push(*number);
            Ok(())
        });
        if let Err(why) = taken {
            rejected.push((*number, why));
        }
    }
    let mut letters = Vec::new();
    for (mut fields, recipients, rows) in order.into_iter().filter_map(|id| found.remove(&id)) {
        fields.insert("inbox_receiver".to_owned(), Value::Array(recipients));
        let row = Value::Object(fields);
        match sikd::letter(&row, times) {
            Ok(letter) => {
                let warnings = letter["peringatan"].as_array().into_iter().flatten();
                letters.push(Letter {
                    warnings: warnings.filter_map(Value::as_str).map(str::to_owned).collect(),
                    classless: letter["sifat"] == "tidak_dikenal",
                    row,
                    rows,
                });
            }
            Err(column) => {
                let why = format!("{column}: tidak terbaca / cannot be read");
                rejected.extend(rows.iter().map(|row| (*row, why.clone())));
            }
        }
    }
    rejected.sort();
    (letters, rejected)
}

type Fields = Map<String, Value>;

/// The letter's fields of a row, and its recipient where it names one.
fn read(header: &[(String, Option<Column>)], cells: &[Cell]) -> Result<(Fields, Option<Fields>), String> {
    let (mut letter, mut recipient) = (Fields::new(), Fields::new());
    for ((title, column), cell) in header.iter().zip(cells) {
        let (Some(column), Some(text)) = (column, cell.text()) else {
            continue;
        };
        let value = match column.form {
            Form::Text => Some(text),
            Form::Date => date(cell, text),
            Form::Moment => moment(cell, text),
        };
        let value = value.ok_or_else(|| format!("{title}: tidak terbaca / cannot be read"))?;
        let place = if column.recipient { &mut recipient } else { &mut letter };
        // A list's word says more than the number of its row.
        let number = value.bytes().all(|byte| byte.is_ascii_digit());
        if !(number && place.contains_key(column.name)) {
            place.insert(column.name.to_owned(), json!(value));
        }
    }
    if !letter.contains_key("NId") {
        return Err("NId: kosong / empty".to_owned());
    }
    Ok((letter, recipient.contains_key("To_Id").then_some(recipient)))
}

/// A cell's text, or the day of a spreadsheet's serial number.
fn date(cell: &Cell, text: String) -> Option<String> {
    match cell {
        Cell::Number(serial) => Some(serial_date(*serial)?.to_string()),
        Cell::Text(_) | Cell::Empty => Some(text),
    }
}

fn moment(cell: &Cell, text: String) -> Option<String> {
    let Cell::Number(serial) = cell else {
        return Some(text);
    };
    let seconds = (serial.fract() * 86_400.0).round() as i64;
    let at = DateTime::from(serial_date(*serial)?).checked_add(SignedDuration::from_secs(seconds));
    Some(at.ok()?.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn serial_date(serial: f64) -> Option<Date> {
    // Day 60 of 1900 does not exist; every letter lies behind it.
    let day = (61.0..80_000.0).contains(&serial).then_some(serial.trunc() as i64)?;
    Date::new(1899, 12, 30).ok()?.checked_add(day.days()).ok()
}

fn report(
    voice: &Voice,
    asked: &Sikd,
    sheet: &Sheet<Column>,
    letters: &[Letter],
    sent: Sent,
    rejected: &[(usize, String)],
) -> Exit {
    let place = match set_aside(voice, &asked.berkas, asked.tolakan.as_ref(), sheet, rejected) {
        Ok(place) => place,
        Err(exit) => return exit,
    };
    let warned = |word: &str| {
        letters
            .iter()
            .filter(|one| one.warnings.iter().any(|w| w == word))
            .count()
    };
    let reasons = rejected.iter().map(|(row, why)| json!({"baris": row, "alasan": why}));
    let account = json!({
        "uji": asked.uji, "baris": sheet.rows.len(), "naskah": letters.len(), "baru": sent.new, "sudah_ada": sent.known,
        "ditolak": rejected.len(), "tolakan": reasons.collect::<Vec<_>>(), "berkas_tolakan": place,
        "kolom_diabaikan": ignored(sheet), "waktu": asked.waktu.word(),
        "hal_terpotong": warned("hal_terpotong"), "waktu_digeser": warned("waktu_digeser"),
        "sifat_tidak_dikenal": letters.iter().filter(|one| one.classless).count(),
    });
    voice.answer(&account, || {
        let (rows, count, bad) = (sheet.rows.len(), letters.len(), rejected.len());
        let file = place.as_deref().map_or_else(String::new, |place| format!(" → {place}"));
        let (cut, unknown) = (&account["hal_terpotong"], &account["sifat_tidak_dikenal"]);
        let (id, en) = match asked.uji {
            true => (
                format!(
                    "Uji: {rows} baris, {count} naskah siap dikirim, {bad} baris ditolak{file}. Tidak ada yang dikirim."
                ),
                format!("Dry run: {rows} rows, {count} letters ready, {bad} rows rejected{file}. Nothing was sent."),
            ),
            false => (
                format!(
                    "{rows} baris: {} naskah baru, {} sudah ada, {bad} baris ditolak{file}.",
                    sent.new, sent.known
                ),
                format!(
                    "{rows} rows: {} new letters, {} known, {bad} rows rejected{file}.",
                    sent.new, sent.known
                ),
            ),
        };
        let also = (
            format!(" Perihal terpotong: {cut}; sifat tidak dikenal, diperlakukan rahasia: {unknown}."),
            format!(" Subjects cut: {cut}; class not known, treated as secret: {unknown}."),
        );
        format!("{}{}", voice.pick(&id, &en), voice.pick(&also.0, &also.1))
    });
    rejected.is_empty().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_a_spreadsheet_are_those_of_the_dump() {
        let at = 45_291.770_833_333_336;
        assert_eq!(
            moment(&Cell::Number(at), String::new()).as_deref(),
            Some("2023-12-31 18:30:00")
        );
        assert_eq!(date(&Cell::Number(at), String::new()).as_deref(), Some("2023-12-31"));
        assert_eq!(moment(&Cell::Number(1.0), String::new()), None);
    }

    #[test]
    fn a_word_says_more_than_the_number_of_its_row() {
        let header: Vec<_> = ["NId", "SifatName", "SifatId"]
            .map(|title| (title.to_owned(), column(title)))
            .to_vec();
        let text = |text: &str| Cell::Text(text.to_owned());
        let (letter, recipient) = read(&header, &[text("7"), text("Rahasia Terbatas"), text("2")]).unwrap();
        assert_eq!((&letter["SifatId"], recipient), (&json!("Rahasia Terbatas"), None));
    }
}
