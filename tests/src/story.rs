//! The story format: what a whole-system test says, in YAML, readable without knowing Rust.
//!
//! `docs/decisions/0003-stories.md` explains the format. This file loads and checks it; `run` plays it. Unknown keys
//! are refused, so a misspelt expectation cannot pass by being ignored.

use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One story: what it proves and the steps that prove it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// One sentence saying what is proved.
    pub title: String,
    /// The operations it tells of; one id or a list.
    #[serde(deserialize_with = "one_or_many")]
    pub operasi: Vec<String>,
    /// What kind of case it is; the coverage rule counts them.
    pub kasus: Kasus,
    /// Constants, used as `{{name}}`.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// The steps, played in order; the first that fails ends the story.
    pub steps: Vec<Step>,
}

/// The kinds of case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kasus {
    /// It works, seen from the caller to the system.
    Berhasil,
    /// It is refused to whoever has no right to it.
    Otorisasi,
    /// Bad input is refused with the place of the fault.
    Masukan,
    /// The system or the line misbehaves.
    Gangguan,
    /// The same intent twice is one effect.
    Idempotensi,
    /// Personal data stays where it belongs.
    Privasi,
    /// A limit is held.
    Batas,
}

impl Kasus {
    /// The word used in a story file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Berhasil => "berhasil",
            Self::Otorisasi => "otorisasi",
            Self::Masukan => "masukan",
            Self::Gangguan => "gangguan",
            Self::Idempotensi => "idempotensi",
            Self::Privasi => "privasi",
            Self::Batas => "batas",
        }
    }
}

/// One step: a call to the gateway or to a simulator, and what must come back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What happens here, for the report of a failure.
    pub name: String,
    /// A call to the gateway.
    #[serde(default)]
    pub call: Option<Call>,
    /// A call to a simulator's control interface.
    #[serde(default)]
    pub sim: Option<Sim>,
    /// Ask again until the expectation holds, at most this long.
    #[serde(default)]
    pub until: Option<Until>,
    /// Make the call this many times; the expectation judges the last answer.
    #[serde(default = "once")]
    pub times: u32,
    /// What the answer must be.
    pub expect: Expect,
    /// Variables taken from the answer: name to JSON pointer, or to `header:name`.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
}

/// A call to the gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The port: public or operator.
    #[serde(default)]
    pub to: Port,
    /// The consumer whose key is sent; nobody when left out.
    #[serde(default, rename = "as")]
    pub consumer: Option<String>,
    /// What is asked.
    #[serde(flatten)]
    pub request: Request,
}

/// A call to a simulator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sim {
    /// The simulated system.
    pub system: String,
    /// What is asked.
    #[serde(flatten)]
    pub request: Request,
}

/// The HTTP part of a call.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// The method; GET when left out.
    #[serde(default = "get")]
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, sent as written.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A JSON body.
    #[serde(default)]
    pub body: Option<Value>,
    /// A body sent as written, for what is no JSON.
    #[serde(default)]
    pub body_text: Option<String>,
    /// A body of this many bytes, for limits; its content means nothing.
    #[serde(default)]
    pub body_size: Option<usize>,
}

/// The two ports of the gateway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Port {
    /// Where consumers and systems call.
    #[default]
    Gateway,
    /// Where the operator looks.
    Operator,
}

/// How long to ask again.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Until {
    /// The bound in milliseconds; the story fails after it.
    pub within_ms: u64,
}

/// What an answer must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The status.
    pub status: u16,
    /// Headers by name; `*` stands for anything.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Values by JSON pointer.
    #[serde(default)]
    pub json: BTreeMap<String, Check>,
    /// Texts that must stand in the body.
    #[serde(default)]
    pub contains: Vec<String>,
    /// Texts that must not stand in the body.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// What stands at a JSON pointer. Exactly one of the four.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// This value, `null` included.
    #[serde(default, deserialize_with = "some")]
    pub equal: Option<Value>,
    /// Anything, `null` included.
    #[serde(default)]
    pub exists: bool,
    /// Nothing.
    #[serde(default)]
    pub absent: bool,
    /// A text or number like this; `*` stands for anything.
    #[serde(default)]
    pub matches: Option<String>,
}

/// Reads one story.
///
/// # Errors
/// What is wrong with the text, in one sentence.
pub fn parse(text: &str) -> Result<Story, String> {
    let story: Story = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    check(&story)?;
    Ok(story)
}

/// Reads every `*.yaml` of a folder, in the order of the names.
///
/// # Errors
/// Every bad story at once, each with its file, or that the folder holds none.
pub fn load_folder(folder: &Path) -> Result<Vec<Story>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let (mut stories, mut faults) = (Vec::new(), Vec::new());
    for path in &paths {
        let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
        match read.and_then(|text| parse(&text)) {
            Ok(story) => stories.push(story),
            Err(why) => faults.push(format!(
                "{}: {why}",
                path.file_name().unwrap_or_default().to_string_lossy()
            )),
        }
    }
    match (stories.is_empty(), faults.is_empty()) {
        (_, false) => Err(faults.join("\n")),
        (true, true) => Err(format!("{} holds no story", folder.display())),
        (false, true) => Ok(stories),
    }
}

