//! Columns of the OSS export by the name in their header, and their cells in the form in which OSS pushes the same. Spellings
//! vary, columns come and go: what a column is, its name says and never its place. Pure.
//!
//! Must not: guess. A cell that cannot be read rejects its row with a reason; who filed and who is responsible stays outside.

use super::sheet::Titles;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde_json::{Map, Value, json};

/// A cell as a sheet holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A number; dates of a spreadsheet are numbers too.
    Number(f64),
}

impl Cell {
    /// As it would be read by a person; empty and `-` are nothing.
    pub(super) fn text(&self) -> Option<String> {
        let text = match self {
            Self::Empty => return None,
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
            Self::Number(number) => number.to_string(),
        };
        (!text.is_empty() && text != "-").then_some(text)
    }
}

/// Where a column's value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The NIB itself.
    Company,
    /// `data_proyek[]`.
    Project,
    /// `data_checklist[]`.
    Application,
}

/// How a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Nib,
    Kbli,
    Date,
    Amount,
    Capital,
    Risk,
    Scale,
    Authority,
    Unit,
}

/// A column that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) place: Place,
    /// Name in a push.
    pub(super) name: &'static str,
    pub(super) form: Form,
}

type Row = (&'static [&'static str], Place, &'static str, Form);

/// Spellings seen, without punctuation and in lower case.
const COLUMNS: &[Row] = &[
    (&["nib"], Place::Company, "nib", Form::Nib),
    (&["namaperusahaan"], Place::Company, "nama_perseroan", Form::Text),
    (
        &[
            "dayoftanggalterbitoss",
            "tanggalterbitoss",
            "tanggalterbitnib",
            "dayoftanggalterbitnib",
            "tglterbitnib",
        ],
        Place::Company,
        "tgl_terbit_nib",
        Form::Date,
    ),
    (
        &["uraianstatuspenanamanmodal", "statuspenanamanmodal"],
        Place::Company,
        "status_penanaman_modal",
        Form::Capital,
    ),
    (&["idproyek"], Place::Project, "id_proyek", Form::Text),
    (&["namaproyek"], Place::Project, "nama_kegiatan", Form::Text),
    (
        &[
            "kdresiko",
            "kdrisiko",
            "uraianrisikoproyek",
            "uraianresikoproyek",
            "risikoproyek",
        ],
        Place::Project,
        "skala_resiko",
        Form::Risk,
    ),
    (
        &["uraianskalausaha", "skalausaha"],
        Place::Project,
        "skala_usaha",
        Form::Scale,
    ),
    (&["kbli"], Place::Project, "kbli", Form::Kbli),
    (&["judulkbli"], Place::Project, "uraian_usaha", Form::Text),
    (&["alamatusaha"], Place::Project, "alamat_usaha", Form::Text),
    (
        &[
            "dayoftanggalpengajuanproyek",
            "tanggalpengajuanproyek",
            "tglpengajuanproyek",
        ],
        Place::Project,
        "tgl_pengajuan_proyek",
        Form::Date,
    ),
    (&["luastanah"], Place::Project, "luas_tanah", Form::Amount),
    (
        &["satuantanah", "satuanluastanah"],
        Place::Project,
        "satuan_luas_tanah",
        Form::Unit,
    ),
    (&["jumlahinvestasi"], Place::Project, "jumlah_investasi", Form::Amount),
    (
        &["idpermohonanizin", "idizin"],
        Place::Application,
        "id_izin",
        Form::Text,
    ),
    (
        &["dayoftglizin", "tglizin", "tanggalizin"],
        Place::Application,
        "tgl_izin",
        Form::Date,
    ),
    (
        &["namadokumen", "namaizin"],
        Place::Application,
        "nama_izin",
        Form::Text,
    ),
    (&["kewenangan"], Place::Application, "kewenangan", Form::Authority),
    (&["klsektor"], Place::Application, "instansi", Form::Text),
];

/// How its header is known.
pub(super) const TITLES: Titles<Column> = Titles {
    column,
    is_key: |column| column.name == "nib",
    missing: "tidak ada baris judul dengan kolom NIB / no header row with a NIB column",
};

