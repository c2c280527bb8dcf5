//! The ways a system may ask us to prove who we are. A descriptor lists the kinds a connector accepts; configuration
//! picks one and names the secrets; the door applies it. Connectors never see the values.

use crate::{Secret, Str};
use serde::{Deserialize, Serialize};

/// Text that a connector writes where a system wants a credential inside a text body (an XML attribute). The entry of
/// [`AuthKind::Headers`] that has this name is not sent as a header: the door puts its value in the place of this text,
/// in [`crate::NativeBody::Text`] only. A connector that uses it must not let the same text through from its input.
pub const BODY_CREDENTIAL: &str = "{{kredensial}}";

/// Text that a connector writes as a whole path segment where a system wants a credential inside the path, one name for
/// each that it has. The entry of [`AuthKind::Headers`] with this text as its name is not sent as a header: the door puts
/// its value, encoded, in the place of the segment.
pub fn path_credential(name: &str) -> String {
    format!("{{{{kredensial.{name}}}}}")
}

/// Whether an entry of [`AuthKind::Headers`] has a place in the request instead of being a header.
pub fn is_placed(name: &str) -> bool {
    name == BODY_CREDENTIAL || (name.starts_with("{{kredensial.") && name.ends_with("}}"))
}

/// Digest of an HMAC signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HmacAlgorithm {
    /// HMAC-SHA256.
    Sha256,
    /// HMAC-SHA512.
    Sha512,
}

/// One configured way of authenticating, with its secrets.
#[derive(Debug, Clone)]
pub enum AuthKind {
    /// No credentials.
    None,
    /// Static headers, sent as they are. The value is opaque: never parsed, trimmed or re-encoded.
    /// Covers API keys in any header, operator-supplied bearers and pairs of headers.
    Headers(Vec<(String, Secret)>),
    /// HTTP Basic.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: Secret,
    },
    /// OAuth2 client credentials; the token is fetched single-flight and refreshed once when refused.
    ClientCredentials {
        /// Path of the token endpoint, relative to the system's endpoint, or an absolute URL checked like it.
        token_url: String,
        /// Client id.
        client_id: String,
        /// Client secret.
        client_secret: Secret,
        /// Scope, if the system wants one.
        scope: Option<String>,
        /// Header that carries the token and the prefix put before it exactly once.
        header: String,
        /// Usually `Bearer `.
        prefix: String,
    },
    /// Signed requests: `METHOD:path:hex(sha256(body)):timestamp`, hex signature in a header.
    Hmac {
        /// Digest.
        algorithm: HmacAlgorithm,
        /// Key.
        key: Secret,
        /// Header for the signature.
        signature_header: String,
        /// Header for the timestamp (RFC 3339).
        timestamp_header: String,
    },
    /// Standard Webhooks 1.0: `webhook-timestamp`, fresh with every try, and `webhook-signature` over
    /// `id.timestamp.body`. The id is the request's own `webhook-id`. One signature per secret that still holds.
    Webhook {
        /// The newest first; more than one while a secret replaces another.
        secrets: Vec<WebhookSecret>,
    },
    /// A key that the system hands out for a stored user and password, sent in a header until the moment the system
    /// named. Fetched single-flight with one JSON `POST`, again shortly before it ends, and once when refused.
    KeyExchange(KeyExchange),
}

/// A secret shared with the receiver of webhooks.
#[derive(Debug, Clone)]
pub struct WebhookSecret {
    /// `whsec_` and 24 to 64 bytes in base64.
    pub key: Secret,
    /// First moment at which it no longer signs.
    pub until: Option<jiff::Timestamp>,
}

/// How such a key is asked for and where it stands in the answer. The body sent is
/// `{root: {user_field: user, password_field: password}}`; without a root, the two fields alone.
#[derive(Debug, Clone)]
pub struct KeyExchange {
    /// Path of the key service, relative to the system's endpoint, or an absolute URL checked like it.
    pub key_url: String,
    /// Single top-level key of the request; empty for none.
    pub root: String,
    /// Field of the user name.
    pub user_field: String,
    /// User name.
    pub user: Secret,
    /// Field of the password.
    pub password_field: String,
    /// Password.
    pub password: Secret,
    /// JSON pointer to the key in the answer.
    pub key_pointer: String,
    /// JSON pointer to the last moment of its validity, `YYYY-MM-DD HH:MM:SS` or RFC 3339; empty when there is none.
    pub expiry_pointer: String,
    /// Offset of an expiry without zone, in minutes east of Greenwich.
    pub expiry_offset_minutes: i32,
    /// Seconds of validity assumed when the answer names none.
    pub lifetime_s: u32,
    /// Header that carries the key, as it is.
    pub header: String,
}

impl AuthKind {
    /// The word that configuration and descriptors use for this kind.
    pub fn name(&self) -> Str {
        match self {
            Self::None => "none",
            Self::Headers(_) => "headers",
            Self::Basic { .. } => "basic",
            Self::ClientCredentials { .. } => "client_credentials",
            Self::Hmac { .. } => "hmac",
            Self::Webhook { .. } => "webhook",
            Self::KeyExchange(_) => "key_exchange",
        }
        .into()
    }
}
