//! `receiveLicense` in its two steps, and `updateLicense`.
//!
//! A first step has an empty number and takes a new one, every time it comes; a second step names the number and the
//! signer and completes it. What was taken and never completed is burnt.

use serde_json::{Map, Value, json};

use super::super::Oss;
use super::super::days;
use super::super::truth::{By, Number};
use super::Done;
use super::read::{Form, Need, Refusal};
use crate::frame::Fault;

struct Licence {
    id: String,
    number: String,
    signer: [String; 3],
    status: String,
    issued: String,
    kind: String,
    attachment: String,
    file: String,
}

pub(super) fn receive(oss: &mut Oss, map: &Map<String, Value>, twists: &[Fault]) -> Done {
    let licence = read(oss, map)?;
    let mut number = match (licence.status.as_str(), licence.number.as_str()) {
        ("90", _) => {
            decide(oss, &licence, 90)?;
            String::new()
        }
        (_, "") => take_number(oss, &licence)?,
        (_, number) => {
            complete(oss, &licence, number)?;
            number.to_owned()
        }
    };
    if twists.contains(&Fault::CreatedWithoutId) {
        number = String::new();
    }
    let shown: String = number.chars().take(30).collect();
    Ok(json!({"nomor_izin": shown, "jenis_perizinan": licence.kind, "file_lampiran": licence.attachment}))
}

fn read(oss: &mut Oss, map: &Map<String, Value>) -> Result<Licence, Refusal> {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let id = super::status::keys(oss, &mut form, &["nib", "id_proyek", "oss_id", "kd_izin", "kd_daerah"])?;
    let number = form.text("nomor_izin", 50, Need::Key)?;
    let issued = form.date("tgl_terbit_izin", Need::Filled)?;
    form.date("tgl_berlaku_izin", Need::Filled)?;
    let need = if number.is_empty() { Need::Key } else { Need::Filled };
    let signer = [
        form.text("nama_ttd", 50, need)?,
        form.text("nip_ttd", 25, need)?,
        form.text("jabatan_ttd", 150, need)?,
    ];
    let status = form.text("status_izin", 2, Need::Filled)?;
    if !["50", "52", "90"].contains(&status.as_str()) {
        return Err(Refusal::field("status_izin", "tidak dikenal"));
    }
    let file = form.url("file_izin")?;
    let attachment = form.url("file_lampiran")?;
    form.text("keterangan", 65_535, Need::Optional)?;
    form.text("nomenklatur_nomor_izin", 255, Need::Optional)?;
    form.number("bln_berlaku_izin", false)?;
    form.number("thn_berlaku_izin", false)?;
    let kind = form.text("jenis_perizinan", 3, Need::Optional)?;
    if let Some(technical) = form.object("data_teknis")? {
        let mut technical = Form::new(technical, oss.options.strict.text_codes);
        technical.text("id_komitmen", 25, Need::Optional)?;
        technical.text("luas_bangunan_disetujui", 25, Need::Optional)?;
        technical.text("jumlah_lantai_disetujui", 2, Need::Optional)?;
        technical.text("tinggi_bangunan_disetujui", 5, Need::Optional)?;
        technical.text("luas_basement_disetujui", 25, Need::Optional)?;
        technical.text("jumlah_lantai_basement_disetujui", 25, Need::Optional)?;
    }
    oss.unknown_key(&form)?;
    Ok(Licence {
        id,
        number,
        signer,
        status,
        issued,
        kind,
        attachment,
        file,
    })
}

/// The first step; with a signer and a file it is the whole of it.
fn take_number(oss: &mut Oss, licence: &Licence) -> Result<String, Refusal> {
    let now = oss.now();
    let nib = oss.known(&licence.id).map(|known| known.nib).unwrap_or_default();
    let repeatable = oss.options.first_step_repeatable;
    let serial = oss.counts.numbers + 1;
    let number = match oss.options.quirks.long_numbers {
        true => format!("{nib}/{serial:09}/CONTOH"),
        false => format!("{nib}{serial:04}"),
    };
    let application = oss.application(&licence.id)?;
    if application.status() == 90 {
        return Err(Refusal::new(400, "Permohonan sudah ditolak"));
    }
    if let Some(open) = application.numbers.last().filter(|last| repeatable && !last.completed) {
        return Ok(open.number.clone());
    }
    application.numbers.push(Number {
        number: number.clone(),
        at: now,
        completed: false,
    });
    oss.counts.numbers += 1;
    let signed = licence.signer.iter().all(|part| !part.is_empty());
    if signed && !(licence.file.is_empty() && licence.attachment.is_empty()) {
        complete(oss, licence, &number)?;
    }
    Ok(number)
}

fn complete(oss: &mut Oss, licence: &Licence, number: &str) -> Result<(), Refusal> {
    let application = oss.application(&licence.id)?;
    let issued = application.numbers.iter_mut().find(|issued| issued.number == number);
    let Some(issued) = issued else {
        return Err(Refusal::new(400, "Nomor izin tidak sesuai"));
    };
    if issued.completed {
        application.completions_repeated += 1;
        return Ok(());
    }
    issued.completed = true;
    let code = if licence.status == "52" { 52 } else { 50 };
    decide(oss, licence, code)
}

fn decide(oss: &mut Oss, licence: &Licence, code: u8) -> Result<(), Refusal> {
    let now = oss.now();
    let sign_at = now + oss.options.sign_after_seconds;
    let application = oss.application(&licence.id)?;
    application.attachment.clone_from(&licence.attachment);
    if code != 90 {
        application.signed_at = Some(sign_at);
    }
    // A licence names a day only; the clock stops at the latest status of that day, or when the day begins.
    let day = days::parse_time(&format!("{} 00:00:00", licence.issued)).unwrap_or(now);
    let at = application.history.last().map_or(day, |last| last.at.max(day));
    oss.record(&licence.id, code, By::Licence, at)
}

pub(super) fn update(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let id = super::status::keys(oss, &mut form, &["nib", "id_proyek", "oss_id", "kd_izin", "kd_daerah"])?;
    let number = form.text("nomor_izin", 50, Need::Filled)?;
    form.date("tgl_terbit_izin", Need::Filled)?;
    form.date("tgl_berlaku_izin", Need::Filled)?;
    form.text("nama_ttd", 50, Need::Filled)?;
    form.text("nip_ttd", 25, Need::Filled)?;
    form.text("jabatan_ttd", 150, Need::Filled)?;
    form.text("status_izin", 2, Need::Filled)?;
    form.text("kewenangan", 2, Need::Filled)?;
    form.url("file_izin")?;
    let attachment = form.url("file_lampiran")?;
    form.text("keterangan", 65_535, Need::Key)?;
    form.text("nomenklatur_nomor_izin", 255, Need::Key)?;
    form.number("bln_berlaku_izin", true)?;
    form.number("thn_berlaku_izin", true)?;
    oss.unknown_key(&form)?;
    if attachment.is_empty() {
        return Err(Refusal::field("file_lampiran", "wajib diisi"));
    }
    let sign_at = oss.now() + oss.options.sign_after_seconds;
    let application = oss.application(&id)?;
    let issued = application
        .numbers
        .iter()
        .any(|issued| issued.completed && issued.number == number);
    if !issued {
        return Err(Refusal::new(400, "Izin belum terbit atau nomor izin tidak sesuai"));
    }
    application.attachment = attachment;
    application.updates += 1;
    application.signed_at = Some(sign_at);
    let shown: String = number.chars().take(20).collect();
    Ok(json!({"nomor_izin": shown, "keterangan_reset_izin_ds": "Tanda tangan elektronik berhasil direset"}))
}
