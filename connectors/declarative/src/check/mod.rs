//! What is refused when a manifest is loaded: everything at once, each with its line, key and cure. Rules are held against
//! both schemas: what they read must be there, what they write must be allowed, what must be there must be written.

mod hook;

use crate::flaw::Flaw;
use crate::manifest::{Auth, BodyForm, Manifest, located, read};
use crate::ops::Op;
use crate::path::{Base, Path, Step};
use crate::rule::{OnError, Rule, compile};
use crate::shape::{Shape, Shapes, made};
use serde_json::Value;
use std::collections::BTreeSet;

/// Reads a manifest and judges it. `find` gives a schema document by `$id`: those of the gateway; the manifest's own are
/// known already.
///
/// # Errors
/// Every flaw, in order of lines.
pub fn check(text: &str, find: &dyn Fn(&str) -> Option<Value>) -> Result<Manifest, Vec<Flaw>> {
    let manifest = read(text)?;
    let own = |id: &str| {
        let mine = manifest
            .skema
            .iter()
            .find(|schema| schema.get("$id").and_then(Value::as_str) == Some(id));
        mine.cloned().or_else(|| find(id))
    };
    let flaws = judge(&manifest, &own);
    if flaws.is_empty() {
        Ok(manifest)
    } else {
        Err(located(text, flaws))
    }
}

/// Every flaw of meaning.
fn judge(manifest: &Manifest, find: &dyn Fn(&str) -> Option<Value>) -> Vec<Flaw> {
    let mut check = Check {
        shapes: Shapes::new(find),
        flaws: Vec::new(),
        count: 0,
    };
    check.head(manifest);
    for (number, operation) in manifest.operasi.iter().enumerate() {
        let key = format!("operasi.{number}");
        let (input, reply) = (
            check.schema(&operation.masukan, &format!("{key}.masukan")),
            check.schema(&operation.keluaran, &format!("{key}.keluaran")),
        );
        let native = |check: &mut Check<'_>, id: &Option<String>, name: &str| {
            id.as_ref()
                .and_then(|id| check.schema(id, &format!("{key}.asli.{name}")))
        };
        let (sent, answered) = (
            native(&mut check, &operation.asli.skema_kirim, "skema_kirim"),
            native(&mut check, &operation.asli.skema_jawab, "skema_jawab"),
        );
        check.rules(
            &operation.asli.jalur_isi,
            &format!("{key}.asli.jalur_isi"),
            input.as_ref(),
            None,
        );
        check.rules(
            &operation.asli.kueri,
            &format!("{key}.asli.kueri"),
            input.as_ref(),
            None,
        );
        check.rules(
            &operation.asli.kirim,
            &format!("{key}.asli.kirim"),
            input.as_ref(),
            sent.as_ref(),
        );
        check.rules(
            &operation.jawab,
            &format!("{key}.jawab"),
            answered.as_ref(),
            reply.as_ref(),
        );
        check.request(operation, &key);
    }
    for (number, hook) in manifest.masuk.iter().enumerate() {
        check.hook(hook, &format!("masuk.{number}"));
    }
    for (number, mirror) in manifest.salinan.iter().enumerate() {
        let key = format!("salinan.{number}");
        let record = check.schema(&mirror.skema, &format!("{key}.skema"));
        check.rules(&mirror.terjemah, &format!("{key}.terjemah"), None, record.as_ref());
    }
    check.flaws
}

struct Check<'a> {
    shapes: Shapes<'a>,
    flaws: Vec<Flaw>,
    count: usize,
}

