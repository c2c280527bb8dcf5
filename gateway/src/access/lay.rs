//! An approved request in the form of configuration: the rights, and the consumer when it is new.

use super::Access;
use crate::config::raw::{RawConsumer, RawGrant};
use crate::config::{Complaint, Place, Placed, Raw};

/// Key of complaints about the whole request.
pub(crate) const WHOLE: &str = "konsumen";

/// The file that complaints about a request name.
pub(crate) fn file(access: &Access) -> String {
    format!("akses {}", access.id)
}

/// The key that complaints about one of its rights name.
pub(crate) fn key(number: usize) -> String {
    format!("operasi.{number}")
}

/// Lays one right over what is written, and before it its consumer when that is new. A right that the configuration gives
/// already stays as it is written there.
///
/// # Errors
/// When its consumer is not there, or is written meanwhile.
pub(crate) fn lay(raw: &mut Raw, access: &Access, number: usize) -> Result<(), Vec<Complaint>> {
    let file = file(access);
    let place = |key: &str| Place {
        file: file.clone().into(),
        line: None,
        key: key.to_owned(),
    };
    let at = |value: &str, key: &str| Placed {
        value: value.to_owned(),
        place: place(key),
    };
    let known = raw
        .consumers
        .iter()
        .find(|consumer| consumer.id.value == access.konsumen);
    match (&access.nama, known.map(|known| *known.place.file == *file)) {
        (Some(_), Some(true)) | (None, Some(_)) => {}
        (Some(name), None) => raw.consumers.push(RawConsumer {
            place: place(WHOLE),
            id: at(&access.konsumen, WHOLE),
            nama: at(name, WHOLE),
            kunci: Vec::new(),
            sertifikat: Vec::new(),
            hak: Vec::new(),
        }),
        (Some(_), Some(false)) => return Err(vec![Complaint::new(&place(WHOLE), TAKEN, KEEP)]),
        (None, None) => return Err(vec![Complaint::new(&place(WHOLE), GONE, AGAIN)]),
    }
    let consumer = raw
        .consumers
        .iter_mut()
        .find(|consumer| consumer.id.value == access.konsumen);
    let (Some(consumer), Some(operation)) = (consumer, access.operasi.get(number)) else {
        return Ok(());
    };
    let mut given = consumer.hak.iter().flat_map(|grant| &grant.operasi);
    if given.any(|known| known.value == *operation) {
        return Ok(());
    }
    let key = key(number);
    let text = |value: &str| at(value, &key);
    consumer.hak.push(RawGrant {
        place: place(&key),
        operasi: vec![text(operation)],
        bidang: Vec::new(),
        tujuan: text(&access.tujuan),
        dasar_hukum: text(&access.dasar_hukum),
        perjanjian: text(access.perjanjian.as_deref().unwrap_or_default()),
        berlaku_dari: None,
        berlaku_sampai: access.berlaku_sampai.as_deref().map(text),
        per_menit: access.per_menit.map(|count| Placed {
            value: u64::from(count),
            place: place(&key),
        }),
        sekaligus: None,
    });
    Ok(())
}

const TAKEN: (&str, &str) = (
    "konsumen ini kini tertulis di konfigurasi",
    "this consumer stands in the configuration meanwhile",
);
const KEEP: (&str, &str) = (
    "cabut permintaan aksesnya, atau hapus konsumen dari konfigurasi",
    "withdraw the request, or remove the consumer from the configuration",
);
const GONE: (&str, &str) = ("konsumennya tidak ada lagi", "its consumer is gone");
const AGAIN: (&str, &str) = ("cabut permintaan ini", "withdraw this request");
