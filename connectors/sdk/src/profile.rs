//! Transport profiles: ways to a system that add faults of their own. SPLP, the national service connector, stands
//! between us and some systems; it behaves like WSO2 API Manager. It is a profile of any connector, not a connector.

use crate::{Fault, FaultKind, Landed, NativeReply, Text};
use serde_json::Value;
use std::time::Duration;

/// Recognises a fault of SPLP itself in a reply, in its JSON or XML form. `None`: the reply is the system's own.
/// Codes: reference `regulation.md` §2.
pub fn splp_fault(writes: bool, reply: &NativeReply) -> Option<Fault> {
    let code = splp_code(reply)?;
    let unsure = if writes { Landed::Unknown } else { Landed::No };
    let (kind, landed, text) = match code {
        900_901 | 900_903 | 900_904 => (
            FaultKind::CredentialExpired,
            Landed::No,
            Text::new(
                "Token gateway di SPLP tidak berlaku lagi.",
                "The gateway's token at SPLP is no longer valid.",
            ),
        ),
        900_906 => (
            FaultKind::Drift,
            Landed::No,
            Text::new(
                "Alamat layanan tidak dikenal di SPLP.",
                "SPLP does not know the resource.",
            ),
        ),
        900_907 | 303_001 | 700_700 => (
            FaultKind::Unavailable,
            Landed::No,
            Text::new(
                "Layanan ditutup sementara di SPLP.",
                "SPLP has suspended or blocked the service.",
            ),
        ),
        900_800..=900_806 => (
            FaultKind::Throttled,
            Landed::No,
            Text::new("SPLP membatasi jumlah panggilan.", "SPLP throttles our calls."),
        ),
        101_503 | 101_508 => (
            FaultKind::Unavailable,
            Landed::No,
            Text::new(
                "SPLP tidak dapat menghubungi sistem tujuan.",
                "SPLP cannot reach the target system.",
            ),
        ),
        101_504 | 101_505 => (
            FaultKind::Timeout,
            unsure,
            Text::new(
                "SPLP tidak menerima jawaban sistem tujuan.",
                "SPLP got no answer from the target system.",
            ),
        ),
        900_900..=900_999 => (
            FaultKind::Misconfigured,
            Landed::No,
            Text::new(
                "Langganan atau kredensial SPLP belum benar.",
                "Subscription or credentials at SPLP are wrong.",
            ),
        ),
        _ => (
            FaultKind::Unavailable,
            unsure,
            Text::new("SPLP melaporkan gangguan.", "SPLP reports a failure."),
        ),
    };
    let retry = crate::screen::retry_after(reply).or_else(|| default_pause(kind));
    Some(
        Fault::new(kind, text)
            .landed(landed)
            .native_code(format!("splp-{code}"))
            .retry_after(retry),
    )
}

/// SPLP seldom names a time; a throttled key is usually free again after its one-minute window.
fn default_pause(kind: FaultKind) -> Option<Duration> {
    (kind == FaultKind::Throttled).then_some(Duration::from_secs(60))
}

fn splp_code(reply: &NativeReply) -> Option<u32> {
    if reply.is_success() {
        return None;
    }
    if let Ok(body) = serde_json::from_slice::<Value>(&reply.body) {
        let code = body.get("fault")?.get("code")?;
        return code
            .as_u64()
            .and_then(|n| u32::try_from(n).ok())
            .or_else(|| code.as_str()?.trim().parse().ok());
    }
    let text = std::str::from_utf8(&reply.body).ok()?;
    if !text.contains(":fault") {
        return None;
    }
    let start = text.find(":code>")? + ":code>".len();
    let rest = &text[start..];
    rest[..rest.find('<')?].trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn reply(status: u16, body: &'static str) -> NativeReply {
        NativeReply {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
        }
    }

    #[test]
    fn json_and_xml_codes_number_and_text() {
        for body in [
            r#"{"fault":{"code":900901,"message":"Invalid Credentials"}}"#,
            r#"{"fault":{"code":"900901","message":"Invalid Credentials"}}"#,
            r#"<ams:fault xmlns:ams="x"><ams:code>900901</ams:code></ams:fault>"#,
        ] {
            let fault = splp_fault(true, &reply(401, body)).expect("recognised");
            assert_eq!((fault.kind, fault.landed), (FaultKind::CredentialExpired, Landed::No));
        }
    }

    #[test]
    fn a_time_out_behind_splp_leaves_a_write_unknown() {
        let fault = splp_fault(true, &reply(504, r#"{"fault":{"code":101504}}"#)).expect("recognised");
        assert_eq!(fault.landed, Landed::Unknown);
    }

    #[test]
    fn the_systems_own_errors_are_left_alone() {
        assert!(splp_fault(true, &reply(422, r#"{"status":false}"#)).is_none());
        assert!(splp_fault(true, &reply(200, r#"{"fault":{"code":900901}}"#)).is_none());
    }
}
