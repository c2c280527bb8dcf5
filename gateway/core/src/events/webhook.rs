//! The connector of pushes: a stored event becomes a POST of its CloudEvent to the subscriber's URL. It signs nothing:
//! that is the door's work ([`connector_sdk::AuthKind::Webhook`]). Any answer but 2xx is a failure, redirects too.

use super::{DELIVERY, PushPolicy, Subscription};
use crate::catalogue::Published;
use crate::deliver::{Breaker, Pacing, Profile, Reach, System, TokenCache};
use crate::seal::Sealer;
use connector_sdk::{
    Answer, AuthKind, Call, Connector, Descriptor, Effect, Fault, FaultKind, Landed, NativeBody, NativeLimits,
    NativeReply, NativeRequest, Operation, OperationSpec, Paging, RelativePath, Replay, Text, screen,
};
use schemas::Registry;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Native code of a receiver that wants no more.
pub(super) const GONE: &str = "http-410";
const REQUEST: &str = "urn:simpul:skema:peristiwa_kiriman:1";
const REPLY: &str = "urn:simpul:skema:peristiwa_terkirim:1";

/// The system that pushes to a subscription.
pub fn system_id(subscription: &str) -> String {
    format!("langganan:{subscription}")
}

/// The operation under which pushes stand in the journal. It has no address: consumers cannot ask for it.
///
/// # Errors
/// When its schemas are not in the registry.
pub fn delivery(registry: &Registry) -> Result<Published, String> {
    let schema = |id: &str| registry.shared(id).ok_or_else(|| format!("schema {id} is missing"));
    Ok(Published {
        id: DELIVERY.into(),
        method: http::Method::POST,
        path: String::new(),
        system: String::new(),
        spec: SPEC.clone(),
        request: schema(REQUEST)?,
        reply: schema(REPLY)?,
        max_body: 64 * 1024,
        key_required: false,
    })
}

static SPEC: LazyLock<OperationSpec> = LazyLock::new(|| OperationSpec {
    id: DELIVERY.into(),
    summary: Text::new(
        "Mengirim satu peristiwa ke satu pelanggan.",
        "Sends one event to one subscriber.",
    ),
    request_schema: REQUEST.into(),
    reply_schema: REPLY.into(),
    // Receivers recognise a repeat by `webhook-id`.
    effect: Effect::Write { replay: Replay::Native },
    answer: Answer::Immediate,
    reference: Vec::new(),
    ordering: Vec::new(),
    deadline_ms: 20_000,
    paging: Paging::None,
    follow: None,
});

static DESCRIPTOR: LazyLock<Descriptor> = LazyLock::new(|| Descriptor {
    id: "webhook".into(),
    title: Text::new("Penerima peristiwa", "Receiver of events"),
    owner: "Pelanggan".into(),
    native_version: "Standard Webhooks 1.0".into(),
    documentation: "https://www.standardwebhooks.com/".into(),
    auth: vec!["webhook".into()],
    limits: NativeLimits::default(),
    operations: vec![SPEC.clone()],
    hooks: Vec::new(),
    mirrors: Vec::new(),
    errors: Vec::new(),
    settings: Vec::new(),
});

struct Webhook;

impl Connector for Webhook {
    fn descriptor(&self) -> &Descriptor {
        &DESCRIPTOR
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        (id == DELIVERY).then_some(self as &dyn Operation)
    }

    fn screen(&self, _request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        if reply.is_success() {
            return Ok(());
        }
        // A receiver that refuses today may be mended tomorrow: everything but 410 is tried again by the schedule.
        let (kind, landed) = match reply.status {
            410 => (FaultKind::NotFound, Landed::No),
            429 => (FaultKind::Throttled, Landed::No),
            502 | 504 => (FaultKind::Unavailable, Landed::Unknown),
            _ => (FaultKind::Unavailable, Landed::No),
        };
        let text = match reply.status {
            300..=399 => Text::new(
                "Penerima mengalihkan; pengalihan tidak diikuti. Perbaiki URL langganan.",
                "The receiver redirects; redirects are not followed. Correct the subscription's URL.",
            ),
            410 => Text::new(
                "Penerima menyatakan tidak menerima lagi (410).",
                "The receiver says that it takes no more (410).",
            ),
            _ => Text::new("Penerima tidak menjawab 2xx.", "The receiver did not answer 2xx."),
        };
        Err(Fault::new(kind, text)
            .landed(landed)
            .native_code(format!("http-{}", reply.status))
            .retry_after(screen::retry_after(reply)))
    }
}

impl Operation for Webhook {
    fn spec(&self) -> &OperationSpec {
        &SPEC
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let event = input.get("peristiwa");
        let id = event.and_then(|e| e.get("id")).and_then(Value::as_str);
        let (Some(event), Some(id)) = (event, id) else {
            return Err(Fault::drift("stored delivery without an event"));
        };
        let body = NativeBody::Text {
            content_type: "application/cloudevents+json; charset=utf-8".into(),
            text: event.to_string(),
        };
        Ok(NativeRequest::post("dorong", RelativePath::root(), body).header("webhook-id", id))
    }

    fn reply(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        Ok(json!({"status": reply.status}))
    }
}

/// The system of a pushed subscription; `None` for a pulled one.
pub(super) fn system(subscription: &Subscription, policy: &PushPolicy, sealer: &Sealer) -> Option<System> {
    let url = subscription.url.as_ref()?;
    let policy_of_system = policy.of_system(subscription.schedule.as_deref());
    // Pacing without hours reads no time zone and cannot fail.
    let pacing = Pacing::new(subscription.per_minute, policy.at_once, None).ok()?;
    Some(System {
        native: None,
        id: system_id(&subscription.id),
        connector: Arc::new(Webhook),
        endpoint: url.clone(),
        reach: Reach::Receiver,
        headers: http::HeaderMap::new(),
        profile: Profile::Direct,
        auth: AuthKind::Webhook {
            secrets: subscription.opened(sealer),
        },
        breaker: Breaker::new(policy_of_system.breaker.clone()),
        policy: policy_of_system,
        pacing,
        tokens: TokenCache::default(),
    })
}