/// What a header names; `None` for a column that is left out.
fn column(header: &str) -> Option<Column> {
    let plain: String = header.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let row = COLUMNS
        .iter()
        .find(|(spellings, ..)| spellings.contains(&plain.as_str()));
    row.map(|(_, place, name, form)| Column {
        place: *place,
        name,
        form: *form,
    })
}

/// A cell in the form of a push; nothing for an empty one.
///
/// # Errors
/// In a few words, without the value.
pub(super) fn value(form: Form, cell: &Cell) -> Result<Option<Value>, &'static str> {
    let Some(text) = cell.text() else { return Ok(None) };
    let read = match form {
        Form::Text => Some(text),
        // Numeric cells lose their leading zeros.
        Form::Nib => digits(&text, 8, 13),
        Form::Kbli => digits(&text, 4, 5),
        Form::Date => date(cell, &text).map(|date| date.to_string()),
        Form::Amount => amount(&text),
        Form::Capital => capital(&text).map(str::to_owned),
        Form::Risk => risk(&text).map(str::to_owned),
        Form::Scale => scale(&text).map(str::to_owned),
        Form::Authority => authority(&text).map(str::to_owned),
        Form::Unit => unit(&text).map(str::to_owned),
    };
    read.map(|read| Some(json!(read))).ok_or(match form {
        Form::Nib => "NIB bukan 13 angka / the NIB is not 13 digits",
        Form::Kbli => "KBLI bukan 5 angka / the KBLI is not 5 digits",
        Form::Date => "tanggal tidak terbaca / the date cannot be read",
        Form::Amount => "jumlah tidak terbaca / the amount cannot be read",
        Form::Text | Form::Capital | Form::Risk | Form::Scale | Form::Authority | Form::Unit => {
            "kata tidak dikenal / the word is not known"
        }
    })
}

/// Digits with the leading zeros that a numeric cell lost.
fn digits(text: &str, least: usize, whole: usize) -> Option<String> {
    let fits = text.len() >= least && text.len() <= whole && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("{text:0>whole$}"))
}

/// `d/m/yy`, `d/m/yyyy`, `yyyy-mm-dd` with or without a time, or the serial number of a spreadsheet.
fn date(cell: &Cell, text: &str) -> Option<Date> {
    if let Cell::Number(serial) = cell {
        // Day 60 of 1900 does not exist; every date of OSS lies behind it.
        let day = (*serial >= 61.0 && *serial < 80_000.0).then_some(serial.trunc() as i64)?;
        let days: Span = day.days();
        return Date::new(1899, 12, 30).ok()?.checked_add(days).ok();
    }
    let day = text.split([' ', 'T']).next()?;
    if let Ok(date) = Date::strptime("%Y-%m-%d", day) {
        return Some(date);
    }
    let mut parts = day.split('/').map(str::parse::<i16>);
    let (Some(Ok(day)), Some(Ok(month)), Some(Ok(year)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let year = if year < 100 { 2000 + year } else { year };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// An exact decimal; thousands may be set apart by points when a comma or nothing follows.
fn amount(text: &str) -> Option<String> {
    let plain = text.strip_prefix("Rp").unwrap_or(text).trim().replace(' ', "");
    let plain = match (plain.matches('.').count(), plain.contains(',')) {
        (0, true) => plain.replace(',', "."),
        (_, true) | (2.., false) => plain.replace('.', "").replace(',', "."),
        (_, false) => plain,
    };
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, "0"));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (number(whole) && number(rest)).then_some(plain)
}

fn capital(text: &str) -> Option<&'static str> {
    match text.to_ascii_uppercase().as_str() {
        "01" | "1" | "PMA" => Some("01"),
        "02" | "2" | "PMDN" => Some("02"),
        "03" | "3" | "BUKAN PMA/PMDN" | "BUKAN PMA DAN PMDN" | "NON PMA/PMDN" => Some("03"),
        _ => None,
    }
}

fn risk(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "r" | "rendah" => Some("R"),
        "mr" | "menengah rendah" => Some("MR"),
        "mt" | "menengah tinggi" => Some("MT"),
        "t" | "tinggi" => Some("T"),
        _ => None,
    }
}

fn scale(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().trim_start_matches("usaha ") {
        "01" | "mikro" => Some("01"),
        "02" | "kecil" => Some("02"),
        "03" | "menengah" => Some("03"),
        "04" | "besar" => Some("04"),
        _ => None,
    }
}

