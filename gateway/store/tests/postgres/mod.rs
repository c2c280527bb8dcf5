//! The journal on PostgreSQL. Run when `SIMPUL_TEST_PG` names a database (`host=… port=… user=… dbname=…`); each test
//! has its own schema there and drops it.

mod list;
mod migrate;
mod mirror;
mod nodes;
mod tls;

use futures_util::StreamExt;
use gateway_core::journal::suite;
use gateway_store::PgJournal;
use gateway_store::postgres::Options;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_postgres::{Config, NoTls};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A schema of its own, dropped at the end.
struct Place {
    database: Config,
    schema: String,
}

impl Place {
    /// `None` without a database; the test then says so and passes.
    fn find() -> Option<Self> {
        #[allow(clippy::disallowed_methods, reason = "tests alone may ask where their database is")]
        let Ok(database) = std::env::var("SIMPUL_TEST_PG") else {
            eprintln!("skipped: SIMPUL_TEST_PG is not set");
            return None;
        };
        let schema = format!("uji_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Some(Self {
            database: database.parse().unwrap(),
            schema,
        })
    }

    async fn open(&self, node: &str) -> PgJournal {
        let options = Options {
            schema: self.schema.clone(),
            ..Options::new(self.database.clone(), node)
        };
        PgJournal::open(options).await.unwrap()
    }

    async fn client(&self) -> tokio_postgres::Client {
        let (client, connection) = self.database.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute(&format!("SET search_path = {}", self.schema))
            .await
            .unwrap();
        client
    }

    async fn end(self) {
        self.client()
            .await
            .batch_execute(&format!("DROP SCHEMA {} CASCADE", self.schema))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn files_keep() {
    let Some(place) = Place::find() else { return };
    crate::files::keep(&place.open("simpul-1").await).await;
    place.end().await;
}

#[tokio::test]
async fn pieces_keep() {
    let Some(place) = Place::find() else { return };
    crate::files::keep_pieces(&place.open("simpul-1").await).await;
    place.end().await;
}

#[tokio::test]
async fn mirrors_hold() {
    for trial in gateway_core::mirror::suite::trials() {
        let Some(place) = Place::find() else { return };
        (trial.run)(Arc::new(place.open("simpul-1").await))
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
        place.end().await;
    }
}

#[tokio::test]
async fn suite_holds() {
    if Place::find().is_none() {
        return;
    }
    let trials = futures_util::stream::iter(suite::trials()).map(|trial| async move {
        let place = Place::find().unwrap();
        let journal = Arc::new(place.open("simpul-1").await);
        (trial.run)(journal)
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
        place.end().await;
    });
    trials.buffer_unordered(6).collect::<Vec<()>>().await;
}
