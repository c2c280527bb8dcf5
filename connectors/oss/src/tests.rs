//! What unit tests share: settings, a call, a reply, a door that plays replies.

use crate::settings::Setup;
use connector_sdk::{BoxFuture, Call, Fault, NativeReply, NativeRequest, NoLists, Outbound, Secret, Settings};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

pub(crate) fn setup_with(change: impl FnOnce(&mut Value)) -> Arc<Setup> {
    Arc::new(try_setup(change).expect("good settings"))
}

pub(crate) fn try_setup(change: impl FnOnce(&mut Value)) -> Result<Setup, Vec<connector_sdk::SettingComplaint>> {
    let mut table = json!({
        "kode_instansi": "367",
        "masuk": {"pengguna": "OSS671", "sumber": ["semua_alamat"]},
    });
    change(&mut table);
    let table: Map<String, Value> = table.as_object().cloned().unwrap_or_default();
    let settings = Settings::new(table)
        .with_secret("kata_sandi_push", Secret::new("kunci-uji-01"))
        .with_secret("kata_sandi_lama", Secret::new("kunci-uji-00"));
    Setup::read(&settings)
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

pub(crate) fn reply(body: &Value) -> NativeReply {
    NativeReply {
        status: 200,
        headers: http::HeaderMap::new(),
        body: body.to_string().into(),
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
