//! `/v1/peristiwa`: events as a consumer reads them, and their acknowledgement. Decides nothing.

use super::Answer;
use super::body::Unread;
use super::langganan::{ok, read, refused};
use super::language::Language;
use super::problem::Problem;
use super::refusals;
use super::stack::Edge;
use bytes::Bytes;
use gateway_core::Refusal;
use gateway_core::events::pull;
use gateway_core::identity::Identified;
use gateway_core::ids::ExchangeId;
use http::StatusCode;
use schemas::Violation;
use serde_json::{Map, Value, json};

/// Events on a page unless asked otherwise.
const PAGE: i64 = 100;

/// What is asked of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// `GET /v1/peristiwa?langganan=…&setelah=…&batas=…`.
    Page,
    /// `GET /v1/peristiwa/{posisi}`.
    One,
    /// `POST /v1/peristiwa/akui`.
    Acknowledge,
}

impl Ask {
    /// Every address with its method.
    pub(super) const ALL: [(&'static str, http::Method, Self); 3] = [
        ("/v1/peristiwa", http::Method::GET, Self::Page),
        ("/v1/peristiwa/{posisi}", http::Method::GET, Self::One),
        ("/v1/peristiwa/akui", http::Method::POST, Self::Acknowledge),
    ];
}

/// Answers. `parameters` are those of path and query.
pub(super) async fn answer<B>(
    edge: &Edge,
    who: &Identified,
    ask: Ask,
    parameters: &Map<String, Value>,
    body: &mut Unread<B>,
    exchange: ExchangeId,
    language: Language,
) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
{
    let (rooms, consumer) = (&edge.rooms, who.consumer());
    let done: Result<Answer, Problem> = async {
        Ok(match ask {
            Ask::Page => {
                let id = parameters.get("langganan").and_then(Value::as_str);
                let id = id.ok_or_else(|| wrong("langganan", "required"))?;
                let after = number(parameters, "setelah", 0, i64::MAX)?;
                let limit = number(
                    parameters,
                    "batas",
                    1,
                    i64::try_from(pull::LARGEST_PAGE).unwrap_or(PAGE),
                )?;
                let limit = usize::try_from(limit.unwrap_or(PAGE)).unwrap_or(1);
                let page = pull::page(rooms, consumer, exchange, id, after, limit)
                    .await
                    .map_err(refused)?;
                let events = page.events.into_iter();
                let events: Vec<_> = events
                    .map(|(at, event)| json!({"posisi": at, "peristiwa": event}))
                    .collect();
                let view = json!({"langganan": id, "butir": events, "posisi": page.position, "lagi": page.more});
                ok(StatusCode::OK, &view)
            }
            Ask::One => {
                let position = number(parameters, "posisi", 1, i64::MAX)?.unwrap_or_default();
                let event = pull::one(rooms, consumer, exchange, position).await.map_err(refused)?;
                ok(StatusCode::OK, &event)
            }
            Ask::Acknowledge => {
                let wish = read(body).await?;
                let position = pull::acknowledge(rooms, consumer, &wish).await.map_err(refused)?;
                ok(
                    StatusCode::OK,
                    &json!({"langganan": wish.get("langganan"), "posisi": position}),
                )
            }
        })
    }
    .await;
    done.unwrap_or_else(|problem| problem.render(exchange, language))
}

fn number(parameters: &Map<String, Value>, name: &str, least: i64, most: i64) -> Result<Option<i64>, Problem> {
    let Some(text) = parameters.get(name).and_then(Value::as_str) else {
        return Ok(None);
    };
    let number = text.parse().ok().filter(|n| (least..=most).contains(n));
    number.map(Some).ok_or_else(|| wrong(name, "range"))
}

fn wrong(name: &str, code: &'static str) -> Problem {
    refusals::problem(&Refusal::Parameters(vec![Violation {
        pointer: format!("/{name}"),
        code,
        id: "Parameter ini tidak ada atau di luar batas.".into(),
        en: "This parameter is missing or out of bounds.".into(),
    }]))
}
