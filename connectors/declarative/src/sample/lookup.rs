//! Trials of a look-up on its recorded answers: it reads, finds what is there, says "not there" only where that is certain, and
//! never takes an answer in another form for a sign of anything.

use super::{Run, Trial, call, internal, said, same, shown, trial};
use crate::manifest::{LookupSample, LookupText, Seen};
use bytes::Bytes;
use connector_sdk::{BoxFuture, Connector, Fault, Found, Lookup, NativeReply, NativeRequest, Outbound};
use http::HeaderMap;
use serde_json::Value;
use std::task::{Context, Poll, Waker};

impl Run<'_> {
    pub(super) fn lookup(&self, place: &str, text: &LookupText) -> Vec<Trial> {
        let Some(lookup) = self.operation.lookup() else {
            return vec![trial(format!("{place}/fixtures"), Err("there is no look-up".into()))];
        };
        let has = |seen: Seen| text.contoh.iter().any(|sample| sample.hasil == seen);
        let mut all = vec![trial(
            format!("{place}/fixtures"),
            (has(Seen::Ada) && has(Seen::TidakAda))
                .then_some(())
                .ok_or_else(|| "write a sample with `hasil: ada` and one with `hasil: tidak_ada`".to_owned()),
        )];
        for sample in &text.contoh {
            let here = format!("{place}/{}", sample.nama);
            let Some(request) = lookup.request(&call(), &sample.masukan) else {
                all.push(trial(
                    format!("{here}/golden_request"),
                    Err("no request can be made".into()),
                ));
                continue;
            };
            let reads = (!request.writes).then_some(()).ok_or_else(|| "it writes".to_owned());
            all.push(trial(format!("{here}/lookup_only_reads"), reads));
            if let Some(wanted) = &sample.permintaan {
                let made = same(
                    "permintaan",
                    &Value::Object(shown(&request)),
                    &Value::Object(wanted.clone()),
                );
                all.push(trial(format!("{here}/golden_request"), made));
            }
            let body = Bytes::from(sample.jawaban.to_string());
            all.push(trial(
                format!("{here}/golden_reply"),
                self.seen(lookup, sample, sample.status, body),
            ));
            all.push(trial(
                format!("{here}/error_under_success"),
                self.unreadable(lookup, sample),
            ));
        }
        all
    }

    fn seen(&self, lookup: &dyn Lookup, sample: &LookupSample, status: u16, body: Bytes) -> Result<(), String> {
        let found = self.asked(lookup, sample, status, body);
        match (found, sample.hasil, &sample.keluaran) {
            (Ok(Found::Landed(reply)), Seen::Ada, Some(wanted)) => {
                (self.judge)(&self.operation.spec().reply_schema, &reply)?;
                same("keluaran", &reply, wanted)
            }
            (Ok(Found::Landed(_)), Seen::Ada, None) => Err("write the `keluaran` that is found".into()),
            (Ok(Found::NotLanded), Seen::TidakAda, _) | (Ok(Found::Unclear(_)), Seen::Ragu, _) => Ok(()),
            (Ok(other), _, _) => Err(format!("the look-up says {}", said(&other))),
            (Err(fault), _, _) => Err(internal(&fault)),
        }
    }

    /// What nobody can read shows neither that it landed nor that it did not.
    fn unreadable(&self, lookup: &dyn Lookup, sample: &LookupSample) -> Result<(), String> {
        for body in ["", "{", "{}", "<!doctype html><html></html>", "[]"] {
            match self.asked(lookup, sample, 200, Bytes::from_static(body.as_bytes())) {
                Ok(Found::Unclear(_)) | Err(_) => {}
                Ok(other) => return Err(format!("`{body}` is taken for {}", said(&other))),
            }
        }
        Ok(())
    }

    /// The whole look-up over a recorded answer. Nothing here waits, so one poll is the end of it.
    fn asked(&self, lookup: &dyn Lookup, sample: &LookupSample, status: u16, body: Bytes) -> Result<Found, Fault> {
        let recorded = Recorded {
            connector: &**self.connector,
            status,
            body,
        };
        let call = call();
        let mut run = lookup.run(&call, &sample.masukan, &recorded);
        match run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(found) => found,
            Poll::Pending => Ok(Found::Unclear("it waits".into())),
        }
    }
}

/// A door that answers what was recorded.
struct Recorded<'a> {
    connector: &'a dyn Connector,
    status: u16,
    body: Bytes,
}

impl Outbound for Recorded<'_> {
    fn send<'a>(&'a self, request: NativeRequest) -> BoxFuture<'a, Result<NativeReply, Fault>> {
        let reply = NativeReply {
            status: self.status,
            headers: HeaderMap::new(),
            body: self.body.clone(),
        };
        let screened = self.connector.screen(&request, &reply).map(|()| reply);
        Box::pin(std::future::ready(screened))
    }

    fn recall(&self, _name: &str) -> Option<Value> {
        None
    }

    fn checkpoint<'a>(&'a self, _name: &'a str, _value: Value) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
