//! What a person sees before deciding: the original input (personal fields masked unless revealed with a reason), the
//! translation that the connector makes of it now, and how that differs from the one last sent.

use super::PersonError;
use crate::deliver::body_of;
use crate::exchange::{Leased, State};
use crate::ids::ExchangeId;
use crate::pipeline::Rooms;
use crate::resume;
use connector_sdk::{Call, NativeRequest, NoLists};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Checkpoint under which the door keeps the last native body of a failed try.
pub const LAST_TRANSLATION: &str = "_terjemahan";

/// What a dead letter looks like.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// Canonical input.
    pub masukan: Value,
    /// Whether personal fields are shown.
    pub terbuka: bool,
    /// Step that failed last, with its native status and code.
    pub langkah_gagal: Value,
    /// The request that would be sent now, or why it cannot be made.
    pub terjemahan: Value,
    /// Places where that differs from what was sent last; `None` when nothing was kept.
    pub perbedaan: Option<Vec<Difference>>,
}

/// One place where two translations differ. Values are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// JSON pointer into the native body.
    pub penunjuk: String,
    /// `ditambah`, `dihapus` or `diubah`.
    pub jenis: &'static str,
}

/// Opens an exchange for a person. `reveal` names who sees it and why; without it personal fields are masked. Revealing
/// is evidence.
///
/// # Errors
/// See [`PersonError`].
pub async fn inspect(rooms: &Rooms, id: ExchangeId, reveal: Option<(&str, &str)>) -> Result<Inspection, PersonError> {
    let stored = rooms.journal.get(id).await?.ok_or(PersonError::Missing)?;
    if stored.input.is_empty() {
        return Err(PersonError::Erased);
    }
    let attempts = rooms.journal.attempts(id).await?;
    let catalogue = rooms.catalogue.load_full();
    let checkpoints = rooms.journal.checkpoints(id).await?;
    let leased = Leased {
        exchange: stored,
        fence: 0,
        before: State::Accepted,
        checkpoints,
    };
    let task = resume::task(rooms, &catalogue, &leased, None)
        .map_err(|fault| PersonError::Operation(fault.internal.unwrap_or_default()))?;
    if let Some((who, why)) = reveal {
        if !(5..=500).contains(&why.chars().count()) {
            return Err(PersonError::Reason);
        }
        let evidence = json!({
            "exchange": id.to_string(), "person": who, "action": "buka_isi", "reason": why,
            "at": rooms.clock.now().to_string(),
        });
        rooms.journal.witness(vec![evidence.to_string().into()]).await?;
    }
    let operation = task.routed.operation();
    let mut masukan = (*task.input).clone();
    if reveal.is_none() {
        for field in operation.request.personal_fields() {
            mask(&mut masukan, &field.pointer_pattern);
        }
    }
    let key = id.to_string();
    let call = Call {
        exchange: &key,
        reference: &task.reference,
        attempt: task.number,
        now: rooms.clock.now(),
        lists: &NoLists,
    };
    let native = task
        .routed
        .system()
        .connector
        .operation(&operation.spec.id)
        .map(|o| o.request(&call, &task.input));
    let (terjemahan, now_sent) = match native {
        _ if task.routed.is_inbound() => (crate::inbound::outline(&task), None),
        Some(Ok(request)) => (outline(&request), body_of(&request)),
        Some(Err(fault)) => (json!({ "gagal": fault.public.id, "isian": pointers(&fault) }), None),
        None => (json!({ "gagal": "operasi tidak ada pada konektor" }), None),
    };
    let last = last_translation(&task);
    let perbedaan = last.zip(now_sent).map(|(then, now)| {
        let mut found = Vec::new();
        differences(&then, &now, "", &mut found);
        found
    });
    let failing = attempts.iter().rev().find(|a| a.fault.is_some());
    let langkah_gagal = failing.map_or(Value::Null, |a| {
        json!({
            "langkah": a.step, "status": a.status,
            "kode_asli": a.fault.as_ref().and_then(|f| f.native_code.clone()),
            "jenis": a.fault.as_ref().map(crate::evidence::fault_word),
            "keterangan": a.fault.as_ref().and_then(|f| f.internal.clone()),
        })
    });
    Ok(Inspection {
        masukan,
        terbuka: reveal.is_some(),
        langkah_gagal,
        terjemahan,
        perbedaan,
    })
}

