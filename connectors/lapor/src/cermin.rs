//! Mirrors of native lists: institutions, reply templates, categories. Pages are asked for by number; the rule that an
//! empty or implausible pull never deletes is the engine's.

use crate::envelope::{self, text};
use crate::settings::Setup;
use connector_sdk::{Call, Fault, Mirror, MirrorSpec, NativeReply, NativeRequest, Page, Pull, RelativePath, Str, Text};
use serde_json::{Value, json};
use std::sync::Arc;

/// Rows asked for in one page.
const PAGE_SIZE: &str = "1000";

type Record = fn(&Setup, &Value) -> Option<Value>;

/// One mirrored list.
pub(crate) struct MasterList {
    spec: MirrorSpec,
    setup: Arc<Setup>,
    path: String,
    record: Record,
}

/// The lists that this endpoint offers.
pub(crate) fn lists(setup: &Arc<Setup>) -> Vec<MasterList> {
    let paths = &setup.raw.jalur;
    let list = |spec, path: &String, record| MasterList {
        spec,
        setup: Arc::clone(setup),
        path: path.clone(),
        record,
    };
    let mut lists = vec![
        list(
            spec(
                "lapor.instansi",
                Text::new(
                    "Instansi penerima di SP4N-LAPOR!.",
                    "Receiving institutions in SP4N-LAPOR!.",
                ),
                "urn:simpul:skema:instansi:1",
                "/id_asli/lapor",
            ),
            &paths.instansi,
            institution as Record,
        ),
        list(
            spec(
                "lapor.templat",
                Text::new("Templat balasan di SP4N-LAPOR!.", "Reply templates in SP4N-LAPOR!."),
                "urn:simpul:skema:templat:1",
                "/kode_templat",
            ),
            &paths.templat,
            template,
        ),
    ];
    if let Some(path) = &paths.kategori {
        let text = Text::new("Kategori di SP4N-LAPOR!.", "Categories in SP4N-LAPOR!.");
        let spec = spec("lapor.kategori", text, "urn:simpul:skema:kategori:1", "/id_asli/lapor");
        lists.push(list(spec, path, category));
    }
    lists
}

fn spec(id: &'static str, summary: Text, schema: &'static str, key: &'static str) -> MirrorSpec {
    MirrorSpec {
        id: id.into(),
        summary,
        schema: schema.into(),
        key: vec![Str::from(key)],
        every_s: 24 * 3600,
        max_shrink_percent: 10,
        max_pages: 50,
    }
}

/// The city's own code where the table has one, otherwise a code made of the native id.
fn institution(setup: &Setup, row: &Value) -> Option<Value> {
    let (id, name) = (text(row, "id")?, text(row, "name")?);
    let code = setup.agency_code(&id).map_or_else(|| made_code(&id), str::to_owned);
    Some(json!({ "kode": code, "nama": name, "id_asli": { "lapor": id } }))
}

fn category(setup: &Setup, row: &Value) -> Option<Value> {
    let (id, name) = (text(row, "id")?, text(row, "name").or_else(|| text(row, "topic_name"))?);
    let own = setup
        .raw
        .kategori
        .iter()
        .find(|(_, native)| native.text() == id)
        .map(|(code, _)| code.clone());
    Some(json!({ "kode": own.unwrap_or_else(|| made_code(&id)), "nama": name, "id_asli": { "lapor": id } }))
}

fn template(_setup: &Setup, row: &Value) -> Option<Value> {
    let content = row.get("content").and_then(Value::as_str).map(crate::texts::plain);
    Some(json!({
        "kode_templat": text(row, "template_code")?, "judul": text(row, "title"), "jenis_asli": text(row, "type"),
        "isi": content,
    }))
}

fn made_code(id: &str) -> String {
    let sound = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    format!("lapor-{}", id.chars().map(sound).collect::<String>())
}

impl Mirror for MasterList {
    fn spec(&self) -> &MirrorSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        let request = crate::wire::get("daftar", RelativePath::of(&self.path)).query("page_size", PAGE_SIZE);
        Ok(match &pull.cursor {
            Some(page) => request.query("page", page.as_str()),
            None => request,
        })
    }

    fn page(&self, _call: &Call<'_>, pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let rows = envelope::rows(reply)?;
        let records = rows.items.iter().map(|row| {
            (self.record)(&self.setup, row).ok_or_else(|| Fault::drift("a listed row without its id or name"))
        });
        let current = pull.cursor.as_deref().map_or(Some(1), |page| page.parse::<u32>().ok());
        let next = current.and_then(|page| page.checked_add(1)).filter(|_| rows.more);
        if rows.more && next.is_none() {
            return Err(Fault::drift("the cursor of the pull is not a page number"));
        }
        let body = reply.json()?;
        Ok(Page {
            records: records.collect::<Result<_, _>>()?,
            next: next.map(|page| page.to_string()),
            total: body.pointer("/results/total").and_then(Value::as_u64),
        })
    }
}

#[cfg(test)]
mod tests;
