//! `/v1/{sumber-daya}` over copies, and chains over several copies: parameters in, a page or an export out, each with the
//! age of the copy. Takes the rooms of right and quota itself; what is shown is evidence like every other reading.

use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::stream::Parts;
use super::{Answer, refusals, respond};
use crate::payload::Payload;
use bytes::Bytes;
use connector_sdk::Text;
use gateway_core::Refusal;
use gateway_core::authorize::permit;
use gateway_core::evidence::sha256;
use gateway_core::identity::Identified;
use gateway_core::ids::ExchangeId;
use gateway_core::mirror::chain::{self, ChainPlan, Start};
use gateway_core::mirror::search::{self, Freshness, Question};
use gateway_core::mirror::{MirrorPlan, export};
use gateway_core::quota::{Admitted, limit};
use gateway_core::record::{Copied, copied};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemas::Violation;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Parts of an export that wait for a slow reader.
const WAITING: usize = 4;

/// Form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Csv,
    Ndjson,
}

/// Who asked, with the rooms behind them.
struct Asked<'a> {
    edge: &'a Arc<Edge>,
    admitted: Admitted,
    exchange: ExchangeId,
    operation: String,
    system: String,
    began: jiff::Timestamp,
}

impl Asked<'_> {
    fn copied(&self, reply: [u8; 32]) -> Copied {
        Copied {
            exchange: self.exchange,
            consumer: self.admitted.consumer().id.clone(),
            operation: self.operation.clone(),
            system: self.system.clone(),
            purpose: self.admitted.grant().purpose.clone(),
            began: self.began,
            reply,
        }
    }

    /// An answer with what was shown in the evidence.
    async fn shown(&self, value: &Value) -> Answer {
        let bytes = Bytes::from(value.to_string());
        copied(&self.edge.rooms, self.copied(sha256(&bytes))).await;
        self.with_standing(respond::json(StatusCode::OK, bytes))
    }

    fn with_standing(&self, mut answer: Answer) -> Answer {
        respond::standing(answer.headers_mut(), Some(self.admitted.standing()));
        answer
    }
}

async fn asked<'a>(
    edge: &'a Arc<Edge>,
    who: &Identified,
    exchange: ExchangeId,
    operation: String,
    system: &str,
) -> Result<Asked<'a>, Problem> {
    let began = edge.rooms.clock.now();
    // rooms 7 and 8
    let admitted = permit(who, &operation, began).and_then(limit);
    Ok(Asked {
        admitted: admitted.map_err(|refusal| refusals::problem(&refusal))?,
        edge,
        exchange,
        operation,
        system: system.to_owned(),
        began,
    })
}

/// A copy.
pub(super) async fn mirror(
    edge: &Arc<Edge>,
    who: &Identified,
    plan: &Arc<MirrorPlan>,
    headers: &HeaderMap,
    parameters: &Map<String, Value>,
    exchange: ExchangeId,
    language: Language,
) -> Answer {
    let done = async {
        let asked = asked(edge, who, exchange, plan.grant(), &plan.system).await?;
        let freshness = search::freshness(&edge.rooms, plan)
            .await
            .map_err(|error| unreadable(&error))?;
        let mut answer = match parameters.get("kunci").and_then(Value::as_str) {
            Some(key) => one(&asked, plan, parameters, key, &freshness).await?,
            None => many(&asked, plan, headers, parameters, &freshness).await?,
        };
        provenance(answer.headers_mut(), plan, &freshness);
        Ok(answer)
    };
    done.await
        .unwrap_or_else(|problem: Problem| problem.render(exchange, language))
}

async fn many(
    asked: &Asked<'_>,
    plan: &Arc<MirrorPlan>,
    headers: &HeaderMap,
    parameters: &Map<String, Value>,
    freshness: &Freshness,
) -> Result<Answer, Problem> {
    let (rooms, grant) = (&asked.edge.rooms, asked.admitted.grant());
    let form = form(headers, parameters)?;
    let question = search::understand(rooms, plan, grant, parameters)
        .map_err(|wrong| refusals::problem(&Refusal::Parameters(wrong)))?;
    let tag = format!("W/\"{}-{}\"", search::tag(&question, freshness), form as u8);
    if known(headers, &tag) {
        let mut answer = Answer::new(Bytes::new().into());
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        tagged(&mut answer, &tag);
        return Ok(asked.with_standing(answer));
    }
    let mut answer = match form {
        Form::Json => {
            let found = search::page(rooms, &question)
                .await
                .map_err(|error| unreadable(&error))?;
            let mut view = said(plan, freshness);
            view["butir"] = Value::Array(found.records);
            view["kursor_berikut"] = json!(found.next);
            asked.shown(&view).await
        }
        Form::Csv | Form::Ndjson => exported(asked, form, question),
    };
    tagged(&mut answer, &tag);
    Ok(answer)
}

