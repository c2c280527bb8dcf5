//! `/admin/v1/subjek`: what was processed about one person, and restrictions of it. The number is taken in the body, never in an
//! address, turned into its keyed name at once, and neither kept nor shown again. Looking is evidence too.

use super::guard::Who;
use super::state::OperatorState;
use super::{body, problem};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use connector_sdk::Text;
use gateway_core::Catalogue;
use gateway_core::identity::keyring::{Deed, KeyError};
use gateway_core::journal::EvidenceLink;
use gateway_core::subject::history::{self, Place};
use gateway_core::subject::{self, Restriction};
use jiff::Timestamp;
use schemas::{Subject, SubjectKind};
use serde::Deserialize;
use serde_json::{Value, json};

type Body = Result<Bytes, BytesRejection>;

/// Records of evidence looked through for one answer, so that it comes in time.
const MOST: usize = 20_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    jenis: String,
    nilai: String,
    dari: Option<Timestamp>,
    /// Where the answer before ended.
    lanjut: Option<Place>,
    #[serde(default)]
    alasan: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restrict {
    jenis: String,
    nilai: String,
    /// Operations; none named means all.
    #[serde(default)]
    operasi: Vec<String>,
    #[serde(default)]
    alasan: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lift {
    /// Keyed name, as listed.
    subjek: String,
    #[serde(default)]
    alasan: String,
}

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    if let Err(error) = state.rooms.restrictions.refresh(&*state.journal).await {
        return problem::journal(&error);
    }
    let rows: Vec<Value> = state.rooms.restrictions.list().iter().map(shown).collect();
    Json(json!({ "butir": rows })).into_response()
}

pub(super) async fn history(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    body: Body,
) -> Response {
    let look: Look = match body::read(body) {
        Ok(look) => look,
        Err(refused) => return refused,
    };
    let Some(name) = named(&state, &look.jenis, &look.nilai) else {
        return unnamed();
    };
    if let Err(refused) = problem::reason(&look.alasan) {
        return refused;
    }
    let found = async {
        let place = match (look.lanjut, look.dari) {
            (Some(place), _) => place,
            (None, from) => {
                let record = json!({
                    "action": "lihat_subjek", "subjects": [name], "person": who.name(),
                    "reason": look.alasan, "at": state.clock.now().to_string(),
                });
                state.journal.witness(vec![record.to_string().into()]).await?;
                match from {
                    Some(from) => history::place(&*state.journal, from).await?,
                    None => Place::new(),
                }
            }
        };
        history::page(&*state.journal, &name, place, MOST).await
    };
    match found.await {
        Ok(page) => {
            let catalogue = state.catalogue.load();
            let rows: Vec<Value> = page
                .found
                .iter()
                .map(|(chain, link)| row(&catalogue, chain, link))
                .collect();
            Json(json!({
                "subjek": name, "butir": rows, "diperiksa": page.read, "lanjut": page.next,
            }))
            .into_response()
        }
        Err(error) => problem::journal(&error),
    }
}

pub(super) async fn restrict(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    body: Body,
) -> Response {
    let wish: Restrict = match body::read(body) {
        Ok(wish) => wish,
        Err(refused) => return refused,
    };
    let Some(subject) = named(&state, &wish.jenis, &wish.nilai) else {
        return unnamed();
    };
    let catalogue = state.catalogue.load_full();
    if wish.operasi.iter().any(|id| !catalogue.operations.contains_key(id)) {
        return problem::with_places("isi-tidak-sesuai", &OPERATION, vec![("/operasi".to_owned(), OPERATION)]);
    }
    let restriction = Restriction {
        subject,
        operations: wish.operasi,
        set: deed(&state, &who, wish.alasan),
    };
    let row = shown(&restriction);
    match state.rooms.restrictions.set(&*state.journal, restriction).await {
        Ok(()) => Json(row).into_response(),
        Err(error) => refused(&error),
    }
}

pub(super) async fn lift(State(state): State<OperatorState>, Extension(who): Extension<Who>, body: Body) -> Response {
    let wish: Lift = match body::read(body) {
        Ok(wish) => wish,
        Err(refused) => return refused,
    };
    let deed = deed(&state, &who, wish.alasan);
    let done = state.rooms.restrictions.lift(&*state.journal, &wish.subjek, &deed);
    match done.await {
        Ok(()) => Json(json!({ "subjek": wish.subjek, "hasil": "dilepas" })).into_response(),
        Err(error) => refused(&error),
    }
}

/// The keyed name of who was asked for.
fn named(state: &OperatorState, kind: &str, value: &str) -> Option<String> {
    let kind = SubjectKind::from_word(kind)?;
    let value = kind.normal(value)?;
    Some(subject::reference(&state.rooms.sealer, &Subject { kind, value }))
}

fn deed(state: &OperatorState, who: &Who, reason: String) -> Deed {
    Deed {
        at: state.clock.now(),
        by: who.name().to_owned(),
        reason,
    }
}

fn shown(restriction: &Restriction) -> Value {
    json!({
        "subjek": restriction.subject, "operasi": restriction.operations,
        "sejak": restriction.set.at.to_string(), "oleh": restriction.set.by, "alasan": restriction.set.reason,
    })
}

/// One record, in the words of the processing record: who, why, on what basis, when, to whom, which kinds of data.
fn row(catalogue: &Catalogue, chain: &str, link: &EvidenceLink) -> Value {
    let record: Value = serde_json::from_slice(&link.record).unwrap_or_default();
    let operation = record["operation"].as_str().and_then(|id| catalogue.operations.get(id));
    let elements = operation.map(|operation| {
        json!({ "masukan": operation.request.personal_fields(), "jawaban": operation.reply.personal_fields() })
    });
    let mut row = json!({
        "pertukaran": record["exchange"], "konsumen": record["consumer"], "operasi": record["operation"],
        "sistem": record["system"], "tujuan": record["purpose"], "dasar": record["basis"],
        "mulai": record["started"], "selesai": record["ended"], "keadaan": record["state"], "hasil": record["result"],
        "tindakan": record["action"], "oleh": record["person"], "alasan": record["reason"], "pada": record["at"],
        "unsur": elements,
        "bukti": { "rantai": chain, "seq": link.seq, "hash": hex::encode(link.hash) },
    });
    if let Some(fields) = row.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    row
}

fn unnamed() -> Response {
    problem::with_places("isi-tidak-sesuai", &SUBJECT, vec![("/nilai".to_owned(), SUBJECT)])
}

fn refused(error: &KeyError) -> Response {
    match error {
        KeyError::Reason => problem::with_places(
            "isi-tidak-sesuai",
            &problem::REASON,
            vec![("/alasan".to_owned(), problem::REASON)],
        ),
        KeyError::Journal(error) => problem::journal(error),
        KeyError::Missing | KeyError::Consumer | KeyError::Validity | KeyError::Withdrawn | KeyError::Random => {
            problem::answer("tidak-ditemukan", &MISSING)
        }
    }
}

const SUBJECT: Text = Text::new(
    "Sebutkan jenis (nomor, telepon atau surel) dan nilainya.",
    "Name the kind (nomor, telepon or surel) and its value.",
);
const OPERATION: Text = Text::new(
    "Ada operasi yang tidak diterbitkan; kosongkan untuk semua operasi.",
    "An operation is not published; leave empty for all operations.",
);
const MISSING: Text = Text::new(
    "Tidak ada pembatasan untuk subjek itu.",
    "There is no restriction for that subject.",
);
