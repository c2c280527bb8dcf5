//! Signed requests: a shared secret that never travels, an id once a day, the body that was signed and no other.

use crate::keys::{BOOK, OFFICE, admin, issued_with, office};
use crate::wire::{Answer, send};
use crate::world::{World, restarted};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

struct Request<'a> {
    method: &'a str,
    target: &'a str,
    external: &'a str,
    ahead: i64,
    body: &'a str,
    /// What travels; the signature is over `body`.
    sent: &'a str,
    more: &'a str,
}

const READ: Request<'_> = Request {
    method: "GET",
    target: BOOK,
    external: "R-1",
    ahead: 0,
    body: "",
    sent: "",
    more: "",
};

fn digest(body: &str) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes())
        .as_ref()
        .to_vec()
}

/// A signed request as it travels.
fn message((secret, partner): (&str, &str), request: &Request<'_>) -> String {
    let at = (crate::keys::now() + jiff::SignedDuration::from_secs(request.ahead)).to_string();
    let hex: String = digest(request.body).iter().map(|b| format!("{b:02x}")).collect();
    let text = format!("{}:{}:{}:{hex}:{at}", request.method, request.target, request.external);
    let key = hmac::Key::new(hmac::HMAC_SHA512, secret.as_bytes());
    let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    let framing = if request.sent.is_empty() {
        String::new()
    } else {
        let digest = STANDARD.encode(digest(request.body));
        format!(
            "Content-Type: application/json\r\nContent-Digest: sha-256=:{digest}:\r\nContent-Length: {}\r\n",
            request.sent.len()
        )
    };
    format!(
        "{} {} HTTP/1.1\r\nHost: simpul.invalid\r\nX-PARTNER-ID: {partner}\r\nX-TIMESTAMP: {at}\r\nX-EXTERNAL-ID: {}\r\nX-SIGNATURE: {signature}\r\n{}{framing}\r\n{}",
        request.method, request.target, request.external, request.more, request.sent
    )
}

/// A signed read of a book.
pub(crate) fn read(credential: (&str, &str), external: &str) -> String {
    message(credential, &Request { external, ..READ })
}

async fn ask(world: &World, credential: (&str, &str), request: &Request<'_>) -> Answer {
    send(&world.public, message(credential, request)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_is_taken_once_with_the_body_that_was_signed() {
    let (world, _) = office().await;
    let (secret, partner) = issued_with(&world, json!({"tanda_tangan": true})).await;
    let credential = (secret.as_str(), partner.as_str());

    assert_eq!(ask(&world, credential, &READ).await.status, 200);
    let again = ask(&world, credential, &READ).await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (409, "rujukan-ganda"),
        "the same id again"
    );
    let other = |external| Request { external, ..READ };
    assert_eq!(ask(&world, credential, &other("R-2")).await.status, 200);
    // The secret signs and opens nothing else.
    let as_key = format!("GET {BOOK} HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: {secret}\r\n\r\n");
    assert_eq!(send(&world.public, as_key).await.status, 401);

    for (name, request) in [
        (
            "too old",
            Request {
                ahead: -301,
                ..other("R-3")
            },
        ),
        (
            "from the future",
            Request {
                ahead: 301,
                ..other("R-4")
            },
        ),
        ("odd id", other("R%20:5")),
        (
            "a key beside it",
            Request {
                more: "X-API-Key: smp_x_y\r\n",
                ..other("R-6")
            },
        ),
        (
            "signed twice",
            Request {
                more: "X-Signature: AAAA\r\n",
                ..other("R-7")
            },
        ),
    ] {
        assert_eq!(ask(&world, credential, &request).await.status, 401, "{name}");
    }
    let forged = ask(&world, ("lain", &partner), &other("R-8")).await;
    assert_eq!((forged.status, forged.code().as_str()), (401, "kunci-tidak-sah"));

    // A write: the body is held against the digest, and the id is the idempotency key.
    let body = json!({"rujukan": "R-TTD-1", "isbn": "9780000000002", "nomor_anggota": "A-0001"}).to_string();
    let altered = body.replace("A-0001", "A-0002");
    let write = |external, sent| Request {
        method: "POST",
        target: "/v1/perpustakaan/reservasi",
        external,
        body: &body,
        sent,
        ..READ
    };
    assert_eq!(
        ask(&world, credential, &write("W-1", &altered)).await.status,
        401,
        "altered on its way"
    );
    assert!(
        world.neighbours.library.requests().iter().all(|r| r.method == "GET"),
        "nothing was sent"
    );
    let done = ask(&world, credential, &write("W-2", &body)).await;
    assert_eq!(done.status, 201, "{}", done.json());

    let path = format!("/kunci/{partner}/cabut");
    assert_eq!(
        admin(&world, "POST", &path, &json!({"alasan": "bocor di log"}))
            .await
            .status,
        200
    );
    assert_eq!(ask(&world, credential, &other("R-9")).await.status, 401, "withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_secret_is_sealed_and_survives_a_restart() {
    let (world, _) = office().await;
    let (secret, partner) = issued_with(&world, json!({"tanda_tangan": true, "konsumen": OFFICE})).await;
    let journal = std::fs::read(world.setup.journal()).unwrap();
    let bare = secret.rsplit('_').next().unwrap().as_bytes().to_vec();
    assert!(!journal.windows(bare.len()).any(|w| w == bare));
    let World {
        neighbours,
        setup,
        gateway,
        ..
    } = world;
    gateway.stop().await.unwrap();
    let gateway = e2e::inside::Inside::start(&setup).await.unwrap();
    let public = gateway.targets(&setup, &neighbours).gateway.replace("http://", "");
    let world = World {
        operator: String::new(),
        public,
        neighbours,
        setup,
        gateway,
    };
    assert_eq!(ask(&world, (&secret, &partner), &READ).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_stays_used_when_the_node_starts_again() {
    let (world, _) = office().await;
    let (secret, partner) = issued_with(&world, json!({"tanda_tangan": true})).await;
    let captured = read((&secret, &partner), "R-1");
    assert_eq!(send(&world.public, &captured).await.status, 200);
    let world = restarted(world).await;
    let again = send(&world.public, &captured).await;
    assert_eq!((again.status, again.code().as_str()), (409, "rujukan-ganda"));
    let next = read((&secret, &partner), "R-2");
    assert_eq!(
        send(&world.public, next).await.status,
        200,
        "the credential is known again"
    );
}
