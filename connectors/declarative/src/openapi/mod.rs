//! A draft manifest from a system's OpenAPI 3.0 or 3.1 document: operations, pushes, schemas, and a mapping that gives every
//! field its own name. What the document does not say, or says in a way that rules cannot, is listed and never guessed.
//!
//! Called by `simpul connector import`. Pure: nothing is fetched, so a reference that leaves the document is refused, as is
//! one that leads back to itself; an operation that needs such a schema is left out, the others are not.

mod auth;
mod document;
mod identity;
mod operation;
mod push;
mod schema;
#[cfg(test)]
mod tests;

use crate::flaw::Flaw;
use crate::manifest::{Manifest, located};
use connector_sdk::Text;
use document::Document;
use serde_json::Value;

/// Operations of one draft; a manifest may bring 200 schemas.
const MOST: usize = 66;
/// Where calls go when the document does not say.
const NOWHERE: &str = "https://ganti.contoh.invalid";
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What became of a document.
#[derive(Debug)]
pub struct Draft {
    /// The manifest, to be completed by its author.
    pub manifest: Manifest,
    /// What could not be imported, each with what to do about it.
    pub left: Vec<Flaw>,
    /// What was imported and wants a look.
    pub look: Vec<Flaw>,
}

impl Draft {
    /// The manifest as YAML.
    ///
    /// # Errors
    /// When it cannot be written, which would be a defect.
    pub fn text(&self) -> Result<String, String> {
        serde_saphyr::to_string(&self.manifest).map_err(|error| error.to_string())
    }
}

/// Reads a document, JSON or YAML. `below` keeps the operations whose native path begins with it.
///
/// # Errors
/// When there is nothing to begin with: another form, another version, not a single operation.
pub fn import(text: &str, system: &str, below: &str) -> Result<Draft, Vec<Flaw>> {
    let document = Document::read(text).map_err(|flaw| vec![flaw])?;
    let mut notes = Notes::default();
    let mut manifest = head(&document, system, &mut notes);
    let mut maker = operation::Maker::new(&document, system);
    for (path, item) in document.paths() {
        if !path.starts_with(below) {
            continue;
        }
        let Some(item) = notes.kept(document.settled(item), &format!("paths.{path}"), "") else {
            continue;
        };
        for (method, operation) in METHODS.iter().filter_map(|method| Some((*method, item.get(*method)?))) {
            let key = format!("paths.{path}.{method}");
            if manifest.operasi.len() == MOST {
                notes.left(&key, ("lebih dari 66 operasi", "more than 66 operations"), SPLIT);
                continue;
            }
            maker.one(&key, (method, path), (item, operation), &mut manifest, &mut notes);
        }
    }
    push::all(&document, system, below, &mut manifest, &mut notes);
    notes.look("operasi", ENVELOPE.0, ENVELOPE.1);
    if manifest.operasi.is_empty() {
        let none = Flaw::new(
            "paths",
            (
                "tidak ada operasi yang dapat diimpor",
                "not a single operation can be imported",
            ),
            (
                "perbaiki yang disebut, atau tulis manifesnya sendiri",
                "correct what is named, or write the manifest by hand",
            ),
        );
        notes.left.insert(0, none);
        return Err(located(text, notes.left));
    }
    Ok(Draft {
        manifest,
        left: located(text, notes.left),
        look: notes.look,
    })
}

/// What is to be told.
#[derive(Debug, Default)]
struct Notes {
    left: Vec<Flaw>,
    look: Vec<Flaw>,
}

type Words<'a> = (&'a str, &'a str);

impl Notes {
    fn left(&mut self, key: &str, what: Words<'_>, advice: Words<'_>) {
        self.left.push(Flaw::new(key, what, advice));
    }

    fn look(&mut self, key: &str, what: Words<'_>, advice: Words<'_>) {
        let flaw = Flaw::new(key, what, advice);
        if !self.look.contains(&flaw) {
            self.look.push(flaw);
        }
    }

    /// The value, or why not; `more` is put behind the key.
    fn kept<T>(&mut self, result: Result<T, document::Wrong>, key: &str, more: &str) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(wrong) => {
                let (what, advice) = wrong.words();
                self.left.push(Flaw::new(format!("{key}{more}"), what, advice));
                None
            }
        }
    }
}

fn head(document: &Document, system: &str, notes: &mut Notes) -> Manifest {
    let text = |place: &str| document.at(place).map(document::plain).filter(|text| !text.is_empty());
    let title = text("info.title").unwrap_or_else(|| system.to_owned());
    let owner = text("info.contact.name");
    if owner.is_none() {
        notes.look(
            "pemilik",
            ("pemilik tidak disebut dokumen", "the document names no owner"),
            ("tulis nama OPD pemilik sistem", "write the agency that owns the system"),
        );
    }
    let server = document.at("servers.0.url").and_then(Value::as_str).unwrap_or_default();
    let whole = server.contains("://") && !server.contains('{');
    if !whole {
        notes.left(
            "servers",
            ("alamat server tidak utuh", "the server's address is not whole"),
            (
                "tulis `alamat`: https://host[:port][/awalan]",
                "write `alamat`: https://host[:port][/prefix]",
            ),
        );
    }
    if document.at("servers.1").is_some() {
        notes.look(
            "alamat",
            ("hanya server pertama yang dipakai", "only the first server is taken"),
            ("periksa `alamat`", "look at `alamat`"),
        );
    }
    let address = if whole { server.trim_end_matches('/') } else { NOWHERE };
    Manifest {
        manifes: 1,
        sistem: system.to_owned(),
        versi: 1,
        judul: Text::owned(title.clone(), title),
        pemilik: owner.unwrap_or_else(|| "GANTI: OPD pemilik".to_owned()),
        kontak: text("info.contact.email"),
        versi_asli: text("info.version").unwrap_or_else(|| "1".to_owned()),
        dokumentasi: text("externalDocs.url").unwrap_or_else(|| format!("{address}/")),
        alamat: address.to_owned(),
        profil: Default::default(),
        auth: auth::of(document, address, notes),
        kepala: Default::default(),
        batas: Default::default(),
        galat: None,
        sehat: None,
        operasi: Vec::new(),
        masuk: Vec::new(),
        salinan: Vec::new(),
        skema: Vec::new(),
        hak: Vec::new(),
    }
}

const SPLIT: Words<'static> = (
    "impor sebagian dengan --jalur, satu sistem tiap bagian",
    "import a part with --jalur, one system for each part",
);
const ENVELOPE: (Words<'static>, Words<'static>) = (
    (
        "galat di balik HTTP 200, halaman, desimal dan tanggal tidak disebut OpenAPI",
        "OpenAPI does not tell errors behind HTTP 200, pages, decimals and dates",
    ),
    (
        "tulis `galat` dan langkah (`ops`) bila perlu, lalu rekam `contoh`",
        "write `galat` and operations (`ops`) where needed, then record `contoh`",
    ),
);
