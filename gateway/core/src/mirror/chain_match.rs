//! Which records of two steps belong together: values by rule, and what counts as one candidate. A derived link needs a
//! single candidate, since with two one of them would be a guess. Pure; called by `chain_links`.

use super::chain::{Rule, Side, Stage, Strength};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Most values of one record.
const VALUES: usize = 64;
/// Words of a text that are looked at, and of a number that is looked for in it.
const TEXT_WORDS: usize = 200;
/// See [`TEXT_WORDS`].
const NUMBER_WORDS: usize = 6;
/// A number shorter than this stands in a text by chance.
const NUMBER_LENGTH: usize = 5;

/// The records of the step before, by value, rule by rule.
#[derive(Debug)]
pub(super) struct Index {
    by_rule: Vec<HashMap<String, BTreeSet<String>>>,
    /// What a record is a version of, by its key; absent when it is one of its own.
    versions: HashMap<String, String>,
    /// For mutual rules: how many records on the right have a value.
    counted: Vec<HashMap<String, usize>>,
    /// What other rules have linked already.
    taken: HashSet<String>,
}

impl Index {
    pub(super) fn new(rules: &[Rule]) -> Self {
        Self {
            by_rule: vec![HashMap::new(); rules.len()],
            versions: HashMap::new(),
            counted: vec![HashMap::new(); rules.len()],
            taken: HashSet::new(),
        }
    }

    /// Takes a record of the step before.
    pub(super) fn left(&mut self, stage: &Stage, rules: &[Rule], key: &str, record: &Value) {
        for (rule, known) in rules.iter().zip(&mut self.by_rule) {
            for value in left_values(rule, record) {
                known.entry(value).or_default().insert(key.to_owned());
            }
        }
        if let Some(same) = values(&stage.versions, record).into_iter().next() {
            self.versions.insert(key.to_owned(), same);
        }
    }

    /// Counts a record of this step, for the rules that want it single; after all of the step before were taken.
    pub(super) fn right(&mut self, rules: &[Rule], record: &Value) {
        for (rule, counted) in rules.iter().zip(&mut self.counted).filter(|(rule, _)| rule.mutual) {
            for value in right_values(rule, record) {
                *counted.entry(value).or_default() += 1;
            }
        }
        let linked: Vec<String> = self
            .search(rules, record, false)
            .into_iter()
            .map(|(key, _)| self.identity(key).to_owned())
            .collect();
        self.taken.extend(linked);
    }

    /// The records of the step before that this one is linked with: by the first rule that finds any.
    pub(super) fn matched<'a>(&'a self, rules: &'a [Rule], record: &Value) -> Vec<(&'a String, &'a Rule)> {
        self.search(rules, record, true)
    }

    fn search<'a>(&'a self, rules: &'a [Rule], record: &Value, mutual: bool) -> Vec<(&'a String, &'a Rule)> {
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| mutual || !rule.mutual) {
            let values = right_values(rule, record);
            let found: BTreeSet<&String> = values
                .iter()
                .filter_map(|value| self.by_rule[at].get(value))
                .flatten()
                .collect();
            if found.is_empty() {
                continue;
            }
            let single = match rule.strength {
                Strength::Exact => true,
                Strength::Derived => {
                    let candidates: BTreeSet<&str> = found.iter().map(|key| self.identity(key)).collect();
                    candidates.len() == 1
                }
            };
            let free = !rule.mutual
                || (values.iter().all(|value| self.counted[at].get(value) == Some(&1))
                    && !found.iter().any(|key| self.taken.contains(self.identity(key))));
            // Several candidates: a weaker rule would not know better.
            return match single && free {
                true => found.into_iter().map(|key| (key, rule)).collect(),
                false => Vec::new(),
            };
        }
        Vec::new()
    }

    fn identity<'a>(&'a self, key: &'a str) -> &'a str {
        self.versions.get(key).map_or(key, String::as_str)
    }
}

fn left_values(rule: &Rule, record: &Value) -> Vec<String> {
    if !rule.within {
        return values(&rule.left, record);
    }
    let number = |text: &str| {
        let words: Vec<String> = words(text).collect();
        (words.len() <= NUMBER_WORDS)
            .then(|| words.join(" "))
            .filter(|number| telling(number))
            .into_iter()
            .collect()
    };
    joined(&rule.left, record, number)
}

