//! A door that plays the replies of a fixture, in order, and remembers what was sent. Screens replies as the real one
//! does. No network.

use crate::render;
use bytes::Bytes;
use connector_sdk::{
    BoxFuture, Connector, Fault, FaultKind, KeptFile, Landed, NativeReply, NativeRequest, Outbound, Text,
};
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What stands in place of a reply.
#[derive(Debug, Clone)]
pub(crate) enum Play {
    /// This reply arrives.
    Reply(NativeReply),
    /// The request never leaves.
    NotSent,
    /// The request leaves, no answer comes.
    Lost,
}

pub(crate) struct Script<'a> {
    connector: &'a dyn Connector,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    plays: VecDeque<Play>,
    sent: Vec<NativeRequest>,
    /// What an earlier or this attempt stored.
    memory: Map<String, Value>,
    exhausted: Option<&'static str>,
}

impl<'a> Script<'a> {
    pub(crate) fn new(connector: &'a dyn Connector, plays: Vec<Play>, memory: Map<String, Value>) -> Self {
        let state = State {
            plays: plays.into(),
            memory,
            ..State::default()
        };
        Self {
            connector,
            state: Mutex::new(state),
        }
    }

    /// Requests sent, in order; and the step for which the script had no reply, if any.
    pub(crate) fn finish(self) -> (Vec<NativeRequest>, Option<&'static str>) {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        (state.sent, state.exhausted)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbound for Script<'_> {
    fn send<'b>(&'b self, request: NativeRequest) -> BoxFuture<'b, Result<NativeReply, Fault>> {
        let play = {
            let mut state = self.state();
            state.sent.push(request.clone());
            let play = state.plays.pop_front();
            if play.is_none() {
                state.exhausted.get_or_insert(request.step);
            }
            play
        };
        let result = match play {
            Some(Play::Reply(reply)) => self.connector.screen(&request, &reply).map(|()| reply),
            Some(Play::NotSent) => Err(no_answer(Landed::No)),
            Some(Play::Lost) => Err(no_answer(if request.writes { Landed::Unknown } else { Landed::No })),
            None => Err(no_answer(Landed::No).internal("the fixture has no reply for this step")),
        };
        Box::pin(std::future::ready(result))
    }

    fn recall(&self, name: &str) -> Option<Value> {
        self.state().memory.get(name).cloned()
    }

    fn checkpoint<'b>(&'b self, name: &'b str, value: Value) -> BoxFuture<'b, Result<(), Fault>> {
        self.state().memory.insert(name.into(), value);
        Box::pin(std::future::ready(Ok(())))
    }

    fn keep<'b>(&'b self, name: &'b str, content: Bytes) -> BoxFuture<'b, Result<KeptFile, Fault>> {
        Box::pin(std::future::ready(kept(name, &content)))
    }

    /// Whatever a link leads to is a PDF here.
    fn fetch<'b>(&'b self, name: &'b str, _link: &'b str) -> BoxFuture<'b, Result<KeptFile, Fault>> {
        Box::pin(std::future::ready(kept(name, b"%PDF-1.7")))
    }
}

/// As the gateway keeps a file, without keeping it: the kind is judged by the content.
pub(crate) fn kept(name: &str, content: &[u8]) -> Result<KeptFile, Fault> {
    if !content.starts_with(b"%PDF-") {
        return Err(Fault::drift("a file of no known kind"));
    }
    Ok(KeptFile {
        id: "00000000-0000-7000-8000-00000000c0de".into(),
        name: name.into(),
        media_type: "application/pdf".into(),
        size: u64::try_from(content.len()).unwrap_or(u64::MAX),
        sha256: "0".repeat(64),
    })
}

/// The door's own fault when no answer comes.
pub(crate) fn no_answer(landed: Landed) -> Fault {
    Fault::new(
        FaultKind::Timeout,
        Text::new("Sistem tujuan tidak menjawab.", "The target system did not answer."),
    )
    .landed(landed)
}

/// The replies of a case: one, a list with one per step, or none.
pub(crate) fn plays(native_reply: Option<&Value>) -> Result<Vec<Play>, String> {
    match native_reply {
        None => Ok(Vec::new()),
        Some(Value::Array(steps)) => steps.iter().map(|s| render::reply(s).map(Play::Reply)).collect(),
        Some(one) => Ok(vec![Play::Reply(render::reply(one)?)]),
    }
}
