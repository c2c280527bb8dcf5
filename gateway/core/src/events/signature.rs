//! Signatures of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body` with a secret of 24 to 64 bytes, written
//! `whsec_` and base64. Called by the door for [`connector_sdk::AuthKind::Webhook`].

use crate::seal::SealError;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connector_sdk::{Secret, WebhookSecret};
use jiff::Timestamp;
use zeroize::Zeroizing;

/// What every secret begins with.
pub const PREFIX: &str = "whsec_";
/// Bytes of a secret made here.
const FRESH: usize = 32;

/// A new secret.
///
/// # Errors
/// When the random source fails.
pub fn fresh() -> Result<Secret, SealError> {
    let mut bytes = Zeroizing::new([0_u8; FRESH]);
    aws_lc_rs::rand::fill(bytes.as_mut()).map_err(|_| SealError::Failed)?;
    Ok(Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes.as_ref()))))
}

/// The bytes of a secret; `None` when it is not of the right form and length.
pub fn key(secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = Zeroizing::new(STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?);
    (24..=64).contains(&bytes.len()).then_some(bytes)
}

/// The value of `webhook-signature`: one signature per secret that holds at `now`, separated by a space. `None` when
/// none holds or there is no id to sign.
pub fn of(secrets: &[WebhookSecret], id: &str, now: Timestamp, body: &[u8]) -> Option<String> {
    if id.is_empty() || id.contains('.') {
        return None;
    }
    let signatures: Vec<_> = secrets
        .iter()
        .filter(|secret| secret.until.is_none_or(|until| now < until))
        .filter_map(|secret| key(&secret.key))
        .map(|key| one(&key, id, now.as_second(), body))
        .collect();
    (!signatures.is_empty()).then(|| signatures.join(" "))
}

fn one(key: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(format!("{id}.{timestamp}.").as_bytes());
    context.update(body);
    format!("v1,{}", STANDARD.encode(context.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8, length: usize, until: Option<i64>) -> WebhookSecret {
        WebhookSecret {
            key: Secret::new(format!("{PREFIX}{}", STANDARD.encode(vec![byte; length]))),
            until: until.map(|s| Timestamp::from_second(s).expect("in range")),
        }
    }

    #[test]
    fn vectors_computed_apart() {
        let at = Timestamp::from_second(1_770_080_400).expect("in range");
        let id = "3f2a1c5e-0000-8000-8000-000000000001";
        let body = "{\"isi\":\"coba é\"}".as_bytes();
        let both = of(&[secret(1, 32, None), secret(2, 24, Some(1_770_080_401))], id, at, body).expect("signed");
        assert_eq!(both, VECTOR);
        let later = Timestamp::from_second(1_770_080_401).expect("in range");
        let one = of(
            &[secret(1, 32, None), secret(2, 24, Some(1_770_080_401))],
            id,
            later,
            body,
        )
        .expect("signed");
        assert_eq!(one.split(' ').count(), 1, "the old secret has ended");
    }

    #[test]
    fn a_secret_has_24_to_64_bytes() {
        for (length, good) in [(23, false), (24, true), (64, true), (65, false)] {
            assert_eq!(key(&secret(7, length, None).key).is_some(), good, "{length}");
        }
        assert!(key(&Secret::new("whsec_???")).is_none());
        assert_eq!(key(&fresh().expect("random")).map(|k| k.len()), Some(FRESH));
        assert!(of(&[secret(1, 32, None)], "", Timestamp::UNIX_EPOCH, b"").is_none());
    }

    const VECTOR: &str = "v1,xnE37E9ilgnQJW2Zl8uf75VvJfzepbPgztom/FTBjxM= \
        v1,D8x8Iya0/8SVHqkTie+fxUh914RcCVTExwvUWDW+4QE=";
}
