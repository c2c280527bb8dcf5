//! Data sets of a declared system: pages by number or mark, records by rules. What is no list is a fault, so that nothing
//! is ever emptied by an answer of another form.

use crate::connector::wrong_reply;
use crate::manifest::{MirrorText, PagesText};
use crate::rule::Compiled;
use crate::run::{Facts, run};
use connector_sdk::{Call, Fault, Mirror, MirrorSpec, NativeReply, NativeRequest, Page, Pull, RelativePath, Str};
use serde_json::Value;

/// Most pages of one pull.
const MOST_PAGES: u32 = 10_000;
/// Largest share that one pull may lack.
const SHRINK: u8 = 20;

pub(crate) struct Pulled {
    spec: MirrorSpec,
    text: MirrorText,
    rules: Vec<Compiled>,
}

impl Pulled {
    pub(crate) fn new(text: MirrorText, rules: Vec<Compiled>) -> Self {
        let spec = MirrorSpec {
            id: text.id.clone().into(),
            summary: text.ringkasan.clone(),
            schema: text.skema.clone().into(),
            key: text.kunci.iter().cloned().map(Str::Owned).collect(),
            every_s: text.tiap_detik,
            max_shrink_percent: SHRINK,
            max_pages: MOST_PAGES,
        };
        Self { spec, text, rules }
    }

    fn next(&self, pull: &Pull, body: &Value) -> Result<Option<String>, Fault> {
        match &self.text.halaman {
            PagesText::Satu => Ok(None),
            PagesText::Nomor { terakhir, .. } => {
                let last = body.pointer(terakhir).and_then(Value::as_u64);
                let last = last.ok_or_else(|| Fault::drift("the answer does not say which page is the last"))?;
                let now = pull
                    .cursor
                    .as_deref()
                    .and_then(|cursor| cursor.parse::<u64>().ok())
                    .unwrap_or(1);
                Ok((now < last).then(|| (now + 1).to_string()))
            }
            PagesText::Kursor { berikut, .. } => {
                let next = body.pointer(berikut).filter(|next| !next.is_null());
                next.map(|next| {
                    crate::ops::plain(next).map_err(|_| Fault::drift("the mark of the next page is no text"))
                })
                .transpose()
            }
        }
    }
}

impl Mirror for Pulled {
    fn spec(&self) -> &MirrorSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        let mut request = NativeRequest::get("halaman", RelativePath::of(&self.text.jalur));
        for (name, value) in &self.text.kueri {
            request = request.query(name, value);
        }
        Ok(match (&self.text.halaman, &pull.cursor) {
            (PagesText::Nomor { parameter, .. }, cursor) => request.query(parameter, cursor.as_deref().unwrap_or("1")),
            (PagesText::Kursor { parameter, .. }, Some(cursor)) => request.query(parameter, cursor),
            (PagesText::Kursor { .. } | PagesText::Satu, _) => request,
        })
    }

    fn page(&self, _call: &Call<'_>, pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let body = reply.json()?;
        let list = body.pointer(&self.text.butir).and_then(Value::as_array);
        let list = list.ok_or_else(|| Fault::drift(format!("no list at {}", self.text.butir)))?;
        let records = list
            .iter()
            .map(|item| run(&self.rules, item, Facts::default()).map_err(|wrong| wrong_reply(&wrong)));
        Ok(Page {
            records: records.collect::<Result<_, _>>()?,
            next: self.next(pull, &body)?,
            total: None,
        })
    }
}
