//! Where the database is, and who this node is.

use std::fmt;
use std::time::Duration;
use tokio_postgres::Config;

/// Settings of a [`PgJournal`](super::PgJournal).
#[derive(Clone)]
pub struct Options {
    /// Host, port, database, user, password. The gateway reads them from configuration and secrets.
    pub database: Config,
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
}

impl Options {
    /// Usual values for a database and a node.
    pub fn new(database: Config, node: impl Into<String>) -> Self {
        Self {
            database,
            schema: "simpul".into(),
            node: node.into(),
            connections: 8,
            batch: 256,
            queue: 2048,
            patience: Duration::from_secs(5),
        }
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
