//! Group commit: what waits while a transaction is under way shares the next one.

use super::shared::Shared;
use super::trouble::Trouble;
use gateway_core::journal::JournalError;
use gateway_core::sdk::BoxFuture;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};

/// Results in the order of the work.
pub(super) type Results<O> = Vec<Result<O, JournalError>>;

/// Carries out some work in as few transactions as it can.
pub(super) type Run<I, O> = for<'a> fn(&'a Shared, &'a [I]) -> BoxFuture<'a, Result<Results<O>, Trouble>>;

type Waiting<I, O> = (I, oneshot::Sender<Result<O, JournalError>>);

/// Where work is handed in.
pub(super) struct Batcher<I, O> {
    sender: mpsc::Sender<Waiting<I, O>>,
}

impl<I: Send + Sync + 'static, O: Send + 'static> Batcher<I, O> {
    /// Starts `tasks` tasks on the runtime this is called on.
    pub(super) fn start(shared: &Arc<Shared>, tasks: usize, run: Run<I, O>) -> Self {
        let (sender, receiver) = mpsc::channel(shared.options.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..tasks {
            tokio::spawn(serve(Arc::clone(shared), Arc::clone(&receiver), run));
        }
        Self { sender }
    }

    /// Hands in work and waits until it is durable.
    pub(super) async fn run(&self, work: I) -> Result<O, JournalError> {
        let gone = || JournalError::Broken("the journal is closed".into());
        let (reply, answer) = oneshot::channel();
        self.sender.send((work, reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn serve<I: Send + Sync, O: Send>(
    shared: Arc<Shared>,
    receiver: Arc<Mutex<mpsc::Receiver<Waiting<I, O>>>>,
    run: Run<I, O>,
) {
    loop {
        let mut waiting = Vec::new();
        if receiver
            .lock()
            .await
            .recv_many(&mut waiting, shared.options.batch)
            .await
            == 0
        {
            return;
        }
        let (work, replies): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        let results = all(&shared, &work, run).await;
        for (reply, result) in replies.into_iter().zip(results) {
            // A caller that has gone away does not undo what is durable.
            let _ = reply.send(result);
        }
    }
}

/// Tries all together; one by one when the content of one may be what the database refuses.
async fn all<I: Sync, O>(shared: &Shared, work: &[I], run: Run<I, O>) -> Results<O> {
    match again(shared, work, run).await {
        Ok(results) => results,
        Err(trouble) if trouble.is_of_content() && work.len() > 1 => {
            let mut results = Vec::with_capacity(work.len());
            for one in work.chunks(1) {
                let result = match again(shared, one, run).await {
                    Ok(mut results) => results.pop(),
                    Err(trouble) => Some(Err(trouble.told())),
                };
                results.push(result.unwrap_or_else(|| Err(JournalError::Broken("the work was not done".into()))));
            }
            results
        }
        Err(trouble) => work.iter().map(|_| Err(trouble.told())).collect(),
    }
}

/// Tries again after a collision with another node.
async fn again<I: Sync, O>(shared: &Shared, work: &[I], run: Run<I, O>) -> Result<Results<O>, Trouble> {
    for _ in 0..4 {
        match run(shared, work).await {
            Err(trouble) if trouble.is_collision() => tracing::debug!("journal transactions collided, trying again"),
            other => return other,
        }
    }
    run(shared, work).await
}
