//! Coverage by listing: every published operation has schemas that exist, a story that shows it working and a story
//! that shows it refused without a grant. The list is `config/operasi.toml`; nobody has to remember to add a test.
//! Schemas are named there or, failing that, in the operation's spec in its connector.

use crate::assert_none;
use e2e::{repo, story};
use std::collections::BTreeSet;
use toml::Value;

const LIST: &str = "config/operasi.toml";
/// Keys under which an operation may name its schemas, request first.
const REQUEST_KEYS: [&str; 3] = ["skema_permintaan", "permintaan", "skema_masuk"];
const REPLY_KEYS: [&str; 3] = ["skema_jawaban", "jawaban", "skema_keluar"];
/// The cases every operation must have a story for.
const CASES: [story::Kasus; 2] = [story::Kasus::Berhasil, story::Kasus::Otorisasi];

#[derive(Debug, Default)]
struct Published {
    id: String,
    reads: bool,
    request: Option<String>,
    reply: Option<String>,
}

fn published(text: &str) -> Result<Vec<Published>, String> {
    let config: Value = toml::from_str(text).map_err(|error| format!("{LIST} is not TOML: {error}"))?;
    let entries = config
        .get("operasi")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    entries
        .ok_or_else(|| format!("{LIST} publishes no [[operasi]]"))?
        .iter()
        .map(|entry| {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            let first = |keys: [&str; 3]| keys.iter().find_map(|key| text(key));
            let id = text("id").ok_or_else(|| format!("{LIST}: an operation has no id: {entry}"))?;
            let missing = ["metode", "jalur", "sistem"]
                .into_iter()
                .find(|key| text(key).is_none());
            match missing {
                Some(key) => Err(format!("{LIST}: {id} has no `{key}`")),
                None => Ok(Published {
                    reads: text("metode").is_some_and(|m| m == "GET"),
                    request: first(REQUEST_KEYS),
                    reply: first(REPLY_KEYS),
                    id,
                }),
            }
        })
        .collect()
}

/// The schemas that the spec of an operation names, read from a connector's source: the first literals after
/// `request_schema` and `reply_schema` behind the operation's id.
fn schemas_in_spec(id: &str, source: &str) -> Option<(String, String)> {
    let (_, spec) = source.split_once(&format!("\"{id}\""))?;
    let literal = |field: &str| spec.split_once(field)?.1.split('"').nth(1).map(str::to_owned);
    Some((literal("request_schema")?, literal("reply_schema")?))
}

/// The same from a connector's generated page, which is held in step with its descriptor: the two schema ids in the
/// section of the operation.
fn schemas_on_page(id: &str, page: &str) -> Option<(String, String)> {
    let (_, section) = page.split_once(&format!("### `{id}`\n"))?;
    let section = section.split("\n### ").next().unwrap_or_default();
    let mut ids = section.split("`urn:simpul:skema:").skip(1);
    let mut next = || Some(format!("urn:simpul:skema:{}", ids.next()?.split('`').next()?));
    Some((next()?, next()?))
}

fn complete(operations: &mut [Published], sources: &[String]) {
    for operation in operations.iter_mut().filter(|operation| operation.reply.is_none()) {
        let found =
            |source: &String| schemas_in_spec(&operation.id, source).or_else(|| schemas_on_page(&operation.id, source));
        if let Some((request, reply)) = sources.iter().find_map(found) {
            operation.request.get_or_insert(request);
            operation.reply = Some(reply);
        }
    }
}

/// A schema is there when a file of `schemas/` is named after its id or says the id in `$id`.
fn schema_names(files: &[(String, String)]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (file, text) in files {
        let stem = file
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".json")
            .trim_end_matches(".schema");
        names.insert(stem.to_owned());
        let id = serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|schema| Some(schema["$id"].as_str()?.to_owned()));
        names.extend(id);
    }
    names
}

fn judge_schemas(operations: &[Published], names: &BTreeSet<String>) -> Vec<String> {
    let mut findings = Vec::new();
    for operation in operations {
        let wanted = [
            ("request", &operation.request, !operation.reads),
            ("reply", &operation.reply, true),
        ];
        for (side, schema, needed) in wanted {
            match schema {
                Some(schema) if names.contains(schema.trim_end_matches(".json")) || names.contains(schema) => {}
                Some(schema) => findings.push(format!(
                    "{}: its {side} schema `{schema}` is not in schemas/",
                    operation.id
                )),
                None if needed => findings.push(format!("{}: names no {side} schema", operation.id)),
                None => {}
            }
        }
    }
    findings
}

