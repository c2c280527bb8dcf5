//! What the operator configures for this system: the library knows books by its own codes, the canonical model by ISBN.
//! A code list belongs in configuration; a constant here would be a guess about every other library.

use connector_sdk::{Complaint, Fault, SettingComplaint, Settings, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings table of a system with this connector.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Books {
    /// ISBN to the library's book code.
    kode_buku: BTreeMap<String, String>,
}

/// Reads the table and checks what a type cannot say; every complaint tells what to write.
pub(crate) fn read(settings: &Settings) -> Result<Books, Vec<SettingComplaint>> {
    let books: Books = settings.read()?;
    if books.kode_buku.is_empty() {
        return Err(vec![SettingComplaint {
            key: "kode_buku".into(),
            advice: "write at least one line `\"<ISBN>\" = \"<book code>\"`".into(),
        }]);
    }
    Ok(books)
}

impl Books {
    /// The library's code of an ISBN. One that is not configured is complained about, never passed on as it is.
    pub(crate) fn code(&self, isbn: &str) -> Result<&str, Fault> {
        self.kode_buku.get(isbn).map(String::as_str).ok_or_else(|| {
            Fault::invalid(vec![Complaint {
                pointer: "/isbn".into(),
                text: Text::new(
                    "Buku ini belum dipetakan ke kode perpustakaan. Minta pengelola gateway menambahkannya.",
                    "This book has no library code yet. Ask the gateway's operator to add it.",
                ),
            }])
        })
    }
}
