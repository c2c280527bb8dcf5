//! What unit tests share: a set-up, a call, a reply with rows, a door that plays replies.

use crate::settings::Setup;
use connector_sdk::{BoxFuture, Call, Fault, NativeReply, NativeRequest, NoLists, Outbound, Settings};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

pub(crate) fn setup(most_pages: u32) -> Arc<Setup> {
    let table = json!({"halaman_maksimum": most_pages})
        .as_object()
        .cloned()
        .unwrap_or_default();
    Arc::new(Setup::read(&Settings::new(table)).expect("good settings"))
}

pub(crate) fn call() -> Call<'static> {
    let now = jiff::Timestamp::UNIX_EPOCH;
    Call {
        exchange: "x",
        reference: "x",
        attempt: 1,
        now,
        lists: &NoLists,
    }
}

pub(crate) fn rows(rows: &Value) -> NativeReply {
    let body = json!({"success": true, "message": "OK", "data": rows})
        .to_string()
        .into();
    NativeReply {
        status: 200,
        headers: http::HeaderMap::new(),
        body,
    }
}

pub(crate) struct Door(Mutex<VecDeque<NativeReply>>);

impl Door {
    pub(crate) fn playing(replies: impl IntoIterator<Item = NativeReply>) -> Self {
        Self(Mutex::new(replies.into_iter().collect()))
    }
}

impl Outbound for Door {
    fn send<'a>(&'a self, _request: NativeRequest) -> BoxFuture<'a, Result<NativeReply, Fault>> {
        let reply = self
            .0
            .lock()
            .expect("a lock")
            .pop_front()
            .expect("a reply for this step");
        Box::pin(std::future::ready(Ok(reply)))
    }

    fn recall(&self, _name: &str) -> Option<Value> {
        None
    }

    fn checkpoint<'a>(&'a self, _name: &'a str, _value: Value) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
