//! A data set as a mirror: the request of its page, the rows of its reply, the cursor of the next. What is wrong with a
//! page is a fault here; whether a smaller set may replace the copy is the engine's to decide.

use crate::csv;
use crate::dataset::DataSet;
use crate::exact;
use crate::request;
use crate::row::{Maker, Turned};
use crate::rows::Rows;
use crate::settings::{Form, Interface, Setup};
use crate::web;
use connector_sdk::{Call, Fault, Mirror, MirrorSpec, NativeReply, NativeRequest, Page, Pull, Reading, Record, Str};
use serde_json::Value;
use std::sync::Arc;

/// What the old bus says when there are no rows, although JSON was asked for.
const NO_ROWS: &[u8] = b"<invalid_response>";

/// One data set on one interface.
pub(crate) struct Set {
    spec: MirrorSpec,
    scope: Vec<Str>,
    setup: Arc<Setup>,
    index: usize,
}

/// Every data set that the endpoint offers.
pub(crate) fn all(setup: &Arc<Setup>) -> Vec<Set> {
    let one = |(index, set): (usize, &DataSet)| Set {
        spec: MirrorSpec {
            id: format!("spse.{}", set.id).into(),
            summary: set.summary(),
            schema: format!("urn:simpul:skema:{}:1", set.skema).into(),
            key: vec!["/kunci".into()],
            every_s: 24 * 3600,
            max_shrink_percent: 30,
            max_pages: 10_000,
        },
        scope: request::wanted(setup, set),
        setup: Arc::clone(setup),
        index,
    };
    setup.sets.iter().enumerate().map(one).collect()
}

impl Set {
    fn set(&self) -> Result<&DataSet, Fault> {
        self.setup
            .sets
            .get(self.index)
            .ok_or_else(|| Fault::drift("the data set is not there"))
    }

    /// On `/v1` rows have ids that older interfaces lack.
    fn key<'a>(&self, set: &'a DataSet) -> &'a [String] {
        let paged = self.setup.raw.antarmuka == Interface::Gerbang && !request::is_legacy(set);
        if paged && !set.kunci_v1.is_empty() {
            &set.kunci_v1
        } else {
            &set.kunci
        }
    }
}

impl Mirror for Set {
    fn spec(&self) -> &MirrorSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        request::page(&self.setup, self.set()?, pull)
    }

    fn scope(&self) -> &[Str] {
        &self.scope
    }

    fn page(&self, call: &Call<'_>, pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let reading = self.open(call, pull, reply)?;
        match reading.lacking {
            Some(why) => Err(Fault::drift(why.into_owned())),
            None => Ok(Page {
                records: reading
                    .records
                    .map(|record| record.map(|record| record.value))
                    .collect::<Result<_, _>>()?,
                next: reading.next,
                total: reading.total,
            }),
        }
    }

    fn open<'a>(&'a self, _call: &Call<'a>, pull: &'a Pull, reply: &'a NativeReply) -> Result<Reading<'a>, Fault> {
        let set = self.set()?;
        let maker = Maker::new(set, self.key(set), &self.setup.offset);
        let whole = |rows: Box<dyn Iterator<Item = Option<Value>> + Send + 'a>| Reading {
            records: Box::new(Records { rows, maker }),
            next: None,
            total: None,
            lacking: None,
        };
        if says_empty(&self.setup, set, reply) {
            return Ok(whole(Box::new(std::iter::empty())));
        }
        if self.setup.raw.antarmuka == Interface::Isb && self.setup.raw.bentuk == Form::Csv {
            let rows = csv::rows(&reply.body).ok_or_else(|| not_rows(reply))?;
            return Ok(whole(Box::new(rows.into_iter().map(Some))));
        }
        let rows = Rows::of(&reply.body).ok_or_else(|| not_rows(reply))?;
        if let Some(table) = &set.sirup_web {
            let columns = self.setup.raw.susunan.get(&set.id).unwrap_or(&table.susunan);
            let total = web::total(&rows);
            let next = web::next(rows.len(), total, self.setup.raw.batas, pull)?;
            let named = move |row: &[u8]| exact::parse(row).map(|row| web::named(table, columns, row));
            return Ok(Reading {
                next,
                total,
                ..whole(Box::new(rows.map(named)))
            });
        }
        let marks = Marks::of(&rows);
        let paged = self.setup.raw.antarmuka == Interface::Gerbang && !request::is_legacy(set);
        let next = if paged {
            marks.next(rows.len(), &self.setup, pull)?
        } else {
            Next::default()
        };
        Ok(Reading {
            next: next.cursor,
            lacking: next.lacking.map(Str::from),
            total: marks.total,
            ..whole(Box::new(rows.map(exact::parse)))
        })
    }
}

