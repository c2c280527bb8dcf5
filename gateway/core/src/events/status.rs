//! How a subscription stands, for its owner and the operator: its wishes (never its secrets), its receiver's standing,
//! its place among the events, and its newest deliveries. Schema `langganan`.

use super::{Live, Mode, system_id};
use crate::exchange::{State, Stored};
use crate::journal::{Filter, JournalError};
use crate::pipeline::Rooms;
use serde_json::{Value, json};

/// Deliveries shown.
const SHOWN: usize = 20;

/// Without its deliveries, for lists.
pub fn summary(rooms: &Rooms, live: &Live) -> Value {
    let s = &live.subscription;
    let (standing, _) = rooms.events.standing(&s.id);
    let now = rooms.clock.now();
    let mut old_secrets = s
        .secrets
        .iter()
        .filter_map(|secret| secret.until)
        .filter(|until| *until > now);
    json!({
        "id": s.id,
        "nama": s.name,
        "jenis": s.kinds,
        "moda": match s.mode { Mode::Push => "dorong", Mode::Pull => "tarik" },
        "url": s.url,
        "ringkas": s.thin,
        "jadwal_detik": s.schedule,
        "batas_per_menit": s.per_minute,
        "keadaan": standing.word(),
        "sejak": standing.since().map(|t| t.to_string()),
        "rahasia_lama_sampai": old_secrets.next().map(|t| t.to_string()),
        "dibuat_pada": s.created.to_string(),
        "diperbarui_pada": s.changed.to_string(),
    })
}

/// With its place and its newest deliveries.
///
/// # Errors
/// When the journal cannot be read.
pub async fn status(rooms: &Rooms, live: &Live) -> Result<Value, JournalError> {
    let system = system_id(&live.subscription.id);
    let mut view = summary(rooms, live);
    let cursor = rooms.journal.cursor(live.subscription.id.clone()).await?;
    let last = rooms.journal.last_event().await?;
    let (mut waiting, mut dead) = (0, 0);
    for stat in rooms
        .journal
        .queues()
        .await?
        .into_iter()
        .filter(|stat| stat.system == system)
    {
        match stat.state {
            State::Dead | State::Parked => dead += stat.count,
            state if state.is_open() => waiting += stat.count,
            _ => {}
        }
    }
    let deliveries = rooms.journal.list(Filter {
        system: Some(system),
        limit: SHOWN,
        ..Filter::default()
    });
    let deliveries: Vec<_> = deliveries.await?.iter().map(delivery).collect();
    if let Some(fields) = view.as_object_mut() {
        fields.insert("posisi".into(), json!(cursor));
        fields.insert("posisi_terakhir".into(), json!(last));
        fields.insert("menunggu".into(), json!(waiting));
        fields.insert("gagal".into(), json!(dead));
        fields.insert("kiriman".into(), json!(deliveries));
    }
    Ok(view)
}

fn delivery(stored: &Stored) -> Value {
    let event = stored.reference.as_deref().and_then(|r| r.split(':').next());
    let again = matches!(stored.state, State::Accepted | State::Scheduled).then(|| stored.due.to_string());
    json!({
        "pertukaran": stored.id.to_string(),
        "peristiwa": event,
        "keadaan": stored.state.word(),
        "percobaan": stored.attempts,
        "percobaan_berikut_pada": again,
        "kode": stored.fault.as_ref().and_then(|f| f.native_code.clone()),
        "diperbarui_pada": stored.changed.to_string(),
    })
}
