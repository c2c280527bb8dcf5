//! One mirror for every data set: asks for the page that the cursor points at, reads rows by the field table. Lists
//! that stand under others (one per agency, one per sub-activity) read those first, page by page; such a page brings no
//! records, only the next cursor.

use crate::cursor::Cursor;
use crate::dataset::{Dataset, Generation, Paging, Parent, Wrapping};
use crate::fields::{Context, Making, Reader};
use crate::rows::{self, Asked};
use crate::settings::Setup;
use connector_sdk::{
    BODY_CREDENTIAL, Call, Fault, Mirror, MirrorSpec, NativeBody, NativeReply, NativeRequest, Page, Part, Pull,
    Reading, Record, RelativePath, Str, Text, looks_masked,
};
use serde_json::Value;
use std::sync::Arc;

/// A copied data set.
pub(crate) struct Copied {
    spec: MirrorSpec,
    set: Dataset,
    setup: Arc<Setup>,
}

impl Copied {
    pub(crate) fn new(set: &Dataset, setup: &Arc<Setup>) -> Self {
        let spec = MirrorSpec {
            id: set.id.clone().into(),
            summary: Text::owned(set.judul.0.clone(), set.judul.1.clone()),
            schema: format!("urn:simpul:skema:{}:1", set.skema).into(),
            key: set.kunci.iter().cloned().map(Into::into).collect(),
            every_s: set.setiap_detik,
            max_shrink_percent: set.susut_persen,
            max_pages: set.halaman_maks,
        };
        Self {
            spec,
            set: set.clone(),
            setup: Arc::clone(setup),
        }
    }

    fn cursor(&self, pull: &Pull) -> Result<Cursor, Fault> {
        match &pull.cursor {
            None => Ok(Cursor::first(self.set.induk.is_some())),
            Some(text) => Cursor::read(text),
        }
    }

    fn size(&self) -> u32 {
        self.setup
            .raw
            .batas
            .get(&self.set.id)
            .copied()
            .unwrap_or(self.set.batas)
            .max(1)
    }

    /// Pieces of document numbers that name the month asked for. A number may write March as `3` or as `03`, and the
    /// system looks for the piece as it stands, so both are asked.
    fn months(&self, pull: &Pull) -> Vec<String> {
        let month = scoped(pull, "bulan").and_then(|month| month.parse::<u32>().ok());
        let year = self.setup.year(pull);
        match month {
            Some(month @ 1..=9) if self.set.menurut_bulan => {
                vec![format!("/{month}/{year}"), format!("/0{month}/{year}")]
            }
            Some(month @ 10..=12) if self.set.menurut_bulan => vec![format!("/{month}/{year}")],
            _ => vec![String::new()],
        }
    }

    /// Everything that templates and rows may take from beside the reply.
    fn context(&self, pull: &Pull, cursor: &Cursor) -> Context {
        let mut context = self.setup.context(pull);
        let size = self.size();
        context.insert("batas".into(), size.to_string());
        let page = cursor.parent.unwrap_or(cursor.page);
        context.insert("halaman".into(), page.to_string());
        context.insert(
            "awal".into(),
            (u64::from(page.saturating_sub(1)) * u64::from(size)).to_string(),
        );
        let months = self.months(pull);
        let mut turn = cursor.turn;
        context.insert(
            "bulan_tahun".into(),
            months.get(turn % months.len()).cloned().unwrap_or_default(),
        );
        turn /= months.len();
        for (name, values) in &self.set.putaran {
            if let Some(value) = values.get(turn % values.len().max(1)) {
                context.insert(name.clone(), value.clone());
            }
            turn /= values.len().max(1);
        }
        if let (Some(parent), Some(ids)) = (&self.set.induk, cursor.queue.first()) {
            let pairs = parent.ambil.iter().cloned().zip(ids.iter().cloned());
            context.extend(pairs);
        }
        context
    }

    fn asked(&self, cursor: &Cursor, parent: Option<&Parent>) -> Asked {
        let (wrapping, paging, page): (Wrapping, Paging, u32) = match parent {
            Some(parent) => (parent.bungkus, parent.halaman, cursor.parent.unwrap_or(1)),
            None => (self.set.bungkus, self.set.halaman, cursor.page),
        };
        Asked {
            wrapping,
            paging,
            page,
            size: self.size(),
            null_is_empty: parent.is_none() && self.set.null_kosong,
        }
    }

    /// The parent list that this page is of, if it is one.
    fn parent(&self, cursor: &Cursor) -> Option<&Parent> {
        self.set.induk.as_ref().filter(|_| cursor.parent.is_some())
    }

    fn parents(&self, parent: &Parent, cursor: &Cursor, rows: &rows::Rows) -> Result<Page, Fault> {
        let mut queue: Vec<Vec<String>> = Vec::new();
        for row in &rows.items {
            let id = |name: &String| row.get(name).and_then(Value::as_str).map(str::to_owned);
            let ids: Option<Vec<String>> = parent.ambil.iter().map(id).collect();
            let ids = ids.ok_or_else(|| Fault::drift("a listed row without the ids under which more is asked"))?;
            if queue.last() != Some(&ids) && (!queue.is_empty() || cursor.last != ids) && !queue.contains(&ids) {
                queue.push(ids);
            }
        }
        let more = rows.more.then(|| cursor.parent.unwrap_or(1) + 1);
        let next = Cursor::after_parents(queue, more, cursor.last.clone());
        Ok(Page {
            records: Vec::new(),
            next: next.map(|next| next.written()).transpose()?,
            total: None,
        })
    }

