//! Where secrets come from. Configuration only names them (`{ env = "NAMA" }` or `{ file = "jalur" }`); they are read
//! here, once per build, and nowhere else. This is the only module that may look at the environment.

use crate::wiring::SystemClock;
use connector_sdk::{Secret, Text};
use gateway_core::time::Clock;
use jiff::tz::offset;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The name of a secret. Holds no value, so it may be printed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file; its last line break is not part of the secret.
    File(PathBuf),
}

/// Gives the value behind a name.
pub trait Vault: Send + Sync {
    /// Reads it, or says in words why not.
    fn read(&self, name: &SecretRef) -> Result<Secret, Text>;
    /// The year that runs in the city; a supplied token is for one year.
    fn year(&self) -> i16;
}

/// The environment and the files of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Vault for Machine {
    fn read(&self, name: &SecretRef) -> Result<Secret, Text> {
        match name {
            SecretRef::Env(variable) => environment(variable).map(Secret::new).ok_or_else(|| {
                Text::owned(
                    format!("variabel lingkungan {variable} tidak ada"),
                    format!("environment variable {variable} is not set"),
                )
            }),
            SecretRef::File(path) => std::fs::read_to_string(path)
                .map(|text| Secret::new(text.strip_suffix('\n').unwrap_or(&text).trim_end_matches('\r')))
                .map_err(|error| unreadable(path, &error)),
        }
    }

    fn year(&self) -> i16 {
        offset(7).to_datetime(SystemClock.now()).year()
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Text {
    let path = path.display();
    Text::owned(
        format!("berkas {path} tidak dapat dibaca ({error})"),
        format!("file {path} cannot be read ({error})"),
    )
}

/// A variable of the environment. Also used for the language of the command line.
pub(crate) fn environment(variable: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this module is the one place that reads the environment"
    )]
    std::env::var(variable).ok()
}

/// Known values before another vault; for `simpul dev`, whose simulators have public passwords, and for tests.
pub struct Given<V> {
    known: HashMap<SecretRef, Secret>,
    rest: V,
}

impl<V: Vault> Given<V> {
    /// These variables first, then `rest`.
    pub fn new<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>, rest: V) -> Self {
        let known = variables
            .into_iter()
            .map(|(name, value)| (SecretRef::Env(name.to_owned()), Secret::new(value)));
        Self {
            known: known.collect(),
            rest,
        }
    }
}

impl<V: Vault> Vault for Given<V> {
    fn read(&self, name: &SecretRef) -> Result<Secret, Text> {
        self.known
            .get(name)
            .map_or_else(|| self.rest.read(name), |known| Ok(known.clone()))
    }

    fn year(&self) -> i16 {
        self.rest.year()
    }
}
