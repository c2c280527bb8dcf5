//! Reference lists with their version mark, and the change feed.

use super::{Plain, listing, page_asked, reads};
use crate::codes::UNKNOWN;
use crate::envelope::{self, LIST_STEP};
use crate::fields;
use crate::settings::Setup;
use connector_sdk::{Complaint, Fault, Landed, NativeReply, NativeRequest, Operation, Paging, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let list = Plain {
        spec: connector_sdk::OperationSpec {
            paging: Paging::Number,
            ..reads(
                "naskah.acuan.daftar",
                Text::new(
                    "Mengambil satu daftar acuan; yang tidak berubah tidak dikirim ulang.",
                    "Reads one reference list; what has not changed is not sent again.",
                ),
                "acuan_naskah_kunci",
                "acuan_naskah",
            )
        },
        setup: Arc::clone(setup),
        request: |setup, _, input| {
            let name = input.get("daftar").and_then(Value::as_str).unwrap_or_default();
            let path = format!("acuan_{name}");
            if !super::PATHS.iter().any(|(known, _)| *known == path) {
                return Err(Fault::invalid(vec![Complaint {
                    pointer: "/daftar".to_owned(),
                    text: Text::new("Daftar acuan ini tidak ada.", "There is no such reference list."),
                }]));
            }
            let request = listing(setup, LIST_STEP, &path, page_asked(input)?);
            Ok(match input.get("etag").and_then(Value::as_str) {
                Some(mark) => request.header("if-none-match", mark),
                None => request,
            })
        },
        reply: |setup, input, reply| {
            let mark = reply.header("etag").map(str::to_owned);
            if reply.status == 304 {
                let mark = mark.or_else(|| input.get("etag").and_then(Value::as_str).map(str::to_owned));
                return Ok(json!({"berubah": false, "etag": mark, "butir": [], "halaman_berikut": null}));
            }
            let (rows, next, _) = envelope::page(setup, reply, page_asked(input)?)?;
            let items = rows.iter().map(|row| item(setup, row)).collect::<Result<Vec<_>, _>>()?;
            Ok(json!({
                "berubah": true, "etag": mark, "butir": items, "halaman_berikut": next.map(|page| page.to_string()),
            }))
        },
    };
    let feed = Plain {
        spec: connector_sdk::OperationSpec {
            paging: Paging::Cursor,
            ..reads(
                "naskah.perubahan.daftar",
                Text::new(
                    "Mendaftar perubahan naskah, disposisi, dan berkas sejak penanda.",
                    "Lists changes of letters, dispositions and files since a mark.",
                ),
                "naskah_perubahan_kunci",
                "naskah_perubahan_daftar",
            )
        },
        setup: Arc::clone(setup),
        request: |setup, _, input| {
            let request = NativeRequest::get("perubahan", setup.path("perubahan", None));
            let mark = input.get("sejak").and_then(Value::as_str);
            if mark.is_some_and(|mark| mark.trim().is_empty()) {
                return Err(Fault::invalid(vec![Complaint {
                    pointer: "/sejak".to_owned(),
                    text: Text::new(
                        "Pakai penanda dari balasan sebelumnya, atau hapus isian ini.",
                        "Use the mark of the previous reply, or leave this field out.",
                    ),
                }]));
            }
            Ok(match mark {
                Some(mark) => request.query(setup.parameter("sejak"), mark),
                None => request,
            })
        },
        reply: changes,
    };
    vec![Box::new(list), Box::new(feed)]
}

/// Asks for one row of the shortest list.
pub(crate) fn probe(setup: &Setup) -> NativeRequest {
    NativeRequest::get("periksa", setup.path("acuan_tingkat_urgensi", None)).query(setup.parameter("per_page"), "1")
}

fn item(setup: &Setup, row: &Value) -> Result<Value, Fault> {
    let text = |ours: &str, usual: &str| fields::text(setup, "acuan", row, ours, usual);
    let code = text("kode", "kode").or_else(|| text("id", "id"));
    let (Some(code), Some(name)) = (code, text("nama", "nama")) else {
        return Err(Fault::drift("a listed row without its code or name"));
    };
    Ok(json!({"kode": code, "nama": name, "induk": text("induk", "induk_id")}))
}

fn changes(setup: &Setup, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
    let body = envelope::body(reply, Landed::No)?;
    let rows = body.pointer(&setup.raw.amplop.data).and_then(Value::as_array);
    let rows = rows.ok_or_else(|| Fault::drift("a change feed without its rows"))?;
    let before = input.get("sejak").and_then(Value::as_str);
    let mark = body.pointer(&setup.raw.amplop.penanda).and_then(fields::plain);
    let mark = mark.or_else(|| before.map(str::to_owned));
    if !rows.is_empty() && mark.as_deref() == before {
        // The same page would be read for ever.
        return Err(Fault::drift("a change feed whose mark does not move"));
    }
    let items = rows
        .iter()
        .map(|row| change(setup, row))
        .collect::<Result<Vec<_>, _>>()?;
    let more = items.len() >= usize::try_from(setup.raw.per_halaman).unwrap_or(usize::MAX);
    Ok(json!({"butir": items, "sejak": mark, "lagi": more}))
}

/// One change in canonical words; the state's list depends on what changed.
pub(crate) fn change(setup: &Setup, row: &Value) -> Result<Value, Fault> {
    let text = |ours: &str, usual: &str| fields::text(setup, "perubahan", row, ours, usual);
    let id = text("id", "id").ok_or_else(|| Fault::drift("a change without its id"))?;
    let kind = text("jenis", "jenis").ok_or_else(|| Fault::drift("a change without its kind"))?;
    let state = text("keadaan", "status").ok_or_else(|| Fault::drift("a change without its state"))?;
    let kind = setup.codes("jenis_perubahan").canonical(&kind);
    let list = match kind {
        "disposisi" => "keadaan_penerima",
        "berkas" => "status_berkas",
        _ => "keadaan",
    };
    let known = if kind == UNKNOWN {
        UNKNOWN
    } else {
        setup.codes(list).canonical(&state)
    };
    Ok(json!({
        "jenis": kind, "id": id, "keadaan": known,
        "keadaan_asli": crate::letter::short(&state, 64),
        "terjadi_pada": text("terjadi_pada", "waktu").and_then(|at| setup.clock.moment(&at)),
    }))
}