fn right_values(rule: &Rule, record: &Value) -> Vec<String> {
    if !rule.within {
        return values(&rule.right, record);
    }
    let numbers = |text: &str| {
        let words: Vec<String> = words(text).take(TEXT_WORDS).collect();
        let spans = (0..words.len()).flat_map(|from| {
            let most = (from + NUMBER_WORDS).min(words.len());
            (from + 1..=most).map(move |to| (from, to))
        });
        let mut all: Vec<String> = spans.map(|(from, to)| words[from..to].join(" ")).collect();
        all.retain(|number| telling(number));
        all
    };
    joined(&rule.right, record, numbers)
}

/// The values before the last one, each joined with what the last one gives.
fn joined(side: &Side, record: &Value, last: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let Some((text, before)) = side.pointers.split_last() else {
        return Vec::new();
    };
    let text = record.pointer(text).and_then(Value::as_str).unwrap_or_default();
    let found = last(text);
    if before.is_empty() {
        return found;
    }
    let before = Side {
        pointers: before.to_vec(),
        ..side.clone()
    };
    let before = values(&before, record);
    before
        .iter()
        .flat_map(|first| found.iter().map(move |number| format!("{first}{}{number}", side.join)))
        .collect()
}

/// Words in one spelling, without the marks around them.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| ",;:()[]\"'.".contains(c)).to_uppercase())
        .filter(|word| !word.is_empty())
}

/// Whether a number says enough to be found in a text.
fn telling(number: &str) -> bool {
    number.chars().count() >= NUMBER_LENGTH && number.bytes().any(|b| b.is_ascii_digit())
}

/// Values of one side of a record. A missing or empty part gives none.
fn values(side: &Side, record: &Value) -> Vec<String> {
    let mut joined = vec![String::new()];
    for (at, pointer) in side.pointers.iter().enumerate() {
        let found = record
            .pointer(pointer)
            .map(|value| parts(side, value))
            .unwrap_or_default();
        let mut next = Vec::new();
        for before in &joined {
            for part in &found {
                let between = if at > 0 { side.join.as_str() } else { "" };
                next.push(format!("{before}{between}{part}"));
            }
        }
        next.truncate(VALUES);
        joined = next;
    }
    joined.retain(|value| !value.is_empty());
    joined
}

