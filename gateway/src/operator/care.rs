//! Who takes care of a problem, and until when it is quiet: `/admin/v1/masalah/{sistem}/{sebab}/{pihak}/urus`, and the same
//! from the console. One small document of the journal per problem; who said so and why is in the evidence as well. Quiet
//! takes a problem out of the headline and silences its alert, never out of the list and the figures.

use super::guard::Who;
use super::state::OperatorState;
use super::{problem, view};
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use connector_sdk::Text;
use gateway_core::journal::{Journal, JournalError};
use gateway_core::time::later;
use gateway_core::trouble::{Cause, Problem, Side};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Kind of the documents.
const KIND: &str = "masalah";
/// Longest quiet, in hours.
const LONGEST: u32 = 7 * 24;
/// Most characters of a name and of a reason; the least of a reason.
const NAME: usize = 64;
const REASON: std::ops::RangeInclusive<usize> = 5..=500;

/// What is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Care {
    /// Who takes care of it; empty: nobody.
    penanggung: String,
    /// Quiet until then.
    diam_sampai: Option<Timestamp>,
    alasan: String,
    oleh: String,
    pada: Timestamp,
}

impl Care {
    /// Whether it is quiet at a moment.
    pub(super) fn quiet(&self, at: Timestamp) -> bool {
        self.diam_sampai.is_some_and(|until| at < until)
    }

    pub(super) fn view(&self, at: Timestamp) -> Value {
        json!({
            "penanggung": self.penanggung,
            "diam_sampai": self.diam_sampai.filter(|_| self.quiet(at)).map(|until| until.to_string()),
            "alasan": view::masked(&self.alasan),
            "oleh": self.oleh,
            "pada": self.pada.to_string(),
        })
    }
}

/// What a person wishes.
#[derive(Debug, Deserialize)]
pub(super) struct Wish {
    /// Empty: nobody; absent: as it was.
    pub(super) penanggung: Option<String>,
    /// Hours of quiet; 0: none; absent: as it was.
    pub(super) diam_jam: Option<u32>,
    pub(super) alasan: String,
}

/// The care that is taken of a problem.
pub(super) async fn of(journal: &dyn Journal, one: &Problem) -> Result<Option<Care>, JournalError> {
    kept(journal, id(&one.system, one.cause, one.side)).await
}

/// Whether a problem is muted.
///
/// # Errors
/// When the journal cannot be read.
pub(crate) async fn muted(journal: &dyn Journal, one: &Problem, now: Timestamp) -> Result<bool, JournalError> {
    Ok(of(journal, one).await?.is_some_and(|care| care.quiet(now)))
}

async fn kept(journal: &dyn Journal, id: String) -> Result<Option<Care>, JournalError> {
    let document = journal.document(KIND.into(), id).await?;
    Ok(document.and_then(|document| serde_json::from_slice(&document.body?).ok()))
}

fn id(system: &str, cause: Cause, side: Side) -> String {
    format!("{system}:{}:{}", cause.word(), side.word())
}

/// A problem as a path names it.
pub(super) type Named = (String, String, String);

pub(super) async fn set(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    named: Result<Path<Named>, PathRejection>,
    wish: Result<Json<Wish>, JsonRejection>,
) -> Response {
    let (Ok(Path(named)), Ok(Json(wish))) = (named, wish) else {
        return problem::answer("parameter-tidak-sesuai", &ASKED);
    };
    match take(&state, who.name(), &named, wish).await {
        Ok(Some(care)) => (StatusCode::OK, Json(care.view(state.clock.now()))).into_response(),
        Ok(None) => problem::answer("parameter-tidak-sesuai", &ASKED),
        Err(error) => problem::journal(&error),
    }
}

/// Keeps a wish; `None` where it is not understood.
pub(super) async fn take(
    state: &OperatorState,
    who: &str,
    (system, cause, side): &Named,
    wish: Wish,
) -> Result<Option<Care>, JournalError> {
    let known = state.catalogue.load().systems.contains_key(system);
    let (Some(cause), Some(side), true) = (Cause::from_word(cause), Side::from_word(side), known) else {
        return Ok(None);
    };
    let id = id(system, cause, side);
    let before = kept(&*state.journal, id.clone()).await?;
    let name = wish
        .penanggung
        .or_else(|| Some(before.as_ref()?.penanggung.clone()))
        .unwrap_or_default();
    let (name, reason) = (name.trim(), wish.alasan.trim());
    let plain = |text: &str| !text.chars().any(char::is_control);
    let fits = name.chars().count() <= NAME
        && REASON.contains(&reason.chars().count())
        && wish.diam_jam.is_none_or(|hours| hours <= LONGEST)
        && plain(name)
        && plain(reason);
    if !fits {
        return Ok(None);
    }
    let now = state.clock.now();
    let care = Care {
        penanggung: name.to_owned(),
        diam_sampai: match wish.diam_jam {
            Some(0) => None,
            Some(hours) => Some(later(now, Duration::from_secs(u64::from(hours) * 3600))),
            None => before.and_then(|care| care.diam_sampai),
        },
        alasan: reason.to_owned(),
        oleh: who.to_owned(),
        pada: now,
    };
    let body = Bytes::from(serde_json::to_vec(&care).unwrap_or_default());
    state.journal.put_document(KIND.into(), id, Some(body), None).await?;
    Ok(Some(care))
}

const ASKED: Text = Text::new(
    "Sebutkan masalah yang ada dan alasan (5–500 huruf); diam_jam paling lama 168, penanggung paling panjang 64 huruf.",
    "Name a problem that exists and a reason (5–500 characters); diam_jam at most 168, penanggung at most 64 characters.",
);
