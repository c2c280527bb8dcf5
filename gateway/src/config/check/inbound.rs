//! `[sistem.masuk]`: which pushes of a system are taken, and where. Every hook that the connector declares is one
//! operation of its own, so that relays, events, rights and retention can name it.

use super::{Check, CheckedOperation, CheckedSystem, Known};
use crate::config::complaint::{Place, Placed};
use crate::config::raw::{RawInbound, RawSystem};
use connector_sdk::{Answer, Effect, HookSpec, OperationSpec, Paging, Replay};
use gateway_core::events::Emit;
use gateway_core::inbound::{STORED, operation};
use http::Method;
use schemas::Registry;

/// Pushes of one system that are held at once where nothing is said.
const AT_ONCE: usize = 16;
/// Milliseconds that a translation may take.
const DEADLINE_MS: u32 = 60_000;

/// A hook without complaints.
#[derive(Debug, Clone)]
pub struct CheckedInbound {
    /// Its operation.
    pub operation: CheckedOperation,
    /// As the connector declares it.
    pub hook: HookSpec,
    /// Where it is taken.
    pub paths: Vec<Placed<String>>,
    /// Purpose recorded with each push.
    pub purpose: String,
    /// Bodies held at once.
    pub at_once: usize,
}

impl CheckedInbound {
    /// The event that the connector says this push becomes.
    pub(super) fn event(&self) -> Emit {
        Emit {
            subject: self.hook.subject.clone(),
            grant: self.hook.event.to_string(),
            ..Emit::new(&self.operation.id, self.hook.event.as_ref())
        }
    }
}

impl Check {
    pub(super) fn inbound(
        &mut self,
        raw: &[RawSystem],
        systems: &Known<CheckedSystem>,
        schemas: Option<&Registry>,
    ) -> Vec<CheckedInbound> {
        let mut all = Vec::new();
        for one in raw {
            let Some(written) = &one.masuk else { continue };
            let Some(Some(system)) = systems.get(&one.id.value) else {
                continue;
            };
            let hooks = system.connector.descriptor().hooks.clone();
            self.known_hooks(written, &hooks, &one.konektor.value);
            for hook in hooks {
                all.extend(self.hook(written, &one.id.value, hook, schemas));
            }
        }
        all
    }

    fn known_hooks(&mut self, raw: &RawInbound, hooks: &[HookSpec], connector: &str) {
        let names: Vec<&str> = hooks.iter().map(|hook| hook.id.as_ref()).collect();
        if names.is_empty() {
            self.say(
                &raw.place,
                (
                    format!("konektor {connector} tidak menerima kiriman dengan pengaturan ini"),
                    format!("connector {connector} takes no pushes with these settings"),
                ),
                (
                    "isi pengaturan kirimannya di [sistem.pengaturan], atau hapus tabel ini",
                    "give its settings for pushes in [sistem.pengaturan], or remove this table",
                ),
            );
            return;
        }
        for (name, paths) in &raw.alamat {
            if !names.contains(&name.as_str()) {
                let place = paths.first().map_or(&raw.place, |path| &path.place);
                let place = place.clone();
                self.say(
                    &place,
                    (
                        format!("kiriman `{name}` tidak ada"),
                        format!("there is no push `{name}`"),
                    ),
                    (
                        format!("yang ada: {}", names.join(", ")),
                        format!("there are: {}", names.join(", ")),
                    ),
                );
            }
        }
    }

    fn hook(
        &mut self,
        raw: &RawInbound,
        system: &str,
        hook: HookSpec,
        schemas: Option<&Registry>,
    ) -> Option<CheckedInbound> {
        let id = operation(system, &hook.id);
        let (request, reply) = (
            self.schema(&raw.place, STORED, schemas),
            self.schema(&raw.place, &hook.schema, schemas),
        );
        let spec = OperationSpec {
            id: id.clone().into(),
            summary: hook.summary.clone(),
            request_schema: STORED.into(),
            reply_schema: hook.schema.clone(),
            // Translating again changes nothing elsewhere.
            effect: Effect::Write { replay: Replay::Native },
            answer: Answer::Immediate,
            reference: Vec::new(),
            ordering: Vec::new(),
            deadline_ms: DEADLINE_MS,
            paging: Paging::None,
            follow: None,
        };
        let documented = Placed {
            value: format!("/masuk/{system}/{}", hook.id),
            place: raw.place.clone(),
        };
        let aliases = raw.alamat.iter().filter(|(name, _)| *name == hook.id);
        let aliases = aliases.flat_map(|(_, paths)| paths.clone());
        let mut paths = vec![documented];
        for alias in aliases {
            self.alias(&alias.value, &alias.place);
            paths.push(alias);
        }
        Some(CheckedInbound {
            operation: CheckedOperation {
                id,
                method: Method::POST,
                path: String::new(),
                system: system.to_owned(),
                spec,
                request: request?,
                reply: reply?,
                max_body: hook.max_body,
                key_required: false,
            },
            hook,
            paths,
            purpose: raw.tujuan.value.clone(),
            at_once: raw
                .serentak
                .as_ref()
                .and_then(|n| usize::try_from(n.value).ok())
                .unwrap_or(AT_ONCE),
        })
    }

    /// National systems spell paths as they like; only what a request line can carry plainly is taken.
    fn alias(&mut self, path: &str, place: &Place) {
        let plain = |segment: &str| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
        };
        let fine = path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain));
        if !fine {
            self.say(
                place,
                (
                    format!("alamat kiriman `{path}` tidak sah"),
                    format!("the path `{path}` of a push is not valid"),
                ),
                (
                    "tulis seperti /oss/receiveNIB: huruf, angka, - _ . ~",
                    "write as in /oss/receiveNIB: letters, digits, - _ . ~",
                ),
            );
        }
    }
}
