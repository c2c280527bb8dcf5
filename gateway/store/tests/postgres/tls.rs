//! The journal over TLS, on a server of its own that takes nothing else.

use gateway_core::journal::{Journal, suite};
use gateway_store::PgJournal;
use gateway_store::postgres::{Options, Protection};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

struct Server {
    folder: PathBuf,
    connection: String,
}

impl Server {
    /// `None` where none can be started; the test then says so and passes.
    fn start(parent: &Path) -> Option<Self> {
        let folder = parent.join("pg");
        let _entered = Command::new("chmod").arg("0755").arg(parent).status();
        let output = pg(&["start".as_ref(), folder.as_os_str(), "tls".as_ref()]);
        if !output.status.success() {
            eprintln!("skipped: {}", String::from_utf8_lossy(&output.stderr));
            return None;
        }
        let connection = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Some(Self { folder, connection })
    }

    async fn open(&self, connection: &str, schema: &str) -> Result<PgJournal, String> {
        let options = Options {
            schema: schema.to_owned(),
            ..Options::parse(connection, "simpul-1").expect("a connection")
        };
        PgJournal::open(options).await.map_err(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        pg(&["stop".as_ref(), self.folder.as_os_str()]);
    }
}

fn pg(arguments: &[&std::ffi::OsStr]) -> std::process::Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pg");
    Command::new(script).args(arguments).output().unwrap()
}

#[tokio::test]
async fn a_verified_connection_carries_the_journal_and_nothing_less_does() {
    let parent = tempfile::tempdir().unwrap();
    let Some(server) = Server::start(parent.path()) else {
        return;
    };
    let good = server.connection.clone();
    assert!(matches!(
        Options::parse(&good, "a").unwrap().protection,
        Protection::Verified { ca: Some(_) }
    ));
    for (number, trial) in suite::trials().into_iter().take(5).enumerate() {
        let journal = Arc::new(server.open(&good, &format!("uji_{number}")).await.unwrap());
        (trial.run)(journal)
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
    }
    // `require` verifies as well; so does a URL; waking goes over a connection of its own.
    let url = {
        let word = |name: &str| good.split(' ').find_map(|w| w.strip_prefix(name)).unwrap().to_owned();
        let (port, ca) = (word("port="), word("sslrootcert="));
        format!("postgres://simpul@localhost:{port}/simpul_test?sslmode=require&sslrootcert={ca}")
    };
    let journal = server.open(&url, "uji_url").await.unwrap();
    assert!(journal.ready().await.is_ok());

    let without = good.split(" sslmode").next().unwrap().to_owned();
    let refused = server
        .open(&without, "uji_x")
        .await
        .err()
        .expect("the server takes no plain connection");
    assert!(
        refused.contains("encryption") || refused.contains("pg_hba"),
        "{refused}"
    );
    // Another authority, the machine's roots, another name of the same server.
    let other = parent.path().join("other.pem");
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=lain",
            "-keyout",
            "/dev/null",
            "-out",
        ])
        .arg(&other)
        .output()
        .unwrap();
    assert!(made.status.success());
    for bad in [
        format!("{without} sslmode=require sslrootcert={}", other.display()),
        format!("{without} sslmode=verify-full"),
        good.replace("host=localhost", "host=127.0.0.1"),
    ] {
        let refused = server
            .open(&bad, "uji_x")
            .await
            .err()
            .unwrap_or_else(|| panic!("{bad} was trusted"));
        assert!(refused.contains("certificate") || refused.contains("TLS"), "{refused}");
    }
}
