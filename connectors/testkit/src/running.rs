//! A started simulator as the kit sees it: where it is, how to prove who we are, how to make it misbehave, and how many
//! effects it counts. The connector's test entry fills it from its simulator; the kit depends on none.

use std::any::Any;
use std::fmt;

/// A way to misbehave that trials ask a simulator for. Each bites the next request only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehave {
    /// Says that our credentials have expired, in the system's own form; nothing was done.
    CredentialExpired,
    /// Asks us to slow down, naming a time if the system ever does; nothing was done.
    Throttled,
    /// A success status with an error body; nothing was done.
    ErrorUnderSuccess,
    /// Does the work, then closes the connection without an answer.
    HangUpAfterStoring,
    /// Closes the connection before doing anything.
    HangUpBeforeStoring,
}

type Credentials = Box<dyn Fn() -> Vec<(String, String)> + Send + Sync>;
type Switch = Box<dyn Fn(Misbehave) -> bool + Send + Sync>;
type Effects = Box<dyn Fn() -> u64 + Send + Sync>;

/// A running simulator. It goes down when this is dropped, so `keep` holds whatever keeps it up.
pub struct Running {
    pub(crate) base_url: String,
    pub(crate) credentials: Credentials,
    pub(crate) misbehave: Switch,
    pub(crate) effects: Option<Effects>,
    _keep: Box<dyn Any + Send + Sync>,
}

impl Running {
    /// A simulator at `http://host:port[/prefix]`, kept up by `keep`.
    pub fn new(base_url: impl Into<String>, keep: impl Any + Send + Sync) -> Self {
        Self {
            base_url: base_url.into(),
            credentials: Box::new(Vec::new),
            misbehave: Box::new(|_| false),
            effects: None,
            _keep: Box::new(keep),
        }
    }

    /// The headers that prove who we are. Asked once at the start and once for every refresh.
    #[must_use]
    pub fn credentials(mut self, headers: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static) -> Self {
        self.credentials = Box::new(headers);
        self
    }

    /// The fault switch; `false` means that this simulator cannot play the fault.
    #[must_use]
    pub fn misbehave(mut self, switch: impl Fn(Misbehave) -> bool + Send + Sync + 'static) -> Self {
        self.misbehave = Box::new(switch);
        self
    }

    /// Counts everything that ever took effect in the system (records made or changed), over all operations.
    #[must_use]
    pub fn effects(mut self, count: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.effects = Some(Box::new(count));
        self
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Running({})", self.base_url)
    }
}
