//! Canonical messages to native documents and back, by tables: canonical name, usual native name, form. Settings replace
//! any name; a name with dots is a place inside.

use crate::settings::Setup;
use connector_sdk::{Complaint, Text};
use serde_json::{Map, Value, json};

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    Plain,
    /// By a code list.
    Code(&'static str),
    /// A list of codes.
    Codes(&'static str),
    /// A date.
    Date,
    /// A moment.
    Moment,
    /// Addressees, each with a kind of its own.
    Addressees,
}

/// One field of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field(pub(crate) &'static str, pub(crate) &'static str, pub(crate) Form);

use Form::{Addressees, Code, Codes, Date, Moment, Plain};

/// Fields of messages, by message.
pub(crate) fn table(message: &str) -> &'static [Field] {
    match message {
        "naskah_masuk" => &[
            Field("rujukan", "external_id", Plain),
            Field("asal_naskah", "asal_naskah", Plain),
            Field("nama_pengirim", "nama_pengirim", Plain),
            Field("jabatan_pengirim", "jabatan_pengirim", Plain),
            Field("nomor_naskah", "nomor_naskah", Plain),
            Field("tanggal_naskah", "tanggal_naskah", Date),
            Field("tanggal_diterima", "tanggal_diterima", Moment),
            Field("jenis_naskah", "jenis_naskah", Code("jenis_naskah")),
            Field("sifat", "sifat_naskah", Code("sifat")),
            Field("urgensi", "tingkat_urgensi", Code("urgensi")),
            Field("klasifikasi", "klasifikasi", Plain),
            Field("hal", "hal", Plain),
            Field("ringkasan", "ringkasan", Plain),
            Field("tujuan", "tujuan", Plain),
            Field("arsip", "metadata_arsip", Plain),
        ],
        "naskah_keluar" => &[
            Field("rujukan", "external_id", Plain),
            Field("final", "is_final", Plain),
            Field("dikirimkan_melalui", "dikirimkan_melalui", Plain),
            Field("jenis_naskah", "jenis_naskah", Code("jenis_naskah")),
            Field("sifat", "sifat_naskah", Code("sifat")),
            Field("urgensi", "tingkat_urgensi", Code("urgensi")),
            Field("klasifikasi", "klasifikasi", Plain),
            Field("nomor_referensi", "nomor_referensi", Plain),
            Field("hal", "hal", Plain),
            Field("ringkasan", "ringkasan", Plain),
            Field("tanggal_naskah", "tanggal_naskah", Date),
            Field("tujuan", "tujuan_utama", Addressees),
            Field("tembusan", "tembusan", Addressees),
            Field("verifikator", "verifikator", Plain),
            Field("penandatangan", "penandatangan", Plain),
            Field("jenis_ttd", "jenis_ttd", Code("jenis_ttd")),
            Field("tampilan_ttd", "tipe_tte", Code("tampilan_ttd")),
            Field("diberkaskan_oleh", "diberkaskan_oleh", Plain),
            Field("arsip", "metadata_arsip", Plain),
        ],
        "verifikasi" => &[
            Field("keputusan", "keputusan", Code("keputusan")),
            Field("catatan", "catatan", Plain),
        ],
        "disposisi" => &[
            Field("rujukan", "external_id", Plain),
            Field("naskah_id", "naskah_id", Plain),
            Field("dari", "dari", Plain),
            Field("penerima", "penerima", Plain),
            Field("instruksi", "instruksi", Codes("instruksi")),
            Field("pesan", "pesan", Plain),
            Field("sifat", "sifat", Code("sifat")),
            Field("batas_waktu", "batas_waktu", Date),
        ],
        "disposisi_selesai" => &[Field("laporan", "laporan", Plain)],
        "berkas" => &[
            Field("rujukan", "external_id", Plain),
            Field("unit_id", "unit_id", Plain),
            Field("klasifikasi", "klasifikasi", Plain),
            Field("nomor_berkas", "nomor_berkas", Plain),
            Field("judul_berkas", "judul_berkas", Plain),
            Field("tanggal_berkas", "tanggal_berkas", Date),
            Field("lokasi_simpan", "lokasi", Plain),
            Field("retensi_aktif_tahun", "retensi_aktif_tahun", Plain),
            Field("retensi_inaktif_tahun", "retensi_inaktif_tahun", Plain),
            Field("nasib_akhir", "nasib_akhir", Code("nasib_akhir")),
            Field("keterangan", "keterangan", Plain),
        ],
        "berkas_isi" => &[Field("naskah_id", "naskah_id", Plain)],
        _ => &[],
    }
}

/// The native document of a canonical message, or every complaint.
pub(crate) fn write(setup: &Setup, message: &str, input: &Value) -> Result<Value, Vec<Complaint>> {
    let mut out = setup.raw.tetap.get(message).cloned().unwrap_or_default();
    let mut complaints = Vec::new();
    for Field(ours, usual, form) in table(message) {
        let (Some(value), Some(name)) = (input.get(ours), setup.field(message, ours, usual)) else {
            continue;
        };
        match native(setup, *form, value, &format!("/{ours}")) {
            Ok(value) => put(&mut out, name, value),
            Err(found) => complaints.extend(found),
        }
    }
    if complaints.is_empty() {
        Ok(Value::Object(out))
    } else {
        Err(complaints)
    }
}

