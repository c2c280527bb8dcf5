//! Connections kept open between requests, per host. A connection is used by one request at a time; the newest idle one
//! is taken first, so that the others age and go.

use super::address::Peer;
use super::connection::Connection;
use super::egress::Egress;
use super::transport::OutboundLimits;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Semaphore;
use tokio::time::Instant;

struct Host {
    idle: Vec<Connection>,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct Kept {
    hosts: HashMap<Peer, Host>,
    sweeping: bool,
}

/// The connections of one transport.
pub(super) struct Pool {
    kept: Mutex<Kept>,
    limits: OutboundLimits,
}

impl Pool {
    pub(super) fn new(limits: OutboundLimits) -> Self {
        Self {
            kept: Mutex::default(),
            limits,
        }
    }

    /// Permits for requests at once to a host.
    pub(super) fn room(&self, peer: &Peer) -> Arc<Semaphore> {
        let mut kept = self.lock();
        if let Some(host) = kept.hosts.get(peer) {
            return Arc::clone(&host.room);
        }
        let room = Arc::new(Semaphore::new(self.limits.per_host.max(1)));
        kept.hosts.insert(
            peer.clone(),
            Host {
                idle: Vec::new(),
                room: Arc::clone(&room),
            },
        );
        room
    }

    /// A kept connection that is still alive and still allowed.
    pub(super) async fn take(&self, peer: &Peer, egress: &Egress, look: bool) -> Option<Connection> {
        loop {
            let mut connection = self.lock().hosts.get_mut(peer)?.idle.pop()?;
            let allowed = egress.judge(&peer.host, peer.port, connection.address()).is_ok();
            if allowed && self.fresh(&connection, Instant::now()) && connection.wakes(look).await {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose reply was taken in completely.
    pub(super) fn give(self: &Arc<Self>, peer: &Peer, mut connection: Connection) {
        if connection.is_closed() {
            return;
        }
        connection.rest();
        let mut kept = self.lock();
        let Some(host) = kept.hosts.get_mut(peer) else { return };
        if host.idle.len() < self.limits.idle_per_host {
            host.idle.push(connection);
        }
        if !std::mem::replace(&mut kept.sweeping, true) {
            tokio::spawn(sweep(Arc::downgrade(self), self.limits.idle));
        }
    }

    fn fresh(&self, connection: &Connection, now: Instant) -> bool {
        let (opened, used) = connection.times();
        !connection.is_closed() && now - used < self.limits.idle && now - opened < self.limits.age
    }

    /// Drops what is dead or old; `false` when nothing is kept any more.
    fn tidy(&self) -> bool {
        let now = Instant::now();
        let mut kept = self.lock();
        for host in kept.hosts.values_mut() {
            host.idle.retain(|connection| self.fresh(connection, now));
        }
        // A host without connections and without requests under way is forgotten.
        kept.hosts
            .retain(|_, host| !host.idle.is_empty() || Arc::strong_count(&host.room) > 1);
        kept.sweeping = kept.hosts.values().any(|host| !host.idle.is_empty());
        kept.sweeping
    }

    #[cfg(test)]
    pub(super) fn idle(&self) -> usize {
        self.lock().hosts.values().map(|host| host.idle.len()).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes idle connections on time even when no request comes by. Ends when nothing is kept.
async fn sweep(pool: Weak<Pool>, every: std::time::Duration) {
    loop {
        tokio::time::sleep(every / 2).await;
        match pool.upgrade() {
            Some(pool) if pool.tidy() => {}
            _ => return,
        }
    }
}
