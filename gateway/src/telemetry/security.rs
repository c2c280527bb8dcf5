//! Security events: one closed list of codes, each counted and written as one log line. Called by the meters, which hear of
//! every refusal, and by the guard of the operator port. Lines name who and what by configuration and ids, never content.

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityEvent {
    /// A credential was missing, unknown, withdrawn or over.
    IdentityRefused,
    /// A known caller asked for what it has no right to.
    RightMissing,
    /// The right is over, or has not begun.
    RightExpired,
    /// The sender of a push was not proven.
    PushForged,
    /// An idempotency key or a reference was used again for other content.
    ReuseRefused,
    /// A quota was used up.
    QuotaExceeded,
    /// A connection was turned away or had to give way, or no TLS came about.
    ConnectionRefused,
    /// What was sent is no acceptable message.
    MessageRefused,
    /// An address that is not allowed was about to be called.
    EgressRefused,
    /// An operator's token was missing or wrong.
    OperatorRefused,
    /// A person changed something.
    AdminChanged,
    /// A person tried to change something and was refused.
    AdminFailed,
    /// A break-glass pass was used for the first time.
    BreakGlass,
    /// A configuration was put in force.
    ConfigLoaded,
    /// A configuration was refused; the old one stays.
    ConfigRefused,
}

impl SecurityEvent {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::IdentityRefused,
        Self::RightMissing,
        Self::RightExpired,
        Self::PushForged,
        Self::ReuseRefused,
        Self::QuotaExceeded,
        Self::ConnectionRefused,
        Self::MessageRefused,
        Self::EgressRefused,
        Self::OperatorRefused,
        Self::AdminChanged,
        Self::AdminFailed,
        Self::BreakGlass,
        Self::ConfigLoaded,
        Self::ConfigRefused,
    ];

    /// The code in metrics and lines.
    pub fn code(self) -> &'static str {
        match self {
            Self::IdentityRefused => "identity_refused",
            Self::RightMissing => "right_missing",
            Self::RightExpired => "right_expired",
            Self::PushForged => "push_forged",
            Self::ReuseRefused => "reuse_refused",
            Self::QuotaExceeded => "quota_exceeded",
            Self::ConnectionRefused => "connection_refused",
            Self::MessageRefused => "message_refused",
            Self::EgressRefused => "egress_refused",
            Self::OperatorRefused => "operator_refused",
            Self::AdminChanged => "admin_changed",
            Self::AdminFailed => "admin_failed",
            Self::BreakGlass => "break_glass",
            Self::ConfigLoaded => "config_loaded",
            Self::ConfigRefused => "config_refused",
        }
    }

    /// Of the word that a refusal is counted under; `None` for what concerns nobody's security (a wrong field, a full disk).
    pub(super) fn of_refusal(word: &str) -> Option<Self> {
        Some(match word {
            "unidentified" => Self::IdentityRefused,
            "no_grant" | "not_open" | "subject_restricted" => Self::RightMissing,
            "grant_expired" | "grant_not_yet" => Self::RightExpired,
            "key_mismatch" | "reference_mismatch" => Self::ReuseRefused,
            "over_quota" | "share" => Self::QuotaExceeded,
            "accept" | "connections" | "handshake" | "evicted" => Self::ConnectionRefused,
            "body_too_large" | "body_incomplete" | "not_json" | "media_type" => Self::MessageRefused,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SecurityEvent;

    #[test]
    fn every_code_is_documented_once() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/security-events.md")).unwrap();
        for event in SecurityEvent::ALL {
            let row = format!("| `{}` |", event.code());
            assert_eq!(page.matches(&row).count(), 1, "{row}");
        }
        assert_eq!(page.matches("\n| `").count(), SecurityEvent::ALL.len());
    }
}
