//! Faults of the national service connector, in JSON and in XML, as its product spells them.

use jiff::Timestamp;
use serde_json::json;

use super::clock;
use super::http::Answer;

/// A connector fault in JSON.
pub fn json_fault(code: u32) -> Answer {
    let (status, message, description) = meaning(code);
    let body = json!({"fault": {"code": code, "message": message, "description": description}});
    Answer::json(status, &body)
}

/// A connector fault in XML.
pub fn xml_fault(code: u32) -> Answer {
    let (status, message, description) = meaning(code);
    let body = format!(
        "<ams:fault xmlns:ams=\"http://wso2.org/apimanager/security\"><ams:code>{code}</ams:code>\
         <ams:message>{message}</ams:message><ams:description>{description}</ams:description></ams:fault>"
    );
    Answer::text(status, "application/xml; charset=UTF-8", body)
}

/// A throttling fault; `next` becomes `nextAccessTime`, `retry_after` the header.
pub fn throttled(code: u32, next: Option<Timestamp>, retry_after: Option<u64>) -> Answer {
    let (status, message, description) = meaning(code);
    let mut fault = json!({"code": code.to_string(), "message": message, "description": description});
    if let Some(next) = next {
        fault["nextAccessTime"] = clock::utc(next, "%Y-%b-%d %H:%M:%S+0000 UTC").into();
    }
    let answer = Answer::json(status, &json!({ "fault": fault }));
    match retry_after {
        Some(seconds) => answer.with("retry-after", seconds.to_string()),
        None => answer,
    }
}

/// HTTP status, message and description of a code.
fn meaning(code: u32) -> (u16, &'static str, &'static str) {
    match code {
        900_900 => (500, "Unclassified Authentication Failure", "Error while authenticating"),
        900_901 => (
            401,
            "Invalid Credentials",
            "Make sure you have provided the correct security credentials",
        ),
        900_902 => (
            401,
            "Missing Credentials",
            "Make sure your API invocation call has the required header",
        ),
        900_903 => (401, "Access Token Expired", "Renew the access token and try again"),
        900_904 => (
            401,
            "Access Token Inactive",
            "Generate a new access token and try again",
        ),
        900_905 => (
            401,
            "Incorrect Access Token Type is provided",
            "The token type does not fit the environment",
        ),
        900_906 => (
            404,
            "No matching resource found for given API Request",
            "Check the resource path",
        ),
        900_907 => (
            503,
            "The requested API is temporarily blocked",
            "The API is blocked by its provider",
        ),
        900_908 => (
            403,
            "Resource forbidden",
            "The application is not subscribed to the API",
        ),
        900_909 => (
            403,
            "The subscription to the API is inactive",
            "Ask the provider to activate it",
        ),
        900_910 => (
            403,
            "The access token does not allow you to access the requested resource",
            "Scope not granted",
        ),
        900_800..=900_806 => (429, "Message throttled out", "You have exceeded your quota"),
        101_503 => (503, "Runtime Error", "Error connecting to the back end"),
        101_504 => (
            504,
            "Runtime Error",
            "Connection timed out: the back end did not answer",
        ),
        101_505 => (502, "Runtime Error", "The back end closed the connection"),
        101_508 => (504, "Runtime Error", "Connection to the back end timed out"),
        303_001 => (503, "Runtime Error", "Address endpoint is SUSPENDED"),
        700_700 => (503, "API blocked", "This API has been blocked temporarily"),
        _ => (500, "Runtime Error", "Unknown fault"),
    }
}
