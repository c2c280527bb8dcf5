//! One mapping rule: as written, and compiled.

use crate::flaw::Flaw;
use crate::ops::Op;
use crate::path::{Base, Path};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rules of one manifest.
pub(crate) const MOST_RULES: usize = 2_000;
/// `each` inside `each`.
pub(crate) const DEEPEST: usize = 4;
/// Parts of one `concat`.
const MOST_PARTS: usize = 32;
/// Operations of one rule.
const MOST_OPS: usize = 16;

/// A rule as written. Exactly one of `from`, `const`, `concat`, `each`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Pointer to where the value goes; empty: the whole.
    pub to: String,
    /// Path to where it comes from. `@rujukan` is the reference of the exchange, `@sekarang` the time of the attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// A constant.
    #[serde(rename = "const", skip_serializing_if = "Option::is_none")]
    pub constant: Option<Value>,
    /// Texts put together; a part beginning with `/` or `$/` is a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concat: Option<Vec<String>>,
    /// One output item for each item of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// Only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What is done to the value, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ops: Vec<Op>,
    /// What stands there when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What happens when an operation cannot be done.
    #[serde(skip_serializing_if = "OnError::is_usual")]
    pub on_error: OnError,
}

/// A list and the rules for its items.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// Path to the list.
    pub from: String,
    /// Rules whose paths begin at the item.
    pub rules: Vec<Rule>,
}

/// A condition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Path to the value looked at.
    pub from: String,
    /// It is one of these.
    #[serde(rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Value>,
    /// It is there and not null, or it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
}

/// Policy for one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The whole translation fails, with a pointer.
    #[default]
    Fail,
    /// The field is left out.
    Skip,
    /// The default stands there.
    Default,
}

impl OnError {
    fn is_usual(&self) -> bool {
        *self == Self::Fail
    }
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Path(Path, String),
    Reference,
    Now,
    Constant(Value),
    Concat(Vec<PartOf>),
    Each(Path, Vec<Compiled>),
}

/// A part of a concatenation.
#[derive(Debug, Clone)]
pub(crate) enum PartOf {
    Text(String),
    Path(Path),
}

/// A condition, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    pub(crate) any: Vec<Value>,
    pub(crate) exists: Option<bool>,
}

/// A rule, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) to: Vec<String>,
    pub(crate) source: Source,
    pub(crate) when: Option<Condition>,
    pub(crate) ops: Vec<Op>,
    pub(crate) default: Option<Value>,
    pub(crate) on_error: OnError,
}

/// Compiles rules; `count` runs over the whole manifest.
pub(crate) fn compile(
    rules: &[Rule],
    place: &str,
    depth: usize,
    count: &mut usize,
    flaws: &mut Vec<Flaw>,
) -> Vec<Compiled> {
    if depth > DEEPEST {
        flaws.push(Flaw::new(
            place,
            ("`each` terlalu dalam", "`each` is nested too deeply"),
            ("paling dalam 4 tingkat", "at most 4 levels"),
        ));
        return Vec::new();
    }
    *count += rules.len();
    if *count > MOST_RULES {
        // Said once; the rest is not read.
        if flaws.iter().all(|flaw| flaw.what.en != TOO_MANY.1) {
            flaws.push(Flaw::new(
                place,
                TOO_MANY,
                ("paling banyak 2.000 dalam satu manifes", "at most 2,000 in a manifest"),
            ));
        }
        return Vec::new();
    }
    let mut out = Vec::with_capacity(rules.len());
    for (number, rule) in rules.iter().enumerate() {
        out.extend(one(rule, &format!("{place}.{number}"), depth, count, flaws));
    }
    out
}

const TOO_MANY: (&str, &str) = ("terlalu banyak aturan", "there are too many rules");

