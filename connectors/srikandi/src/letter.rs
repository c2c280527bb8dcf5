//! A native letter as canonical detail: state folded from its history, the number only when final, and what looks wrong.

use crate::codes::UNKNOWN;
use crate::elements::has_variable;
use crate::fields::{self, get, text};
use crate::life::{Event, Life, State};
use crate::settings::Setup;
use connector_sdk::Fault;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const M: &str = "naskah";

/// The canonical detail of a native letter.
pub(crate) fn detail(setup: &Setup, data: &Value) -> Result<Value, Fault> {
    let mut warnings: Vec<&str> = Vec::new();
    let id = data.pointer(&setup.raw.amplop.id).and_then(fields::plain);
    let id = id.ok_or_else(|| Fault::drift("a letter without its id"))?;
    let native_state = text(setup, M, data, "keadaan", "status");
    let native_state = native_state.ok_or_else(|| Fault::drift("a letter without its state"))?;
    let (mut life, unknown) = history(setup, data, &native_state);
    let state = setup.codes("keadaan").known(&native_state).and_then(State::of);
    let state = state.map(|state| life.standing(state));
    if life.odd > 0 {
        warnings.push("urutan_tidak_wajar");
    }
    let incoming = get(setup, M, data, "tanggal_diterima", "tanggal_diterima").is_some();
    // A number belongs to the letter once it is signed; an incoming letter bears its sender's.
    let final_number = incoming || state.is_some_and(State::is_signed);
    let number = text(setup, M, data, "nomor_naskah", "nomor_naskah");
    let provisional = text(setup, M, data, "nomor_sementara", "nomor_sementara");
    let (number, provisional) = if final_number {
        (number, provisional)
    } else {
        (None, number.or(provisional))
    };
    if provisional.is_some() && !final_number {
        warnings.push("nomor_belum_final");
    }
    let mut filled = |value: Option<String>| {
        let literal = value.as_deref().is_some_and(has_variable);
        if literal && !warnings.contains(&"variabel_belum_terisi") {
            warnings.push("variabel_belum_terisi");
        }
        value.filter(|_| !literal)
    };
    let subject = filled(text(setup, M, data, "hal", "hal"));
    let summary = filled(text(setup, M, data, "ringkasan", "ringkasan"));
    let number = filled(number);
    let provisional = filled(provisional);
    let written_date = filled(text(setup, M, data, "tanggal_naskah", "tanggal_naskah"));
    let date = written_date.as_deref().and_then(|date| setup.clock.date(date));
    let received = text(setup, M, data, "tanggal_diterima", "tanggal_diterima");
    let received_at = received.as_deref().and_then(|at| setup.clock.moment(at));
    if (written_date.is_some() && date.is_none()) || (received.is_some() && received_at.is_none()) {
        warnings.push("waktu_tidak_terbaca");
    }
    let coded = |list: &str, ours: &str, usual: &str| {
        let native = text(setup, M, data, ours, usual);
        native.map_or_else(
            || UNKNOWN.to_owned(),
            |native| setup.codes(list).canonical(&native).to_owned(),
        )
    };
    let classification = text(setup, M, data, "klasifikasi", "klasifikasi");
    Ok(json!({
        "id": id,
        "rujukan": text(setup, M, data, "rujukan", "external_id"),
        "keadaan": state.map_or(UNKNOWN, State::word),
        "keadaan_asli": short(&native_state, 64),
        "nomor_naskah": number.map(|number| short(&number, 100)),
        "nomor_sementara": provisional.map(|number| short(&number, 100)),
        "nomor_agenda": text(setup, M, data, "nomor_agenda", "nomor_agenda"),
        "tanggal_naskah": date.filter(|_| final_number),
        "tanggal_diterima": received_at,
        "asal_naskah": text(setup, M, data, "asal_naskah", "asal_naskah"),
        "jenis_naskah": coded("jenis_naskah", "jenis_naskah", "jenis_naskah"),
        "sifat": coded("sifat", "sifat", "sifat_naskah"),
        "urgensi": coded("urgensi", "urgensi", "tingkat_urgensi"),
        "klasifikasi": classification,
        "hal": subject,
        "ringkasan": summary,
        "penerima": recipients(setup, data),
        "penandatangan": signers(setup, data),
        "riwayat": life.events.iter().map(|event| change(setup, event)).chain(unknown).collect::<Vec<_>>(),
        "peringatan": warnings,
    }))
}

