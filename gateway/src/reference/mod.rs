//! What is written about what is published: catalogue, OpenAPI, AsyncAPI, reference pages. Made once per state of the
//! world from descriptors and schemas, so that it can neither lag behind nor tell a compiled connector from a registered
//! one. The edge serves the finished bytes (`crate::http::pages`); nothing here knows HTTP or a request.

mod asyncapi;
mod catalogue;
mod dcat;
mod entry;
mod facts;
mod fixed;
mod html;
mod openapi;
mod page;
mod problem_page;
mod sample;
mod schema;
#[cfg(test)]
mod tests;

pub use facts::{Ageing, Facts};
pub use problem_page::problem_page;

use crate::access::Newcomers;
use crate::http::Language;
use bytes::Bytes;
use entry::{Entry, entries};
use gateway_core::Catalogue;
use schema::Names;
use schemas::{Registry, Schema};
use std::collections::HashMap;
use std::sync::Arc;

/// The only style sheet; pages allow no other source of anything.
pub const STYLE: &str = include_str!("style.css");

/// Everything written about one state of the world.
pub struct Reference {
    /// `/openapi.json`
    pub openapi: Bytes,
    /// `/asyncapi.json`
    pub asyncapi: Bytes,
    /// `/katalog` as JSON.
    pub catalogue: Bytes,
    /// `/katalog/dcat.jsonld`
    pub dcat: Bytes,
    /// `/katalog` for people, Indonesian and English.
    pub catalogue_page: Both,
    /// `/docs`
    pub docs_page: Both,
    /// One entry each, by id.
    entries: HashMap<String, Shown>,
    ageing: HashMap<String, Ageing>,
    newcomers: Newcomers,
    access_form: Option<Arc<Schema>>,
    signature_form: Option<Arc<Schema>>,
}

/// A page in both languages.
pub struct Both {
    id: Bytes,
    en: Bytes,
}

impl Both {
    /// Writes the page twice.
    fn of(write: impl Fn(Language) -> String) -> Self {
        Self {
            id: write(Language::Id).into(),
            en: write(Language::En).into(),
        }
    }

    /// In a language.
    pub fn pick(&self, language: Language) -> Bytes {
        match language {
            Language::Id => self.id.clone(),
            Language::En => self.en.clone(),
        }
    }
}

/// One entry of the catalogue.
pub struct Shown {
    /// Whether anyone may read it without registration.
    pub open: bool,
    /// As JSON.
    pub json: Bytes,
    /// For people.
    pub page: Both,
}

impl Reference {
    /// Writes everything.
    pub fn build(catalogue: &Catalogue, registry: &Registry, facts: &Facts) -> Self {
        let names = Names::new(registry);
        let entries = entries(catalogue, facts);
        let shown = |entry: &Entry<'_>| Shown {
            open: entry.open,
            json: bytes(&catalogue::detail(entry, facts, &names)),
            page: Both::of(|language| page::entry(entry, facts, &names, language)),
        };
        Self {
            openapi: bytes(&openapi::document(&entries, facts, &names)),
            asyncapi: bytes(&asyncapi::document(catalogue, facts, &names)),
            catalogue: bytes(&catalogue::list(&entries, facts)),
            dcat: bytes(&dcat::document(&entries, facts)),
            catalogue_page: Both::of(|language| page::catalogue(&entries, facts, language)),
            docs_page: Both::of(|language| page::docs(&entries, facts, language)),
            entries: entries.iter().map(|entry| (entry.id.clone(), shown(entry))).collect(),
            ageing: facts.ageing.iter().map(|(id, age)| (id.clone(), age.clone())).collect(),
            newcomers: facts.newcomers,
            access_form: registry.shared("akses_masukan"),
            signature_form: registry.shared("tanda_tangan_masukan"),
        }
    }

    /// An entry of the catalogue.
    pub fn entry(&self, id: &str) -> Option<&Shown> {
        self.entries.get(id)
    }

    /// Who may ask for access without being known.
    pub fn newcomers(&self) -> Newcomers {
        self.newcomers
    }

    /// What a request for access must look like.
    pub fn access_form(&self) -> Option<&Schema> {
        self.access_form.as_deref()
    }

    /// What a received signature is reported as.
    pub fn signature_form(&self) -> Option<&Schema> {
        self.signature_form.as_deref()
    }

    /// How an operation that is on its way out ages.
    pub fn ageing(&self, operation: &str) -> Option<&Ageing> {
        self.ageing.get(operation)
    }
}

fn bytes(value: &serde_json::Value) -> Bytes {
    value.to_string().into()
}
