//! AU52, AU53: keys at run time over the operator port: shown once, stored hashed, several at once, with validity, withdrawn
//! everywhere within a second; and tokens that end with the key they were asked for with.

use crate::wire::{Answer, call, send};
use crate::world::{World, consumer, grant, key, world_with};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use e2e::inside::Inside;
use e2e::setup::OPERATOR;
use gateway::wiring::Seams;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

const OFFICE: &str = "dinas-kunci";
const BOOK: &str = "/v1/perpustakaan/buku/9780000000002";

async fn office() -> (World, Arc<AtomicI64>) {
    let ahead = Arc::new(AtomicI64::new(0));
    let seams = Seams {
        ahead: Some(Arc::clone(&ahead)),
        ..Seams::default()
    };
    let change = |table: &mut toml::Table| consumer(table, OFFICE, &grant(r#""perpustakaan.buku.lihat""#, ""));
    (world_with(change, seams).await, ahead)
}

async fn admin(world: &World, operator: &str, method: &str, path: &str, body: &Value) -> Answer {
    let token = &world.setup.keys()[OPERATOR];
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let length = body.len();
    let head = format!(
        "{method} /admin/v1{path} HTTP/1.1\r\nHost: operator.invalid\r\nAuthorization: {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    send(operator, head + &body).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the gateway under test goes by the real clock, ahead of it by what the test says"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

async fn issued(world: &World, more: Value) -> (String, String) {
    let mut wish = json!({"konsumen": OFFICE, "alasan": "uji kunci"});
    wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = admin(world, &world.operator, "POST", "/kunci", &wish).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let text = |name: &str| made.json()[name].as_str().unwrap().to_owned();
    (text("kunci"), text("awalan"))
}

async fn book(address: &str, key: &str) -> u16 {
    send(address, call("GET", BOOK, key, "", "")).await.status
}

async fn token(address: &str, client: &str, secret: &str) -> Answer {
    let body = "grant_type=client_credentials";
    let basic = STANDARD.encode(format!("{client}:{secret}"));
    send(
        address,
        format!(
            "POST /oauth/token HTTP/1.1\r\nHost: simpul.invalid\r\nAuthorization: Basic {basic}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
    .await
}

async fn with_token(address: &str, token: &str) -> u16 {
    let head = format!("GET {BOOK} HTTP/1.1\r\nHost: simpul.invalid\r\nAuthorization: Bearer {token}\r\n\r\n");
    send(address, head).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn au52_au53_keys_overlap_and_a_withdrawn_one_ends_within_a_second() {
    let (world, ahead) = office().await;
    let (first, first_prefix) = issued(&world, json!({})).await;
    let (second, _) = issued(&world, json!({})).await;
    for good in [&first, &second, &key(OFFICE)] {
        assert_eq!(book(&world.public, good).await, 200, "all hold at once");
    }
    let journal = std::fs::read(world.setup.journal()).unwrap();
    let secret = first.rsplit('_').next().unwrap().as_bytes().to_vec();
    assert!(
        !journal.windows(secret.len()).any(|w| w == secret),
        "only a hash is stored"
    );

    let list = admin(&world, &world.operator, "GET", "/kunci", &Value::Null).await;
    assert!(!String::from_utf8_lossy(&list.body).contains(&first), "shown once");
    let row = |list: &Answer, prefix: &str| -> Value {
        let rows = list.json()["butir"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["awalan"] == prefix).unwrap()
    };
    assert_eq!(row(&list, &first_prefix)["keadaan"], "berlaku");
    assert!(
        row(&list, &first_prefix)["terakhir_dipakai"].is_string(),
        "{}",
        list.json()
    );
    assert_eq!(row(&list, OFFICE)["asal"], "konfigurasi");

    let path = format!("/kunci/{first_prefix}/cabut");
    let unreasoned = admin(&world, &world.operator, "POST", &path, &json!({})).await;
    assert_eq!((unreasoned.status, book(&world.public, &first).await), (422, 200));
    let begun = Instant::now();
    let done = admin(
        &world,
        &world.operator,
        "POST",
        &path,
        &json!({"alasan": "bocor di log"}),
    )
    .await;
    assert_eq!(done.status, 200, "{}", done.json());
    assert_eq!(book(&world.public, &first).await, 401);
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(book(&world.public, &second).await, 200, "the other goes on");
    let again = admin(
        &world,
        &world.operator,
        "POST",
        &path,
        &json!({"alasan": "sekali lagi"}),
    )
    .await;
    assert_eq!((again.status, again.code().as_str()), (409, "keadaan-tidak-sesuai"));

    // A configured key can be withdrawn as well.
    let path = format!("/kunci/{OFFICE}/cabut");
    assert_eq!(
        admin(&world, &world.operator, "POST", &path, &json!({"alasan": "diganti"}))
            .await
            .status,
        200
    );
    assert_eq!(book(&world.public, &key(OFFICE)).await, 401);

    // Validity, by the gateway's clock.
    let (later, _) = issued(&world, json!({"berlaku_dari": "2126-01-01T00:00:00Z"})).await;
    assert_eq!(book(&world.public, &later).await, 401, "not yet");
    let end = now() + jiff::SignedDuration::from_hours(1);
    let (short, _) = issued(&world, json!({"berlaku_sampai": end.to_string()})).await;
    assert_eq!(book(&world.public, &short).await, 200);
    ahead.store(3700, Ordering::Relaxed);
    assert_eq!(book(&world.public, &short).await, 401, "ended");
    assert_eq!(book(&world.public, &second).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn au52_a_withdrawal_outlives_a_restart() {
    let (world, _) = office().await;
    let (issued_key, prefix) = issued(&world, json!({})).await;
    let path = format!("/kunci/{prefix}/cabut");
    assert_eq!(book(&world.public, &issued_key).await, 200);
    assert_eq!(
        admin(
            &world,
            &world.operator,
            "POST",
            &path,
            &json!({"alasan": "pegawai pindah"})
        )
        .await
        .status,
        200
    );
    world.gateway.stop().await.unwrap();
    let again = Inside::start(&world.setup).await.unwrap();
    let public = again
        .targets(&world.setup, &world.neighbours)
        .gateway
        .replace("http://", "");
    assert_eq!(book(&public, &issued_key).await, 401);
    assert_eq!(book(&public, &key(OFFICE)).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_give_a_short_token_that_ends_with_its_key() {
    let (world, ahead) = office().await;
    let (secret, prefix) = issued(&world, json!({})).await;
    for (client, secret) in [(OFFICE, "smp_x_y"), ("lain", secret.as_str()), (OFFICE, "")] {
        let refused = token(&world.public, client, secret).await;
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (401, Some("invalid_client"))
        );
    }
    let made = token(&world.public, OFFICE, &secret).await;
    assert_eq!(made.status, 200, "{}", made.json());
    assert_eq!(made.header("cache-control"), Some("no-store"));
    assert_eq!(made.json()["token_type"], "Bearer");
    let text = made.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(with_token(&world.public, &text).await, 200);

    // Anybody verifies it by the published set alone.
    let set = send(
        &world.public,
        "GET /.well-known/jwks.json HTTP/1.1\r\nHost: simpul.invalid\r\n\r\n",
    )
    .await
    .json();
    let mut parts = text.split('.');
    let (head, claims, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let decoded = |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    assert_eq!(
        (decoded(head)["alg"].as_str(), &decoded(head)["kid"]),
        (Some("EdDSA"), &set["keys"][0]["kid"])
    );
    let public = URL_SAFE_NO_PAD.decode(set["keys"][0]["x"].as_str().unwrap()).unwrap();
    aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, public)
        .verify(
            format!("{head}.{claims}").as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();

    // Nothing of it may be changed: no algorithm, no consumer, no signature.
    let forged = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut other = decoded(claims);
    other["sub"] = json!("opd-contoh");
    for wrong in [
        format!("{}.{claims}.", forged(json!({"alg": "none", "typ": "at+jwt"}))),
        format!(
            "{}.{claims}.{signature}",
            forged(json!({"alg": "HS256", "typ": "at+jwt", "kid": set["keys"][0]["kid"]}))
        ),
        format!("{head}.{}.{signature}", forged(other)),
        format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode([0_u8; 64])),
    ] {
        assert_eq!(with_token(&world.public, &wrong).await, 401, "{wrong}");
    }

    // A new signing key: both are published, old tokens hold.
    let rotated = admin(
        &world,
        &world.operator,
        "POST",
        "/kunci-token/putar",
        &json!({"alasan": "rutin"}),
    )
    .await;
    assert_eq!(rotated.status, 201, "{}", rotated.json());
    let set = send(
        &world.public,
        "GET /.well-known/jwks.json HTTP/1.1\r\nHost: simpul.invalid\r\n\r\n",
    )
    .await
    .json();
    assert_eq!(set["keys"].as_array().unwrap().len(), 2);
    assert_eq!(with_token(&world.public, &text).await, 200);
    ahead.store(10, Ordering::Relaxed);
    let newer = token(&world.public, OFFICE, &secret).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(decoded(newer.split('.').next().unwrap())["kid"], rotated.json()["kid"]);

    // It ends with its time, and at once with its key.
    ahead.store(16 * 60, Ordering::Relaxed);
    assert_eq!(with_token(&world.public, &text).await, 401, "15 minutes are over");
    let last = token(&world.public, OFFICE, &secret).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(with_token(&world.public, &last).await, 200);
    let path = format!("/kunci/{prefix}/cabut");
    assert_eq!(
        admin(
            &world,
            &world.operator,
            "POST",
            &path,
            &json!({"alasan": "bocor di log"})
        )
        .await
        .status,
        200
    );
    assert_eq!(with_token(&world.public, &last).await, 401);
}
