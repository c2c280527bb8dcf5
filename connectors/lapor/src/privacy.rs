//! The two protections of a report, independent of each other. They fail closed: only a plain `false` lifts one, so a
//! missing or unreadable flag protects.

use serde_json::Value;

/// Protections in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Protection {
    /// The reporter's identity stays with us.
    pub(crate) anonymous: bool,
    /// The report is not shown to the public.
    pub(crate) secret: bool,
}

impl Protection {
    /// Of a canonical report.
    pub(crate) fn of(input: &Value) -> Self {
        let lifted = |flag: &str| matches!(input.get(flag), Some(Value::Bool(false)));
        Self {
            anonymous: !lifted("anonim"),
            secret: !lifted("rahasia"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_plain_false_lifts_a_protection() {
        let both = Protection {
            anonymous: true,
            secret: true,
        };
        for input in [
            json!({}),
            json!({"anonim": null, "rahasia": "false"}),
            json!({"anonim": 0, "rahasia": []}),
        ] {
            assert_eq!(Protection::of(&input), both, "{input}");
        }
        let open = Protection::of(&json!({"anonim": false, "rahasia": true}));
        assert_eq!(
            open,
            Protection {
                anonymous: false,
                secret: true
            }
        );
    }
}
