//! The console's door by an identity provider, played here: code, PKCE and nonce are the provider's to check and ours to send;
//! a way counts once, in the browser that began it, and only for somebody with a role.

use crate::wire::{Answer, send};
use crate::world::{World, world};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ISSUER: &str = "https://identitas.contoh.invalid";
const SECRET: &str = "rahasia-rekaan";

/// What the provider knows of a code: the challenge, and what it will say in the token.
type Codes = Arc<Mutex<HashMap<String, (String, Value)>>>;

struct Provider {
    place: String,
    codes: Codes,
}

async fn provider() -> Provider {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = Provider {
        place: format!("http://{}", listener.local_addr().unwrap()),
        codes: Codes::default(),
    };
    let codes = Arc::clone(&provider.codes);
    tokio::spawn(async move {
        let pair = Arc::new(Ed25519KeyPair::generate().unwrap());
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&pair), Arc::clone(&codes)));
        }
    });
    provider
}

async fn serve(mut stream: TcpStream, pair: Arc<Ed25519KeyPair>, codes: Codes) {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let text = loop {
        let count = stream.read(&mut part).await.unwrap_or_default();
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .map(str::to_owned)
            });
            body.len() >= length.map_or(0, |length| length.parse().unwrap())
        });
        if whole || count == 0 {
            break text;
        }
    };
    let (status, body) = if text.starts_with("GET /jwks ") {
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        (
            200,
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "a", "x": x}]}),
        )
    } else {
        match token(&text, &pair, &codes) {
            Some(token) => (
                200,
                json!({"token_type": "Bearer", "access_token": "tidak-dipakai", "id_token": token}),
            ),
            None => (400, json!({"error": "invalid_grant"})),
        }
    };
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// The token for a code, where client, verifier and way back are right. A code may be used again: that is ours to refuse.
fn token(request: &str, pair: &Ed25519KeyPair, codes: &Codes) -> Option<String> {
    let (head, body) = request.split_once("\r\n\r\n")?;
    let known = format!(
        "Basic {}",
        STANDARD.encode(format!("simpul%2Dkonsol:{}", SECRET.replace('-', "%2D")))
    );
    let asked = pairs(body);
    let (challenge, claims) = codes.lock().unwrap().get(&asked["code"])?.clone();
    let verified = URL_SAFE_NO_PAD.encode(digest(&SHA256, asked["code_verifier"].as_bytes()));
    let fits = head.contains(&known)
        && asked["grant_type"] == "authorization_code"
        && asked["redirect_uri"] == BACK
        && verified == challenge;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!(
        "{}.{}",
        part(&json!({"alg": "EdDSA", "typ": "JWT", "kid": "a"})),
        part(&claims)
    );
    fits.then(|| format!("{text}.{}", URL_SAFE_NO_PAD.encode(pair.sign(text.as_bytes()))))
}

const BACK: &str = "https://konsol.contoh.invalid/masuk/oidc/kembali";

