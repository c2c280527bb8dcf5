//! `/admin/v1/sistem`: each configured system, its breaker, hours and policy. Of the endpoint only scheme, host and port
//! are shown, of the credentials only their kind.

use super::state::OperatorState;
use crate::outbound::Target;
use axum::Json;
use axum::extract::State;
use gateway_core::deliver::{Policy, Profile, System, supplied};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) async fn list(State(state): State<OperatorState>) -> Json<Value> {
    Json(json!({ "butir": all(&state) }))
}

/// Every configured system.
pub(super) fn all(state: &OperatorState) -> Vec<Value> {
    let now = state.clock.now();
    let catalogue = state.catalogue.load();
    let mut systems: Vec<_> = catalogue.systems.values().collect();
    systems.sort_by(|a, b| a.id.cmp(&b.id));
    systems.into_iter().map(|system| view(system, now)).collect()
}

fn view(system: &System, now: Timestamp) -> Value {
    let descriptor = system.connector.descriptor();
    let endpoint = Target::parse(&system.endpoint).ok();
    let open = system.breaker.open_for(now);
    json!({
        "id": system.id,
        "konektor": descriptor.id,
        "judul": { "id": descriptor.title.id, "en": descriptor.title.en },
        "skema": endpoint.as_ref().map(|e| if e.is_tls() { "https" } else { "http" }),
        "host": endpoint.as_ref().map(Target::host),
        "port": endpoint.as_ref().map(Target::port),
        "jalur": match system.profile {
            Profile::Direct => "langsung",
            Profile::Splp => "splp",
        },
        "kredensial": system.auth.name(),
        "kredensial_berakhir_pada": supplied::until(&system.auth).map(|until| until.to_string()),
        "pemutus": {
            "keadaan": if open.is_some() { "terbuka" } else { "tertutup" },
            "sisa_ms": open.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
        },
        "tutup_detik": system.pacing.closed_for(now).map(|left| left.as_secs()),
        "kebijakan": policy(&system.policy),
    })
}

fn policy(policy: &Policy) -> Value {
    json!({
        "tenggat_detik": policy.deadline.map(|d| d.as_secs_f64()),
        "ulang_baca": policy.read_retries,
        "percobaan": policy.attempts,
        "jeda_detik": policy.backoff.as_secs_f64(),
        "jeda_terlama_detik": policy.longest_backoff.as_secs_f64(),
        "cari_setelah_detik": policy.lookup_after.as_secs_f64(),
        "pencarian": policy.lookups,
        "pemutus_gagal": policy.breaker.failures,
        "pemutus_jeda_detik": policy.breaker.pause.as_secs_f64(),
        "permintaan_terbesar": policy.max_request,
        "jawaban_terbesar": policy.max_reply,
    })
}
