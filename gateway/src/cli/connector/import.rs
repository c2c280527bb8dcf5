//! `simpul connector import`: a draft manifest from a system's OpenAPI document, without a gateway and without a network. The
//! draft goes to a file or to standard output; what could not be imported is told beside it.

use crate::cli::exit::Exit;
use crate::cli::say::Voice;
use clap::Args;
use connector_declarative::Flaw;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(
    after_help = "Contoh / example:\n  simpul connector import openapi.json --sistem angkut --keluar angkut.yaml\n\n\
                        Kode akhir / exit codes: 0 ada draf / there is a draft; 1 tidak ada yang dapat diimpor / nothing can be imported"
)]
pub(in crate::cli) struct Import {
    /// Dokumen OpenAPI 3.0 atau 3.1, JSON atau YAML / the document.
    berkas: PathBuf,
    /// Id sistem dalam manifes / id of the system in the manifest.
    #[arg(long, value_name = "ID")]
    sistem: String,
    /// Hanya jalur asli yang berawalan ini / only native paths that begin with this.
    #[arg(long, value_name = "AWALAN", default_value = "")]
    jalur: String,
    /// Berkas draf; bawaan: keluaran standar / file of the draft; default: standard output.
    #[arg(long, value_name = "BERKAS")]
    keluar: Option<PathBuf>,
}

pub(super) fn import(voice: &Voice, asked: &Import) -> Exit {
    let text = match std::fs::read_to_string(&asked.berkas) {
        Ok(text) => text,
        Err(error) => {
            return voice
                .failed("dokumen tidak terbaca", "the document cannot be read", &error)
                .into();
        }
    };
    let draft = match connector_declarative::import(&text, &asked.sistem, &asked.jalur) {
        Ok(draft) => draft,
        Err(flaws) => {
            if voice.is_json() {
                voice.answer(&json!({"ok": false, "tidak_diimpor": flaws}), String::new);
            } else {
                told(voice, &asked.berkas, &flaws);
            }
            return Exit::Failed;
        }
    };
    let written = draft.text().and_then(|manifest| match &asked.keluar {
        Some(file) => std::fs::write(file, &manifest)
            .map(|()| manifest)
            .map_err(|error| error.to_string()),
        None => Ok(manifest),
    });
    let manifest = match written {
        Ok(manifest) => manifest,
        Err(error) => {
            return voice
                .failed("draf tidak tertulis", "the draft cannot be written", &error)
                .into();
        }
    };
    let operations: Vec<&str> = draft.manifest.operasi.iter().map(|one| one.id.as_str()).collect();
    let pushes: Vec<&str> = draft.manifest.masuk.iter().map(|one| one.id.as_str()).collect();
    if !voice.is_json() {
        told(voice, &asked.berkas, &draft.left);
        told(voice, Path::new(""), &draft.look);
        let (done, pushes) = (operations.len(), pushes.len());
        let (left, look) = (draft.left.len(), draft.look.len());
        voice.note(voice.pick(
            &format!(
                "{done} operasi dan {pushes} kiriman diimpor; {left} hal tidak diimpor; {look} hal perlu diperiksa."
            ),
            &format!(
                "{done} operations and {pushes} pushes imported; {left} things not imported; {look} things to look at."
            ),
        ));
    }
    let answer = json!({
        "ok": true, "operasi": operations, "kiriman": pushes, "tidak_diimpor": draft.left, "periksa": draft.look,
        "berkas": asked.keluar, "manifes": asked.keluar.is_none().then_some(&manifest),
    });
    match (&asked.keluar, voice.is_json()) {
        (Some(_), false) => {}
        _ => voice.answer(&answer, || manifest.clone()),
    }
    Exit::Fine
}

fn told(voice: &Voice, file: &Path, flaws: &[Flaw]) {
    for flaw in flaws {
        let line = flaw.line.map_or_else(String::new, |line| format!(":{line}"));
        let place = format!("{}{line} {}", file.display(), flaw.key);
        voice.note(&format!(
            "{}\n    {}\n    → {}",
            place.trim_start(),
            voice.pick(&flaw.what.id, &flaw.what.en),
            voice.pick(&flaw.advice.id, &flaw.advice.en)
        ));
    }
}
