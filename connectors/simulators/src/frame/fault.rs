//! The named ways in which a system misbehaves, and where each of them bites.

use serde::{Deserialize, Serialize};

use super::http::{Endpoint, Role};

/// One way to misbehave. The JSON form names it in `fault`, with its settings beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Does the work, then answers late: a client that gives up must not conclude that nothing happened.
    Slow {
        /// Milliseconds before the answer.
        ms: u64,
    },
    /// Waits, then does the work even if the client has left.
    SlowToStore {
        /// Milliseconds before the work.
        ms: u64,
    },
    /// Closes the connection; nothing was done.
    HangUpBeforeStoring,
    /// Does the work, then closes the connection without an answer.
    HangUpAfterStoring,
    /// Does the work, sends the head and half of the body, then closes.
    HalfReply,
    /// HTTP 200 whose body says that it failed; nothing was done.
    OkWithErrorBody,
    /// Does the work, answers success without the id.
    CreatedWithoutId,
    /// 401: the connector says the token is spent (900901, 900903, 900904), or the system does.
    TokenExpired {
        /// Connector fault code.
        #[serde(default = "code_expired")]
        code: u32,
    },
    /// 429, with `Retry-After`, with `nextAccessTime` in the body, or with neither.
    Throttled {
        /// Connector fault code 900800–900806; 0 for a plain 429 of the system itself.
        #[serde(default = "code_throttled")]
        code: u32,
        /// Seconds for `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
        /// Seconds ahead for `nextAccessTime`.
        #[serde(default)]
        next_access: Option<u64>,
    },
    /// 503 of the system itself; nothing was done.
    Unavailable {
        /// Seconds for `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 503 with connector fault 303001; nothing was done.
    EndpointSuspended,
    /// 504 with connector fault 101504: the connector gave up waiting for the system.
    BackendTimeout {
        /// Whether the system did the work all the same.
        #[serde(default)]
        stored: bool,
    },
    /// Any connector fault by its code, in JSON.
    GatewayFault {
        /// Connector fault code.
        code: u32,
    },
    /// A connector fault in XML, whatever was asked for.
    XmlFault {
        /// Connector fault code.
        #[serde(default = "code_connect_failed")]
        code: u32,
    },
    /// A proxy's HTML page; nothing was done.
    HtmlErrorPage {
        /// HTTP status, 502 or 403 as a rule; 200 is the nastiest.
        #[serde(default = "status_bad_gateway")]
        status: u16,
    },
    /// Does the work, then answers something that is not JSON.
    InvalidJson,
    /// Lists every row twice.
    Duplicates,
    /// Lists rows in another order.
    OutOfOrder,
    /// Lists nothing.
    EmptyList,
    /// Answers page 1 for every page, with a next page, for ever.
    RepeatedPage,
    /// Refuses because it is night; nothing was done.
    OutOfHours,
}

/// Where in a request's life a fault bites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Instead of the work.
    Instead,
    /// Inside the work: the system itself plays it.
    Within,
    /// On the answer.
    After,
    /// Only on the time it takes.
    Delay,
}

impl Fault {
    /// The name of the fault, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Slow { .. } => "slow",
            Self::SlowToStore { .. } => "slow_to_store",
            Self::HangUpBeforeStoring => "hang_up_before_storing",
            Self::HangUpAfterStoring => "hang_up_after_storing",
            Self::HalfReply => "half_reply",
            Self::OkWithErrorBody => "ok_with_error_body",
            Self::CreatedWithoutId => "created_without_id",
            Self::TokenExpired { .. } => "token_expired",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable { .. } => "unavailable",
            Self::EndpointSuspended => "endpoint_suspended",
            Self::BackendTimeout { .. } => "backend_timeout",
            Self::GatewayFault { .. } => "gateway_fault",
            Self::XmlFault { .. } => "xml_fault",
            Self::HtmlErrorPage { .. } => "html_error_page",
            Self::InvalidJson => "invalid_json",
            Self::Duplicates => "duplicates",
            Self::OutOfOrder => "out_of_order",
            Self::EmptyList => "empty_list",
            Self::RepeatedPage => "repeated_page",
            Self::OutOfHours => "out_of_hours",
        }
    }

    /// Every fault once, with settings that suit a test of many requests.
    pub fn all() -> Vec<Self> {
        vec![
            Self::Slow { ms: 20 },
            Self::HangUpBeforeStoring,
            Self::HangUpAfterStoring,
            Self::HalfReply,
            Self::OkWithErrorBody,
            Self::CreatedWithoutId,
            Self::TokenExpired { code: code_expired() },
            Self::Throttled {
                code: code_throttled(),
                retry_after: Some(1),
                next_access: None,
            },
            Self::Throttled {
                code: 900_800,
                retry_after: None,
                next_access: Some(1),
            },
            Self::Unavailable { retry_after: None },
            Self::EndpointSuspended,
            Self::BackendTimeout { stored: false },
            Self::BackendTimeout { stored: true },
            Self::XmlFault {
                code: code_connect_failed(),
            },
            Self::HtmlErrorPage { status: 502 },
            Self::HtmlErrorPage { status: 403 },
            Self::InvalidJson,
            Self::Duplicates,
            Self::OutOfOrder,
            Self::EmptyList,
            Self::RepeatedPage,
            Self::OutOfHours,
        ]
    }

    /// Whether the fault can be played at an endpoint at all; elsewhere its rule is not drawn.
    pub fn applies_to(&self, endpoint: Endpoint) -> bool {
        match self {
            Self::CreatedWithoutId => endpoint.role == Role::Create,
            Self::Duplicates | Self::OutOfOrder | Self::EmptyList | Self::RepeatedPage => endpoint.role == Role::List,
            _ => true,
        }
    }

    pub(crate) fn stage(&self) -> Stage {
        match self {
            Self::Slow { .. } | Self::SlowToStore { .. } => Stage::Delay,
            Self::HangUpAfterStoring | Self::HalfReply | Self::InvalidJson | Self::BackendTimeout { stored: true } => {
                Stage::After
            }
            Self::CreatedWithoutId | Self::Duplicates | Self::OutOfOrder | Self::EmptyList | Self::RepeatedPage => {
                Stage::Within
            }
            Self::HangUpBeforeStoring
            | Self::OkWithErrorBody
            | Self::TokenExpired { .. }
            | Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::EndpointSuspended
            | Self::BackendTimeout { stored: false }
            | Self::GatewayFault { .. }
            | Self::XmlFault { .. }
            | Self::HtmlErrorPage { .. }
            | Self::OutOfHours => Stage::Instead,
        }
    }
}

fn code_expired() -> u32 {
    900_903
}

fn code_throttled() -> u32 {
    900_802
}

fn code_connect_failed() -> u32 {
    101_503
}

fn status_bad_gateway() -> u16 {
    502
}
