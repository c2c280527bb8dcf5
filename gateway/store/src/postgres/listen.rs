//! Waking across nodes: one connection listens, and one task tells. Not within the transactions themselves: a
//! `NOTIFY` makes commits wait for each other. Both only save time; work that falls due is found without them.

use super::Trouble;
use super::connect::greeting;
use super::shared::Shared;
use super::tls::Tls;
use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::AsyncMessage;

fn channel(schema: &str) -> String {
    format!("journal_{schema}")
}

/// Listens for ever, opening the connection again whenever it breaks.
pub(super) async fn listen(shared: Arc<Shared>) {
    let mut pause = Duration::from_millis(100);
    loop {
        match listen_once(&shared).await {
            Ok(()) => pause = Duration::from_millis(100),
            Err(trouble) => {
                let error = trouble.told();
                tracing::warn!(%error, "journal listener could not connect");
                pause = (pause * 2).min(Duration::from_secs(5));
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// `Ok` when it had listened and the connection ended.
async fn listen_once(shared: &Arc<Shared>) -> Result<(), Trouble> {
    let options = &shared.options;
    let (client, mut connection) = options.database.connect(Tls::new(&options.protection)?).await?;
    let heard = Arc::clone(shared);
    let driver = tokio::spawn(async move {
        let mut messages = poll_fn(move |cx| connection.poll_message(cx));
        while let Some(Ok(message)) = messages.next().await {
            if matches!(message, AsyncMessage::Notification(_)) {
                heard.wake_here();
            }
        }
    });
    client.batch_execute(&greeting(&options.schema)).await?;
    client
        .batch_execute(&format!("LISTEN {}", channel(&options.schema)))
        .await?;
    // Something may have been said before.
    shared.wake_here();
    let _ = driver.await;
    drop(client);
    Ok(())
}

/// Tells the other nodes, at most a hundred times a second.
pub(super) async fn tell(shared: Arc<Shared>) {
    let notify = format!("NOTIFY {}", channel(&shared.options.schema));
    loop {
        shared.tell.notified().await;
        if let Ok(client) = shared.pool.get().await
            && let Err(error) = client.batch_execute(&notify).await
        {
            tracing::debug!(%error, "journal could not tell other nodes");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
