//! A page that points nowhere is worse than no page: every relative link of a Markdown page leads to a tracked file.

use crate::assert_none;
use e2e::repo;

/// The targets of `[text](target)` in a page, code blocks apart, without their anchors.
fn targets(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (index, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        }
        if in_block {
            continue;
        }
        for after in line.split("](").skip(1) {
            let Some((target, _)) = after.split_once(')') else {
                continue;
            };
            let path = target.split(['#', ' ']).next().unwrap_or_default();
            let elsewhere = target.contains("://") || target.starts_with("mailto:") || target.starts_with('/');
            if !path.is_empty() && !elsewhere {
                found.push((index + 1, path.to_owned()));
            }
        }
    }
    found
}

/// The path a link leads to, relative to the root; nothing when it leaves the repository.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn judge(page: &str, text: &str, files: &[String]) -> Vec<String> {
    let leads = |path: &str| {
        files
            .iter()
            .any(|file| file == path || file.starts_with(&format!("{path}/")))
    };
    let dead = targets(text)
        .into_iter()
        .filter(|(_, target)| !resolve(page, target).is_some_and(|path| leads(&path)));
    dead.map(|(line, target)| format!("{page}:{line}: `{target}` leads nowhere"))
        .collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let files = repo::files().unwrap();
    let pages = files.iter().filter(|file| file.ends_with(".md"));
    let findings = pages
        .filter_map(|page| Some(judge(page, &repo::text(page)?, &files)))
        .flatten();
    assert_none("links", &findings.collect::<Vec<_>>());
}

#[test]
fn a_dead_link_is_found() {
    let files = [
        "docs/a.md".to_owned(),
        "docs/sub/b.md".to_owned(),
        "README.md".to_owned(),
    ];
    let text = "[a](a.md#x) [b](sub/) [c](../README.md) [w](https://example.invalid/x) [p](/docs)\n```\n[d](dead.md)\n```\n[e](gone.md) [f](../../out.md)";
    assert_eq!(
        judge("docs/a.md", text, &files),
        [
            "docs/a.md:5: `gone.md` leads nowhere",
            "docs/a.md:5: `../../out.md` leads nowhere"
        ]
    );
}
