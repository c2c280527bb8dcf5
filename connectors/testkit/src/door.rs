//! The kit's own door to a running simulator: credentials, one refresh, the screen. It neither retries nor paces: trials
//! are about the connector, and a retry would hide what it did.

use crate::running::Running;
use crate::script::{kept, no_answer};
use crate::wire::{self, Lost};
use bytes::Bytes;
use connector_sdk::{BoxFuture, Connector, Fault, FaultKind, KeptFile, Landed, NativeReply, NativeRequest, Outbound};
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::RwLock;

pub(crate) struct Door<'a> {
    connector: &'a dyn Connector,
    running: &'a Running,
    credentials: RwLock<(usize, Vec<(String, String)>)>,
    refreshes: AtomicUsize,
    sent: AtomicUsize,
    /// The reply to this step, counted from 0, is lost on the way back.
    lose: Option<usize>,
    memory: Mutex<Map<String, Value>>,
}

impl<'a> Door<'a> {
    pub(crate) fn new(connector: &'a dyn Connector, running: &'a Running) -> Self {
        Self {
            connector,
            running,
            credentials: RwLock::new((0, (running.credentials)())),
            refreshes: AtomicUsize::new(0),
            sent: AtomicUsize::new(0),
            lose: None,
            memory: Mutex::new(Map::new()),
        }
    }

    /// A door that loses the reply to one step.
    pub(crate) fn losing(connector: &'a dyn Connector, running: &'a Running, step: usize) -> Self {
        Self {
            lose: Some(step),
            ..Self::new(connector, running)
        }
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.refreshes.load(Ordering::SeqCst)
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    async fn pass(&self, request: NativeRequest) -> Result<NativeReply, Fault> {
        let step = self.sent.fetch_add(1, Ordering::SeqCst);
        let (generation, credentials) = self.credentials.read().await.clone();
        let first = self.once(step, &request, &credentials).await;
        match first {
            Err(fault) if fault.kind == FaultKind::CredentialExpired => {
                let fresh = self.refreshed(generation).await;
                self.once(step, &request, &fresh).await
            }
            other => other,
        }
    }

    /// New credentials, fetched once however many requests found the old ones expired.
    async fn refreshed(&self, stale: usize) -> Vec<(String, String)> {
        let mut held = self.credentials.write().await;
        if held.0 == stale {
            self.refreshes.fetch_add(1, Ordering::SeqCst);
            *held = (stale + 1, (self.running.credentials)());
        }
        held.1.clone()
    }

    async fn once(
        &self,
        step: usize,
        request: &NativeRequest,
        credentials: &[(String, String)],
    ) -> Result<NativeReply, Fault> {
        let unsure = if request.writes { Landed::Unknown } else { Landed::No };
        let reply = match wire::exchange(&self.running.base_url, credentials, request).await {
            Ok(_) if self.lose == Some(step) => return Err(no_answer(unsure)),
            Ok(reply) => reply,
            Err(Lost::BeforeSend(why)) => return Err(no_answer(Landed::No).internal(why)),
            Err(Lost::AfterSend(why)) => return Err(no_answer(unsure).internal(why)),
        };
        self.connector.screen(request, &reply)?;
        Ok(reply)
    }

    fn memory(&self) -> MutexGuard<'_, Map<String, Value>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbound for Door<'_> {
    fn send<'b>(&'b self, request: NativeRequest) -> BoxFuture<'b, Result<NativeReply, Fault>> {
        Box::pin(self.pass(request))
    }

    fn recall(&self, name: &str) -> Option<Value> {
        self.memory().get(name).cloned()
    }

    fn checkpoint<'b>(&'b self, name: &'b str, value: Value) -> BoxFuture<'b, Result<(), Fault>> {
        self.memory().insert(name.into(), value);
        Box::pin(std::future::ready(Ok(())))
    }

    fn keep<'b>(&'b self, name: &'b str, content: Bytes) -> BoxFuture<'b, Result<KeptFile, Fault>> {
        Box::pin(std::future::ready(kept(name, &content)))
    }

    fn fetch<'b>(&'b self, name: &'b str, link: &'b str) -> BoxFuture<'b, Result<KeptFile, Fault>> {
        Box::pin(async move {
            match wire::fetch(link).await {
                Ok(reply) if reply.is_success() => kept(name, &reply.body),
                Ok(reply) => Err(no_answer(Landed::No).internal(format!("link: status {}", reply.status))),
                Err(Lost::BeforeSend(why) | Lost::AfterSend(why)) => Err(no_answer(Landed::No).internal(why)),
            }
        })
    }
}
