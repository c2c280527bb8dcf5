//! How the gateway proves itself, from `security` and `components.securitySchemes`. Secrets get names, never values.

use super::Notes;
use super::document::{Document, plain};
use crate::manifest::{Auth, AuthHeader};
use serde_json::Value;

const SECRET: &str = "kunci_api";

/// The first way that can be used; the others are told.
pub(super) fn of(document: &Document, address: &str, notes: &mut Notes) -> Auth {
    let schemes = document.at("components.securitySchemes").and_then(Value::as_object);
    let Some(schemes) = schemes.filter(|schemes| !schemes.is_empty()) else {
        notes.look(
            "auth",
            (
                "dokumen tidak menyebut cara membuktikan diri",
                "the document names no way to prove oneself",
            ),
            (
                "biarkan `none` hanya bila memang terbuka",
                "leave `none` only if it is truly open",
            ),
        );
        return Auth::None;
    };
    let mut chosen = None;
    for (name, scheme) in schemes {
        let key = format!("components.securitySchemes.{name}");
        let Some(scheme) = notes.kept(document.settled(scheme), &key, "") else {
            continue;
        };
        match (one(scheme, address), &chosen) {
            (Some(auth), None) => chosen = Some(auth),
            (Some(_), Some(_)) => notes.left(
                &key,
                (
                    "hanya satu cara membuktikan diri yang dipakai",
                    "one way to prove oneself is taken",
                ),
                (
                    "ganti `auth` bila yang ini yang benar",
                    "change `auth` if this is the right one",
                ),
            ),
            (None, _) => notes.left(
                &key,
                (
                    "cara membuktikan diri ini tidak dapat dinyatakan manifes",
                    "a manifest cannot say this way to prove oneself",
                ),
                (
                    "pakai header, Basic, atau OAuth2 client credentials dengan alamat token di bawah `alamat`",
                    "use a header, Basic, or OAuth2 client credentials with a token address below `alamat`",
                ),
            ),
        }
    }
    chosen.unwrap_or(Auth::None)
}

fn one(scheme: &Value, address: &str) -> Option<Auth> {
    let word = |name: &str| scheme.get(name).map(plain).unwrap_or_default();
    let header = |name: String, prefix: &str| Auth::Headers {
        kepala: vec![AuthHeader {
            nama: name,
            awalan: prefix.to_owned(),
            rahasia: SECRET.to_owned(),
        }],
    };
    match (
        word("type").as_str(),
        word("in").as_str(),
        word("scheme").to_ascii_lowercase().as_str(),
    ) {
        ("apiKey", "header", _) => Some(header(word("name"), "")),
        ("http", _, "bearer") => Some(header("Authorization".to_owned(), "Bearer ")),
        ("http", _, "basic") => Some(Auth::Basic {
            pengguna: "GANTI".to_owned(),
            sandi: "kata_sandi".to_owned(),
        }),
        ("oauth2", ..) => {
            let token = scheme.pointer("/flows/clientCredentials/tokenUrl")?.as_str()?;
            let path = token.strip_prefix(address).unwrap_or(token);
            path.starts_with('/').then(|| Auth::ClientCredentials {
                alamat_token: path.to_owned(),
                id_klien: "GANTI".to_owned(),
                rahasia_klien: "rahasia_klien".to_owned(),
                lingkup: None,
            })
        }
        _ => None,
    }
}
