//! A credential that a system wants inside the document or the path: the connector writes where it goes
//! ([`BODY_CREDENTIAL`], [`connector_sdk::path_credential`]), and the door puts the value there just before the bytes are
//! made. Everything kept or shown is of the request before that.

use connector_sdk::{AuthKind, BODY_CREDENTIAL, Fault, FaultKind, NativeBody, NativeRequest, Text, is_placed};
use std::borrow::Cow;

/// How the beginning of a place looks in a path, encoded.
const IN_PATH: &str = "/%7B%7Bkredensial.";

/// The request with the credentials in their places; unchanged when it wants none.
pub(super) fn filled<'a>(auth: &AuthKind, request: &'a NativeRequest) -> Result<Cow<'a, NativeRequest>, Fault> {
    if !request.path.as_str().contains(IN_PATH) {
        return in_document(auth, request);
    }
    let AuthKind::Headers(pairs) = auth else {
        return Err(missing(
            "[sistem.auth] is not of kind headers, and a path wants a credential",
        ));
    };
    let mut path = request.path.clone();
    for (name, value) in pairs.iter().filter(|(name, _)| is_placed(name)) {
        path = path.replaced(name, value.expose());
    }
    if path.as_str().contains(IN_PATH) {
        return Err(missing(
            "[sistem.auth] has no entry for a credential that stands in a path",
        ));
    }
    let request = NativeRequest {
        path,
        ..request.clone()
    };
    in_document(auth, &request).map(|filled| Cow::Owned(filled.into_owned()))
}

fn missing(internal: &'static str) -> Fault {
    Fault::new(FaultKind::Misconfigured, MISSING).internal(internal)
}

fn in_document<'a>(auth: &AuthKind, request: &'a NativeRequest) -> Result<Cow<'a, NativeRequest>, Fault> {
    let NativeBody::Text { content_type, text } = &request.body else {
        return Ok(Cow::Borrowed(request));
    };
    if !text.contains(BODY_CREDENTIAL) {
        return Ok(Cow::Borrowed(request));
    }
    let pairs = match auth {
        AuthKind::Headers(pairs) => pairs.as_slice(),
        _ => &[],
    };
    let Some((_, value)) = pairs.iter().find(|(name, _)| name == BODY_CREDENTIAL) else {
        return Err(Fault::new(FaultKind::Misconfigured, MISSING)
            .internal(format!("[sistem.auth] has no entry named {BODY_CREDENTIAL}")));
    };
    let value = if content_type.contains("xml") {
        escape(value.expose())
    } else {
        value.expose().to_owned()
    };
    Ok(Cow::Owned(NativeRequest {
        body: NativeBody::Text {
            content_type: content_type.clone(),
            text: text.replace(BODY_CREDENTIAL, &value),
        },
        ..request.clone()
    }))
}

/// The value stays one value inside an attribute or an element.
fn escape(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}

const MISSING: Text = Text::new(
    "Kredensial sistem tujuan belum lengkap di gateway; pengelola perlu memperbaikinya.",
    "The gateway's credential for the target system is incomplete; the operator must mend it.",
);

#[cfg(test)]
mod tests {
    use super::*;
    use connector_sdk::{Landed, RelativePath, Secret};

    fn request(content_type: &str, text: &str) -> NativeRequest {
        let body = NativeBody::Text {
            content_type: content_type.to_owned(),
            text: text.to_owned(),
        };
        NativeRequest::post("uji", RelativePath::of("uji"), body)
    }

    fn sent(auth: &AuthKind, content_type: &str) -> String {
        let request = request(content_type, "<a t=\"{{kredensial}}\"/>");
        match &filled(auth, &request).unwrap().body {
            NativeBody::Text { text, .. } => text.clone(),
            _ => panic!("not a text"),
        }
    }

    #[test]
    fn the_value_takes_its_place_and_stays_one_value() {
        let pair = |name: &str, value: &str| (name.to_owned(), Secret::new(value.to_owned()));
        let auth = AuthKind::Headers(vec![pair("X-Lain", "lain"), pair(BODY_CREDENTIAL, "{A\"<&}")]);
        assert_eq!(sent(&auth, "text/xml; charset=UTF8"), "<a t=\"{A&quot;&lt;&amp;}\"/>");
        assert_eq!(sent(&auth, "text/plain"), "<a t=\"{A\"<&}\"/>");
    }

    #[test]
    fn a_path_gets_the_credential_it_names_and_no_other() {
        let pair = |name: &str, value: &str| (name.to_owned(), Secret::new(value.to_owned()));
        let auth = AuthKind::Headers(vec![
            pair("{{kredensial.a}}", "kunci-a"),
            pair("{{kredensial.b}}", "kunci b"),
        ]);
        let path = RelativePath::of("api")
            .segment(&connector_sdk::path_credential("b"))
            .segment("x");
        let request = NativeRequest::get("tarik", path);
        assert_eq!(filled(&auth, &request).unwrap().path.as_str(), "/api/kunci%20b/x");
        let other = NativeRequest::get("tarik", RelativePath::root().segment("{{kredensial.c}}"));
        for auth in [&auth, &AuthKind::None] {
            assert_eq!(filled(auth, &other).unwrap_err().kind, FaultKind::Misconfigured);
        }
    }

    #[test]
    fn without_the_value_nothing_leaves() {
        let plain = request("text/xml", "<a/>");
        assert!(matches!(filled(&AuthKind::None, &plain), Ok(Cow::Borrowed(_))));
        let fault = filled(&AuthKind::None, &request("text/xml", BODY_CREDENTIAL)).unwrap_err();
        assert_eq!((fault.kind, fault.landed), (FaultKind::Misconfigured, Landed::No));
    }
}
