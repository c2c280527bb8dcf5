//! Whom a document is about: the values that name a person (`x-subjek`), in one spelling, so that the same person is found
//! again whoever wrote the number. The core turns them into keyed names at once; nothing else may keep them.

use crate::rules::visit;
use crate::schema::Schema;
use crate::walk::{Step, pattern};
use serde_json::Value;
use std::fmt;

/// What kind of value names a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubjectKind {
    /// Identity number: NIK, NIP, NPWP, passport. One kind, since 2024 a citizen's NPWP is the NIK.
    Nomor,
    /// Telephone number.
    Telepon,
    /// E-mail address.
    Surel,
}

impl SubjectKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nomor, Self::Telepon, Self::Surel];

    /// Its word in schemas and on the operator port.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Nomor => "nomor",
            Self::Telepon => "telepon",
            Self::Surel => "surel",
        }
    }

    /// From its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The one spelling of a value; `None` when it names nobody.
    #[must_use]
    pub fn normal(self, text: &str) -> Option<String> {
        let plain = match self {
            Self::Nomor => kept(text, |c| c.is_ascii_alphanumeric()).to_ascii_uppercase(),
            Self::Telepon => {
                let digits = kept(text, |c| c.is_ascii_digit());
                digits
                    .strip_prefix('0')
                    .map_or(digits.clone(), |rest| format!("62{rest}"))
            }
            Self::Surel => text.trim().to_lowercase(),
        };
        // Placeholders such as `-` or `0` name nobody, and would make one person of many.
        let empty = plain.len() < 5 || plain.bytes().all(|byte| byte == b'0');
        (!empty).then_some(plain)
    }
}

fn kept(text: &str, keep: impl Fn(char) -> bool) -> String {
    text.chars().filter(|c| keep(*c)).collect()
}

/// One person named in a document.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Kind of the value.
    pub kind: SubjectKind,
    /// The value in its one spelling: personal data.
    pub value: String,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({})", self.kind.word())
    }
}

impl Schema {
    /// Whether documents of this schema may name persons.
    #[must_use]
    pub fn names_subjects(&self) -> bool {
        !self.subjects.is_empty()
    }

    /// Places (JSON pointer patterns) whose values name a person.
    #[must_use]
    pub fn subject_places(&self) -> Vec<String> {
        self.subjects.iter().map(|(place, _)| pattern(place)).collect()
    }

    /// The persons that a document names, each once, in order.
    #[must_use]
    pub fn subjects(&self, document: &Value) -> Vec<Subject> {
        let mut found = Vec::new();
        for (place, kind) in &self.subjects {
            visit(document, place, &mut String::new(), &mut |value, _| {
                let plain = value.as_str().and_then(|text| kind.normal(text));
                found.extend(plain.map(|value| Subject { kind: *kind, value }));
            });
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Takes entries of lists and maps out that name a person for whom `leave` says yes. It is told whether a person stands in
    /// such an entry; what is named elsewhere stays.
    pub fn leave_out(&self, document: &mut Value, leave: &mut dyn FnMut(&Subject, bool) -> bool) {
        for (place, kind) in &self.subjects {
            prune(document, place, *kind, false, leave);
        }
    }
}

fn prune(
    value: &mut Value,
    place: &[Step],
    kind: SubjectKind,
    in_list: bool,
    leave: &mut dyn FnMut(&Subject, bool) -> bool,
) -> bool {
    match (place.split_first(), value) {
        (None, Value::String(text)) => kind
            .normal(text)
            .is_some_and(|value| leave(&Subject { kind, value }, in_list)),
        (Some((Step::Key(key), rest)), value) => {
            let child = match value {
                Value::Object(map) => map.get_mut(key),
                Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
                _ => None,
            };
            child.is_some_and(|child| prune(child, rest, kind, in_list, leave))
        }
        (Some((Step::Each, rest)), Value::Array(items)) => {
            items.retain_mut(|item| !prune(item, rest, kind, true, leave));
            false
        }
        (Some((Step::Each, rest)), Value::Object(map)) => {
            map.retain(|_, item| !prune(item, rest, kind, true, leave));
            false
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Registry;
    use serde_json::json;

    #[test]
    fn one_person_has_one_spelling_and_placeholders_are_nobody() {
        let nomor = |text| SubjectKind::Nomor.normal(text);
        assert_eq!(nomor("32.73.010101900000"), nomor(" 3273010101900000"));
        assert_eq!(
            SubjectKind::Telepon.normal("0812-0000-0000"),
            SubjectKind::Telepon.normal("+62 812 0000 0000")
        );
        assert_eq!(
            SubjectKind::Surel.normal(" Warga@Contoh.invalid").as_deref(),
            Some("warga@contoh.invalid")
        );
        for nobody in ["", "-", "0000000000000000", "n/a"] {
            assert_eq!(nomor(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn a_complaint_names_its_reporter_and_debug_does_not() {
        let registry = Registry::embedded().unwrap();
        let schema = registry.get("urn:simpul:skema:pengaduan:1").unwrap();
        assert!(schema.names_subjects());
        let document = json!({"pelapor": {"nik": "3671010101900000", "telepon": "081200000000"}});
        let found = schema.subjects(&document);
        assert_eq!(found.len(), 2);
        assert_eq!(format!("{found:?}"), "[Subject(nomor), Subject(telepon)]");
    }

    #[test]
    fn every_identity_number_in_the_canonical_schemas_is_marked() {
        let registry = Registry::embedded().unwrap();
        let mut missing = Vec::new();
        for id in registry.ids() {
            let schema = registry.get(id).unwrap();
            for field in schema.personal_fields() {
                let name = field.pointer_pattern.rsplit('/').next().unwrap_or_default();
                let identity =
                    name == "nik" || name.starts_with("nip_") || name == "nip" || name.starts_with("nomor_identitas");
                if identity && !schema.subject_places().contains(&field.pointer_pattern) && name != "nip_pokja" {
                    missing.push(format!("{id} {}", field.pointer_pattern));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
