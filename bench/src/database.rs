//! Where the journal of a round is: a file of the round's folder, or a schema of its own in a PostgreSQL, made by the gateway
//! and dropped afterwards.

use crate::Failure;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_postgres::NoTls;

/// A journal that nobody has written to.
pub(crate) enum Place {
    /// A file beside the set-up.
    Sqlite,
    /// A schema.
    Postgres { variable: String, schema: String },
}

/// A fresh journal; in the database that the variable names, if one is given.
pub(crate) async fn fresh(variable: Option<&str>) -> Result<Place, Failure> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Some(variable) = variable else {
        return Ok(Place::Sqlite);
    };
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let place = Place::Postgres {
        variable: variable.to_owned(),
        schema: format!("uji_beban_{}_{number}", std::process::id()),
    };
    place.clear().await?;
    Ok(place)
}

impl Place {
    /// Its name in reports.
    pub(crate) fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The lines of `[simpul.jurnal]`, with what they name written into `folder`.
    pub(crate) fn lines(&self, folder: &Path) -> Result<String, Failure> {
        match self {
            Self::Sqlite => Ok(format!("berkas = \"{}\"", folder.join("jurnal.sqlite").display())),
            Self::Postgres { variable, schema } => {
                // Nodes on a shared journal have one master key; this one is made for the run.
                let master = folder.join("induk");
                std::fs::write(&master, "07".repeat(32))?;
                let master = master.display();
                Ok(format!(
                    "jenis = \"postgres\"\nkoneksi = {{ env = \"{variable}\" }}\nskema = \"{schema}\"\n\
                     kunci_induk = {{ file = \"{master}\" }}"
                ))
            }
        }
    }

    /// Drops the schema; the file goes with its folder.
    pub(crate) async fn clear(&self) -> Result<(), Failure> {
        let Self::Postgres { variable, schema } = self else {
            return Ok(());
        };
        #[expect(clippy::disallowed_methods, reason = "a measuring program reads its own environment")]
        let connection = std::env::var(variable).map_err(|_| format!("${variable} is not set"))?;
        let (client, driver) = tokio_postgres::connect(&connection, NoTls).await?;
        let driver = tokio::spawn(driver);
        client
            .batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))
            .await?;
        drop(client);
        driver.await??;
        Ok(())
    }
}