/// The life that the history adds up to, and its rows of a state that no list knows.
fn history(setup: &Setup, data: &Value, native_state: &str) -> (Life, Vec<Value>) {
    let rows = get(setup, M, data, "riwayat", "riwayat").and_then(Value::as_array);
    let event = |row: &Value| {
        let native = text(setup, M, row, "keadaan", "status")?;
        let at = text(setup, M, row, "terjadi_pada", "waktu").and_then(|at| setup.clock.moment(&at));
        let step = get(setup, M, row, "langkah", "langkah").and_then(Value::as_u64);
        Some(Event {
            state: State::of(setup.codes("keadaan").known(&native)?)?,
            at: at.and_then(|at| at.parse::<Timestamp>().ok()),
            step: step.and_then(|step| u32::try_from(step).ok()).filter(|step| *step > 0),
        })
    };
    let unknown = |row: &&Value| {
        let native = text(setup, M, row, "keadaan", "status").unwrap_or_default();
        setup.codes("keadaan").known(&native).and_then(State::of).is_none()
    };
    let strange = rows.into_iter().flatten().filter(unknown).map(|row| {
        let at = text(setup, M, row, "terjadi_pada", "waktu").and_then(|at| setup.clock.moment(&at));
        json!({"keadaan": UNKNOWN, "terjadi_pada": at})
    });
    let strange = strange.collect();
    let mut events: Vec<Event> = rows.into_iter().flatten().filter_map(event).collect();
    let now = setup.codes("keadaan").known(native_state).and_then(State::of);
    if let Some(state) = now.filter(|state| !events.iter().any(|event| event.state == *state)) {
        events.push(Event {
            state,
            at: None,
            step: None,
        });
    }
    (Life::of(events), strange)
}

fn change(setup: &Setup, event: &Event) -> Value {
    let mut row = Map::new();
    row.insert("keadaan".to_owned(), json!(event.state.word()));
    let at = event.at.map(|at| crate::times::written(at, setup.clock.zone));
    row.insert("terjadi_pada".to_owned(), json!(at));
    if let Some(step) = event.step {
        row.insert("langkah".to_owned(), json!(step));
    }
    Value::Object(row)
}

/// Recipients with their own read states.
pub(crate) fn recipients(setup: &Setup, data: &Value) -> Vec<Value> {
    let rows = get(setup, M, data, "penerima", "penerima").and_then(Value::as_array);
    let row = |row: &Value| {
        if let Some(id) = fields::plain(row) {
            return json!({"jabatan_id": id, "keadaan": UNKNOWN, "pada": null});
        }
        let state = text(setup, M, row, "keadaan", "status").unwrap_or_default();
        let at = text(setup, M, row, "terjadi_pada", "waktu").and_then(|at| setup.clock.moment(&at));
        json!({
            "jabatan_id": text(setup, M, row, "jabatan_id", "jabatan_id"),
            "keadaan": setup.codes("keadaan_penerima").canonical(&state), "pada": at,
        })
    };
    rows.into_iter().flatten().map(row).collect()
}

fn signers(setup: &Setup, data: &Value) -> Vec<Value> {
    let rows = get(setup, M, data, "penandatangan", "penandatangan").and_then(Value::as_array);
    let row = |row: &Value| {
        if let Some(id) = fields::plain(row) {
            return json!({"jabatan_id": id, "nama": null, "pada": null});
        }
        let at = text(setup, M, row, "terjadi_pada", "waktu").and_then(|at| setup.clock.moment(&at));
        json!({
            "jabatan_id": text(setup, M, row, "jabatan_id", "jabatan_id"),
            "nama": text(setup, M, row, "nama", "nama"), "pada": at,
        })
    };
    rows.into_iter().flatten().map(row).collect()
}

/// The first so many characters.
pub(crate) fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