/// Rows turned one by one.
struct Records<'a> {
    rows: Box<dyn Iterator<Item = Option<Value>> + Send + 'a>,
    maker: Maker<'a>,
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(row) = self.rows.next()? else {
                return Some(Err(Fault::drift("a row that is not JSON")));
            };
            match self.maker.turn(&row) {
                Turned::Record(made) => {
                    return Some(Ok(Record {
                        value: made.value,
                        masked: made.masked.into_iter().map(Str::from).collect(),
                        version: None,
                    }));
                }
                Turned::Nothing => {}
                Turned::Nameless => return Some(Err(Fault::drift("a row without what names it"))),
            }
        }
    }
}

/// A reply that shows a working endpoint: rows, or the word that there are none.
pub(crate) fn any_rows(setup: &Setup, reply: &NativeReply) -> Result<(), Fault> {
    let csv = setup.raw.bentuk == Form::Csv && csv::rows(&reply.body).is_some();
    match csv || reply.body.trim_ascii().starts_with(NO_ROWS) || Rows::of(&reply.body).is_some() {
        true => Ok(()),
        false => Err(not_rows(reply)),
    }
}

/// Zero bytes mean "no rows" on the old bus too, but a broken connection looks the same: only where the operator has
/// said so.
fn says_empty(setup: &Setup, set: &DataSet, reply: &NativeReply) -> bool {
    let bus = setup.raw.antarmuka == Interface::Isb;
    let body = reply.body.trim_ascii();
    bus && (body.starts_with(NO_ROWS) || (body.is_empty() && setup.raw.kosong_nol_bita.contains(&set.id)))
}

fn not_rows(reply: &NativeReply) -> Fault {
    let what = match reply.body.trim_ascii().first() {
        None => "an empty body, which is not an empty list",
        Some(b'[' | b'{') => "a body that begins like JSON and holds no whole list of rows",
        Some(_) => "a body that is no list of rows",
    };
    Fault::drift(format!("status {} with {what}", reply.status))
}

/// What stands beside the rows: in `meta`, or at the top level.
struct Marks {
    more: Option<bool>,
    cursor: Option<String>,
    total: Option<u64>,
}

impl Marks {
    fn of(rows: &Rows<'_>) -> Self {
        let find = |name: &str| {
            let meta = rows.mark("meta").and_then(|meta| meta.get(name));
            meta.or_else(|| rows.mark(name)).filter(|value| !value.is_null())
        };
        let text = |name: &str| find(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        Self {
            more: find("has_more").and_then(Value::as_bool),
            cursor: text("cursor").map(str::to_owned),
            total: text("total").and_then(|total| total.parse().ok()),
        }
    }

    /// The next cursor. The flag decides; a cursor behind `has_more: false` is not followed. After a full page that says
    /// nothing of a next one the set cannot be called complete; a cursor that repeats, an empty page that goes on, a
    /// promise without a cursor are faults.
    fn next(&self, rows: usize, setup: &Setup, pull: &Pull) -> Result<Next, Fault> {
        let full = rows >= usize::from(setup.raw.batas);
        let cursor = match (self.more, &self.cursor) {
            (Some(false), _) => None,
            (Some(true), None) => return Err(Fault::drift("more rows are promised without a cursor")),
            (None, None) if full => {
                return Ok(Next {
                    cursor: None,
                    lacking: Some("a page as full as the limit without a word about the next"),
                });
            }
            (None, None) => None,
            (Some(true) | None, Some(cursor)) => Some(cursor.clone()),
        };
        if cursor.is_some() && cursor == pull.cursor {
            return Err(Fault::drift("the cursor of the next page is that of this page"));
        }
        if rows == 0 && cursor.is_some() {
            return Err(Fault::drift("an empty page that says it goes on"));
        }
        Ok(Next { cursor, lacking: None })
    }
}

/// Where the pull goes on, or why it cannot be complete.
#[derive(Debug, Default, PartialEq, Eq)]
struct Next {
    cursor: Option<String>,
    lacking: Option<&'static str>,
}

#[cfg(test)]
mod tests;