    fn record(&self, row: &Value, context: &Context) -> Result<Value, Fault> {
        let reader = Reader {
            ways: self.setup.ways(),
            context,
        };
        let mut making = Making::default();
        reader.table(&self.set.bidang, row, &mut making);
        if let Some(extra) = self.set.tambahan {
            reader.extra(extra, row, &mut making);
        }
        let record = making.done();
        let keyed = self.set.kunci.iter().all(|key| record.pointer(key).is_some());
        keyed
            .then_some(record)
            .ok_or_else(|| Fault::drift("a row without its key"))
    }
}

fn scoped<'a>(pull: &'a Pull, name: &str) -> Option<&'a str> {
    pull.scope
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// A template with its `{names}` filled in; an unknown name stays and shows up in the field test.
fn filled(template: &str, context: &Context) -> String {
    context.iter().fold(template.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

impl Mirror for Copied {
    fn spec(&self) -> &MirrorSpec {
        &self.spec
    }

    fn scope(&self) -> &[Str] {
        match self.set.generasi {
            // An archive is asked for as a whole.
            Generation::B => &[],
            Generation::A | Generation::C1 | Generation::C2 | Generation::Salinan => self.setup.wanted(),
        }
    }

    fn request(&self, _call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        let cursor = self.cursor(pull)?;
        let context = self.context(pull, &cursor);
        let (path, parameters) = match self.parent(&cursor) {
            Some(parent) => (&parent.jalur, &parent.parameter),
            None => (
                self.setup.raw.jalur.get(&self.set.id).unwrap_or(&self.set.jalur),
                &self.set.parameter,
            ),
        };
        let generation = self.set.generasi;
        let path = self.setup.path(generation, path);
        let path = path.split('/').filter(|segment| !segment.is_empty());
        let path = path.fold(RelativePath::root(), |path, segment| {
            path.segment(&filled(segment, &context))
        });
        let pairs = parameters
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, &context)));
        let pairs: Vec<(String, String)> = pairs.filter(|(_, value)| !value.is_empty()).collect();
        let step = generation.step();
        Ok(match generation {
            Generation::C1 => {
                let parts = pairs.into_iter().map(|(name, value)| Part::text(name, value)).collect();
                NativeRequest::post(step, path, NativeBody::Multipart(parts)).reads_only()
            }
            Generation::Salinan => NativeRequest::post(step, path, keyed_form(&pairs)).reads_only(),
            Generation::A | Generation::B | Generation::C2 => {
                let request = NativeRequest::get(step, path);
                pairs
                    .into_iter()
                    .fold(request, |request, (name, value)| request.query(name, value))
            }
        })
    }

    /// As the page, with the system's own time of change as the version of a record.
    fn open<'a>(&'a self, call: &Call<'a>, pull: &'a Pull, reply: &'a NativeReply) -> Result<Reading<'a>, Fault> {
        let page = self.page(call, pull, reply)?;
        let record = |value: Value| {
            let version = value.get("diubah_pada").and_then(Value::as_str).map(str::to_owned);
            let masked = value.as_object().into_iter().flatten().filter_map(|(name, value)| {
                let masked = value.as_str().is_some_and(looks_masked);
                masked.then(|| format!("/{name}").into())
            });
            let masked = masked.collect();
            Ok(Record { masked, version, value })
        };
        Ok(Reading {
            records: Box::new(page.records.into_iter().map(record)),
            next: page.next,
            total: page.total,
            lacking: None,
        })
    }

    fn page(&self, _call: &Call<'_>, pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let cursor = self.cursor(pull)?;
        let parent = self.parent(&cursor);
        let rows = rows::open(reply, self.asked(&cursor, parent))?;
        if let Some(parent) = parent {
            return self.parents(parent, &cursor, &rows);
        }
        let context = self.context(pull, &cursor);
        let records = rows.items.iter().map(|row| self.record(row, &context));
        let records = records.collect::<Result<Vec<Value>, Fault>>()?;
        let turns = self.set.turns(self.months(pull).len());
        let alone = turns == 1 && self.set.induk.is_none();
        let next = cursor.after(rows.more, turns);
        Ok(Page {
            records,
            next: next.map(|next| next.written()).transpose()?,
            total: rows.total.filter(|_| alone),
        })
    }
}

/// A form whose key the door writes in.
fn keyed_form(pairs: &[(String, String)]) -> NativeBody {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let pairs = pairs.iter().filter(|(name, value)| plain(name) && plain(value));
    let pairs = pairs.map(|(name, value)| format!("{name}={value}&"));
    NativeBody::Text {
        content_type: "application/x-www-form-urlencoded".to_owned(),
        text: format!("{}api_key={BODY_CREDENTIAL}", pairs.collect::<String>()),
    }
}