impl Check<'_> {
    fn head(&mut self, manifest: &Manifest) {
        let mut say =
            |key: &str, what: (&str, &str), advice: (&str, &str)| self.flaws.push(Flaw::new(key, what, advice));
        if manifest.manifes != 1 {
            say(
                "manifes",
                ("bentuk manifes tidak dikenal", "the form of the manifest is not known"),
                ("tulis manifes: 1", "write manifes: 1"),
            );
        }
        if !name(&manifest.sistem) {
            say(
                "sistem",
                ("id sistem tidak sah", "the id of the system is not valid"),
                (
                    "pakai huruf kecil, angka dan -; mulai dengan huruf; paling panjang 32",
                    "lower-case letters, digits and -; begin with a letter; at most 32",
                ),
            );
        }
        let secrets = match &manifest.auth {
            Auth::None => Vec::new(),
            Auth::Headers { kepala } => kepala.iter().map(|one| &one.rahasia).collect(),
            Auth::Basic { sandi, .. } => vec![sandi],
            Auth::ClientCredentials { rahasia_klien, .. } => vec![rahasia_klien],
        };
        let signed = manifest.masuk.iter().filter(|hook| !hook.tanda_tangan.is_none());
        let hooks = signed.map(|hook| &hook.tanda_tangan.rahasia);
        if secrets
            .into_iter()
            .chain(hooks)
            .any(|secret| !name(&secret.replace('_', "-")))
        {
            say(
                "auth",
                ("nama rahasia tidak sah", "the name of a secret is not valid"),
                (
                    "tulis namanya saja, bukan nilainya: huruf kecil, angka, - dan _",
                    "write its name and never its value: lower-case letters, digits, - and _",
                ),
            );
        }
        let mut seen = BTreeSet::new();
        for (number, operation) in manifest.operasi.iter().enumerate() {
            let own = operation
                .id
                .strip_prefix(manifest.sistem.as_str())
                .is_some_and(|rest| rest.starts_with('.'));
            if !own || !seen.insert(&operation.id) {
                let key = format!("operasi.{number}.id");
                say(
                    &key,
                    (
                        "id operasi tidak berawalan id sistem, atau dipakai dua kali",
                        "the id of an operation lacks the system's prefix, or is used twice",
                    ),
                    ("tulis {sistem}.{benda}.{kerja}", "write {system}.{thing}.{verb}"),
                );
            }
        }
        let mine = |text: &str| {
            text.strip_prefix(manifest.sistem.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
        };
        let home = format!("/v1/{}/", manifest.sistem);
        for (number, operation) in manifest.operasi.iter().enumerate() {
            if !operation.terbit.jalur.starts_with(&home) {
                let key = format!("operasi.{number}.terbit.jalur");
                say(
                    &key,
                    ("alamat di luar ruang sistem", "an address outside the system's space"),
                    ("mulai dengan /v1/{sistem}/", "begin with /v1/{system}/"),
                );
            }
        }
        for (number, hook) in manifest.masuk.iter().enumerate() {
            if !mine(&hook.peristiwa) {
                let key = format!("masuk.{number}.peristiwa");
                say(
                    &key,
                    ("peristiwa di luar ruang sistem", "an event outside the system's space"),
                    ("mulai dengan {sistem}.", "begin with {system}."),
                );
            }
        }
        for (number, grant) in manifest.hak.iter().enumerate() {
            let copy = |right: &str| {
                let own = right
                    .strip_prefix("salinan.")
                    .and_then(|id| id.strip_prefix(manifest.sistem.as_str()));
                let own = own.and_then(|id| id.strip_prefix('-'));
                own.is_some_and(|id| manifest.salinan.iter().any(|mirror| mirror.id == id))
            };
            if !grant.operasi.iter().all(|right| mine(right) || copy(right)) {
                let key = format!("hak.{number}");
                say(
                    &key,
                    ("hak di luar sistem ini", "a right outside this system"),
                    (
                        "mintalah hak lain kepada pengelola gateway",
                        "ask the gateway's operator for other rights",
                    ),
                );
            }
        }
        let token = match &manifest.auth {
            Auth::ClientCredentials { alamat_token, .. } => alamat_token.as_str(),
            Auth::None | Auth::Headers { .. } | Auth::Basic { .. } => "/",
        };
        if !token.starts_with('/') || token.starts_with("//") {
            say(
                "auth",
                ("alamat token bukan jalur", "the token address is not a path"),
                (
                    "tulis jalur di bawah `alamat`, mulai dengan /",
                    "write a path below `alamat`, beginning with /",
                ),
            );
        }
        let space = format!("urn:{}:", manifest.sistem);
        for (number, schema) in manifest.skema.iter().enumerate() {
            let id = schema.get("$id").and_then(Value::as_str).unwrap_or_default();
            if !id.starts_with(&space) {
                let key = format!("skema.{number}");
                say(
                    &key,
                    (
                        "skema di luar ruang nama sistem",
                        "a schema outside the system's name space",
                    ),
                    (
                        "tulis $id: urn:{sistem}:{nama}:{versi}",
                        "write $id: urn:{system}:{name}:{version}",
                    ),
                );
            }
        }
    }

    fn schema(&mut self, id: &str, key: &str) -> Option<Shape> {
        let found = self.shapes.of(id);
        if found.is_none() {
            self.flaws.push(Flaw::new(
                key,
                (format!("skema `{id}` tidak ada"), format!("there is no schema `{id}`")),
                (
                    "tambahkan di `skema`, atau pakai yang ada di katalog",
                    "add it to `skema`, or use one of the catalogue",
                ),
            ));
        }
        found
    }

    /// Parameters of the native path are written, and the body fits its method.
    fn request(&mut self, operation: &crate::manifest::OperationText, key: &str) {
        let native = &operation.asli;
        let written: BTreeSet<&str> = native
            .jalur_isi
            .iter()
            .filter_map(|rule| rule.to.strip_prefix('/'))
            .collect();
        for part in native.jalur.split('/') {
            if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'))
                && !written.contains(name)
            {
                self.flaws.push(Flaw::new(
                    format!("{key}.asli.jalur"),
                    (
                        format!("`{{{name}}}` tidak diisi"),
                        format!("`{{{name}}}` is not filled"),
                    ),
                    (
                        format!("tambahkan aturan to: /{name} di jalur_isi"),
                        format!("add a rule to: /{name} to jalur_isi"),
                    ),
                ));
            }
        }
        if (native.isi == BodyForm::Kosong) != native.kirim.is_empty() {
            self.flaws.push(Flaw::new(
                format!("{key}.asli.kirim"),
                (
                    "aturan isi tidak cocok dengan `isi`",
                    "the rules of the body do not fit `isi`",
                ),
                (
                    "tulis isi: json atau form bersama `kirim`",
                    "write isi: json or form together with `kirim`",
                ),
            ));
        }
    }

    fn rules(&mut self, rules: &[Rule], key: &str, from: Option<&Shape>, to: Option<&Shape>) {
        let before = self.flaws.len();
        compile(rules, key, 0, &mut self.count, &mut self.flaws);
        // Paths that do not parse are not held against anything.
        if self.flaws.len() == before {
            self.against(rules, key, (from, from), to);
        }
    }

    /// Rules against what they read (root and here) and what they write.
    fn against(&mut self, rules: &[Rule], key: &str, from: (Option<&Shape>, Option<&Shape>), to: Option<&Shape>) {
        let mut sure = BTreeSet::new();
        let mut written = BTreeSet::new();
        for (number, rule) in rules.iter().enumerate() {
            let key = format!("{key}.{number}");
            let source = self.source(rule, &key, from);
            let target = to.and_then(|to| self.target(rule, &key, to));
            if rule.when.is_none() && !written.insert(rule.to.clone()) {
                self.flaws.push(Flaw::new(
                    format!("{key}.to"),
                    (
                        "aturan mati: tempat ini sudah ditulis",
                        "a dead rule: this place is written already",
                    ),
                    (
                        "hapus salah satu, atau beri keduanya `when`",
                        "remove one, or give both a `when`",
                    ),
                ));
            }
            if let Some(each) = &rule.each {
                let item = source.as_ref().and_then(|list| self.shapes.items(list));
                let into = target.as_ref().and_then(|list| self.shapes.items(list));
                self.against(
                    &each.rules,
                    &format!("{key}.each.rules"),
                    (from.0, item.as_ref()),
                    into.as_ref(),
                );
            } else {
                self.fits(rule, &key, source.as_ref(), target.as_ref());
            }
            let may_lack = rule.default.is_none()
                && (rule.when.is_some() || rule.on_error == OnError::Skip || self.optional(rule, from));
            if !may_lack {
                let names: Vec<&str> = rule.to.split('/').skip(1).collect();
                for end in 0..=names.len() {
                    sure.insert(names[..end].join("/"));
                }
            } else if rule.when.is_some() {
                // Several rules with conditions may cover a place together; that is theirs to promise.
                sure.insert(rule.to.trim_start_matches('/').to_owned());
            } else if let Some(to) = to {
                self.lacking(rule, &key, to);
            }
        }
        if let Some(to) = to
            && !rules.iter().any(|rule| rule.to.is_empty())
        {
            self.required(to, "", &sure, key, rules);
        }
    }

    /// A rule whose source may be absent writes a field that must be there.
    fn lacking(&mut self, rule: &Rule, key: &str, to: &Shape) {
        let names: Vec<&str> = rule.to.split('/').skip(1).collect();
        if let [name] = names.as_slice()
            && to.required().contains(name)
        {
            self.flaws.push(Flaw::new(
                format!("{key}.to"),
                (
                    format!("`{name}` wajib, tetapi asalnya boleh tidak ada"),
                    format!("`{name}` is required, but its source may be absent"),
                ),
                ("beri `default`", "give a `default`"),
            ));
        }
    }

    fn optional(&self, rule: &Rule, from: (Option<&Shape>, Option<&Shape>)) -> bool {
        let text = rule
            .from
            .as_deref()
            .or(rule.each.as_ref().map(|each| each.from.as_str()));
        let (Some(text), Some(path)) = (text, text.and_then(Path::parse)) else {
            return false;
        };
        let base = if text.starts_with('$') { from.0 } else { from.1 };
        let Some(mut shape) = base.cloned() else { return false };
        for step in &path.steps {
            let Step::Name(name) = step else { return false };
            if !shape.required().contains(&name.as_str()) {
                return true;
            }
            let Some(next) = self.shapes.field(&shape, name) else {
                return false;
            };
            shape = next;
        }
        shape.types().contains("null")
    }

    /// Required fields that nothing writes, at this level and inside objects that are written.
    fn required(&mut self, to: &Shape, place: &str, sure: &BTreeSet<String>, key: &str, rules: &[Rule]) {
        for name in to.required() {
            let path = if place.is_empty() {
                name.to_owned()
            } else {
                format!("{place}/{name}")
            };
            let said = rules.iter().any(|rule| rule.to.trim_start_matches('/') == path);
            if !sure.contains(&path) && !said {
                self.flaws.push(Flaw::new(
                    key,
                    (
                        format!("bidang wajib `/{path}` tidak dipetakan"),
                        format!("the required field `/{path}` is not mapped"),
                    ),
                    (
                        format!("tambahkan aturan to: /{path}"),
                        format!("add a rule to: /{path}"),
                    ),
                ));
            }
        }
        for name in to.fields() {
            let path = if place.is_empty() {
                name.to_owned()
            } else {
                format!("{place}/{name}")
            };
            let inside = rules
                .iter()
                .any(|rule| rule.to.trim_start_matches('/').starts_with(&format!("{path}/")));
            if inside && let Some(field) = self.shapes.field(to, name) {
                self.required(&field, &path, sure, key, rules);
            }
        }
    }

    /// The shape that a rule reads; complains when the schema knows no such field.
    fn source(&mut self, rule: &Rule, key: &str, from: (Option<&Shape>, Option<&Shape>)) -> Option<Shape> {
        let when = rule.when.as_ref().map(|when| (when.from.as_str(), "when.from"));
        let parts = rule
            .concat
            .iter()
            .flatten()
            .filter(|part| part.starts_with('/') || part.starts_with("$/"));
        for (text, name) in when.into_iter().chain(parts.map(|part| (part.as_str(), "concat"))) {
            self.walk(text, &format!("{key}.{name}"), from);
        }
        if let Some(each) = &rule.each {
            return self.walk(&each.from, &format!("{key}.each.from"), from);
        }
        let text = rule.from.as_deref().filter(|text| !text.starts_with('@'))?;
        self.walk(text, &format!("{key}.from"), from)
    }

    fn walk(&mut self, text: &str, key: &str, from: (Option<&Shape>, Option<&Shape>)) -> Option<Shape> {
        let path = Path::parse(text)?;
        let mut shape = match path.base {
            Base::Root => from.0?.clone(),
            Base::Here => from.1?.clone(),
        };
        for step in &path.steps {
            let next = match step {
                Step::All => self.shapes.items(&shape),
                Step::Name(name) => {
                    let next = self.shapes.field(&shape, name);
                    if next.is_none() && (shape.is_closed() || !shape.fields().is_empty()) {
                        let all = shape.fields().join(", ");
                        self.flaws.push(Flaw::new(
                            key,
                            (
                                format!("aturan mati: `{name}` tidak ada di skema asal"),
                                format!("a dead rule: the source schema has no `{name}`"),
                            ),
                            (format!("yang ada: {all}"), format!("there are: {all}")),
                        ));
                    }
                    next
                }
            };
            shape = next?;
        }
        Some(shape)
    }

    /// The shape that a rule writes; complains when it is not allowed.
    fn target(&mut self, rule: &Rule, key: &str, to: &Shape) -> Option<Shape> {
        let mut shape = to.clone();
        for name in rule.to.split('/').skip(1) {
            let next = self.shapes.field(&shape, name);
            if next.is_none() && shape.is_closed() {
                let all = shape.fields().join(", ");
                self.flaws.push(Flaw::new(
                    format!("{key}.to"),
                    (
                        format!("`{name}` tidak ada di skema tujuan"),
                        format!("the target schema has no `{name}`"),
                    ),
                    (format!("yang ada: {all}"), format!("there are: {all}")),
                ));
            }
            shape = next?;
        }
        Some(shape)
    }

    /// Types and choices.
    fn fits(&mut self, rule: &Rule, key: &str, source: Option<&Shape>, target: Option<&Shape>) {
        let Some(target) = target else { return };
        let wanted = target.types();
        let made = made(rule, source);
        let overlap = |made: &BTreeSet<String>| {
            made.iter()
                .any(|kind| wanted.contains(kind) || (kind == "integer" && wanted.contains("number")))
        };
        if !wanted.is_empty() && !made.is_empty() && !overlap(&made) {
            let list = |kinds: &BTreeSet<String>| kinds.iter().cloned().collect::<Vec<_>>().join("/");
            self.flaws.push(Flaw::new(
                key,
                (
                    format!("tipe {} tidak cocok dengan {}", list(&made), list(&wanted)),
                    format!("type {} does not fit {}", list(&made), list(&wanted)),
                ),
                (
                    "tambahkan langkah text, integer, decimal, boolean, list atau join",
                    "add an operation text, integer, decimal, boolean, list or join",
                ),
            ));
        }
        let allowed = target.values();
        if allowed.is_empty() {
            return;
        }
        let mut given: Vec<&Value> = rule.default.iter().collect();
        match (rule.ops.last(), &rule.constant) {
            (Some(Op::Lookup(op)), _) => given.extend(op.table.values()),
            (None, Some(constant)) => given.push(constant),
            _ => {}
        }
        if given.iter().any(|value| !allowed.contains(value)) {
            self.flaws.push(Flaw::new(
                key,
                (
                    "nilai tetap di luar pilihan skema tujuan",
                    "a fixed value outside the choices of the target schema",
                ),
                ("pakai salah satu pilihan skema", "use one of the schema's choices"),
            ));
        }
    }
}

fn name(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
