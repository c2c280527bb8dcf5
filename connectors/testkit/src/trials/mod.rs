//! The trials, grouped by what they hold the connector to. Each is one function from the context and the id of its
//! subject to findings; none knows another.

pub(crate) mod descriptor;
pub(crate) mod effect;
pub(crate) mod errors;
pub(crate) mod fixtures;
pub(crate) mod golden;
pub(crate) mod health;
pub(crate) mod hook;
pub(crate) mod mirror;
pub(crate) mod page;
pub(crate) mod secrets;
pub(crate) mod settings;
pub(crate) mod timing;
pub(crate) mod tolerance;
