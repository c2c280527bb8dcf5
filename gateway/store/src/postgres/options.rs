//! Where the database is, and who this node is.

use super::tls::{self, Protection};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// Called at each named step of the write path; see [`Options::fail`].
pub type FailPoint = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Called with the number of pieces of work that one commit made durable; see [`Options::committed`].
pub type Committed = Arc<dyn Fn(usize) + Send + Sync>;

/// Settings of a [`PgJournal`](super::PgJournal).
#[derive(Clone)]
pub struct Options {
    /// Host, port, database, user, password. The gateway reads them from configuration and secrets.
    pub database: Config,
    /// How connections to it are protected.
    pub protection: Protection,
    /// Schema that holds the tables; made when missing. Lower case letters, digits and `_`.
    pub schema: String,
    /// Name of this node: its evidence chain. Each node of a city has its own, and keeps it over restarts.
    pub node: String,
    /// Most connections of this node, besides the one that listens.
    pub connections: usize,
    /// Most pieces of work that share one transaction.
    pub batch: usize,
    /// Most pieces of work that wait in memory; more callers wait for room.
    pub queue: usize,
    /// Longest wait for a connection.
    pub patience: Duration,
    /// For crash tests: called with `before_begin`, `before_commit`, `after_commit` and `before_answer` of each
    /// transaction of accepts and settlements, so that a test program can end itself exactly there. `None` in
    /// production.
    pub fail: Option<FailPoint>,
    /// Called after each commit with how much work it made durable at once: the size of the group. For metrics.
    pub committed: Option<Committed>,
}

impl Options {
    /// Usual values for a database and a node, without TLS.
    pub fn new(database: Config, node: impl Into<String>) -> Self {
        Self {
            database,
            protection: Protection::None,
            schema: "simpul".into(),
            node: node.into(),
            connections: 8,
            batch: 256,
            queue: 2048,
            patience: Duration::from_secs(5),
            fail: None,
            committed: None,
        }
    }
}

impl Options {
    /// Usual values for a connection string, as libpq writes it or as a URL; `None` when it is neither, names no host, or
    /// has an `sslmode` that may end in the clear. Why is not told: the text may hold a password.
    pub fn parse(connection: &str, node: impl Into<String>) -> Option<Self> {
        let (rest, protection) = tls::taken(connection)?;
        let mut database: Config = rest.parse().ok()?;
        database.ssl_mode(match protection {
            Protection::None => SslMode::Disable,
            Protection::Verified { .. } => SslMode::Require,
        });
        let named = !database.get_hosts().is_empty() || !database.get_hostaddrs().is_empty();
        named.then(|| Self {
            protection,
            ..Self::new(database, node)
        })
    }

    /// Hosts, ports, database and schema, for messages: no user and no password.
    pub fn place(&self) -> String {
        let named = self.database.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let mut hosts: Vec<String> = named.collect();
        if hosts.is_empty() {
            hosts.extend(self.database.get_hostaddrs().iter().map(ToString::to_string));
        }
        let ports = self.database.get_ports();
        let at = |(n, host): (usize, &String)| {
            let port = ports.get(n).or(ports.first()).copied().unwrap_or(5432);
            format!("{host}:{port}")
        };
        let hosts: Vec<String> = hosts.iter().enumerate().map(at).collect();
        let name = self.database.get_dbname().unwrap_or_default();
        format!("{}/{name} ({})", hosts.join(","), self.schema)
    }
}

/// The connection is left out: it may hold a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("schema", &self.schema)
            .field("node", &self.node)
            .field("connections", &self.connections)
            .field("batch", &self.batch)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
