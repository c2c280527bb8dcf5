//! The operations: details of one document of the treasury, and plans pushed and read back.

mod print;
mod push;

use crate::dataset::Generation;
use crate::settings::Setup;
use connector_sdk::{Fault, NativeReply, Operation};
use serde_json::Value;
use std::sync::Arc;

/// Those of the generations behind this endpoint.
pub(crate) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let mut all: Vec<Box<dyn Operation>> = Vec::new();
    if setup.serves(Generation::C2) {
        all.push(Box::new(print::Print::sp2d(setup)));
        all.push(Box::new(print::Print::spd(setup)));
    }
    if setup.serves(Generation::A) {
        for what in [push::What::Plan, push::What::Mapping] {
            all.push(Box::new(push::Push::of(what, setup)));
            all.push(Box::new(push::ReadBack::of(what, setup)));
        }
    }
    all
}

/// Text of a member of the input.
fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn body(reply: &NativeReply) -> Result<Value, Fault> {
    crate::exact::parse(&reply.body).ok_or_else(|| Fault::drift("a body that is not JSON"))
}
