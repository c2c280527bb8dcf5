//! What is written about what is published, at its addresses: catalogue, OpenAPI, AsyncAPI, reference, and one page per
//! problem code from `docs/problems`. The pages are `crate::reference`'s; here is chosen form and language only.

use super::language::Language;
use super::stack::Edge;
use super::{Answer, refusals};
use crate::access::Newcomers;
use crate::reference::{Reference, SCRIPT, STYLE, problem_page};
use bytes::Bytes;
use gateway_core::ids::ExchangeId;
use http::request::Parts;
use http::{HeaderValue, Method, header};
use serde_json::{Map, Value};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// `/openapi.json`
    OpenApi,
    /// `/asyncapi.json`
    AsyncApi,
    /// `/katalog`
    Catalogue,
    /// `/katalog/{id}`
    Entry,
    /// `/katalog/dcat.jsonld`
    Dcat,
    /// `/katalog/manifes.schema.json`
    Manifest,
    /// `/docs`
    Docs,
    /// `/docs/gaya.css`
    Style,
    /// `/docs/coba.js`
    Script,
    /// `/docs/masalah/{kode}`
    Problem,
}

impl Page {
    /// Every address.
    pub(super) const ALL: [(&'static str, Self); 10] = [
        ("/openapi.json", Self::OpenApi),
        ("/asyncapi.json", Self::AsyncApi),
        ("/katalog", Self::Catalogue),
        ("/katalog/{id}", Self::Entry),
        ("/katalog/dcat.jsonld", Self::Dcat),
        ("/katalog/manifes.schema.json", Self::Manifest),
        ("/docs", Self::Docs),
        ("/docs/gaya.css", Self::Style),
        ("/docs/coba.js", Self::Script),
        ("/docs/masalah/{kode}", Self::Problem),
    ];

    /// The method that all of them answer to.
    pub(super) const METHOD: Method = Method::GET;
}

/// Who asks, and how.
pub(super) struct Asked<'a> {
    pub(super) head: &'a Parts,
    pub(super) parameters: &'a Map<String, Value>,
    pub(super) query: &'a Map<String, Value>,
    pub(super) exchange: ExchangeId,
    pub(super) language: Language,
}

/// Answers; `None` when there is no such page.
pub(super) fn answer(edge: &Edge, page: Page, asked: &Asked<'_>) -> Option<Answer> {
    let routes = edge.routes.load();
    let reference = routes.reference();
    let language = match asked.query.get("bahasa").and_then(Value::as_str) {
        Some("en") => Language::En,
        Some("id") => Language::Id,
        _ => asked.language,
    };
    Some(match page {
        Page::OpenApi => written(
            reference.openapi.clone(),
            "application/vnd.oai.openapi+json;version=3.1",
            None,
        ),
        Page::AsyncApi => written(
            reference.asyncapi.clone(),
            "application/vnd.aai.asyncapi+json;version=3.0.0",
            None,
        ),
        Page::Dcat => written(reference.dcat.clone(), "application/ld+json", None),
        Page::Manifest => written(Bytes::from_static(MANIFEST.as_bytes()), "application/schema+json", None),
        Page::Style => written(Bytes::from_static(STYLE.as_bytes()), "text/css; charset=utf-8", None),
        Page::Script => written(
            Bytes::from_static(SCRIPT.as_bytes()),
            "text/javascript; charset=utf-8",
            None,
        ),
        // A sandbox may be tried from its own page, by its own script.
        Page::Docs if reference.newcomers() == Newcomers::AtOnce => {
            let mut answer = html(reference.docs_page.pick(language), language);
            let rule = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
                        form-action 'none'; frame-ancestors 'none'";
            let headers = answer.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(rule));
            answer
        }
        Page::Docs => html(reference.docs_page.pick(language), language),
        Page::Catalogue if wants_page(asked) => html(reference.catalogue_page.pick(language), language),
        Page::Catalogue => written(reference.catalogue.clone(), "application/json", None),
        Page::Entry => entry(edge, reference, asked, language)?,
        Page::Problem => problem(asked, language)?,
    })
}

