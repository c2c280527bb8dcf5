//! `/v1/langganan`: a consumer's own subscriptions. Decides nothing: reads the body through the gate, hands it to the
//! core, writes what comes back.

use super::body::Unread;
use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::{Answer, refusals, respond};
use bytes::Bytes;
use connector_sdk::{Secret, Text};
use gateway_core::Refusal;
use gateway_core::events::manage::{self, Refused};
use gateway_core::events::verifier::{self, Doubt, Said};
use gateway_core::events::{Live, status, summary};
use gateway_core::identity::Identified;
use gateway_core::ids::ExchangeId;
use gateway_core::validate::Body;
use http::{HeaderValue, StatusCode, header};
use schemas::gate::{self, Limits};
use serde_json::{Map, Value, json};

/// Largest body.
const LARGEST: u64 = 16 * 1024;

/// What is asked of subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// `GET /v1/langganan`.
    List,
    /// `POST /v1/langganan`.
    Create,
    /// `GET /v1/langganan/{id}`.
    Show,
    /// `PATCH /v1/langganan/{id}`.
    Change,
    /// `DELETE /v1/langganan/{id}`.
    Delete,
    /// `POST /v1/langganan/{id}/putar-rahasia`.
    Rotate,
    /// `POST /v1/langganan/{id}/uji`.
    Test,
    /// `POST /v1/langganan/{id}/ulang`.
    Replay,
    /// `POST /v1/langganan/{id}/lanjutkan`.
    Resume,
    /// `POST /v1/langganan/{id}/periksa-tanda-tangan`.
    Verify,
}

impl Ask {
    /// Every address with its method.
    pub(super) const ALL: [(&'static str, http::Method, Self); 10] = [
        ("/v1/langganan", http::Method::GET, Self::List),
        ("/v1/langganan", http::Method::POST, Self::Create),
        ("/v1/langganan/{id}", http::Method::GET, Self::Show),
        ("/v1/langganan/{id}", http::Method::PATCH, Self::Change),
        ("/v1/langganan/{id}", http::Method::DELETE, Self::Delete),
        ("/v1/langganan/{id}/putar-rahasia", http::Method::POST, Self::Rotate),
        ("/v1/langganan/{id}/uji", http::Method::POST, Self::Test),
        ("/v1/langganan/{id}/ulang", http::Method::POST, Self::Replay),
        ("/v1/langganan/{id}/lanjutkan", http::Method::POST, Self::Resume),
        (
            "/v1/langganan/{id}/periksa-tanda-tangan",
            http::Method::POST,
            Self::Verify,
        ),
    ];
}

/// Answers.
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
    let id = parameters.get("id").and_then(Value::as_str).unwrap_or_default();
    let done: Result<Answer, Problem> = async {
        Ok(match ask {
            Ask::List => {
                let all: Vec<_> = manage::list(rooms, consumer)
                    .iter()
                    .map(|live| summary(rooms, live))
                    .collect();
                ok(StatusCode::OK, &json!({"butir": all}))
            }
            Ask::Create => {
                let wish = read(body).await?;
                let (live, secret) = manage::create(rooms, consumer, &wish).await.map_err(refused)?;
                let mut answer = ok(StatusCode::CREATED, &shown(edge, &live, secret.as_ref()).await?);
                if let Ok(place) = HeaderValue::try_from(format!("/v1/langganan/{}", live.subscription.id)) {
                    answer.headers_mut().insert(header::LOCATION, place);
                }
                answer
            }
            Ask::Show => {
                let live = manage::own(rooms, consumer, id).map_err(refused)?;
                ok(StatusCode::OK, &shown(edge, &live, None).await?)
            }
            Ask::Change => {
                let change = read(body).await?;
                let live = manage::change(rooms, consumer, id, &change).await.map_err(refused)?;
                ok(StatusCode::OK, &shown(edge, &live, None).await?)
            }
            Ask::Delete => {
                manage::delete(rooms, consumer, id).await.map_err(refused)?;
                let mut answer = Answer::new(Bytes::new().into());
                *answer.status_mut() = StatusCode::NO_CONTENT;
                answer
            }
            Ask::Rotate => {
                let (live, secret) = manage::rotate(rooms, consumer, id).await.map_err(refused)?;
                ok(StatusCode::OK, &shown(edge, &live, Some(&secret)).await?)
            }
            Ask::Test => {
                let (sent, event) = manage::test(rooms, consumer, id).await.map_err(refused)?;
                let view = json!({"langganan": id, "pertukaran": sent.to_string(), "peristiwa": event});
                ok(StatusCode::ACCEPTED, &view)
            }
            Ask::Replay => {
                let wish = read(body).await?;
                let position = manage::replay(rooms, consumer, id, &wish).await.map_err(refused)?;
                ok(StatusCode::ACCEPTED, &json!({"langganan": id, "posisi": position}))
            }
            Ask::Resume => {
                let live = manage::resume(rooms, consumer, id).await.map_err(refused)?;
                ok(StatusCode::OK, &shown(edge, &live, None).await?)
            }
            Ask::Verify => {
                let wish = read(body).await?;
                let live = manage::own(rooms, consumer, id).map_err(refused)?;
                ok(StatusCode::OK, &verified(edge, &live, &wish, language)?)
            }
        })
    }
    .await;
    done.unwrap_or_else(|problem| problem.render(exchange, language))
}