async fn one(
    asked: &Asked<'_>,
    plan: &MirrorPlan,
    parameters: &Map<String, Value>,
    key: &str,
    freshness: &Freshness,
) -> Result<Answer, Problem> {
    if parameters.len() > 1 {
        return Err(wrong("kunci", "contradiction", ALONE));
    }
    let members = search::granted(plan, asked.admitted.grant());
    let found = search::one(&asked.edge.rooms, plan, &members, key)
        .await
        .map_err(|error| unreadable(&error))?;
    let (record, row) = found.ok_or_else(|| {
        Problem::consumer(
            "tidak-ditemukan",
            Text::new(
                "Salinan ini tidak memuat rekaman dengan kunci itu.",
                "The copy holds no record with that key.",
            ),
        )
    })?;
    let mut view = said(plan, freshness);
    let masked: Vec<&String> = row.masked.iter().filter(|p| record.pointer(p).is_some()).collect();
    view["data"] = record;
    view["diambil_pada"] = json!(row.fetched.to_string());
    view["berubah_pada"] = json!(row.changed.to_string());
    view["versi"] = json!(row.version);
    view["tarikan"] = json!(row.run);
    view["tersamar"] = json!(masked);
    Ok(asked.shown(&view).await)
}

/// Where the answer comes from and how old it is.
fn said(plan: &MirrorPlan, freshness: &Freshness) -> Value {
    json!({
        "salinan": plan.id,
        "sumber": plan.system,
        "diperbarui_pada": freshness.updated.map(|at| at.to_string()),
        "umur_detik": freshness.age.map(|age| age.as_secs()),
        "kedaluwarsa": freshness.stale,
    })
}

fn provenance(headers: &mut HeaderMap, plan: &MirrorPlan, freshness: &Freshness) {
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set("x-sumber", plan.system.clone());
    set("x-kedaluwarsa", freshness.stale.to_string());
    if let (Some(updated), Some(age)) = (freshness.updated, freshness.age) {
        set("x-diperbarui-pada", updated.to_string());
        set("age", age.as_secs().to_string());
    }
}

/// All pages as one stream; made as fast as it is read, and no further when the reader goes away.
fn exported(asked: &Asked<'_>, form: Form, question: Question) -> Answer {
    let (send, parts) = mpsc::channel(WAITING);
    let rooms = Arc::clone(&asked.edge.rooms);
    let mut account = asked.copied([0; 32]);
    let media = match form {
        Form::Csv => "text/csv; charset=utf-8; header=present",
        Form::Json | Form::Ndjson => "application/x-ndjson",
    };
    let name = format!(
        "attachment; filename=\"{}.{}\"",
        account.operation,
        if form == Form::Csv { "csv" } else { "ndjson" }
    );
    asked.edge.rooms.tasks.spawn(async move {
        let mut after = None;
        let head = match form {
            Form::Csv => export::csv_head(&question.members),
            Form::Json | Form::Ndjson => String::new(),
        };
        let mut digest = sha256(head.as_bytes());
        if !head.is_empty() && send.send(Ok(Bytes::from(head))).await.is_err() {
            return;
        }
        loop {
            let records = match search::part(&rooms, &question, &mut after).await {
                Ok(records) => records,
                Err(error) => {
                    tracing::error!(%error, "export broke off");
                    // A reader that has gone hears nothing any more.
                    let _ = send.send(Err(error.into())).await;
                    break;
                }
            };
            let mut part = Vec::new();
            for record in &records {
                match form {
                    Form::Csv => part.extend(export::csv_row(&question.members, record).into_bytes()),
                    Form::Json | Form::Ndjson => part.extend(export::ndjson_row(record)),
                }
            }
            digest = sha256(&[&digest[..], &sha256(&part)[..]].concat());
            if (!part.is_empty() && send.send(Ok(Bytes::from(part))).await.is_err()) || after.is_none() {
                break;
            }
        }
        account.reply = digest;
        copied(&rooms, account).await;
    });
    let mut answer = Answer::new(Payload::Flow(Box::pin(Parts(parts))));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    asked.with_standing(answer)
}

