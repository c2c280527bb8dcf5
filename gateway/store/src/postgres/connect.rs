//! Connections: the pool and what each session is told at its start.

use super::tls::Tls;
use super::{Options, Trouble};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};

/// What each session is told. Plans go by index whatever the statistics of a new table say; a commit is a promise.
pub(super) fn greeting(schema: &str) -> String {
    format!(
        "SET search_path = {schema}; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
         SET jit = off; SET default_transaction_isolation = 'read committed';
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
}

pub(super) fn pool(options: &Options) -> Result<Pool, Trouble> {
    let manager = Manager::from_config(
        options.database.clone(),
        Tls::new(&options.protection)?,
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let greeting = greeting(&options.schema);
    Pool::builder(manager)
        .max_size(options.connections.max(4))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(options.patience))
        .create_timeout(Some(options.patience))
        .post_create(Hook::async_fn(move |client, _| {
            let greeting = greeting.clone();
            Box::pin(async move { client.batch_execute(&greeting).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|e| Trouble::words(format!("cannot set up the connection pool: {e}")))
}

/// Whether a schema's name can stand in a statement as it is.
pub fn is_plain(schema: &str) -> bool {
    let mut letters = schema.chars();
    letters.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && schema.len() <= 63
}
