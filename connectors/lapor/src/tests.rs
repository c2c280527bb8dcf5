//! What unit tests share: settings, a call, a reply, a door that plays replies.

use crate::settings::Setup;
use connector_sdk::{BoxFuture, Call, Fault, NativeBody, NativeReply, NativeRequest, NoLists, Outbound, Settings};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

pub(crate) fn settings() -> Value {
    json!({
        "kanal": 99, "id_pengguna": 1_000_001,
        "klasifikasi": {"pengaduan": 2}, "kategori": {"lampu_jalan": 30},
        "lokasi": {"36.71": 404}, "lokasi_bawaan": 400, "nama_wilayah": {"36.71.05": "Kec. Cipondoh"},
        "instansi": {"kota": 200_002, "dishub": 200_010}, "instansi_sendiri": 200_002, "tagar": "#laksa",
        "pencarian": {"jalur": "complaints", "parameter": "search", "bila_tidak_tampak": "kirim_lagi"},
    })
}

pub(crate) fn setup_with(change: impl FnOnce(&mut Value)) -> Arc<Setup> {
    let mut table = settings();
    change(&mut table);
    let table: Map<String, Value> = table.as_object().cloned().unwrap_or_default();
    Arc::new(Setup::read(&Settings::new(table)).expect("good settings"))
}

pub(crate) fn setup() -> Arc<Setup> {
    setup_with(|_| {})
}

pub(crate) fn call() -> Call<'static> {
    Call {
        exchange: "01920000-0000-7000-8000-000000000001",
        reference: "r-1",
        attempt: 1,
        now: jiff::Timestamp::UNIX_EPOCH,
        lists: &NoLists,
    }
}

pub(crate) fn complaint() -> Value {
    json!({
        "tiket": "LAKSA-2026-000123", "sumber": "laksa", "dikirim_pada": "2026-02-03T08:15:00+07:00",
        "klasifikasi": "pengaduan", "kategori": "lampu_jalan", "judul": "Lampu jalan padam",
        "isi": "Lampu penerangan jalan padam sejak tiga hari.",
        "lokasi": {"kode_wilayah": "36.71.05", "alamat": "Jalan Contoh Raya"},
        "tanggal_kejadian": "2026-02-03", "anonim": true, "rahasia": false,
    })
}

pub(crate) fn reply(body: &Value) -> NativeReply {
    NativeReply {
        status: 200,
        headers: http::HeaderMap::new(),
        body: body.to_string().into(),
    }
}

pub(crate) fn json_body(request: &NativeRequest) -> &Value {
    match &request.body {
        NativeBody::Json(value) => value,
        _ => panic!("a JSON body was expected"),
    }
}

/// Plays replies in order and remembers what was sent and stored.
#[derive(Default)]
pub(crate) struct Door {
    pub(crate) replies: Mutex<VecDeque<Result<NativeReply, Fault>>>,
    pub(crate) sent: Mutex<Vec<NativeRequest>>,
    pub(crate) memory: Mutex<Map<String, Value>>,
}

impl Door {
    pub(crate) fn playing(replies: impl IntoIterator<Item = Result<NativeReply, Fault>>) -> Self {
        Self {
            replies: Mutex::new(replies.into_iter().collect()),
            ..Self::default()
        }
    }

    pub(crate) fn steps(&self) -> Vec<&'static str> {
        self.sent
            .lock()
            .expect("a lock")
            .iter()
            .map(|request| request.step)
            .collect()
    }
}

impl Outbound for Door {
    fn send<'a>(&'a self, request: NativeRequest) -> BoxFuture<'a, Result<NativeReply, Fault>> {
        self.sent.lock().expect("a lock").push(request);
        let reply = self
            .replies
            .lock()
            .expect("a lock")
            .pop_front()
            .expect("a reply for this step");
        Box::pin(std::future::ready(reply))
    }

    fn recall(&self, name: &str) -> Option<Value> {
        self.memory.lock().expect("a lock").get(name).cloned()
    }

    fn checkpoint<'a>(&'a self, name: &'a str, value: Value) -> BoxFuture<'a, Result<(), Fault>> {
        self.memory.lock().expect("a lock").insert(name.to_owned(), value);
        Box::pin(std::future::ready(Ok(())))
    }
}
