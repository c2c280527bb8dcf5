//! Bearers that an operator supplied and that end by themselves: when they end, and what they say they are for. Read from
//! the token's own claims (a JWT shows them to whoever holds it); nothing is verified, since we are not its audience, and
//! no value is ever shown. The door sends nothing with a bearer that has ended; operators are told before.

use crate::pipeline::Rooms;
use crate::time::between;
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use connector_sdk::AuthKind;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Time before the end from which health and checks warn.
pub const SOON: Duration = Duration::from_secs(12 * 3600);
/// Time before the end at which it is said once more.
const LAST_CALL: Duration = Duration::from_secs(3600);
/// Time between two looks.
const LOOK: Duration = Duration::from_secs(60);

/// How near a supplied bearer is to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It holds, and not only for [`SOON`].
    Holds,
    /// It ends within [`SOON`].
    Ends,
    /// It ends within the hour.
    EndsNow,
    /// It has ended.
    Ended,
}

impl Standing {
    /// At this time.
    pub fn at(until: Timestamp, now: Timestamp) -> Self {
        if now >= until {
            return Self::Ended;
        }
        match between(now, until) {
            left if left <= LAST_CALL => Self::EndsNow,
            left if left <= SOON => Self::Ends,
            _ => Self::Holds,
        }
    }

    /// The word for operators.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "berlaku",
            Self::Ends | Self::EndsNow => "hampir_berakhir",
            Self::Ended => "berakhir",
        }
    }
}

/// When the first of the supplied bearers ends; `None` when none says.
pub fn until(auth: &AuthKind) -> Option<Timestamp> {
    let ends = claims(auth).filter_map(|claims| claims.get("exp")?.as_i64());
    ends.min().and_then(|second| Timestamp::from_second(second).ok())
}

/// What the supplied bearers say under a name, as text; empty when none says it.
pub fn claimed(auth: &AuthKind, name: &str) -> Vec<String> {
    let found = claims(auth).filter_map(|claims| claims.get(name).cloned());
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    found.map(text).collect()
}

fn claims(auth: &AuthKind) -> impl Iterator<Item = Map<String, Value>> {
    let pairs = match auth {
        AuthKind::Headers(pairs) => pairs.as_slice(),
        AuthKind::None
        | AuthKind::Basic { .. }
        | AuthKind::ClientCredentials { .. }
        | AuthKind::Hmac { .. }
        | AuthKind::Webhook { .. }
        | AuthKind::KeyExchange(_) => &[],
    };
    pairs.iter().filter_map(|(_, value)| payload(value.expose()))
}

/// The claims of a JWT, whatever word stands before it.
fn payload(value: &str) -> Option<Map<String, Value>> {
    let token = value.split_whitespace().last()?;
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let bytes = URL_SAFE_NO_PAD
        .decode(claims)
        .or_else(|_| URL_SAFE.decode(claims))
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Tells the log when a supplied bearer comes near its end, once per step, until `stop`.
pub async fn watch(rooms: Arc<Rooms>, stop: CancellationToken) {
    let mut told: HashMap<String, (Timestamp, Standing)> = HashMap::new();
    while !stop.is_cancelled() {
        let now = rooms.clock.now();
        let catalogue = rooms.catalogue.load_full();
        for system in catalogue.systems.values() {
            let Some(until) = until(&system.auth) else { continue };
            let standing = Standing::at(until, now);
            if told.insert(system.id.clone(), (until, standing)) == Some((until, standing)) {
                continue;
            }
            match standing {
                Standing::Holds => {}
                Standing::Ends | Standing::EndsNow => {
                    tracing::warn!(system = %system.id, %until, "supplied credential ends soon");
                }
                Standing::Ended => tracing::error!(system = %system.id, %until, "supplied credential has ended"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = rooms.clock.sleep(LOOK) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_sdk::Secret;
    use serde_json::json;

    fn bearer(claims: &Value) -> AuthKind {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("Bearer {}.{}.tanda", part(&json!({"alg": "HS256"})), part(claims));
        AuthKind::Headers(vec![
            ("X-Api-Key".to_owned(), Secret::new("bukan.token.jwt")),
            ("Authorization".to_owned(), Secret::new(token)),
        ])
    }

    #[test]
    fn the_end_and_the_year_are_read_and_other_secrets_say_nothing() {
        let auth = bearer(&json!({"exp": 1_772_323_200, "tahun": 2026, "id_role": "9"}));
        assert_eq!(until(&auth), Timestamp::from_second(1_772_323_200).ok());
        assert_eq!(claimed(&auth, "tahun"), ["2026"]);
        assert_eq!(claimed(&auth, "id_role"), ["9"]);
        assert!(claimed(&auth, "lain").is_empty());
        for opaque in ["kunci", "a.b", "a.b.c", "a.!!!.c", ""] {
            let auth = AuthKind::Headers(vec![("X".to_owned(), Secret::new(opaque))]);
            assert_eq!(until(&auth), None, "{opaque}");
        }
        assert_eq!(until(&AuthKind::None), None);
    }

    #[test]
    fn it_is_said_before_the_end() {
        let until = Timestamp::from_second(1_000_000).unwrap();
        let at = |before: i64| Standing::at(until, Timestamp::from_second(1_000_000 - before).unwrap());
        assert_eq!(at(43_201), Standing::Holds);
        assert_eq!(at(43_200), Standing::Ends);
        assert_eq!(at(3_600), Standing::EndsNow);
        assert_eq!(at(0), Standing::Ended);
        assert_eq!(at(-5), Standing::Ended);
    }
}
