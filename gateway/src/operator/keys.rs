//! `/admin/v1/kunci`: API keys at run time: list, issue (shown once), withdraw; and a new key that signs tokens. Each change has
//! a name and a reason, which the core puts into the evidence.

use super::guard::Who;
use super::state::OperatorState;
use super::{body, problem};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use connector_sdk::Text;
use gateway_core::identity::keyring::{Credential, Deed, KeyError, Wish};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

type Body = Result<Bytes, BytesRejection>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    konsumen: String,
    berlaku_dari: Option<Timestamp>,
    berlaku_sampai: Option<Timestamp>,
    #[serde(default)]
    alasan: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[serde(default)]
    alasan: String,
}

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    // What another node did a moment ago is asked for; the list is for a person who may be about to act on it.
    if let Err(error) = state.keyring.refresh(&*state.journal, &state.rooms.sealer).await {
        return problem::journal(&error);
    }
    let catalogue = state.catalogue.load();
    let now = state.clock.now();
    let rows: Vec<Value> = state
        .keyring
        .list(&catalogue.identities)
        .iter()
        .map(|(credential, used)| view(credential, *used, now))
        .collect();
    Json(json!({ "butir": rows })).into_response()
}

pub(super) async fn issue(State(state): State<OperatorState>, Extension(who): Extension<Who>, body: Body) -> Response {
    let wish: Issue = match body::read(body) {
        Ok(wish) => wish,
        Err(refused) => return refused,
    };
    let catalogue = state.catalogue.load_full();
    let (sealer, deed) = (&state.rooms.sealer, deed(&state, &who, wish.alasan));
    let wish = Wish {
        consumer: wish.konsumen,
        from: wish.berlaku_dari,
        until: wish.berlaku_sampai,
    };
    match state
        .keyring
        .issue(&*state.journal, sealer, &catalogue.consumers, wish, deed)
        .await
    {
        Ok((credential, key)) => {
            let mut row = view(&credential, None, state.clock.now());
            row["kunci"] = json!(key.expose());
            (StatusCode::CREATED, Json(row)).into_response()
        }
        Err(error) => refused(&error),
    }
}

pub(super) async fn withdraw(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    prefix: Result<Path<String>, PathRejection>,
    body: Body,
) -> Response {
    let Ok(Path(prefix)) = prefix else {
        return refused(&KeyError::Missing);
    };
    let reason: Reason = match body::read(body) {
        Ok(reason) => reason,
        Err(refused) => return refused,
    };
    let catalogue = state.catalogue.load_full();
    let (sealer, deed) = (&state.rooms.sealer, deed(&state, &who, reason.alasan));
    let done = state
        .keyring
        .withdraw(&*state.journal, sealer, &catalogue.identities, &prefix, deed);
    match done.await {
        Ok(credential) => Json(view(&credential, None, state.clock.now())).into_response(),
        Err(error) => refused(&error),
    }
}

pub(super) async fn rotate(State(state): State<OperatorState>, Extension(who): Extension<Who>, body: Body) -> Response {
    let reason: Reason = match body::read(body) {
        Ok(reason) => reason,
        Err(refused) => return refused,
    };
    let deed = deed(&state, &who, reason.alasan);
    match state.keyring.rotate(&*state.journal, &state.rooms.sealer, deed).await {
        Ok(kid) => (StatusCode::CREATED, Json(json!({ "kid": kid }))).into_response(),
        Err(error) => refused(&error),
    }
}

fn deed(state: &OperatorState, who: &Who, reason: String) -> Deed {
    Deed {
        at: state.clock.now(),
        by: who.name().to_owned(),
        reason,
    }
}

fn view(credential: &Credential, used: Option<Timestamp>, now: Timestamp) -> Value {
    let deed = |deed: &Option<Deed>| {
        deed.as_ref()
            .map(|d| json!({"pada": d.at.to_string(), "oleh": d.by, "alasan": d.reason}))
    };
    let early = credential.from.is_some_and(|from| now < from);
    let late = credential.until.is_some_and(|until| now >= until);
    let state = match (&credential.withdrawn, early, late) {
        (Some(_), ..) => "dicabut",
        (None, true, _) => "belum_berlaku",
        (None, false, true) => "berakhir",
        (None, false, false) => "berlaku",
    };
    json!({
        "awalan": credential.prefix,
        "konsumen": credential.consumer,
        "asal": if credential.issued.is_some() { "diterbitkan" } else { "konfigurasi" },
        "keadaan": state,
        "berlaku_dari": credential.from.map(|at| at.to_string()),
        "berlaku_sampai": credential.until.map(|at| at.to_string()),
        "diterbitkan": deed(&credential.issued),
        "dicabut": deed(&credential.withdrawn),
        "terakhir_dipakai": used.map(|at| at.to_string()),
    })
}

fn refused(error: &KeyError) -> Response {
    match error {
        KeyError::Consumer => {
            problem::with_places("isi-tidak-sesuai", &CONSUMER, vec![("/konsumen".to_owned(), CONSUMER)])
        }
        KeyError::Reason => problem::with_places(
            "isi-tidak-sesuai",
            &problem::REASON,
            vec![("/alasan".to_owned(), problem::REASON)],
        ),
        KeyError::Validity => problem::with_places(
            "isi-tidak-sesuai",
            &VALIDITY,
            vec![("/berlaku_sampai".to_owned(), VALIDITY)],
        ),
        KeyError::Missing => problem::answer("tidak-ditemukan", &MISSING),
        KeyError::Withdrawn => problem::answer("keadaan-tidak-sesuai", &WITHDRAWN),
        KeyError::Journal(error) => problem::journal(error),
        KeyError::Random => problem::answer("kesalahan-gateway", &RANDOM),
    }
}

const CONSUMER: Text = Text::new(
    "Konsumen itu tidak ada dalam konfigurasi yang berlaku.",
    "That consumer is not in the configuration in force.",
);
const VALIDITY: Text = Text::new(
    "Kunci itu tidak akan pernah berlaku: berakhir sebelum mulai, atau sudah lewat.",
    "That key would never hold: it ends before it begins, or has ended already.",
);
const MISSING: Text = Text::new(
    "Tidak ada kunci dengan awalan itu.",
    "There is no key with that prefix.",
);
const WITHDRAWN: Text = Text::new(
    "Kunci itu sudah dicabut, atau baru saja diubah petugas lain.",
    "That key was withdrawn already, or another operator has just changed it.",
);
const RANDOM: Text = Text::new("Kunci tidak dapat dibuat.", "No key can be made.");
