//! The texts of a new connector, without any file: names renamed in a copied text, and one line put into each of the
//! lists that name every connector. `new` reads and writes the files.

/// Word of the example in configuration and at the head of its operation ids.
const WORD: &str = "perpustakaan";

/// Whether a name can be a word of configuration, the end of a crate name and the head of operation ids.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (2..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name.chars().all(plain)
}

/// Whether a parent folder lies inside the repository and can stand in `Cargo.toml` as it is.
pub(super) fn is_folder(folder: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
    folder.split('/').all(part)
}

/// A text of the example, or a path in it, for the new connector. Schemas of the city and the simulator keep their names.
pub(super) fn renamed(text: &str, name: &str) -> String {
    let kind = pascal(name);
    let mut text = text.to_owned();
    for (old, new) in [
        ("connector-example", format!("connector-{name}")),
        ("connector_example", format!("connector_{name}")),
        ("\"perpustakaan\"", format!("\"{name}\"")),
        ("`perpustakaan`", format!("`{name}`")),
        ("/v1/perpustakaan/", format!("/v1/{}/", name.replace('_', "-"))),
        ("struct Perpustakaan", format!("struct {kind}")),
        ("for Perpustakaan", format!("for {kind}")),
        ("Arc::new(Perpustakaan", format!("Arc::new({kind}")),
        (
            "The smallest complete Simpul connector; copy it",
            format!("Simpul connector `{name}`, begun as a copy of the example"),
        ),
        ("The example connector", format!("The connector `{name}`")),
    ] {
        text = text.replace(old, &new);
    }
    operation_ids(&text, name)
}

/// Where the new connector's page goes, from the example's.
pub(super) fn page(example: &str, name: &str) -> String {
    example.replace(WORD, name)
}

/// `perpustakaan.` is the head of an operation id where a lower-case letter follows, else the end of a sentence.
fn operation_ids(text: &str, name: &str) -> String {
    let head = format!("{WORD}.");
    let mut parts = text.split(&head);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let id = part.starts_with(|c: char| c.is_ascii_lowercase());
        out.push_str(if id { name } else { WORD });
        out.push('.');
        out.push_str(part);
    }
    out
}

fn pascal(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (head, tail) = word.split_at(word.len().min(1));
        head.to_ascii_uppercase() + tail
    });
    words.collect()
}

/// The root `Cargo.toml` with the member and the dependency.
pub(super) fn workspace(text: &str, name: &str, folder: &str) -> Option<String> {
    let text = after_last(
        text,
        "members = [",
        "    \"connectors/",
        &format!("    \"{folder}/{name}\","),
    )?;
    let line = format!("connector-{name} = {{ path = \"{folder}/{name}\" }}");
    after_last(&text, "[workspace.dependencies]", "connector-", &line)
}

/// The gateway's `Cargo.toml` with the dependency.
pub(super) fn gateway(text: &str, name: &str) -> Option<String> {
    let line = format!("connector-{name}.workspace = true");
    after_last(text, "[dependencies]", "connector-", &line)
}

/// The gateway's list of connectors with the new one.
pub(super) fn connectors(text: &str, name: &str) -> Option<String> {
    let line = format!("    connector_{name}::FACTORY,");
    after_last(text, "pub const CONNECTORS", "    connector_", &line)
}

/// The text with a line put below the last line that starts like its siblings, in the part that a head line opens and
/// an empty line, a bracket or the end closes. `None` without such a place.
fn after_last(text: &str, head: &str, sibling: &str, line: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|l| l.starts_with(head))? + 1;
    let ends = |l: &&str| l.is_empty() || l.starts_with(']') || l.starts_with('[');
    let length = lines[start..].iter().position(ends).unwrap_or(lines.len() - start);
    let last = lines[start..start + length]
        .iter()
        .rposition(|l| l.starts_with(sibling))?;
    lines.insert(start + last + 1, line);
    Some(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["parkir", "pajak_daerah", "g2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "p",
            "Parkir",
            "2x",
            "a-b",
            "a_",
            "a__b",
            "../x",
            "a b",
            "é",
            &"a".repeat(33),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(is_folder("connectors") && is_folder("lain/connectors"));
        for bad in ["", "/etc", "..", "a/../b", "a//b", "a\"b", ".git"] {
            assert!(!is_folder(bad), "{bad}");
        }
    }

    #[test]
    fn ids_are_renamed_and_sentences_schemas_and_the_simulator_are_not() {
        let text = "\"perpustakaan.buku.lihat\" kode perpustakaan. Minta urn:simpul:skema:perpustakaan_buku:1 \
            simulators::example struct Perpustakaan; Perpustakaan menolak";
        let expected = "\"pajak_x.buku.lihat\" kode perpustakaan. Minta urn:simpul:skema:perpustakaan_buku:1 \
            simulators::example struct PajakX; Perpustakaan menolak";
        assert_eq!(renamed(text, "pajak_x"), expected);
    }

    #[test]
    fn a_list_in_an_unknown_form_is_left_alone() {
        assert_eq!(gateway("[dependencies]\nserde = \"1\"\n", "x"), None);
        assert_eq!(connectors("pub const OTHERS: &[Factory] = &[\n];\n", "x"), None);
        assert_eq!(
            gateway(
                "[dependencies]\nconnector-a = 1\nz = 1\n\n[dev-dependencies]\nconnector-t = 1",
                "x"
            )
            .unwrap(),
            "[dependencies]\nconnector-a = 1\nconnector-x.workspace = true\nz = 1\n\n[dev-dependencies]\nconnector-t = 1\n"
        );
    }
}
