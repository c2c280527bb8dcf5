//! `rencana.kirim`, `rencana.pemetaan.kirim` and their reading back. The service stores a body first and extracts it
//! later; its documented failure is a success code with `ERROR:` in the log. So a push counts as taken only when the
//! log commits, and as done only when the content reads back, which the gateway follows up.

use super::{body, text};
use crate::dataset::Generation;
use crate::plan;
use crate::screen::PUSH;
use crate::settings::Setup;
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, Follow, Found, Landed, Lookup, NativeBody, NativeReply, NativeRequest,
    Operation, OperationSpec, Paging, RelativePath, Replay, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// What is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The annual plan of one stage.
    Plan,
    /// The code mapping.
    Mapping,
}

/// The push.
pub(super) struct Push {
    spec: OperationSpec,
    what: What,
    setup: Arc<Setup>,
}

/// The reading back.
pub(super) struct ReadBack {
    spec: OperationSpec,
    what: What,
    setup: Arc<Setup>,
}

fn spec(id: &'static str, summary: Text, request: &'static str, reply: &'static str) -> OperationSpec {
    OperationSpec {
        id: id.into(),
        summary,
        request_schema: request.into(),
        reply_schema: reply.into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 120_000,
        paging: Paging::None,
        follow: None,
    }
}

impl Push {
    pub(super) fn of(what: What, setup: &Arc<Setup>) -> Self {
        let (spec, read, order) = match what {
            What::Plan => (
                spec(
                    "rencana.kirim",
                    Text::new(
                        "Mengirim rencana tahunan satu tahap.",
                        "Sends the annual plan of one stage.",
                    ),
                    "urn:simpul:skema:rencana:1",
                    "urn:simpul:skema:rencana_tanda_terima:1",
                ),
                "rencana.lihat",
                vec!["/tahun".into(), "/tahap".into()],
            ),
            What::Mapping => (
                spec(
                    "rencana.pemetaan.kirim",
                    Text::new(
                        "Mengirim pemetaan kode ke kode nasional.",
                        "Sends the mapping to national codes.",
                    ),
                    "urn:simpul:skema:pemetaan:1",
                    "urn:simpul:skema:rencana_tanda_terima:1",
                ),
                "rencana.pemetaan.lihat",
                vec!["/tahun".into()],
            ),
        };
        let mut reference = order.clone();
        reference.push("/nomor_kiriman".into());
        let spec = OperationSpec {
            reference,
            effect: Effect::Write {
                replay: Replay::ByReference,
            },
            answer: Answer::Ticket,
            ordering: order,
            follow: Some(Follow {
                read: read.into(),
                id: "/id".into(),
                state: "/keadaan".into(),
                until: vec!["terbaca".into()],
                every_s: 300,
                grace_s: 0,
            }),
            ..spec
        };
        Self {
            spec,
            what,
            setup: Arc::clone(setup),
        }
    }

    /// Year, stage and fingerprint of what SIPD should show once it has extracted it.
    fn id(&self, input: &Value) -> String {
        let native = match self.what {
            What::Plan => plan::native(&self.setup, input),
            What::Mapping => plan::native_mapping(input).get("data").cloned().unwrap_or_default(),
        };
        let rows = native.as_array().map(Vec::as_slice).unwrap_or_default();
        let content = content(self.what, &self.setup, rows).unwrap_or_default();
        format!(
            "{}:{}:{}",
            year(input),
            stage(self.what, input),
            plan::fingerprint(&content)
        )
    }

    fn receipt(&self, input: &Value, state: &str, lines: Option<usize>) -> Value {
        let mut receipt = json!({"id": self.id(input), "keadaan": state});
        if let (Some(lines), Some(map)) = (lines, receipt.as_object_mut()) {
            map.insert("baris_log".into(), lines.into());
        }
        receipt
    }
}

impl ReadBack {
    pub(super) fn of(what: What, setup: &Arc<Setup>) -> Self {
        let spec = match what {
            What::Plan => spec(
                "rencana.lihat",
                Text::new("Membaca kembali rencana tahunan.", "Reads the annual plan back."),
                "urn:simpul:skema:rencana_kunci:1",
                "urn:simpul:skema:rencana_baca:1",
            ),
            What::Mapping => spec(
                "rencana.pemetaan.lihat",
                Text::new("Membaca kembali pemetaan kode.", "Reads the code mapping back."),
                "urn:simpul:skema:rencana_kunci:1",
                "urn:simpul:skema:pemetaan_baca:1",
            ),
        };
        Self {
            spec,
            what,
            setup: Arc::clone(setup),
        }
    }
}

fn year(input: &Value) -> u64 {
    input.get("tahun").and_then(Value::as_u64).unwrap_or_default()
}

fn stage(what: What, input: &Value) -> &str {
    match what {
        What::Plan => text(input, "tahap"),
        What::Mapping => plan::MAPPING,
    }
}

/// `push_ranwal`, `get`, …
fn service(setup: &Setup, verb: &str, stage: &str) -> Option<RelativePath> {
    let behind = match stage {
        plan::MAPPING => "_mapping",
        other => plan::STAGES.iter().find(|(known, _)| *known == other)?.1,
    };
    Some(RelativePath::of(&setup.path(Generation::A, &format!("{verb}{behind}"))))
}

