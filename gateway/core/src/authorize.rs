//! Room 7: what the caller may. Default deny. A grant ties a consumer to an operation with purpose, legal basis,
//! agreement number and validity; an expired one is refused with the reason.

use crate::catalogue::Published;
use crate::fields::Fields;
use crate::identity::{Consumer, Identified};
use crate::outcome::Refusal;
use crate::quota::Limiter;
use jiff::Timestamp;
use std::sync::Arc;

/// The right of a consumer to an operation.
pub struct Grant {
    /// Why the data is exchanged; recorded with every exchange.
    pub purpose: String,
    /// Legal basis.
    pub legal_basis: String,
    /// Number of the agreement.
    pub agreement: String,
    /// First moment it holds.
    pub from: Option<Timestamp>,
    /// First moment it no longer holds.
    pub until: Option<Timestamp>,
    /// Members that may pass, in both directions; `None`: all (of a copy: all without personal data).
    pub fields: Option<Fields>,
    /// Quota of this consumer on this operation.
    pub limiter: Limiter,
}

impl Grant {
    /// Whether it holds at this moment.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| now >= from) && self.until.is_none_or(|until| now < until)
    }
}

/// Proof that a valid grant exists.
#[derive(Clone)]
pub struct Permitted {
    consumer: Arc<Consumer>,
    grant: Arc<Grant>,
}

impl Permitted {
    /// The caller.
    pub fn consumer(&self) -> &Arc<Consumer> {
        &self.consumer
    }

    /// The grant.
    pub fn grant(&self) -> &Arc<Grant> {
        &self.grant
    }
}

/// Finds the grant and checks its validity.
pub fn authorize(who: &Identified, operation: &Published, now: Timestamp) -> Result<Permitted, Refusal> {
    permit(who, &operation.id, now)
}

/// The same for a right that is no operation of a system, such as uploading a file.
///
/// # Errors
/// Without a grant that holds now.
pub fn permit(who: &Identified, operation: &str, now: Timestamp) -> Result<Permitted, Refusal> {
    let consumer = who.consumer();
    let Some(grant) = consumer.grants.get(operation) else {
        return Err(Refusal::NoGrant {
            consumer: consumer.id.clone(),
            operation: operation.to_owned(),
        });
    };
    if grant.from.is_some_and(|from| now < from) {
        return Err(Refusal::GrantNotYet {
            agreement: grant.agreement.clone(),
        });
    }
    if grant.until.is_some_and(|until| now >= until) {
        return Err(Refusal::GrantExpired {
            agreement: grant.agreement.clone(),
        });
    }
    Ok(Permitted {
        consumer: Arc::clone(consumer),
        grant: Arc::clone(grant),
    })
}
