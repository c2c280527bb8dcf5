//! `/v1/akses`: asking for access, and fetching the key. A known consumer asks for more rights under its own identity. A
//! newcomer has none yet: if the operator lets newcomers ask, it gets a number and a secret, and shows that secret later to
//! see the decision and to fetch its key, once. In a sandbox the key comes at once.
//!
//! Strangers are bounded: one is served at a time, few may ask in a minute, few may wait for a decision, all nodes together.

use super::body::Unread;
use super::langganan::{ok, read};
use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::{Answer, refusals};
use crate::access::{self, Access, Newcomers, State, Step, Verb};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_sdk::{Secret, Text};
use gateway_core::Refusal;
use gateway_core::evidence::sha256;
use gateway_core::identity::Identified;
use gateway_core::identity::keyring::{Deed, Wish};
use gateway_core::ids::ExchangeId;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use schemas::Violation;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// `POST /v1/akses`.
    Request,
    /// `GET /v1/akses`.
    List,
    /// `GET /v1/akses/{id}`.
    Show,
    /// `POST /v1/akses/{id}/ambil`.
    Fetch,
}

impl Ask {
    /// Every address with its method.
    pub(super) const ALL: [(&'static str, http::Method, Self); 4] = [
        ("/v1/akses", http::Method::POST, Self::Request),
        ("/v1/akses", http::Method::GET, Self::List),
        ("/v1/akses/{id}", http::Method::GET, Self::Show),
        ("/v1/akses/{id}/ambil", http::Method::POST, Self::Fetch),
    ];
}

/// Carries the secret of a newcomer's request.
pub(super) const SECRET: &str = "x-rahasia-akses";
/// Newcomers' requests that may wait for a decision.
const MOST_OPEN: usize = 50;
/// Newcomers' requests within a minute.
const MOST_A_MINUTE: usize = 10;
/// Requests of one consumer that may wait.
const MOST_OWN: usize = 10;
/// How long an answer waits until this node knows what it approved; a busy node takes a while. Later the key is fetched.
const LOOKS: u32 = 600;
const LOOK: Duration = Duration::from_millis(100);

/// Answers a known consumer.
pub(super) async fn known<B>(
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
    let consumer = who.consumer();
    let mine = |access: &Access| access.konsumen == consumer.id;
    let done: Result<Answer, Problem> = async {
        match ask {
            Ask::Request => {
                let wish = wish(edge, &read(body).await?, Some(&consumer.id))?;
                let open = all(edge).await?;
                if open
                    .iter()
                    .filter(|(one, _)| mine(one) && one.keadaan == State::Diajukan)
                    .count()
                    >= MOST_OWN
                {
                    return Err(full());
                }
                if let Some(held) = wish.operasi.iter().find(|one| consumer.grants.contains_key(*one)) {
                    return Err(wrong("/operasi", held_text(held)));
                }
                let at_once = newcomers(edge) == Newcomers::AtOnce;
                let access = stored(edge, wish.access(edge, exchange, at_once)).await?;
                let ready = at_once && in_force(edge, &access).await;
                Ok(created(&access, view(&access), ready, None))
            }
            Ask::List => {
                let rows: Vec<Value> = all(edge)
                    .await?
                    .iter()
                    .filter(|(one, _)| mine(one))
                    .map(|(one, _)| view(one))
                    .collect();
                Ok(ok(StatusCode::OK, &json!({ "butir": rows })))
            }
            Ask::Show => {
                let (access, _) = found(edge, parameters)
                    .await?
                    .filter(|(one, _)| mine(one))
                    .ok_or_else(unknown)?;
                Ok(ok(StatusCode::OK, &view(&access)))
            }
            // Who has a key asks the operator for another; the secret of the request is the newcomer's.
            Ask::Fetch => Err(state()),
        }
    }
    .await;
    done.unwrap_or_else(|problem| problem.render(exchange, language))
}

/// Answers somebody without a credential.
pub(super) async fn stranger<B>(
    edge: &Edge,
    ask: Ask,
    parameters: &Map<String, Value>,
    headers: &HeaderMap,
    body: &mut Unread<B>,
    exchange: ExchangeId,
    language: Language,
) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
{
    let done: Result<Answer, Problem> = async {
        let rule = newcomers(edge);
        if rule == Newcomers::Closed || ask == Ask::List {
            edge.meters.rejected("unidentified");
            return Err(refusals::unidentified());
        }
        // Read before a place is taken: a slow sender keeps nobody waiting.
        let sent = match ask {
            Ask::Request => Some(read(body).await?),
            Ask::List | Ask::Show | Ask::Fetch => None,
        };
        let place = edge.shares.stranger().ok_or_else(full)?;
        match sent {
            Some(sent) => {
                let wish = wish(edge, &sent, None)?;
                let secret = fresh().ok_or_else(|| refusals::problem(&Refusal::CannotStore))?;
                bounded(edge, &wish.konsumen).await?;
                let mut access = wish.access(edge, exchange, rule == Newcomers::AtOnce);
                access.rahasia = Some(hex::encode(sha256(secret.expose().as_bytes())));
                let access = stored(edge, access).await?;
                drop(place);
                if rule != Newcomers::AtOnce || !in_force(edge, &access).await {
                    return Ok(created(&access, view(&access), false, Some(&secret)));
                }
                let (access, key) = handed(edge, access).await?;
                let mut shown = view(&access);
                shown["kunci_api"] = json!(key.expose());
                Ok(created(&access, shown, true, None))
            }
            None => {
                let access = found(edge, parameters).await?;
                let access = access.filter(|(one, _)| shows(one, headers)).ok_or_else(unknown)?;
                if ask == Ask::Show {
                    return Ok(ok(StatusCode::OK, &view(&access.0)));
                }
                let known = edge.rooms.catalogue.load().consumers.contains_key(&access.0.konsumen);
                if access.0.keadaan != State::Disetujui || access.0.kunci.is_some() || !known {
                    return Err(state());
                }
                let (access, key) = handed(edge, access.0).await?;
                let mut shown = view(&access);
                shown["kunci_api"] = json!(key.expose());
                Ok(ok(StatusCode::OK, &shown))
            }
        }
    }
    .await;
    done.unwrap_or_else(|problem| problem.render(exchange, language))
}

fn newcomers(edge: &Edge) -> Newcomers {
    edge.routes.load().reference().newcomers()
}

/// What was written, judged.
struct Wished {
    konsumen: String,
    nama: Option<String>,
    pemohon: Option<String>,
    operasi: Vec<String>,
    tujuan: String,
    dasar_hukum: String,
    perjanjian: Option<String>,
    alasan: String,
}

/// Judges a body: by the schema first, then by what there is.
fn wish(edge: &Edge, sent: &Value, own: Option<&str>) -> Result<Wished, Problem> {
    let routes = edge.routes.load();
    let reference = routes.reference();
    let Some(form) = reference.access_form() else {
        return Err(refusals::problem(&Refusal::CannotStore));
    };
    if let Err(violations) = form.check(sent) {
        return Err(refusals::problem(&Refusal::Invalid(violations)));
    }
    let text = |name: &str| {
        sent.get(name)
            .and_then(Value::as_str)
            .map(|text| text.trim().to_owned())
    };
    let needed = |name: &str| text(name).unwrap_or_default();
    let operations: Vec<String> = sent
        .get("operasi")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect();
    let catalogue = edge.rooms.catalogue.load();
    for (number, operation) in operations.iter().enumerate() {
        let heard = catalogue.emits.iter().any(|emit| emit.grant == *operation);
        if reference.entry(operation).is_none() && !heard {
            return Err(wrong(&format!("/operasi/{number}"), NOT_THERE));
        }
    }
    let consumer = match own {
        Some(own) => own.to_owned(),
        None => {
            for name in ["konsumen", "nama", "pemohon"] {
                if needed(name).is_empty() {
                    return Err(wrong(&format!("/{name}"), NEWCOMER));
                }
            }
            needed("konsumen")
        }
    };
    if own.is_none() && catalogue.consumers.contains_key(&consumer) {
        return Err(wrong("/konsumen", TAKEN));
    }
    Ok(Wished {
        konsumen: consumer,
        nama: own.is_none().then(|| needed("nama")),
        pemohon: own.is_none().then(|| needed("pemohon")),
        operasi: operations,
        tujuan: needed("tujuan"),
        dasar_hukum: needed("dasar_hukum"),
        perjanjian: text("perjanjian"),
        alasan: text("keterangan").unwrap_or_else(|| "diajukan".to_owned()),
    })
}

impl Wished {
    fn access(self, edge: &Edge, exchange: ExchangeId, at_once: bool) -> Access {
        let (now, id) = (edge.rooms.clock.now(), exchange.to_string());
        let step = |verb, by: &str, reason: &str| Step {
            tindakan: verb,
            oleh: by.to_owned(),
            pada: now,
            alasan: reason.to_owned(),
        };
        let mut steps = vec![step(Verb::Ajukan, &self.konsumen, &self.alasan)];
        if at_once {
            steps.push(step(Verb::Setujui, "sandbox", "sandbox: berlaku seketika"));
        }
        let sealed = self.pemohon.and_then(|name| {
            let context = format!("{}:{id}", access::KIND);
            edge.rooms.sealer.seal(name.as_bytes(), &context).ok()
        });
        Access {
            id,
            konsumen: self.konsumen,
            nama: self.nama,
            pemohon: sealed.map(|sealed| STANDARD.encode(sealed)),
            operasi: self.operasi,
            tujuan: self.tujuan,
            dasar_hukum: self.dasar_hukum,
            perjanjian: self.perjanjian.or_else(|| at_once.then(|| "SANDBOX".to_owned())),
            berlaku_sampai: None,
            per_menit: None,
            keadaan: if at_once { State::Disetujui } else { State::Diajukan },
            rahasia: None,
            kunci: None,
            langkah: steps,
        }
    }
}

async fn all(edge: &Edge) -> Result<Vec<access::Read>, Problem> {
    access::all(&*edge.rooms.journal).await.map_err(|error| {
        tracing::error!(%error, "requests for access not readable");
        refusals::problem(&Refusal::CannotStore)
    })
}

async fn found(edge: &Edge, parameters: &Map<String, Value>) -> Result<Option<access::Read>, Problem> {
    let id = parameters.get("id").and_then(Value::as_str).unwrap_or_default();
    if id.parse::<ExchangeId>().is_err() {
        return Ok(None);
    }
    access::one(&*edge.rooms.journal, id).await.map_err(|error| {
        tracing::error!(%error, "request for access not readable");
        refusals::problem(&Refusal::CannotStore)
    })
}

/// Newcomers all together, and a name that nobody else asked for.
async fn bounded(edge: &Edge, consumer: &str) -> Result<(), Problem> {
    let now = edge.rooms.clock.now();
    let all = all(edge).await?;
    let newcomers = || all.iter().map(|(one, _)| one).filter(|one| one.is_newcomer());
    let recent = |at: Timestamp| now.duration_since(at).as_secs() < 60;
    let open = newcomers().filter(|one| one.keadaan == State::Diajukan).count();
    let minute = newcomers().filter(|one| one.asked_at().is_some_and(recent)).count();
    if open >= MOST_OPEN || minute >= MOST_A_MINUTE {
        edge.meters.rejected("newcomers");
        return Err(full());
    }
    let alive = |one: &&Access| matches!(one.keadaan, State::Diajukan | State::Disetujui);
    match newcomers().filter(alive).any(|one| one.konsumen == consumer) {
        true => Err(wrong("/konsumen", TAKEN)),
        false => Ok(()),
    }
}

/// Stores a new request, and puts it into the evidence.
async fn stored(edge: &Edge, access: Access) -> Result<Access, Problem> {
    let journal = &*edge.rooms.journal;
    let failed = |error: gateway_core::journal::JournalError| {
        tracing::error!(%error, "request for access not stored");
        refusals::problem(&Refusal::CannotStore)
    };
    let record = json!({
        "action": "access_requested", "access": access.id, "consumer": access.konsumen, "operations": access.operasi,
        "purpose": access.tujuan, "legal_basis": access.dasar_hukum, "newcomer": access.is_newcomer(),
        "approved_at_once": access.keadaan == State::Disetujui, "at": edge.rooms.clock.now(),
    });
    journal
        .witness(vec![Bytes::from(record.to_string())])
        .await
        .map_err(failed)?;
    access::put(journal, &access, 0).await.map_err(failed)?;
    Ok(access)
}

/// Waits until this node knows what was approved. `false`: not yet, so the key is fetched later.
async fn in_force(edge: &Edge, access: &Access) -> bool {
    for _ in 0..LOOKS {
        let catalogue = edge.rooms.catalogue.load_full();
        let holds = catalogue
            .consumers
            .get(&access.konsumen)
            .is_some_and(|consumer| access.operasi.iter().all(|one| consumer.grants.contains_key(one)));
        if holds {
            return true;
        }
        edge.rooms.clock.sleep(LOOK).await;
    }
    false
}

/// Hands the key out. It is marked first, so that two who ask at once get one key between them.
async fn handed(edge: &Edge, access: Access) -> Result<(Access, Secret), Problem> {
    let (rooms, now) = (&edge.rooms, edge.rooms.clock.now());
    let failed = |error: gateway_core::journal::JournalError| {
        tracing::error!(%error, "key not handed out");
        refusals::problem(&Refusal::CannotStore)
    };
    let (mut marked, revision) = access::one(&*rooms.journal, &access.id)
        .await
        .map_err(failed)?
        .ok_or_else(unknown)?;
    if marked.kunci.is_some() || marked.keadaan != State::Disetujui {
        return Err(state());
    }
    marked.kunci = Some(String::new());
    let put = access::put(&*rooms.journal, &marked, revision).await.map_err(failed)?;
    let revision = put.ok_or_else(state)?;
    let catalogue = rooms.catalogue.load_full();
    let approver = access.langkah.iter().rev().find(|step| step.tindakan == Verb::Setujui);
    let deed = Deed {
        at: now,
        by: approver.map_or_else(|| "sandbox".to_owned(), |step| step.oleh.clone()),
        reason: format!("permintaan akses {}", access.id),
    };
    let wish = Wish {
        consumer: access.konsumen.clone(),
        from: None,
        until: None,
        signs: false,
    };
    let issued = edge
        .keyring
        .issue(&*rooms.journal, &rooms.sealer, &catalogue.consumers, wish, deed)
        .await;
    match issued {
        Ok((credential, key)) => {
            marked.fetched(&credential.prefix, now);
            access::put(&*rooms.journal, &marked, revision).await.map_err(failed)?;
            Ok((marked, key))
        }
        Err(error) => {
            tracing::error!(%error, "no key made for an approved request");
            marked.kunci = None;
            access::put(&*rooms.journal, &marked, revision).await.map_err(failed)?;
            Err(refusals::problem(&Refusal::CannotStore))
        }
    }
}

fn shows(access: &Access, headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(SECRET).iter();
    let (Some(value), None, Some(kept)) = (values.next(), values.next(), &access.rahasia) else {
        return false;
    };
    let shown = hex::encode(sha256(value.as_bytes()));
    aws_lc_rs::constant_time::verify_slices_are_equal(shown.as_bytes(), kept.as_bytes()).is_ok()
}

fn fresh() -> Option<Secret> {
    let mut drawn = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut drawn).ok()?;
    Some(Secret::new(format!("sma_{}", hex::encode(drawn))))
}

