//! A whole gateway inside the test's process, from a set-up on disk to its two ports.

use crate::neighbours::Neighbours;
use crate::run::Targets;
use crate::setup::Setup;
use gateway::config::{self, Given, Machine};
use gateway::wiring::{self, Running, Seams};

/// A running gateway; [`Inside::stop`] ends it in order.
pub struct Inside {
    running: Running,
}

impl Inside {
    /// Starts the gateway of a set-up.
    ///
    /// # Errors
    /// Every complaint about the set-up, or why it did not start.
    pub async fn start(setup: &Setup) -> Result<Self, String> {
        Self::start_with(setup, Seams::default()).await
    }

    /// Starts it with seams.
    ///
    /// # Errors
    /// As [`Inside::start`].
    pub async fn start_with(setup: &Setup, seams: Seams) -> Result<Self, String> {
        let (path, secrets) = (setup.path().to_owned(), setup.secrets().to_vec());
        // Starting and stopping block; the gateway's threads are its own.
        let starting = tokio::task::spawn_blocking(move || {
            let known = secrets.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let built = config::from_disk(&path, &Given::new(known, Machine), None)
                .map_err(|complaints| complaints.iter().map(|c| format!("{c:?}\n")).collect::<String>())?;
            wiring::start_with(built, &seams).map_err(|error| error.to_string())
        });
        let running = starting.await.map_err(|error| error.to_string())??;
        Ok(Self { running })
    }

    /// Where stories are played.
    #[must_use]
    pub fn targets(&self, setup: &Setup, neighbours: &Neighbours) -> Targets {
        neighbours.push_to(&format!("http://{}", self.running.public()));
        Targets {
            gateway: format!("http://{}", self.running.public()),
            operator: format!("http://{}", self.running.operator()),
            sims: neighbours.addresses(),
            keys: setup.keys().clone(),
            run: format!("{:08x}", fastrand::u32(..)),
        }
    }

    /// Stops it and waits for the end.
    ///
    /// # Errors
    /// When stopping panicked.
    pub async fn stop(self) -> Result<(), String> {
        let stopping = tokio::task::spawn_blocking(move || self.running.stop());
        stopping.await.map_err(|error| error.to_string())
    }
}
