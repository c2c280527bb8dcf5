//! The rows of a reply and whether more follow. Only a list that says that it is empty is empty; a page that contradicts
//! its own count, or another page than the one asked for, is drift.

use crate::dataset::{Paging, Wrapping};
use crate::{exact, obfuscated};
use connector_sdk::{Fault, NativeReply};
use serde_json::Value;

/// One page of native rows.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) items: Vec<Value>,
    pub(crate) more: bool,
    pub(crate) total: Option<u64>,
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) wrapping: Wrapping,
    pub(crate) paging: Paging,
    pub(crate) page: u32,
    pub(crate) size: u32,
    /// `null` says by itself that there are none.
    pub(crate) null_is_empty: bool,
}

/// Opens a reply that has passed the screen.
pub(crate) fn open(reply: &NativeReply, asked: Asked) -> Result<Rows, Fault> {
    let body = exact::parse(&reply.body).ok_or_else(|| Fault::drift("a body that is not JSON"))?;
    let (list, total) = unwrapped(body, asked)?;
    let items = match list {
        Value::Array(items) => items,
        Value::Null if none_said(reply, asked, total) => Vec::new(),
        _ => return Err(Fault::drift("no list where one is promised")),
    };
    if items.iter().any(|row| !row.is_object()) {
        return Err(Fault::drift("a row that is not an object"));
    }
    match asked.paging {
        Paging::Tunggal => Ok(Rows {
            items,
            more: false,
            total: None,
        }),
        Paging::Kepala => by_headers(reply, asked, items),
        Paging::Tabel | Paging::Jumlah => by_total(asked, items, total),
    }
}

/// Whether `null` stands for an empty list here: by declaration, by a count of zero, or after the last page.
fn none_said(reply: &NativeReply, asked: Asked, total: Option<u64>) -> bool {
    asked.null_is_empty || asked.page > 1 || total == Some(0) || header(reply, TOTAL) == Some(0)
}

fn unwrapped(body: Value, asked: Asked) -> Result<(Value, Option<u64>), Fault> {
    let missing = || Fault::drift("the envelope has no data");
    match asked.wrapping {
        Wrapping::Polos => Ok((body, None)),
        Wrapping::Objek => match body {
            Value::Object(ref map) if map.len() > 1 => Ok((Value::Array(vec![body]), None)),
            _ => Err(Fault::drift("no record where one is promised")),
        },
        Wrapping::Data => match body {
            Value::Array(_) => Ok((body, None)),
            Value::Object(mut map) => map.remove("data").map(|data| (data, None)).ok_or_else(missing),
            _ => Err(missing()),
        },
        Wrapping::Aklap => {
            let mut data = member(body, "data").ok_or_else(missing)?;
            let total = count(data.get("total"));
            let list = data.get_mut("list").map(Value::take).ok_or_else(missing)?;
            Ok((list, total))
        }
        Wrapping::C1 => {
            let data = member(body, "data").ok_or_else(missing)?;
            let data = match data {
                Value::String(text) => {
                    obfuscated::open(&text).ok_or_else(|| Fault::drift("data that does not open"))?
                }
                other => other,
            };
            match data {
                Value::Object(map) => {
                    let total = count(map.get("recordsFiltered").or_else(|| map.get("recordsTotal")));
                    let list = member(Value::Object(map), "data").ok_or_else(missing)?;
                    Ok((list, total))
                }
                list => Ok((list, None)),
            }
        }
    }
}

fn member(body: Value, name: &str) -> Option<Value> {
    match body {
        Value::Object(mut map) => map.remove(name),
        _ => None,
    }
}

fn count(value: Option<&Value>) -> Option<u64> {
    value?.as_str()?.trim().parse().ok()
}

const CURRENT: &str = "x-pagination-current-page";
const PAGES: &str = "x-pagination-page-count";
const SIZE: &str = "x-pagination-per-page";
const TOTAL: &str = "x-pagination-total-count";

fn header(reply: &NativeReply, name: &str) -> Option<u64> {
    reply.header(name)?.trim().parse().ok()
}

fn by_headers(reply: &NativeReply, asked: Asked, items: Vec<Value>) -> Result<Rows, Fault> {
    if header(reply, CURRENT).is_some_and(|page| page != u64::from(asked.page)) {
        return Err(Fault::drift("another page than the one asked for"));
    }
    let (pages, total) = (header(reply, PAGES), header(reply, TOTAL));
    let Some(pages) = pages else {
        // Some lists have no headers: go on until nothing comes.
        let more = !items.is_empty();
        return Ok(Rows { items, more, total });
    };
    let more = u64::from(asked.page) < pages;
    let size = header(reply, SIZE);
    let short = more && size.is_some_and(|size| length(&items) < size);
    let gone = items.is_empty() && u64::from(asked.page) <= pages && total.is_some_and(|total| total > 0);
    if short || gone {
        return Err(Fault::drift("fewer rows than the paging headers say"));
    }
    Ok(Rows { items, more, total })
}

fn by_total(asked: Asked, items: Vec<Value>, total: Option<u64>) -> Result<Rows, Fault> {
    let Some(total) = total else {
        if asked.page == 1 && asked.paging == Paging::Tabel {
            // A list without a count is the whole list.
            return Ok(Rows {
                items,
                more: false,
                total: None,
            });
        }
        return Err(Fault::drift("the list does not say how many there are"));
    };
    let before = u64::from(asked.page - 1) * u64::from(asked.size);
    let seen = before + length(&items);
    let more = seen < total;
    if more && length(&items) < u64::from(asked.size) {
        return Err(Fault::drift("fewer rows than the count says"));
    }
    Ok(Rows {
        items,
        more,
        total: Some(total),
    })
}

fn length(items: &[Value]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}
