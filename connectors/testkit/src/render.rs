//! Native requests, replies and faults as the JSON of fixtures, and back. Pure.

use bytes::Bytes;
use connector_sdk::{Acknowledgement, Content, Fault, Fill, NativeBody, NativeReply, NativeRequest, Part};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

/// `{step, method, path, query, headers, body}`; the body is named by its kind and left out when empty.
pub(crate) fn request(request: &NativeRequest) -> Value {
    let mut shown = json!({
        "step": request.step,
        "method": request.method.as_str(),
        "path": request.path.as_str(),
        "query": request.query.iter().map(|(k, v)| json!([k, v])).collect::<Vec<_>>(),
        "headers": headers(&request.headers),
    });
    if let Some(body) = body(&request.body) {
        shown["body"] = body;
    }
    shown
}

fn body(body: &NativeBody) -> Option<Value> {
    Some(match body {
        NativeBody::Empty => return None,
        NativeBody::Json(value) => json!({"json": value}),
        NativeBody::JsonFilled { value, fills } => {
            let fill = |(pointer, fill): &(String, Fill)| match fill {
                Fill::FileBase64 { id } => json!([pointer, {"file": id}]),
                Fill::CallerSecret => json!([pointer, "caller_secret"]),
            };
            json!({"json": value, "filled": fills.iter().map(fill).collect::<Vec<_>>()})
        }
        NativeBody::Form(pairs) => json!({"form": pairs.iter().map(|(k, v)| json!([k, v])).collect::<Vec<_>>()}),
        NativeBody::Multipart(parts) => json!({"multipart": parts.iter().map(part).collect::<Vec<_>>()}),
        NativeBody::Text { content_type, text } => json!({"content_type": content_type, "text": text}),
    })
}

fn part(part: &Part) -> Value {
    let mut shown = json!({"name": part.name});
    match &part.content {
        Content::Bytes(bytes) => shown["text"] = text(bytes).into(),
        Content::CallerSecret => shown["caller_secret"] = true.into(),
        Content::File { id, strip_metadata } => {
            shown["file"] = id.as_str().into();
            if *strip_metadata {
                shown["strip_metadata"] = true.into();
            }
        }
    }
    for (key, value) in [("file_name", &part.file_name), ("media_type", &part.media_type)] {
        if let Some(value) = value {
            shown[key] = value.as_str().into();
        }
    }
    shown
}

/// A name with one value is a string, with several a list.
fn headers(headers: &HeaderMap) -> Value {
    let mut shown = Map::new();
    for name in headers.keys() {
        let mut values: Vec<Value> = headers
            .get_all(name)
            .iter()
            .map(|v| text(v.as_bytes()).into())
            .collect();
        let value = if values.len() == 1 {
            values.remove(0)
        } else {
            Value::Array(values)
        };
        shown.insert(name.as_str().into(), value);
    }
    Value::Object(shown)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `{kind, landed, origin, native_code?, complaints}`; texts are left out, they may be reworded at will.
pub(crate) fn fault(fault: &Fault) -> Value {
    let mut shown = json!({
        "kind": fault.kind,
        "landed": fault.landed,
        "origin": fault.origin,
        "complaints": fault.complaints.iter().map(|c| c.pointer.as_str()).collect::<Vec<_>>(),
    });
    if let Some(code) = &fault.native_code {
        shown["native_code"] = code.as_str().into();
    }
    shown
}

/// An acknowledgement, for findings.
pub(crate) fn acknowledgement(ack: &Acknowledgement) -> Value {
    json!({"status": ack.status, "content_type": ack.content_type, "body_text": text(&ack.body)})
}

/// The reply of a fixture: `{status, headers, body | body_text}`.
pub(crate) fn reply(shown: &Value) -> Result<NativeReply, String> {
    let status = shown["status"].as_u64().and_then(|s| u16::try_from(s).ok());
    Ok(NativeReply {
        status: status.ok_or("native_reply.json: `status` must be an HTTP status")?,
        headers: header_map(&shown["headers"])?,
        body: body_bytes(shown)?,
    })
}

/// `headers` of a fixture, values as strings or lists of strings.
pub(crate) fn header_map(shown: &Value) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    let Some(pairs) = shown.as_object() else {
        return Ok(map);
    };
    for (name, value) in pairs {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values {
            let value = value.as_str().ok_or(format!("header `{name}` must be a string"))?;
            let name = HeaderName::try_from(name).map_err(|e| format!("header `{name}`: {e}"))?;
            map.append(
                name,
                HeaderValue::try_from(value).map_err(|e| format!("header value: {e}"))?,
            );
        }
    }
    Ok(map)
}

/// `body` as JSON or `body_text` as it stands.
pub(crate) fn body_bytes(shown: &Value) -> Result<Bytes, String> {
    match (shown.get("body"), shown.get("body_text").and_then(Value::as_str)) {
        (Some(_), Some(_)) => Err("give `body` or `body_text`, not both".into()),
        (Some(body), None) => Ok(body.to_string().into()),
        (None, Some(text)) => Ok(text.to_owned().into()),
        (None, None) => Ok(Bytes::new()),
    }
}
