//! Tokens of an outside issuer, played here: its set is fetched once, its keys may change, and what is forged, foreign or ended is
//! refused.

use crate::keys::{BOOK, now};
use crate::wire::send;
use crate::world::{World, consumer, grant, key, world};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const OFFICE: &str = "dinas-luar";
const ISSUER: &str = "https://identitas.contoh.invalid";

struct Provider {
    place: String,
    set: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::generate().unwrap()
}

fn jwk(kid: &str, pair: &Ed25519KeyPair) -> Value {
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x})
}

async fn provider(keys: Vec<Value>) -> Provider {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = Provider {
        place: format!("http://{}/jwks", listener.local_addr().unwrap()),
        set: Arc::new(Mutex::new(json!({ "keys": keys }))),
        asked: Arc::default(),
    };
    let (set, asked) = (Arc::clone(&provider.set), Arc::clone(&provider.asked));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            asked.fetch_add(1, Ordering::Relaxed);
            let body = set.lock().unwrap().to_string();
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    provider
}

fn token(kid: &str, pair: &Ed25519KeyPair, change: impl FnOnce(&mut Value)) -> String {
    let second = now().as_second();
    let mut claims = json!({"iss": ISSUER, "aud": "simpul", "azp": "app-luar", "exp": second + 300, "nbf": second - 1});
    change(&mut claims);
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!(
        "{}.{}",
        part(json!({"alg": "EdDSA", "typ": "JWT", "kid": kid})),
        part(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

async fn ask(world: &World, token: &str) -> u16 {
    send(
        &world.public,
        format!("GET {BOOK} HTTP/1.1\r\nHost: a.invalid\r\nAuthorization: Bearer {token}\r\n\r\n"),
    )
    .await
    .status
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_an_outside_issuer_stand_for_the_consumer_that_configuration_names() {
    let (first, second) = (pair(), pair());
    let provider = provider(vec![jwk("a", &first)]).await;
    let world = world(|table| {
        consumer(table, OFFICE, &grant(r#""perpustakaan.buku.lihat""#, ""));
        let issuer = format!(
            "penerbit = \"{ISSUER}\"\naudiens = \"simpul\"\njwks = \"{}\"\nalgoritma = [\"EdDSA\"]\nkonsumen = {{ \"app-luar\" = \"{OFFICE}\" }}",
            provider.place
        );
        table.insert("penerbit_jwt".into(), toml::Value::Array(vec![toml::Value::Table(issuer.parse().unwrap())]));
    })
    .await;

    for _ in 0..5 {
        assert_eq!(ask(&world, &token("a", &first, |_| {})).await, 200);
    }
    assert_eq!(provider.asked.load(Ordering::Relaxed), 1, "the set is kept");
    let second_of = |name: &'static str, by: i64| move |c: &mut Value| c[name] = json!(now().as_second() + by);
    for (what, wrong) in [
        ("ended", token("a", &first, second_of("exp", -31))),
        ("not yet", token("a", &first, second_of("nbf", 31))),
        (
            "without an end",
            token("a", &first, |c| drop(c.as_object_mut().unwrap().remove("exp"))),
        ),
        ("for another", token("a", &first, |c| c["aud"] = json!("lain"))),
        (
            "of another issuer",
            token("a", &first, |c| c["iss"] = json!("https://lain.invalid")),
        ),
        ("of nobody", token("a", &first, |c| c["azp"] = json!("app-lain"))),
        ("by another key", token("a", &second, |_| {})),
        ("by an unknown key", token("b", &second, |_| {})),
    ] {
        assert_eq!(ask(&world, &wrong).await, 401, "{what}");
    }
    // The algorithm is configuration's word: a public key is no shared secret.
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iss": ISSUER, "aud": "simpul", "azp": "app-luar", "exp": now().as_second() + 300});
    let text = format!("{}.{}", part(json!({"alg": "HS256", "kid": "a"})), part(claims));
    let shared = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, first.public_key().as_ref());
    let forged = format!(
        "{text}.{}",
        URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&shared, text.as_bytes()))
    );
    assert_eq!(ask(&world, &forged).await, 401);
    // Unknown keys make the gateway ask, but not as often as somebody sends them.
    assert!(provider.asked.load(Ordering::Relaxed) <= 2);
    assert_eq!(
        send(&world.public, crate::wire::call("GET", BOOK, &key(OFFICE), "", ""))
            .await
            .status,
        200,
        "its key holds beside it"
    );
}