fn view(access: &Access) -> Value {
    let fetched = access.kunci.as_deref().filter(|prefix| !prefix.is_empty());
    let last = access.langkah.last();
    json!({
        "id": access.id, "konsumen": access.konsumen, "operasi": access.operasi, "tujuan": access.tujuan,
        "dasar_hukum": access.dasar_hukum, "perjanjian": access.perjanjian,
        "berlaku_sampai": access.berlaku_sampai, "keadaan": access.keadaan.word(), "awalan_kunci": fetched,
        "dibuat_pada": access.asked_at().map(|at| at.to_string()),
        "diperbarui_pada": last.map(|step| step.pada.to_string()),
        "alasan": last.map(|step| step.alasan.clone()),
    })
}

/// 201 once it holds, 202 while a person or this node is awaited.
fn created(access: &Access, mut shown: Value, ready: bool, secret: Option<&Secret>) -> Answer {
    if let Some(secret) = secret {
        shown["rahasia"] = json!(secret.expose());
    }
    let status = if ready {
        StatusCode::CREATED
    } else {
        StatusCode::ACCEPTED
    };
    let mut answer = ok(status, &shown);
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(place) = HeaderValue::try_from(format!("/v1/akses/{}", access.id)) {
        headers.insert(header::LOCATION, place);
    }
    answer
}

