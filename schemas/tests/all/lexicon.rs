//! `docs/lexicon.md` holds every canonical property, choice and schema, and none that no schema has.

use crate::model::registry;
use serde_json::Value;
use std::collections::BTreeSet;

fn section(text: &str, title: &str) -> BTreeSet<String> {
    let start = text.find(&format!("\n## {title}\n")).unwrap();
    let body = &text[start + 1..];
    let body = body[3..].find("\n## ").map_or(body, |end| &body[..end + 3]);
    let rows = body
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'));
    rows.map(|(name, rest)| {
        let english = rest.trim_matches(|c| c == '|' || c == ' ');
        assert!(!english.is_empty(), "{name} has no English");
        name.to_owned()
    })
    .collect()
}

fn gather(node: &Value, properties: &mut BTreeSet<String>, choices: &mut BTreeSet<String>) {
    for (word, child) in node.as_object().into_iter().flatten() {
        match word.as_str() {
            "examples" | "const" => {}
            "enum" => choices.extend(
                child
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|c| c.as_str().map(str::to_owned)),
            ),
            "properties" => {
                for (name, child) in child.as_object().into_iter().flatten() {
                    properties.insert(name.clone());
                    gather(child, properties, choices);
                }
            }
            _ => gather(child, properties, choices),
        }
    }
    for child in node.as_array().into_iter().flatten() {
        gather(child, properties, choices);
    }
}

#[test]
fn the_lexicon_and_the_schemas_agree() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/lexicon.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (mut properties, mut choices, mut names) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for schema in registry().iter() {
        gather(schema.document(), &mut properties, &mut choices);
        names.extend(schema.id().split(':').nth(3).map(str::to_owned));
    }
    assert!(properties.len() > 60 && choices.len() > 30);
    assert_eq!(section(&text, "Properties"), properties);
    assert_eq!(section(&text, "Choices"), choices);
    assert_eq!(section(&text, "Schemas"), names);
    assert!(section(&text, "Operations").contains("pengaduan.kirim"));
}

#[test]
fn names_are_snake_case() {
    for schema in registry().iter() {
        let (mut properties, mut choices) = (BTreeSet::new(), BTreeSet::new());
        gather(schema.document(), &mut properties, &mut choices);
        for name in properties.iter().chain(&choices) {
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(plain, "{}: {name}", schema.id());
        }
    }
}