fn asked(setup: &Setup, request: NativeRequest, year: &str) -> NativeRequest {
    request
        .query("tahun", year)
        .query("kodepemda", setup.raw.kode_pemda.as_str())
}

fn read_back(setup: &Setup, stage: &str, year: &str) -> Option<NativeRequest> {
    let path = service(setup, "get", stage)?;
    Some(asked(setup, NativeRequest::get(PUSH, path), year))
}

/// Rows of what was read back: a bare list, or `data`.
fn rows(reply: &NativeReply) -> Result<Vec<Value>, Fault> {
    let list = match body(reply)? {
        Value::Object(mut map) => map.remove("data").unwrap_or_default(),
        other => other,
    };
    match list {
        Value::Array(rows) => Ok(rows),
        _ => Err(Fault::drift("no list where the pushed content should stand")),
    }
}

fn content(what: What, setup: &Setup, rows: &[Value]) -> Option<Value> {
    match what {
        What::Plan => plan::canonical(setup, rows),
        What::Mapping => plan::canonical_mapping(rows),
    }
}

fn complaint(pointer: &str, id: &'static str, en: &'static str) -> Fault {
    Fault::invalid(vec![Complaint {
        pointer: pointer.to_owned(),
        text: Text::new(id, en),
    }])
}

impl Operation for Push {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        if year(input) == 0 {
            return Err(complaint("/tahun", "Isi tahun.", "Give the year."));
        }
        if text(input, "nomor_kiriman").is_empty() {
            return Err(complaint(
                "/nomor_kiriman",
                "Isi nomor kiriman.",
                "Give the number of the push.",
            ));
        }
        let list = match self.what {
            What::Plan => "skpd",
            What::Mapping => plan::MAPPING,
        };
        if input.get(list).and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return Err(complaint(
                &format!("/{list}"),
                "Isi sedikitnya satu baris.",
                "Give at least one row.",
            ));
        }
        let unknown = || complaint("/tahap", "Tahap tidak dikenal.", "The stage is unknown.");
        let path = service(&self.setup, "push", stage(self.what, input)).ok_or_else(unknown)?;
        let native = match self.what {
            What::Plan => plan::native(&self.setup, input),
            What::Mapping => plan::native_mapping(input),
        };
        let request = NativeRequest::post(PUSH, path, NativeBody::Json(native));
        Ok(asked(&self.setup, request, &year(input).to_string()))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = body(reply).map_err(|fault| fault.landed(Landed::Unknown))?;
        let log = body.get("log").and_then(Value::as_array);
        let lines: Vec<&str> = log.into_iter().flatten().filter_map(Value::as_str).collect();
        // The screen has refused a log with errors; without a commit nobody knows.
        if !lines.iter().any(|line| line.trim_start().starts_with("COMMIT")) {
            return Err(Fault::drift("the log of the push does not commit").landed(Landed::Unknown));
        }
        Ok(self.receipt(input, "menunggu_ekstraksi", Some(lines.len())))
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(self)
    }
}

impl Lookup for Push {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        read_back(&self.setup, stage(self.what, input), &year(input).to_string())
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let found = content(self.what, &self.setup, &rows(reply)?).map(|content| plan::fingerprint(&content));
        let wanted = self.id(input);
        Ok(match found {
            Some(found) if wanted.ends_with(&found) => Found::Landed(self.receipt(input, "terbaca", None)),
            // Extraction runs behind the push: what does not show yet may still come.
            _ => Found::Unclear("what was sent does not read back; it may be waiting for extraction".into()),
        })
    }
}

impl Operation for ReadBack {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let wrong = || complaint("/id", "Isi tahun:tahap kiriman.", "Give the push as year:stage.");
        let (year, stage) = parts(text(input, "id")).ok_or_else(wrong)?;
        if (stage == plan::MAPPING) != (self.what == What::Mapping) {
            return Err(wrong());
        }
        read_back(&self.setup, stage, year).ok_or_else(wrong)
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let id = text(input, "id");
        let (year, stage) = parts(id).ok_or_else(|| Fault::drift("the id cannot be read"))?;
        let rows = rows(reply)?;
        let content = content(self.what, &self.setup, &rows);
        let content = content.ok_or_else(|| Fault::drift("a row without its codes"))?;
        let fingerprint = plan::fingerprint(&content);
        let wanted = id.splitn(3, ':').nth(2);
        let seen = !rows.is_empty() && wanted.is_none_or(|wanted| wanted == fingerprint);
        let state = if seen { "terbaca" } else { "menunggu_ekstraksi" };
        let mut out = json!({"id": id, "keadaan": state, "tahun": year.parse::<u16>().unwrap_or_default()});
        let name = match self.what {
            What::Plan => "skpd",
            What::Mapping => plan::MAPPING,
        };
        if let Some(map) = out.as_object_mut() {
            map.insert(name.into(), content);
            if self.what == What::Plan {
                map.insert("tahap".into(), stage.into());
            }
        }
        Ok(out)
    }
}

/// Year and stage of an id.
fn parts(id: &str) -> Option<(&str, &str)> {
    let mut parts = id.splitn(3, ':');
    let (year, stage) = (parts.next()?, parts.next()?);
    (year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit())).then_some((year, stage))
}