fn wrong(pointer: &str, text: Text) -> Problem {
    refusals::problem(&Refusal::Invalid(vec![Violation {
        pointer: pointer.to_owned(),
        code: "tidak_berlaku",
        id: text.id.into_owned(),
        en: text.en.into_owned(),
    }]))
}

fn held_text(operation: &str) -> Text {
    Text::owned(
        format!("hak atas {operation} sudah ada"),
        format!("the right to {operation} is held already"),
    )
}

fn full() -> Problem {
    Problem {
        retry: true,
        after: Some(Duration::from_secs(60)),
        ..Problem::consumer(
            "batas-terlampaui",
            Text::new(
                "Terlalu banyak permintaan akses menunggu atau datang bersamaan. Ulangi nanti, atau hubungi pengelola.",
                "Too many requests for access wait or came at once. Try again later, or write to the operator.",
            ),
        )
    }
}

fn state() -> Problem {
    Problem::consumer(
        "keadaan-tidak-sesuai",
        Text::new(
            "Permintaan ini belum disetujui, belum berlaku di node ini, atau kuncinya sudah diambil. Kunci lain: minta pengelola.",
            "This request is not approved, not in force here yet, or its key was fetched. For another key ask the operator.",
        ),
    )
}

fn unknown() -> Problem {
    Problem::consumer(
        "tidak-ditemukan",
        Text::new(
            "Tidak ada permintaan akses ini untuk Anda.",
            "There is no such request for access of yours.",
        ),
    )
}

const NOT_THERE: Text = Text::new("tidak ada di katalog", "is not in the catalogue");
const TAKEN: Text = Text::new("id konsumen ini sudah dipakai", "this consumer id is taken");
const NEWCOMER: Text = Text::new(
    "wajib bagi yang belum punya kunci; yang sudah punya memakai kuncinya",
    "needed of who has no key yet; who has one uses it",
);