/// By `?format=`, else by `Accept`.
fn form(headers: &HeaderMap, parameters: &Map<String, Value>) -> Result<Form, Problem> {
    if let Some(wanted) = parameters.get("format").and_then(Value::as_str) {
        return match wanted {
            "json" => Ok(Form::Json),
            "csv" => Ok(Form::Csv),
            "ndjson" => Ok(Form::Ndjson),
            _ => Err(wrong("format", "enum", FORMS)),
        };
    }
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let first = accept
        .split(',')
        .map(|one| one.split(';').next().unwrap_or_default().trim());
    for media in first {
        match media {
            "text/csv" => return Ok(Form::Csv),
            "application/x-ndjson" | "application/ndjson" => return Ok(Form::Ndjson),
            "application/json" | "*/*" => return Ok(Form::Json),
            _ => {}
        }
    }
    Ok(Form::Json)
}

/// `If-None-Match`, compared weakly.
fn known(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let lines = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|v| v.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|one| one.trim() == "*" || bare(one) == bare(tag))
}

fn tagged(answer: &mut Answer, tag: &str) {
    if let Ok(tag) = HeaderValue::try_from(tag) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
}

/// A chain from one of its records.
pub(super) async fn chain(
    edge: &Arc<Edge>,
    who: &Identified,
    plan: &ChainPlan,
    parameters: &Map<String, Value>,
    exchange: ExchangeId,
    language: Language,
) -> Answer {
    let done = async {
        let asked = asked(edge, who, exchange, plan.grant(), "gateway").await?;
        let text = |name: &str| {
            parameters
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        if let Some(other) = parameters
            .keys()
            .find(|name| !matches!(name.as_str(), "langkah" | "kunci" | "format"))
        {
            return Err(wrong(other, "unknown_field", ONLY));
        }
        let stage = text("langkah").and_then(|name| plan.stages.iter().position(|stage| stage.name == name));
        let stage = stage.ok_or_else(|| wrong("langkah", "enum", STAGE))?;
        let key = text("kunci").ok_or_else(|| wrong("kunci", "required", KEY))?.to_owned();
        let catalogue = edge.rooms.catalogue.load_full();
        let found = chain::walk(&edge.rooms, &catalogue, plan, who.consumer(), &Start { stage, key }).await;
        let found = found.map_err(|error| unreadable(&error))?.ok_or_else(|| {
            Problem::consumer(
                "tidak-ditemukan",
                Text::new(
                    "Tidak ada rekaman dengan kunci itu pada langkah ini, atau Anda tidak berhak atas salinannya.",
                    "There is no record with that key at this step, or you have no grant for its copy.",
                ),
            )
        })?;
        let found = match text("format").filter(|form| *form != "json") {
            Some(form) => chain::published(&catalogue, form, asked.began, &found)
                .ok_or_else(|| wrong("format", "enum", PUBLISHED))?,
            None => found,
        };
        Ok(asked.shown(&found).await)
    };
    done.await
        .unwrap_or_else(|problem: Problem| problem.render(exchange, language))
}

fn unreadable(error: &gateway_core::journal::JournalError) -> Problem {
    tracing::error!(%error, "copy not readable");
    Problem::gateway(
        "kesalahan-gateway",
        Text::new(
            "Salinan tidak dapat dibaca saat ini. Aman diulang.",
            "The copy cannot be read at the moment. Repeating is safe.",
        ),
    )
}

type Words = (&'static str, &'static str);
const ALONE: Words = (
    "`kunci` dipakai sendiri, tanpa parameter lain.",
    "`kunci` stands alone, without other parameters.",
);
const FORMS: Words = ("Tulis json, csv atau ndjson.", "Write json, csv or ndjson.");
const ONLY: Words = ("Hanya langkah, kunci dan format.", "Only langkah, kunci and format.");
const PUBLISHED: Words = (
    "Tulis json, atau bentuk terbitan yang dikenal konektor rantai ini; rekamannya belum memuat proses yang dapat diterbitkan \
     bila bentuknya sudah benar.",
    "Write json, or a form that a connector of this chain publishes; where the form is right, the records hold no process yet.",
);
const STAGE: Words = (
    "Sebut salah satu langkah rantai ini.",
    "Name one of the steps of this chain.",
);
const KEY: Words = ("Sebut kunci rekamannya.", "Name the key of the record.");

fn wrong(name: &str, code: &'static str, words: Words) -> Problem {
    let plain = name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    refusals::problem(&Refusal::Parameters(vec![Violation {
        pointer: format!("/{}", if plain { name } else { "" }),
        code,
        id: words.0.into(),
        en: words.1.into(),
    }]))
}
