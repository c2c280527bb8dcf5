//! Threads that read, each with a connection of its own, so that no runtime waits for the disk and no read waits for
//! the writer.

use super::trouble::{Trouble, breaks_connection, told};
use super::{Options, connect};
use gateway_core::journal::JournalError;
use rusqlite::Connection;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use tokio::sync::{Semaphore, oneshot};

/// Reads that wait, over all threads; more callers wait for room.
const WAITING: usize = 512;

type Read = Box<dyn FnOnce(Result<&Connection, JournalError>) -> bool + Send>;

/// See the module.
pub(super) struct Readers {
    reads: Option<Sender<Read>>,
    room: Semaphore,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(path: &Path, options: &Options) -> io::Result<Self> {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = (0..options.readers.max(1))
            .map(|n| {
                let (path, options, receiver) = (path.to_owned(), options.clone(), Arc::clone(&receiver));
                Builder::new()
                    .name(format!("journal-read-{n}"))
                    .spawn(move || serve(&path, &options, &receiver))
            })
            .collect::<io::Result<_>>()?;
        Ok(Self {
            reads: Some(sender),
            room: Semaphore::new(WAITING),
            threads,
        })
    }

    /// Runs a read on one of the threads.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Trouble> + Send + 'static,
    {
        let gone = || JournalError::Broken("the journal is closed".into());
        let _room = self.room.acquire().await.map_err(|_| gone())?;
        let (reply, answer) = oneshot::channel();
        let read: Read = Box::new(move |connection| {
            let (result, sound) = match connection.map(work) {
                Ok(Ok(value)) => (Ok(value), true),
                Ok(Err(Trouble::Refused(error))) | Err(error) => (Err(error), true),
                Ok(Err(Trouble::Storage(error))) => (Err(told(&error)), !breaks_connection(&error)),
            };
            let _ = reply.send(result);
            sound
        });
        self.reads.as_ref().ok_or_else(gone)?.send(read).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Finishes what waits and ends the threads.
    pub(super) fn stop(&mut self) {
        self.reads = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn serve(path: &Path, options: &Options, reads: &Mutex<Receiver<Read>>) {
    let mut connection: Option<Connection> = None;
    loop {
        let next = reads.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(read) = next else { return };
        let sound = match &connection {
            Some(open) => read(Ok(open)),
            None => match connect::reader(path, options) {
                Ok(open) => read(Ok(connection.insert(open))),
                Err(error) => read(Err(told(&error))),
            },
        };
        if !sound {
            connection = None;
        }
    }
}
