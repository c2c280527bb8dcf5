//! `simpul connector new`: copies `connectors/example` with new names and adds the lines that make it known. Everything
//! is read and judged before anything is written.

use super::edits;
use crate::cli::exit::Exit;
use crate::cli::say::Voice;
use crate::config::CONNECTORS;
use serde_json::json;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "connectors/example";
const WORKSPACE: &str = "Cargo.toml";
const GATEWAY: &str = "gateway/Cargo.toml";
const LIST: &str = "gateway/src/config/connectors.rs";
const PAGE: &str = "docs/reference/konektor-perpustakaan.md";
/// Folders below `connectors/` whose crates are no systems.
const TAKEN: [&str; 4] = ["sdk", "testkit", "simulators", "example"];

type Refused = (Exit, String);

/// What will be written: whole texts by path below the root.
struct Plan {
    home: String,
    created: Vec<(String, String)>,
    edited: Vec<(&'static str, String)>,
}

/// Begins a connector in the repository around the working directory.
pub(super) fn new(voice: &Voice, name: &str, folder: &str) -> Exit {
    let folder = folder.trim_end_matches('/');
    let made = root(voice).and_then(|root| {
        let plan = plan(voice, &root, name, folder)?;
        write(&root, &plan).map_err(|why| (Exit::Failed, why))?;
        Ok(plan)
    });
    match made {
        Ok(plan) => {
            tell(voice, name, &plan);
            Exit::Fine
        }
        Err((exit, why)) => {
            voice.failed("konektor tidak dibuat", "no connector was made", &why);
            exit
        }
    }
}

/// The nearest folder upwards that has the example and the gateway's list.
fn root(voice: &Voice) -> Result<PathBuf, Refused> {
    let here = std::env::current_dir().map_err(|error| (Exit::Failed, error.to_string()))?;
    let found = here
        .ancestors()
        .find(|folder| folder.join(EXAMPLE).is_dir() && folder.join(LIST).is_file());
    let why = voice.pick(
        "perintah ini menyalin connectors/example, jadi jalankan di dalam repositori Simpul",
        "this command copies connectors/example, so run it inside the repository of Simpul",
    );
    found
        .map(Path::to_path_buf)
        .ok_or_else(|| (Exit::Missing, why.to_owned()))
}

fn plan(voice: &Voice, root: &Path, name: &str, folder: &str) -> Result<Plan, Refused> {
    let refused = |exit, id: String, en: String| Err((exit, voice.pick(&id, &en).to_owned()));
    if !edits::is_name(name) || !edits::is_folder(folder) {
        return refused(
            Exit::Usage,
            format!(
                "nama `{name}` atau folder `{folder}` tidak sah: nama 2–32 huruf kecil, angka, garis bawah, mulai dengan huruf; folder relatif"
            ),
            format!(
                "name `{name}` or folder `{folder}` is not valid: a name is 2–32 of a–z, 0–9, _ and starts with a letter; a folder is relative"
            ),
        );
    }
    let home = format!("{folder}/{name}");
    let page = edits::page(PAGE, name);
    let [workspace, gateway, list] = [WORKSPACE, GATEWAY, LIST].map(|file| read(&root.join(file)));
    let (workspace, gateway, list) = (workspace?, gateway?, list?);
    let known = TAKEN.contains(&name)
        || CONNECTORS.iter().any(|factory| factory.kind == name)
        || list.contains(&format!("connector_{name}::"))
        || workspace.contains(&format!("\nconnector-{name} "));
    if known || root.join(&home).exists() || root.join(&page).exists() {
        return refused(
            Exit::Conflict,
            format!("`{name}` sudah ada (konektor, {home} atau {page})"),
            format!("`{name}` exists already (connector, {home} or {page})"),
        );
    }

    let mut files = Vec::new();
    gather(&root.join(EXAMPLE), "", &mut files).map_err(|error| (Exit::Failed, format!("{EXAMPLE}: {error}")))?;
    let mut created: Vec<(String, String)> = files
        .iter()
        .map(|(path, text)| {
            let path = edits::renamed(path, name);
            (format!("{home}/{path}"), edits::renamed(text, name))
        })
        .collect();
    created.push((page, edits::renamed(&read(&root.join(PAGE))?, name)));
    let edited = [
        (WORKSPACE, edits::workspace(&workspace, name, folder)),
        (GATEWAY, edits::gateway(&gateway, name)),
        (LIST, edits::connectors(&list, name)),
    ];
    let edited = edited.into_iter().map(|(file, text)| {
        let why = voice.pick(
            "tidak ada tempat untuk konektor baru",
            "has no place for a new connector",
        );
        text.map(|text| (file, text))
            .ok_or_else(|| (Exit::Failed, format!("{file}: {why}")))
    });
    let edited = edited.collect::<Result<_, _>>()?;
    Ok(Plan { home, created, edited })
}

fn read(path: &Path) -> Result<String, Refused> {
    fs::read_to_string(path).map_err(|error| (Exit::Failed, format!("{}: {error}", path.display())))
}

/// Every file below a folder with its path from there, in order.
fn gather(folder: &Path, below: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push((path, fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

/// The copy first: the lists must not name what is not there.
fn write(root: &Path, plan: &Plan) -> Result<(), String> {
    let created = plan.created.iter().map(|(path, text)| (path.as_str(), text));
    for (path, text) in created.chain(plan.edited.iter().map(|(path, text)| (*path, text))) {
        let file = root.join(path);
        let folder = file.parent().unwrap_or(root);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, text))
            .map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}

fn tell(voice: &Voice, name: &str, plan: &Plan) {
    let next = [
        format!("cargo test -p connector-{name}"),
        format!(
            "cargo run -p gateway --bin simpul -- dev --config {}/sandbox",
            plan.home
        ),
    ];
    let edited: Vec<&str> = plan.edited.iter().map(|(file, _)| *file).collect();
    let answer = json!({
        "connector": name, "folder": plan.home, "edited": edited, "next": next,
        "created": plan.created.iter().map(|(path, _)| path).collect::<Vec<_>>(),
    });
    voice.answer(&answer, || {
        let (count, home, edited) = (plan.created.len(), &plan.home, edited.join(", "));
        let next = next.join("\n  ");
        let id = format!(
            "{count} berkas dibuat di {home} dan docs/reference; satu konektor ditambahkan di {edited}.\nBerikutnya:\n  {next}\nKonektor ini masih berbicara dengan perpustakaan; lanjutkan dengan docs/add-a-connector.md, langkah 2."
        );
        let en = format!(
            "{count} files made in {home} and docs/reference; one connector added to {edited}.\nNext:\n  {next}\nIt still speaks to the library; go on with docs/add-a-connector.md, step 2."
        );
        voice.pick(&id, &en).to_owned()
    });
}
