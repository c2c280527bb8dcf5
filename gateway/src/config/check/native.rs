//! `[sistem.asli]`: what of a system may be called in its own form. Closed unless written; every method and path named.

use super::Check;
use crate::config::raw::{RawAuth, RawNative};
use gateway_core::deliver::NativeRule;
use http::Method;

/// Largest request body where nothing is written.
const MAX_BODY: u64 = 10 * 1024 * 1024;
/// Methods that may be opened.
const METHODS: [Method; 6] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

impl Check {
    pub(super) fn native(&mut self, raw: &RawNative, auth: &RawAuth) -> NativeRule {
        if raw.jalur.is_empty() {
            self.say(
                &raw.place.below("jalur"),
                ("tidak ada jalur yang dibuka", "no path is opened"),
                (
                    "tulis awalan jalur, misalnya jalur = [\"/api/v2\"]; hapus [sistem.asli] bila tidak dipakai",
                    "write path prefixes, for example jalur = [\"/api/v2\"]; remove [sistem.asli] if it is not used",
                ),
            );
        }
        for path in &raw.jalur {
            let plain = path.starts_with('/')
                && !path.contains(['?', '#', '%', '\\'])
                && !path.contains("/.")
                && !path.contains("//");
            if !plain {
                self.say(
                    &path.place,
                    ("awalan jalur tidak sah", "not a valid path prefix"),
                    (
                        "mulai dengan /, tanpa ?, #, %, .. dan //",
                        "begin with /, without ?, #, %, .. and //",
                    ),
                );
            }
        }
        let mut methods = Vec::new();
        for word in &raw.metode {
            match METHODS.iter().find(|method| method.as_str() == word.value) {
                Some(method) => methods.push(method.clone()),
                None => self.say(
                    &word.place,
                    (
                        format!("metode `{}` tidak dapat dibuka", word.value),
                        format!("method `{}` cannot be opened", word.value),
                    ),
                    (
                        "pakai GET, HEAD, POST, PUT, PATCH atau DELETE",
                        "use GET, HEAD, POST, PUT, PATCH or DELETE",
                    ),
                ),
            }
        }
        if matches!(auth, RawAuth::Hmac { .. }) {
            self.say(
                &raw.place,
                (
                    "jalur asli tidak dapat menandatangani isi yang hanya lewat",
                    "a native call cannot sign a body that only passes through",
                ),
                (
                    "hapus [sistem.asli], atau pakai jenis auth selain hmac",
                    "remove [sistem.asli], or use an auth kind other than hmac",
                ),
            );
        }
        if methods.is_empty() && raw.metode.is_empty() {
            methods.push(Method::GET);
        }
        NativeRule {
            methods,
            paths: raw.jalur.iter().map(|path| path.value.clone()).collect(),
            max_request: raw.permintaan_maks.as_ref().map_or(MAX_BODY, |size| size.value),
        }
    }
}
