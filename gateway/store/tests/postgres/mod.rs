//! The journal on PostgreSQL. Run when `SIMPUL_TEST_PG` names a database (`host=… port=… user=… dbname=…`); each test
//! has its own schema there and drops it.

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
async fn suite_holds() {
    for trial in suite::trials() {
        let Some(place) = Place::find() else { return };
        let journal = Arc::new(place.open("simpul-1").await);
        (trial.run)(journal)
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
        place.end().await;
    }
}
