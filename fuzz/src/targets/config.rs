//! Configuration: whatever is written, all complaints come at once and each names its file; nothing panics, nothing is left unsaid.

use super::Target;
use crate::corpus::{files, root};
use gateway::config::{CONNECTORS, Files, Source, check, parse};

pub(super) const SETUP: Target = Target {
    name: "config",
    words: &[
        "[[sistem]]\n",
        "[[konsumen.hak]]\n",
        "[[operasi]]\n",
        "[simpul]\n",
        "{ file = \"x\" }",
        "\"\"\"",
        "[[salinan]]\n",
        "= []\n",
        "= {}\n",
        "= -1\n",
        "= 99999999999999999999\n",
        "= 2026-13-45\n",
        "[[ikuti]]\n",
        "\"{a}{b}\"",
    ],
    seeds,
    run,
};

fn seeds() -> std::io::Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    all.push(std::fs::read(root().join("config/rujukan.toml"))?);
    for file in files(&root().join("config/contoh"), ".toml")? {
        all.push(std::fs::read(file)?);
    }
    Ok(all)
}

fn run(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else {
        return "not text".to_owned();
    };
    let files = Files {
        toml: vec![Source {
            name: "uji.toml".into(),
            text: text.to_owned(),
        }],
        ..Files::default()
    };
    match check(&parse(&files), CONNECTORS) {
        Ok(_) => "sound".to_owned(),
        Err(complaints) => {
            assert!(!complaints.is_empty(), "refused without a word");
            let first = &complaints[0];
            assert!(
                !first.what.en.is_empty() && !first.advice.id.is_empty(),
                "a complaint without words"
            );
            let key: String = first
                .place
                .key
                .chars()
                .filter(char::is_ascii_lowercase)
                .take(40)
                .collect();
            format!("{key} {}", complaints.len().min(64))
        }
    }
}
