//! Which members of a canonical document a grant covers. One list limits both directions: a reply, an event or a record of
//! a copy shows nothing else, and a request that holds anything else is refused. Pure; called wherever a document
//! meets a consumer.

use schemas::Violation;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most places that a refusal names.
const NAMED: usize = 50;

/// Members by name, each with what of it is covered. A member that is named is covered whole unless parts of it are named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    members: BTreeMap<String, Fields>,
}

impl Fields {
    /// From names such as `nomor` or `pelapor.nama`. Lists do not count: `butir.nomor` is `nomor` of every entry.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        let mut whole: Vec<&str> = names.into_iter().collect();
        whole.sort_unstable();
        let mut taken: Vec<&str> = Vec::new();
        for name in whole {
            // `pelapor` covers `pelapor.nama`.
            if taken.iter().any(|t| name == *t || name.starts_with(&format!("{t}."))) {
                continue;
            }
            taken.push(name);
            let mut at = &mut all;
            for part in name.split('.') {
                at = at.members.entry(part.to_owned()).or_default();
            }
        }
        all
    }

    /// Whether a member is covered, whole or in part.
    pub fn covers(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    /// What is covered of the entries at a JSON pointer; `None` when nothing of them is.
    pub fn below(&self, pointer: &str) -> Option<&Self> {
        let mut at = self;
        for part in pointer.split('/').skip(1) {
            at = at.members.get(part)?;
        }
        Some(at)
    }

    /// Takes out what is not covered.
    pub fn minimise(&self, value: &mut Value) {
        match value {
            Value::Array(entries) => entries.iter_mut().for_each(|entry| self.minimise(entry)),
            Value::Object(members) => members.retain(|name, member| match self.members.get(name) {
                None => false,
                Some(part) => {
                    if !part.members.is_empty() {
                        part.minimise(member);
                    }
                    true
                }
            }),
            // A bare value where members were expected: nothing of it is named.
            Value::String(_) | Value::Number(_) | Value::Bool(_) => *value = Value::Null,
            Value::Null => {}
        }
    }

    /// The places that are not covered, the outermost of each.
    pub fn outside(&self, value: &Value) -> Vec<Violation> {
        let mut found = Vec::new();
        self.look(value, "", &mut found);
        found
    }

    fn look(&self, value: &Value, at: &str, found: &mut Vec<Violation>) {
        if found.len() >= NAMED {
            return;
        }
        match value {
            Value::Array(entries) => {
                for (place, entry) in entries.iter().enumerate() {
                    self.look(entry, &format!("{at}/{place}"), found);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let here = format!("{at}/{name}");
                    match self.members.get(name) {
                        None => found.push(not_granted(here)),
                        Some(part) if part.members.is_empty() => {}
                        Some(part) => part.look(member, &here, found),
                    }
                }
            }
            Value::String(_) | Value::Number(_) | Value::Bool(_) => found.push(not_granted(at.to_owned())),
            Value::Null => {}
        }
    }
}

fn not_granted(pointer: String) -> Violation {
    Violation {
        pointer,
        code: "field_not_granted",
        id: "Isian ini tidak termasuk bidang dalam hak Anda.".into(),
        en: "This field is not among the fields of your grant.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> Value {
        json!({
            "nomor": "1",
            "pelapor": {"nama": "Contoh", "nik": "3600000000000000", "alamat": {"jalan": "x"}},
            "butir": [{"id": 1, "isi": "a"}, {"id": 2, "isi": "b"}],
            "catatan": null,
        })
    }

    #[test]
    fn a_document_keeps_what_is_covered_and_nothing_else() {
        let mut left = record();
        Fields::new(["nomor", "pelapor.nama", "butir.id"]).minimise(&mut left);
        assert_eq!(
            left,
            json!({"nomor": "1", "pelapor": {"nama": "Contoh"}, "butir": [{"id": 1}, {"id": 2}]})
        );
    }

    #[test]
    fn a_member_named_whole_covers_its_parts_in_any_order() {
        for names in [["pelapor", "pelapor.nama"], ["pelapor.nama", "pelapor"]] {
            let mut left = record();
            Fields::new(names).minimise(&mut left);
            assert_eq!(left, json!({"pelapor": record()["pelapor"]}));
        }
    }

    #[test]
    fn a_value_of_another_shape_shows_nothing() {
        let mut left = json!({"pelapor": "Contoh, NIK 3600000000000000"});
        Fields::new(["pelapor.nama"]).minimise(&mut left);
        assert_eq!(left, json!({"pelapor": null}));
    }

    #[test]
    fn what_is_not_covered_is_pointed_at_once() {
        let fields = Fields::new(["nomor", "pelapor.nama", "butir.id", "catatan"]);
        let mut at: Vec<String> = fields.outside(&record()).into_iter().map(|v| v.pointer).collect();
        at.sort();
        assert_eq!(at, ["/butir/0/isi", "/butir/1/isi", "/pelapor/alamat", "/pelapor/nik"]);
        assert!(
            Fields::new(["nomor", "pelapor", "butir", "catatan"])
                .outside(&record())
                .is_empty()
        );
    }

    #[test]
    fn entries_have_the_part_of_their_list() {
        let fields = Fields::new(["butir.id", "nomor"]);
        assert_eq!(fields.below("/butir"), Some(&Fields::new(["id"])));
        assert_eq!(fields.below("/lain"), None);
        assert!(fields.covers("butir") && !fields.covers("id"));
    }
}
