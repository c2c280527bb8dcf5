//! `[[operasi]]` and `[[operasi_dalam]]`: what a connector can do becomes something that can be asked for.

use super::{Check, CheckedInbound, CheckedSystem, Known};
use crate::config::complaint::{Place, Placed};
use crate::config::raw::{Raw, RawOperation};
use connector_sdk::OperationSpec;
use http::Method;
use schemas::{Registry, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Largest body of an operation that says nothing.
const MAX_BODY: u64 = 1024 * 1024;
/// Paths that the gateway itself answers.
const OWN_PATHS: [&str; 3] = ["/v1/pertukaran/{id}", "/v1/lampiran", "/v1/lampiran/{id}"];
/// First segments that the gateway keeps for itself.
const OWN_PREFIXES: [&str; 13] = [
    "/v1/akses",
    "/v1/pemakaian",
    "/v1/pertukaran",
    "/v1/langganan",
    "/v1/peristiwa",
    "/masuk",
    "/asli",
    "/katalog",
    "/docs",
    "/openapi.json",
    "/asyncapi.json",
    "/oauth",
    "/.well-known",
];

/// An operation without complaints.
#[derive(Debug, Clone)]
pub struct CheckedOperation {
    /// Id.
    pub id: String,
    /// Method; of no meaning without a path.
    pub method: Method,
    /// Path; empty for an operation that only relays ask for.
    pub path: String,
    /// System.
    pub system: String,
    /// The connector's specification.
    pub spec: OperationSpec,
    /// Schema of the input.
    pub request: Arc<Schema>,
    /// Schema of the reply.
    pub reply: Arc<Schema>,
    /// Largest body.
    pub max_body: u64,
    /// Whether a key must be given.
    pub key_required: bool,
}

/// Paths so far: by path its methods, and the router that finds contradictions.
struct Paths {
    methods: BTreeMap<String, Vec<String>>,
    router: matchit::Router<()>,
}

impl Check {
    pub(super) fn operations(
        &mut self,
        raw: &Raw,
        systems: &Known<CheckedSystem>,
        inbound: &[CheckedInbound],
        schemas: Option<&Registry>,
    ) -> Known<CheckedOperation> {
        let mut known = Known::new();
        let mut paths = Paths {
            methods: BTreeMap::new(),
            router: matchit::Router::new(),
        };
        for path in OWN_PATHS {
            // Ours never contradict each other; a test publishes them all.
            let _ = paths.router.insert(path, ());
        }
        for one in inbound {
            for path in &one.paths {
                self.clash(path, "POST", &mut paths);
            }
            known.insert(one.operation.id.clone(), Some(one.operation.clone()));
        }
        for one in &raw.operations {
            let fresh = self.id(("operasi", "operation"), &one.id, &known);
            let parameters = self.path(one, &mut paths);
            let method = self.method(&one.metode);
            let mut built = self.carried(&one.id, &one.sistem, systems, schemas);
            if let Some(operation) = &mut built {
                self.fits(one, method.as_ref(), operation);
                self.parameters(one, &parameters, operation);
                operation.method = method.unwrap_or(Method::GET);
                operation.path.clone_from(&one.jalur.value);
                operation.max_body = one.ukuran_maks.as_ref().map_or(MAX_BODY, |n| n.value);
                let unnamed = operation.spec.effect.writes() && operation.spec.reference.is_empty();
                operation.key_required = one.kunci_wajib.as_ref().map_or(unnamed, |flag| flag.value);
            }
            if fresh {
                known.insert(one.id.value.clone(), built);
            }
        }
        for one in &raw.internals {
            let fresh = self.id(("operasi", "operation"), &one.id, &known);
            let built = self.carried(&one.id, &one.sistem, systems, schemas);
            if fresh {
                known.insert(one.id.value.clone(), built);
            }
        }
        known
    }

    /// The operation as its connector declares it.
    fn carried(
        &mut self,
        id: &Placed<String>,
        system: &Placed<String>,
        systems: &Known<CheckedSystem>,
        schemas: Option<&Registry>,
    ) -> Option<CheckedOperation> {
        if system.is_empty() || id.is_empty() {
            return None;
        }
        let Some(found) = systems.get(&system.value) else {
            let all = systems.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            self.say(
                &system.place,
                (
                    format!("sistem `{}` tidak ada", system.value),
                    format!("there is no system `{}`", system.value),
                ),
                (
                    format!("tambahkan [[sistem]] dengan id itu; yang ada: {all}"),
                    format!("add a [[sistem]] with that id; there are: {all}"),
                ),
            );
            return None;
        };
        let descriptor = found.as_ref()?.connector.descriptor();
        let Some(spec) = descriptor.operation(&id.value) else {
            let all = descriptor
                .operations
                .iter()
                .map(|o| o.id.as_ref())
                .collect::<Vec<_>>()
                .join(", ");
            self.say(
                &id.place,
                (
                    format!("konektor {} tidak punya operasi `{}`", descriptor.id, id.value),
                    format!("connector {} has no operation `{}`", descriptor.id, id.value),
                ),
                (format!("yang ada: {all}"), format!("there are: {all}")),
            );
            return None;
        };
        let (request, reply) = (
            self.schema(&id.place, &spec.request_schema, schemas),
            self.schema(&id.place, &spec.reply_schema, schemas),
        );
        Some(CheckedOperation {
            id: id.value.clone(),
            method: Method::POST,
            path: String::new(),
            system: system.value.clone(),
            spec: spec.clone(),
            request: request?,
            reply: reply?,
            max_body: MAX_BODY,
            key_required: false,
        })
    }

    pub(super) fn schema(&mut self, place: &Place, id: &str, schemas: Option<&Registry>) -> Option<Arc<Schema>> {
        let found = schemas?.shared(id);
        if found.is_none() {
            self.say(
                place,
                (format!("skema `{id}` tidak ada"), format!("there is no schema `{id}`")),
                ("tambahkan berkasnya di skema/", "add its file to skema/"),
            );
        }
        found
    }

    fn method(&mut self, written: &Placed<String>) -> Option<Method> {
        let method = match written.value.as_str() {
            "" => return None,
            "GET" => Some(Method::GET),
            "POST" => Some(Method::POST),
            "PUT" => Some(Method::PUT),
            _ => None,
        };
        if method.is_none() {
            self.say(
                &written.place,
                (
                    format!("metode `{}` tidak dikenal", written.value),
                    format!("method `{}` is not known", written.value),
                ),
                ("pakai GET, POST atau PUT", "use GET, POST or PUT"),
            );
        }
        method
    }

    /// Reads are asked with GET, or with POST where what is asked must not stand in an address; writes with POST or PUT.
    fn fits(&mut self, raw: &RawOperation, method: Option<&Method>, operation: &CheckedOperation) {
        let Some(method) = method else { return };
        let writes = operation.spec.effect.writes();
        let fits = match (writes, method) {
            (true, method) => *method != Method::GET,
            (false, method) => [Method::GET, Method::POST].contains(method),
        };
        if !fits {
            let (id, en) = if writes {
                ("mengubah data: pakai POST atau PUT", "it changes data: use POST or PUT")
            } else {
                ("hanya membaca: pakai GET atau POST", "it only reads: use GET or POST")
            };
            self.say(
                &raw.metode.place,
                (
                    format!("metode {method} tidak cocok dengan `{}`", operation.id),
                    format!("method {method} does not fit `{}`", operation.id),
                ),
                (id, en),
            );
        }
        if let Some(flag) = raw.kunci_wajib.as_ref().filter(|flag| flag.value && !writes) {
            self.say(
                &flag.place,
                (
                    "kunci idempoten tidak berguna untuk bacaan",
                    "an idempotency key is of no use to a read",
                ),
                ("hapus `kunci_wajib`", "remove `kunci_wajib`"),
            );
        }
    }

    /// Judges a path and returns its parameters.
    fn path(&mut self, raw: &RawOperation, paths: &mut Paths) -> Vec<String> {
        let path = &raw.jalur;
        if path.is_empty() {
            return Vec::new();
        }
        let Some(parameters) = template(path) else {
            self.say(
                &path.place,
                (
                    format!("jalur `{}` tidak sah", path.value),
                    format!("path `{}` is not valid", path.value),
                ),
                (
                    "tulis seperti /v1/pengaduan/{id}: huruf kecil, angka, - dan _; parameter memenuhi satu ruas",
                    "write as in /v1/pengaduan/{id}: lower-case letters, digits, - and _; a parameter fills a segment",
                ),
            );
            return Vec::new();
        };
        let own = OWN_PREFIXES.iter().find(|own| {
            path.strip_prefix(**own)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if let Some(own) = own {
            self.say(
                &path.place,
                (
                    format!("`{own}` milik gateway sendiri"),
                    format!("`{own}` is the gateway's own"),
                ),
                ("pakai jalur lain", "use another path"),
            );
            return parameters;
        }
        self.clash(path, &raw.metode.value, paths);
        parameters
    }

    /// Complains when the same method and path answer already.
    fn clash(&mut self, path: &Placed<String>, method: &str, paths: &mut Paths) {
        let clash = match paths.methods.get_mut(&path.value) {
            Some(methods) if methods.iter().any(|known| known == method) => Some(format!("{method} {}", path.value)),
            Some(methods) => {
                methods.push(method.to_owned());
                None
            }
            None => match paths.router.insert(path.value.clone(), ()) {
                Ok(()) => {
                    paths.methods.insert(path.value.clone(), vec![method.to_owned()]);
                    None
                }
                Err(matchit::InsertError::Conflict { with }) => Some(with),
                Err(error) => Some(error.to_string()),
            },
        };
        if let Some(with) = clash {
            self.say(
                &path.place,
                (
                    format!("jalur bertabrakan dengan `{with}`"),
                    format!("the path clashes with `{with}`"),
                ),
                (
                    "bedakan jalur atau metodenya; parameter di ruas yang sama bernama sama",
                    "make path or method differ; parameters in the same segment share a name",
                ),
            );
        }
    }

    fn parameters(&mut self, raw: &RawOperation, parameters: &[String], operation: &CheckedOperation) {
        let properties = operation
            .request
            .document()
            .get("properties")
            .and_then(|p| p.as_object());
        for name in parameters {
            if !properties.is_some_and(|known| known.contains_key(name)) {
                let all = properties
                    .map(|p| p.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
                    .unwrap_or_default();
                self.say(
                    &raw.jalur.place,
                    (
                        format!("parameter `{{{name}}}` tidak ada di skema {}", operation.request.id()),
                        format!("parameter `{{{name}}}` is not in schema {}", operation.request.id()),
                    ),
                    (format!("yang ada: {all}"), format!("there are: {all}")),
                );
            }
        }
    }
}

/// The parameters of a well-formed path.
fn template(path: &str) -> Option<Vec<String>> {
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    };
    let mut parameters = Vec::new();
    for segment in path.strip_prefix('/')?.split('/') {
        match segment.strip_prefix('{') {
            Some(rest) => {
                let name = rest
                    .strip_suffix('}')
                    .filter(|name| plain(name) && !parameters.contains(&(*name).to_owned()))?;
                parameters.push(name.to_owned());
            }
            None if plain(segment) => {}
            None => return None,
        }
    }
    Some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        assert_eq!(
            template("/v1/a/{id}/b/{no}"),
            Some(vec!["id".to_owned(), "no".to_owned()])
        );
        for wrong in [
            "v1/a",
            "/v1//a",
            "/v1/a/",
            "/v1/A",
            "/v1/{id}x",
            "/v1/{id}/{id}",
            "/v1/{*x}",
            "/",
            "",
        ] {
            assert_eq!(template(wrong), None, "{wrong}");
        }
    }
}
