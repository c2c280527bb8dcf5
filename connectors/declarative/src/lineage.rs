//! Where each field comes from, as a table for people: read by reviewers before they approve a manifest.

use crate::manifest::Manifest;
use crate::reverse::is_reversible;
use crate::rule::Rule;
use serde::Serialize;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lineage {
    /// Operation, push or data set with the direction.
    pub of: String,
    /// Field written.
    pub to: String,
    /// What it comes from.
    pub from: String,
    /// Names of the operations on the way.
    pub ops: Vec<String>,
    /// Whether the way back is known.
    pub reversible: bool,
}

/// All rows of a manifest.
pub fn lineage(manifest: &Manifest) -> Vec<Lineage> {
    let mut rows = Vec::new();
    for operation in &manifest.operasi {
        for (name, rules) in [
            ("jalur", &operation.asli.jalur_isi),
            ("kueri", &operation.asli.kueri),
            ("kirim", &operation.asli.kirim),
            ("jawab", &operation.jawab),
        ] {
            gather(&format!("{} {name}", operation.id), rules, "", "", &mut rows);
        }
        for (name, rules) in operation.cari.iter().flat_map(|lookup| {
            [
                ("jalur", &lookup.asli.jalur_isi),
                ("kueri", &lookup.asli.kueri),
                ("kirim", &lookup.asli.kirim),
                ("jawab", &lookup.jawab),
            ]
        }) {
            gather(&format!("{} cari {name}", operation.id), rules, "", "", &mut rows);
        }
    }
    for hook in &manifest.masuk {
        gather(&format!("masuk {}", hook.id), &hook.terjemah, "", "", &mut rows);
    }
    for mirror in &manifest.salinan {
        gather(&format!("salinan {}", mirror.id), &mirror.terjemah, "", "", &mut rows);
    }
    rows
}

fn gather(of: &str, rules: &[Rule], to: &str, from: &str, rows: &mut Vec<Lineage>) {
    for rule in rules {
        let target = format!("{to}{}", rule.to);
        if let Some(each) = &rule.each {
            gather(
                of,
                &each.rules,
                &format!("{target}/*"),
                &format!("{from}{}/*", each.from),
                rows,
            );
            continue;
        }
        let absolute = |path: &str| match path.strip_prefix('$') {
            Some(root) => root.to_owned(),
            None if path.starts_with('@') => path.to_owned(),
            None => format!("{from}{path}"),
        };
        let source = match (&rule.from, &rule.concat) {
            (Some(path), _) => absolute(path),
            (None, Some(parts)) => {
                let part = |part: &String| {
                    if part.starts_with('/') || part.starts_with("$/") {
                        absolute(part)
                    } else {
                        format!("\"{part}\"")
                    }
                };
                parts.iter().map(part).collect::<Vec<_>>().join(" + ")
            }
            (None, None) => "tetap / constant".to_owned(),
        };
        rows.push(Lineage {
            of: of.to_owned(),
            to: target,
            from: source,
            ops: rule.ops.iter().map(name).collect(),
            reversible: is_reversible(rule),
        });
    }
}

/// The word of an operation, as manifests write it.
fn name(op: &crate::ops::Op) -> String {
    match serde_json::to_value(op) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}
