//! Limits of the edge, all from configuration. Every one fires: timers are installed, caps are enforced.

use std::time::Duration;

/// What a connection and a call may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// Open connections over all threads; further ones are closed at once.
    pub connections: usize,
    /// Calls worked on at once over all threads; further ones are shed with 503.
    pub concurrency: usize,
    /// Of these, so many for one consumer; it hears 429 beyond.
    pub per_consumer: usize,
    /// Time to complete a TLS handshake.
    pub handshake: Duration,
    /// Time to send the whole request head.
    pub header_time: Duration,
    /// Time to send the whole body.
    pub body_time: Duration,
    /// Time for a whole call, after which the caller hears 504 or 202.
    pub total_time: Duration,
    /// Idle time of a kept-alive connection.
    pub idle_time: Duration,
    /// Requests of one connection; the last answer says that it closes.
    pub requests: u64,
    /// Age of a connection after which the next answer is its last.
    pub age: Duration,
    /// Largest request head in bytes.
    pub header_bytes: usize,
    /// Most header fields.
    pub header_count: usize,
    /// Largest file that may be uploaded, in bytes.
    pub file_bytes: u64,
    /// HTTP/2 streams at once per connection.
    pub streams: u32,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            concurrency: 2_000,
            per_consumer: 1_000,
            handshake: Duration::from_secs(5),
            header_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            total_time: Duration::from_secs(120),
            idle_time: Duration::from_secs(60),
            requests: 1_000_000,
            age: Duration::from_secs(3600),
            header_bytes: 32 * 1024,
            header_count: 100,
            file_bytes: 50 * 1024 * 1024,
            streams: 100,
        }
    }
}