fn native(setup: &Setup, form: Form, value: &Value, at: &str) -> Result<Value, Vec<Complaint>> {
    let text = value.as_str().unwrap_or_default();
    let coded = |list: &str, value: &Value, at: String| {
        let code = value.as_str().unwrap_or_default();
        let native = setup.codes(list).native(code).map(Value::from);
        native.ok_or_else(|| vec![unknown(at)])
    };
    match form {
        Form::Plain => Ok(value.clone()),
        _ if value.is_null() => Ok(Value::Null),
        Form::Code(list) => coded(list, value, at.to_owned()),
        Form::Codes(list) => {
            let items = value.as_array().into_iter().flatten().enumerate();
            let items = items.map(|(n, item)| coded(list, item, format!("{at}/{n}")));
            items.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Form::Date => setup
            .clock
            .native_date(text)
            .map(Value::from)
            .ok_or_else(|| vec![unreadable(at)]),
        Form::Moment => setup
            .clock
            .native_moment(text)
            .map(Value::from)
            .ok_or_else(|| vec![unreadable(at)]),
        Form::Addressees => {
            let items = value.as_array().into_iter().flatten().enumerate();
            let items = items.map(|(n, item)| addressee(setup, item, &format!("{at}/{n}")));
            items.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
    }
}

/// One addressee; each kind needs what names it.
fn addressee(setup: &Setup, item: &Value, at: &str) -> Result<Value, Vec<Complaint>> {
    let kind = item.get("jenis").and_then(Value::as_str).unwrap_or_default();
    let native = setup.codes("jenis_tujuan").native(kind);
    let native = native.ok_or_else(|| vec![unknown(format!("{at}/jenis"))])?;
    let needed = match kind {
        "internal" => "jabatan_id",
        "srikandi" => "kode_instansi",
        _ => "nama",
    };
    if item
        .get(needed)
        .and_then(Value::as_str)
        .is_none_or(|text| text.trim().is_empty())
    {
        return Err(vec![Complaint {
            pointer: format!("{at}/{needed}"),
            text: Text::new(
                "Tujuan jenis ini harus menyebut isian ini.",
                "An addressee of this kind must name this field.",
            ),
        }]);
    }
    let mut out = Map::new();
    for (ours, usual) in [
        ("jenis", "jenis"),
        ("jabatan_id", "jabatan_id"),
        ("kode_instansi", "instansi_kode"),
        ("nama", "nama"),
    ] {
        let Some(name) = setup.field("tujuan", ours, usual) else {
            continue;
        };
        match (ours, item.get(ours)) {
            ("jenis", _) => put(&mut out, name, json!(native)),
            (_, Some(value)) => put(&mut out, name, value.clone()),
            (_, None) => {}
        }
    }
    Ok(Value::Object(out))
}

/// Puts a value at a dotted name.
pub(crate) fn put(out: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            out.insert(name.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = out.entry(first.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// A native field of a reply by its canonical name.
pub(crate) fn get<'a>(setup: &Setup, message: &str, data: &'a Value, ours: &str, usual: &str) -> Option<&'a Value> {
    let name = setup.field(message, ours, usual)?;
    let mut at = data;
    for part in name.split('.') {
        at = at.get(part)?;
    }
    (!at.is_null()).then_some(at)
}

/// Text of a native field; numbers are read as text.
pub(crate) fn text(setup: &Setup, message: &str, data: &Value, ours: &str, usual: &str) -> Option<String> {
    plain(get(setup, message, data, ours, usual)?)
}

/// Text of a scalar, if it is not empty.
pub(crate) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The canonical pointer of a native field name that an error complains about.
pub(crate) fn canonical_pointer(setup: &Setup, native: &str) -> Option<String> {
    ["naskah_masuk", "naskah_keluar", "disposisi", "berkas", "verifikasi"]
        .iter()
        .find_map(|message| {
            let mut fields = table(message).iter();
            let found = fields.find(|Field(ours, usual, _)| setup.field(message, ours, usual) == Some(native));
            found.map(|Field(ours, ..)| format!("/{ours}"))
        })
}

fn unknown(pointer: String) -> Complaint {
    Complaint {
        pointer,
        text: Text::new(
            "Kode ini tidak ada di daftar sistem tujuan. Pakai kode dari daftar acuan.",
            "The target system's list does not have this code. Use one of the reference list.",
        ),
    }
}

fn unreadable(pointer: &str) -> Complaint {
    Complaint {
        pointer: pointer.to_owned(),
        text: Text::new("Tanggal atau waktu tidak terbaca.", "The date or time cannot be read."),
    }
}
