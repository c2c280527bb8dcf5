//! The exchange: authorize, limit, validate, accept, route, deliver, record.