fn last_translation(task: &crate::deliver::Task) -> Option<Value> {
    let sealed = hex::decode(task.checkpoints.get(LAST_TRANSLATION)?.as_str()?).ok()?;
    let plain = task.data_key.as_ref()?.open(&sealed, task.exchange).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// Method, path and the shape of the body: names and kinds, no values.
fn outline(request: &NativeRequest) -> Value {
    json!({
        "langkah": request.step,
        "metode": request.method.as_str(),
        "jalur": request.path.as_str(),
        "isi": body_of(request).map(|b| shape(&b)),
    })
}

/// Names and kinds, no values.
pub(crate) fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(n, v)| (n.clone(), shape(v))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(shape).collect()),
        Value::String(_) => json!("teks"),
        Value::Number(_) => json!("angka"),
        Value::Bool(_) => json!("benar/salah"),
        Value::Null => Value::Null,
    }
}

fn differences(then: &Value, now: &Value, at: &str, found: &mut Vec<Difference>) {
    match (then, now) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match b.get(name) {
                    Some(other) => differences(value, other, &place, found),
                    None => found.push(Difference {
                        penunjuk: place,
                        jenis: "dihapus",
                    }),
                }
            }
            for name in b.keys().filter(|name| !a.contains_key(*name)) {
                let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                found.push(Difference {
                    penunjuk: place,
                    jenis: "ditambah",
                });
            }
        }
        (a, b) if a == b => {}
        _ => found.push(Difference {
            penunjuk: at.to_owned(),
            jenis: "diubah",
        }),
    }
}

/// Replaces whatever stands at a pointer pattern (`*` for every item) by a mask.
pub fn mask(value: &mut Value, pattern: &str) {
    let mut parts = pattern.splitn(3, '/');
    let (_, Some(first)) = (parts.next(), parts.next()) else {
        *value = json!("•••");
        return;
    };
    let rest = parts.next().map_or(String::new(), |rest| format!("/{rest}"));
    match value {
        Value::Array(items) if first == "*" => items.iter_mut().for_each(|item| mask(item, &rest)),
        Value::Object(fields) if first == "*" => fields.values_mut().for_each(|item| mask(item, &rest)),
        Value::Object(fields) => {
            if let Some(field) = fields.get_mut(first) {
                mask(field, &rest);
            }
        }
        _ => {}
    }
}

fn pointers(fault: &connector_sdk::Fault) -> Vec<&str> {
    fault.complaints.iter().map(|c| c.pointer.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_reach_into_lists() {
        let mut value = json!({"pelapor": {"nama": "Suparman"}, "lampiran": [{"nama_berkas": "a.jpg", "ukuran": 5}]});
        mask(&mut value, "/pelapor/nama");
        mask(&mut value, "/lampiran/*/nama_berkas");
        assert_eq!(
            value,
            json!({"pelapor": {"nama": "•••"}, "lampiran": [{"nama_berkas": "•••", "ukuran": 5}]})
        );
    }

    #[test]
    fn differences_name_places_not_values() {
        let mut found = Vec::new();
        differences(
            &json!({"a": 1, "b": {"c": 2}, "d": 1}),
            &json!({"a": 1, "b": {"c": 3}, "e": 1}),
            "",
            &mut found,
        );
        let places: Vec<_> = found.iter().map(|d| (d.penunjuk.as_str(), d.jenis)).collect();
        assert_eq!(places, [("/b/c", "diubah"), ("/d", "dihapus"), ("/e", "ditambah")]);
    }
}