/// The open part without registration; the rest to any registered consumer.
fn entry(edge: &Edge, reference: &Reference, asked: &Asked<'_>, language: Language) -> Option<Answer> {
    let shown = reference.entry(asked.parameters.get("id")?.as_str()?)?;
    let catalogue = edge.rooms.catalogue.load();
    if !shown.open && super::identify::identify(edge, &catalogue, asked.head).is_none() {
        edge.meters.rejected("unidentified");
        return Some(refusals::unidentified().render(asked.exchange, language));
    }
    Some(match wants_page(asked) {
        true => html(shown.page.pick(language), language),
        false => written(shown.json.clone(), "application/json", None),
    })
}

/// People's programs ask for HTML first; `?bentuk=json` and `?bentuk=html` say it outright.
fn wants_page(asked: &Asked<'_>) -> bool {
    match asked.query.get("bentuk").and_then(Value::as_str) {
        Some(form) => form == "html",
        None => {
            let accept = asked
                .head
                .headers
                .get(header::ACCEPT)
                .and_then(|value| value.to_str().ok());
            let place = |kind: &str| accept.and_then(|accept| accept.find(kind)).unwrap_or(usize::MAX);
            place("text/html") < place("application/json")
        }
    }
}

fn html(page: Bytes, language: Language) -> Answer {
    let mut answer = written(page, "text/html; charset=utf-8", Some(language));
    let headers = answer.headers_mut();
    // Nothing from elsewhere, nothing that runs: closed networks, and values that came from a manifest.
    let rule = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(rule));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

fn written(body: Bytes, media: &'static str, language: Option<Language>) -> Answer {
    let mut answer = Answer::new(body.into());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Some(language) = language {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    }
    answer
}

/// JSON Schema of a registered connector's manifest.
const MANIFEST: &str = include_str!("../../../docs/manifes.schema.json");

macro_rules! pages {
    ($($code:literal),* $(,)?) => {
        &[$(($code, include_str!(concat!("../../../docs/problems/", $code, ".md")))),*]
    };
}

const PAGES: &[(&str, &str)] = pages![
    "json-tidak-sah",
    "kunci-idempoten-wajib",
    "parameter-tidak-sesuai",
    "permintaan-tidak-sah",
    "kunci-tidak-sah",
    "hak-kedaluwarsa",
    "hak-tidak-ada",
    "subjek-dibatasi",
    "sistem-tanpa-data",
    "tidak-ditemukan",
    "metode-tidak-boleh",
    "terlalu-lama",
    "keadaan-tidak-sesuai",
    "langganan-bentrok",
    "rujukan-ganda",
    "sedang-diproses",
    "sistem-bentrok",
    "versi-berakhir",
    "terlalu-besar",
    "harapan-tidak-didukung",
    "jenis-isi-tidak-didukung",
    "isi-tidak-sesuai",
    "kunci-idempoten-beda",
    "sistem-menolak",
    "batas-terlampaui",
    "kesalahan-gateway",
    "belum-terpasang",
    "konektor-salah",
    "sistem-menyimpang",
    "di-luar-jam-layanan",
    "gateway-sibuk",
    "penyimpanan-penuh",
    "sistem-tidak-tersedia",
    "hasil-belum-pasti",
    "sistem-lambat",
];

/// The page of a problem code: HTML for people's programs, otherwise the Markdown it is written in.
fn problem(asked: &Asked<'_>, language: Language) -> Option<Answer> {
    let code = asked.parameters.get("kode")?.as_str()?;
    let (_, page) = PAGES.iter().find(|(known, _)| *known == code)?;
    Some(match wants_page(asked) {
        true => html(problem_page(code, page, language).into(), language),
        false => written(
            Bytes::from_static(page.as_bytes()),
            "text/markdown; charset=utf-8",
            None,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::problem::CODES;
    use super::*;

    #[test]
    fn every_code_has_a_page() {
        for (code, _) in CODES {
            assert!(PAGES.iter().any(|(known, _)| known == code), "{code}");
        }
    }
}
