//! AsyncAPI 3: what subscribers may hear of, one channel per event type.

use super::facts::Facts;
use super::openapi::info;
use super::schema::Names;
use gateway_core::Catalogue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Events about every exchange, whatever operation it runs.
const OWN: [(&str, &str, &str); 3] = [
    (
        "pertukaran.selesai",
        "urn:simpul:skema:peristiwa_pertukaran:1",
        "Pertukaran milik pelanggan selesai / an exchange of the subscriber is done",
    ),
    (
        "pertukaran.gagal",
        "urn:simpul:skema:peristiwa_pertukaran:1",
        "Pertukaran milik pelanggan gagal / an exchange of the subscriber failed",
    ),
    (
        "pertukaran.tidak_pasti",
        "urn:simpul:skema:peristiwa_pertukaran:1",
        "Hasil pertukaran belum pasti / the outcome of an exchange is not known",
    ),
];

/// The whole document.
pub(super) fn document(catalogue: &Catalogue, facts: &Facts, names: &Names<'_>) -> Value {
    let mut events: BTreeMap<String, (String, String, String)> = BTreeMap::new();
    for emit in &catalogue.emits {
        let published = catalogue.operations.get(&emit.operation);
        let schema = emit.schema.clone().or_else(|| Some(published?.reply.id().to_owned()));
        let summary = published.map(|o| format!("{} / {}", o.spec.summary.id, o.spec.summary.en));
        if let Some(schema) = schema {
            let entry = (schema, summary.unwrap_or_default(), emit.grant.clone());
            events.entry(emit.kind.clone()).or_insert(entry);
        }
    }
    for (kind, schema, summary) in OWN {
        events
            .entry(kind.to_owned())
            .or_insert_with(|| (schema.to_owned(), summary.to_owned(), String::new()));
    }
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    for (kind, (schema, summary, grant)) in &events {
        let name = kind.replace('.', "_");
        messages.insert(name.clone(), message(kind, schema, summary, names));
        let mut channel = json!({
            "address": null,
            "title": kind,
            "description": "Alamat: `tujuan` pada langganan, atau GET /v1/peristiwa / the `tujuan` of the subscription, or GET /v1/peristiwa",
            "messages": {name.clone(): {"$ref": format!("#/components/messages/{name}")}},
        });
        if !grant.is_empty() {
            channel["x-hak"] = json!(grant);
        }
        channels.insert(name.clone(), channel);
        operations.insert(
            format!("dengar_{name}"),
            json!({
                "action": "send",
                "channel": {"$ref": format!("#/channels/{name}")},
                "summary": summary,
                "messages": [{"$ref": format!("#/channels/{name}/messages/{name}")}],
            }),
        );
    }
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": info(facts),
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    });
    document["components"]["schemas"] = Value::Object(names.components(&document));
    document
}

fn message(kind: &str, schema: &str, summary: &str, names: &Names<'_>) -> Value {
    let data = match names.find(schema) {
        Some(found) => names.reference(found.id()),
        None => json!({"type": "object"}),
    };
    json!({
        "name": kind,
        "title": kind,
        "summary": summary,
        "contentType": "application/cloudevents+json",
        "headers": {
            "type": "object",
            "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
            "properties": {
                "webhook-id": {"type": "string"},
                "webhook-timestamp": {"type": "string"},
                "webhook-signature": {"type": "string", "description": "Standard Webhooks 1.0, `v1,` HMAC-SHA256 base64"},
            },
        },
        "payload": {
            "allOf": [
                names.reference("urn:simpul:skema:peristiwa:1"),
                {"type": "object", "properties": {"type": {"const": kind}, "data": data}},
            ],
        },
    })
}