fn pairs(text: &str) -> HashMap<String, String> {
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

async fn get(world: &World, path: &str, cookie: &str) -> Answer {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: konsol.invalid\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
    send(&world.operator, request).await
}

/// The value of a cookie that an answer sets.
fn set(answer: &Answer, name: &str) -> Option<String> {
    let mut lines = answer.head.lines();
    lines.find_map(|line| {
        let (head, value) = line.split_once(": ")?;
        let pair = value.split(';').next()?;
        (head.eq_ignore_ascii_case("set-cookie") && pair.starts_with(&format!("{name}=")) && !pair.ends_with('='))
            .then(|| pair.to_owned())
    })
}

/// A way begun: the cookie, what the provider was asked, and the state.
async fn begun(world: &World) -> (String, HashMap<String, String>) {
    let away = get(world, "/masuk/oidc?ke=%2Fmasalah", "").await;
    assert_eq!(away.status, 303, "{}", away.head);
    let place = away.header("location").unwrap();
    assert!(
        place.starts_with("http://127.0.0.1:") && place.contains("/otorisasi?response_type=code&"),
        "{place}"
    );
    let asked = pairs(place.split_once('?').unwrap().1);
    assert_eq!(
        (asked["code_challenge_method"].as_str(), asked["redirect_uri"].as_str()),
        ("S256", BACK)
    );
    assert_eq!(asked["scope"], "openid profile");
    (set(&away, "simpul_oidc").unwrap(), asked)
}

fn claims(nonce: &str, name: &str, group: &str) -> Value {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    json!({"iss": ISSUER, "aud": "simpul-konsol", "sub": "1", "exp": now + 300, "nonce": nonce,
           "preferred_username": name, "realm_access": {"roles": ["lain", group]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_comes_in_by_the_identity_provider_once_per_way_and_only_with_a_role() {
    let provider = provider().await;
    let secrets = tempfile::tempdir().unwrap();
    let secret = secrets.path().join("rahasia");
    std::fs::write(&secret, SECRET).unwrap();
    let world = world(|table| {
        let text = format!(
            "nama = \"SSO Kota\"\npenerbit = \"{ISSUER}\"\nklien = \"simpul-konsol\"\nrahasia = {{ file = \"{}\" }}\n\
             otorisasi = \"{place}/otorisasi\"\ntoken = \"{place}/token\"\njwks = \"{place}/jwks\"\nkembali = \"{BACK}\"\n\
             algoritma = [\"EdDSA\"]\nklaim_peran = \"/realm_access/roles\"\n\
             peran = {{ \"simpul-operator\" = \"operator\", \"simpul-auditor\" = \"auditor\" }}",
            secret.display(),
            place = provider.place,
        );
        table.insert("masuk_oidc".into(), toml::Value::Table(text.parse().unwrap()));
    })
    .await;
    let door = get(&world, "/masuk", "").await;
    assert!(String::from_utf8_lossy(&door.body).contains("Masuk dengan SSO Kota"));

    let (cookie, asked) = begun(&world).await;
    let keep = |code: &str, asked: &HashMap<String, String>, said: Value| {
        let known = (asked["code_challenge"].clone(), said);
        provider.codes.lock().unwrap().insert(code.to_owned(), known);
    };
    keep(
        "satu",
        &asked,
        claims(&asked["nonce"], "Budi Rekaan", "simpul-operator"),
    );
    let back = |code: &str, state: &str| format!("/masuk/oidc/kembali?code={code}&state={state}");
    let right = back("satu", &asked["state"]);
    for (what, path, cookie) in [
        ("another state", back("satu", "lain"), cookie.as_str()),
        ("another browser", right.clone(), ""),
        ("a forged cookie", right.clone(), "simpul_oidc=7b7d.00"),
        ("no code", back("", &asked["state"]), cookie.as_str()),
        ("an unknown code", back("tidak-ada", &asked["state"]), cookie.as_str()),
    ] {
        let answer = get(&world, &path, cookie).await;
        assert_eq!((answer.status, set(&answer, "simpul_sesi")), (401, None), "{what}");
    }

    let come = get(&world, &right, &cookie).await;
    assert_eq!(
        (come.status, come.header("refresh")),
        (200, Some("0;url=/masalah")),
        "{}",
        come.head
    );
    let session = set(&come, "simpul_sesi").unwrap();
    let page = get(&world, "/masalah", &session).await;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert!(page.status == 200 && text.contains("Budi Rekaan · operator"), "{text}");
    let again = get(&world, &right, &cookie).await;
    assert_eq!(
        (again.status, set(&again, "simpul_sesi")),
        (401, None),
        "a way counts once"
    );

    let (cookie, asked) = begun(&world).await;
    let mut several = claims(&asked["nonce"], "Budi Rekaan", "simpul-operator");
    several["aud"] = json!(["simpul-konsol", "aplikasi-lain"]);
    keep("enam", &asked, several.clone());
    let answer = get(&world, &back("enam", &asked["state"]), &cookie).await;
    assert_eq!(answer.status, 401, "for several, and nobody says who asked");
    several["azp"] = json!("simpul-konsol");
    keep("enam", &asked, several);
    assert_eq!(get(&world, &back("enam", &asked["state"]), &cookie).await.status, 200);

    for (what, name, group, other) in [
        ("no role", "Tamu Rekaan", "tamu", false),
        ("no name", "", "simpul-operator", false),
        ("a token of another way", "Budi Rekaan", "simpul-operator", true),
    ] {
        let (cookie, asked) = begun(&world).await;
        let nonce = if other { "lain" } else { &asked["nonce"] };
        keep("dua", &asked, claims(nonce, name, group));
        let answer = get(&world, &back("dua", &asked["state"]), &cookie).await;
        assert_eq!((answer.status, set(&answer, "simpul_sesi")), (401, None), "{what}");
    }
    // The provider refuses a verifier that is not the challenge's: the code of one way is worth nothing in another.
    let (first, asked) = begun(&world).await;
    let (_, stolen) = begun(&world).await;
    keep(
        "tiga",
        &stolen,
        claims(&asked["nonce"], "Budi Rekaan", "simpul-operator"),
    );
    let answer = get(&world, &back("tiga", &asked["state"]), &first).await;
    assert_eq!(answer.status, 401, "a stolen code");
    // A role that only looks sees and does not decide.
    let (cookie, asked) = begun(&world).await;
    keep(
        "empat",
        &asked,
        claims(&asked["nonce"], "Citra Rekaan", "simpul-auditor"),
    );
    let come = get(&world, &back("empat", &asked["state"]), &cookie).await;
    let session = set(&come, "simpul_sesi").unwrap();
    let page = get(&world, "/", &session).await;
    assert!(String::from_utf8_lossy(&page.body).contains("Citra Rekaan · auditor"));
}