fn check(story: &Story) -> Result<(), String> {
    if story.operasi.is_empty() || story.steps.is_empty() {
        return Err("a story names an operation and has a step".to_owned());
    }
    let mut names = BTreeSet::new();
    for step in &story.steps {
        let fault = |why: &str| Err(format!("step `{}`: {why}", step.name));
        if !names.insert(&step.name) {
            return fault("the name is taken");
        }
        let request = match (&step.call, &step.sim) {
            (Some(call), None) => &call.request,
            (None, Some(sim)) => &sim.request,
            _ => return fault("has exactly one of `call` and `sim`"),
        };
        let bodies = [
            request.body.is_some(),
            request.body_text.is_some(),
            request.body_size.is_some(),
        ];
        if bodies.iter().filter(|given| **given).count() > 1 {
            return fault("has one of `body`, `body_text` and `body_size`");
        }
        if step.times == 0 || (step.times > 1 && step.until.is_some()) {
            return fault("`times` is at least 1 and does not go with `until`");
        }
        for (pointer, check) in &step.expect.json {
            if !(pointer.is_empty() || pointer.starts_with('/')) {
                return fault(&format!("`{pointer}` is no JSON pointer"));
            }
            let said = [
                check.equal.is_some(),
                check.exists,
                check.absent,
                check.matches.is_some(),
            ];
            if said.iter().filter(|said| **said).count() != 1 {
                return fault(&format!(
                    "`{pointer}` says exactly one of equal, exists, absent, matches"
                ));
            }
        }
    }
    Ok(())
}

fn get() -> String {
    "GET".to_owned()
}

fn once() -> u32 {
    1
}

fn some<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(from)? {
        OneOrMany::One(id) => vec![id],
        OneOrMany::Many(ids) => ids,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "title: t\noperasi: [a.kirim, a.lihat]\nkasus: gangguan\nvars: {kunci: k-1}\nsteps:\n\
        - name: kirim\n  call: {method: POST, path: /v1/a, as: laksa, headers: {X: '{{kunci}}'}, body: {nomor: '00000000000000000001', benar: true}}\n\
        \x20 expect: {status: 201, json: {/id: {exists: true}, /x: {equal: 3}}}\n  capture: {id: /id}\n\
        - name: tiba\n  sim: {system: lapor, path: /_kendali}\n  until: {within_ms: 500}\n  expect: {status: 200}\n";

    #[test]
    fn a_story_is_read_whole() {
        let story = parse(GOOD).unwrap();
        assert_eq!(story.operasi, ["a.kirim", "a.lihat"]);
        assert_eq!(story.kasus, Kasus::Gangguan);
        let call = story.steps[0].call.as_ref().unwrap();
        assert_eq!((call.consumer.as_deref(), call.to), (Some("laksa"), Port::Gateway));
        assert_eq!(
            call.request.body,
            Some(serde_json::json!({"nomor": "00000000000000000001", "benar": true}))
        );
        assert_eq!(story.steps[1].until.unwrap().within_ms, 500);
    }

    #[test]
    fn a_misspelt_key_is_refused_everywhere() {
        for (right, wrong) in [
            ("kasus:", "kasos:"),
            ("expect: {status: 200}", "expect: {status: 200, jason: {}}"),
            ("exists: true", "exist: true"),
            ("path: /_kendali", "path: /_kendali, bodi: 1"),
            ("as: laksa", "at: laksa"),
        ] {
            assert!(parse(&GOOD.replacen(right, wrong, 1)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (right, wrong) in [
            ("- name: tiba", "- name: kirim"),
            ("exists: true", "exists: true, absent: true"),
            ("/id: {e", "id: {e"),
            ("body: {", "body_text: x, body: {"),
            ("until:", "times: 2\n  until:"),
        ] {
            assert!(parse(&GOOD.replacen(right, wrong, 1)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_folder_tells_every_bad_story_and_an_empty_one_is_no_pass() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load_folder(folder.path()).unwrap_err().contains("holds no story"));
        std::fs::write(folder.path().join("a.yaml"), GOOD).unwrap();
        assert_eq!(load_folder(folder.path()).unwrap().len(), 1);
        std::fs::write(folder.path().join("b.yaml"), "title: x").unwrap();
        std::fs::write(folder.path().join("c.yaml"), "[").unwrap();
        let why = load_folder(folder.path()).unwrap_err();
        assert!(why.contains("b.yaml") && why.contains("c.yaml"));
    }
}