fn authority(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "00" | "pusat" => Some("00"),
        "01" | "provinsi" | "gubernur" => Some("01"),
        "02" | "kabupaten" | "kota" | "kabupaten/kota" | "bupati/walikota" | "bupati/wali kota" => Some("02"),
        _ => None,
    }
}

fn unit(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "01" | "m2" | "m²" => Some("01"),
        "02" | "ha" | "hektar" | "hektare" => Some("02"),
        _ => None,
    }
}

/// One row as the parts of a push.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) company: Map<String, Value>,
    pub(super) project: Map<String, Value>,
    pub(super) application: Map<String, Value>,
}

/// Reads a row under its header.
///
/// # Errors
/// The first cell that cannot be read, by the name of its column, and why.
pub(super) fn parts(header: &[(String, Option<Column>)], cells: &[Cell]) -> Result<Parts, String> {
    let mut parts = Parts::default();
    for ((title, column), cell) in header.iter().zip(cells) {
        let Some(column) = column else { continue };
        let Some(read) = value(column.form, cell).map_err(|why| format!("{title}: {why}"))? else {
            continue;
        };
        let place = match column.place {
            Place::Company => &mut parts.company,
            Place::Project => &mut parts.project,
            Place::Application => &mut parts.application,
        };
        place.insert(column.name.to_owned(), read);
    }
    if !parts.company.contains_key("nib") {
        return Err("nib: kosong / empty".to_owned());
    }
    if let (Some(project), true) = (
        parts.project.get("id_proyek"),
        parts.application.contains_key("id_izin"),
    ) {
        parts.application.insert("id_proyek".to_owned(), project.clone());
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: Form, cell: &Cell) -> String {
        match value(form, cell) {
            Ok(read) => read.map_or_else(
                || "kosong".to_owned(),
                |read| read.as_str().unwrap_or_default().to_owned(),
            ),
            Err(_) => "ditolak".to_owned(),
        }
    }

    #[test]
    fn headers_are_known_by_name_however_they_are_spelt() {
        for (header, name) in [
            ("NIB", "nib"),
            ("Day of Tanggal Terbit OSS", "tgl_terbit_nib"),
            ("day_of_tanggal_terbit_oss", "tgl_terbit_nib"),
            ("id_permohonan_izin", "id_izin"),
            ("KD Resiko", "skala_resiko"),
        ] {
            assert_eq!(column(header).map(|column| column.name), Some(name), "{header}");
        }
        for header in ["kecamatan", "nama_user", "nomor_identitas_user", ""] {
            assert_eq!(column(header), None, "{header}");
        }
    }

    #[test]
    fn zeros_dates_and_amounts_survive_a_spreadsheet() {
        let text = |text: &str| Cell::Text(text.to_owned());
        assert_eq!(read(Form::Nib, &Cell::Number(999_000_000_017.0)), "0999000000017");
        assert_eq!(read(Form::Nib, &text("0999000000017")), "0999000000017");
        assert_eq!(read(Form::Nib, &text("17")), "ditolak");
        assert_eq!(read(Form::Kbli, &Cell::Number(1111.0)), "01111");
        assert_eq!(read(Form::Date, &Cell::Number(45_453.0)), "2024-06-10");
        assert_eq!(read(Form::Date, &text("10/6/24")), "2024-06-10");
        assert_eq!(read(Form::Date, &text("2024-06-10 09:15:30")), "2024-06-10");
        assert_eq!(read(Form::Date, &text("31/2/24")), "ditolak");
        assert_eq!(read(Form::Date, &text("-")), "kosong");
        assert_eq!(read(Form::Amount, &text("1.250.000.000")), "1250000000");
        assert_eq!(read(Form::Amount, &text("Rp 1.250.000,50")), "1250000.50");
        assert_eq!(read(Form::Amount, &Cell::Number(450.0)), "450");
        assert_eq!(read(Form::Amount, &text("banyak")), "ditolak");
        assert_eq!(read(Form::Risk, &text("Menengah Tinggi")), "MT");
        assert_eq!(read(Form::Capital, &text("PMDN")), "02");
        assert_eq!(read(Form::Capital, &text("lainnya")), "ditolak");
    }
}