fn one(rule: &Rule, place: &str, depth: usize, count: &mut usize, flaws: &mut Vec<Flaw>) -> Option<Compiled> {
    let before = flaws.len();
    let to = path(&rule.to, &format!("{place}.to"), flaws);
    let to = to.and_then(|to| {
        let names = (to.base == Base::Here).then(|| to.names()).flatten();
        let names = names.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
        if names.is_none() {
            flaws.push(Flaw::new(
                format!("{place}.to"),
                ("`to` bukan satu tempat", "`to` is not one place"),
                (
                    "tulis pointer tanpa * dan $; daftar ditulis dengan `each`",
                    "write a pointer without * and $; lists are written by `each`",
                ),
            ));
        }
        names
    });
    let given = [
        rule.from.is_some(),
        rule.constant.is_some(),
        rule.concat.is_some(),
        rule.each.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        flaws.push(Flaw::new(
            place,
            ("aturan tanpa asal yang tunggal", "a rule without exactly one source"),
            (
                "tulis salah satu: from, const, concat, each",
                "write one of: from, const, concat, each",
            ),
        ));
    }
    if rule.ops.len() > MOST_OPS {
        flaws.push(Flaw::new(
            format!("{place}.ops"),
            ("terlalu banyak langkah", "too many operations"),
            ("paling banyak 16", "at most 16"),
        ));
    }
    for (number, op) in rule.ops.iter().enumerate() {
        if let Err((what, advice)) = op.sound() {
            flaws.push(Flaw::new(format!("{place}.ops.{number}"), what, advice));
        }
    }
    if rule.on_error == OnError::Default && rule.default.is_none() {
        flaws.push(Flaw::new(
            format!("{place}.on_error"),
            (
                "`on_error: default` tanpa `default`",
                "`on_error: default` without `default`",
            ),
            ("tulis juga `default`", "write `default` too"),
        ));
    }
    let when = rule.when.as_ref().and_then(|when| {
        if when.any.is_empty() == when.exists.is_none() {
            flaws.push(Flaw::new(
                format!("{place}.when"),
                ("syarat tidak tunggal", "not exactly one condition"),
                ("tulis `in` atau `exists`", "write `in` or `exists`"),
            ));
        }
        let path = single(&when.from, &format!("{place}.when.from"), flaws)?;
        Some(Condition {
            path,
            any: when.any.clone(),
            exists: when.exists,
        })
    });
    let source = source(rule, place, depth, count, flaws);
    (flaws.len() == before).then_some(())?;
    Some(Compiled {
        to: to?,
        source: source?,
        when,
        ops: rule.ops.clone(),
        default: rule.default.clone(),
        on_error: rule.on_error,
    })
}

fn source(rule: &Rule, place: &str, depth: usize, count: &mut usize, flaws: &mut Vec<Flaw>) -> Option<Source> {
    if let Some(from) = &rule.from {
        return match from.as_str() {
            "@rujukan" => Some(Source::Reference),
            "@sekarang" => Some(Source::Now),
            text => {
                let key = format!("{place}.from");
                let parsed = path(text, &key, flaws)?;
                rooted(&parsed, &key, flaws)?;
                Some(Source::Path(parsed, text.to_owned()))
            }
        };
    }
    if let Some(value) = &rule.constant {
        return Some(Source::Constant(value.clone()));
    }
    if let Some(parts) = &rule.concat {
        if parts.len() > MOST_PARTS {
            flaws.push(Flaw::new(
                format!("{place}.concat"),
                ("terlalu banyak bagian", "too many parts"),
                ("paling banyak 32", "at most 32"),
            ));
            return None;
        }
        let parts = parts.iter().enumerate().map(|(number, part)| {
            if part.starts_with('/') || part.starts_with("$/") {
                single(part, &format!("{place}.concat.{number}"), flaws).map(PartOf::Path)
            } else {
                Some(PartOf::Text(part.clone()))
            }
        });
        let parts: Vec<_> = parts.collect();
        return parts.into_iter().collect::<Option<_>>().map(Source::Concat);
    }
    let each = rule.each.as_ref()?;
    let key = format!("{place}.each.from");
    let list = path(&each.from, &key, flaws);
    if list.as_ref().is_some_and(|list| list.base == Base::Root && depth > 0) {
        // Inside an `each` this would visit the whole document once per item.
        flaws.push(Flaw::new(
            key,
            (
                "`each` di dalam `each` tidak boleh kembali ke akar",
                "an `each` inside an `each` may not go back to the root",
            ),
            ("tulis jalur dari butirnya", "write a path from the item"),
        ));
        return None;
    }
    let rules = compile(&each.rules, &format!("{place}.each.rules"), depth + 1, count, flaws);
    Some(Source::Each(list?, rules))
}

fn path(text: &str, key: &str, flaws: &mut Vec<Flaw>) -> Option<Path> {
    let parsed = Path::parse(text);
    if parsed.is_none() {
        flaws.push(Flaw::new(
            key,
            (format!("`{text}` bukan jalur"), format!("`{text}` is not a path")),
            ("tulis seperti /data/*/nama", "write as in /data/*/name"),
        ));
    }
    parsed
}

/// A path to one value.
fn single(text: &str, key: &str, flaws: &mut Vec<Flaw>) -> Option<Path> {
    let parsed = path(text, key, flaws)?;
    if parsed.is_many() {
        flaws.push(Flaw::new(
            key,
            ("jalur ke banyak nilai", "a path to many values"),
            ("tulis jalur tanpa *", "write a path without *"),
        ));
        return None;
    }
    Some(parsed)
}

/// From the root only to one value: many would be visited again for each item.
fn rooted(path: &Path, key: &str, flaws: &mut Vec<Flaw>) -> Option<()> {
    if path.base == Base::Root && path.is_many() {
        flaws.push(Flaw::new(
            key,
            ("jalur dari akar ke banyak nilai", "a path from the root to many values"),
            (
                "tulis jalur dari butirnya, atau tanpa *",
                "write a path from the item, or without *",
            ),
        ));
        return None;
    }
    Some(())
}
