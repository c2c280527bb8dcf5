//! Samples of one call in the languages that OPD applications are written in, from the example of its schema.

use super::entry::{Behind, Entry};
use super::openapi::in_path;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use schemas::Schema;
use serde_json::{Value, json};

/// Schema of a file that was uploaded.
const FILE: &str = "urn:simpul:skema:lampiran:1";

/// One call: address with parameters put in, and the body.
struct Call {
    method: String,
    path: String,
    body: Option<String>,
    writes: bool,
}

/// Name of the language and the sample.
pub(super) fn samples(entry: &Entry<'_>, base: &str) -> Vec<(&'static str, String)> {
    let call = call(entry);
    let url = format!("{}{}", base.trim_end_matches('/'), call.path);
    vec![
        ("curl", curl(&call, &url)),
        ("PHP", php(&call, &url)),
        ("Java", java(&call, &url)),
        ("Python", python(&call, &url)),
    ]
}

/// Path and body of one call, for whoever tries it.
pub(super) fn tried(entry: &Entry<'_>) -> (String, String) {
    let call = call(entry);
    (call.path, call.body.unwrap_or_default())
}

fn call(entry: &Entry<'_>) -> Call {
    let mut example = example(entry);
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut path = entry.path.to_owned();
    for name in in_path(entry.path) {
        let value = example.as_object_mut().and_then(|fields| fields.remove(name));
        let value = value.as_ref().map_or_else(|| name.to_owned(), text);
        path = path.replace(&format!("{{{name}}}"), &encoded(&value));
    }
    let has_body = entry.request().is_some() && entry.method != "GET";
    if !has_body && let Some(fields) = example.as_object() {
        let pairs: Vec<String> = fields
            .iter()
            .filter(|(_, value)| !value.is_object() && !value.is_array())
            .map(|(name, value)| format!("{name}={}", encoded(&text(value))))
            .collect();
        if !pairs.is_empty() {
            path = format!("{path}?{}", pairs.join("&"));
        }
    }
    Call {
        method: entry.method.to_owned(),
        path,
        body: has_body.then(|| serde_json::to_string_pretty(&example).unwrap_or_default()),
        writes: entry.writes(),
    }
}

/// What is asked: the schema's own example, without files that nobody uploaded yet where they may be left out.
fn example(entry: &Entry<'_>) -> Value {
    if let (Behind::Chain(plan), None) = (&entry.behind, entry.example()) {
        let first = plan.stages.first().map(|stage| stage.name.as_str());
        return json!({"langkah": first, "kunci": "contoh"});
    }
    let mut example = entry.example().cloned().unwrap_or(Value::Null);
    if let (Some(fields), Some(schema)) = (example.as_object_mut(), entry.request()) {
        fields.retain(|name, _| !is_optional_file(schema, name));
    }
    example
}

fn is_optional_file(schema: &Schema, name: &str) -> bool {
    let document = schema.document();
    let required = document.get("required").and_then(Value::as_array);
    let field = document.get("properties").and_then(|fields| fields.get(name));
    let to = field.and_then(|field| field.get("items").unwrap_or(field).get("$ref"));
    to.is_some_and(|to| to == FILE) && !required.is_some_and(|all| all.iter().any(|one| one == name))
}

/// A text inside single quotes of a shell.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn curl(call: &Call, url: &str) -> String {
    let mut out = format!("curl -sS -X {} {}", call.method, shell(url));
    out.push_str(" \\\n  -H \"X-API-Key: $KUNCI\"");
    if call.writes {
        out.push_str(" \\\n  -H \"Idempotency-Key: contoh-$(date +%s)-$RANDOM\"");
    }
    if let Some(body) = &call.body {
        out.push_str(&format!(
            " \\\n  -H 'Content-Type: application/json' \\\n  -d {}",
            shell(body)
        ));
    }
    out
}

fn php(call: &Call, url: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let mut headers = vec!["'X-API-Key: ' . getenv('KUNCI')".to_owned()];
    if call.writes {
        headers.push("'Idempotency-Key: ' . bin2hex(random_bytes(16))".into());
    }
    if call.body.is_some() {
        headers.push("'Content-Type: application/json'".into());
    }
    let body = call.body.as_ref().map_or_else(String::new, |body| {
        format!("    CURLOPT_POSTFIELDS => {},\n", quoted(body))
    });
    format!(
        "<?php\n$c = curl_init({});\ncurl_setopt_array($c, [\n    CURLOPT_CUSTOMREQUEST => '{}',\n    \
         CURLOPT_RETURNTRANSFER => true,\n{body}    CURLOPT_HTTPHEADER => [\n        {},\n    ],\n]);\n\
         $jawaban = json_decode(curl_exec($c), true);\n\
         echo curl_getinfo($c, CURLINFO_HTTP_CODE), ' ', json_encode($jawaban), PHP_EOL;",
        quoted(url),
        call.method,
        headers.join(",\n        ")
    )
}

fn java(call: &Call, url: &str) -> String {
    let publisher = match &call.body {
        Some(body) => format!("BodyPublishers.ofString(\"\"\"\n{}\"\"\")", body.replace('\\', "\\\\")),
        None => "BodyPublishers.noBody()".into(),
    };
    let mut headers = "      .header(\"X-API-Key\", System.getenv(\"KUNCI\"))\n".to_owned();
    if call.writes {
        headers.push_str("      .header(\"Idempotency-Key\", java.util.UUID.randomUUID().toString())\n");
    }
    if call.body.is_some() {
        headers.push_str("      .header(\"Content-Type\", \"application/json\")\n");
    }
    format!(
        "// Contoh.java: java Contoh.java\nimport java.net.URI;\nimport java.net.http.HttpClient;\nimport java.net.http.HttpRequest;\n\
         import java.net.http.HttpRequest.BodyPublishers;\nimport java.net.http.HttpResponse.BodyHandlers;\n\n\
         class Contoh {{\n  public static void main(String[] args) throws Exception {{\n    \
         var permintaan = HttpRequest.newBuilder(URI.create(\"{url}\"))\n{headers}      \
         .method(\"{}\", {publisher})\n      .build();\n    \
         var jawaban = HttpClient.newHttpClient().send(permintaan, BodyHandlers.ofString());\n    \
         System.out.println(jawaban.statusCode() + \" \" + jawaban.body());\n  }}\n}}",
        call.method
    )
}

fn python(call: &Call, url: &str) -> String {
    let mut headers = vec!["\"X-API-Key\": os.environ[\"KUNCI\"]".to_owned()];
    if call.writes {
        headers.push("\"Idempotency-Key\": str(uuid.uuid4())".into());
    }
    let body = match &call.body {
        Some(body) => {
            headers.push("\"Content-Type\": \"application/json\"".into());
            format!(", data='''{}'''.encode()", body.replace('\\', "\\\\"))
        }
        None => String::new(),
    };
    format!(
        "import json, os, urllib.request, uuid\n\npermintaan = urllib.request.Request(\n    \"{url}\", method=\"{}\"{body},\n    \
         headers={{{}}},\n)\nwith urllib.request.urlopen(permintaan) as jawaban:\n    print(jawaban.status, json.load(jawaban))",
        call.method,
        headers.join(", ")
    )
}