fn judge_stories(operations: &[Published], stories: &[story::Story]) -> Vec<String> {
    let mut findings = Vec::new();
    for operation in operations {
        for case in CASES {
            if !stories
                .iter()
                .any(|story| story.kasus == case && story.operasi.contains(&operation.id))
            {
                findings.push(format!(
                    "{}: no story in tests/stories with `kasus: {}`",
                    operation.id,
                    case.name()
                ));
            }
        }
    }
    for story in stories {
        let strays = story
            .operasi
            .iter()
            .filter(|id| !operations.iter().any(|operation| operation.id == **id));
        findings
            .extend(strays.map(|id| format!("the story `{}` tells of `{id}`, which is not published", story.title)));
    }
    findings
}

#[test]
fn every_operation_has_schemas() {
    let mut operations = published(&repo::read(LIST).unwrap()).unwrap();
    let connectors = repo::files_with("rs")
        .unwrap()
        .into_iter()
        .filter(|file| file.starts_with("connectors/"));
    let mut product: Vec<String> = connectors
        .filter(|file| !repo::is_test_path(file))
        .filter_map(|file| repo::text(&file))
        .collect();
    let pages = repo::files_with("md").unwrap().into_iter();
    let pages = pages.filter(|file| file.starts_with("docs/reference/konektor-"));
    product.extend(pages.filter_map(|file| repo::text(&file)));
    complete(&mut operations, &product);
    let files = repo::files_with("json")
        .unwrap()
        .into_iter()
        .filter(|file| file.starts_with("schemas/"));
    let files: Vec<(String, String)> = files
        .filter_map(|file| repo::text(&file).map(|text| (file, text)))
        .collect();
    assert_none(
        "schemas of operations",
        &judge_schemas(&operations, &schema_names(&files)),
    );
}

#[test]
fn every_operation_has_its_stories() {
    let operations = published(&repo::read(LIST).unwrap()).unwrap();
    let stories = story::load_folder(&repo::root().join("tests/stories")).unwrap();
    assert_none("stories of operations", &judge_stories(&operations, &stories));
}

#[cfg(test)]
mod self_tests {
    use super::*;

    const LISTED: &str = "[[operasi]]\nid = \"a.kirim\"\nmetode = \"POST\"\njalur = \"/v1/a\"\nsistem = \"x\"\n\
        skema_permintaan = \"a\"\nskema_jawaban = \"tiada\"\n[[operasi]]\nid = \"a.lihat\"\nmetode = \"GET\"\njalur = \"/v1/a/{id}\"\nsistem = \"x\"\n";

    #[test]
    fn a_missing_schema_is_found() {
        let names = schema_names(&[("schemas/json/a.json".to_owned(), "{\"$id\": \"urn:b\"}".to_owned())]);
        assert!(names.contains("a") && names.contains("urn:b"));
        let findings = judge_schemas(&published(LISTED).unwrap(), &names);
        assert_eq!(
            findings,
            [
                "a.kirim: its reply schema `tiada` is not in schemas/",
                "a.lihat: names no reply schema"
            ]
        );
    }

    #[test]
    fn schemas_are_read_from_the_spec() {
        let spec = "OperationSpec { id: \"a.lihat\".into(), request_schema: \"urn:k\".into(), reply_schema: \"urn:j\".into() }".to_owned();
        let mut operations = published(LISTED).unwrap();
        complete(&mut operations, &["nothing".to_owned(), spec]);
        assert_eq!(operations[0].reply.as_deref(), Some("tiada"));
        assert_eq!(
            (operations[1].request.as_deref(), operations[1].reply.as_deref()),
            (Some("urn:k"), Some("urn:j"))
        );
    }

    #[test]
    fn schemas_are_read_from_the_page() {
        let page = "### `a.kirim`\n| x | `urn:simpul:skema:m:1` |\n| y | `urn:simpul:skema:n:1` |\n### `a.lihat`\n| x | `urn:simpul:skema:k:1` |\n";
        let found = schemas_on_page("a.kirim", page).unwrap();
        assert_eq!(found, ("urn:simpul:skema:m:1".into(), "urn:simpul:skema:n:1".into()));
        assert_eq!(schemas_on_page("a.lihat", page), None);
    }

    #[test]
    fn a_missing_story_and_a_stray_one_are_found() {
        let told = |id: &str, kasus: &str| {
            story::parse(&format!("title: t\noperasi: {id}\nkasus: {kasus}\nsteps: [{{name: s, call: {{path: /}}, expect: {{status: 200}}}}]")).unwrap()
        };
        let stories = [
            told("a.kirim", "berhasil"),
            told("a.kirim", "otorisasi"),
            told("a.lihat", "berhasil"),
            told("b.lama", "berhasil"),
        ];
        let findings = judge_stories(&published(LISTED).unwrap(), &stories);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].contains("a.lihat") && findings[0].contains("otorisasi"));
    }

    #[test]
    fn an_empty_or_broken_list_is_an_error() {
        assert!(published("").unwrap_err().contains("publishes no"));
        assert!(
            published("[[operasi]]\nid = \"a\"\nmetode = \"GET\"\njalur = \"/\"")
                .unwrap_err()
                .contains("sistem")
        );
    }
}
