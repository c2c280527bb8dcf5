//! The two credentials of the third generation: the bearer with its prefix exactly once, and the token in braces.

use super::{Lapor, envelope};
use crate::frame::{Answer, Request, splp};

impl Lapor {
    pub(super) fn check_credentials(&self, request: &Request) -> Result<(), Answer> {
        let options = &self.options;
        let refuse = |code: u32| match options.splp {
            true => splp::json_fault(code),
            false => envelope(401, "Unauthenticated."),
        };
        let bearer = request.header(&options.bearer_header).ok_or_else(|| refuse(900_902))?;
        if bearer.strip_prefix("Bearer ") != Some(options.bearer.as_str()) {
            return Err(refuse(900_901));
        }
        // The service behind the connector checks the second credential itself.
        match request.header(&options.token_header) {
            Some(token) if token == options.token => Ok(()),
            _ => Err(envelope(401, "Token tidak valid")),
        }
    }
}