fn parts(side: &Side, value: &Value) -> Vec<String> {
    let clean = |text: &str| {
        text.trim()
            .trim_end_matches(|c| side.trim.contains(c))
            .trim()
            .to_owned()
    };
    let found: Vec<String> = match value {
        Value::String(text) if side.split.is_empty() => vec![clean(text)],
        Value::String(text) => text.split(|c| side.split.contains(c)).map(clean).collect(),
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(|item| parts(side, item)).collect(),
        Value::Null | Value::Bool(_) | Value::Object(_) => Vec::new(),
    };
    // The dashes and zeros that stand for "none" link nothing.
    found
        .into_iter()
        .filter(|part| !matches!(part.as_str(), "" | "-" | "0"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn side(pointers: &[&str]) -> Side {
        Side {
            pointers: pointers.iter().map(|p| (*p).to_owned()).collect(),
            join: ".".into(),
            split: ";,".into(),
            trim: ".".into(),
        }
    }

    fn rule(strength: Strength, left: &[&str], right: &[&str]) -> Rule {
        Rule {
            name: "uji".into(),
            strength,
            left: side(left),
            right: side(right),
            within: false,
            mutual: false,
        }
    }

    fn stage(versions: &[&str]) -> Stage {
        Stage {
            name: "uji".into(),
            set: "uji".into(),
            rules: Vec::new(),
            versions: side(versions),
        }
    }

    fn linked(stage: &Stage, rules: &[Rule], left: &[Value], right: &[Value]) -> Vec<Vec<String>> {
        let mut index = Index::new(rules);
        for (at, record) in left.iter().enumerate() {
            index.left(stage, rules, &at.to_string(), record);
        }
        right.iter().for_each(|record| index.right(rules, record));
        let keys = |record| index.matched(rules, record).into_iter().map(|(key, _)| key.clone());
        right.iter().map(|record| keys(record).collect()).collect()
    }

    #[test]
    fn several_values_in_one_text_are_several() {
        let record = json!({"rup": "61234567; 61234570", "mak": "2.16.02.2.01.0004.5.1.02.02.01.0030.", "kosong": "-"});
        assert_eq!(values(&side(&["/rup"]), &record), ["61234567", "61234570"]);
        assert_eq!(
            values(&side(&["/mak"]), &record),
            ["2.16.02.2.01.0004.5.1.02.02.01.0030"]
        );
        assert!(values(&side(&["/kosong"]), &record).is_empty());
        assert!(values(&side(&["/rup", "/tidak_ada"]), &record).is_empty());
        let budget = json!({"sub": "2.16.02.2.01.0004", "akun": "5.1.02.02.01.0030"});
        assert_eq!(
            values(&side(&["/sub", "/akun"]), &budget),
            values(&side(&["/mak"]), &record)
        );
    }

    #[test]
    fn a_derived_link_needs_a_single_candidate() {
        let two = [json!({"a": "x"}), json!({"a": "x"})];
        let right = [json!({"a": "x"})];
        let of = |strength| linked(&stage(&[]), &[rule(strength, &["/a"], &["/a"])], &two, &right);
        assert_eq!(of(Strength::Exact)[0].len(), 2);
        assert!(of(Strength::Derived)[0].is_empty());
        // The first rule that finds any decides; a later one does when it finds none.
        let rules = [
            rule(Strength::Exact, &["/b"], &["/b"]),
            rule(Strength::Derived, &["/a"], &["/a"]),
        ];
        assert_eq!(linked(&stage(&[]), &rules, &two[..1], &right)[0], ["0"]);
    }

    #[test]
    fn versions_of_one_thing_are_one_candidate() {
        let left = [
            json!({"nomor": "12/SPK/2026", "versi": 0}),
            json!({"nomor": "12/SPK/2026", "versi": 1}),
        ];
        let right = [json!({"nomor": "12/SPK/2026"})];
        let rules = [rule(Strength::Derived, &["/nomor"], &["/nomor"])];
        assert_eq!(linked(&stage(&["/nomor"]), &rules, &left, &right)[0], ["0", "1"]);
        assert!(linked(&stage(&[]), &rules, &left, &right)[0].is_empty());
    }

    #[test]
    fn a_number_is_found_in_a_text_as_whole_words_of_the_same_unit() {
        let mut rule = rule(Strength::Derived, &["/unit", "/nomor"], &["/unit", "/untuk"]);
        rule.within = true;
        let left = [
            json!({"unit": "1.01", "nomor": "027/12/SPK/2026"}),
            json!({"unit": "1.01", "nomor": "027 / 13 /SPK/2026"}),
            json!({"unit": "1.01", "nomor": "01"}),
        ];
        let paid = |unit: &str, text: &str| json!({"unit": unit, "untuk": text});
        let right = [
            paid("1.01", "Pembayaran termin 01 kontrak (027/12/spk/2026), lunas"),
            paid("1.01", "Pembayaran 027 / 13 /SPK/2026 tanggal 1 Maret"),
            paid("1.02", "Pembayaran kontrak 027/12/SPK/2026"),
            paid("1.01", "Pembayaran kontrak 027/12/SPK/2026-A"),
            paid("1.01", "027/12/SPK/2026 dan 027 / 13 /SPK/2026"),
            paid("1.01", "Pembayaran termin 01"),
        ];
        let none: Vec<String> = Vec::new();
        assert_eq!(
            linked(&stage(&[]), &[rule], &left, &right),
            [
                vec!["0".to_owned()],
                vec!["1".to_owned()],
                none.clone(),
                none.clone(),
                none.clone(),
                none
            ]
        );
    }

    #[test]
    fn a_mutual_rule_links_only_what_is_single_on_both_sides_and_free() {
        let mut amount = rule(Strength::Derived, &["/nilai"], &["/nilai"]);
        amount.mutual = true;
        let rules = [rule(Strength::Derived, &["/nomor"], &["/nomor"]), amount];
        let left = [
            json!({"nomor": "a", "nilai": "10"}),
            json!({"nomor": "b", "nilai": "20"}),
            json!({"nomor": "c", "nilai": "30"}),
        ];
        let right = [
            json!({"nilai": "10"}),
            json!({"nilai": "20"}),
            json!({"nilai": "20"}),
            json!({"nomor": "c", "nilai": "5"}),
            json!({"nilai": "30"}),
        ];
        let found = linked(&stage(&[]), &rules, &left, &right);
        assert_eq!(found[0], ["0"]);
        assert!(found[1].is_empty() && found[2].is_empty(), "two payments fit");
        assert_eq!(found[3], ["2"]);
        assert!(found[4].is_empty(), "the contract is paid by its name already");
    }
}