/// The verdict on a signature that the receiver got.
fn verified(edge: &Edge, live: &Live, wish: &Value, language: Language) -> Result<Value, Problem> {
    let routes = edge.routes.load();
    let Some(form) = routes.reference().signature_form() else {
        return Err(refused(Refused::CannotStore));
    };
    if let Err(violations) = form.check(wish) {
        return Err(refused(Refused::Invalid(violations)));
    }
    let text = |name: &str| wish.get(name).and_then(Value::as_str).unwrap_or_default();
    let said = Said {
        id: text("webhook_id"),
        timestamp: text("webhook_timestamp"),
        signature: text("webhook_signature"),
        body: text("isi"),
    };
    let verdict = verifier::verdict(&edge.rooms.sealer, live, &said, edge.rooms.clock.now());
    let why = verdict.err().map(|doubt| match doubt {
        Doubt::Form => ("bentuk", FORM),
        Doubt::Stale => ("waktu", STALE),
        Doubt::Altered => ("isi_berubah", ALTERED),
        Doubt::Wrong => ("tidak_cocok", WRONG),
    });
    Ok(json!({
        "sah": why.is_none(),
        "alasan": why.as_ref().map(|(word, _)| word),
        "penjelasan": why.as_ref().map(|(_, text)| language.pick(text)),
    }))
}

const FORM: Text = Text::new(
    "Kirim ketiga header persis seperti diterima; waktu berupa detik Unix, tanda tangan berawalan v1,.",
    "Send the three headers exactly as received; the time is in Unix seconds, signatures begin with v1,.",
);
const STALE: Text = Text::new(
    "Tanda tangannya cocok, tetapi waktunya lebih dari lima menit dari sekarang: tolak, atau perbaiki jam.",
    "The signature fits, but its time is more than five minutes off: refuse it, or correct the clock.",
);
const ALTERED: Text = Text::new(
    "Cocok dengan isi sebelum ditulis ulang: hitung dari byte mentah, bukan dari JSON yang sudah diurai.",
    "It fits the body before it was written anew: compute over the raw bytes, not over parsed JSON.",
);
const WRONG: Text = Text::new(
    "Tidak cocok dengan rahasia langganan ini: periksa rahasianya, dan bahwa yang ditandatangani id.waktu.isi.",
    "It fits no secret of this subscription: look at the secret, and sign id.timestamp.body.",
);

async fn shown(edge: &Edge, live: &Live, secret: Option<&Secret>) -> Result<Value, Problem> {
    let view = status(&edge.rooms, live).await;
    let mut view = view.map_err(|error| refused(Refused::from(error)))?;
    if let (Some(secret), Some(fields)) = (secret, view.as_object_mut()) {
        fields.insert("rahasia".into(), json!(secret.expose()));
    }
    Ok(view)
}

/// The body through the gate.
pub(super) async fn read(body: &mut impl Body) -> Result<Value, Problem> {
    let bytes = body
        .read(LARGEST)
        .await
        .map_err(|refusal| refusals::problem(&refusal))?;
    gate::parse(&bytes, &Limits::default()).map_err(|error| refusals::problem(&Refusal::NotJson(error)))
}

pub(super) fn ok(status: StatusCode, view: &Value) -> Answer {
    respond::json(status, Bytes::from(view.to_string()))
}

/// The problem of a refused wish.
pub(super) fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Unknown => Problem::consumer(
            "tidak-ditemukan",
            Text::new(
                "Tidak ada langganan atau peristiwa ini untuk konsumen Anda.",
                "There is no such subscription or event for your consumer.",
            ),
        ),
        Refused::Denied { kind } => Problem::consumer(
            "hak-tidak-ada",
            Text::owned(
                format!("Anda tidak mempunyai hak atas peristiwa {kind}. Ajukan hak kepada pengelola gateway."),
                format!("You have no grant for events of type {kind}. Ask the gateway's operator for one."),
            ),
        ),
        Refused::Invalid(violations) => refusals::problem(&Refusal::Invalid(violations)),
        Refused::Conflict(text) => Problem::consumer("langganan-bentrok", text),
        Refused::CannotStore => refusals::problem(&Refusal::CannotStore),
    }
}
